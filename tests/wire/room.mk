# wire tests
check_PROGRAMS += tests/wire/task_device
TESTS += tests/wire/task_device
tests_wire_task_device_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_wire_task_device_LDADD = $(WIRE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/wire/recipe
TESTS += tests/wire/recipe
tests_wire_recipe_SOURCES = tests/wire/recipe.c
tests_wire_recipe_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_wire_recipe_LDADD = $(WIRE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/wire/order tests/wire/event
TESTS += tests/wire/order tests/wire/event
tests_wire_order_SOURCES = tests/wire/order.c
tests_wire_order_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_wire_order_LDADD = $(WIRE_LIBS) $(CMOCKA_LIBS)
tests_wire_event_SOURCES = tests/wire/event.c
tests_wire_event_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_wire_event_LDADD = $(WIRE_LIBS) $(CMOCKA_LIBS)
