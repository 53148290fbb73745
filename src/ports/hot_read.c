/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what was found in the hot folder, beside the loop: its words, and the file itself, copied
 * and hashed on the way. It lies where it lay.
 *
 * Ways it fails: it is written while it is read (RETRY, "changed"), it was not written everywhere
 * (RETRY, "asset-holes"), it is too long (REJECT), the spool's disk is full (write_error).
 */
#include "ports/hot_own.h"
#include "base/fd.h"
#include "base/mem.h"
#include "wire/dpof.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (256 * 1024)

/* ---- words ---- */

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
		hot_changed(&work->err);
	} else if (fd >= 0) {
		work->fine = hot_read_text(fd, most, &work->words) ||
			     hot_fault(&work->err, "reading", path, errno);
	}
	if (work->words.len > most) {
		work->err.remedy = REMEDY_REJECT;
	}
	fd_close(fd);
	fd_close(place);
}

/* ---- read ---- */

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
		if (fine && !fd_write(work->fd, piece, (size_t)n)) {
			work->write_error = errno;
			fine = false;
		}
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
		return hot_changed(&work->err);
	}
	if (has_hole(from, before.st_size, &work->err) || !copy(work, from)) {
		return false;
	}
	if (fstat(from, &after) != 0 || hot_is_being_written(from)) {
		return hot_changed(&work->err);
	}
	work->file.print = hot_print_of(&after);
	return (drop_is_same(&first, &work->file.print) && work->file.bytes == first.bytes) ||
	       hot_changed(&work->err);
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
	fd_close(place);
}
