# worker: the bench. libbench is what every role shares: the channel and the sandbox.
noinst_LIBRARIES += src/worker/libbench.a
src_worker_libbench_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SECCOMP_CFLAGS)
src_worker_libbench_a_SOURCES = \
	src/worker/channel.c src/worker/channel.h \
	src/worker/sandbox.c src/worker/sandbox.h \
	src/worker/worker.h
BENCH_LIBS = src/worker/libbench.a $(WIRE_LIBS) $(SECCOMP_LIBS)

pkglibexec_PROGRAMS += platen-worker
platen_worker_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
platen_worker_SOURCES = \
	src/worker/main.c \
	src/worker/photo.c src/worker/photo.h \
	src/worker/render_file.c \
	src/worker/serve.c
platen_worker_LDADD = src/worker/libbench.a $(RENDER_LIBS) $(SECCOMP_LIBS)
