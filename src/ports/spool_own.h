/* SPDX-License-Identifier: Apache-2.0
 *
 * What spool.c (folders and files) and spool_keep.c (making files lasting) share. Nobody else
 * includes it.
 */
#pragma once
#include "base/list.h"
#include "ports/loop_uv.h"
#include "ports/spool.h"

struct folder {
	int fd;
	bool changed; /* since the last sync began: by a removal or a move to poison */
	bool syncing;
	uv_fs_t request;
	struct spool *spool;
};

struct spool {
	struct loop *loop; /* NULL: virtual time */
	char *root;
	int root_fd;
	struct folder folders[SPOOL_FOLDERS];
	int64_t reserve_bytes;
	struct link running; /* struct keep: a sync is on its way */
	struct link ready;   /* struct keep: to be told in a later turn */
	int n_syncing;       /* folders */
	uv_timer_t timer;    /* tells what is ready */
	bool unfit;          /* an fsync failed; fault says so from then on */
	struct err fault;
	bool closing;
	loop_call *closed;
	void *closed_context;
};

bool spool_name_is_fine(const char *name, struct err *err);
void spool_keep_init(struct spool *spool);
/* Makes a removal or a move lasting, beside the loop; told to nobody unless it fails. */
void spool_sync_folder(struct spool *spool, enum spool_folder folder);
/* Descriptors and memory: nothing may run any more. */
void spool_free(struct spool *spool);
