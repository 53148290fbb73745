/* SPDX-License-Identifier: Apache-2.0
 *
 * The two contents of a file and the blocks in which they differ.
 */
#include "sim/image.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

/* What is new has no content yet. */
static void stretch(struct content *content, size_t n)
{
	if (n > content->room) {
		size_t room = content->room == 0 ? 16 * IMAGE_BLOCK_BYTES : content->room;
		while (room < n) {
			room *= 2;
		}
		content->bytes = mem_resize(content->bytes, room, 1);
		content->room = room;
	}
	content->n = n;
}

static void resize(struct content *content, size_t n)
{
	size_t before = content->n;
	stretch(content, n);
	if (n > before) {
		memset(content->bytes + before, 0, n - before);
	}
}

/* The first `bytes` of a block, as far as both have them. */
static void copy_block(struct content *to, const struct content *from, size_t block, size_t bytes)
{
	size_t begin = block * IMAGE_BLOCK_BYTES;
	size_t end = begin + bytes;
	end = end < from->n ? end : from->n;
	end = end < to->n ? end : to->n;
	if (begin < end) {
		memcpy(to->bytes + begin, from->bytes + begin, end - begin);
	}
}

static void mark(struct image *image, size_t begin, size_t end)
{
	size_t n_blocks = (end + IMAGE_BLOCK_BYTES - 1) / IMAGE_BLOCK_BYTES;
	if (n_blocks > image->n_blocks) {
		size_t room = n_blocks * 2;
		image->is_dirty = mem_resize(image->is_dirty, room, sizeof *image->is_dirty);
		image->dirty = mem_resize(image->dirty, room, sizeof *image->dirty);
		memset(image->is_dirty + image->n_blocks, 0, room - image->n_blocks);
		image->n_blocks = room;
	}
	for (size_t block = begin / IMAGE_BLOCK_BYTES; block < n_blocks; block++) {
		if (!image->is_dirty[block]) {
			image->is_dirty[block] = true;
			image->dirty[image->n_dirty++] = block;
		}
	}
}

static void forget_dirty(struct image *image)
{
	for (size_t i = 0; i < image->n_dirty; i++) {
		image->is_dirty[image->dirty[i]] = false;
	}
	image->n_dirty = 0;
}

/* All that the lasting image lacks is dirty, or was lost with its length noted. */
void image_sync(struct image *image)
{
	stretch(&image->lasting, image->now.n);
	for (size_t i = 0; i < image->n_dirty; i++) {
		copy_block(&image->lasting, &image->now, image->dirty[i], IMAGE_BLOCK_BYTES);
	}
	forget_dirty(image);
	image->is_there_for_good = image->is_there;
}

void image_fail_sync(struct image *image)
{
	resize(&image->lasting, image->now.n);
	forget_dirty(image);
}

/* ---- reading and writing ---- */

bool image_read(const struct image *image, void *to, size_t n, size_t offset)
{
	const struct content *now = &image->now;
	size_t there = offset < now->n ? now->n - offset : 0;
	there = there < n ? there : n;
	if (there > 0) {
		memcpy(to, now->bytes + offset, there);
	}
	memset((char *)to + there, 0, n - there);
	return there == n;
}

void image_write(struct image *image, const void *from, size_t n, size_t offset)
{
	struct content *now = &image->now;
	size_t begin = offset < now->n ? offset : now->n;
	if (offset > now->n) { /* a hole */
		resize(now, offset);
	}
	if (offset + n > now->n) {
		stretch(now, offset + n);
	}
	memcpy(now->bytes + offset, from, n);
	mark(image, begin, offset + n);
}

void image_truncate(struct image *image, size_t n)
{
	if (n < image->now.n) {
		resize(&image->now, n);
	}
}

void image_remove(struct image *image)
{
	image->is_there = false;
	resize(&image->now, 0);
	forget_dirty(image);
}

void image_fini(struct image *image)
{
	free(image->now.bytes);
	free(image->lasting.bytes);
	free(image->is_dirty);
	free(image->dirty);
	*image = (struct image){.is_there = false};
}

/* ---- power cuts ---- */

static bool toss(uint64_t *chance)
{
	*chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *chance >> 63 != 0;
}

/* A block that reached the disk although nobody had asked for it yet. */
static void keep_block(struct image *image, size_t block, size_t bytes)
{
	size_t end = block * IMAGE_BLOCK_BYTES + bytes;
	end = end < image->now.n ? end : image->now.n;
	if (end > image->lasting.n) {
		resize(&image->lasting, end);
	}
	copy_block(&image->lasting, &image->now, block, bytes);
}

void image_keep_some(struct image *image, bool tear, uint64_t *chance)
{
	if (image->is_there != image->is_there_for_good) {
		image->is_there_for_good = toss(chance);
	}
	if (image->now.n < image->lasting.n && toss(chance)) {
		resize(&image->lasting, image->now.n);
	}
	for (size_t i = 0; i < image->n_dirty; i++) {
		if (tear || toss(chance)) {
			keep_block(image, image->dirty[i],
				tear ? IMAGE_BLOCK_BYTES / 2 : IMAGE_BLOCK_BYTES);
			tear = false;
		}
	}
}

void image_come_back(struct image *image)
{
	forget_dirty(image);
	image->is_there = image->is_there_for_good;
	if (!image->is_there) {
		resize(&image->lasting, 0);
	}
	resize(&image->now, image->lasting.n);
	if (image->now.n > 0) {
		memcpy(image->now.bytes, image->lasting.bytes, image->now.n);
	}
}
