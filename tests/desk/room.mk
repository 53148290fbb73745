# desk tests
DESK_TESTS = tests/desk/platenctl.py tests/desk/desk.py tests/desk/old_copy.py tests/desk/page.py tests/desk/discover.py \
	tests/desk/rerender.py tests/desk/stock.py tests/desk/trail.py
TESTS += $(DESK_TESTS)
EXTRA_DIST += $(DESK_TESTS) tests/desk/browser.py tests/desk/desk_tools.py tests/desk/mockfloor.py \
	tests/desk/realfloor.py
check_PROGRAMS += tests/desk/shrink
TESTS += tests/desk/shrink
tests_desk_shrink_SOURCES = tests/desk/shrink.c src/worker/shrink.c
tests_desk_shrink_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_desk_shrink_LDADD = $(RENDER_LIBS) $(CMOCKA_LIBS)
