/* SPDX-License-Identifier: Apache-2.0
 *
 * Virtual time: what will happen, in order, and the clocks that the floor is given.
 */
#include "sim/own.h"
#include <stdio.h>

int64_t sim_jitter(struct sim *sim, int64_t ms)
{
	return !sim->conf.jitter || ms == 0
		       ? ms
		       : ms / 2 + (int64_t)(sim_random(&sim->random) % (uint64_t)(ms + 1));
}

static bool is_sooner(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

static void sift_up(struct sim *sim, size_t at)
{
	struct sim_event event = sim->events[at];
	for (; at > 0 && is_sooner(&event, &sim->events[(at - 1) / 2]); at = (at - 1) / 2) {
		sim->events[at] = sim->events[(at - 1) / 2];
	}
	sim->events[at] = event;
}

static void sift_down(struct sim *sim, size_t at)
{
	struct sim_event event = sim->events[at];
	for (size_t child; (child = 2 * at + 1) < sim->n_events; at = child) {
		bool right = child + 1 < sim->n_events &&
			     is_sooner(&sim->events[child + 1], &sim->events[child]);
		child += right;
		if (!is_sooner(&sim->events[child], &event)) {
			break;
		}
		sim->events[at] = sim->events[child];
	}
	sim->events[at] = event;
}

void sim_later(struct sim *sim, int64_t delay_ms, bool mortal, sim_act *act, void (*drop)(void *),
	void *data)
{
	if (sim->n_events == sim->room_events) {
		sim->room_events = sim->room_events == 0 ? 256 : 2 * sim->room_events;
		sim->events = mem_resize(sim->events, sim->room_events, sizeof *sim->events);
	}
	sim->events[sim->n_events] = (struct sim_event){.at_ms = sim->now_ms + delay_ms,
		.number = sim->events_made++,
		.mortal = mortal,
		.act = act,
		.drop = drop,
		.data = data};
	sift_up(sim, sim->n_events++);
}

struct sim_event sim_take_next(struct sim *sim)
{
	struct sim_event next = sim->events[0];
	sim->events[0] = sim->events[--sim->n_events];
	if (sim->n_events > 0) {
		sift_down(sim, 0);
	}
	return next;
}

void sim_drop_events(struct sim *sim, bool only_mortal)
{
	size_t kept = 0;
	for (size_t i = 0; i < sim->n_events; i++) {
		struct sim_event event = sim->events[i];
		if (only_mortal && !event.mortal) {
			sim->events[kept++] = event;
		} else if (event.drop != NULL) {
			event.drop(event.data);
		}
	}
	sim->n_events = kept;
	for (size_t i = kept / 2; i-- > 0;) {
		sift_down(sim, i);
	}
}

/* ---- the floor's clocks ---- */

static int64_t clock_now(void *self)
{
	struct sim *sim = self;
	return sim->now_ms - sim->booted_ms + 1; /* 0 means "no time" to the farm */
}

static int64_t clock_wall(void *self)
{
	struct sim *sim = self;
	return sim->wall_at_zero_ms + sim->now_ms;
}

static uint64_t clock_chance(void *self)
{
	struct sim *sim = self;
	return sim_random(&sim->random);
}

static void clock_boot(void *self, char id[CLOCK_BOOT_ID_MAX])
{
	const struct sim *sim = self;
	snprintf(id, CLOCK_BOOT_ID_MAX, "sim-boot-%lld", (long long)sim->booted_ms);
}

static void on_wake(struct sim *sim, void *data)
{
	(void)data;
	if (sim->wake_ms == sim->now_ms) {
		sim->wake_ms = -1;
		farm_wake(sim->farm);
	}
}

static void clock_wake_at(void *self, int64_t at_ms)
{
	struct sim *sim = self;
	int64_t at = sim->booted_ms + at_ms - 1;
	sim->wake_ms = at > sim->now_ms ? at : sim->now_ms;
	sim_later(sim, sim->wake_ms - sim->now_ms, true, on_wake, NULL, NULL);
}

const struct clock_ops sim_clock_ops = {
	.now_ms = clock_now,
	.wall_ms = clock_wall,
	.wake_at = clock_wake_at,
	.chance = clock_chance,
	.boot_id = clock_boot,
};

int64_t sim_now(const struct sim *sim)
{
	return sim->now_ms;
}

int64_t sim_life(const struct sim *sim)
{
	return sim->life;
}

void sim_set_wall(struct sim *sim, int64_t wall_ms)
{
	sim->wall_at_zero_ms = wall_ms - sim->now_ms;
}
