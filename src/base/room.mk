# base: vocabulary. libc, libConfuse, libcrypto.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) $(CRYPTO_CFLAGS)
src_base_libbase_a_SOURCES = \
	src/base/address.c src/base/address.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/conf.c src/base/conf.h src/base/conf_own.h \
	src/base/conf_confuse.c \
	src/base/conf_get.c \
	src/base/conf_judge.c \
	src/base/conf_scan.c src/base/conf_scan.h \
	src/base/conf_value.c src/base/conf_value.h \
	src/base/err.c src/base/err.h \
	src/base/fd.c src/base/fd.h \
	src/base/file.c src/base/file.h \
	src/base/hash.c src/base/hash.h \
	src/base/list.h \
	src/base/log.c src/base/log.h \
	src/base/mem.c src/base/mem.h \
	src/base/point.c src/base/point.h \
	src/base/sign.c src/base/sign.h \
	src/base/terminal.c src/base/terminal.h \
	src/base/text.c src/base/text.h \
	src/base/units.c src/base/units.h
BASE_LIBS = src/base/libbase.a $(CONFUSE_LIBS) $(CRYPTO_LIBS)
