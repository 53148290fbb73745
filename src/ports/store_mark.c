/* SPDX-License-Identifier: Apache-2.0
 *
 * The high-water mark: a small file outside the store that remembers which store is used here, how
 * often it was opened and how many events it had told. A store that stands lower than its mark is
 * an old copy that somebody put back: what it would print may have been printed since.
 *
 *  1. store_mark_open: reads the mark, compares, and brings it up to date.
 *  2. After each commit that told an event, the mark is written over in place.
 *
 * The mark is written after the commit it speaks of is on the disk, and is never synced itself: a
 * power cut can only leave it lower than the store, which says nothing. A mark that is missing or
 * damaged says nothing either, and is made anew. As long as the store is an old copy, its marks
 * stay as they are.
 */
#include "base/hash.h"
#include "base/log.h"
#include "ports/store_own.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK_BYTES 128
#define SUM_CHARS  16

struct mark {
	char store_id[ULID_MAX];
	int64_t generation, events;
};

static void sum_of(const char *text, char sum[SUM_CHARS + 1])
{
	char hex[HASH_HEX_MAX];
	hash_hex_of(text, strlen(text), hex);
	snprintf(sum, SUM_CHARS + 1, "%.*s", SUM_CHARS, hex);
}

static bool mark_read(int fd, struct mark *mark)
{
	char text[MARK_BYTES + 1] = "";
	char said[SUM_CHARS + 1] = "";
	char sum[SUM_CHARS + 1];
	if (pread(fd, text, MARK_BYTES, 0) != MARK_BYTES ||
		sscanf(text, "store %26s generation %" SCNd64 " events %" SCNd64 " sum %16s",
			mark->store_id, &mark->generation, &mark->events, said) != 4) {
		return false;
	}
	char *end = strstr(text, " sum ");
	if (end == NULL) {
		return false;
	}
	*end = '\0';
	sum_of(text, sum);
	return strcmp(sum, said) == 0;
}

static void mark_write(struct store_mark *at, const struct mark *mark)
{
	char text[MARK_BYTES + 1];
	char sum[SUM_CHARS + 1];
	snprintf(text, sizeof text, "store %s generation %" PRId64 " events %" PRId64,
		mark->store_id, mark->generation, mark->events);
	sum_of(text, sum);
	size_t len = strlen(text);
	snprintf(text + len, sizeof text - len, " sum %s", sum);
	len = strlen(text);
	memset(text + len, ' ', MARK_BYTES - len);
	text[MARK_BYTES - 1] = '\n';
	bool fine = pwrite(at->fd, text, MARK_BYTES, 0) == MARK_BYTES;
	if (!fine && !at->failed) { /* a lower mark is no harm: said once */
		log_warn("store", "writing the high-water mark %s: %s", at->path, strerror(errno));
	}
	at->failed = !fine;
}

static struct mark mark_of(struct store *store)
{
	struct mark mark = {.generation = store->generation};
	memcpy(mark.store_id, store->id, sizeof mark.store_id);
	db_one_int(store->db, &mark.events, "SELECT max(row) FROM event", "");
	return mark;
}

/* False, with the reason, when the store stands lower than its mark. */
static bool judge(struct store *store, const struct store_mark *at, const struct mark *was)
{
	struct mark is = mark_of(store);
	bool is_same = strcmp(was->store_id, is.store_id) == 0;
	if (!is_same && is.generation == 1) {
		log_warn("store",
			"a new store begins, though another was used here (%s says so): if its "
			"files are only mislaid, stop platend and restore them, or the latest "
			"backup",
			at->path);
		return true;
	}
	if (!is_same) {
		return err_set(&store->old, REMEDY_ATTEND, "store-rollback",
			"another store was used here last (%s says so)", at->path);
	}
	return (is.generation > was->generation && is.events >= was->events) ||
	       err_set(&store->old, REMEDY_ATTEND, "store-rollback",
		       "this floor's store is an old copy: it knows %" PRId64 " reports, %" PRId64
		       " were made (%s says so)",
		       is.events, was->events, at->path);
}

void store_mark_open(struct store *store, const char *path)
{
	struct mark was;
	if (store->n_marks == STORE_MARKS_MAX) {
		return;
	}
	char fault[ERR_TEXT_MAX];
	if (store_meta_get(
		    store, "old_copy", fault, sizeof fault)) { /* known since a start before */
		store->is_old = true;
		err_set(&store->old, REMEDY_ATTEND, "store-rollback", "%s", fault);
	}
	store->told = true; /* the next commit brings it up to date */
	struct store_mark *at = &store->marks[store->n_marks];
	*at = (struct store_mark){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
	if (at->fd < 0) {
		log_warn("store", "opening the high-water mark %s: %s", path, strerror(errno));
		return;
	}
	text_copy(at->path, sizeof at->path, path);
	store->n_marks++;
	if (!store->is_old && mark_read(at->fd, &was) && !judge(store, at, &was)) {
		store->is_old = true;
		store_meta_set(store, "old_copy", store->old.text);
	}
}

bool store_is_old(const struct store *store, struct err *err)
{
	if (store->is_old) {
		*err = store->old;
	}
	return store->is_old;
}

void store_renew(struct store *store, const char *id)
{
	text_copy(store->id, sizeof store->id, id);
	store_meta_set(store, "store_id", store->id);
	store_put(store, "DELETE FROM meta WHERE key='old_copy'", "");
	store->is_old = false;
	store->told = true;
}

void store_mark_keep(struct store *store)
{
	if (store->is_old || !store->told) {
		return;
	}
	store->told = false;
	struct mark mark = mark_of(store);
	for (size_t i = 0; i < store->n_marks; i++) {
		mark_write(&store->marks[i], &mark);
	}
}

void store_mark_close(struct store *store)
{
	while (store->n_marks > 0) {
		close(store->marks[--store->n_marks].fd);
	}
}
