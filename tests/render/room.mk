# render tests
RENDER_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS) $(VIPS_CFLAGS) $(CUPS_CFLAGS)
RENDER_TEST_LIBS = tests/render/libfixture.a $(RENDER_LIBS) $(CMOCKA_LIBS) $(CUPS_LIBS)
check_LIBRARIES += tests/render/libfixture.a
tests_render_libfixture_a_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_libfixture_a_SOURCES = tests/render/fixture.c tests/render/fixture.h

check_PROGRAMS += tests/render/damage
TESTS += tests/render/damage
tests_render_damage_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_damage_LDADD = $(RENDER_TEST_LIBS)

check_PROGRAMS += tests/render/geometry
TESTS += tests/render/geometry
tests_render_geometry_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_geometry_LDADD = $(RENDER_TEST_LIBS)

check_PROGRAMS += tests/render/label
TESTS += tests/render/label
tests_render_label_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_label_LDADD = $(RENDER_TEST_LIBS)

check_PROGRAMS += tests/render/colour
TESTS += tests/render/colour
tests_render_colour_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_colour_LDADD = $(RENDER_TEST_LIBS)

check_PROGRAMS += tests/render/stages
TESTS += tests/render/stages
tests_render_stages_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_stages_LDADD = $(RENDER_TEST_LIBS)

check_PROGRAMS += tests/render/sandbox
TESTS += tests/render/sandbox
tests_render_sandbox_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_sandbox_LDADD = $(BENCH_LIBS) $(CMOCKA_LIBS) -lpthread

check_PROGRAMS += tests/render/server
TESTS += tests/render/server
tests_render_server_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_server_LDADD = $(RENDER_TEST_LIBS) $(BENCH_LIBS)

TESTS += tests/render/foreign_cmm.py tests/render/render_file.py tests/render/variety.py tests/render/catalogue.py tests/render/hostile.py
EXTRA_DIST += tests/render/cmm.py tests/render/pictures.py tests/render/server.py tests/render/bombs.py \
	tests/render/bombs_coded.py tests/render/mutations.py
EXTRA_DIST += tests/render/foreign_cmm.py tests/render/render_file.py tests/render/variety.py tests/render/catalogue.py tests/render/hostile.py

# preloaded before a render server that is measured; never sanitized
noinst_PROGRAMS += tests/render/measured.so
tests_render_measured_so_SOURCES = tests/render/measured.c
tests_render_measured_so_CFLAGS = -std=c11 $(WARN_CFLAGS) -fPIC
tests_render_measured_so_LDFLAGS = -shared

# preloaded before the real workers: tries from inside what their cages deny
noinst_PROGRAMS += tests/render/canary.so
tests_render_canary_so_SOURCES = tests/render/canary.c
tests_render_canary_so_CFLAGS = -std=c11 $(WARN_CFLAGS) -fPIC
tests_render_canary_so_LDFLAGS = -shared
TESTS += tests/render/canaries.py
check_PROGRAMS += tests/render/setup
tests_render_setup_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_render_setup_LDADD = $(WIRE_LIBS)
EXTRA_DIST += tests/render/canaries.py

# what bombs cost others: a figure, not a verdict, on a machine that others use; for long-check
EXTRA_DIST += tests/render/neighbours.py

# writes the assumed profiles into a folder, for variety.py
check_PROGRAMS += tests/render/spaces
tests_render_spaces_CPPFLAGS = $(AM_CPPFLAGS) $(LCMS_CFLAGS)
tests_render_spaces_LDADD = $(COLOUR_LIBS)

check_PROGRAMS += tests/render/gate
TESTS += tests/render/gate
tests_render_gate_CPPFLAGS = $(RENDER_TEST_CPPFLAGS)
tests_render_gate_LDADD = $(COLOUR_LIBS) $(CMOCKA_LIBS)
