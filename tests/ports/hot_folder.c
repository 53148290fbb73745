/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot folder's door on a real folder: what is found and what is not, what a take leaves behind
 * wherever it is broken off, and that what was not looked into is never taken for what was.
 */
#include "ports/hot_folder.h"
#include "base/buf.h"
#include "base/file.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "01M8M1C48H10EHZGFRB87M30VV"
#define TICKET_REST                                                                                \
	"\"name\":\"a.jpg\",\"ref\":\"\",\"is_card\":false,\"sidecar_name\":\"\","                 \
	"\"sidecar\":{\"files\":0,\"inode\":0,\"bytes\":0,\"modified_ns\":0,\"changed_ns\":0},"    \
	"\"pages\":[{\"path\":\"\",\"copies\":2}]}"
#define TICKET "{\"sku\":\"4x6\"," TICKET_REST

static char root[64];
static struct loop *loop;
static struct spool *spool;
static struct hot_folder *hot;
static struct hot_conf conf_now;

#define OWNER "01M8STORE0000000000000000A"
static struct product products[1] = {{.sku = "4x6"}};
static struct catalog catalog = {.products = products, .n_products = 1};

static struct { /* what was told last */
	struct hot_sight sight;
	struct hot_file file;
	bool failed, changed;
	struct err err;
} told;

static void end_wait(const struct err *err)
{
	told.failed = err != NULL;
	if (err != NULL) {
		told.err = *err;
	}
	loop_stop(loop);
}

static void on_looked(void *farm, const struct hot_sight *sight)
{
	(void)farm;
	told.sight = *sight;
	for (size_t i = 0; i < sight->n_found; i++) {
		told.sight.found[i].ticket = NULL; /* was borrowed */
	}
	end_wait(NULL);
}

static void on_words(void *farm, int64_t id, const char *text, size_t len, const struct err *err)
{
	(void)farm;
	(void)id;
	(void)text;
	(void)len;
	end_wait(err);
}

static void on_read(void *farm, int64_t id, const struct hot_file *file, const struct err *err)
{
	(void)farm;
	(void)id;
	told.file = *file;
	end_wait(err);
}

static void on_moved(void *farm, int64_t id, bool changed, const struct err *err)
{
	(void)farm;
	(void)id;
	told.changed = changed;
	end_wait(err);
}

static void on_refused(void *farm, int64_t id, const struct err *err)
{
	(void)farm;
	(void)id;
	end_wait(err);
}

static const struct hot_hears hears = {
	on_looked, on_words, on_read, on_moved, on_moved, on_refused};

static const char *at(const char *name)
{
	static char paths[4][160];
	static int next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/orders/%s", root, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(at(name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool is_there(const char *name)
{
	return access(at(name), F_OK) == 0;
}

static void stop(void *context)
{
	(void)context;
	loop_stop(loop);
}

static int set_up(void **state)
{
	struct err err;
	struct hot_conf conf = {.folder = at(""),
		.owner = OWNER,
		.times = {.settle_ms = 0, .patience_ms = 3600000},
		.keep_ms = 3600000,
		.catalog = &catalog};
	static char folder[160];
	(void)state;
	snprintf(root, sizeof root, "/tmp/hot-test.XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(at(""), 0755), 0);
	snprintf(folder, sizeof folder, "%s/orders", root);
	conf.folder = folder;
	conf_now = conf;
	char path[128];
	snprintf(path, sizeof path, "%s/spool", root);
	loop = loop_create(&err);
	spool = spool_open(loop, path, 0, 0, &err);
	assert_non_null(spool);
	hot = hot_folder_create(loop, spool, &conf, &hears, NULL);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];
	(void)state;
	hot_folder_close(hot, stop, NULL);
	loop_run(loop);
	spool_close(spool, stop, NULL);
	loop_run(loop);
	loop_destroy(loop);
	snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command);
}

/* The folder once more, with that patience. */
static void patience_of(int64_t ms)
{
	hot_folder_close(hot, stop, NULL);
	loop_run(loop);
	conf_now.times.patience_ms = ms;
	hot = hot_folder_create(loop, spool, &conf_now, &hears, NULL);
}

/* The folder once more, as a floor with that store sees it. */
static void owner_is(const char *store)
{
	hot_folder_close(hot, stop, NULL);
	loop_run(loop);
	conf_now.owner = store;
	hot = hot_folder_create(loop, spool, &conf_now, &hears, NULL);
}

static size_t look(void)
{
	hot_folder_files.look(hot, HOT_FOUND_MAX);
	loop_run(loop);
	return told.sight.n_found;
}

static struct drop found_one(void)
{
	assert_int_equal(look(), 1);
	return told.sight.found[0].drop;
}

static void take(struct drop *drop)
{
	snprintf(drop->key, sizeof drop->key, KEY);
	hot_folder_files.take(hot, 1, drop, TICKET);
	loop_run(loop);
}

static void a_file_is_read_taken_and_done(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	assert_int_equal(look(), 0); /* it is in hand */
	hot_folder_files.read(hot, 1, &drop, "", 100);
	loop_run(loop);
	assert_false(told.failed);
	assert_int_equal(told.file.bytes, 5);
	assert_true(spool_has(spool, SPOOL_ASSETS, told.file.sha256, NULL));
	assert_false(told.file.was_there);
	assert_true(is_there("4x6/a.jpg"));
	take(&drop);
	assert_false(told.failed || told.changed);
	assert_false(is_there("4x6/a.jpg"));
	assert_true(is_there(".taking/" KEY "/a.jpg"));
	assert_int_equal(look(), 0);
	hot_folder_files.finish(hot, 1, &drop, NULL);
	loop_run(loop);
	assert_false(told.failed || told.changed);
	assert_true(is_there("done/L-" KEY "/a.jpg"));
	assert_false(is_there("done/L-" KEY "/NOT-ORDERED.txt"));
}

static void a_folder_of_another_floor_is_let_be(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	owner_is("01M8STORE0000000000000000B");
	assert_int_equal(look(), 0);
	assert_false(told.sight.fit);
	assert_string_equal(told.sight.fault.code, "hot-owner");
	assert_non_null(strstr(told.sight.fault.text, OWNER));
	owner_is(OWNER);
	assert_int_equal(look(), 1);
	assert_int_equal(unlink(at(".taking/floor")), 0);
	owner_is("01M8STORE0000000000000000B"); /* the old one is gone for good */
	assert_int_equal(look(), 1);
}

static void what_was_not_ordered_of_a_card_is_named_in_done(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	take(&drop);
	hot_folder_files.finish(hot, 1, &drop, "b.jpg: it is a letter\n");
	loop_run(loop);
	assert_false(told.failed);
	assert_true(is_there("done/L-" KEY "/a.jpg"));
	assert_true(is_there("done/L-" KEY "/NOT-ORDERED.txt"));
}

static void what_is_open_for_writing_is_not_found(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	int fd = open(at("4x6/a.jpg"), O_WRONLY);
	assert_int_equal(look(), 0);
	assert_int_equal(told.sight.n_waiting, 1);
	assert_non_null(strstr(told.sight.whys[0].text, "open for writing"));
	close(fd);
	assert_int_equal(look(), 1);
}

static void what_changes_between_look_and_take_is_not_taken(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	put("4x6/new", "other");
	assert_int_equal(rename(at("4x6/new"), at("4x6/a.jpg")), 0);
	take(&drop);
	assert_true(told.failed);
	assert_string_equal(told.err.code, "changed");
	assert_true(is_there("4x6/a.jpg"));
	assert_false(is_there(".taking/" KEY));
	drop.key[0] = '\0';
	hot_folder_files.leave(hot, &drop, NULL, false);
	assert_int_equal(look(), 1);
}

static void what_is_written_to_after_it_was_taken_is_noticed(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	take(&drop);
	put(".taking/" KEY "/a.jpg", "photo and more");
	hot_folder_files.finish(hot, 1, &drop, NULL);
	loop_run(loop);
	assert_true(told.changed && !told.failed);
	assert_true(is_there("done/L-" KEY "/CHANGED.txt"));
}

static void a_take_that_was_killed_is_undone_or_taken_up(void **state)
{
	(void)state;
	look();
	mkdir(at(".taking/" KEY), 0700); /* before anything was moved */
	put(".taking/" KEY "/.ticket.json.new", "{");
	assert_int_equal(look(), 0);
	assert_false(is_there(".taking/" KEY));
	mkdir(at(".taking/" KEY), 0700); /* after it */
	put(".taking/" KEY "/.ticket.json", TICKET);
	put(".taking/" KEY "/a.jpg", "photo");
	struct drop drop = found_one();
	assert_string_equal(drop.key, KEY);
	assert_string_equal(drop.name, "a.jpg");
	assert_int_equal(look(), 0);
	hot_folder_files.leave(hot, &drop, NULL, false);
	drop = found_one();
	hot_folder_files.finish(hot, 1, &drop, NULL); /* its order stood already */
	loop_run(loop);
	assert_false(told.failed || told.changed);
	assert_false(is_there("done/L-" KEY "/CHANGED.txt"));
	mkdir(at(".taking/01M8M1C48H10EHZGFRB87M30VW"), 0700); /* nobody's */
	put(".taking/01M8M1C48H10EHZGFRB87M30VW/b.jpg", "photo");
	assert_int_equal(look(), 0);
	assert_true(is_there(".taking/01M8M1C48H10EHZGFRB87M30VW/b.jpg"));
	assert_non_null(strstr(told.sight.whys[0].text, "no ticket"));
}

static void what_was_taken_is_finished_though_its_product_is_gone(void **state)
{
	(void)state;
	look();
	mkdir(at(".taking/" KEY), 0700);
	put(".taking/" KEY "/.ticket.json", "{\"sku\":\"gone\"," TICKET_REST);
	put(".taking/" KEY "/a.jpg", "photo");
	struct drop drop = found_one();
	assert_string_equal(drop.sku, "gone");
	hot_folder_files.finish(hot, 1, &drop, NULL);
	loop_run(loop);
	assert_false(told.failed);
	assert_true(is_there("done/L-" KEY "/a.jpg"));
}

static void a_ticket_that_can_not_be_read_is_kept(void **state)
{
	(void)state;
	look();
	mkdir(at(".taking/" KEY), 0700);
	put(".taking/" KEY "/.ticket.json", "{\"sku\":");
	put(".taking/" KEY "/a.jpg", "photo");
	assert_int_equal(look(), 0);
	assert_true(is_there(".taking/" KEY "/.ticket.json"));
	assert_int_equal(told.sight.n_whys, 1);
}

static void holes_and_too_many_bytes_are_not_read(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	assert_int_equal(truncate(at("4x6/a.jpg"), 1000000), 0);
	struct drop drop = found_one();
	hot_folder_files.read(hot, 1, &drop, "", 2000000);
	loop_run(loop);
	assert_true(told.failed);
	assert_string_equal(told.err.code, "asset-holes");
	put("4x6/b.jpg", "photo");
	drop = found_one();
	hot_folder_files.read(hot, 1, &drop, "", 4);
	loop_run(loop);
	assert_string_equal(told.err.code, "asset-limits");
	assert_int_equal(told.err.remedy, REMEDY_REJECT);
}

static void a_sidecar_waits_for_its_picture_however_late(void **state)
{
	(void)state;
	patience_of(0);
	look();
	put("4x6/a.jpg.json", "{\"copies\": 2}");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(look(), 0);
		assert_int_equal(told.sight.n_whys, 1);
		assert_non_null(strstr(told.sight.whys[0].text, "sidecar"));
	}
	put("4x6/a.jpg", "photo");
	assert_string_equal(found_one().sidecar_name, "a.jpg.json");
}

static void a_sidecar_that_was_half_is_looked_into_again_when_it_has_changed(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	put("4x6/a.jpg.Json", "{\"cop");
	struct drop drop = found_one();
	assert_string_equal(drop.sidecar_name, "a.jpg.Json");
	hot_folder_files.leave(hot, &drop, "its sidecar is not whole", false);
	assert_int_equal(look(), 0);
	put("4x6/a.jpg.Json", "{\"copies\": 2}");
	assert_string_equal(found_one().sidecar_name, "a.jpg.Json");
}

static void a_sidecar_that_can_not_be_used_holds_its_picture(void **state)
{
	(void)state;
	look();
	put("4x6/b.jpg.json", "{}");
	put("4x6/a.jpg", "photo");
	assert_int_equal(symlink("b.jpg.json", at("4x6/a.jpg.json")), 0);
	assert_int_equal(look(), 0);
	assert_non_null(strstr(told.sight.whys[0].text, "its sidecar is a link"));
	assert_int_equal(unlink(at("4x6/a.jpg.json")), 0);
	put("4x6/a.jpg.json", "{}");
	put("4x6/a.jpg.JSON", "{}");
	assert_int_equal(look(), 0);
	assert_non_null(strstr(told.sight.whys[0].text, "two sidecars"));
	assert_int_equal(unlink(at("4x6/a.jpg.JSON")), 0);
	assert_string_equal(found_one().sidecar_name, "a.jpg.json");
}

static void what_is_refused_has_a_text_beside_it_and_takes_no_ones_place(void **state)
{
	(void)state;
	look();
	for (int i = 0; i < 2; i++) {
		put("4x6/a.jpg", "photo");
		struct drop drop = found_one();
		hot_folder_files.refuse(hot, 1, &drop, "it is no picture: convert it");
		loop_run(loop);
		assert_false(told.failed);
	}
	assert_true(is_there("refused/a.jpg") && is_there("refused/a.jpg.2"));
	struct buf text = {0};
	struct err err;
	assert_true(file_read(at("refused/a.jpg.2.txt"), 1000, &text, &err));
	assert_non_null(strstr(buf_get(&text), "convert it"));
	buf_fini(&text);
}

static void what_people_put_into_refused_stays_as_it_is(void **state)
{
	(void)state;
	look();
	put("refused/a.jpg.txt", "a note");
	put("refused/a.jpg.2.json", "{}");
	assert_int_equal(mkfifo(at("refused/a.jpg.3.txt"), 0600), 0);
	put("4x6/a.jpg", "photo");
	put("4x6/a.jpg.json", "{}");
	struct drop drop = found_one();
	hot_folder_files.refuse(hot, 1, &drop, "it is no picture: convert it");
	loop_run(loop);
	assert_false(told.failed);
	assert_true(is_there("refused/a.jpg.4") && is_there("refused/a.jpg.4.json"));
	struct buf text = {0};
	struct err err;
	assert_true(file_read(at("refused/a.jpg.txt"), 1000, &text, &err));
	assert_string_equal(buf_get(&text), "a note");
	buf_fini(&text);
}

static void what_can_not_be_moved_to_refused_leaves_no_reason_there(void **state)
{
	(void)state;
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	assert_int_equal(unlink(at("4x6/a.jpg")), 0);
	hot_folder_files.refuse(hot, 1, &drop, "it is no picture: convert it");
	loop_run(loop);
	assert_true(told.failed);
	assert_false(is_there("refused/a.jpg.txt"));
}

static void what_is_put_off_says_why_and_is_not_refused(void **state)
{
	(void)state;
	patience_of(0);
	look();
	put("4x6/a.jpg", "photo");
	struct drop drop = found_one();
	hot_folder_files.leave(hot, &drop, "its disk is full", true);
	assert_int_equal(look(), 1); /* after a rest of twice settle, which is 0 here */
	assert_false(told.sight.found[0].given_up);
	assert_int_equal(told.sight.found[0].fails, 1);
	assert_int_equal(rename(at("refused"), at("away")), 0);
	put("refused", "a file stands there");
	hot_folder_files.refuse(hot, 1, &told.sight.found[0].drop, "it is no picture");
	loop_run(loop);
	assert_true(told.failed);
	assert_string_equal(told.err.code, "hot-place");
	assert_true(is_there("4x6/a.jpg"));
}

static void what_can_not_be_offered_keeps_nothing_behind_it_waiting(void **state)
{
	char name[32];
	(void)state;
	look();
	for (int i = 0; i < 300; i++) { /* folders that are no cards, each with something in it */
		snprintf(name, sizeof name, "4x6/folder %03d", i);
		assert_int_equal(mkdir(at(name), 0755), 0);
		snprintf(name, sizeof name, "4x6/folder %03d/a", i);
		put(name, "a");
	}
	put("4x6/photo.jpg", "photo");
	assert_int_equal(look(), 0);
	assert_string_equal(found_one().name, "photo.jpg");
}

static void a_folder_that_is_away_is_told_and_comes_back(void **state)
{
	char here[128], away[128];
	(void)state;
	snprintf(here, sizeof here, "%s/orders", root);
	snprintf(away, sizeof away, "%s/away", root);
	look();
	assert_true(told.sight.fit);
	assert_int_equal(rename(here, away), 0);
	look();
	assert_false(told.sight.fit);
	assert_non_null(strstr(told.sight.fault.text, "No such file"));
	assert_int_equal(rename(away, here), 0);
	put("4x6/a.jpg", "photo");
	assert_int_equal(look(), 1);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_file_is_read_taken_and_done),
		IN_A_FOLDER(a_folder_of_another_floor_is_let_be),
		IN_A_FOLDER(what_was_not_ordered_of_a_card_is_named_in_done),
		IN_A_FOLDER(a_sidecar_waits_for_its_picture_however_late),
		IN_A_FOLDER(a_sidecar_that_was_half_is_looked_into_again_when_it_has_changed),
		IN_A_FOLDER(a_sidecar_that_can_not_be_used_holds_its_picture),
		IN_A_FOLDER(what_is_open_for_writing_is_not_found),
		IN_A_FOLDER(what_changes_between_look_and_take_is_not_taken),
		IN_A_FOLDER(what_is_written_to_after_it_was_taken_is_noticed),
		IN_A_FOLDER(a_take_that_was_killed_is_undone_or_taken_up),
		IN_A_FOLDER(what_was_taken_is_finished_though_its_product_is_gone),
		IN_A_FOLDER(a_ticket_that_can_not_be_read_is_kept),
		IN_A_FOLDER(holes_and_too_many_bytes_are_not_read),
		IN_A_FOLDER(what_is_refused_has_a_text_beside_it_and_takes_no_ones_place),
		IN_A_FOLDER(what_people_put_into_refused_stays_as_it_is),
		IN_A_FOLDER(what_can_not_be_moved_to_refused_leaves_no_reason_there),
		IN_A_FOLDER(what_is_put_off_says_why_and_is_not_refused),
		IN_A_FOLDER(what_can_not_be_offered_keeps_nothing_behind_it_waiting),
		IN_A_FOLDER(a_folder_that_is_away_is_told_and_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
