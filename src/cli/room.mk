# cli: platenctl. libcurl, jansson.
bin_PROGRAMS += platenctl
platenctl_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
platenctl_SOURCES = \
	src/cli/audit.c \
	src/cli/change.c src/cli/change.h \
	src/cli/ctl.h \
	src/cli/discover.c src/cli/discover.h \
	src/cli/discover_dns.c \
	src/cli/discover_show.c \
	src/cli/discover_usb.c \
	src/cli/floor.c \
	src/cli/http.c src/cli/http.h \
	src/cli/job.c \
	src/cli/jobs.c \
	src/cli/main.c \
	src/cli/record.c src/cli/record.h \
	src/cli/render.c \
	src/cli/rerender.c \
	src/cli/incidents.c \
	src/cli/maintenance.c \
	src/cli/resolve.c \
	src/cli/say.c src/cli/say.h \
	src/cli/sensors.c \
	src/cli/show.h \
	src/cli/stock.c \
	src/cli/submit.c \
	src/cli/table.c src/cli/table.h \
	src/cli/why.c
platenctl_LDADD = $(WIRE_LIBS) $(CURL_LIBS)
