/* SPDX-License-Identifier: Apache-2.0
 *
 * What hot_folder.c (the queue, on the loop) and the other hot_*.c (beside it, in a thread) share.
 * Nobody else includes it.
 */
#pragma once
#include "base/buf.h"
#include "base/list.h"
#include "ports/hot_folder.h"
#include "ports/loop_uv.h"
#include "wire/ticket.h"
#include <dirent.h>

#define HOT_DONE    "done"
#define HOT_REFUSED "refused"
#define HOT_TAKING  ".taking"
#define HOT_TICKET  ".ticket.json"
#define HOT_FLOOR   "floor" /* in the working folder: whose it is */

enum hot_what { HOT_LOOK, HOT_WORDS, HOT_READ, HOT_TAKE, HOT_FINISH, HOT_REFUSE, HOT_LEAVE };

struct hot_thing {   /* something that lies there, from look to look */
	int32_t sku; /* index in the catalogue; TAKEN: a folder of the working folder */
	char *name;
	mode_t kind; /* S_IFREG … */
	bool in_hand;
	struct drop_print print; /* at this look */
	struct drop_watch watch;
	char *why; /* why it is not taken as it is; NULL */
};
#define TAKEN (-1)

struct hot_things {
	struct hot_thing *at;
	size_t n, room;
	bool too_many;
};

struct hot_work { /* one ask, from the queue to its answer */
	struct link link;
	uv_work_t request;
	struct hot_folder *hot;
	enum hot_what what;
	int64_t id;
	struct drop drop;
	char path[TICKET_PATH_MAX];
	char *text;    /* ticket, note or why, owned; NULL: none */
	bool may_pass; /* LEAVE: it is put off */
	int32_t want;
	int64_t most_bytes;
	int fd;                      /* READ: of the spool's file; -1 */
	char incoming[HASH_HEX_MAX]; /* its name there */
	/* the answer */
	bool prepared, fine, changed;
	int write_error; /* READ: of the spool's file */
	struct err err;
	struct buf words;
	struct hot_file file;
	struct hot_sight *sight;
};

struct hot_folder {
	struct loop *loop;
	struct spool *spool;
	struct hot_conf conf;
	const struct hot_hears *hears;
	void *farm;
	struct link waiting;
	struct hot_work *running; /* its thread alone may touch what stands below */
	int n_keeping;            /* files that the spool makes lasting */
	bool closing;
	struct loop_timer *closed_timer;
	loop_call *closed;
	void *closed_context;

	struct hot_things things;
	struct link hands; /* keys that are in hand */
	int32_t last_sku;  /* of what was found or opened last: the next look goes on behind it */
	char last_name[DROP_NAME_MAX];
	int64_t swept_ms;
};

struct hot_look { /* one look, while it lasts */
	struct hot_folder *hot;
	struct hot_sight *sight;
	struct hot_things seen;
	int64_t now_ms;
	int32_t want;
	int opens;
	bool had_enough; /* as many were opened as may be: the next look goes on behind them */
};

/* hot_look.c: in the thread */
void hot_look(struct hot_work *work);

/* hot_offer.c: in the thread */
/* Fills the sight with what is ripe, and with why other things are not. */
void hot_offer(struct hot_look *look);
/* Something lies there and is not taken; sku: in whose folder, or TAKEN. */
void hot_tell_why(struct hot_look *look, int32_t sku, const char *name, const char *why);

/* hot_things.c: in the thread */
void hot_add(struct hot_things *things, int32_t sku, const char *name, mode_t kind,
	const struct drop_print *print);
/* By folder and name, the order in which they are looked at. */
int hot_compare(const void *a, const void *b);
struct hot_thing *hot_find(const struct hot_things *things, int32_t sku, const char *name);
/* The sidecars of a picture, in whatever case; `before`: the one before it, NULL at first. */
const struct hot_thing *hot_next_sidecar(const struct hot_things *things,
	const struct hot_thing *picture, const struct hot_thing *before);
/* Sorts what was seen; what is known of it from the look before goes on. */
void hot_remember(struct hot_things *seen, struct hot_things *before);
void hot_set_why(struct hot_thing *thing, const char *why);
void hot_things_free(struct hot_things *things);
bool hot_key_is_in_hand(const struct hot_folder *hot, const char *key);
void hot_take_in_hand(struct hot_folder *hot, const char *key);
/* `why` (may be NULL): as it is, it can't be used; or, where that may pass, it is put off. */
void hot_let_go(struct hot_folder *hot, const struct drop *drop, const char *why, bool may_pass);
void hot_hands_free(struct hot_folder *hot);

/* hot_path.c: in the thread */
struct drop_print hot_print_of(const struct stat *stat);
/* A folder of the hot folder, no link followed; -1 with RETRY, "hot-place", and errno. */
int hot_open_folder(const struct hot_folder *hot, const char *name, struct err *err);
/* The folder in which the drop lies. */
int hot_open_place(const struct hot_folder *hot, const struct drop *drop, struct err *err);
/* A file below `folder` by its path; a part that is not there is looked for without regard to case.
 * No link is followed. -1 with RETRY. Regular files only. */
int hot_open_path(int folder, const char *path, struct err *err);
/* A regular file of that folder for reading; -1 with RETRY. */
int hot_open_file(int folder, const char *name, struct err *err);
/* What lies in a folder of that folder, no link followed; NULL with errno. */
DIR *hot_list(int parent, const char *name);
/* Somebody has it open for writing; false also where the system does not say. */
bool hot_is_being_written(int fd);
/* Sums over all that lies in that folder of `folder`. False with RETRY. */
must_use bool hot_print_tree(
	int folder, const char *name, struct drop_print *tree, struct err *err);
/* RETRY: "hot-place" where the disk, the network or this machine is at fault, else "hot-folder",
 * the thing itself. */
bool hot_fault(struct err *err, const char *doing, const char *name, int error);
/* RETRY, "hot-place": whatever it is, no thing that was dropped is to blame. */
bool hot_place_fault(struct err *err, const char *doing, const char *name, int error);

/* RETRY, "changed". */
bool hot_changed(struct err *err);
/* False with errno, EFBIG when there is more than `most`. */
must_use bool hot_read_text(int fd, size_t most, struct buf *buf);
enum hot_write {
	HOT_WRITE,         /* over what stands there */
	HOT_WRITE_LASTING, /* the same, synced */
	HOT_WRITE_NEW,     /* nothing may stand there; what can't be written whole is not there */
};
must_use bool hot_write_file(
	int folder, const char *name, const char *text, enum hot_write how, struct err *err);
/* Over nothing that stands there; false with errno. */
must_use bool hot_move(int from, const char *name, int to, const char *as);
/* A name that is free in refused, with NAME.txt and NAME.json, made of the thing's own: photo.jpg,
 * photo.jpg.2 … */
must_use bool hot_free_name(int refused, const char *name, char to[DROP_NAME_MAX], struct err *err);
/* Makes what was done in that folder last; a file system that can't sync folders is let be. */
must_use bool hot_sync_folder(int folder, const char *name, struct err *err);
/* The empty folder of a key, with its ticket. */
void hot_unmake(int taking, int own, const char *key);
/* The taken thing is not what it was when it was found, or read. */
bool hot_is_other_now(const struct hot_work *work, int own);
/* As far as the machine allows it: whole to its group, and what is made in it the group's, too. */
bool hot_open_to_group(int folder, const char *name);

/* hot_read.c, hot_take.c, hot_end.c: in the thread */
void hot_words(struct hot_work *work);
void hot_read(struct hot_work *work);
void hot_take(struct hot_work *work);
void hot_finish(struct hot_work *work);
void hot_refuse(struct hot_work *work);
void hot_leave(struct hot_work *work);
/* Brings a take that was broken off to its end: the ticket's text (the caller frees); NULL: nothing
 * had been taken, the folder is gone, or (err) it can't be used. */
char *hot_take_up(struct hot_folder *hot, struct drop *drop, struct err *err);
/* Out of done what is older than it may be. */
void hot_sweep(struct hot_folder *hot);
