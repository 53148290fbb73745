/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk for SQLite in memory, as hard as real ones: it outlives the program that writes to it,
 * knows what of a file was synced, loses the rest when the power is cut, and fails where it is
 * told to. Single-threaded; no locks, no shared memory (the store uses neither).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vfs;

/* Each is an SQLite VFS of its own name, found by vfs_uri. */
struct vfs *vfs_create(void);
/* Nothing of it may be open any more. */
void vfs_destroy(struct vfs *vfs);
/* What db_open takes for a file of that name on this disk. */
void vfs_uri(const struct vfs *vfs, const char *name, char *uri, size_t size);

/* The program dies: whatever it still does fails and changes nothing, until another one is born.
 * What it wrote stays, synced or not. */
void vfs_kill(struct vfs *vfs);
/* Another program is born. */
void vfs_revive(struct vfs *vfs);

enum vfs_cut {
	VFS_LOSE_ALL,  /* all that was not synced is gone */
	VFS_KEEP_SOME, /* of each block that was not synced, the old or the new stays, by chance */
	VFS_TEAR_ONE,  /* the same, and of one of them a half is old and a half is new */
	VFS_CUTS
};
/* The power is cut: the program dies, and the disk is as it was left. */
void vfs_power_cut(struct vfs *vfs, enum vfs_cut cut, uint64_t chance);

/* ---- faults ---- */
enum vfs_call {
	VFS_OPEN = 1 << 0,
	VFS_READ = 1 << 1,
	VFS_WRITE = 1 << 2,
	VFS_SYNC = 1 << 3,
	VFS_TRUNCATE = 1 << 4,
	VFS_DELETE = 1 << 5,
	VFS_CHANGES = VFS_WRITE | VFS_SYNC | VFS_TRUNCATE | VFS_DELETE,
	VFS_ANY = VFS_CHANGES | VFS_OPEN | VFS_READ
};

enum vfs_how {
	VFS_EIO,
	VFS_FULL,  /* writes find no room; everything else fails with EIO */
	VFS_SHORT, /* of a write the first half arrives, then the disk is full */
	VFS_OFF,   /* the power fails in it: it and all that follow do nothing */
	VFS_HOWS
};

struct vfs_fault {
	unsigned calls; /* enum vfs_call, or-ed: which are counted and may fail */
	int64_t nth;    /* of them, from now on; 1: the next */
	bool for_ever;  /* and all that follow */
	enum vfs_how how;
};

/* One at a time; NULL: the disk is well again. A sync that fails has lost what it should have made
 * lasting, and the next one says that all is fine, as Linux does. */
void vfs_break(struct vfs *vfs, const struct vfs_fault *fault);
/* Calls of those kinds so far, failed ones included. */
int64_t vfs_calls(const struct vfs *vfs, unsigned calls);
/* The power has failed (VFS_OFF): vfs_power_cut says what is left. */
bool vfs_is_off(const struct vfs *vfs);
/* How many have failed since vfs_break. */
int64_t vfs_struck(const struct vfs *vfs);
/* A file was synced again by the very program that had been told that its sync failed. */
bool vfs_sync_was_retried(const struct vfs *vfs);
