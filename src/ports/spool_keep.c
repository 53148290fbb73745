/* SPDX-License-Identifier: Apache-2.0
 *
 * From incoming into assets or rasters, for good:
 *
 *  1. start_keep: is it still the file of that name? fsync of the file, beside the loop.
 *  2. on_file_synced: rename into its folder, fsync of the folder.
 *  3. on_folder_synced: told.
 *
 * Ways it fails: the first fsync error makes the whole spool unfit: the kernel reports it once and
 * may have dropped the pages, so that a second try would lie. Nothing is kept from then on.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/point.h"
#include "base/text.h"
#include "ports/spool_own.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct keep {
	struct link link;
	struct spool *spool;
	uv_fs_t request;
	enum spool_folder to;
	char from[HASH_HEX_MAX]; /* its name in incoming */
	char name[HASH_HEX_MAX];
	int fd; /* owned */
	bool failed;
	struct err err;
	spool_told *told;
	void *context;
	int64_t id;
};

void spool_keep_init(struct spool *spool)
{
	list_init(&spool->running);
	list_init(&spool->ready);
	if (spool->loop != NULL) {
		spool->timer.data = spool;
		uv_timer_init(loop_uv(spool->loop), &spool->timer);
	}
}

static bool fsync_failed(struct spool *spool, const char *what, int error)
{
	if (!spool->unfit) {
		spool->unfit = true;
		err_set(&spool->fault, REMEDY_FATAL, "fsync",
			"the disk of %s did not take %s (%s): nothing more is kept: check the "
			"disk, "
			"then start again",
			spool->root, what, strerror(error));
		log_error("spool", "fsync failed what=%s error=%s", what, strerror(error));
	}
	return false;
}

/* ---- telling ---- */
static void tell(struct keep *keep)
{
	list_remove(&keep->link);
	if (keep->fd >= 0) {
		close(keep->fd);
	}
	if (keep->told != NULL) {
		keep->told(keep->context, keep->id, keep->name, keep->failed ? &keep->err : NULL);
	}
	free(keep);
}

static void on_closed(uv_handle_t *handle)
{
	struct spool *spool = handle->data;
	loop_call *closed = spool->closed;
	void *context = spool->closed_context;
	spool_free(spool);
	if (closed != NULL) {
		closed(context);
	}
}

static void close_when_idle(struct spool *spool)
{
	if (spool->closing && spool->n_syncing == 0 && list_is_empty(&spool->running) &&
		list_is_empty(&spool->ready) && !uv_is_closing((uv_handle_t *)&spool->timer)) {
		uv_close((uv_handle_t *)&spool->timer, on_closed);
	}
}

static size_t tell_ready(struct spool *spool)
{
	struct link now;
	list_init(&now);
	while (!list_is_empty(&spool->ready)) {
		struct link *first = spool->ready.next;
		list_remove(first);
		list_append(&now, first);
	}
	size_t n = 0;
	for (; !list_is_empty(&now); n++) {
		tell(list_entry(now.next, struct keep, link));
	}
	return n;
}

static void on_timer(uv_timer_t *timer)
{
	struct spool *spool = timer->data;
	tell_ready(spool);
	close_when_idle(spool);
}

/* The end of a keep whose present call is the caller's own: told in a later turn. */
static void end_later(struct keep *keep)
{
	struct spool *spool = keep->spool;
	list_remove(&keep->link);
	list_append(&spool->ready, &keep->link);
	if (spool->loop != NULL) {
		uv_timer_start(&spool->timer, on_timer, 0, 0);
	}
}

static void end_now(struct keep *keep)
{
	struct spool *spool = keep->spool;
	tell(keep);
	close_when_idle(spool);
}

/* ---- the steps ---- */
static bool is_still_that_file(const struct keep *keep)
{
	struct stat open, named;
	return fstat(keep->fd, &open) == 0 &&
	       fstatat(keep->spool->folders[SPOOL_INCOMING].fd, keep->from, &named,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino && S_ISREG(open.st_mode);
}

static bool may_keep(struct keep *keep)
{
	if (!spool_name_is_fine(keep->name, &keep->err) ||
		!spool_name_is_fine(keep->from, &keep->err)) {
		return false;
	}
	if (keep->spool->unfit) {
		keep->err = keep->spool->fault;
		return false;
	}
	return is_still_that_file(keep) ||
	       err_set(&keep->err, REMEDY_RETRY, "spool-replaced",
		       "%.12s… was dropped or replaced in the spool while it was being written",
		       keep->name);
}

static bool move(struct keep *keep)
{
	struct spool *spool = keep->spool;
	/* again, because time has passed: a new file of that name must not ride on our sync */
	return may_keep(keep) &&
	       (renameat(spool->folders[SPOOL_INCOMING].fd, keep->from, spool->folders[keep->to].fd,
			keep->name) == 0 ||
		       spool_fault(spool, errno, &keep->err, "keeping", keep->name));
}

static bool take_result(struct keep *keep, int error, const char *what)
{
	if (error != 0) {
		fsync_failed(keep->spool, what, error);
	}
	if (keep->spool->unfit) {
		keep->err = keep->spool->fault;
	}
	return !keep->spool->unfit;
}

/* Struck, it is as if the disk had not taken the file (base/point.h). */
static bool passes(struct keep *keep, const char *place)
{
	if (!point_strikes(place, spool_folder_name(keep->to))) {
		return true;
	}
	fsync_failed(keep->spool, place, EIO);
	keep->err = keep->spool->fault;
	return false;
}

static void on_folder_synced(uv_fs_t *request)
{
	struct keep *keep = request->data;
	int error = request->result < 0 ? (int)-request->result : 0;
	uv_fs_req_cleanup(request);
	keep->failed =
		!take_result(keep, error, spool_folder_name(keep->to)) || !passes(keep, "kept");
	end_now(keep);
}

static void on_file_synced(uv_fs_t *request)
{
	struct keep *keep = request->data;
	struct spool *spool = keep->spool;
	int error = request->result < 0 ? (int)-request->result : 0;
	uv_fs_req_cleanup(request);
	keep->failed = !take_result(keep, error, "a file") || !passes(keep, "synced") ||
		       !move(keep) || !passes(keep, "renamed");
	if (keep->failed) {
		end_now(keep);
		return;
	}
	uv_fs_fsync(loop_uv(spool->loop), &keep->request, spool->folders[keep->to].fd,
		on_folder_synced);
}

static int sync_of(int fd)
{
	return fsync(fd) == 0 ? 0 : errno;
}

static bool keep_at_once(struct keep *keep)
{
	return take_result(keep, sync_of(keep->fd), "a file") && passes(keep, "synced") &&
	       move(keep) && passes(keep, "renamed") &&
	       take_result(keep, sync_of(keep->spool->folders[keep->to].fd),
		       spool_folder_name(keep->to)) &&
	       passes(keep, "kept");
}

static void start_keep(struct keep *keep)
{
	struct spool *spool = keep->spool;
	if (!may_keep(keep) || !passes(keep, "written")) {
		keep->failed = true;
		end_later(keep);
	} else if (spool->loop == NULL) {
		keep->failed = !keep_at_once(keep);
		end_later(keep);
	} else {
		uv_fs_fsync(loop_uv(spool->loop), &keep->request, keep->fd, on_file_synced);
	}
}

static void keep_as(struct spool *spool, enum spool_folder to, const char *from, const char *name,
	const struct keep *wish)
{
	struct keep *keep = mem_new(1, sizeof *keep);
	*keep = *wish;
	if (!text_copy(keep->name, sizeof keep->name, name) ||
		!text_copy(keep->from, sizeof keep->from, from)) {
		keep->name[0] = '\0'; /* a longer name must not pass for its beginning */
	}
	keep->spool = spool;
	keep->to = to;
	keep->request.data = keep;
	list_init(&keep->link);
	list_append(&spool->running, &keep->link);
	start_keep(keep);
}

void spool_keep_asset(
	struct spool *spool, const char *name, int fd, spool_told *told, void *context, int64_t id)
{
	struct keep wish = {.fd = fd, .told = told, .context = context, .id = id};
	keep_as(spool, SPOOL_ASSETS, name, name, &wish);
}

void spool_keep_raster(
	struct spool *spool, const char *name, int fd, spool_told *told, void *context, int64_t id)
{
	struct keep wish = {.fd = fd, .told = told, .context = context, .id = id};
	keep_as(spool, SPOOL_RASTERS, name, name, &wish);
}

void spool_keep_asset_as(struct spool *spool, const char *from, const char *name, int fd,
	spool_told *told, void *context, int64_t id)
{
	struct keep wish = {.fd = fd, .told = told, .context = context, .id = id};
	keep_as(spool, SPOOL_ASSETS, from, name, &wish);
}

/* ---- removals ---- */
static void on_removal_synced(uv_fs_t *request)
{
	struct folder *folder = request->data;
	struct spool *spool = folder->spool;
	int error = request->result < 0 ? (int)-request->result : 0;
	uv_fs_req_cleanup(request);
	folder->syncing = false;
	spool->n_syncing--;
	if (error != 0) {
		fsync_failed(spool, "a removal", error);
	} else if (folder->changed) {
		spool_sync_folder(spool, (enum spool_folder)(folder - spool->folders));
	}
	close_when_idle(spool);
}

void spool_sync_folder(struct spool *spool, enum spool_folder which)
{
	struct folder *folder = &spool->folders[which];
	folder->changed = true;
	if (folder->syncing || spool->loop == NULL || spool->unfit) {
		return; /* with what comes next: the running sync, or the next spool_deliver */
	}
	folder->changed = false;
	folder->syncing = true;
	folder->request.data = folder;
	spool->n_syncing++;
	uv_fs_fsync(loop_uv(spool->loop), &folder->request, folder->fd, on_removal_synced);
}

static void sync_removals_at_once(struct spool *spool)
{
	for (int i = 0; i < SPOOL_FOLDERS && !spool->unfit; i++) {
		struct folder *folder = &spool->folders[i];
		int error = folder->changed ? sync_of(folder->fd) : 0;
		folder->changed = false;
		if (error != 0) {
			fsync_failed(spool, "a removal", error);
		}
	}
}

size_t spool_deliver(struct spool *spool)
{
	sync_removals_at_once(spool);
	return tell_ready(spool);
}

void spool_close(struct spool *spool, loop_call *done, void *context)
{
	if (spool == NULL) {
		return;
	}
	if (spool->loop != NULL) {
		spool->closing = true;
		spool->closed = done;
		spool->closed_context = context;
		uv_timer_start(&spool->timer, on_timer, 0, 0);
		return;
	}
	while (spool_deliver(spool) > 0) {
		/* an answer may ask for more */
	}
	spool_free(spool);
	if (done != NULL) {
		done(context);
	}
}
