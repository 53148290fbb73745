# fuzz targets: each also runs over its seeds as a plain test. `make fuzz` runs them under libFuzzer.
FUZZ_TESTS = tests/fuzz/conf tests/fuzz/drop tests/fuzz/frame tests/fuzz/json tests/fuzz/marking tests/fuzz/order tests/fuzz/task tests/fuzz/hid tests/fuzz/dnp \
	tests/fuzz/icc tests/fuzz/ipp tests/fuzz/picture tests/fuzz/s2145 tests/fuzz/modbus
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)

tests_fuzz_conf_SOURCES = tests/fuzz/conf.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_conf_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"conf"'
tests_fuzz_conf_LDADD = $(WIRE_LIBS)

tests_fuzz_dnp_SOURCES = tests/fuzz/dnp.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_dnp_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"dnp"'
tests_fuzz_dnp_LDADD = $(DRIVER_LIBS)

tests_fuzz_drop_SOURCES = tests/fuzz/drop.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_drop_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"drop"'
tests_fuzz_drop_LDADD = $(WIRE_LIBS)

tests_fuzz_frame_SOURCES = tests/fuzz/frame.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_frame_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"frame"'
tests_fuzz_frame_LDADD = $(WIRE_LIBS)

tests_fuzz_hid_SOURCES = tests/fuzz/hid.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_hid_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"hid"'
tests_fuzz_hid_LDADD = $(WIRE_LIBS)

tests_fuzz_json_SOURCES = tests/fuzz/json.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_json_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"json"'
tests_fuzz_json_LDADD = $(WIRE_LIBS)

tests_fuzz_marking_SOURCES = tests/fuzz/marking.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_marking_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_TARGET='"marking"'
tests_fuzz_marking_LDADD = $(RULES_LIBS) $(BASE_LIBS)

tests_fuzz_order_SOURCES = tests/fuzz/order.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_order_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"order"'
tests_fuzz_order_LDADD = $(WIRE_LIBS)

tests_fuzz_task_SOURCES = tests/fuzz/task.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_task_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"task"'
tests_fuzz_task_LDADD = $(WIRE_LIBS)

tests_fuzz_icc_SOURCES = tests/fuzz/icc.c tests/fuzz/replay.c
tests_fuzz_icc_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_TARGET='"icc"'
tests_fuzz_icc_LDADD = $(COLOUR_LIBS)

tests_fuzz_ipp_SOURCES = tests/fuzz/ipp.c tests/fuzz/replay.c
tests_fuzz_ipp_CPPFLAGS = $(AM_CPPFLAGS) $(CUPS_CFLAGS) -DFUZZ_TARGET='"ipp"'
tests_fuzz_ipp_LDADD = $(DRIVER_LIBS)

tests_fuzz_modbus_SOURCES = tests/fuzz/modbus.c tests/fuzz/replay.c
tests_fuzz_modbus_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"modbus"'
tests_fuzz_modbus_LDADD = $(SENSOR_LIBS) -lpthread

tests_fuzz_picture_SOURCES = tests/fuzz/picture.c tests/fuzz/replay.c
tests_fuzz_picture_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -DFUZZ_TARGET='"picture"'
tests_fuzz_picture_LDADD = $(RENDER_LIBS)

tests_fuzz_s2145_SOURCES = tests/fuzz/s2145.c tests/fuzz/replay.c
tests_fuzz_s2145_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_TARGET='"s2145"'
tests_fuzz_s2145_LDADD = $(DRIVER_LIBS)

# FUZZ_TARGETS, FUZZ_SECONDS (of each): crashes and the grown corpus go to the build folder's fuzz/
FUZZ_SECONDS = 60
FUZZ_TARGETS = conf drop frame json marking order task icc ipp picture s2145 hid modbus dnp
fuzz:
	FUZZ_LIBS='$(CONFUSE_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CUPS_LIBS) $(CURL_LIBS) $(MODBUS_LIBS)' FUZZ_SECONDS='$(FUZZ_SECONDS)' \
		$(srcdir)/tests/fuzz/run.sh '$(abs_top_srcdir)' '$(abs_top_builddir)' $(FUZZ_TARGETS)
.PHONY: fuzz
EXTRA_DIST += tests/fuzz/run.sh tests/fuzz/corpus
