# ports tests
check_PROGRAMS += tests/ports/spool
TESTS += tests/ports/spool
tests_ports_spool_SOURCES = tests/ports/spool.c
tests_ports_spool_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_ports_spool_LDADD = $(PORTS_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/ports/listen_peer
tests_ports_listen_peer_SOURCES = tests/ports/listen_peer.c
tests_ports_listen_peer_LDADD = $(PORTS_LIBS)
TESTS += tests/ports/listen.py
EXTRA_DIST += tests/ports/listen.py
check_PROGRAMS += tests/ports/db
TESTS += tests/ports/db
tests_ports_db_SOURCES = tests/ports/db.c
tests_ports_db_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_ports_db_LDADD = $(PORTS_LIBS) $(CMOCKA_LIBS)
