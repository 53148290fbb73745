/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/jobs/JOB:rerender: a page of an old job made once more from its pinned recipe, and what
 * differs.
 *
 *  1. The page's recipe and raster are read from the store; its photo must still be in the spool.
 *  2. A render server of its own, with the least priority, makes it into memory: the floor's own
 * has its work to do, and nothing of this enters the cache.
 *  3. The same bytes: that is the answer. Else, where the page of then is still here, a caged
 * worker compares the two, pixel by pixel.
 *
 * The engine, and the profile's file, are those of now, since there are no others; the answer says
 * where they are not those of then. One at a time; a few may wait.
 *
 * Ways it fails: no such page (404), the photo is gone (422, with what to do), a worker dies or is
 * late (503).
 */
#include "desk/rerender_own.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define LATE_MS     (4 * MINUTE_MS)
#define WAITING_MAX 8
#define NICE        19

static void work(struct rerenders *all);

/* ---- the answer ---- */

static void end(struct rerenders *all)
{
	for (int i = 0; i < 2; i++) {
		if (all->helpers[i].hand != NULL) {
			hand_kill(all->helpers[i].hand);
		}
	}
	if (all->page_fd >= 0) {
		close(all->page_fd);
		all->page_fd = -1;
	}
	json_decref(all->differs);
	all->differs = NULL;
	all->busy = false;
	loop_timer_stop(all->timer);
	work(all); /* once the helpers are gone */
}

static void refuse(struct rerenders *all, const struct err *err)
{
	struct ask *ask = all->present;
	all->present = NULL;
	if (ask != NULL) {
		answer_err(ask, err);
	}
	end(all);
}

static const char *words_of(const struct rerenders *all, bool same)
{
	bool others = json_array_size(all->differs) > 0;
	return same ? (others ? "the same bytes, though not all is as it was"
			      : "the same bytes as then")
		    : "not the same as then";
}

static void answer(struct rerenders *all)
{
	struct ask *ask = all->present;
	int64_t page = 0;
	all->present = NULL;
	if (ask == NULL) {
		end(all);
		return;
	}
	(void)text_to_int(ask->made, 0, PAGES_MAX, &page);
	bool same = strcmp(all->then.sha256, all->now.sha256) == 0;
	bool same_pixels = strcmp(all->then.pixels_sha256, all->now.pixels_sha256) == 0;
	json_t *value = json_pack("{ss sI sb sb ss sO so so}", "job", ask->captures[0], "page",
		(json_int_t)page, "same", same, "same_pixels", same_pixels, "say",
		words_of(all, same), "differs", all->differs, "then", raster_to_json(&all->then),
		"now", raster_to_json(&all->now));
	answer_json(ask, 200, value);
	end(all);
}

/* ---- pixel by pixel ---- */

static void on_compared(struct rerenders *all, const json_t *json)
{
	char say[200];
	const json_t *fault = json_object_get(json, "err");
	const char *sha256 = json_string_value(json_object_get(json, "sha256"));
	long long differing = json_integer_value(json_object_get(json, "differing"));
	long long of = json_integer_value(json_object_get(json, "pixels"));
	long long difference = json_integer_value(json_object_get(json, "most"));
	bool was_it = sha256 != NULL && strcmp(sha256, all->then.sha256) == 0;
	if (fault == NULL && was_it) {
		snprintf(say, sizeof say, "%lld of %lld pixels differ, by %lld of 255 at most",
			differing, of, difference);
		json_array_append_new(
			all->differs, json_pack("{ss sI sI sI ss}", "what", "pixels", "differing",
					      (json_int_t)differing, "pixels", (json_int_t)of,
					      "most", (json_int_t)difference, "say", say));
	} else {
		rerender_differs(all, "pixels", all->then.pixels_sha256, all->now.pixels_sha256,
			was_it ? "the pixels differ"
			       : "the pixels differ; by how much can't be said, the page of then "
				 "has changed on the disk");
	}
	answer(all);
}

static bool start(struct rerenders *all, int which);

static void compare(struct rerenders *all)
{
	struct err err;
	int then_fd = spool_read(farm_spool(all->desk->farm), SPOOL_RASTERS, all->name, &err);
	if (then_fd < 0) {
		rerender_differs(all, "pixels", all->then.pixels_sha256, all->now.pixels_sha256,
			"the pixels differ; by how much can't be said, the page of then is not "
			"kept any more");
		answer(all);
		return;
	}
	int now_fd = dup(all->page_fd);
	if (now_fd < 0 || !start(all, COMPARE)) {
		close(then_fd);
		fd_close(now_fd);
		err_set(&err, REMEDY_RETRY, "busy", "no worker could be started: try again");
		refuse(all, &err);
		return;
	}
	hand_send(all->helpers[COMPARE].hand, FRAME_COMPARE_TASK, json_pack("{sI}", "id", 1),
		(int[]){then_fd, now_fd}, 2);
}

static void on_result(struct rerenders *all, const json_t *json)
{
	struct render_result result;
	struct err err;
	if (!render_result_from_json(json, &result, &err)) {
		refuse(all, &err);
		return;
	}
	if (!result.fine) {
		err_set(&err, REMEDY_REJECT, "not-rendered", "it can't be rendered now: %.300s",
			result.err.text);
		refuse(all, &err);
		return;
	}
	all->now = result.raster;
	if (strcmp(all->then.sha256, all->now.sha256) == 0) {
		answer(all);
	} else if (strcmp(all->then.pixels_sha256, all->now.pixels_sha256) == 0) {
		rerender_differs(all, "encoding", all->then.sha256, all->now.sha256,
			"all pixels are the same; the file is written otherwise");
		answer(all);
	} else {
		compare(all);
	}
}

/* ---- the render server of its own ---- */

static void on_hello(struct rerenders *all, const json_t *json)
{
	struct err err;
	int profile_fd = -1;
	char engine[RECIPE_ENGINE_MAX];
	char font[RECIPE_FONT_MAX] = "";
	int asset_fd = spool_read(
		farm_spool(all->desk->farm), SPOOL_ASSETS, all->task.recipe.asset_sha256, &err);
	all->page_fd = memfd_create("page", MFD_CLOEXEC);
	int output_fd = all->page_fd < 0 ? -1 : dup(all->page_fd);
	if (asset_fd >= 0 && output_fd < 0) {
		err_set(&err, REMEDY_RETRY, "busy", "no memory for the page: %s", strerror(errno));
	}
	if (asset_fd < 0 || output_fd < 0 || !rerender_take_profile(all, &profile_fd, &err) ||
		!json_need_text(json, "engine", engine, sizeof engine, &err) ||
		!json_take_text(json, "font", font, sizeof font, &err) ||
		!rerender_take_font(all, font, &err)) {
		int fds[] = {asset_fd, output_fd, profile_fd};
		fds_close(fds, 3);
		refuse(all, &err);
		return;
	}
	rerender_take_engine(all, engine);
	rerender_take_product(all);
	hand_send(all->helpers[RENDER].hand, FRAME_RENDER_TASK, render_task_to_json(&all->task),
		(int[]){asset_fd, output_fd, profile_fd}, 3);
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	struct helper *helper = context;
	struct rerenders *all = helper->all;
	if (!all->busy) {
		return;
	}
	if (type == FRAME_RENDER_HELLO) {
		on_hello(all, json);
	} else if (type == FRAME_RENDER_RESULT) {
		on_result(all, json);
	} else if (type == FRAME_COMPARE_DONE) {
		on_compared(all, json);
	}
}

static void close_when_alone(struct rerenders *all)
{
	if (all->helpers[RENDER].hand == NULL && all->helpers[COMPARE].hand == NULL) {
		loop_call *closed = all->closed;
		void *context = all->closed_context;
		rerenders_free(all);
		closed(context);
	}
}

static void on_ended(void *context, const char *how)
{
	struct helper *helper = context;
	struct rerenders *all = helper->all;
	struct err err;
	helper->hand = NULL;
	if (all->closed != NULL) {
		close_when_alone(all);
		return;
	}
	if (all->busy) {
		err_set(&err, REMEDY_RETRY, "busy", "the worker ended (%s): try again", how);
		refuse(all, &err);
		return;
	}
	work(all);
}

static bool start(struct rerenders *all, int which)
{
	static const struct hand_hears hears = {on_frame, on_ended};
	const char *program = all->desk->settings->worker_program;
	const char *const render[] = {program, "render", "1", NULL};
	const char *const compare[] = {program, "thumb", NULL};
	struct helper *helper = &all->helpers[which];
	struct err err;
	helper->hand = hand_start(
		all->desk->loop, which == RENDER ? render : compare, &hears, helper, &err);
	if (helper->hand == NULL) {
		log_warn("rerender", "%s", err.text);
		return false;
	}
	(void)setpriority(PRIO_PROCESS, (id_t)hand_pid(helper->hand), NICE);
	return true;
}

static void on_late(void *context)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "busy", "it took more than four minutes: try again later");
	refuse(context, &err);
}

/* ---- what was asked ---- */

static void work(struct rerenders *all)
{
	struct err err;
	bool helpers_left = all->helpers[RENDER].hand != NULL || all->helpers[COMPARE].hand != NULL;
	if (all->busy || helpers_left || all->closed != NULL || list_is_empty(&all->asks)) {
		return;
	}
	struct ask *ask = list_entry(all->asks.next, struct ask, link);
	list_remove(&ask->link);
	all->present = ask;
	all->busy = true;
	all->differs = json_array();
	if (!rerender_find_page(all, ask, &err) || !rerender_find_photo(all, &err)) {
		refuse(all, &err);
		return;
	}
	if (!start(all, RENDER)) {
		err_set(&err, REMEDY_RETRY, "busy", "no worker could be started: try again");
		refuse(all, &err);
		return;
	}
	loop_timer_start(all->timer, LATE_MS);
}

static bool take_wish(struct ask *ask, char token[ULID_MAX], struct err *err)
{
	size_t len;
	int64_t page = 1;
	const char *text = request_body(ask->request, &len);
	json_t *body = json_read(text, len, err);
	bool fine = body != NULL && json_is_object(body);
	if (body != NULL && !fine) {
		err_set(err, REMEDY_REJECT, "field", "the body must be an object");
	}
	fine = fine && json_need_text(body, "token", token, ULID_MAX, err) &&
	       json_take_int(body, "page", 1, PAGES_MAX, &page, err);
	json_decref(body);
	snprintf(ask->made, sizeof ask->made, "%d", (int)page - 1);
	return fine;
}

static int32_t count_waiting(const struct rerenders *all)
{
	int32_t n = 0;
	list_each(at, &all->asks)
	{
		n++;
	}
	return n;
}

void rerender_gone(const struct ask *ask)
{
	struct rerenders *all = ask->desk->rerenders;
	if (all != NULL && all->present == ask) {
		all->present = NULL; /* what was begun is finished, for nobody */
	}
}

void rerender_open(struct ask *ask)
{
	struct rerenders *all = ask->desk->rerenders;
	struct err err;
	char token[ULID_MAX];
	if (!take_wish(ask, token, &err)) {
		answer_err(ask, &err);
	} else if (answer_repeated(ask, token)) {
		/* it was answered */
	} else if (all->closed != NULL || count_waiting(all) >= WAITING_MAX) {
		err_set(&err, REMEDY_RETRY, "busy", "%d pages wait to be rendered again: later",
			(int)count_waiting(all));
		answer_err(ask, &err);
	} else {
		list_append(&all->asks, &ask->link);
		work(all);
	}
}

/* ---- life ---- */

struct rerenders *rerenders_create(struct desk *desk)
{
	struct rerenders *all = mem_new(1, sizeof *all);
	all->desk = desk;
	all->page_fd = -1;
	all->helpers[RENDER].all = all->helpers[COMPARE].all = all;
	all->timer = loop_timer_create(desk->loop, on_late, all);
	list_init(&all->asks);
	return all;
}

void rerenders_free(struct rerenders *all)
{
	loop_timer_destroy(all->timer);
	fd_close(all->page_fd);
	json_decref(all->differs);
	free(all);
}

bool rerenders_close(struct rerenders *all, loop_call *done, void *context)
{
	bool alone = true;
	for (int i = 0; i < 2; i++) {
		if (all->helpers[i].hand != NULL) {
			hand_kill(all->helpers[i].hand);
			alone = false;
		}
	}
	if (alone) {
		rerenders_free(all);
		return false;
	}
	all->closed = done;
	all->closed_context = context;
	return true;
}
