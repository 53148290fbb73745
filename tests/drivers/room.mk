# drivers tests: the promises of drivers/driver.h, kept by each
# an emulated USB device as a language sees it
rig_line = tests/rig/line.c tests/rig/line.h tests/rig/line_pick.c tests/rig/line_pick.h tests/rig/model.h
# an emulated Sinfonia S2145
rig_s2145 = tests/rig/s2145.c tests/rig/s2145.h tests/rig/s2145_engine.c tests/rig/s2145_own.h \
	tests/rig/s2145_say.c tests/rig/s2145_words.c
rig_class_printer = tests/rig/class_printer.c tests/rig/class_printer.h tests/rig/paper.c tests/rig/paper.h
check_PROGRAMS += tests/drivers/contract
tests_drivers_contract_SOURCES = \
	tests/drivers/contract.c \
	tests/drivers/host.c tests/drivers/host.h \
	tests/drivers/rig.c tests/drivers/rig.h
tests_drivers_contract_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_contract_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
CONTRACT_TESTS = tests/drivers/contract-ipp.sh tests/drivers/contract-fake.sh \
	tests/drivers/contract-hotfolder.sh \
	tests/drivers/contract-cups.sh tests/drivers/contract-pappl.sh \
	tests/drivers/contract-ipps.sh tests/drivers/contract-cups-tls.sh \
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

check_PROGRAMS += tests/drivers/pwg_read
tests_drivers_pwg_read_SOURCES = tests/drivers/pwg_read.c tests/drivers/page.c tests/drivers/page.h
tests_drivers_pwg_read_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_pwg_read_LDADD = drivers/libdrivers.a $(RENDER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/pwg_read

check_PROGRAMS += tests/drivers/s2145 tests/drivers/s2145_codes tests/drivers/s2145_crash
s2145_bench = tests/drivers/s2145_bench.c tests/drivers/s2145_bench.h tests/drivers/page.c tests/drivers/page.h \
	$(rig_line) $(rig_s2145)
tests_drivers_s2145_SOURCES = tests/drivers/s2145.c $(s2145_bench)
tests_drivers_s2145_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_drivers_s2145_LDADD = drivers/libdrivers.a $(RENDER_LIBS) $(CMOCKA_LIBS)
tests_drivers_s2145_codes_SOURCES = tests/drivers/s2145_codes.c
tests_drivers_s2145_codes_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_s2145_codes_LDADD = drivers/libdrivers.a $(RULES_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_drivers_s2145_crash_SOURCES = tests/drivers/s2145_crash.c $(s2145_bench)
tests_drivers_s2145_crash_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_drivers_s2145_crash_LDADD = drivers/libdrivers.a $(RENDER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/s2145 tests/drivers/s2145_codes tests/drivers/s2145_crash

check_PROGRAMS += tests/drivers/dyesub_rules
tests_drivers_dyesub_rules_SOURCES = tests/drivers/dyesub_rules.c
tests_drivers_dyesub_rules_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_dyesub_rules_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/dyesub_rules

dyesub_bench = tests/drivers/dyesub_bench.c tests/drivers/dyesub_bench.h \
	tests/drivers/page.c tests/drivers/page.h \
	tests/rig/dnp.c tests/rig/dnp.h tests/rig/dnp_own.h tests/rig/dnp_port.c \
	tests/rig/dnp_engine.c tests/rig/dnp_engine.h $(rig_line)
check_PROGRAMS += tests/drivers/dyesub tests/drivers/dyesub_truth
tests_drivers_dyesub_SOURCES = tests/drivers/dyesub.c $(dyesub_bench)
tests_drivers_dyesub_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_dyesub_LDADD = drivers/libdrivers.a $(RENDER_LIBS) $(CMOCKA_LIBS)
tests_drivers_dyesub_truth_SOURCES = tests/drivers/dyesub_truth.c $(dyesub_bench)
tests_drivers_dyesub_truth_CPPFLAGS = $(tests_drivers_dyesub_CPPFLAGS)
tests_drivers_dyesub_truth_LDADD = $(tests_drivers_dyesub_LDADD)
TESTS += tests/drivers/dyesub tests/drivers/dyesub_truth

if DRIVER_USB
check_PROGRAMS += tests/drivers/usbprint
tests_drivers_usbprint_SOURCES = \
	tests/drivers/usbprint.c \
	tests/drivers/host.c tests/drivers/host.h \
	$(rig_line) $(rig_class_printer)
tests_drivers_usbprint_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_usbprint_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/usbprint

check_PROGRAMS += tests/drivers/usb_cage
tests_drivers_usb_cage_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_usb_cage_LDADD = $(DEVICE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/usb_cage

check_PROGRAMS += tests/drivers/usb_line
tests_drivers_usb_line_SOURCES = tests/drivers/usb_line.c tests/rig/bench.c tests/rig/bench.h
tests_drivers_usb_line_CPPFLAGS = $(AM_CPPFLAGS) $(USB_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_usb_line_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
USB_LINE_TESTS = tests/drivers/usb_line.sh tests/drivers/usb_line-no-sg.sh
TESTS += $(USB_LINE_TESTS)
endif
EXTRA_DIST += tests/drivers/usb_line.sh tests/drivers/usb_line-no-sg.sh

check_PROGRAMS += tests/drivers/minilab
tests_drivers_minilab_SOURCES = tests/drivers/minilab.c tests/drivers/host.c tests/drivers/host.h
tests_drivers_minilab_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_drivers_minilab_LDADD = $(DRIVER_LIBS) $(CMOCKA_LIBS)
TESTS += tests/drivers/minilab
