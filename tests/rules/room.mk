# rules tests
check_PROGRAMS += tests/rules/catalog
TESTS += tests/rules/catalog
tests_rules_catalog_SOURCES = tests/rules/catalog.c
tests_rules_catalog_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_rules_catalog_LDADD = $(RULES_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/rules/device
TESTS += tests/rules/device
tests_rules_device_SOURCES = tests/rules/device.c
tests_rules_device_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_rules_device_LDADD = $(RULES_LIBS) $(CMOCKA_LIBS)
