/* SPDX-License-Identifier: Apache-2.0
 *
 * One look into the hot folder, beside the loop.
 *
 *  1. The folders are there, or are made, and no other floor uses them.
 *  2. All that lies in the products' folders, and in the working folder, is listed and held against
 *     the look before: what has changed has not come to rest.
 *  3. Each thing in turn, from behind the last that was found: is it ripe, is somebody writing, and
 *     if it is not taken, why?
 *
 * Ways it fails: the folder is away (told; all that was known of it stays).
 */
#include "ports/hot_own.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FLOOR_BYTES_MAX 64

/* ---- folders ---- */

/* Whatever the umask: its group drops and clears. */
static bool make_folder(int root, const char *name, bool for_all, struct err *err)
{
	struct stat about;
	if (fstatat(root, name, &about, AT_SYMLINK_NOFOLLOW) == 0) {
		return true; /* as people have set it up */
	}
	if (mkdirat(root, name, 0700) != 0 || (for_all && !hot_open_to_group(root, name))) {
		return hot_fault(err, "making the folder", name, errno);
	}
	return true;
}

static bool make_folders(const struct hot_folder *hot, int root, struct err *err)
{
	const struct catalog *catalog = hot->conf.catalog;
	bool fine = make_folder(root, HOT_TAKING, false, err) &&
		    make_folder(root, HOT_DONE, true, err) &&
		    make_folder(root, HOT_REFUSED, true, err);
	for (int32_t i = 0; fine && i < catalog->n_products; i++) {
		fine = make_folder(root, catalog->products[i].sku, true, err);
	}
	return fine;
}

/* ---- one folder, one floor ---- */

static bool read_owner(int taking, struct buf *owner, struct err *err)
{
	int fd = openat(taking, HOT_FLOOR, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool fine = fd >= 0 && hot_read_text(fd, FLOOR_BYTES_MAX, owner);
	fd_close(fd);
	return fine || hot_place_fault(err, "reading", HOT_TAKING "/" HOT_FLOOR, errno);
}

/* Whole or not at all, and over nobody else's: of two that are first at once, one is. */
static bool move_in(int taking, const char *owner, struct err *err)
{
	char fresh[sizeof HOT_FLOOR + ULID_MAX];
	snprintf(fresh, sizeof fresh, "%s.%s", HOT_FLOOR, owner);
	if (!hot_write_file(taking, fresh, owner, HOT_WRITE_LASTING, err)) {
		return false;
	}
	bool fine = hot_move(taking, fresh, taking, HOT_FLOOR) || errno == EEXIST ||
		    hot_place_fault(err, "making", HOT_TAKING "/" HOT_FLOOR, errno);
	unlinkat(taking, fresh, 0);
	return fine && hot_sync_folder(taking, HOT_TAKING, err);
}

/* Two floors in one folder would each take up what the other has taken, and print it twice. A store
 * that was made anew does not know what the old one has printed, so that is another floor, too. */
static bool is_ours(const struct hot_folder *hot, int root, struct err *err)
{
	struct stat about;
	struct buf owner = {0};
	int taking = openat(root, HOT_TAKING, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool fine = taking >= 0 || hot_place_fault(err, "opening", HOT_TAKING, errno);
	fine = fine && (fstatat(taking, HOT_FLOOR, &about, AT_SYMLINK_NOFOLLOW) == 0 ||
			       move_in(taking, hot->conf.owner, err));
	fine = fine && read_owner(taking, &owner, err);
	if (fine && strcmp(buf_get(&owner), hot->conf.owner) != 0) {
		fine = err_set(err, REMEDY_ATTEND, "hot-owner",
			"it belongs to the floor with the store %.40s, ours is %s: two floors "
			"would "
			"print each picture twice. Give each a folder of its own; if that floor is "
			"gone for good, remove %s/" HOT_TAKING "/" HOT_FLOOR
			" after a look at what still lies in " HOT_TAKING,
			buf_get(&owner), hot->conf.owner, hot->conf.folder);
	}
	fd_close(taking);
	buf_fini(&owner);
	return fine;
}

/* Things that lie beside the products' folders wait for ever: somebody should know. */
static void look_beside(struct hot_look *look, int root)
{
	const struct catalog *catalog = look->hot->conf.catalog;
	DIR *listing = hot_list(root, ".");
	for (struct dirent *at; listing != NULL && (at = readdir(listing)) != NULL;) {
		const char *name = at->d_name;
		bool ours = strcmp(name, HOT_DONE) == 0 || strcmp(name, HOT_REFUSED) == 0;
		if (!ours && drop_kind_of(name) != DROP_NOTHING &&
			strcmp(name, "lost+found") != 0 && catalog_product(catalog, name) == NULL) {
			hot_tell_why(look, TAKEN, name,
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

static void scan(struct hot_look *look, int root, int32_t sku)
{
	const char *folder = sku == TAKEN ? HOT_TAKING : look->hot->conf.catalog->products[sku].sku;
	struct err err;
	DIR *listing = hot_list(root, folder);
	if (listing == NULL) {
		hot_fault(&err, "opening the folder", folder, errno);
		hot_tell_why(look, TAKEN, folder, err.text);
		return;
	}
	for (struct dirent *at; (at = readdir(listing)) != NULL;) {
		struct stat about = {0};
		struct drop_print print;
		if (!is_looked_at(sku, at->d_name)) {
			continue;
		}
		if (print_of(dirfd(listing), at->d_name, &about, &print, &err)) {
			hot_add(&look->seen, sku, at->d_name, about.st_mode, &print);
		} else if (about.st_mode != 0) { /* else it has just gone */
			hot_tell_why(look, sku, at->d_name, err.text);
		}
	}
	closedir(listing);
}

void hot_look(struct hot_work *work)
{
	struct hot_folder *hot = work->hot;
	struct hot_sight *sight = work->sight;
	struct hot_look look = {
		.hot = hot, .sight = sight, .now_ms = clock_boot_ms(), .want = work->want};
	int root = hot_open_folder(hot, "", &sight->fault);
	if (root >= 0 && make_folders(hot, root, &sight->fault) &&
		is_ours(hot, root, &sight->fault)) {
		sight->fit = true;
		look_beside(&look, root);
		for (int32_t sku = TAKEN; sku < hot->conf.catalog->n_products; sku++) {
			scan(&look, root, sku);
		}
		if (look.seen.too_many) {
			hot_tell_why(&look, TAKEN, "all folders together",
				"so many things lie there that not all are looked at: take a part "
				"of them out until the others are printed");
		}
		hot_remember(&look.seen, &hot->things);
		hot_things_free(&hot->things);
		hot_offer(&look);
		hot->things = look.seen;
		hot_sweep(hot);
	}
	fd_close(root);
	sight->took_ms = clock_boot_ms() - look.now_ms;
}
