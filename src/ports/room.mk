# ports: the doors, the only users of uv.h.
noinst_LIBRARIES += src/ports/libports.a
src_ports_libports_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(SQLITE_CFLAGS) $(CURL_CFLAGS) \
	$(MHD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS) $(SYSTEMD_CFLAGS)
src_ports_libports_a_SOURCES = \
	src/ports/cloud_call.c src/ports/cloud_call.h \
	src/ports/cloud.c src/ports/cloud.h src/ports/cloud_own.h \
	src/ports/cloud_ask.c src/ports/cloud_request.c src/ports/cloud_fetch.c src/ports/cloud_file.c \
	src/ports/cloud_guard.c src/ports/cloud_guard.h \
	src/ports/cloud_multi.c src/ports/cloud_multi.h \
	src/ports/crew.c src/ports/crew.h src/ports/crew_own.h \
	src/ports/crew_check.c src/ports/crew_slot.h \
	src/ports/crew_device.c src/ports/crew_dial.c src/ports/crew_dial.h \
	src/ports/crew_question.c src/ports/crew_question.h \
	src/ports/crew_render.c \
	src/ports/crew_trust.c \
	src/ports/crew_usb.c src/ports/crew_usb.h \
	src/ports/db.c src/ports/db.h \
	src/ports/hand.c src/ports/hand.h \
	src/ports/hot_folder.c src/ports/hot_folder.h src/ports/hot_own.h \
	src/ports/hot_end.c src/ports/hot_look.c src/ports/hot_offer.c src/ports/hot_path.c \
	src/ports/hot_read.c src/ports/hot_take.c src/ports/hot_things.c \
	src/ports/listen.c src/ports/listen.h src/ports/listen_own.h src/ports/listen_answer.c \
	src/ports/listen_asked.c src/ports/listen_line.c src/ports/listen_request.c \
	src/ports/listen_socket.c src/ports/listen_socket.h \
	src/ports/loop.c src/ports/loop.h src/ports/loop_uv.h \
	src/ports/notify.c src/ports/notify.h \
	src/ports/ports.h \
	src/ports/store.c src/ports/store.h src/ports/store_own.h src/ports/store_job.c \
	src/ports/store_audit.c src/ports/store_death.c src/ports/store_incident.c src/ports/store_ledger.c src/ports/store_mark.c \
	src/ports/store_raster.c \
	src/ports/store_outbox.c \
	src/ports/store_schema.c \
	src/ports/spool.c src/ports/spool.h \
	src/ports/spool_keep.c src/ports/spool_own.h \
	src/ports/usb_find.c src/ports/usb_find.h src/ports/usb_taken.c \
	src/ports/usb_watch.c src/ports/usb_watch.h
PORTS_LIBS = src/ports/libports.a $(WIRE_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(CURL_LIBS) \
	$(MHD_LIBS) $(GNUTLS_LIBS) $(SYSTEMD_LIBS) -lpthread
