/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the floor: incoming → assets → rasters, and poison. The folder is the file's state;
 * each move is a rename. Names are 64 hexadecimal digits (an asset's SHA-256, a raster's recipe
 * name) and nothing else; all is opened relative to one directory descriptor, no link is followed.
 *
 * A file is kept (asset or raster) only after it and its folder are on the disk: fsync of the file,
 * rename, fsync of the folder. The first fsync that fails is FATAL, code "fsync"; it is never tried
 * again, and nothing is kept after it: the kernel may have dropped the pages and reports it once.
 * A full disk is RETRY, code "disk-full".
 *
 * With a loop the syncs run beside it and the answer comes in a later turn. Without one (loop NULL:
 * virtual time) they run at once and the answers wait for spool_deliver.
 */
#pragma once
#include "base/hash.h"
#include "ports/loop.h"
#include <stdint.h>

enum spool_folder { SPOOL_INCOMING, SPOOL_ASSETS, SPOOL_RASTERS, SPOOL_POISON, SPOOL_FOLDERS };

/* No work is taken that would leave less than the lesser of both free. */
#define SPOOL_RESERVE_BYTES   (INT64_C(2) * 1024 * 1024 * 1024)
#define SPOOL_RESERVE_PERCENT 5

struct spool;

/* The end of a keep. id is the caller's; err is NULL on success. Never from inside the keep. */
typedef void spool_told(void *context, int64_t id, const char *name, const struct err *err);
/* One file of a folder; false ends the listing. modified_ms is wall time. */
typedef bool spool_seen(void *context, const char *name, int64_t bytes, int64_t modified_ms);

/* Creates the root and its folders (0700) where missing, removes all of incoming. reserve_*: -1 for
 * the defaults above, 0 for none. NULL with FATAL, code "spool", when the root is unfit. */
struct spool *spool_open(struct loop *loop, const char *root, int64_t reserve_bytes,
	int32_t reserve_percent, struct err *err);
/* Answers all keeps first, then says it is closed (done may be NULL); without a loop both happen
 * within the call. */
void spool_close(struct spool *spool, loop_call *done, void *context);
/* loop NULL only: tells the answers that were ready at the call; how many. */
size_t spool_deliver(struct spool *spool);

/* Free for us; -1 when the file system does not say. */
int64_t spool_free_bytes(const struct spool *spool);
int64_t spool_reserve_bytes(const struct spool *spool);
/* Whether need_bytes more may be written without touching the reserve; also false (FATAL) after a
 * failed fsync. */
must_use bool spool_has_room(const struct spool *spool, int64_t need_bytes, struct err *err);

/* False (FATAL, code "fsync") once an fsync has failed, whoever asked for it: the process must end.
 */
must_use bool spool_is_fit(const struct spool *spool, struct err *err);
/* Fills err with what a failed system call on one of the spool's files means; false. */
bool spool_fault(
	const struct spool *spool, int error, struct err *err, const char *doing, const char *name);

/* A file to receive into, open for reading and writing, offset at its end; made if it is not there.
 * *have_bytes is what an earlier transfer left. Room for expect_bytes is allotted first. -1 on
 * failure. The descriptor is the caller's until it is kept. */
int spool_incoming(struct spool *spool, const char *name, int64_t expect_bytes, int64_t *have_bytes,
	struct err *err);
/* A new, empty file for a render worker; one of the same name is replaced (what still writes there
 * writes to nowhere). -1 on failure. */
int spool_new_raster(struct spool *spool, const char *name, struct err *err);
/* Removes a file of incoming; the caller closes its descriptor. Not there is fine. */
void spool_drop(struct spool *spool, const char *name);

/* From incoming into its folder for good. fd is the file's descriptor, closed by the spool; that it
 * still is the file of that name is checked. Told once. */
void spool_keep_asset(
	struct spool *spool, const char *name, int fd, spool_told *told, void *context, int64_t id);
void spool_keep_raster(
	struct spool *spool, const char *name, int fd, spool_told *told, void *context, int64_t id);

/* As spool_keep_asset, of a file that was received under another name, since its hash was not known
 * before it had come. */
void spool_keep_asset_as(struct spool *spool, const char *from, const char *name, int fd,
	spool_told *told, void *context, int64_t id);

/* A descriptor for reading, the caller's; -1 with REDO, code "asset-missing" or "raster-missing"
 * when the file is not there. */
int spool_read(
	const struct spool *spool, enum spool_folder folder, const char *name, struct err *err);
/* bytes may be NULL. */
bool spool_has(
	const struct spool *spool, enum spool_folder folder, const char *name, int64_t *bytes);
/* Gone for good; not there is fine. */
must_use bool spool_remove(
	struct spool *spool, enum spool_folder folder, const char *name, struct err *err);
/* An asset that hurt or is suspect: away from assets, kept for people. */
must_use bool spool_poison(struct spool *spool, const char *name, struct err *err);
/* Back among the assets; false when it is not there. */
must_use bool spool_unpoison(struct spool *spool, const char *name, struct err *err);
/* For retention and the console. Files may be removed from within `seen`. */
must_use bool spool_list(const struct spool *spool, enum spool_folder folder, spool_seen *seen,
	void *context, struct err *err);
/* The same in pieces: a folder may hold more than one turn of the loop can look at. Files may come
 * and go between. NULL: it can't be read. */
struct spool_listing;
struct spool_listing *spool_listing_open(
	const struct spool *spool, enum spool_folder folder, struct err *err);
/* Shows up to `most` more; false: that was all, or `seen` has ended it. */
bool spool_listing_next(
	struct spool_listing *listing, int32_t most, spool_seen *seen, void *context);
void spool_listing_close(struct spool_listing *listing); /* NULL is fine */
const char *spool_folder_name(enum spool_folder folder);
