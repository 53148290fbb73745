/* SPDX-License-Identifier: Apache-2.0
 *
 * The crew as a whole: starting, the table of the door, ending.
 *
 *  1. crew_create starts the render server and one worker for each printer and each sensor bus.
 *  2. What the farm asks goes to a bench (crew_render.c, crew_device.c), which sends frames.
 *  3. crew_close kills the workers and waits until each is gone.
 *
 * Ways it fails: platen-worker is missing (FATAL at start); a worker dies (its asks are answered
 * with RETRY and it comes back after a growing wait).
 */
#include "base/clock.h"
#include "base/mem.h"
#include "ports/crew_own.h"
#include <stdlib.h>

int64_t restart_wait_ms(struct restart *restart)
{
	if (clock_boot_ms() - restart->born_ms > MINUTE_MS) {
		restart->deaths = 0;
	}
	int32_t shift = restart->deaths > 6 ? 6 : restart->deaths;
	restart->deaths++;
	return INT64_C(100) << shift;
}

static void on_closed(void *context)
{
	struct crew *crew = context;
	loop_timer_destroy(crew->closed_timer);
	render_bench_free(&crew->render);
	device_benches_free(crew);
	sensor_benches_free(crew);
	loop_call *closed = crew->closed;
	void *closed_context = crew->closed_context;
	free(crew);
	if (closed != NULL) {
		closed(closed_context);
	}
}

void crew_hand_ended(struct crew *crew)
{
	crew->hands--;
	if (crew->closing && crew->hands == 0) {
		loop_timer_start(crew->closed_timer, 0);
	}
}

static void ask_render(void *self, const struct render_ask *ask)
{
	struct crew *crew = self;
	render_bench_ask(&crew->render, ask);
}

static void cancel_render(void *self, int64_t job_row)
{
	struct crew *crew = self;
	render_bench_cancel(&crew->render, job_row);
}

const struct crew_ops crew_processes = {
	.render = ask_render,
	.render_cancel = cancel_render,
	.pin = device_pin,
	.key = device_key,
	.witness = device_witness,
	.print = device_print,
	.go = device_go,
	.confirm = device_confirm,
	.cancel = device_cancel,
	.sweep = device_sweep,
};

struct crew *crew_create(struct loop *loop, struct spool *spool, const struct catalog *catalog,
	const struct crew_conf *conf, const struct crew_hears *hears, void *farm, struct err *err)
{
	struct crew *crew = mem_new(1, sizeof *crew);
	*crew = (struct crew){.loop = loop,
		.spool = spool,
		.catalog = catalog,
		.conf = *conf,
		.hears = hears,
		.farm = farm};
	crew->closed_timer = loop_timer_create(loop, on_closed, crew);
	if (!render_bench_open(crew, err) || !device_benches_open(crew, err)) {
		crew_close(crew, NULL, NULL);
		return NULL;
	}
	sensor_benches_open(crew);
	return crew;
}

void crew_close(struct crew *crew, loop_call *done, void *context)
{
	if (crew->closing) {
		return;
	}
	crew->closing = true;
	crew->closed = done;
	crew->closed_context = context;
	render_bench_close(&crew->render);
	device_benches_close(crew);
	sensor_benches_close(crew);
	if (crew->hands == 0) {
		loop_timer_start(crew->closed_timer, 0);
	}
}
