# farm: the floor.
noinst_LIBRARIES += src/farm/libfarm.a
src_farm_libfarm_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_farm_libfarm_a_SOURCES = \
	src/farm/breaker.c \
	src/farm/cache.c \
	src/farm/calls.c \
	src/farm/dead_letter.c \
	src/farm/farm.c src/farm/farm.h src/farm/own.h \
	src/farm/formats.c \
	src/farm/hot_folder.c src/farm/hot_make.c src/farm/hot_order.c src/farm/hot_own.h \
	src/farm/hub.c \
	src/farm/incident.c \
	src/farm/intake.c \
	src/farm/leases.c \
	src/farm/line.c \
	src/farm/maintenance.c \
	src/farm/making.c src/farm/marking.c \
	src/farm/notice.c \
	src/farm/offer.c \
	src/farm/outbox.c \
	src/farm/people.c \
	src/farm/permits.c \
	src/farm/points.c \
	src/farm/poison.c \
	src/farm/printer_key.c \
	src/farm/printers.c \
	src/farm/reconcile.c \
	src/farm/retention.c \
	src/farm/run.c \
	src/farm/stock.c src/farm/stock.h src/farm/stock_own.h src/farm/stock_due.c \
	src/farm/stock_gauges.c src/farm/stock_people.c \
	src/farm/sensors.c src/farm/sensors.h \
	src/farm/table.c src/farm/table.h \
	src/farm/rollback.c \
	src/farm/test_print.c \
	src/farm/walk.c \
	src/farm/walk_make.c
FARM_LIBS = src/farm/libfarm.a $(PORTS_LIBS)
