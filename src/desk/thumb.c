/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/thumbs/JOB/PAGE: a small picture of the rendered page.
 *
 *  1. The page's raster is looked up in the store; a picture made before is sent from memory.
 *  2. Else the request waits; a caged worker is started and makes one after the other. It gets
 *     the raster read-only and a file in memory to write to.
 *  3. What it made is kept (the newest few) and sent to all who wait for it.
 *  4. A worker without work for a while is let go.
 *
 * Ways it fails: the raster is gone (404), the worker dies (404, and a fresh one for the next).
 */
#include "desk/thumb.h"
#include "base/log.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include "ports/hand.h"
#include "wire/task.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIDE_PX       320
#define PICTURES_KEPT 80
#define PICTURE_BYTES (256 * 1024)
#define IDLE_MS       20000
#define LATE_MS       15000

struct picture {
	char raster[HASH_HEX_MAX];
	unsigned char *bytes;
	size_t len;
};

struct thumbs {
	struct desk *desk;
	struct hand *hand;
	struct loop_timer *timer; /* idle, or late while busy */
	struct link asks;         /* ask.made is the raster's name */
	bool busy;
	int64_t id;
	char raster[HASH_HEX_MAX]; /* under way */
	int output_fd;             /* -1: none */
	struct picture pictures[PICTURES_KEPT];
	size_t next;
	loop_call *closed;
	void *closed_context;
};

static void work(struct thumbs *thumbs);

static void not_there(struct ask *ask)
{
	answer_problem(ask->request, 404, "unknown-page", "there is no picture of this page");
	ask_done(ask);
}

static void send_picture(struct ask *ask, const struct picture *picture)
{
	size_t n;
	struct answer_header headers[8];
	const struct answer_header *guard = guard_headers(&n);
	memcpy(headers, guard, n * sizeof *guard);
	headers[n - 1] = (struct answer_header){"Cache-Control", "private, max-age=3600"};
	listen_answer(ask->request, 200, "image/jpeg", picture->bytes, picture->len, headers, n);
	ask_done(ask);
}

static const struct picture *find_picture(const struct thumbs *thumbs, const char *raster)
{
	for (size_t i = 0; i < PICTURES_KEPT; i++) {
		if (thumbs->pictures[i].len > 0 &&
			strcmp(thumbs->pictures[i].raster, raster) == 0) {
			return &thumbs->pictures[i];
		}
	}
	return NULL;
}

/* Answers all who wait for the raster that was under way. */
static void answer_all(struct thumbs *thumbs, const struct picture *picture)
{
	list_each(link, &thumbs->asks)
	{
		struct ask *ask = list_entry(link, struct ask, link);
		if (strcmp(ask->made, thumbs->raster) != 0) {
			continue;
		}
		if (picture != NULL) {
			send_picture(ask, picture);
		} else {
			not_there(ask);
		}
	}
}

static const struct picture *keep_picture(struct thumbs *thumbs)
{
	struct stat about;
	if (fstat(thumbs->output_fd, &about) != 0 || about.st_size <= 0 ||
		about.st_size > PICTURE_BYTES) {
		return NULL;
	}
	struct picture *picture = &thumbs->pictures[thumbs->next];
	thumbs->next = (thumbs->next + 1) % PICTURES_KEPT;
	free(picture->bytes);
	picture->len = (size_t)about.st_size;
	picture->bytes = mem_new(picture->len, 1);
	text_copy(picture->raster, sizeof picture->raster, thumbs->raster);
	if (pread(thumbs->output_fd, picture->bytes, picture->len, 0) != about.st_size) {
		picture->len = 0;
		return NULL;
	}
	return picture;
}

static void finish(struct thumbs *thumbs, bool fine)
{
	const struct picture *picture = fine ? keep_picture(thumbs) : NULL;
	close(thumbs->output_fd);
	thumbs->output_fd = -1;
	thumbs->busy = false;
	answer_all(thumbs, picture);
	work(thumbs);
}

static void on_frame(void *context, uint16_t type, const json_t *json)
{
	struct thumbs *thumbs = context;
	bool is_this = json_integer_value(json_object_get(json, "id")) == thumbs->id;
	if (type == FRAME_THUMB_DONE && thumbs->busy && is_this) {
		finish(thumbs, json_object_get(json, "err") == NULL);
	}
}

static void on_ended(void *context, const char *how)
{
	struct thumbs *thumbs = context;
	thumbs->hand = NULL;
	if (thumbs->closed != NULL) {
		loop_call *closed = thumbs->closed;
		void *closed_context = thumbs->closed_context;
		thumbs_free(thumbs);
		closed(closed_context);
		return;
	}
	if (thumbs->busy) {
		log_warn("thumb", "the worker ended (%s)", how);
		finish(thumbs, false);
	}
}

static bool start_worker(struct thumbs *thumbs)
{
	static const struct hand_hears hears = {on_frame, on_ended};
	const char *const argv[] = {thumbs->desk->settings->worker_program, "thumb", NULL};
	struct err err;
	thumbs->hand = hand_start(thumbs->desk->loop, argv, &hears, thumbs, &err);
	if (thumbs->hand == NULL) {
		log_warn("thumb", "%s", err.text);
	}
	return thumbs->hand != NULL;
}

/* False: this one can't be made. */
static bool begin(struct thumbs *thumbs, const char *raster)
{
	struct err err;
	text_copy(thumbs->raster, sizeof thumbs->raster, raster);
	int raster_fd = spool_read(farm_spool(thumbs->desk->farm), SPOOL_RASTERS, raster, &err);
	if (raster_fd < 0) {
		return false;
	}
	thumbs->output_fd = memfd_create("thumb", MFD_CLOEXEC);
	int for_worker = thumbs->output_fd >= 0 ? dup(thumbs->output_fd) : -1;
	if (for_worker < 0 || (thumbs->hand == NULL && !start_worker(thumbs))) {
		close(raster_fd);
		if (for_worker >= 0) {
			close(for_worker);
		}
		if (thumbs->output_fd >= 0) {
			close(thumbs->output_fd);
			thumbs->output_fd = -1;
		}
		return false;
	}
	thumbs->busy = true;
	thumbs->id++;
	hand_send(thumbs->hand, FRAME_THUMB_TASK,
		json_pack("{sI si}", "id", (json_int_t)thumbs->id, "side_px", SIDE_PX),
		(int[]){raster_fd, for_worker}, 2);
	loop_timer_start(thumbs->timer, LATE_MS);
	return true;
}

static void work(struct thumbs *thumbs)
{
	while (!thumbs->busy && !list_is_empty(&thumbs->asks)) {
		struct ask *ask = list_entry(thumbs->asks.next, struct ask, link);
		const struct picture *picture = find_picture(thumbs, ask->made);
		if (picture != NULL) {
			send_picture(ask, picture);
		} else if (!begin(thumbs, ask->made)) {
			answer_all(thumbs, NULL);
		}
	}
	if (!thumbs->busy && thumbs->hand != NULL) {
		loop_timer_start(thumbs->timer, IDLE_MS);
	}
}

static void on_timer(void *context)
{
	struct thumbs *thumbs = context;
	if (thumbs->hand != NULL) {
		hand_kill(thumbs->hand); /* late or idle; on_ended goes on */
	}
}

/* The raster of a page that may be shown; "" when there is none. */
static void find_raster(struct ask *ask, char raster[HASH_HEX_MAX])
{
	struct err err;
	int64_t page = -1;
	raster[0] = '\0';
	if (!text_to_int(ask->captures[1], 0, PAGES_MAX - 1, &page)) {
		return;
	}
	struct db_row *row = db_query(view_db(&ask->desk->view),
		"SELECT page.raster FROM page JOIN job ON page.job=job.row WHERE job.id=? AND"
		" page.page=? AND job.private=0 AND page.raster IS NOT NULL"
		" ORDER BY job.epoch DESC LIMIT 1",
		"ti", ask->captures[0], page);
	if (db_next(row)) {
		text_copy(raster, HASH_HEX_MAX, db_text(row, 0));
	}
	if (!db_end(row, &err)) {
		raster[0] = '\0';
	}
}

void thumb_send(struct ask *ask)
{
	struct thumbs *thumbs = ask->desk->thumbs;
	find_raster(ask, ask->made);
	if (ask->made[0] == '\0' || thumbs->closed != NULL) {
		not_there(ask);
		return;
	}
	list_append(&thumbs->asks, &ask->link);
	work(thumbs);
}

struct thumbs *thumbs_create(struct desk *desk)
{
	struct thumbs *thumbs = mem_new(1, sizeof *thumbs);
	thumbs->desk = desk;
	thumbs->output_fd = -1;
	thumbs->timer = loop_timer_create(desk->loop, on_timer, thumbs);
	list_init(&thumbs->asks);
	return thumbs;
}

void thumbs_free(struct thumbs *thumbs)
{
	loop_timer_destroy(thumbs->timer);
	if (thumbs->output_fd >= 0) {
		close(thumbs->output_fd);
	}
	for (size_t i = 0; i < PICTURES_KEPT; i++) {
		free(thumbs->pictures[i].bytes);
	}
	free(thumbs);
}

bool thumbs_close(struct thumbs *thumbs, loop_call *done, void *context)
{
	if (thumbs->hand == NULL) {
		thumbs_free(thumbs);
		return false;
	}
	thumbs->closed = done;
	thumbs->closed_context = context;
	hand_kill(thumbs->hand);
	return true;
}
