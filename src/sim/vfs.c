/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk in memory, as SQLite knows disks: names, open files, and calls that are counted and fail.
 * What of a file lasts is in image.c. A handle belongs to the life in which it was opened; those of
 * an earlier one are dead.
 */
#include "sim/vfs.h"
#include "base/mem.h"
#include "base/text.h"
#include "sim/image.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM  128
#define CALL_KINDS 6

struct file {
	struct file *next;
	char name[NAME_ROOM];
	struct image image;
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
	image_fini(&file->image);
	free(file);
}

/* File systems with a journal keep the order of names: a sync makes the removals before it last. */
static void make_removals_lasting(struct vfs *vfs)
{
	for (struct file *file = vfs->files; file != NULL; file = file->next) {
		if (!file->image.is_there && file->image.is_there_for_good) {
			image_sync(&file->image);
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
	int code = meet_at(handle, VFS_READ);
	if (code != SQLITE_OK) {
		return code;
	}
	bool whole = image_read(&handle->file->image, to, (size_t)n, (size_t)offset);
	return whole ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)base;
	int code = meet_at(handle, VFS_WRITE);
	if (code == SQLITE_FULL && handle->vfs->fault.how == VFS_SHORT) {
		n /= 2;
	} else if (code != SQLITE_OK) {
		return code;
	}
	image_write(&handle->file->image, from, (size_t)n, (size_t)offset);
	return code;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 n)
{
	struct handle *handle = (struct handle *)base;
	int code = meet_at(handle, VFS_TRUNCATE);
	if (code == SQLITE_OK) {
		image_truncate(&handle->file->image, (size_t)n);
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
		image_sync(&file->image);
		make_removals_lasting(vfs);
	} else {
		file->failed_life = vfs->life;
		image_fail_sync(&file->image);
	}
	return code;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *n)
{
	struct handle *handle = (struct handle *)base;
	*n = (sqlite3_int64)handle->file->image.now.n;
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
	return IMAGE_BLOCK_BYTES;
}

static int on_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
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
	bool is_there = file != NULL && file->image.is_there;
	if (code != SQLITE_OK || (!is_there && (flags & SQLITE_OPEN_CREATE) == 0)) {
		return SQLITE_CANTOPEN;
	}
	handle->file = file == NULL ? add(vfs, name) : file;
	handle->file->image.is_there = true;
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
	if (file == NULL || !file->image.is_there) {
		return SQLITE_IOERR_DELETE_NOENT;
	}
	image_remove(&file->image);
	if (sync_folder) {
		image_sync(&file->image);
	}
	return SQLITE_OK;
}

static int on_access(sqlite3_vfs *base, const char *name, int flags, int *is_there)
{
	const struct file *file = find(base->pAppData, name);
	(void)flags;
	*is_there = file != NULL && file->image.is_there;
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
	/* for speed; refused, and no harm, where SQLite is in use already */
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

void vfs_power_cut(struct vfs *vfs, enum vfs_cut cut, uint64_t chance)
{
	vfs_kill(vfs);
	vfs->off = vfs->broken = false;
	for (struct file *file = vfs->files; file != NULL; file = file->next) {
		if (cut != VFS_LOSE_ALL) {
			image_keep_some(&file->image, cut == VFS_TEAR_ONE, &chance);
		}
		image_come_back(&file->image);
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
