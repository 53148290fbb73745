/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of libsystemd.
 *
 *  1. notify_open reads how often the watchdog wants to hear of us.
 *  2. A timer of the loop tells it at half that time: a loop that stands still tells nothing.
 *
 * Ways it fails: none that matters; a message that can't be sent is lost.
 */
#include "config.h"
#include "ports/notify.h"
#include "base/mem.h"
#include <stdlib.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

struct notify {
	struct loop_timer *timer;
	int64_t every_ms;
};

static void say(const char *words)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, words);
#else
	(void)words;
#endif
}

static void on_beat(void *context)
{
	struct notify *notify = context;
	say("WATCHDOG=1");
	loop_timer_start(notify->timer, notify->every_ms);
}

struct notify *notify_open(struct loop *loop)
{
	struct notify *notify = mem_new(1, sizeof *notify);
	notify->timer = loop_timer_create(loop, on_beat, notify);
#ifdef HAVE_SYSTEMD
	uint64_t usec = 0;
	if (sd_watchdog_enabled(0, &usec) > 0) {
		notify->every_ms = (int64_t)(usec / 2000);
		loop_timer_start(notify->timer, notify->every_ms);
	}
#endif
	return notify;
}

void notify_ready(struct notify *notify)
{
	(void)notify;
	say("READY=1");
}

void notify_stopping(struct notify *notify)
{
	(void)notify;
	say("STOPPING=1");
}

void notify_close(struct notify *notify)
{
	if (notify != NULL) {
		loop_timer_destroy(notify->timer);
		free(notify);
	}
}
