/* SPDX-License-Identifier: Apache-2.0
 *
 * After a rendering: is the file what its worker said, and is it kept?
 *
 *  1. Its length, and the page's size.
 *  2. Its hash, piece by piece over several turns, so that the loop never stands still.
 *  3. The spool keeps it; only then is it answered.
 *
 * Ways it fails: the file is another than was said (RETRY, "raster-wrong"); the spool's own.
 */
#include "base/hash.h"
#include "ports/crew_slot.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_PIECE_BYTES (512 * 1024)

static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct slot *slot = context;
	(void)id;
	(void)name;
	if (err != NULL) {
		slot_fail(slot, err);
		return;
	}
	slot_answer(slot);
}

static void keep(struct slot *slot)
{
	int fd = slot->output_fd;
	slot->output_fd = -1;
	spool_keep_raster(slot->bench->crew->spool, slot->ask.raster_name, fd, on_kept, slot, 0);
}

static void disagree(struct slot *slot, const char *what)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "raster-wrong",
		"the rendered file does not have the %s that its worker said", what);
	slot_fail(slot, &err);
}

static void check_piece(void *context)
{
	struct slot *slot = context;
	char piece[65536];
	if (slot->bench->crew->closing) {
		return; /* the spool is gone; freed with the bench */
	}
	for (int32_t done = 0; done < CHECK_PIECE_BYTES;) {
		ssize_t n = read(slot->output_fd, piece, sizeof piece);
		if (n < 0) {
			disagree(slot, "content");
			return;
		}
		if (n == 0) {
			char hex[HASH_HEX_MAX];
			hash_take_hex(slot->hash, hex);
			if (strcmp(hex, slot->result.raster.sha256) != 0) {
				disagree(slot, "hash");
			} else {
				keep(slot);
			}
			return;
		}
		hash_add(slot->hash, piece, (size_t)n);
		done += (int32_t)n;
	}
	loop_timer_start(slot->timer, 0);
}

void slot_check(struct slot *slot)
{
	struct stat status;
	const struct raster *raster = &slot->result.raster;
	const struct recipe *recipe = &slot->ask.task.recipe;
	if (fstat(slot->output_fd, &status) != 0 || status.st_size != raster->bytes) {
		disagree(slot, "length");
		return;
	}
	if (raster->width_px != recipe->width_px || raster->height_px != recipe->height_px) {
		disagree(slot, "size");
		return;
	}
	lseek(slot->output_fd, 0, SEEK_SET);
	slot->hash = hash_create();
	slot->timer = loop_timer_create(slot->bench->crew->loop, check_piece, slot);
	list_append(&slot->bench->checking, &slot->link);
	loop_timer_start(slot->timer, 0);
}
