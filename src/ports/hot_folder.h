/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot folder: people, cameras and other programs drop pictures into it, over whatever file
 * system. Implements its door of ports.h.
 *
 *     FOLDER/SKU/       one for each product: what is dropped there is printed as that
 *     FOLDER/done/      L-KEY/: what was taken, with its ticket
 *     FOLDER/refused/   NAME, and NAME.txt with the reason
 *     FOLDER/.taking/   KEY/: ours; what is on its way from the one to the other; floor: whose it
 * is
 */
#pragma once
#include "ports/loop.h"
#include "ports/ports.h"
#include "ports/spool.h"

struct hot_folder;

struct hot_conf {
	const char *folder;
	const char *owner; /* the store's id: a folder that another has used is let be */
	struct drop_times times;
	int64_t keep_ms; /* what lies in done */
	const struct catalog *catalog;
};

extern const struct hot_ops hot_folder_files;

/* Nothing is touched yet; conf's texts and catalogue must outlive it. */
struct hot_folder *hot_folder_create(struct loop *loop, struct spool *spool,
	const struct hot_conf *conf, const struct hot_hears *hears, void *farm);
/* Ends what runs, drops what waits, answers nothing more, and frees it; then `done`. */
void hot_folder_close(struct hot_folder *hot, loop_call *done, void *context);
