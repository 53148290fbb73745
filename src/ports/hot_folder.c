/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot folder's door: a queue of asks, each carried out beside the loop.
 *
 *  1. An ask is put into the queue. One at a time runs, as a work of libuv's pool: a folder on a
 *     network that does not answer holds up one thread, and neither the loop nor the spool's syncs.
 *  2. look: what lies there, against what lay there at the look before (hot_look.c). Looking again
 *     and again is the truth: of what comes over a network the kernel tells nothing.
 *  3. words, read: its sidecar or print order; the file, copied into the spool and hashed on the
 *     way. It lies where it lay, so that a writer that opens it by its name finds it there.
 *  4. take: a folder of its own in the working folder, under its key: first the ticket, then the
 *     thing itself, each synced. From there nobody finds it by its name any more, and after a kill
 *     or a power cut it is found under the same key.
 *  5. finish: the folder becomes done/L-KEY. refuse: refused/NAME and NAME.txt.
 *
 * A work touches its own memory, and what hot_own.h says is its; it makes no log line and asks the
 * spool for nothing but to write into a file that is already open. Everything else is done on the
 * loop, before it begins or after it has ended.
 *
 * Ways it fails: the folder is away or shut (RETRY, shown, tried at each look); a file is written
 * while it is read or taken (RETRY; if taken, it is read again where it then lies); the spool's
 * disk is full (RETRY). A mount that hangs for ever keeps its one work for ever, and closing waits
 * for that: who stops the daemon then has to kill it, which harms nothing.
 */
#include "ports/hot_own.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void start_next(struct hot_folder *hot);

static void work_free(struct hot_work *work)
{
	if (work->fd >= 0) {
		close(work->fd);
		spool_drop(work->hot->spool, work->incoming);
	}
	for (size_t i = 0; work->sight != NULL && i < work->sight->n_found; i++) {
		free(work->sight->found[i].ticket);
	}
	free(work->sight);
	buf_fini(&work->words);
	free(work->text);
	free(work);
}

static void close_when_idle(struct hot_folder *hot)
{
	if (hot->closing && hot->running == NULL && hot->n_keeping == 0) {
		loop_timer_start(hot->closed_timer, 0);
	}
}

/* ---- answers ---- */

static void tell_look(struct hot_work *work)
{
	work->hot->hears->looked(work->hot->farm, work->sight);
}

static void tell_words(struct hot_work *work)
{
	work->hot->hears->words(work->hot->farm, work->id, buf_get(&work->words), work->words.len,
		work->fine ? NULL : &work->err);
}

static void tell_read(struct hot_work *work)
{
	work->hot->hears->read(
		work->hot->farm, work->id, &work->file, work->fine ? NULL : &work->err);
}

static void tell_taken(struct hot_work *work)
{
	work->hot->hears->taken(
		work->hot->farm, work->id, work->changed, work->fine ? NULL : &work->err);
}

static void tell_finished(struct hot_work *work)
{
	work->hot->hears->finished(
		work->hot->farm, work->id, work->changed, work->fine ? NULL : &work->err);
}

static void tell_refused(struct hot_work *work)
{
	work->hot->hears->refused(work->hot->farm, work->id, work->fine ? NULL : &work->err);
}

static void tell_nobody(struct hot_work *work)
{
	(void)work;
}

static const struct {
	void (*act)(struct hot_work *work);  /* in the thread */
	void (*tell)(struct hot_work *work); /* on the loop */
} whats[] = {
	[HOT_LOOK] = {hot_look, tell_look},
	[HOT_WORDS] = {hot_words, tell_words},
	[HOT_READ] = {hot_read, tell_read},
	[HOT_TAKE] = {hot_take, tell_taken},
	[HOT_FINISH] = {hot_finish, tell_finished},
	[HOT_REFUSE] = {hot_refuse, tell_refused},
	[HOT_LEAVE] = {hot_leave, tell_nobody},
};

static void answer(struct hot_work *work)
{
	struct hot_folder *hot = work->hot;
	if (!hot->closing) {
		whats[work->what].tell(work);
	}
	work_free(work);
	close_when_idle(hot);
}

/* ---- a read ends in the spool ---- */

static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct hot_work *work = context;
	(void)id;
	(void)name;
	work->hot->n_keeping--;
	work->fine = err == NULL;
	if (err != NULL) {
		work->err = *err;
	}
	answer(work);
}

/* True: the spool will tell. */
static bool keep(struct hot_work *work)
{
	struct hot_folder *hot = work->hot;
	if (work->what != HOT_READ || !work->fine || hot->closing) {
		return false;
	}
	if (spool_has(hot->spool, SPOOL_ASSETS, work->file.sha256, NULL)) {
		work->file.was_there = true;
		return false; /* the same picture was here before */
	}
	int fd = work->fd;
	work->fd = -1;
	hot->n_keeping++;
	spool_keep_asset_as(
		hot->spool, work->incoming, work->file.sha256, fd, on_kept, work, work->id);
	return true;
}

static void judge_write(struct hot_work *work)
{
	if (work->write_error != 0) {
		work->fine = spool_fault(work->hot->spool, work->write_error, &work->err,
			"receiving", work->incoming);
	}
}

/* ---- the queue ---- */

static void act(uv_work_t *request)
{
	struct hot_work *work = request->data;
	if (work->prepared) {
		whats[work->what].act(work);
	}
}

static void on_acted(uv_work_t *request, int status)
{
	struct hot_work *work = request->data;
	struct hot_folder *hot = work->hot;
	(void)status; /* nobody cancels it */
	hot->running = NULL;
	judge_write(work);
	if (!keep(work)) {
		answer(work);
	}
	start_next(hot);
}

/* The file of the spool that it is copied into; false: there is no room for it. */
static bool prepare(struct hot_work *work)
{
	struct hot_folder *hot = work->hot;
	int64_t have_bytes = 0;
	unsigned char chance[16];
	if (work->what != HOT_READ) {
		return true;
	}
	random_bytes(chance, sizeof chance);
	hash_hex_of(chance, sizeof chance, work->incoming);
	work->fd = spool_incoming(hot->spool, work->incoming,
		work->path[0] == '\0' ? work->drop.print.bytes : 0, &have_bytes, &work->err);
	return work->fd >= 0;
}

static void start_next(struct hot_folder *hot)
{
	if (hot->running != NULL || hot->closing || list_is_empty(&hot->waiting)) {
		return;
	}
	struct hot_work *work = list_entry(hot->waiting.next, struct hot_work, link);
	list_remove(&work->link);
	hot->running = work;
	work->request.data = work;
	work->prepared = prepare(work);
	uv_queue_work(loop_uv(hot->loop), &work->request, act, on_acted);
}

static struct hot_work *work_new(
	struct hot_folder *hot, enum hot_what what, int64_t id, const struct drop *drop)
{
	struct hot_work *work = mem_new(1, sizeof *work);
	*work = (struct hot_work){.hot = hot, .what = what, .id = id, .fd = -1};
	list_init(&work->link);
	if (drop != NULL) {
		work->drop = *drop;
	}
	return work;
}

static void put(struct hot_work *work)
{
	list_append(&work->hot->waiting, &work->link);
	start_next(work->hot);
}

/* ---- the table of the door ---- */

static void ask_look(void *self, int32_t want)
{
	struct hot_work *work = work_new(self, HOT_LOOK, 0, NULL);
	work->want = want < HOT_FOUND_MAX ? want : HOT_FOUND_MAX;
	work->sight = mem_new(1, sizeof *work->sight);
	put(work);
}

static void ask_words(void *self, int64_t id, const struct drop *drop)
{
	put(work_new(self, HOT_WORDS, id, drop));
}

static void ask_read(
	void *self, int64_t id, const struct drop *drop, const char *path, int64_t most_bytes)
{
	struct hot_work *work = work_new(self, HOT_READ, id, drop);
	text_copy(work->path, sizeof work->path, path);
	work->most_bytes = most_bytes;
	put(work);
}

static void ask_take(void *self, int64_t id, const struct drop *drop, const char *ticket)
{
	struct hot_work *work = work_new(self, HOT_TAKE, id, drop);
	work->text = mem_text(ticket);
	put(work);
}

static void ask_finish(void *self, int64_t id, const struct drop *drop, const char *note)
{
	struct hot_work *work = work_new(self, HOT_FINISH, id, drop);
	work->text = note == NULL ? NULL : mem_text(note);
	put(work);
}

static void ask_refuse(void *self, int64_t id, const struct drop *drop, const char *why)
{
	struct hot_work *work = work_new(self, HOT_REFUSE, id, drop);
	work->text = mem_text(why);
	put(work);
}

static void ask_leave(void *self, const struct drop *drop, const char *why, bool may_pass)
{
	struct hot_work *work = work_new(self, HOT_LEAVE, 0, drop);
	work->may_pass = may_pass;
	work->text = why == NULL ? NULL : mem_text(why);
	put(work);
}

const struct hot_ops hot_folder_files = {
	.look = ask_look,
	.words = ask_words,
	.read = ask_read,
	.take = ask_take,
	.finish = ask_finish,
	.refuse = ask_refuse,
	.leave = ask_leave,
};

/* ---- life ---- */

static void on_closed(void *context)
{
	struct hot_folder *hot = context;
	loop_call *closed = hot->closed;
	void *closed_context = hot->closed_context;
	loop_timer_destroy(hot->closed_timer);
	hot_things_free(&hot->things);
	hot_hands_free(hot);
	free(hot);
	if (closed != NULL) {
		closed(closed_context);
	}
}

struct hot_folder *hot_folder_create(struct loop *loop, struct spool *spool,
	const struct hot_conf *conf, const struct hot_hears *hears, void *farm)
{
	struct hot_folder *hot = mem_new(1, sizeof *hot);
	*hot = (struct hot_folder){.loop = loop,
		.spool = spool,
		.conf = *conf,
		.hears = hears,
		.farm = farm,
		.last_sku = TAKEN};
	list_init(&hot->waiting);
	list_init(&hot->hands);
	hot->closed_timer = loop_timer_create(loop, on_closed, hot);
	return hot;
}

void hot_folder_close(struct hot_folder *hot, loop_call *done, void *context)
{
	hot->closing = true;
	hot->closed = done;
	hot->closed_context = context;
	list_each(link, &hot->waiting)
	{
		list_remove(link);
		work_free(list_entry(link, struct hot_work, link));
	}
	close_when_idle(hot);
}
