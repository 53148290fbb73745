# platend
sbin_PROGRAMS += platend
platend_SOURCES = src/main.c
platend_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -I$(builddir)
platend_LDADD = $(DESK_LIBS)
