# rules: pure. No library header, no clock, no file.
noinst_LIBRARIES += src/rules/librules.a
src_rules_librules_a_SOURCES = \
	src/rules/agree.c src/rules/agree.h \
	src/rules/alert.c src/rules/alert.h \
	src/rules/backoff.c src/rules/backoff.h \
	src/rules/breaker.c src/rules/breaker.h \
	src/rules/catalog.c src/rules/catalog.h \
	src/rules/condition.c src/rules/condition.h src/rules/condition_own.h src/rules/condition_table.c \
	src/rules/device.c src/rules/device.h \
	src/rules/drop.c src/rules/drop.h \
	src/rules/face.c src/rules/face.h \
	src/rules/hold.c src/rules/hold.h \
	src/rules/job.c src/rules/job.h \
	src/rules/lease.c src/rules/lease.h \
	src/rules/ledger.c src/rules/ledger.h \
	src/rules/job_ticket.c src/rules/job_ticket.h \
	src/rules/maintenance.c src/rules/maintenance.h \
	src/rules/marking.c src/rules/marking.h \
	src/rules/mib_text.c src/rules/mib_text.h \
	src/rules/path.c src/rules/path.h src/rules/path_own.h \
	src/rules/path_device.c src/rules/path_doubt.c src/rules/path_fail.c src/rules/path_move.c \
	src/rules/place.c src/rules/place.h src/rules/place_media.c \
	src/rules/reading.c src/rules/reading.h \
	src/rules/sensor.c src/rules/sensor.h \
	src/rules/sheet.c src/rules/sheet.h \
	src/rules/stock.c src/rules/stock.h src/rules/stock_own.h src/rules/stock_filter.c src/rules/stock_say.c \
	src/rules/stock_text.c \
	src/rules/supply.c src/rules/supply.h \
	src/rules/tray.c src/rules/tray.h
RULES_LIBS = src/rules/librules.a -lm
