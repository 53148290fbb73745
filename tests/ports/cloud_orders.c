/* SPDX-License-Identifier: Apache-2.0
 *
 * Both sides of the order API against each other: the cloud's door and the real platen-orders.
 */
#include "cloud_bench.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_fine(struct bench *bench)
{
	bench_wait(bench, 1);
	if (bench->err.code[0] != '\0') {
		fail_msg("%s: %s", bench->err.code, bench->err.text);
	}
}

static void open_floor(struct bench *bench)
{
	struct session_ask session = {.floor = "lab-1",
		.store_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		.store_generation = 1,
		.boot_id = "b",
		.agent = "platen/test"};
	struct offer_printer printer = {.id = "P1",
		.model = "m",
		.state = "idle",
		.media = "x",
		.skus = {"4x6-glossy"},
		.n_skus = 1,
		.ms_per_print = 1000};
	struct offer offer = {.printers = &printer,
		.n_printers = 1,
		.max_pixels = 200000000,
		.max_bytes = 100000000,
		.want_jobs = 5,
		.want_s = 900,
		.formats = {"image/jpeg", "image/png"}};
	char key[ULID_MAX];
	ulid_make(1, key);
	cloud_https.session(bench->cloud, key, &session);
	expect_fine(bench);
	ulid_make(1, key);
	cloud_https.offer(bench->cloud, key, &offer);
	expect_fine(bench);
	assert_true(bench->text[0] == '"'); /* the ETag, quoted as it is */
}

static void acquire_one(struct bench *bench, const char *key, const char *etag)
{
	struct acquire_ask ask = {.max_jobs = 1};
	snprintf(ask.offer_etag, sizeof ask.offer_etag, "%s", etag);
	cloud_https.acquire(bench->cloud, key, &ask);
	expect_fine(bench);
}

static void fetch(struct bench *bench, const char *url)
{
	const struct asset *asset = &bench->lease.asset;
	struct fetch_ask ask = {.job_row = 1, .bytes = asset->bytes};
	memcpy(ask.sha256, asset->sha256, sizeof ask.sha256);
	snprintf(ask.url, sizeof ask.url, "%s", url);
	cloud_https.fetch(bench->cloud, &ask);
}

static void send_event(struct bench *bench, const char *name, int64_t sequence)
{
	char data[] = "{\"revision\":1}", key[ULID_MAX];
	struct event_row event = {.sequence = sequence, .epoch = bench->lease.epoch, .data = data};
	snprintf(event.subject, sizeof event.subject, "%s", bench->lease.job);
	snprintf(event.type, sizeof event.type, "platen.job.%s.v1", name);
	ulid_make(1, event.id);
	ulid_make(1, key);
	cloud_https.events(bench->cloud, key, &event, 1);
	expect_fine(bench);
}

static void start_job(struct bench *bench, int64_t epoch)
{
	struct start_ask ask = {.epoch = epoch, .revision = 1, .printer = "P1"};
	char key[ULID_MAX];
	memcpy(ask.job, bench->lease.job, sizeof ask.job);
	ulid_make(1, key);
	cloud_https.start(bench->cloud, key, &ask, 1);
	expect_fine(bench);
}

static void job_walks_from_lease_to_printed(void **state)
{
	struct bench *bench = *state;
	char key[ULID_MAX], etag[65];
	open_floor(bench);
	snprintf(etag, sizeof etag, "%.64s", bench->text);
	ulid_make(1, key);
	acquire_one(bench, key, etag);
	assert_int_equal(bench->number, 1);
	struct bench_lease first = bench->lease;
	acquire_one(bench, key, etag); /* the same key: the same job, no second lease */
	assert_string_equal(bench->lease.job, first.job);
	assert_int_equal(bench->lease.epoch, first.epoch);
	fetch(bench, bench->lease.asset.url);
	expect_fine(bench);
	assert_true(spool_has(bench->spool, SPOOL_ASSETS, first.asset.sha256, NULL));
	send_event(bench, "leased", 1);
	assert_int_equal(bench->number, EVENT_ACCEPTED);
	send_event(bench, "rendered", 3);
	assert_int_equal(bench->number, EVENT_GAP);
	start_job(bench, first.epoch + 1);
	assert_int_equal(bench->number, START_SUPERSEDED);
	start_job(bench, first.epoch);
	assert_int_equal(bench->number, START_GRANTED);
	send_event(bench, "printed", 2);
	assert_int_equal(bench->number, EVENT_ACCEPTED);
}

static void spoilt_link_is_signed_again(void **state)
{
	struct bench *bench = *state;
	struct sign_ask sign = {0};
	char key[ULID_MAX], etag[65];
	open_floor(bench);
	snprintf(etag, sizeof etag, "%.64s", bench->text);
	ulid_make(1, key);
	acquire_one(bench, key, etag);
	assert_int_equal(bench->number, 1);
	char *url = bench->lease.asset.url;
	char *last = url + strlen(url) - 1;
	*last = *last == '0' ? '1' : '0';
	fetch(bench, url);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "asset-expired");
	memcpy(sign.asset, bench->lease.asset.id, sizeof sign.asset);
	memcpy(sign.job, bench->lease.job, sizeof sign.job);
	sign.epoch = bench->lease.epoch;
	ulid_make(1, key);
	cloud_https.sign(bench->cloud, key, 1, 0, &sign);
	expect_fine(bench);
	fetch(bench, bench->url);
	expect_fine(bench);
	struct held_job held = {.epoch = sign.epoch, .state = "fetched"};
	memcpy(held.job, sign.job, sizeof held.job);
	ulid_make(1, key);
	cloud_https.extend(bench->cloud, key, &held, 1);
	expect_fine(bench);
	assert_int_equal(bench->number, EXTEND_NONE);
	struct release_ask release = {.epoch = sign.epoch,
		.reason = "unsupported",
		.detail = "no paper",
		.retry = RELEASE_LATER,
		.later_s = 60};
	memcpy(release.job, sign.job, sizeof release.job);
	ulid_make(1, key);
	cloud_https.release(bench->cloud, key, &release);
	expect_fine(bench);
	ulid_make(1, key);
	cloud_https.release(bench->cloud, key, &release);
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_DROP);
}

static void refusals_come_with_the_codes_of_the_contract(void **state)
{
	struct bench *bench = *state;
	struct acquire_ask ask = {.max_jobs = 1, .offer_etag = "\"nonsense\""};
	char key[ULID_MAX];
	ulid_make(1, key);
	cloud_https.acquire(bench->cloud, key, &ask); /* no session yet */
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "session-needed");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	open_floor(bench);
	ulid_make(1, key);
	cloud_https.acquire(bench->cloud, key, &ask);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "offer-unknown");
	struct sign_ask sign = {.asset = "a-none", .job = "j-none", .epoch = 1};
	ulid_make(1, key);
	cloud_https.sign(bench->cloud, key, 1, 0, &sign);
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_DROP);
	struct session_ask old = {.floor = "lab-1",
		.store_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		.store_generation = 0,
		.boot_id = "b",
		.agent = "platen/test"};
	ulid_make(1, key);
	cloud_https.session(bench->cloud, key, &old);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "store-rollback");
	assert_int_equal(bench->err.remedy, REMEDY_FATAL);
}

static int begin(void **state)
{
	return bench_begin_with(state, "cloud_orders_peer.py");
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)
	const struct CMUnitTest tests[] = {
		row(job_walks_from_lease_to_printed),
		row(spoilt_link_is_signed_again),
		row(refusals_come_with_the_codes_of_the_contract),
	};
	return cmocka_run_group_tests(tests, begin, bench_end);
}
