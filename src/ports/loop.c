/* SPDX-License-Identifier: Apache-2.0
 *
 * libuv's loop with the hooks of a turn.
 *
 *  1. loop_create starts the prepare handle; it does not keep the loop alive by itself.
 *  2. loop_run turns until loop_stop; a stop takes effect after the present turn.
 *  3. loop_destroy closes the handles that are ours and turns the loop until they are gone.
 *
 * Ways it fails: libuv cannot be set up (no descriptors left), a signal cannot be watched.
 */
#include "ports/loop.h"
#include "base/mem.h"
#include "ports/loop_uv.h"
#include <assert.h>
#include <stdlib.h>

#define HOOKS_MAX   4
#define SIGNALS_MAX 8

struct hook {
	loop_call *call;
	void *context;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t prepare;
	struct hook hooks[HOOKS_MAX];
	size_t n_hooks;
	uv_signal_t signals[SIGNALS_MAX];
	struct hook on_signal[SIGNALS_MAX];
	size_t n_signals;
};

struct loop_timer {
	uv_timer_t uv;
	struct hook hook;
};

static void on_prepare(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;
	for (size_t i = 0; i < loop->n_hooks; i++) {
		loop->hooks[i].call(loop->hooks[i].context);
	}
}

struct loop *loop_create(struct err *err)
{
	struct loop *loop = mem_new(1, sizeof *loop);
	int status = uv_loop_init(&loop->uv);
	if (status != 0) {
		err_set(err, REMEDY_FATAL, "loop", "starting the event loop: %s",
			uv_strerror(status));
		free(loop);
		return NULL;
	}
	loop->prepare.data = loop;
	uv_prepare_init(&loop->uv, &loop->prepare);
	uv_prepare_start(&loop->prepare, on_prepare);
	uv_unref((uv_handle_t *)&loop->prepare);
	return loop;
}

void loop_destroy(struct loop *loop)
{
	if (loop == NULL) {
		return;
	}
	uv_close((uv_handle_t *)&loop->prepare, NULL);
	for (size_t i = 0; i < loop->n_signals; i++) {
		uv_close((uv_handle_t *)&loop->signals[i], NULL);
	}
	while (uv_run(&loop->uv, UV_RUN_NOWAIT) != 0) {
		/* closing handles report back over a few turns */
	}
	int status = uv_loop_close(&loop->uv);
	assert(status == 0 && "a door was left open");
	(void)status;
	free(loop);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

void loop_on_prepare(struct loop *loop, loop_call *call, void *context)
{
	assert(loop->n_hooks < HOOKS_MAX);
	loop->hooks[loop->n_hooks++] = (struct hook){call, context};
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	struct hook *hook = signal->data;
	hook->call(hook->context);
}

bool loop_on_signal(struct loop *loop, int signal, loop_call *call, void *context, struct err *err)
{
	assert(loop->n_signals < SIGNALS_MAX);
	size_t at = loop->n_signals;
	loop->on_signal[at] = (struct hook){call, context};
	loop->signals[at].data = &loop->on_signal[at];
	int status = uv_signal_init(&loop->uv, &loop->signals[at]);
	if (status == 0) {
		loop->n_signals++;
		status = uv_signal_start(&loop->signals[at], on_signal, signal);
	}
	if (status != 0) {
		return err_set(err, REMEDY_FATAL, "loop", "watching signal %d: %s", signal,
			uv_strerror(status));
	}
	uv_unref((uv_handle_t *)&loop->signals[at]);
	return true;
}

static void on_timer(uv_timer_t *uv)
{
	struct loop_timer *timer = uv->data;
	timer->hook.call(timer->hook.context);
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_call *call, void *context)
{
	struct loop_timer *timer = mem_new(1, sizeof *timer);
	timer->hook = (struct hook){call, context};
	timer->uv.data = timer;
	uv_timer_init(&loop->uv, &timer->uv);
	return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t delay_ms)
{
	/* the loop's idea of now may be stale, and a timer set on it would fire at once */
	uv_update_time(timer->uv.loop);
	uv_timer_start(&timer->uv, on_timer, delay_ms < 0 ? 0 : (uint64_t)delay_ms, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
	uv_timer_stop(&timer->uv);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void loop_timer_destroy(struct loop_timer *timer)
{
	if (timer != NULL) {
		uv_close((uv_handle_t *)&timer->uv, on_timer_closed);
	}
}

uv_loop_t *loop_uv(struct loop *loop)
{
	return &loop->uv;
}
