/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of the order API against a peer that answers, refuses, lies, drips and is silent.
 */
#include "cloud_bench.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void extend(struct bench *bench, const char *key)
{
	struct held_job job = {.job = "j-1", .epoch = 2, .state = "queued"};
	cloud_https.extend(bench->cloud, key, &job, 1);
}

static void session(struct bench *bench, const char *key)
{
	struct session_ask ask = {.floor = "lab-1", .store_id = "S1", .agent = "platen/test"};
	cloud_https.session(bench->cloud, key, &ask);
}

static void acquire(struct bench *bench, const char *key, int32_t wait_s)
{
	struct acquire_ask ask = {.max_jobs = 5, .wait_s = wait_s, .offer_etag = "\"e1\""};
	cloud_https.acquire(bench->cloud, key, &ask);
}

static void ask_all(struct bench *bench, const char *key)
{
	struct offer offer = {.want_jobs = 1, .etag = "\"e0\""};
	struct release_ask release = {.job = "j-1", .epoch = 2, .retry = RELEASE_ELSEWHERE};
	struct start_ask start = {.job = "j-1", .epoch = 2, .revision = 1, .printer = "P1"};
	char data[] = "{}";
	struct event_row event = {.subject = "j-1",
		.sequence = 1,
		.epoch = 1,
		.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		.type = "platen.job.leased.v1",
		.data = data};
	struct sign_ask sign = {.asset = "a-1", .job = "j-1", .epoch = 2};
	session(bench, key);
	cloud_https.offer(bench->cloud, key, &offer);
	acquire(bench, key, 0);
	extend(bench, key);
	cloud_https.release(bench->cloud, key, &release);
	cloud_https.start(bench->cloud, key, &start, 1);
	cloud_https.events(bench->cloud, key, &event, 1);
	cloud_https.sign(bench->cloud, key, 7, 3, &sign);
}

static void every_call_is_answered_by_its_own_hearer(void **state)
{
	struct bench *bench = *state;
	session(bench, "ok");
	assert_int_equal(bench->all, 0); /* never from inside */
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "");
	assert_string_equal(bench->text, "s-77");
	assert_int_equal(bench->number, 1); /* the odd verdict is left out */
	assert_true(cloud_is_reachable(bench->cloud));
	ask_all(bench, "ok");
	bench_wait(bench, 8);
	for (int what = HEARD_SESSION; what <= HEARD_SIGN; what++) {
		assert_int_equal(bench->n[what], what == HEARD_SESSION ? 2 : 1);
	}
	assert_string_equal(bench->err.code, "");
	assert_int_equal(bench->job_row, 7);
	assert_int_equal(bench->page, 3);
}

static void answers_come_through_as_values(void **state)
{
	struct bench *bench = *state;
	acquire(bench, "ok", 0);
	bench_wait(bench, 1);
	assert_int_equal(bench->number, 1);
	assert_string_equal(bench->text, "j-9"); /* the lease that could not be read */
	acquire(bench, "none", 0);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "");
	assert_int_equal(bench->number, 0);
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_int_equal(bench->number, EXTEND_CANCEL);
	struct release_ask release = {.job = "j-1", .epoch = 2};
	cloud_https.release(bench->cloud, "stale", &release);
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_DROP);
	assert_string_equal(bench->text, "j-1");
}

static void every_call_carries_key_trace_agent_session_and_certificate(void **state)
{
	struct bench *bench = *state;
	static const char *const paths[] = {
		"/v1/offer", "/v1/leases:acquire?wait=1", "/v1/leases:extend", "/v1/events"};
	struct offer offer = {.etag = "\"e0\""};
	session(bench, "ok.1");
	bench_wait(bench, 1);
	cloud_https.offer(bench->cloud, "ok.2", &offer);
	acquire(bench, "ok.3", 1);
	extend(bench, "ok.4");
	cloud_https.events(bench->cloud, "ok.5", NULL, 0);
	bench_wait(bench, 4);
	char *log = bench_log(bench);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		char *line = strstr(log, paths[i]);
		assert_non_null(line);
		char *end = strchr(line, '\n');
		*end = '\0';
		assert_non_null(strstr(line, "\"idempotency-key\": \"ok."));
		assert_non_null(strstr(line, "\"traceparent\": \"00-"));
		assert_non_null(strstr(line, "\"user-agent\": \"platen/test\""));
		assert_non_null(strstr(line, "\"platen-session\": \"s-77\""));
		assert_non_null(strstr(line, "\"common\": [\"lab-1\"]"));
		assert_non_null(strstr(line, "\"tls\": \"TLSv1.3\""));
		assert_null(strstr(line, "\"expect\""));
		assert_null(strstr(line, "\"authorization\""));
		*end = '\n';
	}
	assert_non_null(strstr(log, "\"if-match\": \"\\\"e0\\\"\""));
	assert_non_null(strstr(log, "\"content-type\": \"application/cloudevents-batch+json\""));
	free(log);
}

struct expectation {
	const char *key;
	enum remedy remedy;
	const char *code;
	int64_t retry_after_ms;
};

static const struct expectation refusals[] = {
	{"status.400.field", REMEDY_REJECT, "field", -1},
	{"status.401.certificate-needed", REMEDY_RETRY, "certificate-needed", -1},
	{"status.403.floor-disabled", REMEDY_FATAL, "floor-disabled", -1},
	{"status.403.wrong-certificate", REMEDY_FATAL, "wrong-certificate", -1},
	{"status.403.wrong-floor", REMEDY_FATAL, "wrong-floor", -1},
	{"status.403", REMEDY_RETRY, "http-403", -1},
	{"status.404.unknown-job", REMEDY_DROP, "unknown-job", -1},
	{"status.404.no-such-call", REMEDY_REJECT, "no-such-call", -1},
	{"status.404", REMEDY_RETRY, "http-404", -1},
	{"status.405.method", REMEDY_REJECT, "method", -1},
	{"status.408", REMEDY_RETRY, "http-408", -1},
	{"status.409.in-flight.ra1", REMEDY_RETRY, "in-flight", 1000},
	{"status.409.stale-epoch", REMEDY_DROP, "stale-epoch", -1},
	{"status.409.store-rollback", REMEDY_FATAL, "store-rollback", -1},
	{"status.409.new-word", REMEDY_RETRY, "new-word", -1},
	{"status.410.job-gone", REMEDY_DROP, "job-gone", -1},
	{"status.412.offer-unknown", REMEDY_RETRY, "offer-unknown", -1},
	{"status.412.session-unknown", REMEDY_RETRY, "session-unknown", -1},
	{"status.413.too-large", REMEDY_REJECT, "too-large", -1},
	{"status.415.media-type", REMEDY_REJECT, "media-type", -1},
	{"status.422.key-reused", REMEDY_REJECT, "key-reused", -1},
	{"status.428.session-needed", REMEDY_RETRY, "session-needed", -1},
	{"status.429.busy.ra7", REMEDY_RETRY, "busy", 7000},
	{"status.429.busy.body5", REMEDY_RETRY, "busy", 5000},
	{"status.429.busy", REMEDY_RETRY, "busy", -1},
	{"status.431", REMEDY_REJECT, "http-431", -1},
	{"status.500.internal", REMEDY_RETRY, "internal", -1},
	{"status.502", REMEDY_RETRY, "http-502", -1},
	{"status.503.store.ra99999999", REMEDY_RETRY, "store", 3600000},
	{"status.504", REMEDY_RETRY, "http-504", -1},
	{"status.599", REMEDY_RETRY, "http-599", -1},
	{"status.302", REMEDY_RETRY, "http-302", -1},
	{"status.307", REMEDY_RETRY, "http-307", -1},
	{"garbage", REMEDY_RETRY, "garbled", -1},
	{"array", REMEDY_RETRY, "garbled", -1},
	{"empty", REMEDY_RETRY, "garbled", -1},
	{"huge", REMEDY_RETRY, "garbled", -1},
	{"wrong", REMEDY_RETRY, "garbled", -1},
	{"close", REMEDY_RETRY, "no-answer", -1},
	{"half", REMEDY_RETRY, "no-answer", -1},
	{"silence", REMEDY_RETRY, "no-answer", -1},
	{"drip", REMEDY_RETRY, "no-answer", -1},
};

static void every_refusal_and_mishap_has_its_remedy(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct expectation *want = &refusals[i];
		extend(bench, want->key);
		bench_wait(bench, 1);
		if (bench->err.remedy != want->remedy || strcmp(bench->err.code, want->code) != 0 ||
			bench->retry_after_ms != want->retry_after_ms ||
			bench->err.text[0] == '\0') {
			fail_msg("%s: %s %s %lld: %s", want->key, remedy_name(bench->err.remedy),
				bench->err.code, (long long)bench->retry_after_ms, bench->err.text);
		}
	}
	/* and on the same connections life goes on */
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "");
}

static void mishaps_reach_every_hearer(void **state)
{
	struct bench *bench = *state;
	static const char *const keys[] = {"wrong", "status.503.busy", "close", "garbage"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		ask_all(bench, keys[i]);
		bench_wait(bench, 8);
		assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	}
	for (int what = HEARD_SESSION; what <= HEARD_SIGN; what++) {
		assert_int_equal(bench->n[what], 4);
	}
}

static void redirects_are_not_followed(void **state)
{
	struct bench *bench = *state;
	extend(bench, "status.307");
	bench_wait(bench, 1);
	char *log = bench_log(bench);
	char *first = strstr(log, "\"side\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\"side\""));
	free(log);
}

static void long_poll_stands_before_nobody(void **state)
{
	struct bench *bench = *state;
	acquire(bench, "later.2000", 2);
	for (int i = 0; i < 5; i++) {
		extend(bench, "ok");
	}
	bench_wait(bench, 5);
	assert_int_equal(bench->n[HEARD_EXTEND], 5);
	assert_int_equal(bench->n[HEARD_ACQUIRE], 0);
	bench_wait(bench, 1);
	assert_int_equal(bench->n[HEARD_ACQUIRE], 1);
	assert_string_equal(bench->err.code, "");
}

static void token_is_fetched_once_and_the_same_key_goes_again(void **state)
{
	struct bench *bench = *state;
	extend(bench, "needtoken.1");
	extend(bench, "needtoken.2");
	extend(bench, "needtoken.3");
	bench_wait(bench, 3);
	assert_string_equal(bench->err.code, "");
	char *log = bench_log(bench);
	int tokens = 0;
	for (char *at = log; (at = strstr(at, "/v1/token")) != NULL; at++) {
		tokens++;
	}
	assert_int_equal(tokens, 1);
	assert_non_null(strstr(log, "\"authorization\": \"Bearer t"));
	free(log);
	bench_forget_log(bench);
	extend(bench, "oldtoken.x"); /* refused once, though it is there */
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "");
	extend(bench, "status.401.token-refused"); /* refused for ever */
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_string_equal(bench->err.code, "token-refused");
}

static void token_that_is_not_given_drops_nothing(void **state)
{
	struct bench *bench = *state;
	char command[128];
	snprintf(command, sizeof command, "touch '%s/no-token'", bench->dir);
	assert_int_equal(system(command), 0);
	extend(bench, "needtoken");
	extend(bench, "needtoken");
	bench_wait(bench, 2);
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_non_null(strstr(bench->err.text, "token"));
	assert_int_equal(bench->retry_after_ms, 9000);
}

static void server_of_another_ca_is_refused(void **state)
{
	struct bench *bench = *state;
	snprintf(bench->conf.url, sizeof bench->conf.url, "https://localhost:%d",
		bench->port_foreign);
	bench_reopen(bench);
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "certificate");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_false(cloud_is_reachable(bench->cloud));
	char *log = bench_log(bench);
	assert_string_equal(log, "");
	free(log);
}

static void server_of_another_name_is_refused(void **state)
{
	struct bench *bench = *state;
	snprintf(bench->conf.url, sizeof bench->conf.url, "https://localhost:%d",
		bench->port_wrong_name);
	bench_reopen(bench);
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "certificate");
}

static void certificate_of_another_ca_is_refused_by_the_server(void **state)
{
	struct bench *bench = *state;
	bench_path(bench, "impostor.pem", bench->conf.cert);
	bench_path(bench, "impostor.key", bench->conf.key);
	bench_reopen(bench);
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_int_not_equal(strlen(bench->err.code), 0);
}

static void nobody_there_is_no_answer(void **state)
{
	struct bench *bench = *state;
	snprintf(bench->conf.url, sizeof bench->conf.url, "https://127.0.0.1:9");
	bench_reopen(bench);
	extend(bench, "ok");
	bench_wait(bench, 1);
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_string_equal(bench->err.code, "no-answer");
}

static void proxy_of_the_environment_is_not_used(void **state)
{
	struct bench *bench = *state;
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	for (size_t i = 0; i < 4; i++) {
		setenv(names[i], "http://127.0.0.1:9", 1);
	}
	bench_reopen(bench);
	extend(bench, "ok");
	bench_wait(bench, 1);
	for (size_t i = 0; i < 4; i++) {
		unsetenv(names[i]);
	}
	assert_string_equal(bench->err.code, "");
}

static void bad_configuration_is_refused_by_name(void **state)
{
	struct bench *bench = *state;
	static const char *const urls[] = {"", "http://localhost", "localhost", "https://",
		"https://a/b", "https://a/", "https://u:p@a", "https://a?x=1", "ftp://a"};
	struct err err;
	struct cloud_conf conf = bench->conf;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		snprintf(conf.url, sizeof conf.url, "%s", urls[i]);
		assert_null(cloud_create(bench->loop, bench->spool, &conf, NULL, NULL, &err));
		assert_int_equal(err.remedy, REMEDY_FATAL);
		assert_non_null(strstr(err.text, "url"));
	}
	conf = bench->conf;
	snprintf(conf.key, sizeof conf.key, "/nonexistent/key.pem");
	assert_null(cloud_create(bench->loop, bench->spool, &conf, NULL, NULL, &err));
	assert_non_null(strstr(err.text, "/nonexistent/key.pem"));
}

static void closing_answers_everything_in_flight(void **state)
{
	struct bench *bench = *state;
	ask_all(bench, "silence");
	extend(bench, "needtoken");
	extend(bench, "ok");
	for (int i = 0; i < 9; i++) {
		char path[64];
		snprintf(path, sizeof path, "/silence/%d", 1000 + i);
		bench_fetch(bench, i, (size_t)(1000 + i), "localhost", bench->port_assets, path);
	}
	bench_turn(bench, 100);
	int open = 8 + 2 + 9 - bench->all;
	assert_true(open >= 17);
	bench_close_door(bench);
	assert_int_equal(bench->all, 8 + 2 + 9);
	for (int what = HEARD_SESSION; what <= HEARD_SIGN; what++) {
		assert_int_equal(bench->n[what], what == HEARD_EXTEND ? 3 : 1);
	}
	assert_int_equal(bench->n[HEARD_FETCH], 9);
}

static void closing_at_once_answers_what_has_not_begun(void **state)
{
	struct bench *bench = *state;
	ask_all(bench, "ok");
	bench_fetch(bench, 1, 1000, "localhost", bench->port_assets, "/ok/1000");
	bench_close_door(bench);
	assert_int_equal(bench->all, 9);
	assert_string_equal(bench->err.code, "closed");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)
	const struct CMUnitTest tests[] = {
		row(every_call_is_answered_by_its_own_hearer),
		row(answers_come_through_as_values),
		row(every_call_carries_key_trace_agent_session_and_certificate),
		row(every_refusal_and_mishap_has_its_remedy),
		row(mishaps_reach_every_hearer),
		row(redirects_are_not_followed),
		row(long_poll_stands_before_nobody),
		row(token_is_fetched_once_and_the_same_key_goes_again),
		row(token_that_is_not_given_drops_nothing),
		row(server_of_another_ca_is_refused),
		row(server_of_another_name_is_refused),
		row(certificate_of_another_ca_is_refused_by_the_server),
		row(nobody_there_is_no_answer),
		row(proxy_of_the_environment_is_not_used),
		row(bad_configuration_is_refused_by_name),
		row(closing_answers_everything_in_flight),
		row(closing_at_once_answers_what_has_not_begun),
	};
	return cmocka_run_group_tests(tests, bench_begin, bench_end);
}
