/* SPDX-License-Identifier: Apache-2.0
 *
 * One look into the hot folder, beside the loop.
 *
 *  1. The folders are there, or are made.
 *  2. All that lies in the products' folders, and in the working folder, is listed and held against
 *     the look before: what has changed has not come to rest.
 *  3. Each thing in turn, from behind the last that was found: is it ripe, is somebody writing, and
 *     if it is not taken, why?
 *
 * Ways it fails: the folder is away (told; all that was known of it stays).
 */
#include "ports/hot_own.h"
#include "base/clock.h"
#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THINGS_MAX 50000 /* looked at at once */
#define OPENS_MAX  256   /* files that are opened in one look */

#define NO_CARD                                                                                    \
	"it is a folder without a card's print order (MISC/AUTPRINT.MRK): drop the pictures "      \
	"themselves, or the whole card"

struct look {
	struct hot_folder *hot;
	struct hot_sight *sight;
	struct hot_things seen;
	int64_t now_ms;
	int32_t want;
	int opens;
};

/* ---- the list ---- */

void hot_things_free(struct hot_things *things)
{
	for (size_t i = 0; i < things->n; i++) {
		free(things->at[i].name);
		free(things->at[i].why);
	}
	free(things->at);
	*things = (struct hot_things){0};
}

static int compare(const void *a, const void *b)
{
	const struct hot_thing *one = a, *other = b;
	return one->sku != other->sku ? (one->sku > other->sku) - (one->sku < other->sku)
				      : strcmp(one->name, other->name);
}

struct hot_thing *hot_find(const struct hot_things *things, int32_t sku, const char *name)
{
	struct hot_thing key = {.sku = sku, .name = (char *)name};
	return things->n == 0 ? NULL
			      : bsearch(&key, things->at, things->n, sizeof *things->at, compare);
}

static void add_thing(struct hot_things *things, int32_t sku, const char *name, mode_t kind,
	const struct drop_print *print)
{
	if (things->n == THINGS_MAX) {
		things->too_many = true;
		return;
	}
	if (things->n == things->room) {
		things->room = things->room == 0 ? 64 : 2 * things->room;
		things->at = mem_resize(things->at, things->room, sizeof *things->at);
	}
	things->at[things->n++] = (struct hot_thing){
		.sku = sku, .name = mem_text(name), .kind = kind & S_IFMT, .print = *print};
}

/* ---- reasons ---- */

static void tell_why(struct look *look, int32_t sku, const char *name, const char *why)
{
	struct hot_sight *sight = look->sight;
	sight->n_waiting++;
	if (sight->n_whys < HOT_WHYS_MAX) {
		struct drop_why *to = &sight->whys[sight->n_whys++];
		const char *folder = sku == TAKEN ? "" : look->hot->conf.catalog->products[sku].sku;
		snprintf(
			to->name, sizeof to->name, "%s%s%s", folder, sku == TAKEN ? "" : "/", name);
		text_copy(to->text, sizeof to->text, why);
	}
}

static void set_why(struct hot_thing *thing, const char *why)
{
	if (thing->why == NULL || strcmp(thing->why, why) != 0) {
		free(thing->why);
		thing->why = mem_text(why);
	}
}

/* ---- folders ---- */

static bool make_folder(int root, const char *name, mode_t mode, struct err *err)
{
	struct stat about;
	if (fstatat(root, name, &about, AT_SYMLINK_NOFOLLOW) == 0) {
		return true; /* as people have set it up */
	}
	if (mkdirat(root, name, mode) != 0) {
		return hot_fault(err, "making the folder", name, errno);
	}
	/* whatever the umask: its group drops and clears, and what they make stays the group's */
	return fchmodat(root, name, mode, 0) == 0 ||
	       hot_fault(err, "opening the folder to its group", name, errno);
}

static bool make_folders(const struct hot_folder *hot, int root, struct err *err)
{
	const struct catalog *catalog = hot->conf.catalog;
	bool fine = make_folder(root, HOT_TAKING, 0700, err) &&
		    make_folder(root, HOT_DONE, 02770, err) &&
		    make_folder(root, HOT_REFUSED, 02770, err);
	for (int32_t i = 0; fine && i < catalog->n_products; i++) {
		fine = make_folder(root, catalog->products[i].sku, 02770, err);
	}
	return fine;
}

static DIR *list(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	if (listing == NULL && fd >= 0) {
		int error = errno;
		close(fd);
		errno = error;
	}
	return listing;
}

/* Things that lie beside the products' folders wait for ever: somebody should know. */
static void look_beside(struct look *look, int root)
{
	const struct catalog *catalog = look->hot->conf.catalog;
	DIR *listing = list(root, ".");
	for (struct dirent *at; listing != NULL && (at = readdir(listing)) != NULL;) {
		const char *name = at->d_name;
		bool ours = strcmp(name, HOT_DONE) == 0 || strcmp(name, HOT_REFUSED) == 0;
		if (!ours && drop_kind_of(name) != DROP_NOTHING &&
			strcmp(name, "lost+found") != 0 && catalog_product(catalog, name) == NULL) {
			tell_why(look, TAKEN, name,
				"it is no product of this floor: put what shall be printed into "
				"the "
				"folder of a product (profiles/products has them)");
		}
	}
	if (listing != NULL) {
		closedir(listing);
	}
}

static bool print_of(
	int folder, const char *name, struct stat *about, struct drop_print *print, struct err *err)
{
	if (fstatat(folder, name, about, AT_SYMLINK_NOFOLLOW) != 0) {
		return hot_fault(err, "looking at", name, errno);
	}
	*print = hot_print_of(about);
	return !S_ISDIR(about->st_mode) || hot_print_tree(folder, name, print, err);
}

static bool is_looked_at(int32_t sku, const char *name)
{
	return sku == TAKEN ? strlen(name) == ULID_MAX - 1 && text_is_id(name)
			    : drop_kind_of(name) != DROP_NOTHING;
}

static void scan(struct look *look, int root, int32_t sku)
{
	const char *folder = sku == TAKEN ? HOT_TAKING : look->hot->conf.catalog->products[sku].sku;
	struct err err;
	DIR *listing = list(root, folder);
	if (listing == NULL) {
		hot_fault(&err, "opening the folder", folder, errno);
		tell_why(look, TAKEN, folder, err.text);
		return;
	}
	for (struct dirent *at; (at = readdir(listing)) != NULL;) {
		struct stat about = {0};
		struct drop_print print;
		if (!is_looked_at(sku, at->d_name)) {
			continue;
		}
		if (print_of(dirfd(listing), at->d_name, &about, &print, &err)) {
			add_thing(&look->seen, sku, at->d_name, about.st_mode, &print);
		} else if (about.st_mode != 0) { /* else it has just gone */
			tell_why(look, sku, at->d_name, err.text);
		}
	}
	closedir(listing);
}

/* What is known of it from before goes on. */
static void remember(struct hot_things *seen, struct hot_things *before)
{
	for (size_t i = 0; i < seen->n; i++) {
		struct hot_thing *now = &seen->at[i];
		struct hot_thing *then = hot_find(before, now->sku, now->name);
		if (then != NULL) {
			now->watch = then->watch;
			now->in_hand = then->in_hand;
			now->why = then->why;
			then->why = NULL;
		}
	}
}

/* ---- what is in hand ---- */

struct hot_hand {
	struct link link;
	char key[ULID_MAX];
};

static struct hot_hand *hand_of(const struct hot_folder *hot, const char *key)
{
	list_each(link, &hot->hands)
	{
		struct hot_hand *hand = list_entry(link, struct hot_hand, link);
		if (strcmp(hand->key, key) == 0) {
			return hand;
		}
	}
	return NULL;
}

void hot_hands_free(struct hot_folder *hot)
{
	list_each(link, &hot->hands)
	{
		list_remove(link);
		free(list_entry(link, struct hot_hand, link));
	}
}

void hot_take_in_hand(struct hot_folder *hot, const char *key)
{
	struct hot_hand *hand = mem_new(1, sizeof *hand);
	text_copy(hand->key, sizeof hand->key, key);
	list_append(&hot->hands, &hand->link);
}

void hot_let_go(struct hot_folder *hot, const struct drop *drop, const char *why)
{
	struct hot_hand *hand = drop->key[0] == '\0' ? NULL : hand_of(hot, drop->key);
	if (hand != NULL) {
		list_remove(&hand->link);
		free(hand);
	}
	const char *name = drop->key[0] == '\0' ? drop->name : drop->key;
	int32_t sku = TAKEN;
	for (int32_t i = 0; drop->key[0] == '\0' && i < hot->conf.catalog->n_products; i++) {
		sku = strcmp(hot->conf.catalog->products[i].sku, drop->sku) == 0 ? i : sku;
	}
	struct hot_thing *thing = hot_find(&hot->things, sku, name);
	if (thing != NULL) {
		thing->in_hand = false;
	}
	if (thing != NULL && why != NULL) {
		drop_failed(&thing->watch);
		set_why(thing, why);
	}
}

/* ---- finding ---- */

static void found(
	struct look *look, struct hot_thing *thing, const struct drop *drop, bool given_up)
{
	struct hot_folder *hot = look->hot;
	struct drop_found *to = &look->sight->found[look->sight->n_found++];
	to->drop = *drop;
	to->given_up = given_up;
	text_copy(
		to->why, sizeof to->why, thing->why != NULL ? thing->why : "nothing came into it");
	thing->in_hand = true;
	hot->last_sku = thing->sku;
	text_copy(hot->last_name, sizeof hot->last_name, thing->name);
}

static struct drop drop_of(const struct look *look, const struct hot_thing *thing)
{
	struct drop drop = {.is_card = S_ISDIR(thing->kind), .print = thing->print};
	if (thing->sku == TAKEN) {
		text_copy(drop.key, sizeof drop.key, thing->name);
	} else {
		text_copy(drop.sku, sizeof drop.sku,
			look->hot->conf.catalog->products[thing->sku].sku);
		text_copy(drop.name, sizeof drop.name, thing->name);
	}
	return drop;
}

static struct hot_thing *sidecar_of(const struct look *look, const struct hot_thing *picture)
{
	static const char *const ends[] = {".json", ".JSON"};
	for (int i = 0; i < 2; i++) {
		char name[DROP_NAME_MAX + 8];
		snprintf(name, sizeof name, "%s%s", picture->name, ends[i]);
		struct hot_thing *sidecar = hot_find(&look->seen, picture->sku, name);
		if (sidecar != NULL && S_ISREG(sidecar->kind)) {
			return sidecar;
		}
	}
	return NULL;
}

static bool has_picture(const struct look *look, const struct hot_thing *sidecar)
{
	char name[DROP_NAME_MAX];
	text_copy(name, sizeof name, sidecar->name);
	name[strlen(name) - strlen(".json")] = '\0';
	return hot_find(&look->seen, sidecar->sku, name) != NULL;
}

static enum drop_state state_of(struct look *look, struct hot_thing *thing)
{
	return drop_look(&thing->watch, &thing->print, look->now_ms, &look->hot->conf.times);
}

/* Whether it can be opened for reading, and nobody writes in it; false says why. */
static bool is_free(struct look *look, struct hot_thing *thing)
{
	struct err err;
	int folder =
		hot_open_folder(look->hot, look->hot->conf.catalog->products[thing->sku].sku, &err);
	int fd = folder < 0 ? -1 : hot_open_file(folder, thing->name, &err);
	bool written = fd >= 0 && hot_is_being_written(fd);
	if (written) {
		err_set(&err, REMEDY_RETRY, "being-written",
			"another program still has it open for writing");
	}
	if (fd >= 0) {
		close(fd);
	}
	if (folder >= 0) {
		close(folder);
	}
	if (fd < 0 || written) {
		set_why(thing, err.text);
	}
	return fd >= 0 && !written;
}

static void offer_picture(struct look *look, struct hot_thing *thing, bool given_up)
{
	struct drop drop = drop_of(look, thing);
	struct hot_thing *sidecar = sidecar_of(look, thing);
	if (sidecar != NULL) {
		if (state_of(look, sidecar) == DROP_MOVING) {
			look->sight->n_waiting++;
			return;
		}
		text_copy(drop.sidecar_name, sizeof drop.sidecar_name, sidecar->name);
		drop.sidecar = sidecar->print;
	}
	if (!text_is_utf8(thing->name, strlen(thing->name))) {
		set_why(thing, "its name is no UTF-8: rename it, and drop it again");
		given_up = true;
	}
	if (look->want <= (int32_t)look->sight->n_found || look->opens == OPENS_MAX) {
		look->sight->n_waiting++; /* its turn will come */
		return;
	}
	look->opens++;
	if (given_up || is_free(look, thing)) {
		found(look, thing, &drop, given_up);
	} else {
		tell_why(look, thing->sku, thing->name, thing->why);
	}
}

static bool has_print_order(struct look *look, const struct hot_thing *thing)
{
	struct err err;
	char path[DROP_NAME_MAX + 32];
	snprintf(path, sizeof path, "%s/MISC/AUTPRINT.MRK", thing->name);
	int folder =
		hot_open_folder(look->hot, look->hot->conf.catalog->products[thing->sku].sku, &err);
	int fd = folder < 0 ? -1 : hot_open_path(folder, path, &err);
	if (fd >= 0) {
		close(fd);
	}
	if (folder >= 0) {
		close(folder);
	}
	return fd >= 0;
}

static void offer_card(struct look *look, struct hot_thing *thing, bool given_up)
{
	if (look->want <= (int32_t)look->sight->n_found || look->opens == OPENS_MAX) {
		look->sight->n_waiting++;
		return;
	}
	look->opens++;
	if (!text_is_utf8(thing->name, strlen(thing->name)) || !has_print_order(look, thing)) {
		tell_why(look, thing->sku, thing->name, NO_CARD);
		return;
	}
	struct drop drop = drop_of(look, thing);
	found(look, thing, &drop, given_up);
}

/* What an earlier life had taken. */
static void offer_taken(struct look *look, struct hot_thing *thing, bool given_up)
{
	struct err err = {.text = ""};
	if (look->want <= (int32_t)look->sight->n_found) {
		look->sight->n_waiting++;
		return;
	}
	struct drop drop = drop_of(look, thing);
	char *ticket = hot_take_up(look->hot, &drop, &err);
	if (ticket != NULL) {
		found(look, thing, &drop, given_up);
		look->sight->found[look->sight->n_found - 1].ticket = ticket;
		hot_take_in_hand(look->hot, thing->name);
	} else if (err.text[0] != '\0') {
		tell_why(look, TAKEN, HOT_TAKING, err.text);
	}
}

static void look_at_sidecar(struct look *look, struct hot_thing *thing)
{
	if (has_picture(look, thing)) {
		return; /* goes with it */
	}
	enum drop_state state = state_of(look, thing);
	set_why(thing, "it is a sidecar, and a picture of its name is not there");
	if (state == DROP_RIPE) {
		drop_failed(&thing->watch);
	}
	if (state == DROP_GIVEN_UP && look->want > (int32_t)look->sight->n_found) {
		struct drop drop = drop_of(look, thing);
		found(look, thing, &drop, true);
	} else {
		tell_why(look, thing->sku, thing->name, thing->why);
	}
}

static void look_at(struct look *look, struct hot_thing *thing)
{
	bool taken = thing->sku == TAKEN;
	if (thing->in_hand || (taken && hand_of(look->hot, thing->name) != NULL)) {
		return;
	}
	if (!S_ISREG(thing->kind) && !S_ISDIR(thing->kind)) {
		tell_why(look, thing->sku, thing->name,
			"it is a link or a device: put the file itself there");
		return;
	}
	if (!taken && S_ISREG(thing->kind) && drop_kind_of(thing->name) == DROP_SIDECAR) {
		look_at_sidecar(look, thing);
		return;
	}
	enum drop_state state = state_of(look, thing);
	if (state == DROP_MOVING) {
		look->sight->n_waiting++;
	} else if (state == DROP_WAITING) {
		tell_why(look, thing->sku, thing->name,
			thing->why != NULL     ? thing->why
			: S_ISDIR(thing->kind) ? NO_CARD
					       : "it is empty so far");
	} else if (taken) {
		offer_taken(look, thing, state == DROP_GIVEN_UP);
	} else if (S_ISDIR(thing->kind)) {
		offer_card(look, thing, state == DROP_GIVEN_UP);
	} else {
		offer_picture(look, thing, state == DROP_GIVEN_UP);
	}
}

/* From behind the last that was found, so that each comes to its turn. */
static void look_at_all(struct look *look)
{
	struct hot_thing last = {.sku = look->hot->last_sku, .name = look->hot->last_name};
	struct hot_things *seen = &look->seen;
	size_t first = 0;
	while (first < seen->n && compare(&seen->at[first], &last) <= 0) {
		first++;
	}
	for (size_t i = 0; i < seen->n; i++) {
		look_at(look, &seen->at[(first + i) % seen->n]);
	}
}

void hot_look(struct hot_work *work)
{
	struct hot_folder *hot = work->hot;
	struct hot_sight *sight = work->sight;
	struct look look = {
		.hot = hot, .sight = sight, .now_ms = clock_boot_ms(), .want = work->want};
	int root = hot_open_folder(hot, "", &sight->fault);
	if (root >= 0 && make_folders(hot, root, &sight->fault)) {
		sight->fit = true;
		look_beside(&look, root);
		for (int32_t sku = TAKEN; sku < hot->conf.catalog->n_products; sku++) {
			scan(&look, root, sku);
		}
		qsort(look.seen.at, look.seen.n, sizeof *look.seen.at, compare);
		remember(&look.seen, &hot->things);
		hot_things_free(&hot->things);
		look_at_all(&look);
		hot->things = look.seen;
		hot_sweep(hot);
	}
	if (root >= 0) {
		close(root);
	}
	sight->took_ms = clock_boot_ms() - look.now_ms;
}
