/* SPDX-License-Identifier: Apache-2.0
 *
 * What a name in the hot folder says, and when a thing there is ripe.
 */
#include "rules/drop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct drop_times times = {.settle_ms = 2000, .patience_ms = 60000};

static int32_t copies(const char *name)
{
	int32_t n = -1;
	struct err err;
	return drop_copies_of(name, &n, &err) ? n : -1;
}

static void a_number_after_x_at_the_end_of_the_name_is_the_copies(void **state)
{
	(void)state;
	assert_int_equal(copies("photo_x3.jpg"), 3);
	assert_int_equal(copies("photo_X12.JPG"), 12);
	assert_int_equal(copies("photo_x007.jpeg"), 7);
	assert_int_equal(copies("photo_x9999"), 9999);
	assert_int_equal(copies("two words_x2.tif"), 2);
}

static void any_other_name_is_one_copy(void **state)
{
	(void)state;
	static const char *const names[] = {"photo.jpg", "3x_photo.jpg", "photo_1920x1080.jpg",
		"photox3.jpg", "photo_x3_final.jpg", "photo_x3.jpg.png", "photo_x.jpg", "12.jpg",
		"x3.jpg", "photo", "\xC3\xA9_3.jpg"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(copies(names[i]), 1);
	}
}

static void copies_that_nobody_can_want_are_refused_not_guessed(void **state)
{
	(void)state;
	assert_int_equal(copies("photo_x0.jpg"), -1);
	assert_int_equal(copies("photo_x10000.jpg"), -1);
	assert_int_equal(copies("photo_x99999999999999999999999999.jpg"), -1);
}

static void unfinished_hidden_and_file_managers_names_are_nothing(void **state)
{
	(void)state;
	static const char *const names[] = {"", ".photo.jpg", ".DS_Store", "~photo.jpg",
		"photo.jpg~", "photo.jpg.part", "photo.PART", "photo.tmp", "photo.jpg.crdownload",
		"Thumbs.db", "thumbs.DB", "desktop.ini", "photo.jpg.filepart", ".photo.jpg.Xy12Ab"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(drop_kind_of(names[i]), DROP_NOTHING);
	}
	assert_int_equal(drop_kind_of("photo.jpg"), DROP_PICTURE);
	assert_int_equal(drop_kind_of("part.jpg"), DROP_PICTURE);
	assert_int_equal(drop_kind_of("no ending"), DROP_PICTURE);
	assert_int_equal(drop_kind_of("photo.jpg.json"), DROP_SIDECAR);
	assert_int_equal(drop_kind_of("photo.jpg.JSON"), DROP_SIDECAR);
}

static void what_changes_is_not_ripe_until_it_has_rested(void **state)
{
	(void)state;
	struct drop_watch watch = {0};
	struct drop_print print = {.files = 1, .inode = 7, .bytes = 100, .modified_ns = 5};
	assert_int_equal(drop_look(&watch, &print, 1000, &times), DROP_MOVING);
	assert_int_equal(drop_look(&watch, &print, 2900, &times), DROP_MOVING);
	print.bytes = 200;
	assert_int_equal(drop_look(&watch, &print, 3100, &times), DROP_MOVING);
	print.changed_ns = 9; /* the mtime was set back, as copying programs do at the end */
	assert_int_equal(drop_look(&watch, &print, 5200, &times), DROP_MOVING);
	assert_int_equal(drop_look(&watch, &print, 7200, &times), DROP_RIPE);
	assert_int_equal(drop_look(&watch, &print, 90000, &times), DROP_RIPE);
}

static void what_was_not_whole_waits_for_a_change_and_is_given_up_without_one(void **state)
{
	(void)state;
	struct drop_watch watch = {0};
	struct drop_print print = {.files = 1, .inode = 7, .bytes = 100};
	drop_look(&watch, &print, 0, &times);
	assert_int_equal(drop_look(&watch, &print, 2000, &times), DROP_RIPE);
	drop_failed(&watch);
	assert_int_equal(drop_look(&watch, &print, 59999, &times), DROP_WAITING);
	print.bytes = 101;
	assert_int_equal(drop_look(&watch, &print, 60000, &times), DROP_MOVING);
	assert_int_equal(drop_look(&watch, &print, 64000, &times), DROP_RIPE);
	drop_failed(&watch);
	assert_int_equal(drop_look(&watch, &print, 120000, &times), DROP_GIVEN_UP);
}

static void each_failure_makes_it_rest_twice_as_long_up_to_eight_times(void **state)
{
	(void)state;
	struct drop_watch watch = {0};
	struct drop_print print = {.files = 1, .inode = 7};
	int64_t now_ms = 0;
	static const int64_t rests_ms[] = {2000, 4000, 8000, 16000, 16000};
	for (size_t i = 0; i < sizeof rests_ms / sizeof rests_ms[0]; i++) {
		print.bytes++;
		drop_look(&watch, &print, now_ms, &times);
		now_ms += rests_ms[i];
		assert_int_equal(drop_look(&watch, &print, now_ms - 1, &times), DROP_MOVING);
		assert_int_equal(drop_look(&watch, &print, now_ms, &times), DROP_RIPE);
		drop_failed(&watch);
		drop_failed(&watch); /* told twice, it counts once */
	}
}

static void what_is_put_off_is_ripe_again_after_a_rest_and_never_given_up(void **state)
{
	(void)state;
	struct drop_watch watch = {0};
	struct drop_print print = {.files = 1, .inode = 7, .bytes = 100};
	int64_t now_ms = 2000;
	static const int64_t rests_ms[] = {4000, 8000, 16000, 16000, 16000, 16000, 16000, 16000};
	drop_look(&watch, &print, 0, &times);
	assert_int_equal(drop_look(&watch, &print, now_ms, &times), DROP_RIPE);
	for (size_t i = 0; i < sizeof rests_ms / sizeof rests_ms[0]; i++) {
		drop_put_off(&watch, now_ms);
		assert_true(watch.put_off);
		now_ms += rests_ms[i];
		assert_int_equal(drop_look(&watch, &print, now_ms - 1, &times), DROP_MOVING);
		assert_int_equal(drop_look(&watch, &print, now_ms, &times), DROP_RIPE);
	}
	assert_int_equal(drop_look(&watch, &print, now_ms + 90000, &times), DROP_RIPE);
	print.bytes++;
	assert_int_equal(drop_look(&watch, &print, now_ms, &times), DROP_MOVING);
	assert_false(watch.put_off);
}

static void an_empty_file_is_only_begun(void **state)
{
	(void)state;
	struct drop_watch watch = {0};
	struct drop_print print = {.files = 1, .inode = 7};
	drop_look(&watch, &print, 0, &times);
	assert_int_equal(drop_look(&watch, &print, 30000, &times), DROP_WAITING);
	assert_int_equal(drop_look(&watch, &print, 60000, &times), DROP_GIVEN_UP);
}

static void a_rename_changes_the_print_but_not_the_content(void **state)
{
	(void)state;
	struct drop_print before = {
		.files = 1, .inode = 7, .bytes = 100, .modified_ns = 5, .changed_ns = 6};
	struct drop_print after = before;
	after.changed_ns = 8;
	assert_false(drop_is_same(&before, &after));
	assert_true(drop_is_same_content(&before, &after));
	after.modified_ns = 8;
	assert_false(drop_is_same_content(&before, &after));
}

static void sums_over_a_tree_may_turn_over(void **state)
{
	(void)state;
	struct drop_print tree = {0}, file = {.files = 1, .modified_ns = INT64_MAX};
	drop_add(&tree, &file);
	drop_add(&tree, &file);
	drop_add(&tree, &file);
	assert_int_equal(tree.files, 3);
	assert_int_equal(tree.modified_ns, INT64_MAX - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_after_x_at_the_end_of_the_name_is_the_copies),
		cmocka_unit_test(any_other_name_is_one_copy),
		cmocka_unit_test(copies_that_nobody_can_want_are_refused_not_guessed),
		cmocka_unit_test(unfinished_hidden_and_file_managers_names_are_nothing),
		cmocka_unit_test(what_changes_is_not_ripe_until_it_has_rested),
		cmocka_unit_test(what_was_not_whole_waits_for_a_change_and_is_given_up_without_one),
		cmocka_unit_test(each_failure_makes_it_rest_twice_as_long_up_to_eight_times),
		cmocka_unit_test(what_is_put_off_is_ripe_again_after_a_rest_and_never_given_up),
		cmocka_unit_test(an_empty_file_is_only_begun),
		cmocka_unit_test(a_rename_changes_the_print_but_not_the_content),
		cmocka_unit_test(sums_over_a_tree_may_turn_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
