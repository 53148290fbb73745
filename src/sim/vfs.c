/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk in memory. Each file has two images: `now` is what programs read, `lasting` what a power
 * cut leaves; a sync copies the blocks written in between from the one to the other. A handle
 * belongs to the life in which it was opened; those of an earlier one are dead.
 */
#include "sim/vfs.h"
#include "base/mem.h"
#include "base/text.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES  4096
#define NAME_ROOM    128
#define CALL_KINDS   6
#define DEVICE_TRAIT SQLITE_IOCAP_POWERSAFE_OVERWRITE

struct image {
	unsigned char *bytes;
	size_t n, room;
};

struct file {
	struct file *next;
	char name[NAME_ROOM];
	bool is_there, is_there_for_good;
	struct image now, lasting;
	bool *is_dirty; /* by block: written since the last sync */
	size_t *dirty;  /* which */
	size_t n_dirty, n_blocks;
	int64_t failed_life; /* in which a sync of it failed; 0: none */
	int32_t handles;
};

struct vfs {
	sqlite3_vfs base;
	char name[32];
	struct file *files;
	int64_t life; /* of the program that uses it */
	bool dead, off;
	int64_t counts[CALL_KINDS];
	bool broken;
	struct vfs_fault fault;
	int64_t struck;
	bool sync_was_retried;
};

struct handle {
	sqlite3_file base;
	struct vfs *vfs;
	struct file *file;
	int64_t life;
	bool delete_on_close;
};

/* ---- images ---- */

/* What is new has no content yet. */
static void stretch(struct image *image, size_t n)
{
	if (n > image->room) {
		size_t room = image->room == 0 ? 16 * BLOCK_BYTES : image->room;
		while (room < n) {
			room *= 2;
		}
		image->bytes = mem_resize(image->bytes, room, 1);
		image->room = room;
	}
	image->n = n;
}

static void resize(struct image *image, size_t n)
{
	size_t before = image->n;
	stretch(image, n);
	if (n > before) {
		memset(image->bytes + before, 0, n - before);
	}
}

/* The part of a block from `skip` on that both images have. */
static void copy_block(
	struct image *to, const struct image *from, size_t block, size_t skip, size_t bytes)
{
	size_t begin = block * BLOCK_BYTES + skip;
	size_t end = begin + bytes;
	end = end < from->n ? end : from->n;
	end = end < to->n ? end : to->n;
	if (begin < end) {
		memcpy(to->bytes + begin, from->bytes + begin, end - begin);
	}
}

static void mark(struct file *file, size_t begin, size_t end)
{
	size_t n_blocks = (end + BLOCK_BYTES - 1) / BLOCK_BYTES;
	if (n_blocks > file->n_blocks) {
		size_t room = n_blocks * 2;
		file->is_dirty = mem_resize(file->is_dirty, room, sizeof *file->is_dirty);
		file->dirty = mem_resize(file->dirty, room, sizeof *file->dirty);
		memset(file->is_dirty + file->n_blocks, 0, room - file->n_blocks);
		file->n_blocks = room;
	}
	for (size_t block = begin / BLOCK_BYTES; block < n_blocks; block++) {
		if (!file->is_dirty[block]) {
			file->is_dirty[block] = true;
			file->dirty[file->n_dirty++] = block;
		}
	}
}

static void forget_dirty(struct file *file)
{
	for (size_t i = 0; i < file->n_dirty; i++) {
		file->is_dirty[file->dirty[i]] = false;
	}
	file->n_dirty = 0;
}

/* All that the lasting image lacks is dirty, or was lost with its length noted. */
static void make_lasting(struct file *file)
{
	stretch(&file->lasting, file->now.n);
	for (size_t i = 0; i < file->n_dirty; i++) {
		copy_block(&file->lasting, &file->now, file->dirty[i], 0, BLOCK_BYTES);
	}
	forget_dirty(file);
	file->is_there_for_good = file->is_there;
}

/* ---- files ---- */

static struct file *find(struct vfs *vfs, const char *name)
{
	for (struct file *file = vfs->files; file != NULL; file = file->next) {
		if (strcmp(file->name, name) == 0) {
			return file;
		}
	}
	return NULL;
}

/* A name of NULL is a scratch file's. */
static struct file *add(struct vfs *vfs, const char *name)
{
	struct file *file = mem_new(1, sizeof *file);
	text_copy(file->name, sizeof file->name, name == NULL ? "" : name);
	file->next = vfs->files;
	vfs->files = file;
	return file;
}

static void drop(struct vfs *vfs, struct file *file)
{
	struct file **at = &vfs->files;
	while (*at != file) {
		at = &(*at)->next;
	}
	*at = file->next;
	free(file->now.bytes);
	free(file->lasting.bytes);
	free(file->is_dirty);
	free(file->dirty);
	free(file);
}

/* File systems with a journal keep the order of names: a sync makes the removals before it last. */
static void make_removals_lasting(struct vfs *vfs)
{
	for (struct file *file = vfs->files; file != NULL; file = file->next) {
		if (!file->is_there && file->is_there_for_good) {
			make_lasting(file);
		}
	}
}

/* ---- faults ---- */

static int kind_of(enum vfs_call call)
{
	int kind = 0;
	while ((1u << kind) != (unsigned)call) {
		kind++;
	}
	return kind;
}

static int code_of(enum vfs_call call, enum vfs_how how)
{
	static const int codes[CALL_KINDS] = {SQLITE_CANTOPEN, SQLITE_IOERR_READ,
		SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_DELETE};
	bool full = call == VFS_WRITE && (how == VFS_FULL || how == VFS_SHORT);
	return full ? SQLITE_FULL : codes[kind_of(call)];
}

/* Counts the call; SQLITE_OK when it goes well. */
static int meet(struct vfs *vfs, enum vfs_call call)
{
	if (vfs->dead) {
		return code_of(call, VFS_EIO);
	}
	vfs->counts[kind_of(call)]++;
	if (!vfs->broken || (vfs->fault.calls & (unsigned)call) == 0 || --vfs->fault.nth > 0) {
		return SQLITE_OK;
	}
	vfs->broken = vfs->fault.for_ever;
	vfs->struck++;
	vfs->off = vfs->dead = vfs->fault.how == VFS_OFF;
	return code_of(call, vfs->fault.how);
}

/* The same for a handle, which may be dead. */
static int meet_at(const struct handle *handle, enum vfs_call call)
{
	return handle->life != handle->vfs->life ? code_of(call, VFS_EIO) : meet(handle->vfs, call);
}

/* ---- what SQLite does with an open file ---- */

static int on_close(sqlite3_file *base)
{
	struct handle *handle = (struct handle *)base;
	struct file *file = handle->file;
	file->handles--;
	if (handle->delete_on_close && file->handles == 0) {
		drop(handle->vfs, file);
	}
	return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *to, int n, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)base;
	const struct image *now = &handle->file->now;
	int code = meet_at(handle, VFS_READ);
	if (code != SQLITE_OK) {
		return code;
	}
	size_t there = (size_t)offset < now->n ? now->n - (size_t)offset : 0;
	if (there >= (size_t)n) {
		memcpy(to, now->bytes + offset, (size_t)n);
		return SQLITE_OK;
	}
	if (there > 0) {
		memcpy(to, now->bytes + offset, there);
	}
	memset((char *)to + there, 0, (size_t)n - there);
	return SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)base;
	struct file *file = handle->file;
	int code = meet_at(handle, VFS_WRITE);
	if (code == SQLITE_FULL && handle->vfs->fault.how == VFS_SHORT) {
		n /= 2;
	} else if (code != SQLITE_OK) {
		return code;
	}
	size_t end = (size_t)offset + (size_t)n;
	size_t begin = (size_t)offset;
	if (begin > file->now.n) { /* a hole */
		begin = file->now.n;
		resize(&file->now, (size_t)offset);
	}
	if (end > file->now.n) {
		stretch(&file->now, end);
	}
	memcpy(file->now.bytes + offset, from, (size_t)n);
	mark(file, begin, end);
	return code;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 n)
{
	struct handle *handle = (struct handle *)base;
	int code = meet_at(handle, VFS_TRUNCATE);
	if (code == SQLITE_OK && (size_t)n < handle->file->now.n) {
		resize(&handle->file->now, (size_t)n);
	}
	return code;
}

static int on_sync(sqlite3_file *base, int flags)
{
	struct handle *handle = (struct handle *)base;
	struct vfs *vfs = handle->vfs;
	struct file *file = handle->file;
	(void)flags;
	int code = meet_at(handle, VFS_SYNC);
	if (vfs->dead || handle->life != vfs->life) {
		return code; /* nobody is there to be told that it failed */
	}
	vfs->sync_was_retried = vfs->sync_was_retried || file->failed_life == vfs->life;
	if (code == SQLITE_OK) {
		make_lasting(file);
		make_removals_lasting(vfs);
	} else {
		file->failed_life = vfs->life;
		resize(&file->lasting, file->now.n);
		forget_dirty(file); /* clean in the kernel's eyes, and not on the disk */
	}
	return code;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *n)
{
	struct handle *handle = (struct handle *)base;
	*n = (sqlite3_int64)handle->file->now.n;
	return handle->life == handle->vfs->life ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int on_lock(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int on_check_lock(sqlite3_file *base, int *is_held)
{
	(void)base;
	*is_held = 0;
	return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int what, void *argument)
{
	(void)base;
	(void)what;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int on_sector_bytes(sqlite3_file *base)
{
	(void)base;
	return BLOCK_BYTES;
}

static int on_traits(sqlite3_file *base)
{
	(void)base;
	return DEVICE_TRAIT;
}

/* Version 1: without shared memory, which an exclusive WAL needs none of. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_lock,
	.xCheckReservedLock = on_check_lock,
	.xFileControl = on_control,
	.xSectorSize = on_sector_bytes,
	.xDeviceCharacteristics = on_traits,
};

/* ---- what SQLite does with names ---- */

static int on_open(sqlite3_vfs *base, const char *name, sqlite3_file *opened, int flags, int *got)
{
	struct vfs *vfs = base->pAppData;
	struct handle *handle = (struct handle *)opened;
	*handle = (struct handle){.vfs = vfs, .life = vfs->life};
	int code = meet(vfs, VFS_OPEN);
	struct file *file = name == NULL ? NULL : find(vfs, name);
	bool is_there = file != NULL && file->is_there;
	if (code != SQLITE_OK || (!is_there && (flags & SQLITE_OPEN_CREATE) == 0)) {
		return SQLITE_CANTOPEN;
	}
	handle->file = file == NULL ? add(vfs, name) : file;
	if (!is_there) {
		handle->file->is_there = true;
		resize(&handle->file->now, 0);
	}
	handle->file->handles++;
	handle->delete_on_close = name == NULL;
	handle->base.pMethods = &methods;
	if (got != NULL) {
		*got = flags;
	}
	return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *base, const char *name, int sync_folder)
{
	struct vfs *vfs = base->pAppData;
	struct file *file = find(vfs, name);
	int code = meet(vfs, VFS_DELETE);
	if (code != SQLITE_OK) {
		return code;
	}
	if (file == NULL || !file->is_there) {
		return SQLITE_IOERR_DELETE_NOENT;
	}
	file->is_there = false;
	resize(&file->now, 0);
	forget_dirty(file);
	if (sync_folder) {
		make_lasting(file);
	}
	return SQLITE_OK;
}

static int on_access(sqlite3_vfs *base, const char *name, int flags, int *is_there)
{
	const struct file *file = find(base->pAppData, name);
	(void)flags;
	*is_there = file != NULL && file->is_there;
	return SQLITE_OK;
}

static int on_full_name(sqlite3_vfs *base, const char *name, int size, char *full)
{
	(void)base;
	return text_copy(full, (size_t)size, name) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int on_random(sqlite3_vfs *base, int n, char *bytes)
{
	(void)base;
	memset(bytes, 0x5a, (size_t)n); /* chance would make two runs of one seed differ */
	return n;
}

static int on_sleep(sqlite3_vfs *base, int microseconds)
{
	(void)base;
	return microseconds;
}

static int on_time(sqlite3_vfs *base, double *julian_day)
{
	(void)base;
	*julian_day = 2458849.5; /* 2020-01-01; the store asks SQLite for no time */
	return SQLITE_OK;
}

/* ---- life ---- */

struct vfs *vfs_create(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	struct vfs *vfs = mem_new(1, sizeof *vfs);
	vfs->life = 1;
	int number = 0;
	do { /* no address: two runs of one seed shall say the same */
		snprintf(vfs->name, sizeof vfs->name, "sim-%d", ++number);
	} while (sqlite3_vfs_find(vfs->name) != NULL);
	vfs->base = (sqlite3_vfs){.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = NAME_ROOM - 16, /* SQLite appends "-wal" and "-journal" */
		.zName = vfs->name,
		.pAppData = vfs,
		.xOpen = on_open,
		.xDelete = on_delete,
		.xAccess = on_access,
		.xFullPathname = on_full_name,
		.xRandomness = on_random,
		.xSleep = on_sleep,
		.xCurrentTime = on_time};
	sqlite3_vfs_register(&vfs->base, 0);
	return vfs;
}

void vfs_destroy(struct vfs *vfs)
{
	if (vfs == NULL) {
		return;
	}
	sqlite3_vfs_unregister(&vfs->base);
	while (vfs->files != NULL) {
		drop(vfs, vfs->files);
	}
	free(vfs);
}

void vfs_uri(const struct vfs *vfs, const char *name, char *uri, size_t size)
{
	snprintf(uri, size, "file:%s?vfs=%s", name, vfs->name);
}

void vfs_kill(struct vfs *vfs)
{
	vfs->dead = true;
}

void vfs_revive(struct vfs *vfs)
{
	vfs->dead = false;
	vfs->life++;
}

/* ---- power cuts ---- */

static bool toss(uint64_t *chance)
{
	*chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *chance >> 63 != 0;
}

/* A block that reached the disk although nobody had asked for it yet. */
static void keep_block(struct file *file, size_t block, size_t bytes)
{
	size_t end = block * BLOCK_BYTES + bytes;
	end = end < file->now.n ? end : file->now.n;
	if (end > file->lasting.n) {
		resize(&file->lasting, end);
	}
	copy_block(&file->lasting, &file->now, block, 0, bytes);
}

static void keep_some(struct file *file, bool tear, uint64_t *chance)
{
	if (file->is_there != file->is_there_for_good) {
		file->is_there_for_good = toss(chance);
	}
	if (file->now.n < file->lasting.n && toss(chance)) {
		resize(&file->lasting, file->now.n);
	}
	for (size_t i = 0; i < file->n_dirty; i++) {
		if (tear || toss(chance)) {
			keep_block(file, file->dirty[i], tear ? BLOCK_BYTES / 2 : BLOCK_BYTES);
			tear = false;
		}
	}
}

static void come_back(struct file *file)
{
	forget_dirty(file);
	file->is_there = file->is_there_for_good;
	if (!file->is_there) {
		resize(&file->lasting, 0);
	}
	resize(&file->now, file->lasting.n);
	if (file->now.n > 0) {
		memcpy(file->now.bytes, file->lasting.bytes, file->now.n);
	}
}

void vfs_power_cut(struct vfs *vfs, enum vfs_cut cut, uint64_t chance)
{
	vfs_kill(vfs);
	vfs->off = vfs->broken = false;
	for (struct file *file = vfs->files; file != NULL; file = file->next) {
		if (cut != VFS_LOSE_ALL) {
			keep_some(file, cut == VFS_TEAR_ONE, &chance);
		}
		come_back(file);
	}
}

/* ---- faults, counts ---- */

void vfs_break(struct vfs *vfs, const struct vfs_fault *fault)
{
	vfs->broken = fault != NULL;
	vfs->fault = fault == NULL ? (struct vfs_fault){0} : *fault;
	vfs->struck = 0;
}

int64_t vfs_calls(const struct vfs *vfs, unsigned calls)
{
	int64_t n = 0;
	for (int kind = 0; kind < CALL_KINDS; kind++) {
		n += (calls & (1u << kind)) != 0 ? vfs->counts[kind] : 0;
	}
	return n;
}

bool vfs_is_off(const struct vfs *vfs)
{
	return vfs->off;
}

int64_t vfs_struck(const struct vfs *vfs)
{
	return vfs->struck;
}

bool vfs_sync_was_retried(const struct vfs *vfs)
{
	return vfs->sync_was_retried;
}
