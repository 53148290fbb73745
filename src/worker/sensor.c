/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor role: reads the sensors of one bus, round after round, and tells their registers as
 * they come. It asks one thing at a time, with a time-out of its own; what a unit could not answer
 * is never asked for again later, so that nobody who comes back meets a flood.
 *
 *  - A unit that does not answer is skipped for the rest of the round, then for a growing number of
 *    rounds (at most half a minute): the others are read at their pace.
 *  - After silence on a network the connection is made anew, since a late answer would come in
 *    between; of a serial line what is left over is thrown away.
 *  - A connection that is lost is asked of the daemon again, after a growing wait where it never
 *    worked. Meanwhile the sensors' figures grow old, and the daemon has been told why.
 */
#include "worker/sensor.h"
#include "worker/channel.h"
#include "worker/worker.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "rules/backoff.h"
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define UNITS       256
#define LINE_MS     20000 /* the daemon answers within 10 s; then it is stuck */
#define WAIT_MS     250   /* before a connection that never worked is tried again */
#define WAIT_MAX_MS (30 * SECOND_MS)
#define SKIP_MAX_MS (30 * SECOND_MS)

struct unit {
	int32_t failures; /* in a row */
	int64_t round;    /* it is not asked before that one */
	struct err err;   /* of the last failure */
};

struct bench {
	int channel;
	bool ended; /* the daemon is gone or speaks nonsense */
	struct bus_setup setup;
	struct sensor_link *link;
	bool asked, answered; /* for a line; by anything on it since it was opened */
	int32_t tries;        /* lines in a row that nothing came over */
	int64_t ask_ms;       /* when a line is asked for next; once asked, when that is too late */
	int64_t round;
	int32_t at;       /* the sensor that is read next; n_sensors: the round is over */
	int32_t retried;  /* `at` after the one that was asked again in this round; 0: none */
	int64_t round_ms; /* when the next one begins */
	struct unit units[UNITS];
	json_t *figures; /* not sent yet */
};

static void put(struct bench *bench, enum frame_type type, json_t *body)
{
	struct err err;
	if (!channel_send(bench->channel, type, body, NULL, 0, &err)) {
		bench->ended = true;
	}
	json_decref(body);
}

/* ---- telling ---- */

static void flush(struct bench *bench)
{
	if (json_array_size(bench->figures) > 0) {
		put(bench, FRAME_SENSOR_FIGURES, json_pack("{so}", "figures", bench->figures));
		bench->figures = json_array();
	}
}

static void tell(struct bench *bench, const struct sensor_ask *ask, const uint16_t *words,
	const struct err *err)
{
	struct sensor_answer answer = {.n_words = words == NULL ? 0 : ask->words};
	memcpy(answer.name, ask->name, sizeof answer.name);
	if (words != NULL) {
		memcpy(answer.words, words, sizeof answer.words);
	} else {
		answer.err = *err;
	}
	json_array_append_new(bench->figures, sensor_answer_to_json(&answer));
}

static void tell_all(struct bench *bench, const struct err *err)
{
	for (int32_t i = 0; i < bench->setup.n_sensors; i++) {
		tell(bench, &bench->setup.sensors[i], NULL, err);
	}
	flush(bench);
}

/* ---- the line ---- */

static void wait_for_line(struct bench *bench)
{
	uint64_t chance;
	random_bytes(&chance, sizeof chance);
	int64_t wait_ms = bench->tries == 0
				  ? 0
				  : backoff_ms(bench->tries, WAIT_MS, WAIT_MAX_MS, WAIT_MS, chance);
	bench->asked = false;
	bench->ask_ms = clock_boot_ms() + wait_ms;
}

static void drop_line(struct bench *bench)
{
	sensor_link_close(bench->link);
	bench->link = NULL;
	bench->tries = bench->answered ? 0 : bench->tries + 1;
	bench->answered = false;
	wait_for_line(bench);
}

static void no_line(struct bench *bench, const struct err *err)
{
	bench->tries++;
	bench->at = bench->setup.n_sensors;
	wait_for_line(bench);
	tell_all(bench, err);
}

static void on_line(struct bench *bench, struct message *message)
{
	struct err err;
	struct err unread;
	const json_t *fault = json_object_get(message->body, "err");
	int fd = message_take_fd(message, 0);
	if (!bench->asked || bench->link != NULL) {
		if (fd >= 0) {
			close(fd);
		}
		return;
	}
	if (fd < 0) {
		if (fault == NULL || !err_from_json(fault, &err, &unread)) {
			err_set(&err, REMEDY_RETRY, "sensor-line", "no line came from the daemon");
		}
		no_line(bench, &err);
		return;
	}
	bench->link = sensor_link_open(&bench->setup.conf, fd, &err);
	bench->asked = false;
	if (bench->link == NULL) {
		no_line(bench, &err);
	}
}

/* Takes in at most one frame, waiting for it so long. */
static void pump(struct bench *bench, int64_t wait_ms)
{
	struct message message;
	struct err err;
	if (bench->ended || !channel_is_readable(bench->channel, (int)wait_ms)) {
		return;
	}
	if (!channel_receive(bench->channel, &message, &err)) {
		if (err.remedy != REMEDY_DROP) {
			log_error(bench->setup.conf.name, "%s", err.text);
		}
		bench->ended = true;
		return;
	}
	if (message.type == FRAME_SENSOR_LINE_FD) {
		on_line(bench, &message);
	}
	message_fini(&message);
}

/* ---- a round ---- */

/* At the pace of the bus, and never two rounds at once because one was late. */
static void begin_round(struct bench *bench, int64_t now_ms)
{
	int32_t poll_ms = bench->setup.conf.poll_ms;
	bench->round++;
	bench->at = bench->retried = 0;
	bench->round_ms += poll_ms;
	if (bench->round_ms <= now_ms) {
		bench->round_ms = now_ms + poll_ms;
	}
}

static void unit_failed(struct bench *bench, struct unit *unit, const struct err *err)
{
	int64_t most = SKIP_MAX_MS / bench->setup.conf.poll_ms;
	int64_t rounds = INT64_C(1) << (unit->failures > 9 ? 9 : unit->failures);
	unit->failures++;
	unit->round = bench->round + (rounds < most ? rounds : most < 1 ? 1 : most);
	unit->err = *err;
}

static void on_fault(struct bench *bench, const struct sensor_ask *ask, enum line_fault fault,
	const struct err *err)
{
	struct sensor_line line;
	struct err ignored;
	bool is_serial = sensor_line_read(bench->setup.conf.uri, &line, &ignored) && line.is_serial;
	if (fault == LINE_REFUSED) { /* it lives, and so does the line */
		bench->answered = true;
		bench->tries = bench->units[ask->unit].failures = 0;
		tell(bench, ask, NULL, err);
		return;
	}
	if (fault == LINE_BROKEN || !is_serial) {
		bool worked = bench->answered;
		drop_line(bench);
		if (fault == LINE_BROKEN && worked && bench->retried != bench->at) {
			bench->retried = bench->at--; /* it had only grown old between two rounds */
			return;
		}
	}
	tell(bench, ask, NULL, err);
	unit_failed(bench, &bench->units[ask->unit], err);
	flush(bench);
}

static void read_next(struct bench *bench)
{
	const struct sensor_ask *ask = &bench->setup.sensors[bench->at++];
	struct unit *unit = &bench->units[ask->unit];
	uint16_t words[SENSOR_WORDS_MAX] = {0};
	enum line_fault fault;
	struct err err;
	if (unit->failures > 0 && bench->round < unit->round) {
		tell(bench, ask, NULL, &unit->err);
	} else {
		if (unit->failures > 0) {
			flush(bench); /* the others' figures don't wait for its time-out */
		}
		if (sensor_link_read(bench->link, ask, words, &fault, &err)) {
			bench->answered = true;
			bench->tries = 0;
			unit->failures = 0;
			tell(bench, ask, words, NULL);
		} else {
			on_fault(bench, ask, fault, &err);
		}
	}
	if (bench->at >= bench->setup.n_sensors) {
		flush(bench);
	}
}

/* ---- the worker's life ---- */

static int64_t next_ms(const struct bench *bench)
{
	if (bench->link == NULL) {
		return bench->ask_ms;
	}
	return bench->at < bench->setup.n_sensors ? 0 : bench->round_ms;
}

static void step(struct bench *bench, int64_t now_ms)
{
	if (bench->link == NULL) {
		if (bench->asked) {
			log_error(bench->setup.conf.name, "the daemon gives no line");
			bench->ended = true;
			return;
		}
		bench->asked = true;
		bench->ask_ms = now_ms + LINE_MS;
		put(bench, FRAME_SENSOR_LINE, json_object());
	} else if (bench->at < bench->setup.n_sensors) {
		read_next(bench);
	} else {
		begin_round(bench, now_ms);
	}
}

static void serve(struct bench *bench)
{
	put(bench, FRAME_SENSOR_HELLO, json_object());
	bench->at = bench->setup.n_sensors;
	bench->ask_ms = bench->round_ms = clock_boot_ms();
	while (!bench->ended) {
		int64_t now_ms = clock_boot_ms();
		int64_t wait_ms = next_ms(bench) - now_ms;
		pump(bench, wait_ms > 0 ? wait_ms : 0);
		if (!bench->ended && next_ms(bench) <= clock_boot_ms()) {
			step(bench, clock_boot_ms());
		}
	}
	sensor_link_close(bench->link);
	json_decref(bench->figures);
}

static bool receive_setup(struct bench *bench, struct err *err)
{
	struct message message;
	if (!channel_receive(bench->channel, &message, err)) {
		return false;
	}
	bool fine = message.type == FRAME_SENSOR_SETUP
			    ? bus_setup_from_json(message.body, &bench->setup, err)
			    : err_set(err, REMEDY_FATAL, "frame", "no set-up came first");
	message_fini(&message);
	return fine;
}

int sensor_main(int channel_fd)
{
	static struct bench bench;
	struct err err;
	int parent = (int)getppid();
	bench.channel = channel_fd;
	signal(SIGPIPE, SIG_IGN);
	if (!receive_setup(&bench, &err)) {
		if (err.remedy != REMEDY_DROP) {
			log_error("sensor", "%s", err.text);
		}
		return err.remedy == REMEDY_DROP ? EX_OK : EX_PROTOCOL;
	}
	bench.figures = json_array();
	if (!sensor_sandbox_enter(parent, &err)) {
		log_error(bench.setup.conf.name, "%s", err.text);
		return EX_OSERR;
	}
	serve(&bench);
	return EX_OK;
}
