/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a thing of the hot folder into the working folder, beside the loop: its own folder, its
 * ticket, then itself; and both ends synced. hot_take_up undoes a take that a kill broke off, or
 * brings it to its end.
 *
 * Ways it fails: it is not what it was (RETRY, "changed"); its folders can't be written (RETRY).
 */
#include "ports/hot_own.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICKET_MAX (1024 * 1024)

static bool is_same_file(int folder, const char *name, const struct drop_print *print)
{
	struct stat about;
	if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode)) {
		return false;
	}
	struct drop_print now = hot_print_of(&about);
	return drop_is_same(&now, print);
}

/* ---- take ---- */

/* The ticket of a name of its own first: it is there whole, or not at all. */
static bool write_ticket(int folder, const char *text, struct err *err)
{
	return hot_write_file(folder, HOT_TICKET ".new", text, HOT_WRITE_LASTING, err) &&
	       (renameat(folder, HOT_TICKET ".new", folder, HOT_TICKET) == 0 ||
		       hot_place_fault(err, "writing", HOT_TICKET, errno));
}

static bool is_as_found(struct hot_work *work, int from)
{
	const struct drop *drop = &work->drop;
	if (drop->sidecar_name[0] != '\0' &&
		!is_same_file(from, drop->sidecar_name, &drop->sidecar)) {
		return hot_changed(&work->err);
	}
	if (drop->is_card) {
		struct drop_print now;
		return hot_print_tree(from, drop->name, &now, &work->err) &&
		       (drop_is_same(&now, &drop->print) || hot_changed(&work->err));
	}
	int fd = hot_open_file(from, drop->name, &work->err);
	bool fine = fd >= 0 && !hot_is_being_written(fd) &&
		    is_same_file(from, drop->name, &drop->print);
	fd_close(fd);
	return fine || hot_changed(&work->err);
}

static bool move_in(struct hot_work *work, int from, int own)
{
	const struct drop *drop = &work->drop;
	if (renameat(from, drop->name, own, drop->name) != 0) {
		return hot_place_fault(&work->err, "taking", drop->name, errno);
	}
	if (drop->sidecar_name[0] != '\0') { /* if not now, then when it is taken up or finished */
		(void)!renameat(from, drop->sidecar_name, own, drop->sidecar_name);
	}
	return true;
}

static bool take_into(struct hot_work *work, int from, int taking)
{
	const struct drop *drop = &work->drop;
	struct err *err = &work->err;
	if (mkdirat(taking, drop->key, 0700) != 0) {
		return hot_place_fault(err, "making the folder", drop->key, errno);
	}
	int own = openat(taking, drop->key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool moved = own >= 0 && write_ticket(own, work->text, err) &&
		     hot_sync_folder(own, drop->key, err) &&
		     hot_sync_folder(taking, HOT_TAKING, err) && move_in(work, from, own);
	if (own >= 0 && !moved) {
		hot_unmake(taking, own, drop->key);
	} else if (own < 0) {
		hot_place_fault(err, "opening the folder", drop->key, errno);
		unlinkat(taking, drop->key, AT_REMOVEDIR);
	}
	/* the order must not outlive the move: else it would be found there again, and ordered
	 * under another key */
	bool fine = moved && hot_sync_folder(own, drop->key, err) &&
		    hot_sync_folder(from, drop->sku, err);
	work->changed = moved && (!fine || hot_is_other_now(work, own));
	fd_close(own);
	return moved;
}

void hot_take(struct hot_work *work)
{
	struct drop before = work->drop;
	before.key[0] = '\0';
	int from = hot_open_place(work->hot, &before, &work->err);
	int taking = from < 0 ? -1 : hot_open_folder(work->hot, HOT_TAKING, &work->err);
	work->fine = taking >= 0 && is_as_found(work, from) && take_into(work, from, taking);
	if (work->fine) {
		hot_let_go(work->hot, &before, NULL, false);
		hot_take_in_hand(work->hot, work->drop.key);
	}
	fd_close(taking);
	fd_close(from);
}

/* ---- taking up what a kill broke off ---- */

static char *read_ticket(int own, struct ticket *ticket, struct err *err)
{
	struct buf text = {0};
	int fd = hot_open_file(own, HOT_TICKET, err);
	if (fd < 0) {
		return NULL;
	}
	bool fine = hot_read_text(fd, TICKET_MAX, &text) ||
		    hot_place_fault(err, "reading", HOT_TICKET, errno);
	close(fd);
	json_t *json = fine ? json_read(buf_get(&text), text.len, err) : NULL;
	fine = json != NULL && ticket_from_json(json, ticket, err);
	json_decref(json);
	if (!fine) {
		buf_fini(&text);
		return NULL;
	}
	return text.bytes;
}

/* The sidecar was to come along. */
static void fetch_sidecar(struct hot_folder *hot, int own, const struct ticket *ticket)
{
	struct err ignored;
	int from =
		ticket->sidecar_name[0] == '\0' ? -1 : hot_open_folder(hot, ticket->sku, &ignored);
	if (from >= 0 && is_same_file(from, ticket->sidecar_name, &ticket->sidecar)) {
		(void)!renameat(from, ticket->sidecar_name, own, ticket->sidecar_name);
	}
	fd_close(from);
}

/* Both ends of the move: that of the life before may not last yet. */
static bool make_last(struct hot_folder *hot, int own, const struct ticket *ticket, struct err *err)
{
	int from = hot_open_folder(hot, ticket->sku, err);
	bool gone = from < 0 && errno == ENOENT; /* with its product: nothing can be found there */
	bool lasts = (from >= 0 || gone) && hot_sync_folder(own, HOT_TAKING, err) &&
		     (gone || hot_sync_folder(from, ticket->sku, err));
	fd_close(from);
	return lasts;
}

static void fill(struct drop *drop, const struct ticket *ticket)
{
	memcpy(drop->sku, ticket->sku, sizeof drop->sku);
	memcpy(drop->name, ticket->name, sizeof drop->name);
	memcpy(drop->sidecar_name, ticket->sidecar_name, sizeof drop->sidecar_name);
	drop->is_card = ticket->is_card;
	drop->print = (struct drop_print){0}; /* not that of the folder: how it was is not known */
}

/* It was refused, and the sidecar was left behind. */
static void send_sidecar_after(struct hot_folder *hot, int own, const struct ticket *ticket)
{
	struct err ignored;
	char to[DROP_NAME_MAX];
	int refused =
		ticket->sidecar_name[0] == '\0' ? -1 : hot_open_folder(hot, HOT_REFUSED, &ignored);
	if (refused >= 0) {
		if (hot_free_name(refused, ticket->sidecar_name, to, &ignored)) {
			(void)!hot_move(own, ticket->sidecar_name, refused, to);
		}
		close(refused);
	}
}

/* What can't be seen just now is not taken for gone. */
static bool has(int folder, const char *name)
{
	struct stat about;
	return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* The ticket of what lies there; NULL when nothing does, and then the folder is gone. */
static char *take_up(
	struct hot_folder *hot, int taking, int own, struct drop *drop, struct err *err)
{
	struct ticket ticket = {0};
	bool has_ticket = has(own, HOT_TICKET);
	char *text = has_ticket ? read_ticket(own, &ticket, err) : NULL;
	if (has_ticket && text == NULL) {
		return NULL; /* it can't be read just now */
	}
	if (text != NULL && has(own, ticket.name)) {
		fill(drop, &ticket);
		fetch_sidecar(hot, own, &ticket);
		if (!make_last(hot, own, &ticket, err)) {
			free(text);
			text = NULL;
		}
		ticket_fini(&ticket);
		return text;
	}
	send_sidecar_after(hot, own, &ticket);
	hot_unmake(
		taking, own, drop->key); /* killed before anything was moved in, or after it left */
	if (has(taking, drop->key)) {
		err_set(err, REMEDY_RETRY, "hot-folder",
			"%s has no ticket: put what lies in it back into the folder of its "
			"product, "
			"if it was not printed",
			drop->key);
	}
	ticket_fini(&ticket);
	free(text);
	return NULL;
}

char *hot_take_up(struct hot_folder *hot, struct drop *drop, struct err *err)
{
	int taking = hot_open_folder(hot, HOT_TAKING, err);
	int own = taking < 0 ? -1 : hot_open_place(hot, drop, err);
	char *text = own < 0 ? NULL : take_up(hot, taking, own, drop, err);
	fd_close(own);
	fd_close(taking);
	return text;
}
