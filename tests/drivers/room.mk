# drivers tests: the promises of drivers/driver.h, kept by each
check_PROGRAMS += tests/drivers/contract
tests_drivers_contract_SOURCES = \
	tests/drivers/contract.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/rig.c tests/drivers/rig.h
tests_drivers_contract_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_contract_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
CONTRACT_TESTS = tests/drivers/contract-ipp.sh tests/drivers/contract-fake.sh \
	tests/drivers/contract-hotfolder.sh \
	tests/drivers/contract.cups.sh tests/drivers/contract-pappl.sh \
	tests/drivers/contract-ipps.sh tests/drivers/contract.cups-tls.sh \
	tests/drivers/contract-pappl-tls.sh
TESTS += $(CONTRACT_TESTS)
EXTRA_DIST += $(CONTRACT_TESTS) tests/drivers/cupsd.sh tests/drivers/tray.sh \
	tests/drivers/minilab.py \
	tests/drivers/papplprinter.c

if HAVE_PAPPL
check_PROGRAMS += tests/drivers/papplprinter
tests_drivers_papplprinter_SOURCES = tests/drivers/papplprinter.c
tests_drivers_papplprinter_CPPFLAGS = $(AM_CPPFLAGS) $(PAPPL_CFLAGS)
tests_drivers_papplprinter_LDADD = $(PAPPL_LIBS)
endif

check_PROGRAMS += tests/drivers/device_worker
tests_drivers_device_worker_SOURCES = \
	tests/drivers/device_worker.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/rig.c tests/drivers/rig.h
tests_drivers_device_worker_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_device_worker_LDADD = $(DEVICE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/worker-ipp.sh tests/drivers/worker-ipps.sh tests/drivers/worker-fake.sh
EXTRA_DIST += tests/drivers/worker-ipp.sh tests/drivers/worker-ipps.sh tests/drivers/worker-fake.sh

check_PROGRAMS += tests/drivers/back
tests_drivers_back_SOURCES = tests/drivers/back.c tests/drivers/host.c tests/drivers/host.h
tests_drivers_back_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_back_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/back

check_PROGRAMS += tests/drivers/rogue
tests_drivers_rogue_SOURCES = \
	tests/drivers/rogue.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/server.c tests/drivers/server.h
tests_drivers_rogue_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_rogue_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/rogue
EXTRA_DIST += tests/drivers/rogue.py

check_PROGRAMS += tests/drivers/hold
tests_drivers_hold_SOURCES = \
	tests/drivers/hold.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/server.c tests/drivers/server.h
tests_drivers_hold_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_hold_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/hold

check_PROGRAMS += tests/drivers/queue
tests_drivers_queue_SOURCES = \
	tests/drivers/queue.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/rig.c tests/drivers/rig.h
tests_drivers_queue_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_queue_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/queue

check_PROGRAMS += tests/drivers/trust
tests_drivers_trust_SOURCES = \
	tests/drivers/trust.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/rig.c tests/drivers/rig.h \
	tests/drivers/server.c tests/drivers/server.h
tests_drivers_trust_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_trust_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/trust
EXTRA_DIST += tests/drivers/front.py

check_PROGRAMS += tests/drivers/minilab
tests_drivers_minilab_SOURCES = tests/drivers/minilab.c tests/drivers/host.c tests/drivers/host.h
tests_drivers_minilab_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_minilab_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/minilab
