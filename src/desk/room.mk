# desk: the local API and the live page. jansson.
noinst_LIBRARIES += src/desk/libdesk.a
src_desk_libdesk_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_desk_libdesk_a_SOURCES = \
	src/desk/answer.c \
	src/desk/change.c src/desk/change_stock.c \
	src/desk/desk.c src/desk/desk.h src/desk/desk_own.h \
	src/desk/files.c src/desk/files.h \
	src/desk/live.c \
	src/desk/read.c \
	src/desk/rerender.c src/desk/rerender.h src/desk/rerender_own.h \
	src/desk/rerender_then.c \
	src/desk/routes.c \
	src/desk/sensor_routes.c \
	src/desk/thumb.c src/desk/thumb.h \
	src/desk/upload.c \
	src/desk/view.c src/desk/view.h \
	src/desk/view_doctor.c \
	src/desk/view_facts.c \
	src/desk/view_health.c \
	src/desk/view_hot.c \
	src/desk/view_jobs.c \
	src/desk/view_printers.c \
	src/desk/view_run.c \
	src/desk/view_sensors.c \
	src/desk/view_sheets.c \
	src/desk/view_stock.c \
	src/desk/view_story.c \
	src/desk/view_trail.c \
	src/desk/view_why.c \
	src/desk/words.c src/desk/words.h
nodist_src_desk_libdesk_a_SOURCES = src/desk/page_files.c
DESK_PAGE = \
	$(srcdir)/src/desk/page/index.html \
	$(srcdir)/src/desk/page/page.css \
	$(srcdir)/src/desk/page/page.js \
	$(srcdir)/src/desk/page/cards.js \
	$(srcdir)/src/desk/page/stream.js \
	$(srcdir)/src/desk/page/icon.svg
src/desk/page_files.c: $(DESK_PAGE) $(srcdir)/src/desk/page/embed
	@mkdir -p src/desk
	$(AM_V_GEN)$(srcdir)/src/desk/page/embed $(DESK_PAGE) >$@.new && mv $@.new $@
CLEANFILES += src/desk/page_files.c
EXTRA_DIST += $(DESK_PAGE) src/desk/page/embed
DESK_LIBS = src/desk/libdesk.a $(FARM_LIBS)
