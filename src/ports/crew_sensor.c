/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensors' benches: one worker for each bus, which sees the line to its units and nothing else.
 *
 *  1. The worker starts, gets SENSOR_SETUP, and asks for a line: we connect to the host and port of
 *     the configuration, or open its serial line, and to nothing else, and pass the descriptor.
 *  2. It tells registers unasked, at the pace of the configuration.
 *
 * Ways it fails: the line can't be made (the worker is told why and asks again after a growing
 * wait); the worker dies or says nothing for too long and is killed: its sensors are told why, and
 * it comes back after a growing wait.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/crew_dial.h"
#include "ports/crew_own.h"
#include "ports/crew_tty.h"
#include "wire/registers.h"
#include "wire/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE_MS   60000 /* without any frame; it says something at least every half a minute */
#define DEFAULT_PORT ":502"

struct sensor_bench {
	struct crew *crew;
	const struct sensor_bus_conf *conf;
	struct sensor_line line;
	struct hand *hand;
	int64_t heard_ms;
	struct restart restart;
	struct loop_timer *watch;
	struct dial *dial; /* a connection being made */
	struct tty *tty;   /* a serial line being opened */
};

/* ---- lines for the worker ---- */

static void give_line(struct sensor_bench *bench, int fd, const struct err *err)
{
	if (fd >= 0) {
		hand_send(bench->hand, FRAME_SENSOR_LINE_FD, NULL, &fd, 1);
		return;
	}
	struct err fault = *err;
	text_copy(fault.code, sizeof fault.code, "sensor-line");
	json_t *body = json_object();
	json_object_set_new(body, "err", err_to_json(&fault));
	hand_send(bench->hand, FRAME_SENSOR_LINE_FD, body, NULL, 0);
}

static void on_dialled(void *context, int fd, const struct err *err)
{
	struct sensor_bench *bench = context;
	bench->dial = NULL;
	give_line(bench, fd, err);
}

static void on_opened(void *context, int fd, const struct err *err)
{
	struct sensor_bench *bench = context;
	bench->tty = NULL;
	give_line(bench, fd, err);
}

static void stop_line(struct sensor_bench *bench)
{
	if (bench->dial != NULL) {
		dial_stop(bench->dial);
		bench->dial = NULL;
	}
	if (bench->tty != NULL) {
		tty_stop(bench->tty);
		bench->tty = NULL;
	}
}

static bool names_port(const char *uri)
{
	const char *host = strstr(uri, "://") + 3;
	const char *bracket = strchr(host, ']');
	return strchr(bracket != NULL ? bracket : host, ':') != NULL;
}

static void make_line(struct sensor_bench *bench)
{
	struct loop *loop = bench->crew->loop;
	const char *uri = bench->conf->uri;
	char whole[sizeof bench->conf->uri + sizeof DEFAULT_PORT];
	stop_line(bench);
	if (bench->line.is_serial) {
		bench->tty =
			tty_open(loop, bench->conf->name, bench->line.device, on_opened, bench);
		return;
	}
	snprintf(whole, sizeof whole, "%s%s", uri, names_port(uri) ? "" : DEFAULT_PORT);
	bench->dial = dial_start(loop, whole, on_dialled, bench);
}

/* ---- frames from the worker ---- */

static void tell(struct sensor_bench *bench, const char *sensor, const uint16_t *words,
	int32_t n_words, const struct err *err)
{
	const struct crew_hears *hears = bench->crew->hears;
	if (hears->measured != NULL) {
		hears->measured(bench->crew->farm, sensor, words, n_words, err);
	}
}

static bool is_of_bus(const struct sensor_bench *bench, const char *sensor)
{
	const struct catalog *catalog = bench->crew->catalog;
	for (int32_t i = 0; i < catalog->n_sensors; i++) {
		if (strcmp(catalog->sensors[i].name, sensor) == 0) {
			return strcmp(catalog->sensors[i].bus, bench->conf->name) == 0;
		}
	}
	return false;
}

static void on_figures(struct sensor_bench *bench, const json_t *json)
{
	json_t *figures = NULL;
	struct err err;
	bool fine = json_need_array(json, "figures", BUS_SENSORS_MAX, &figures, &err);
	for (size_t i = 0; fine && i < json_array_size(figures); i++) {
		struct sensor_answer answer;
		fine = sensor_answer_from_json(json_array_get(figures, i), &answer, &err);
		if (fine && is_of_bus(bench, answer.name)) {
			tell(bench, answer.name, answer.words, answer.n_words,
				answer.n_words > 0 ? NULL : &answer.err);
		}
	}
	if (!fine) {
		log_warn(bench->conf->name, "worker said bad figures, killed: %s", err.text);
		hand_kill(bench->hand);
	}
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	struct sensor_bench *bench = context;
	if (bench->crew->closing) {
		return;
	}
	bench->heard_ms = clock_boot_ms();
	switch (type) {
	case FRAME_SENSOR_HELLO:
		break;
	case FRAME_SENSOR_LINE:
		make_line(bench);
		break;
	case FRAME_SENSOR_FIGURES:
		on_figures(bench, json);
		break;
	default:
		log_warn(bench->conf->name, "worker sent an unknown frame %u", type);
	}
}

/* ---- the worker's life ---- */

static void tell_all(struct sensor_bench *bench, const struct err *err)
{
	const struct catalog *catalog = bench->crew->catalog;
	for (int32_t i = 0; i < catalog->n_sensors; i++) {
		if (strcmp(catalog->sensors[i].bus, bench->conf->name) == 0) {
			tell(bench, catalog->sensors[i].name, NULL, 0, err);
		}
	}
}

static void on_ended(void *context, const char *how)
{
	struct sensor_bench *bench = context;
	struct crew *crew = bench->crew;
	bench->hand = NULL;
	stop_line(bench);
	if (!crew->closing) {
		struct err err;
		int64_t wait_ms = restart_wait_ms(&bench->restart);
		err_set(&err, REMEDY_RETRY, "sensor-worker",
			"the worker of bus %s ended (%s), and is started again", bench->conf->name,
			how);
		log_warn(bench->conf->name, "worker ended (%s), again in %lld ms", how,
			(long long)wait_ms);
		loop_timer_start(bench->restart.timer, wait_ms);
		tell_all(bench, &err);
	}
	crew_hand_ended(crew);
}

static bool has_sensors(const struct crew *crew, const char *bus)
{
	for (int32_t i = 0; i < crew->catalog->n_sensors; i++) {
		if (strcmp(crew->catalog->sensors[i].bus, bus) == 0) {
			return true;
		}
	}
	return false;
}

static json_t *setup_of(const struct sensor_bench *bench)
{
	const struct catalog *catalog = bench->crew->catalog;
	struct bus_setup setup = {.conf = *bench->conf};
	for (int32_t i = 0; i < catalog->n_sensors && setup.n_sensors < BUS_SENSORS_MAX; i++) {
		const struct sensor_conf *sensor = &catalog->sensors[i];
		if (strcmp(sensor->bus, bench->conf->name) == 0) {
			struct sensor_ask *ask = &setup.sensors[setup.n_sensors++];
			memcpy(ask->name, sensor->name, sizeof ask->name);
			ask->unit = sensor->unit;
			ask->kind = sensor->kind;
			ask->address = sensor->address;
			ask->words = register_words(sensor->type);
		}
	}
	return bus_setup_to_json(&setup);
}

static void on_start(void *context)
{
	static const struct hand_hears hears = {.frame = on_frame, .ended = on_ended};
	struct sensor_bench *bench = context;
	const char *argv[] = {bench->crew->conf.program, "sensor", NULL};
	struct err err;
	if (bench->crew->closing || bench->hand != NULL) {
		return;
	}
	bench->hand = hand_start(bench->crew->loop, argv, &hears, bench, &err);
	if (bench->hand == NULL) {
		log_error(bench->conf->name, "%s", err.text);
		loop_timer_start(bench->restart.timer, restart_wait_ms(&bench->restart));
		return;
	}
	bench->crew->hands++;
	bench->restart.born_ms = bench->heard_ms = clock_boot_ms();
	hand_send(bench->hand, FRAME_SENSOR_SETUP, setup_of(bench), NULL, 0);
}

static int64_t patience_ms(const struct sensor_bench *bench)
{
	const struct crew *crew = bench->crew;
	int64_t silence_ms = crew->conf.silence_ms > 0 ? crew->conf.silence_ms : SILENCE_MS;
	return silence_ms + 3 * (int64_t)bench->conf->poll_ms;
}

static void on_watch(void *context)
{
	struct sensor_bench *bench = context;
	if (bench->hand != NULL && clock_boot_ms() - bench->heard_ms > patience_ms(bench)) {
		log_warn(bench->conf->name, "worker is silent, killed");
		hand_kill(bench->hand);
	}
	loop_timer_start(bench->watch, patience_ms(bench) / 4);
}

void sensor_benches_open(struct crew *crew)
{
	const struct catalog *catalog = crew->catalog;
	crew->buses = mem_new((size_t)catalog->n_buses, sizeof *crew->buses);
	for (int32_t i = 0; i < catalog->n_buses; i++) {
		struct sensor_bench *bench = &crew->buses[i];
		struct err err;
		bench->crew = crew;
		bench->conf = &catalog->buses[i];
		if (!sensor_line_read(bench->conf->uri, &bench->line, &err)) {
			log_error(bench->conf->name, "uri %s", err.text);
		}
		bench->watch = loop_timer_create(crew->loop, on_watch, bench);
		bench->restart.timer = loop_timer_create(crew->loop, on_start, bench);
		crew->n_buses++;
		if (has_sensors(crew, bench->conf->name)) { /* else there is nothing to read */
			loop_timer_start(bench->watch, patience_ms(bench) / 4);
			loop_timer_start(bench->restart.timer, 0);
		}
	}
}

void sensor_benches_close(struct crew *crew)
{
	for (int32_t i = 0; i < crew->n_buses; i++) {
		struct sensor_bench *bench = &crew->buses[i];
		loop_timer_stop(bench->watch);
		loop_timer_stop(bench->restart.timer);
		stop_line(bench);
		if (bench->hand != NULL) {
			hand_kill(bench->hand);
		}
	}
}

void sensor_benches_free(struct crew *crew)
{
	for (int32_t i = 0; i < crew->n_buses; i++) {
		loop_timer_destroy(crew->buses[i].watch);
		loop_timer_destroy(crew->buses[i].restart.timer);
	}
	free(crew->buses);
}
