# ports tests
check_PROGRAMS += tests/ports/spool
TESTS += tests/ports/spool
tests_ports_spool_SOURCES = tests/ports/spool.c
tests_ports_spool_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_ports_spool_LDADD = $(PORTS_LIBS) $(CMOCKA_LIBS)
