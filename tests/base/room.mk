# base tests: one program a source.
BASE_TESTS = tests/base/conf
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)

tests_base_conf_SOURCES = tests/base/conf.c
tests_base_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_conf_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
