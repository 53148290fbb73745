# drivers: device languages, run inside device workers. curl and cups: drivers/ipp*.
noinst_LIBRARIES += drivers/libdrivers.a
drivers_libdrivers_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS) $(CUPS_CFLAGS)
drivers_libdrivers_a_SOURCES = \
	drivers/driver.h \
	drivers/fake.c drivers/fake.h \
	drivers/fake_confirm.c \
	drivers/fake_run.c \
	drivers/fake_script.c \
	drivers/fake_send.c \
	drivers/fake_state.c \
	drivers/list.c drivers/list.h \
	drivers/media.c drivers/media.h \
	drivers/minilab.c drivers/minilab.h \
	drivers/minilab_confirm.c \
	drivers/minilab_folder.c \
	drivers/minilab_mark.c \
	drivers/minilab_send.c \
	drivers/replay.c \
	drivers/usb.h
if DRIVER_IPP
drivers_libdrivers_a_SOURCES += \
	drivers/ipp.c drivers/ipp.h \
	drivers/ipp_answer.c \
	drivers/ipp_auth.c \
	drivers/ipp_call.c \
	drivers/ipp_confirm.c \
	drivers/ipp_jobs.c \
	drivers/ipp_line.c drivers/ipp_line.h \
	drivers/ipp_send.c \
	drivers/ipp_status.c \
	drivers/ipp_supply.c \
	drivers/ipp_tls.c
endif
DRIVER_LIBS = drivers/libdrivers.a $(WIRE_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(CUPS_LIBS)
EXTRA_DIST += docs/drivers.md docs/fake-printer.md docs/minilab.md
