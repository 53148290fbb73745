# the USB rig: emulated devices under unmodified programs (docs/usb-rig.md)
check_PROGRAMS += tests/rig/usbrig
tests_rig_usbrig_SOURCES = \
	tests/rig/bus.c tests/rig/bus.h \
	tests/rig/call.c \
	tests/rig/class_printer.c tests/rig/class_printer.h \
	tests/rig/claims.c \
	tests/rig/control.c tests/rig/control.h \
	tests/rig/descriptors.c tests/rig/descriptors.h \
	tests/rig/device.c tests/rig/device.h \
	tests/rig/dnp.c tests/rig/dnp.h tests/rig/dnp_own.h tests/rig/dnp_port.c \
	tests/rig/dnp_engine.c tests/rig/dnp_engine.h \
	tests/rig/fuse.c tests/rig/fuse.h \
	tests/rig/ioctl.c \
	tests/rig/model.h \
	tests/rig/models.c tests/rig/models.h \
	tests/rig/paper.c tests/rig/paper.h \
	tests/rig/s2145.c tests/rig/s2145.h \
	tests/rig/s2145_engine.c tests/rig/s2145_own.h \
	tests/rig/s2145_say.c tests/rig/s2145_words.c \
	tests/rig/scale.c \
	tests/rig/sink.c \
	tests/rig/space.c tests/rig/space.h \
	tests/rig/standard.c \
	tests/rig/sysfs.c tests/rig/sysfs.h \
	tests/rig/tree.c \
	tests/rig/uevent.c tests/rig/uevent.h \
	tests/rig/urb.c \
	tests/rig/usbfs.c tests/rig/usbfs.h \
	tests/rig/usbrig.c \
	tests/rig/words.c tests/rig/words.h
tests_rig_usbrig_LDADD = $(BASE_LIBS)

# what runs in it
check_PROGRAMS += tests/rig/moves tests/rig/node tests/rig/usb
rig_bench = tests/rig/bench.c tests/rig/bench.h
tests_rig_moves_SOURCES = tests/rig/moves.c $(rig_bench)
tests_rig_moves_CPPFLAGS = $(AM_CPPFLAGS) $(USB_CFLAGS) $(CMOCKA_CFLAGS)
tests_rig_moves_LDADD = $(BASE_LIBS) $(USB_LIBS) $(CMOCKA_LIBS)
tests_rig_node_SOURCES = tests/rig/node.c $(rig_bench)
tests_rig_node_CPPFLAGS = $(AM_CPPFLAGS) $(USB_CFLAGS) $(CMOCKA_CFLAGS)
tests_rig_node_LDADD = $(BASE_LIBS) $(USB_LIBS) $(CMOCKA_LIBS)
tests_rig_usb_SOURCES = tests/rig/usb.c $(rig_bench)
tests_rig_usb_CPPFLAGS = $(AM_CPPFLAGS) $(USB_CFLAGS) $(CMOCKA_CFLAGS)
tests_rig_usb_LDADD = $(BASE_LIBS) $(USB_LIBS) $(CMOCKA_LIBS)
RIG_TESTS = tests/rig/leaves-nothing.sh tests/rig/moves.sh tests/rig/moves-no-sg.sh tests/rig/node.sh tests/rig/usb.sh
TESTS += $(RIG_TESTS)
EXTRA_DIST += $(RIG_TESTS) docs/usb-rig.md

check_PROGRAMS += tests/rig/weigh
TESTS += tests/rig/weigh
tests_rig_weigh_SOURCES = tests/rig/weigh.c tests/rig/scale.c tests/rig/words.c tests/rig/words.h
tests_rig_weigh_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_rig_weigh_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

# two whole floors in it
TESTS += tests/system/usb_owners.py
EXTRA_DIST += tests/system/usb_owners.py
