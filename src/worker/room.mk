# worker: the bench. libbench is what every role shares: the channel and the sandbox.
noinst_LIBRARIES += src/worker/libbench.a
src_worker_libbench_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SECCOMP_CFLAGS)
src_worker_libbench_a_SOURCES = \
	src/worker/channel.c src/worker/channel.h \
	src/worker/sandbox.c src/worker/sandbox.h \
	src/worker/worker.h
BENCH_LIBS = src/worker/libbench.a $(WIRE_LIBS) $(SECCOMP_LIBS)

# the device role: one process per printer
noinst_LIBRARIES += src/worker/libdevice.a
src_worker_libdevice_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_worker_libdevice_a_SOURCES = \
	src/worker/device.c src/worker/device.h \
	src/worker/device_page.c \
	src/worker/device_sandbox.c \
	src/worker/device_usb.c src/worker/device_usb.h
DEVICE_LIBS = src/worker/libdevice.a $(DRIVER_LIBS) $(BENCH_LIBS)

pkglibexec_PROGRAMS += platen-worker platen-render
platen_worker_CPPFLAGS = $(AM_CPPFLAGS)
platen_worker_SOURCES = src/worker/main.c
platen_worker_LDADD = $(DEVICE_LIBS)

# the roles that touch pictures
platen_render_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
platen_render_SOURCES = \
	src/worker/main_render.c \
	src/worker/photo.c src/worker/photo.h \
	src/worker/render_file.c \
	src/worker/serve.c \
	src/worker/shrink.c src/worker/shrink.h \
	src/worker/thumb.c
platen_render_LDADD = $(BENCH_LIBS) $(RENDER_LIBS)
