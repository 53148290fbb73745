/* SPDX-License-Identifier: Apache-2.0
 *
 * The event loop. Rooms above see timers, signals and the two hooks of a turn; only the files of
 * ports/ also see libuv (loop_uv.h).
 *
 * A turn of the loop: timers → prepare → poll → … In prepare the store's transaction of the turn is
 * committed, and only then is what it asks for asked for. Never in check: a commit there would
 * leave timer changes open during a sleeping poll.
 */
#pragma once
#include "base/err.h"
#include <stdint.h>

struct loop;
struct loop_timer;

typedef void loop_call(void *context);

struct loop *loop_create(struct err *err);
/* Closes what is left and frees; everything that uses the loop must have been closed before. */
void loop_destroy(struct loop *loop);
/* Until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Called in the prepare phase of every turn, in the order in which they were added. At most 4. */
void loop_on_prepare(struct loop *loop, loop_call *call, void *context);
/* Called in the loop's thread on that signal. At most 8 signals. */
must_use bool loop_on_signal(
	struct loop *loop, int signal, loop_call *call, void *context, struct err *err);

struct loop_timer *loop_timer_create(struct loop *loop, loop_call *call, void *context);
/* Once, after delay_ms from now (0: next turn); again replaces what was set. */
void loop_timer_start(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_destroy(struct loop_timer *timer);
