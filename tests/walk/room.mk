# walk: stories in virtual time
STORY_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
STORY_LIBS = tests/walk/libstory.a $(SIM_LIBS) $(CMOCKA_LIBS)
check_LIBRARIES += tests/walk/libstory.a
tests_walk_libstory_a_SOURCES = tests/walk/story.c tests/walk/story.h \
	tests/walk/seed.c tests/walk/seed.h \
	tests/walk/mishap.c
tests_walk_libstory_a_CPPFLAGS = $(STORY_CPPFLAGS)

WALK_TESTS = \
	tests/walk/path \
	tests/walk/restart \
	tests/walk/cloud \
	tests/walk/cache \
	tests/walk/printer \
	tests/walk/people \
	tests/walk/doubt \
	tests/walk/cancel \
	tests/walk/formats \
	tests/walk/label \
	tests/walk/signed \
	tests/walk/upkeep tests/walk/stock \
	tests/walk/seeds \
	tests/walk/points \
	tests/walk/load
check_PROGRAMS += $(WALK_TESTS)
TESTS += $(WALK_TESTS)
tests_walk_path_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_path_LDADD = $(STORY_LIBS)
tests_walk_restart_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_restart_LDADD = $(STORY_LIBS)
tests_walk_cache_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_cache_LDADD = $(STORY_LIBS)
tests_walk_cloud_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_cloud_LDADD = $(STORY_LIBS)
tests_walk_printer_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_printer_LDADD = $(STORY_LIBS)
tests_walk_people_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_people_LDADD = $(STORY_LIBS)
tests_walk_upkeep_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_upkeep_LDADD = $(STORY_LIBS)
tests_walk_seeds_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_seeds_LDADD = $(STORY_LIBS)
# a lie for each rule of the oracle; three days without the order service
check_PROGRAMS += tests/walk/oracle tests/walk/outage
TESTS += tests/walk/oracle tests/walk/outage
tests_walk_outage_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_outage_LDADD = $(STORY_LIBS)
tests_walk_oracle_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_oracle_LDADD = $(STORY_LIBS)

# planted faults: one file of the product each, compiled anew with a rule taken out
WEAKENED = tests/walk/weaken-permit tests/walk/weaken-expiry tests/walk/weaken-store \
	tests/walk/weaken-resend tests/walk/weaken-event
check_PROGRAMS += $(WEAKENED)
TESTS += $(WEAKENED)
tests_walk_weaken_permit_SOURCES = tests/walk/weaken.c src/farm/permits.c
tests_walk_weaken_permit_CPPFLAGS = $(STORY_CPPFLAGS) -DPLATEN_WEAKEN_PERMIT \
	-DWEAKNESS='"a_print_without_permit"'
tests_walk_weaken_permit_LDADD = $(STORY_LIBS)
tests_walk_weaken_expiry_SOURCES = tests/walk/weaken.c src/sim/cloud.c
tests_walk_weaken_expiry_CPPFLAGS = $(STORY_CPPFLAGS) -DPLATEN_WEAKEN_EXPIRY \
	-DWEAKNESS='"a_permit_that_expires"'
tests_walk_weaken_expiry_LDADD = $(STORY_LIBS)
tests_walk_weaken_store_SOURCES = tests/walk/weaken.c src/farm/farm.c
tests_walk_weaken_store_CPPFLAGS = $(STORY_CPPFLAGS) -DPLATEN_WEAKEN_STORE \
	-DWEAKNESS='"a_store_after_the_device"'
tests_walk_weaken_store_LDADD = $(STORY_LIBS)
tests_walk_weaken_resend_SOURCES = tests/walk/weaken.c src/rules/path_device.c
tests_walk_weaken_resend_CPPFLAGS = $(STORY_CPPFLAGS) -DPLATEN_WEAKEN_RESEND \
	-DWEAKNESS='"a_blind_resend"'
tests_walk_weaken_resend_LDADD = $(STORY_LIBS)
tests_walk_weaken_event_SOURCES = tests/walk/weaken.c src/farm/outbox.c
tests_walk_weaken_event_CPPFLAGS = $(STORY_CPPFLAGS) -DPLATEN_WEAKEN_EVENT \
	-DWEAKNESS='"an_event_outside_the_transaction"'
tests_walk_weaken_event_LDADD = $(STORY_LIBS)

# a thousand fresh seeds; make long-check runs ten thousand, or SEEDS=N
check_PROGRAMS += tests/walk/campaign
CAMPAIGNS += tests/walk/campaign
tests_walk_campaign_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_campaign_LDADD = $(STORY_LIBS)
check_PROGRAMS += tests/walk/answers tests/walk/breaker tests/walk/poison
TESTS += tests/walk/answers tests/walk/breaker tests/walk/poison
tests_walk_answers_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_answers_LDADD = $(STORY_LIBS)
tests_walk_poison_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_poison_LDADD = $(STORY_LIBS)
tests_walk_breaker_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_breaker_LDADD = $(STORY_LIBS)
tests_walk_load_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_load_LDADD = $(STORY_LIBS)
tests_walk_points_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_points_LDADD = $(STORY_LIBS)
tests_walk_doubt_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_doubt_LDADD = $(STORY_LIBS)
tests_walk_cancel_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_cancel_LDADD = $(STORY_LIBS)
check_PROGRAMS += tests/walk/ledger
TESTS += tests/walk/ledger
tests_walk_ledger_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_ledger_LDADD = $(STORY_LIBS)
check_PROGRAMS += tests/walk/disk
TESTS += tests/walk/disk
tests_walk_disk_SOURCES = tests/walk/disk.c tests/walk/syscalls.c tests/walk/syscalls.h
tests_walk_disk_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_disk_LDADD = $(STORY_LIBS)
check_PROGRAMS += tests/walk/clock
TESTS += tests/walk/clock
tests_walk_clock_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_clock_LDADD = $(STORY_LIBS)
tests_walk_signed_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_signed_LDADD = $(STORY_LIBS)
tests_walk_stock_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_stock_LDADD = $(STORY_LIBS)
tests_walk_label_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_label_LDADD = $(STORY_LIBS)
tests_walk_formats_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_formats_LDADD = $(STORY_LIBS)
check_PROGRAMS += tests/walk/plague
CAMPAIGNS += tests/walk/plague
tests_walk_plague_CPPFLAGS = $(STORY_CPPFLAGS)
tests_walk_plague_LDADD = $(STORY_LIBS)
