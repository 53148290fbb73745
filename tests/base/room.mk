# base tests: one program a source.
BASE_TESTS = tests/base/conf tests/base/err tests/base/text tests/base/buf tests/base/hash \
	tests/base/clock tests/base/units tests/base/list tests/base/log tests/base/file tests/base/address \
	tests/base/point tests/base/sign tests/base/fd
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)

tests_base_conf_SOURCES = tests/base/conf.c
tests_base_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_conf_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_err_SOURCES = tests/base/err.c
tests_base_err_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_err_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_text_SOURCES = tests/base/text.c
tests_base_text_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_text_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_buf_SOURCES = tests/base/buf.c
tests_base_buf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_buf_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_hash_SOURCES = tests/base/hash.c
tests_base_hash_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_hash_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_clock_SOURCES = tests/base/clock.c
tests_base_clock_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_clock_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_units_SOURCES = tests/base/units.c
tests_base_units_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_units_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_list_SOURCES = tests/base/list.c
tests_base_list_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_list_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_log_SOURCES = tests/base/log.c
tests_base_log_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_log_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_file_SOURCES = tests/base/file.c
tests_base_file_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_file_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_address_SOURCES = tests/base/address.c
tests_base_address_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_address_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_point_SOURCES = tests/base/point.c
tests_base_point_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_point_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_sign_SOURCES = tests/base/sign.c
tests_base_sign_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_sign_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

tests_base_fd_SOURCES = tests/base/fd.c
tests_base_fd_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_base_fd_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
