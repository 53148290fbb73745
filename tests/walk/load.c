/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten thousand jobs on one floor: from the start to the first call to the order service (a second)
 * and to the first hand-over (five), and the longest turn for what happens all day. The farm, the
 * store's file and the spool are real; the doors answer at once, or nothing. Limits are far above
 * what is measured (said with PLATEN_SHOW), and far below what a loop over all jobs for each job
 * would take.
 */
#include "base/clock.h"
#include "base/log.h"
#include "farm/farm.h"
#include "tests/walk/story.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOBS 10000

/* of sanitizers */
#if defined(__SANITIZE_ADDRESS__)
#define SLOWNESS 4
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWNESS 4
#endif
#endif
#ifndef SLOWNESS
#define SLOWNESS 1
#endif

struct floor {           /* one at a time */
	struct sim *sim; /* lends its catalogue and folder */
	struct store *store;
	struct spool *spool;
	struct farm *farm;
	int sessions, prints;
	size_t held;
	struct session_job *said; /* the answer to a session that was asked for */
	char printer[NAME_MAX_LEN], key[ATTEMPT_KEY_MAX]; /* a witness that was asked for */
	char folder[64], path[128];
};

#define RASTER "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int64_t now_ms(void *self)
{
	(void)self;
	return clock_boot_ms();
}

static int64_t wall_ms(void *self)
{
	(void)self;
	return clock_wall_ms();
}

static void wake_at(void *self, int64_t at_ms)
{
	(void)self;
	(void)at_ms;
}

static uint64_t chance(void *self)
{
	static uint64_t bits = 88172645463325252u;
	(void)self;
	bits ^= bits << 13;
	bits ^= bits >> 7;
	return bits ^= bits << 17;
}

static void on_session(void *self, const char *key, const struct session_ask *ask)
{
	struct floor *floor = self;
	(void)key;
	floor->sessions++;
	floor->held = ask->n_jobs;
	free(floor->said);
	floor->said = calloc(ask->n_jobs, sizeof *floor->said);
	for (size_t i = 0; i < ask->n_jobs; i++) {
		memcpy(floor->said[i].job, ask->jobs[i].job, sizeof floor->said[i].job);
	}
}

static void on_offer(void *self, const char *key, const struct offer *offer)
{
	(void)self;
	(void)key;
	(void)offer;
}

static void on_acquire(void *self, const char *key, const struct acquire_ask *ask)
{
	(void)self;
	(void)key;
	(void)ask;
}

static void on_extend(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	struct floor *floor = self;
	(void)key;
	(void)jobs;
	floor->held = n;
}

static void on_closed(void *self, const char *key, const struct held_job *jobs, size_t n)
{
	(void)self;
	(void)key;
	(void)jobs;
	(void)n;
}

static void on_start(void *self, const char *key, const struct start_ask *jobs, size_t n)
{
	(void)self;
	(void)key;
	(void)jobs;
	(void)n;
}

static void on_events(void *self, const char *key, const struct event_row *events, size_t n)
{
	(void)self;
	(void)key;
	(void)events;
	(void)n;
}

static void on_row(void *self, int64_t job_row)
{
	(void)self;
	(void)job_row;
}

static void on_pin(void *self, const char *printer, const char *key)
{
	(void)self;
	(void)printer;
	(void)key;
}

static void on_sweep(
	void *self, const char *printer, const char (*known)[ATTEMPT_KEY_MAX], size_t n)
{
	struct floor *floor = self;
	(void)known;
	(void)n;
	farm_crew_hears.swept(floor->farm, printer, 0, NULL);
}

static void on_witness(void *self, const char *printer, const char *key)
{
	struct floor *floor = self;
	text_copy(floor->printer, sizeof floor->printer, printer);
	text_copy(floor->key, sizeof floor->key, key);
}

static void on_print(void *self, const struct print_ask *ask)
{
	struct floor *floor = self;
	(void)ask;
	floor->prints++;
}

static void on_attempt(void *self, const char *printer, const struct attempt *attempt)
{
	(void)self;
	(void)printer;
	(void)attempt;
}

static void boot_id(void *self, char id[CLOCK_BOOT_ID_MAX])
{
	(void)self;
	clock_boot_id(id);
}

static const struct clock_ops clock_real = {now_ms, wall_ms, wake_at, chance, boot_id};
static const struct cloud_ops cloud_deaf = {.session = on_session,
	.closed = on_closed,
	.offer = on_offer,
	.acquire = on_acquire,
	.extend = on_extend,
	.start = on_start,
	.events = on_events,
	.fetch_cancel = on_row};
static const struct crew_ops crew_deaf = {.render_cancel = on_row,
	.pin = on_pin,
	.witness = on_witness,
	.print = on_print,
	.go = on_pin,
	.confirm = on_attempt,
	.cancel = on_attempt,
	.sweep = on_sweep};

/* Most wait in line, as on a busy day; every fourth is the cloud's. */
static void add_job(struct store *store, int i)
{
	struct lease_page page = {.options_json = "{}"};
	struct lease lease = {.n_pages = 1, .pages = &page};
	struct job job = {.epoch = 1,
		.revision = 1,
		.local = i % 4 != 0,
		.priority = i % 7,
		.copies = 1,
		.n_pages = 1,
		.prints = 1,
		.stage = AT_QUEUED,
		.held_from = AT_LEASED};
	snprintf(page.asset.sha256, sizeof page.asset.sha256, "%064d", i);
	snprintf(job.id, sizeof job.id, "j-%05d", i);
	text_copy(job.sku, sizeof job.sku, i % 2 ? "4x6-glossy" : "5x7-lustre");
	memcpy(job.media, job.sku, sizeof job.media);
	text_copy(job.model, sizeof job.model, "sim-printer");
	text_copy(job.printer, sizeof job.printer, i % 2 ? "P1" : "P2");
	store_job_add(store, &job, &lease);
	struct raster raster = {.sha256 = RASTER,
		.bytes = 1,
		.width_px = 1200,
		.height_px = 1800,
		.x_dpi = 300,
		.y_dpi = 300,
		.format = FORMAT_PWG,
		.effective_ppi = 300,
		.pixels_sha256 = RASTER,
		.source_profile_sha256 = RASTER};
	store_page_rendered(store, job.row, 0, RASTER, &raster, "{}");
}

static double turn_ms(struct floor *floor)
{
	struct err err;
	int64_t before = now_us();
	assert_true(farm_turn(floor->farm, &err));
	return (double)(now_us() - before) / 1000;
}

static void open_farm(struct floor *floor)
{
	const struct farm *lender = sim_farm(floor->sim);
	struct ports ports = {.clock_ops = &clock_real,
		.cloud_ops = &cloud_deaf,
		.cloud = floor,
		.crew_ops = &crew_deaf,
		.crew = floor,
		.store = floor->store,
		.spool = floor->spool};
	floor->farm = farm_create(farm_catalog(lender), farm_conf_of(lender));
	farm_open(floor->farm, &ports);
}

static void status(struct floor *floor, const char *printer, int64_t up_time_s, bool loaded)
{
	bool first = printer[1] == '1';
	struct device_status status = {.state = DEVICE_IDLE,
		.accepting = true,
		.says_ready = true,
		.n_ready = loaded,
		.takes = {[FORMAT_PWG] = true},
		.up_time_s = up_time_s};
	text_copy(status.uuid, sizeof status.uuid, printer);
	status.ready[0] = (struct ready_media){.width_hmm = first ? 10160 : 12700,
		.height_hmm = first ? 15240 : 17780,
		.sheets_left = COUNT_UNKNOWN};
	farm_crew_hears.status(floor->farm, printer, &status, NULL);
}

static void show(const char *what, double ms)
{
	if (getenv("PLATEN_SHOW") != NULL) {
		fprintf(stderr, "# %-40s %8.2f ms\n", what, ms);
	}
}

static double worst_of(double a, double b)
{
	return a > b ? a : b;
}

static void keep_raster(struct floor *floor)
{
	struct err err;
	int fd = spool_new_raster(floor->spool, RASTER, &err);
	assert_true(fd >= 0);
	spool_keep_raster(floor->spool, RASTER, fd, NULL, NULL, 0);
	spool_deliver(floor->spool);
}

static void fill_floor(struct floor *floor)
{
	struct err err;
	floor->sim = story_begin();
	snprintf(floor->folder, sizeof floor->folder, "/tmp/platen-load.XXXXXX");
	assert_non_null(mkdtemp(floor->folder));
	snprintf(floor->path, sizeof floor->path, "%s/platen.db", floor->folder);
	floor->store = store_open(floor->path, clock_wall_ms(), &err);
	floor->spool = spool_open(NULL, floor->folder, 0, 0, &err);
	for (int i = 0; i < JOBS; i++) {
		add_job(floor->store, i);
	}
	keep_raster(floor);
	assert_true(store_commit(floor->store, &err));
	store_close(floor->store);
}

/* As far as the first call to the order service; milliseconds. */
static double start_floor(struct floor *floor)
{
	struct err err;
	int64_t start = now_us();
	floor->store = store_open(floor->path, clock_wall_ms(), &err);
	assert_non_null(floor->store);
	open_farm(floor);
	assert_true(farm_turn(floor->farm, &err));
	farm_wake(floor->farm);
	assert_true(farm_turn(floor->farm, &err));
	assert_int_equal(floor->sessions, 1);
	return (double)(now_us() - start) / 1000;
}

static void clear_floor(struct floor *floor)
{
	char command[160];
	farm_close(floor->farm);
	farm_destroy(floor->farm);
	store_close(floor->store);
	spool_close(floor->spool, NULL, NULL);
	free(floor->said);
	snprintf(command, sizeof command, "rm -rf %s", floor->folder);
	assert_int_equal(system(command), 0);
	story_close(floor->sim);
}

/* What the doors were asked is answered. */
static void answer(struct floor *floor)
{
	struct session_answer session = {.session = "S1",
		.ttl_s = 120,
		.heartbeat_s = 30,
		.poll_wait_s = 25,
		.batch_events = 100,
		.jobs = floor->said,
		.n_jobs = floor->said == NULL ? 0 : floor->held};
	struct witness witness = {.read = true};
	if (floor->said != NULL) {
		farm_cloud_hears.session(floor->farm, &session, NULL, -1);
		free(floor->said);
		floor->said = NULL;
	}
	if (floor->key[0] != '\0') {
		char key[ATTEMPT_KEY_MAX];
		memcpy(key, floor->key, sizeof key);
		floor->key[0] = '\0';
		text_copy(witness.uuid, sizeof witness.uuid, floor->printer);
		farm_crew_hears.witness(floor->farm, floor->printer, key, &witness, NULL);
	}
}

static void floor_with_ten_thousand_jobs_calls_in_a_second_and_prints_in_five(void **state)
{
	(void)state;
	struct floor floor = {.prints = 0};
	struct err err;
	fill_floor(&floor);
	int64_t start = now_us();
	double first = start_floor(&floor);
	farm_crew_hears.engine(floor.farm, "e/1", "sim-font/1");
	status(&floor, "P1", 1, true);
	status(&floor, "P2", 1, true);
	for (int i = 0; i < 100 && floor.prints == 0; i++) {
		answer(&floor);
		farm_wake(floor.farm);
		assert_true(farm_turn(floor.farm, &err));
	}
	double printing = (double)(now_us() - start) / 1000;
	print_message("# %d jobs: first call after %.0f ms, first hand-over after %.0f ms\n", JOBS,
		first, printing);
	assert_true(floor.prints > 0);
	assert_true(first < 1000 * SLOWNESS);
	assert_true(printing < 5000 * SLOWNESS);
	clear_floor(&floor);
}

static void ten_thousand_jobs_are_no_burden(void **state)
{
	(void)state;
	struct err err;
	struct floor floor = {.prints = 0};
	fill_floor(&floor);
	show("start to first call", start_floor(&floor));
	assert_true(floor.held > 1000 && floor.held <= 1500); /* as many as one call may name */
	farm_crew_hears.engine(floor.farm, "e/1", "sim-font/1");
	status(&floor, "P1", 1, true);
	status(&floor, "P2", 1, true);
	show("first line-up", turn_ms(&floor));
	for (int i = 0; i < 10; i++) {
		turn_ms(&floor);
	}

	double worst = 0;
	for (int i = 0; i < 20; i++) {
		status(&floor, "P1", i + 2, true);
		worst = worst_of(worst, turn_ms(&floor));
	}
	show("a status without news", worst);
	assert_true(worst < 20);
	worst = 0;
	for (int i = 0; i < 20; i++) {
		status(&floor, "P2", 2, i % 2);
		worst = worst_of(worst, turn_ms(&floor));
	}
	show("paper out and in again, the whole line", worst);
	assert_true(worst < 1000);
	worst = 0;
	for (int i = 0; i < 20; i++) {
		int64_t before = now_us();
		farm_wake(floor.farm);
		worst = worst_of(worst, (double)(now_us() - before) / 1000 + turn_ms(&floor));
	}
	show("a wake-up", worst);
	assert_true(worst < 50);
	worst = 0;
	for (int i = 1; i < 40; i += 2) { /* somebody else's turn each time */
		char id[16];
		snprintf(id, sizeof id, "j-%05d", i);
		assert_true(farm_cancel(floor.farm, id, "anna", "", &err));
		worst = worst_of(worst, turn_ms(&floor));
	}
	show("one job leaves the line", worst);
	assert_true(worst < 100);
	clear_floor(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floor_with_ten_thousand_jobs_calls_in_a_second_and_prints_in_five),
		cmocka_unit_test(ten_thousand_jobs_are_no_burden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
