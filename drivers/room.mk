# drivers: device languages, run inside device workers. curl and cups: drivers/ipp*; libusb:
# drivers/usb_*.
noinst_LIBRARIES += drivers/libdrivers.a
drivers_libdrivers_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS) $(CUPS_CFLAGS) $(USB_CFLAGS)
drivers_libdrivers_a_SOURCES = \
	drivers/dnp.c drivers/dnp.h \
	drivers/dnp_confirm.c \
	drivers/dnp_frame.c drivers/dnp_frame.h \
	drivers/dnp_job.c \
	drivers/dnp_link.c \
	drivers/dnp_plan.c drivers/dnp_plan.h \
	drivers/dnp_plane.c drivers/dnp_plane.h \
	drivers/dnp_query.c \
	drivers/dnp_status.c drivers/dnp_status.h \
	drivers/dnp_table.c drivers/dnp_table.h \
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
	drivers/receipt.c drivers/receipt.h \
	drivers/replay.c \
	drivers/pwg_read.c drivers/pwg_read.h \
	drivers/usb.h drivers/usb_line.h drivers/usb_name.c
if DRIVER_IPP
drivers_libdrivers_a_SOURCES += \
	drivers/ipp.c drivers/ipp.h \
	drivers/ipp_answer.c \
	drivers/ipp_auth.c \
	drivers/ipp_call.c \
	drivers/ipp_confirm.c \
	drivers/ipp_health.c \
	drivers/ipp_jobs.c \
	drivers/ipp_line.c drivers/ipp_line.h \
	drivers/ipp_send.c \
	drivers/ipp_status.c \
	drivers/ipp_supply.c \
	drivers/ipp_tls.c
endif
# the Sinfonia S2145 knows drivers/usb.h and no library
drivers_libdrivers_a_SOURCES += \
	drivers/s2145.c drivers/s2145.h \
	drivers/s2145_confirm.c \
	drivers/s2145_frame.c drivers/s2145_frame.h \
	drivers/s2145_page.c \
	drivers/s2145_send.c \
	drivers/s2145_status.c \
	drivers/s2145_table.c drivers/s2145_table.h \
	drivers/s2145_talk.c
if DRIVER_USB
drivers_libdrivers_a_SOURCES += \
	drivers/usb_ask.c drivers/usb_line.c drivers/usb_out.c drivers/usb_own.h drivers/usb_pick.c \
	drivers/usbprint.c drivers/usbprint.h drivers/usbprint_confirm.c drivers/usbprint_id.c \
	drivers/usbprint_id.h drivers/usbprint_send.c
else
drivers_libdrivers_a_SOURCES += drivers/usb_none.c
endif
DRIVER_LIBS = drivers/libdrivers.a $(WIRE_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(CUPS_LIBS) $(USB_LIBS)
EXTRA_DIST += docs/drivers.md docs/dyesub-sinfonia.md docs/fake-printer.md docs/minilab.md docs/dyesub.md
