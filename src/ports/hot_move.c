/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens to a thing of the hot folder once it was found, beside the loop: it is read, taken,
 * finished, refused, or left. hot_folder.c says in which order.
 *
 * Ways it fails: it is not what it was (RETRY, "changed"); its folders can't be written (RETRY). A
 * take that was broken off, wherever, is undone or brought to its end by hot_take_up.
 */
#include "ports/hot_own.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "wire/dpof.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES    (256 * 1024)
#define TICKET_MAX     (1024 * 1024)
#define REFUSED_TRIES  1000
#define SWEEP_EVERY_MS HOUR_MS
#define CHANGED_NAME   "CHANGED.txt"

static bool changed(struct err *err)
{
	return err_set(err, REMEDY_RETRY, "changed", "it is still being written");
}

static bool is_same_file(int folder, const char *name, const struct drop_print *print)
{
	struct stat about;
	if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode)) {
		return false;
	}
	struct drop_print now = hot_print_of(&about);
	return drop_is_same(&now, print);
}

/* ---- words ---- */

static bool read_text(int fd, size_t most, struct buf *buf)
{
	char piece[16384];
	for (ssize_t n; buf->len <= most;) {
		n = read(fd, piece, sizeof piece);
		if (n <= 0) {
			return n == 0;
		}
		buf_add(buf, piece, (size_t)n);
	}
	errno = EFBIG;
	return false;
}

void hot_words(struct hot_work *work)
{
	const struct drop *drop = &work->drop;
	char path[DROP_NAME_MAX + 32];
	int place = hot_open_place(work->hot, drop, &work->err);
	snprintf(path, sizeof path, "%s%s", drop->is_card ? drop->name : drop->sidecar_name,
		drop->is_card ? "/MISC/AUTPRINT.MRK" : "");
	int fd = place < 0 ? -1 : hot_open_path(place, path, &work->err);
	size_t most = drop->is_card ? DPOF_BYTES_MAX : SIDECAR_BYTES_MAX;
	if (fd >= 0 && hot_is_being_written(fd)) {
		changed(&work->err);
	} else if (fd >= 0) {
		work->fine = read_text(fd, most, &work->words) ||
			     hot_fault(&work->err, "reading", path, errno);
	}
	if (work->words.len > most) {
		work->err.remedy = REMEDY_REJECT;
	}
	if (fd >= 0) {
		close(fd);
	}
	if (place >= 0) {
		close(place);
	}
}

/* ---- read ---- */

static bool write_all(struct hot_work *work, const unsigned char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = write(work->fd, bytes + at, len - at);
		if (n < 0 && errno != EINTR) {
			work->write_error = errno;
			return false;
		}
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool copy(struct hot_work *work, int from)
{
	struct hot_file *file = &work->file;
	struct hash *hash = hash_create();
	unsigned char *piece = mem_new(PIECE_BYTES, 1);
	bool fine = true;
	ssize_t n = 0;
	while (fine && (n = read(from, piece, PIECE_BYTES)) != 0) {
		if (n < 0) {
			fine = errno == EINTR ||
			       hot_fault(&work->err, "reading", work->drop.name, errno);
			continue;
		}
		if (file->bytes == 0) {
			file->head_len =
				(size_t)n < sizeof file->head ? (size_t)n : sizeof file->head;
			memcpy(file->head, piece, file->head_len);
		}
		file->bytes += n;
		if (file->bytes > work->most_bytes) {
			fine = err_set(&work->err, REMEDY_REJECT, "asset-limits",
				"it has more than %lld bytes, which is the most that is taken here",
				(long long)work->most_bytes);
		}
		hash_add(hash, piece, (size_t)n);
		fine = fine && write_all(work, piece, (size_t)n);
	}
	hash_take_hex(hash, file->sha256);
	hash_destroy(hash);
	free(piece);
	return fine;
}

/* A copier that sets the length first leaves holes where it has not come to yet, and to some
 * formats zeros are pixels. */
static bool has_hole(int fd, int64_t bytes, struct err *err)
{
	off_t hole = lseek(fd, 0, SEEK_HOLE);
	lseek(fd, 0, SEEK_SET);
	bool has = hole >= 0 && hole < bytes;
	if (has) {
		err_set(err, REMEDY_RETRY, "asset-holes",
			"parts of it were never written: it is still being copied, or was copied "
			"badly");
	}
	return has;
}

static bool read_file(struct hot_work *work, int from)
{
	struct stat before, after;
	const struct drop *drop = &work->drop;
	if (fstat(from, &before) != 0) {
		return hot_fault(&work->err, "looking at", drop->name, errno);
	}
	struct drop_print first = hot_print_of(&before);
	bool as_found = drop->is_card || drop->key[0] != '\0' || drop_is_same(&first, &drop->print);
	if (!as_found || hot_is_being_written(from)) {
		return changed(&work->err);
	}
	if (has_hole(from, before.st_size, &work->err) || !copy(work, from)) {
		return false;
	}
	if (fstat(from, &after) != 0 || hot_is_being_written(from)) {
		return changed(&work->err);
	}
	work->file.print = hot_print_of(&after);
	return (drop_is_same(&first, &work->file.print) && work->file.bytes == first.bytes) ||
	       changed(&work->err);
}

void hot_read(struct hot_work *work)
{
	const struct drop *drop = &work->drop;
	char path[DROP_NAME_MAX + TICKET_PATH_MAX];
	snprintf(path, sizeof path, "%s%s%s", drop->name, drop->is_card ? "/" : "", work->path);
	int place = hot_open_place(work->hot, drop, &work->err);
	int from = place < 0 ? -1 : hot_open_path(place, path, &work->err);
	if (from >= 0) {
		work->fine = read_file(work, from);
		close(from);
	}
	if (place >= 0) {
		close(place);
	}
}

/* ---- take ---- */

bool hot_sync_folder(int folder, const char *name, struct err *err)
{
	return fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP ||
	       hot_fault(err, "syncing the folder", name, errno);
}

static bool write_file(
	int folder, const char *name, const char *text, bool lasting, struct err *err)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0660);
	size_t len = strlen(text);
	bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len && (!lasting || fsync(fd) == 0);
	int error = errno;
	if (fd >= 0) {
		close(fd);
	}
	return fine || hot_fault(err, "writing", name, error);
}

/* The ticket of a name of its own first: it is there whole, or not at all. */
static bool write_ticket(int folder, const char *text, struct err *err)
{
	return write_file(folder, HOT_TICKET ".new", text, true, err) &&
	       (renameat(folder, HOT_TICKET ".new", folder, HOT_TICKET) == 0 ||
		       hot_fault(err, "writing", HOT_TICKET, errno));
}

static bool is_as_found(struct hot_work *work, int from)
{
	const struct drop *drop = &work->drop;
	if (drop->sidecar_name[0] != '\0' &&
		!is_same_file(from, drop->sidecar_name, &drop->sidecar)) {
		return changed(&work->err);
	}
	if (drop->is_card) {
		struct drop_print now;
		return hot_print_tree(from, drop->name, &now, &work->err) &&
		       (drop_is_same(&now, &drop->print) || changed(&work->err));
	}
	int fd = hot_open_file(from, drop->name, &work->err);
	bool fine = fd >= 0 && !hot_is_being_written(fd) &&
		    is_same_file(from, drop->name, &drop->print);
	if (fd >= 0) {
		close(fd);
	}
	return fine || changed(&work->err);
}

static void unmake(int taking, int own, const char *key)
{
	unlinkat(own, HOT_TICKET, 0);
	unlinkat(own, HOT_TICKET ".new", 0);
	unlinkat(taking, key, AT_REMOVEDIR);
}

static bool move_in(struct hot_work *work, int from, int own)
{
	const struct drop *drop = &work->drop;
	if (renameat(from, drop->name, own, drop->name) != 0) {
		return hot_fault(&work->err, "taking", drop->name, errno);
	}
	if (drop->sidecar_name[0] != '\0') { /* if not now, then when it is taken up or finished */
		(void)!renameat(from, drop->sidecar_name, own, drop->sidecar_name);
	}
	return true;
}

/* Whoever has it open still writes into it, and whoever was quick has put another in its place. */
static bool is_other_now(const struct hot_work *work, int own)
{
	const struct drop *drop = &work->drop;
	struct stat about;
	struct drop_print now;
	struct err ignored;
	if (drop->is_card) {
		return !hot_print_tree(own, drop->name, &now, &ignored) ||
		       !drop_is_same_content(&now, &drop->print);
	}
	if (fstatat(own, drop->name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
		return true;
	}
	now = hot_print_of(&about);
	return !drop_is_same_content(&now, &drop->print);
}

static bool take_into(struct hot_work *work, int from, int taking)
{
	const struct drop *drop = &work->drop;
	struct err *err = &work->err;
	if (mkdirat(taking, drop->key, 0700) != 0) {
		return hot_fault(err, "making the folder", drop->key, errno);
	}
	int own = openat(taking, drop->key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool moved = own >= 0 && write_ticket(own, work->text, err) &&
		     hot_sync_folder(own, drop->key, err) &&
		     hot_sync_folder(taking, HOT_TAKING, err) && move_in(work, from, own);
	if (own >= 0 && !moved) {
		unmake(taking, own, drop->key);
	} else if (own < 0) {
		hot_fault(err, "opening the folder", drop->key, errno);
		unlinkat(taking, drop->key, AT_REMOVEDIR);
	}
	/* the order must not outlive the move: else it would be found there again, and ordered
	 * under another key */
	bool fine = moved && hot_sync_folder(own, drop->key, err) &&
		    hot_sync_folder(from, drop->sku, err);
	work->changed = moved && (!fine || is_other_now(work, own));
	if (own >= 0) {
		close(own);
	}
	return moved;
}

void hot_take(struct hot_work *work)
{
	struct drop before = work->drop;
	before.key[0] = '\0';
	int from = hot_open_place(work->hot, &before, &work->err);
	int taking = from < 0 ? -1 : hot_open_folder(work->hot, HOT_TAKING, &work->err);
	work->fine = taking >= 0 && is_as_found(work, from) && take_into(work, from, taking);
	if (work->fine) {
		hot_let_go(work->hot, &before, NULL);
		hot_take_in_hand(work->hot, work->drop.key);
	}
	if (taking >= 0) {
		close(taking);
	}
	if (from >= 0) {
		close(from);
	}
}

/* ---- taking up what a kill broke off ---- */

static char *read_ticket(int own, struct ticket *ticket, struct err *err)
{
	struct buf text = {0};
	int fd = hot_open_file(own, HOT_TICKET, err);
	if (fd < 0) {
		return NULL;
	}
	bool fine = read_text(fd, TICKET_MAX, &text);
	close(fd);
	json_t *json = fine ? json_read(buf_get(&text), text.len, err) : NULL;
	fine = json != NULL && ticket_from_json(json, ticket, err);
	json_decref(json);
	if (!fine) {
		buf_fini(&text);
		return NULL;
	}
	return text.bytes;
}

/* The sidecar was to come along. */
static void fetch_sidecar(struct hot_folder *hot, int own, const struct ticket *ticket)
{
	struct err ignored;
	int from =
		ticket->sidecar_name[0] == '\0' ? -1 : hot_open_folder(hot, ticket->sku, &ignored);
	if (from >= 0 && is_same_file(from, ticket->sidecar_name, &ticket->sidecar)) {
		(void)!renameat(from, ticket->sidecar_name, own, ticket->sidecar_name);
	}
	if (from >= 0) {
		close(from);
	}
}

/* Both ends of the move: that of the life before may not last yet. */
static bool make_last(struct hot_folder *hot, int own, const struct ticket *ticket, struct err *err)
{
	int from = hot_open_folder(hot, ticket->sku, err);
	bool lasts = from >= 0 && hot_sync_folder(own, HOT_TAKING, err) &&
		     hot_sync_folder(from, ticket->sku, err);
	if (from >= 0) {
		close(from);
	}
	return lasts;
}

static void fill(struct drop *drop, const struct ticket *ticket)
{
	memcpy(drop->sku, ticket->sku, sizeof drop->sku);
	memcpy(drop->name, ticket->name, sizeof drop->name);
	memcpy(drop->sidecar_name, ticket->sidecar_name, sizeof drop->sidecar_name);
	drop->is_card = ticket->is_card;
}

/* It was refused, and the sidecar was left behind. */
static void send_sidecar_after(struct hot_folder *hot, int own, const struct ticket *ticket)
{
	struct err ignored;
	int refused =
		ticket->sidecar_name[0] == '\0' ? -1 : hot_open_folder(hot, HOT_REFUSED, &ignored);
	if (refused >= 0) {
		(void)!renameat(own, ticket->sidecar_name, refused, ticket->sidecar_name);
		close(refused);
	}
}

static bool has(int folder, const char *name)
{
	struct stat about;
	return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The ticket of what lies there; NULL when nothing does, and then the folder is gone. */
static char *take_up(
	struct hot_folder *hot, int taking, int own, struct drop *drop, struct err *err)
{
	struct ticket ticket = {0};
	bool has_ticket = has(own, HOT_TICKET);
	char *text = has_ticket ? read_ticket(own, &ticket, err) : NULL;
	if (has_ticket && text == NULL) {
		return NULL; /* it can't be read just now */
	}
	if (text != NULL && has(own, ticket.name)) {
		fill(drop, &ticket);
		fetch_sidecar(hot, own, &ticket);
		if (!make_last(hot, own, &ticket, err)) {
			free(text);
			text = NULL;
		}
		ticket_fini(&ticket);
		return text;
	}
	send_sidecar_after(hot, own, &ticket);
	unmake(taking, own, drop->key); /* killed before anything was moved in, or after it left */
	if (has(taking, drop->key)) {
		err_set(err, REMEDY_RETRY, "hot-folder",
			"%s has no ticket: put what lies in it back into the folder of its "
			"product, "
			"if it was not printed",
			drop->key);
	}
	ticket_fini(&ticket);
	free(text);
	return NULL;
}

char *hot_take_up(struct hot_folder *hot, struct drop *drop, struct err *err)
{
	int taking = hot_open_folder(hot, HOT_TAKING, err);
	int own = taking < 0 ? -1 : hot_open_place(hot, drop, err);
	char *text = own < 0 ? NULL : take_up(hot, taking, own, drop, err);
	if (own >= 0) {
		close(own);
	}
	if (taking >= 0) {
		close(taking);
	}
	return text;
}

/* ---- finish ---- */

static void note_change(int own)
{
	struct err ignored;
	(void)!write_file(own, CHANGED_NAME,
		"This file was written to after it had been taken. What was printed is the file as "
		"it "
		"was then, whole.\nIf what was written later matters, drop the file again.\n",
		false, &ignored);
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
		work->changed = !drop->is_card && is_other_now(work, own);
		if (work->changed) {
			note_change(own);
		}
		fchmod(own, 02770); /* people may look into it again */
		work->fine = renameat(taking, drop->key, done, to) == 0 ||
			     hot_fault(&work->err, "moving to done", to, errno);
	}
	if (work->fine) {
		hot_let_go(work->hot, drop, NULL);
	}
	int fds[] = {own, done, taking};
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
}

/* ---- refuse ---- */

/* A name that is free in refused, made of the thing's own and room for ".txt": photo.jpg,
 * photo.jpg.2 … */
static bool free_name(int refused, const char *name, char to[DROP_NAME_MAX], struct err *err)
{
	struct stat about;
	char base[DROP_NAME_MAX - 16];
	text_copy(base, sizeof base, name);
	for (int i = 1; i < REFUSED_TRIES; i++) {
		snprintf(to, DROP_NAME_MAX, i == 1 ? "%s" : "%s.%d", base, i);
		if (fstatat(refused, to, &about, AT_SYMLINK_NOFOLLOW) != 0) {
			return true;
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
	bool fine = write_file(refused, name, buf_get(&text), false, &work->err);
	buf_fini(&text);
	return fine;
}

static bool move_out(struct hot_work *work, int place, int refused)
{
	const struct drop *drop = &work->drop;
	char to[DROP_NAME_MAX], beside[DROP_NAME_MAX + 8];
	if (!free_name(refused, drop->name, to, &work->err) || !write_reason(work, refused, to)) {
		return false;
	}
	if (renameat2(place, drop->name, refused, to, RENAME_NOREPLACE) != 0 &&
		(errno != EINVAL || renameat(place, drop->name, refused, to) != 0)) {
		return hot_fault(&work->err, "moving to refused", drop->name, errno);
	}
	snprintf(beside, sizeof beside, "%s.json", to);
	if (drop->sidecar_name[0] != '\0') {
		(void)!renameat(place, drop->sidecar_name, refused, beside);
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
		unmake(taking, place, drop->key);
	}
	hot_let_go(work->hot, drop, work->fine ? NULL : work->err.text);
	int fds[] = {place, refused, taking};
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
}

void hot_leave(struct hot_work *work)
{
	hot_let_go(work->hot, &work->drop, work->text);
}

/* ---- what is done ends, too ---- */

static void remove_tree(int parent, const char *name)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *listing = folder < 0 ? NULL : fdopendir(folder);
	for (struct dirent *at; listing != NULL && (at = readdir(listing)) != NULL;) {
		bool dots = strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0;
		if (!dots && unlinkat(folder, at->d_name, 0) != 0 && errno == EISDIR) {
			remove_tree(folder, at->d_name);
		}
	}
	if (listing != NULL) {
		closedir(listing);
	} else if (folder >= 0) {
		close(folder);
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
	} else if (done >= 0) {
		close(done);
	}
}
