/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in a file, twice: as programs read it now, and as a power cut would leave it. A sync
 * copies the blocks written in between from the one to the other. vfs.c only.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_BLOCK_BYTES 4096

struct content {
	unsigned char *bytes;
	size_t n, room;
};

struct image { /* zeroed: no file */
	bool is_there, is_there_for_good;
	struct content now, lasting;
	bool *is_dirty; /* by block: written since the last sync */
	size_t *dirty;  /* which */
	size_t n_dirty, n_blocks;
};

void image_fini(struct image *image);

/* What lies beyond the end is read as zeros; false when some does. */
bool image_read(const struct image *image, void *to, size_t n, size_t offset);
void image_write(struct image *image, const void *from, size_t n, size_t offset);
void image_truncate(struct image *image, size_t n);
void image_remove(struct image *image);

void image_sync(struct image *image);
/* Its blocks are clean in the kernel's eyes, and not on the disk. */
void image_fail_sync(struct image *image);

/* The power fails. By chance, blocks that nobody had asked to keep have reached the disk; of the
 * first of them only a half, where one is torn. */
void image_keep_some(struct image *image, bool tear, uint64_t *chance);
/* And comes back. */
void image_come_back(struct image *image);
