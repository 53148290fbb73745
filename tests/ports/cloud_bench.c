/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench of the cloud's door.
 */
#include "cloud_bench.h"
#include "base/mem.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the hearer ---- */
static void note_lease(struct bench *bench, const struct lease *lease)
{
	memcpy(bench->lease.job, lease->job, sizeof bench->lease.job);
	bench->lease.epoch = lease->epoch;
	bench->lease.asset = lease->pages[0].asset;
}

static void heard(
	struct bench *bench, enum heard what, const struct err *err, int64_t retry_after_ms)
{
	bench->n[what]++;
	bench->err = err != NULL ? *err : (struct err){0};
	bench->retry_after_ms = retry_after_ms;
	if (++bench->all == bench->wanted) {
		loop_stop(bench->loop);
	}
}

static void note(struct bench *bench, const char *text, int64_t number)
{
	text_copy(bench->text, sizeof bench->text, text);
	bench->number = number;
}

static void on_session(
	void *farm, const struct session_answer *answer, const struct err *err, int64_t after)
{
	assert_true((answer == NULL) == (err != NULL));
	if (answer != NULL) {
		note(farm, answer->session, (int64_t)answer->n_jobs);
	}
	heard(farm, HEARD_SESSION, err, after);
}

static void on_offer(void *farm, const char *etag, const struct err *err, int64_t after)
{
	assert_true((etag == NULL) == (err != NULL));
	note(farm, etag == NULL ? "" : etag, 0);
	heard(farm, HEARD_OFFER, err, after);
}

static void on_acquire(
	void *farm, const struct acquire_answer *answer, const struct err *err, int64_t after)
{
	assert_true((answer == NULL) == (err != NULL));
	if (answer != NULL) {
		note(farm, answer->n_faults > 0 ? answer->faults[0].job : "",
			(int64_t)answer->n_leases);
	}
	if (answer != NULL && answer->n_leases > 0) {
		note_lease(farm, &answer->leases[0]);
	}
	heard(farm, HEARD_ACQUIRE, err, after);
}

static void on_extend(
	void *farm, const struct extend_answer *answer, const struct err *err, int64_t after)
{
	assert_true((answer == NULL) == (err != NULL));
	if (answer != NULL) {
		note(farm, answer->jobs[0].job, answer->jobs[0].action);
	}
	heard(farm, HEARD_EXTEND, err, after);
}

static void on_release(
	void *farm, const char *key, const char *job, const struct err *err, int64_t after)
{
	assert_int_not_equal(strlen(key), 0);
	note(farm, job, 0);
	heard(farm, HEARD_RELEASE, err, after);
}

static void on_start(
	void *farm, const struct start_answer *answer, const struct err *err, int64_t after)
{
	assert_true((answer == NULL) == (err != NULL));
	if (answer != NULL) {
		note(farm, answer->jobs[0].job, answer->jobs[0].verdict);
	}
	heard(farm, HEARD_START, err, after);
}

static void on_events(
	void *farm, const struct events_answer *answer, const struct err *err, int64_t after)
{
	assert_true((answer == NULL) == (err != NULL));
	if (answer != NULL) {
		note(farm, answer->events[0].id, answer->events[0].fate);
	}
	heard(farm, HEARD_EVENTS, err, after);
}

static void on_sign(void *farm, int64_t job_row, int32_t page, const struct sign_answer *answer,
	const struct err *err)
{
	struct bench *bench = farm;
	assert_true((answer == NULL) == (err != NULL));
	bench->job_row = job_row;
	bench->page = page;
	if (answer != NULL) {
		note(bench, answer->url, answer->expires_in_s);
		text_copy(bench->url, sizeof bench->url, answer->url);
	}
	heard(bench, HEARD_SIGN, err, -1);
}

static void on_fetch(void *farm, int64_t job_row, int32_t page, const struct err *err)
{
	struct bench *bench = farm;
	bench->job_row = job_row;
	bench->page = page;
	bench->rows[bench->n[HEARD_FETCH] % 64] = job_row;
	heard(bench, HEARD_FETCH, err, -1);
}

static const struct cloud_hears hears = {
	.session = on_session,
	.offer = on_offer,
	.acquire = on_acquire,
	.extend = on_extend,
	.release = on_release,
	.start = on_start,
	.events = on_events,
	.sign = on_sign,
	.fetch = on_fetch,
};

/* ---- the peer ---- */
static void run_peer(struct bench *bench, const char *name, int in[2], int out[2])
{
	char script[512];
	const char *root = getenv("PLATEN_SRC");
	snprintf(script, sizeof script, "%s/tests/ports/%s", root == NULL ? ".." : root, name);
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execl("/usr/bin/python3", "python3", script, bench->dir, (char *)NULL);
	_exit(127);
}

int bench_begin(void **state)
{
	return bench_begin_with(state, "cloud_peer.py");
}

int bench_begin_with(void **state, const char *script)
{
	struct bench *bench = mem_new(1, sizeof *bench);
	int in[2], out[2];
	snprintf(bench->dir, sizeof bench->dir, "/tmp/cloud-test.XXXXXX");
	if (mkdtemp(bench->dir) == NULL || pipe(in) != 0 || pipe(out) != 0) {
		return -1;
	}
	bench->peer = fork();
	if (bench->peer == 0) {
		run_peer(bench, script, in, out);
	}
	close(in[0]);
	close(out[1]);
	bench->peer_in = in[1];
	FILE *said = fdopen(out[0], "r");
	int n = fscanf(said, "ready %d %d %d %d", &bench->port_api, &bench->port_assets,
		&bench->port_wrong_name, &bench->port_foreign);
	fclose(said);
	*state = bench;
	return n == 4 ? 0 : -1;
}

int bench_end(void **state)
{
	struct bench *bench = *state;
	char command[128];
	close(bench->peer_in);
	waitpid(bench->peer, NULL, 0);
	snprintf(command, sizeof command, "rm -rf '%s'", bench->dir);
	int status = system(command);
	free(bench);
	return status;
}

/* ---- one test ---- */
void bench_path(const struct bench *bench, const char *name, char *path)
{
	text_copy(path, CLOUD_PATH_MAX, bench->dir);
	strncat(path, "/", CLOUD_PATH_MAX - strlen(path) - 1);
	strncat(path, name, CLOUD_PATH_MAX - strlen(path) - 1);
}

static void add_host(struct bench *bench, const char *host, int port, bool is_private)
{
	struct asset_host *entry = &bench->conf.hosts[bench->conf.n_hosts++];
	text_copy(entry->host, sizeof entry->host, host);
	entry->port = port;
	entry->is_private = is_private;
	bench_path(bench, "ca.pem", entry->ca);
}

static void set_conf(struct bench *bench)
{
	struct cloud_conf *conf = &bench->conf;
	memset(conf, 0, sizeof *conf);
	snprintf(conf->url, sizeof conf->url, "https://localhost:%d", bench->port_api);
	bench_path(bench, "ca.pem", conf->ca);
	bench_path(bench, "floor.pem", conf->cert);
	bench_path(bench, "floor.key", conf->key);
	text_copy(conf->floor, sizeof conf->floor, "lab-1");
	text_copy(conf->agent, sizeof conf->agent, "platen/test");
	conf->answer_ms = 3000;
	conf->stall_ms = 2000;
	conf->fetch_ms = 18000;
	add_host(bench, "localhost", bench->port_assets, true);
	add_host(bench, "127.0.0.1", bench->port_wrong_name, true);
	add_host(bench, "localhost", bench->port_foreign, true);
	add_host(bench, "127.0.0.1", bench->port_assets, true);
}

static void open_door(struct bench *bench)
{
	struct err err = {0};
	bench->closed = false;
	bench->cloud = cloud_create(bench->loop, bench->spool, &bench->conf, &hears, bench, &err);
	if (bench->cloud == NULL) {
		fail_msg("%s", err.text);
	}
}

int bench_open(void **state)
{
	struct bench *bench = *state;
	struct err err = {0};
	char root[128];
	snprintf(root, sizeof root, "%s/spool", bench->dir);
	bench->loop = loop_create(&err);
	bench->spool = spool_open(bench->loop, root, 0, 0, &err);
	memset(bench->n, 0, sizeof bench->n);
	bench->all = bench->wanted = 0;
	set_conf(bench);
	open_door(bench);
	bench_forget_log(bench);
	return 0;
}

static void on_closed(void *context)
{
	struct bench *bench = context;
	bench->closed = true;
	loop_stop(bench->loop);
}

void bench_close_door(struct bench *bench)
{
	cloud_close(bench->cloud, on_closed, bench);
	assert_false(bench->closed); /* never from inside */
	bench->wanted = -1;
	while (!bench->closed) {
		loop_run(bench->loop);
	}
	bench->cloud = NULL;
}

int bench_close(void **state)
{
	struct bench *bench = *state;
	char command[256];
	if (bench->cloud != NULL) {
		bench_close_door(bench);
	}
	bench->closed = false;
	spool_close(bench->spool, on_closed, bench);
	loop_run(bench->loop);
	loop_destroy(bench->loop);
	snprintf(
		command, sizeof command, "rm -rf '%s/spool' '%s/no-token'", bench->dir, bench->dir);
	return system(command);
}

void bench_reopen(struct bench *bench)
{
	bench_close_door(bench);
	open_door(bench);
}

static void on_late(void *context)
{
	struct bench *bench = context;
	bench->late = true;
	loop_stop(bench->loop);
}

static void turn(struct bench *bench, int ms)
{
	struct loop_timer *timer = loop_timer_create(bench->loop, on_late, bench);
	bench->late = false;
	loop_timer_start(timer, ms);
	while (!bench->late && (bench->wanted <= 0 || bench->all < bench->wanted)) {
		loop_run(bench->loop);
	}
	loop_timer_destroy(timer);
}

void bench_wait(struct bench *bench, int n)
{
	int before = bench->all;
	bench->wanted = before + n;
	turn(bench, 20000);
	if (bench->late) {
		fail_msg("%d of %d answers came", bench->all - before, n);
	}
}

void bench_turn(struct bench *bench, int ms)
{
	bench->wanted = -1;
	turn(bench, ms);
}

char *bench_log(struct bench *bench)
{
	char path[CLOUD_PATH_MAX];
	bench_path(bench, "log", path);
	char *text = mem_new(1, 1 << 20);
	FILE *file = fopen(path, "r");
	if (file != NULL) {
		text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
		fclose(file);
	}
	return text;
}

void bench_forget_log(struct bench *bench)
{
	char path[CLOUD_PATH_MAX];
	bench_path(bench, "log", path);
	unlink(path);
}

/* ---- assets ---- */
void bench_asset(size_t n, char sha256[HASH_HEX_MAX])
{
	unsigned char *bytes = mem_new(n, 1);
	for (size_t i = 0; i < n; i++) {
		size_t at = i % 65536;
		bytes[i] = (unsigned char)(at * 31 + at / 251);
	}
	hash_hex_of(bytes, n, sha256);
	free(bytes);
}

void bench_fetch(struct bench *bench, int64_t job_row, size_t n, const char *host, int port,
	const char *path)
{
	struct fetch_ask ask = {.job_row = job_row, .page = 1, .bytes = (int64_t)n};
	bench_asset(n, ask.sha256);
	snprintf(ask.url, sizeof ask.url, "https://%s:%d%s", host, port, path);
	cloud_https.fetch(bench->cloud, &ask);
}

bool bench_has(struct bench *bench, enum spool_folder folder, size_t n)
{
	char sha256[HASH_HEX_MAX];
	int64_t bytes = -1;
	bench_asset(n, sha256);
	return spool_has(bench->spool, folder, sha256, &bytes) &&
	       (folder == SPOOL_INCOMING || bytes == (int64_t)n);
}
