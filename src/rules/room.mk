# rules: pure. No library header, no clock, no file.
noinst_LIBRARIES += src/rules/librules.a
src_rules_librules_a_SOURCES = \
	src/rules/agree.c src/rules/agree.h \
	src/rules/backoff.c src/rules/backoff.h \
	src/rules/breaker.c src/rules/breaker.h \
	src/rules/catalog.c src/rules/catalog.h \
	src/rules/condition.c src/rules/condition.h src/rules/condition_own.h src/rules/condition_table.c \
	src/rules/device.c src/rules/device.h \
	src/rules/drop.c src/rules/drop.h \
	src/rules/hold.c src/rules/hold.h \
	src/rules/job.c src/rules/job.h \
	src/rules/lease.c src/rules/lease.h \
	src/rules/ledger.c src/rules/ledger.h \
	src/rules/job_ticket.c src/rules/job_ticket.h \
	src/rules/marking.c src/rules/marking.h \
	src/rules/path.c src/rules/path.h src/rules/path_own.h \
	src/rules/path_device.c src/rules/path_doubt.c src/rules/path_fail.c src/rules/path_move.c \
	src/rules/place.c src/rules/place.h src/rules/place_media.c \
	src/rules/sheet.c src/rules/sheet.h \
	src/rules/supply.c src/rules/supply.h
RULES_LIBS = src/rules/librules.a
