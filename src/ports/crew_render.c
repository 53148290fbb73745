/* SPDX-License-Identifier: Apache-2.0
 *
 * The render server's bench: a queue of tasks, at most so many at once.
 *
 *  1. A task waits until the server is warm and has a place free.
 *  2. Its descriptors are opened here (asset, a new raster file, the device profile) and sent
 * along.
 *  3. The result of a rendering is checked: the file's length and hash must be what the worker
 * said, piece by piece over several turns, so that the loop never stands still.
 *  4. The raster is kept by the spool; only then is the farm told.
 *
 * A task that takes long lends its place to the next, and the server lowers its priority
 * (worker/serve.c): a bomb takes 30 s before it is stopped, and the good photos behind it must not
 * wait for that. So up to twice as many are at work.
 *
 * Ways it fails: the server dies (all its tasks are answered RETRY, it comes back); a task dies or
 * refuses (the server's result says so); a task is late (cancelled, then the server is killed); the
 * disk is full.
 */
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/crew_slot.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LATE_LOOK_MS    500
#define CANCEL_GRACE_MS 2000
#define LENT_AFTER_MS   2000 /* a task that takes longer lends its place */
#define LENT_MOST       2    /* times the places, at work in all */

void slot_answer(struct slot *slot)
{
	struct crew *crew = slot->bench->crew;
	list_remove(&slot->link);
	if (slot->output_fd >= 0) {
		close(slot->output_fd);
		if (!crew->closing) { /* else the spool is gone; a new one begins with nothing there
				       */
			spool_drop(crew->spool, slot->ask.raster_name);
		}
	}
	if (!crew->closing) {
		crew->hears->rendered(crew->farm, slot->ask.job_row, slot->ask.page,
			slot->ask.task.what, slot->ask.raster_name, &slot->result);
	}
	if (!crew->closing) {
		loop_timer_start(slot->bench->soon, 0); /* a twin may have waited for it */
	}
	hash_destroy(slot->hash);
	loop_timer_destroy(slot->timer);
	free(slot);
}

void slot_fail(struct slot *slot, const struct err *err)
{
	slot->result.fine = false;
	slot->result.err = *err;
	slot_answer(slot);
}

/* ---- sending tasks ---- */

static int open_profile(const struct crew *crew, const char *name, struct err *err)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/icc/%s", crew->conf.profiles_folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, REMEDY_RETRY, "profile-missing", "opening the profile %s: %s", path,
			strerror(errno));
	}
	return fd;
}

static bool open_files(struct slot *slot, int fds[HAND_FDS_MAX], size_t *n, struct err *err)
{
	const struct crew *crew = slot->bench->crew;
	fds[0] = spool_read(crew->spool, SPOOL_ASSETS, slot->ask.asset_sha256, err);
	if (fds[0] < 0) {
		return false;
	}
	*n = 1;
	if (slot->ask.task.what == RENDER_INSPECT) {
		return true;
	}
	slot->output_fd = spool_new_raster(crew->spool, slot->ask.raster_name, err);
	fds[1] = slot->output_fd < 0 ? -1 : fcntl(slot->output_fd, F_DUPFD_CLOEXEC, 0);
	fds[2] = fds[1] < 0 ? -1 : open_profile(crew, slot->ask.task.recipe.profile, err);
	*n = 3;
	return fds[2] >= 0;
}

static void send_task(struct slot *slot)
{
	struct render_bench *bench = slot->bench;
	int fds[HAND_FDS_MAX] = {-1, -1, -1};
	size_t n = 0;
	struct err err;
	list_remove(&slot->link);
	if (!open_files(slot, fds, &n, &err)) {
		fds_close(fds, HAND_FDS_MAX);
		slot_fail(slot, &err);
		return;
	}
	slot->ask.task.id = ++bench->next_id;
	slot->begun_ms = clock_boot_ms();
	slot->until_ms = slot->begun_ms + slot->ask.deadline_ms;
	list_append(&bench->working, &slot->link);
	bench->n_working++;
	hand_send(bench->hand, FRAME_RENDER_TASK, render_task_to_json(&slot->ask.task), fds, n);
	loop_timer_start(bench->late, LATE_LOOK_MS);
}

static bool makes(struct link *head, const char *raster_name)
{
	list_each(at, head)
	{
		struct slot *slot = list_entry(at, struct slot, link);
		if (slot->ask.task.what == RENDER_RENDER &&
			strcmp(slot->ask.raster_name, raster_name) == 0) {
			return true;
		}
	}
	return false;
}

/* The first that can begin. Two orders of one picture have one raster: a file that is being made is
 * not begun a second time, since each would take the other's for its own. */
static struct slot *next_task(struct render_bench *bench)
{
	list_each(at, &bench->waiting)
	{
		struct slot *slot = list_entry(at, struct slot, link);
		bool twin = slot->ask.task.what == RENDER_RENDER &&
			    (makes(&bench->working, slot->ask.raster_name) ||
				    makes(&bench->checking, slot->ask.raster_name));
		if (!twin) {
			return slot;
		}
	}
	return NULL;
}

static bool has_place(struct render_bench *bench)
{
	int32_t places = bench->crew->conf.render_tasks, held = 0;
	int64_t lent_before_ms = clock_boot_ms() - LENT_AFTER_MS;
	list_each(at, &bench->working)
	{
		held += list_entry(at, struct slot, link)->begun_ms > lent_before_ms;
	}
	return held < places && bench->n_working < LENT_MOST * places;
}

static void pump(void *context)
{
	struct render_bench *bench = context;
	while (bench->hand != NULL && bench->warm && has_place(bench)) {
		struct slot *slot = next_task(bench);
		if (slot == NULL) {
			break;
		}
		send_task(slot);
	}
}

static struct slot *find_working(struct render_bench *bench, int64_t id)
{
	list_each(at, &bench->working)
	{
		struct slot *slot = list_entry(at, struct slot, link);
		if (slot->ask.task.id == id) {
			return slot;
		}
	}
	return NULL;
}

static void on_result(struct render_bench *bench, const json_t *json)
{
	struct render_result result;
	struct err err;
	if (!render_result_from_json(json, &result, &err)) {
		log_warn("crew", "render server answered badly, killed: %s", err.text);
		hand_kill(bench->hand);
		return;
	}
	struct slot *slot = find_working(bench, result.id);
	if (slot == NULL) {
		return;
	}
	bench->n_working--;
	list_remove(&slot->link);
	slot->result = result;
	if (result.fine && slot->ask.task.what == RENDER_RENDER) {
		slot_check(slot);
	} else {
		slot_answer(slot);
	}
	pump(bench);
}

static void on_hello(struct render_bench *bench, const json_t *json)
{
	struct err err;
	bench->font[0] = '\0';
	if (!json_need_text(json, "engine", bench->engine, sizeof bench->engine, &err) ||
		!json_take_text(json, "font", bench->font, sizeof bench->font, &err)) {
		log_warn("crew", "render server said no engine, killed: %s", err.text);
		hand_kill(bench->hand);
		return;
	}
	bench->warm = true;
	log_info("crew", "render server is warm, pid=%d engine=\"%s\"", hand_pid(bench->hand),
		bench->engine);
	bench->crew->hears->engine(bench->crew->farm, bench->engine, bench->font);
	pump(bench);
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	struct render_bench *bench = context;
	if (type == FRAME_RENDER_HELLO) {
		on_hello(bench, json);
	} else if (type == FRAME_RENDER_RESULT) {
		on_result(bench, json);
	}
}

/* ---- the server's life ---- */

static void on_ended(void *context, const char *how)
{
	struct render_bench *bench = context;
	struct crew *crew = bench->crew;
	bench->hand = NULL;
	bench->warm = false;
	bench->n_working = 0;
	struct err err;
	err_set(&err, REMEDY_RETRY, "render-server", "the render server ended (%s)", how);
	list_each(at, &bench->working)
	{
		slot_fail(list_entry(at, struct slot, link), &err);
	}
	if (!crew->closing) {
		int64_t wait_ms = restart_wait_ms(&bench->restart);
		log_warn("crew", "render server ended (%s), again in %lld ms", how,
			(long long)wait_ms);
		loop_timer_start(bench->restart.timer, wait_ms);
	}
	crew_hand_ended(crew);
}

static bool start(struct render_bench *bench, struct err *err)
{
	static const struct hand_hears hears = {.frame = on_frame, .ended = on_ended};
	struct crew *crew = bench->crew;
	char tasks[16];
	snprintf(tasks, sizeof tasks, "%d", (int)(LENT_MOST * crew->conf.render_tasks));
	const char *argv[] = {crew->conf.program, "render", tasks, NULL};
	bench->hand = hand_start(crew->loop, argv, &hears, bench, err);
	bench->restart.born_ms = clock_boot_ms();
	crew->hands += bench->hand != NULL;
	return bench->hand != NULL;
}

static void on_restart(void *context)
{
	struct render_bench *bench = context;
	struct err err;
	if (!bench->crew->closing && !start(bench, &err)) {
		log_error("crew", "%s", err.text);
		loop_timer_start(bench->restart.timer, restart_wait_ms(&bench->restart));
	}
}

static void look_for_late(void *context)
{
	struct render_bench *bench = context;
	int64_t now_ms = clock_boot_ms();
	list_each(at, &bench->working)
	{
		struct slot *slot = list_entry(at, struct slot, link);
		if (now_ms < slot->until_ms || bench->hand == NULL) {
			continue;
		}
		if (slot->cancelled) {
			hand_kill(bench->hand); /* it does not even cancel */
			break;
		}
		slot->cancelled = true;
		slot->until_ms = now_ms + CANCEL_GRACE_MS;
		hand_send(bench->hand, FRAME_RENDER_CANCEL,
			json_pack("{s:I}", "id", (json_int_t)slot->ask.task.id), NULL, 0);
	}
	pump(bench); /* one may have lent its place */
	if (!list_is_empty(&bench->working)) {
		loop_timer_start(bench->late, LATE_LOOK_MS);
	}
}

bool render_bench_open(struct crew *crew, struct err *err)
{
	struct render_bench *bench = &crew->render;
	bench->crew = crew;
	list_init(&bench->waiting);
	list_init(&bench->working);
	list_init(&bench->checking);
	bench->soon = loop_timer_create(crew->loop, pump, bench);
	bench->late = loop_timer_create(crew->loop, look_for_late, bench);
	bench->restart.timer = loop_timer_create(crew->loop, on_restart, bench);
	return start(bench, err);
}

void render_bench_ask(struct render_bench *bench, const struct render_ask *ask)
{
	struct slot *slot = mem_new(1, sizeof *slot);
	*slot = (struct slot){.bench = bench, .ask = *ask, .output_fd = -1};
	list_append(&bench->waiting, &slot->link);
	loop_timer_start(bench->soon, 0);
}

void render_bench_cancel(struct render_bench *bench, int64_t job_row)
{
	list_each(at, &bench->working)
	{
		struct slot *slot = list_entry(at, struct slot, link);
		if (slot->ask.job_row == job_row) {
			slot->until_ms = 0; /* late at the next look */
			loop_timer_start(bench->late, 0);
		}
	}
	list_each(waiting, &bench->waiting)
	{
		struct slot *slot = list_entry(waiting, struct slot, link);
		if (slot->ask.job_row == job_row) {
			slot->ask.deadline_ms = 0;
		}
	}
}

void render_bench_close(struct render_bench *bench)
{
	if (bench->soon == NULL) {
		return;
	}
	loop_timer_stop(bench->soon);
	loop_timer_stop(bench->late);
	loop_timer_stop(bench->restart.timer);
	if (bench->hand != NULL) {
		hand_kill(bench->hand);
	}
}

static void forget_all(struct link *head)
{
	list_each(at, head)
	{
		slot_answer(list_entry(at, struct slot, link));
	}
}

void render_bench_free(struct render_bench *bench)
{
	if (bench->soon == NULL) {
		return;
	}
	forget_all(&bench->waiting);
	forget_all(&bench->working);
	forget_all(&bench->checking);
	loop_timer_destroy(bench->soon);
	loop_timer_destroy(bench->late);
	loop_timer_destroy(bench->restart.timer);
}
