/* SPDX-License-Identifier: Apache-2.0
 *
 * Assets from a server that cuts, lies, stretches, drips and redirects: only the right bytes ever
 * become an asset, and nothing but listed hosts at allowed addresses is ever dialled.
 */
#include "cloud_bench.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void get(struct bench *bench, size_t n, const char *path)
{
	bench_fetch(bench, 1, n, "localhost", bench->port_assets, path);
	bench_wait(bench, 1);
}

static int count_of(struct bench *bench, const char *what)
{
	char *log = bench_log(bench);
	int n = 0;
	for (char *at = log; (at = strstr(at, what)) != NULL; at++) {
		n++;
	}
	free(log);
	return n;
}

static void asset_arrives_whole_and_is_kept(void **state)
{
	struct bench *bench = *state;
	bench_fetch(bench, 1, 300000, "localhost", bench->port_assets, "/ok/300000");
	assert_int_equal(bench->all, 0);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "");
	assert_int_equal(bench->job_row, 1);
	assert_int_equal(bench->page, 1);
	assert_true(bench_has(bench, SPOOL_ASSETS, 300000));
	assert_false(bench_has(bench, SPOOL_INCOMING, 300000));
	get(bench, 300000, "/ok/300000"); /* here already */
	assert_string_equal(bench->err.code, "");
	assert_int_equal(count_of(bench, "\"side\": \"assets\""), 1);
}

static void fetching_shows_no_credential(void **state)
{
	struct bench *bench = *state;
	get(bench, 1000, "/ok/1000");
	assert_int_equal(count_of(bench, "\"certificate\": false"), 1);
	assert_int_equal(count_of(bench, "\"certificate\": true"), 0);
	static const char *const words[] = {"authorization", "platen-session", "cookie",
		"idempotency-key", "accept-encoding", "traceparent", "referer"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_int_equal(count_of(bench, words[i]), 0);
	}
}

struct mishap {
	size_t n;
	const char *path;
	enum remedy remedy;
	const char *code;
};

static const struct mishap mishaps[] = {
	{1001, "/shorter/1001", REMEDY_REJECT, "asset-size"},
	{1002, "/shorterchunked/1002", REMEDY_REJECT, "asset-size"},
	{1003, "/longer/1003", REMEDY_REJECT, "asset-size"},
	{1004, "/longerchunked/1004", REMEDY_REJECT, "asset-size"},
	{1005, "/endless/1005", REMEDY_REJECT, "asset-size"},
	{1006, "/wrong/1006", REMEDY_RETRY, "asset-hash"},
	{1007, "/encoded/1007/gzip", REMEDY_RETRY, "asset-encoded"},
	{1008, "/encoded/1008/br", REMEDY_RETRY, "asset-encoded"},
	{1009, "/zero/1009", REMEDY_REJECT, "asset-size"},
	{1010, "/status/1010/403", REMEDY_RETRY, "asset-expired"},
	{1011, "/status/1011/410", REMEDY_RETRY, "asset-expired"},
	{1012, "/status/1012/404", REMEDY_REJECT, "asset-gone"},
	{1013, "/status/1013/500", REMEDY_RETRY, "asset-answer"},
	{1014, "/status/1014/503", REMEDY_RETRY, "asset-answer"},
	{1015, "/status/1015/301", REMEDY_RETRY, "asset-answer"},
	{1016, "/status/1016/302", REMEDY_RETRY, "asset-answer"},
	{1017, "/status/1017/307", REMEDY_RETRY, "asset-answer"},
	{1018, "/status/1018/416", REMEDY_RETRY, "asset-answer"},
	{1019, "/status/1019/203", REMEDY_RETRY, "asset-answer"},
	{1020, "/drip/1020", REMEDY_RETRY, "no-answer"},
	{1021, "/silence/1021", REMEDY_RETRY, "no-answer"},
	{1022, "/close/1022", REMEDY_RETRY, "no-answer"},
};

static void no_wrong_byte_becomes_an_asset(void **state)
{
	struct bench *bench = *state;
	for (size_t i = 0; i < sizeof mishaps / sizeof mishaps[0]; i++) {
		const struct mishap *want = &mishaps[i];
		get(bench, want->n, want->path);
		if (bench->err.remedy != want->remedy || strcmp(bench->err.code, want->code) != 0) {
			fail_msg("%s: %s %s: %s", want->path, remedy_name(bench->err.remedy),
				bench->err.code, bench->err.text);
		}
		assert_false(bench_has(bench, SPOOL_ASSETS, want->n));
		bool may_resume = strcmp(want->path, "/drip/1020") == 0;
		assert_int_equal(bench_has(bench, SPOOL_INCOMING, want->n), may_resume);
		assert_null(strstr(bench->err.text, want->path)); /* links are keys */
	}
	assert_int_equal(count_of(bench, "/ok/"), 0); /* no redirect was followed */
	/* after all that, the right bytes are still taken */
	get(bench, 1006, "/ok/1006");
	assert_string_equal(bench->err.code, "");
	assert_true(bench_has(bench, SPOOL_ASSETS, 1006));
}

static void cut_transfer_goes_on_where_it_was(void **state)
{
	struct bench *bench = *state;
	static const int places[] = {1, 100, 16384, 65535, 65536, 65537, 150000, 199998, 199999};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		size_t n = 200000 + i;
		char path[64], range[64];
		snprintf(path, sizeof path, "/cut/%zu/%d", n, places[i]);
		snprintf(range, sizeof range, "\"range\": \"bytes=%d-\"", places[i]);
		bench_forget_log(bench);
		get(bench, n, path);
		assert_string_equal(bench->err.code, "");
		assert_true(bench_has(bench, SPOOL_ASSETS, n));
		assert_int_equal(count_of(bench, path), 2);
		assert_int_equal(count_of(bench, range), 1);
	}
}

static void cut_before_the_first_byte_is_told(void **state)
{
	struct bench *bench = *state;
	get(bench, 5000, "/cut/5000/0");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	get(bench, 5000, "/cut/5000/0");
	assert_string_equal(bench->err.code, "");
}

static void cut_chunked_transfer_goes_on_too(void **state)
{
	struct bench *bench = *state;
	get(bench, 200100, "/cutchunked/200100/70000");
	assert_string_equal(bench->err.code, "");
	assert_int_equal(count_of(bench, "\"range\": \"bytes=70000-\""), 1);
}

static void server_without_ranges_is_asked_for_all_again(void **state)
{
	struct bench *bench = *state;
	get(bench, 200200, "/norange/200200/70000");
	assert_string_equal(bench->err.code, "");
	assert_true(bench_has(bench, SPOOL_ASSETS, 200200));
	get(bench, 200201, "/no416/200201/70000");
	assert_string_equal(bench->err.code, "");
	assert_true(bench_has(bench, SPOOL_ASSETS, 200201));
}

static void wrong_part_is_not_taken_for_the_right_one(void **state)
{
	struct bench *bench = *state;
	get(bench, 200300, "/badrange/200300/70000");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_string_equal(bench->err.code, "asset-range");
	assert_false(bench_has(bench, SPOOL_INCOMING, 200300));
	get(bench, 200300, "/badrange/200300/70000");
	assert_string_equal(bench->err.code, "");
}

static void line_that_keeps_breaking_is_told_and_taken_up_later(void **state)
{
	struct bench *bench = *state;
	get(bench, 200400, "/cutall/200400/20000");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_string_equal(bench->err.code, "no-answer");
	assert_true(bench_has(bench, SPOOL_INCOMING, 200400));
	get(bench, 200400, "/cutall/200400/20000");
	assert_string_equal(bench->err.code, "");
	assert_true(bench_has(bench, SPOOL_ASSETS, 200400));
	assert_int_equal(count_of(bench, "\"range\""), 10); /* 11 parts of 20000 */
}

static void server_that_is_not_who_it_says_gets_nothing(void **state)
{
	struct bench *bench = *state;
	bench_fetch(bench, 1, 1000, "127.0.0.1", bench->port_wrong_name, "/ok/1000");
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "certificate");
	bench_fetch(bench, 1, 1000, "localhost", bench->port_foreign, "/ok/1000");
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "certificate");
	assert_int_equal(count_of(bench, "\"side\""), 0);
}

/* ---- forbidden places ---- */
struct trap { /* listens on every address of this machine and counts who comes */
	int four, six, port;
};

static void trap_open(struct trap *trap)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	struct sockaddr_in any4 = {.sin_family = AF_INET};
	socklen_t len = sizeof any4;
	int yes = 1;
	trap->four = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(trap->four, (struct sockaddr *)&any4, sizeof any4), 0);
	assert_int_equal(getsockname(trap->four, (struct sockaddr *)&any4, &len), 0);
	trap->port = ntohs(any4.sin_port);
	any.sin6_port = any4.sin_port;
	trap->six = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (trap->six >= 0) {
		setsockopt(trap->six, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
		if (bind(trap->six, (struct sockaddr *)&any, sizeof any) != 0) {
			close(trap->six);
			trap->six = -1;
		}
	}
	assert_int_equal(listen(trap->four, 64), 0);
	if (trap->six >= 0) {
		assert_int_equal(listen(trap->six, 64), 0);
	}
}

static int trap_count(struct trap *trap)
{
	int n = 0;
	for (int fd; (fd = accept(trap->four, NULL, NULL)) >= 0; n++) {
		close(fd);
	}
	for (int fd; trap->six >= 0 && (fd = accept(trap->six, NULL, NULL)) >= 0; n++) {
		close(fd);
	}
	return n;
}

static void trap_close(struct trap *trap)
{
	close(trap->four);
	if (trap->six >= 0) {
		close(trap->six);
	}
}

/* Listed, but not as private: the address that is dialled decides. */
static const char *const listed[] = {"localhost", "127.0.0.1", "127.0.0.2", "0.0.0.0", "[::1]",
	"[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "169.254.169.254", "10.0.0.1",
	"192.168.0.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "[fe80::1]", "[fd00:ec2::254]"};

/* Other spellings; what they come down to is on the list or not, and forbidden either way. */
static const char *const spellings[] = {"LOCALHOST", "127.1", "127.0.1", "0x7f.0.0.1", "0x7f000001",
	"0X7F.1", "0177.0.0.1", "017700000001", "2130706433", "127.000.000.001", "0", "0.0", "0x0",
	"127.0.0.1.", "localhost.", "[0:0:0:0:0:0:0:1]", "[::0:1]", "[0000::0001]", "[::127.0.0.1]",
	"[::ffff:127.1.2.3]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
	"[::1%25lo]", "[fe80::1%25lo]", "%6c%6f%63%61%6c%68%6f%73%74", "127.0.0.1%00.example",
	"user@127.0.0.1", "assets.example@127.0.0.1", "127.0.0.1#@x", "127。0。0。1", "ⓛocalhost",
	"[::ffff:169.254.169.254]", "2852039166", "0xA9FEA9FE"};

static void forbidden(struct bench *bench, const char *host, int port)
{
	bench_fetch(bench, 1, 1000, host, port, "/ok/1000");
	bench_wait(bench, 1);
	if (bench->err.remedy != REMEDY_REJECT || strcmp(bench->err.code, "asset-forbidden") != 0) {
		/* a name that is not a name at all may also fail to resolve */
		assert_string_equal(bench->err.code, "no-name");
	}
}

static void no_spelling_of_a_forbidden_address_is_dialled(void **state)
{
	struct bench *bench = *state;
	struct trap trap;
	trap_open(&trap);
	bench->conf.n_hosts = 0;
	for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
		struct asset_host *entry = &bench->conf.hosts[bench->conf.n_hosts++];
		memset(entry, 0, sizeof *entry);
		snprintf(entry->host, sizeof entry->host, "%s", listed[i]);
		entry->port = trap.port;
	}
	bench_reopen(bench);
	for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
		bench_fetch(bench, 1, 1000, listed[i], trap.port, "/ok/1000");
		bench_wait(bench, 1);
		if (strcmp(bench->err.code, "asset-forbidden") != 0) {
			fail_msg("%s: %s %s", listed[i], bench->err.code, bench->err.text);
		}
	}
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		forbidden(bench, spellings[i], trap.port);
	}
	assert_int_equal(trap_count(&trap), 0);
	/* the trap itself works: as private, the same address is dialled */
	bench->conf.hosts[1].is_private = true;
	bench_reopen(bench);
	bench_fetch(bench, 1, 1000, "127.0.0.1", trap.port, "/ok/1000");
	bench_turn(bench, 300);
	assert_int_equal(trap_count(&trap), 1);
	bench_close_door(bench);
	trap_close(&trap);
}

static void private_still_means_not_metadata_nor_multicast(void **state)
{
	struct bench *bench = *state;
	static const char *const hosts[] = {"169.254.169.254", "0.0.0.0", "224.0.0.1",
		"255.255.255.255", "[::]", "[ff02::1]", "[::ffff:169.254.169.254]",
		"168.63.129.16"};
	bench->conf.n_hosts = 0;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		struct asset_host *entry = &bench->conf.hosts[bench->conf.n_hosts++];
		memset(entry, 0, sizeof *entry);
		snprintf(entry->host, sizeof entry->host, "%s", hosts[i]);
		entry->is_private = true;
	}
	bench_reopen(bench);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		bench_fetch(bench, 1, 1000, hosts[i], 443, "/");
		bench_wait(bench, 1);
		assert_string_equal(bench->err.code, "asset-forbidden");
	}
}

static void unlisted_hosts_ports_and_schemes_are_refused_unasked(void **state)
{
	struct bench *bench = *state;
	char links[8][128];
	int port = bench->port_assets;
	snprintf(links[0], sizeof links[0], "https://evil.example:%d/ok/1000", port);
	snprintf(links[1], sizeof links[1], "https://localhost:%d/ok/1000", bench->port_api);
	snprintf(links[2], sizeof links[2], "https://localhost/ok/1000");
	snprintf(links[3], sizeof links[3], "http://localhost:%d/ok/1000", port);
	snprintf(links[4], sizeof links[4], "file:///etc/passwd");
	snprintf(links[5], sizeof links[5], "https://localhost:%d@evil.example/", port);
	snprintf(links[6], sizeof links[6], "gopher://localhost:%d/1", port);
	snprintf(links[7], sizeof links[7], "%s", "");
	for (size_t i = 0; i < 8; i++) {
		struct fetch_ask ask = {.job_row = 9, .bytes = 1000};
		bench_asset(1000, ask.sha256);
		snprintf(ask.url, sizeof ask.url, "%s", links[i]);
		int before = bench->all;
		cloud_https.fetch(bench->cloud, &ask);
		assert_int_equal(bench->all, before); /* never from inside */
		bench_wait(bench, 1);
		if (strcmp(bench->err.code, "asset-forbidden") != 0 ||
			bench->err.remedy != REMEDY_REJECT) {
			fail_msg("%s: %s %s", links[i], bench->err.code, bench->err.text);
		}
	}
	assert_int_equal(count_of(bench, "\"side\""), 0);
}

/* ---- many at once ---- */
static void pages_with_the_same_file_share_one_transfer(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < 20; i++) {
		bench_fetch(bench, i, 50000, "localhost", bench->port_assets, "/slow/50000/100");
	}
	bench_wait(bench, 20);
	assert_string_equal(bench->err.code, "");
	assert_int_equal(count_of(bench, "\"side\""), 1);
}

static void many_are_fetched_four_at_a_time_and_fairly(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < 12; i++) {
		char path[64];
		snprintf(path, sizeof path, "/slow/%d/400", 60000 + i);
		bench_fetch(bench, 1, (size_t)(60000 + i), "localhost", bench->port_assets, path);
	}
	bench_fetch(bench, 2, 61000, "localhost", bench->port_assets, "/slow/61000/10");
	bench_turn(bench, 250);
	assert_in_range(count_of(bench, "\"side\""), 1, 4);
	bench_wait(bench, 13 - bench->all);
	assert_string_equal(bench->err.code, "");
	int at = 0;
	while (at < 12 && bench->rows[at] != 2) {
		at++;
	}
	assert_true(at < 9); /* the small job did not wait for all twelve */
	assert_int_equal(bench->n[HEARD_FETCH], 13);
}

static void cancelled_fetch_is_answered_exactly_once(void **state)
{
	struct bench *bench = *state;
	static const char *const paths[] = {"/silence/7000", "/ok/7000", "/drip/7000"};
	for (size_t i = 0; i < 3; i++) {
		for (int ms = 0; ms <= 40; ms += 20) {
			int before = bench->all;
			bench_fetch(bench, 5, 7000, "localhost", bench->port_assets, paths[i]);
			if (ms > 0) {
				bench_turn(bench, ms);
			}
			cloud_https.fetch_cancel(bench->cloud, 5);
			cloud_https.fetch_cancel(bench->cloud, 5);
			bench_wait(bench, before + 1 - bench->all);
			bench_turn(bench, 40);
			assert_int_equal(bench->all, before + 1);
		}
	}
}

static void cancelling_one_job_leaves_the_other_its_file(void **state)
{
	struct bench *bench = *state;
	bench_fetch(bench, 1, 8000, "localhost", bench->port_assets, "/slow/8000/900");
	bench_fetch(bench, 2, 8000, "localhost", bench->port_assets, "/slow/8000/900");
	bench_turn(bench, 50);
	cloud_https.fetch_cancel(bench->cloud, 1);
	bench_wait(bench, 1);
	assert_int_equal(bench->job_row, 1);
	assert_string_equal(bench->err.code, "cancelled");
	assert_int_equal(bench->err.remedy, REMEDY_DROP);
	bench_wait(bench, 1);
	assert_int_equal(bench->job_row, 2);
	assert_string_equal(bench->err.code, "");
	assert_true(bench_has(bench, SPOOL_ASSETS, 8000));
}

static void wrong_length_for_a_file_that_is_here_is_refused(void **state)
{
	struct bench *bench = *state;
	struct fetch_ask ask = {.job_row = 1, .bytes = 9001};
	get(bench, 9000, "/ok/9000");
	bench_asset(9000, ask.sha256);
	snprintf(ask.url, sizeof ask.url, "https://localhost:%d/ok/9000", bench->port_assets);
	cloud_https.fetch(bench->cloud, &ask);
	bench_wait(bench, 1);
	assert_string_equal(bench->err.code, "asset-size");
}

static void host_that_fails_ten_times_in_a_row_is_left_alone(void **state)
{
	struct bench *bench = *state;
	for (size_t n = 7001; n <= 7010; n++) {
		char path[32];
		snprintf(path, sizeof path, "/status/%zu/503", n);
		get(bench, n, path);
		assert_string_equal(bench->err.code, "asset-answer");
	}
	bench_forget_log(bench);
	for (size_t n = 7011; n <= 7030; n++) {
		get(bench, n, "/ok/7011");
		assert_string_equal(bench->err.code, "asset-host");
		assert_int_equal(bench->err.remedy, REMEDY_RETRY);
		assert_non_null(strstr(bench->err.text, "localhost does not answer (10 times"));
	}
	assert_int_equal(count_of(bench, "\"side\""), 0);
}

static void host_that_answers_in_between_is_not_left_alone(void **state)
{
	struct bench *bench = *state;
	for (size_t n = 7101; n <= 7140; n++) {
		char path[32];
		snprintf(path, sizeof path, "/status/%zu/%s", n, n % 9 == 0 ? "404" : "500");
		get(bench, n, path);
		assert_string_not_equal(bench->err.code, "asset-host");
	}
	get(bench, 7200, "/ok/7200");
	assert_string_equal(bench->err.code, "");
}

static void whole_deadline_ends_what_trickles_fast_enough(void **state)
{
	struct bench *bench = *state;
	bench->conf.stall_ms = 60000;
	bench->conf.fetch_ms = 700;
	bench_reopen(bench);
	get(bench, 5001, "/drip/5001");
	assert_int_equal(bench->err.remedy, REMEDY_RETRY);
	assert_string_equal(bench->err.code, "no-answer");
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)
	const struct CMUnitTest tests[] = {
		row(asset_arrives_whole_and_is_kept),
		row(fetching_shows_no_credential),
		row(no_wrong_byte_becomes_an_asset),
		row(cut_transfer_goes_on_where_it_was),
		row(cut_before_the_first_byte_is_told),
		row(cut_chunked_transfer_goes_on_too),
		row(server_without_ranges_is_asked_for_all_again),
		row(wrong_part_is_not_taken_for_the_right_one),
		row(line_that_keeps_breaking_is_told_and_taken_up_later),
		row(server_that_is_not_who_it_says_gets_nothing),
		row(no_spelling_of_a_forbidden_address_is_dialled),
		row(private_still_means_not_metadata_nor_multicast),
		row(unlisted_hosts_ports_and_schemes_are_refused_unasked),
		row(pages_with_the_same_file_share_one_transfer),
		row(many_are_fetched_four_at_a_time_and_fairly),
		row(cancelled_fetch_is_answered_exactly_once),
		row(cancelling_one_job_leaves_the_other_its_file),
		row(wrong_length_for_a_file_that_is_here_is_refused),
		row(host_that_fails_ten_times_in_a_row_is_left_alone),
		row(host_that_answers_in_between_is_not_left_alone),
		row(whole_deadline_ends_what_trickles_fast_enough),
	};
	return cmocka_run_group_tests(tests, bench_begin, bench_end);
}
