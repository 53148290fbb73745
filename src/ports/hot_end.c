/* SPDX-License-Identifier: Apache-2.0
 *
 * The ends of a thing of the hot folder, beside the loop: done, refused, or left; and, after a
 * while, that of what lies in done.
 *
 * Ways it fails: a folder can't be written (RETRY): finishing is asked again, what was to be
 * refused stays where it is, with that reason.
 */
#include "ports/hot_own.h"
#include "base/clock.h"
#include "base/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFUSED_TRIES  1000
#define SWEEP_EVERY_MS HOUR_MS
#define CHANGED_NAME   "CHANGED.txt"
#define MISSING_NAME   "NOT-ORDERED.txt"

/* ---- finish ---- */

static void note_change(int own)
{
	struct err ignored;
	(void)!hot_write_file(own, CHANGED_NAME,
		"This file was written to after it had been taken. What was printed is the file as "
		"it "
		"was then, whole.\nIf what was written later matters, drop the file again.\n",
		HOT_WRITE, &ignored);
}

void hot_finish(struct hot_work *work)
{
	const struct drop *drop = &work->drop;
	char to[ULID_MAX + 2];
	snprintf(to, sizeof to, "L-%s", drop->key);
	int own = hot_open_place(work->hot, drop, &work->err);
	int done = own < 0 ? -1 : hot_open_folder(work->hot, HOT_DONE, &work->err);
	int taking = done < 0 ? -1 : hot_open_folder(work->hot, HOT_TAKING, &work->err);
	if (taking >= 0) {
		/* what was ordered before a kill was not read in this life */
		work->changed =
			!drop->is_card && drop->print.files == 1 && hot_is_other_now(work, own);
		if (work->changed) {
			note_change(own);
		}
		work->fine = work->text == NULL ||
			     hot_write_file(own, MISSING_NAME, work->text, HOT_WRITE, &work->err);
	}
	if (work->fine) {
		hot_open_to_group(taking, drop->key); /* people may look into it again */
		work->fine = renameat(taking, drop->key, done, to) == 0 ||
			     hot_place_fault(&work->err, "moving to done", to, errno);
	}
	if (work->fine) {
		hot_let_go(work->hot, drop, NULL, false);
	}
	int fds[] = {own, done, taking};
	fds_close(fds, 3);
}

/* ---- refuse ---- */

/* Nothing stands there: errno 0 where something does. */
static bool is_free(int folder, const char *name)
{
	struct stat about;
	bool there = fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
	errno = there ? 0 : errno;
	return !there && errno == ENOENT;
}

bool hot_free_name(int refused, const char *name, char to[DROP_NAME_MAX], struct err *err)
{
	char base[DROP_NAME_MAX - 16], reason[DROP_NAME_MAX + 8], sidecar[DROP_NAME_MAX + 8];
	text_copy(base, sizeof base, name);
	for (int i = 1; i < REFUSED_TRIES; i++) {
		snprintf(to, DROP_NAME_MAX, i == 1 ? "%s" : "%s.%d", base, i);
		snprintf(reason, sizeof reason, "%s.txt", to);
		snprintf(sidecar, sizeof sidecar, "%s.json", to);
		if (is_free(refused, to) && is_free(refused, reason) && is_free(refused, sidecar)) {
			return true;
		}
		if (errno != 0) {
			return hot_fault(err, "looking into refused for", to, errno);
		}
	}
	return hot_fault(err, "finding a name in refused for", name, EEXIST);
}

static bool write_reason(struct hot_work *work, int refused, const char *to)
{
	char name[DROP_NAME_MAX + 8], stamp[CLOCK_STAMP_MAX];
	struct buf text = {0};
	snprintf(name, sizeof name, "%s.txt", to);
	buf_print(&text, "%s (dropped into %s) was not printed:\n\n    %s\n\nSeen at %s.\n", to,
		work->drop.sku, work->text, clock_stamp(clock_wall_ms(), stamp));
	bool fine = hot_write_file(refused, name, buf_get(&text), HOT_WRITE_NEW, &work->err);
	buf_fini(&text);
	return fine;
}

static bool move_out(struct hot_work *work, int place, int refused)
{
	const struct drop *drop = &work->drop;
	char to[DROP_NAME_MAX], beside[DROP_NAME_MAX + 8];
	if (!hot_free_name(refused, drop->name, to, &work->err) ||
		!write_reason(work, refused, to)) {
		return false;
	}
	if (!hot_move(place, drop->name, refused, to)) {
		hot_fault(&work->err, "moving to refused", drop->name, errno);
		snprintf(beside, sizeof beside, "%s.txt", to);
		unlinkat(refused, beside, 0);
		return false;
	}
	snprintf(beside, sizeof beside, "%s.json", to);
	if (drop->sidecar_name[0] != '\0') { /* if not, it lies where it lay, and says so */
		(void)!hot_move(place, drop->sidecar_name, refused, beside);
	}
	return true;
}

void hot_refuse(struct hot_work *work)
{
	const struct drop *drop = &work->drop;
	int place = hot_open_place(work->hot, drop, &work->err);
	int refused = place < 0 ? -1 : hot_open_folder(work->hot, HOT_REFUSED, &work->err);
	int taking = refused < 0 ? -1 : hot_open_folder(work->hot, HOT_TAKING, &work->err);
	work->fine = taking >= 0 && move_out(work, place, refused);
	if (work->fine && drop->key[0] != '\0') {
		hot_unmake(taking, place, drop->key);
	}
	hot_let_go(work->hot, drop, work->fine ? NULL : work->err.text, true);
	int fds[] = {place, refused, taking};
	fds_close(fds, 3);
}

void hot_leave(struct hot_work *work)
{
	hot_let_go(work->hot, &work->drop, work->text, work->may_pass);
}

/* ---- what is done ends, too ---- */

static void remove_tree(int parent, const char *name)
{
	DIR *listing = hot_list(parent, name);
	for (struct dirent *at; listing != NULL && (at = readdir(listing)) != NULL;) {
		bool dots = strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0;
		if (!dots && unlinkat(dirfd(listing), at->d_name, 0) != 0 && errno == EISDIR) {
			remove_tree(dirfd(listing), at->d_name);
		}
	}
	if (listing != NULL) {
		closedir(listing);
	}
	unlinkat(parent, name, AT_REMOVEDIR);
}

void hot_sweep(struct hot_folder *hot)
{
	struct err err;
	int64_t now_ms = clock_boot_ms(), wall_ms = clock_wall_ms();
	if (hot->swept_ms != 0 && now_ms - hot->swept_ms < SWEEP_EVERY_MS) {
		return;
	}
	hot->swept_ms = now_ms;
	int done = hot_open_folder(hot, HOT_DONE, &err);
	DIR *listing = done < 0 ? NULL : fdopendir(done);
	for (struct dirent *at; listing != NULL && (at = readdir(listing)) != NULL;) {
		struct stat about;
		bool ours = strncmp(at->d_name, "L-", 2) == 0 &&
			    strlen(at->d_name) == ULID_MAX + 1 &&
			    fstatat(done, at->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
			    S_ISDIR(about.st_mode);
		if (ours && about.st_ctim.tv_sec * 1000 + hot->conf.keep_ms < wall_ms) {
			remove_tree(done, at->d_name);
		}
	}
	if (listing != NULL) {
		closedir(listing);
	} else {
		fd_close(done);
	}
}
