/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool against a real folder, with the loop and without. A failing disk is played by this
 * program's own fsync, which the C library's callers find first.
 */
#include "ports/spool.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct desk { /* what the tests share: one at a time */
	char root[64];
	int told;
	int64_t last_id;
	bool failed;
	struct err err;
	struct loop *loop;
	bool closed;
};

struct disk {         /* how the disk behaves */
	int fails_at; /* 1: the next sync; 0: never */
	int error;
	int syncs;
};

static struct disk disk;

int fsync(int fd)
{
	disk.syncs++;
	if (disk.fails_at > 0 && --disk.fails_at == 0) {
		errno = disk.error;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static void name_of(char c, char name[HASH_HEX_MAX])
{
	memset(name, c, HASH_HEX_MAX - 1);
	name[HASH_HEX_MAX - 1] = '\0';
}

static void on_told(void *context, int64_t id, const char *name, const struct err *err)
{
	struct desk *desk = context;
	assert_true(hash_is_hex(name) || err != NULL);
	desk->told++;
	desk->last_id = id;
	desk->failed = err != NULL;
	if (err != NULL) {
		desk->err = *err;
	}
	if (desk->loop != NULL) {
		loop_stop(desk->loop);
	}
}

static void on_closed(void *context)
{
	struct desk *desk = context;
	desk->closed = true;
	if (desk->loop != NULL) {
		loop_stop(desk->loop);
	}
}

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof *desk);
	snprintf(desk->root, sizeof desk->root, "/tmp/spool-test.XXXXXX");
	assert_non_null(mkdtemp(desk->root));
	disk = (struct disk){0};
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", desk->root);
	int status = system(command);
	free(desk);
	return status;
}

static struct spool *open_plain(struct desk *desk)
{
	struct err err;
	struct spool *spool = spool_open(desk->loop, desk->root, 0, 0, &err);
	if (spool == NULL) {
		fail_msg("%s", err.text);
	}
	return spool;
}

static int receive(struct spool *spool, const char *name, const char *text)
{
	struct err err = {0};
	int64_t have = -1;
	int fd = spool_incoming(spool, name, (int64_t)strlen(text), &have, &err);
	if (fd < 0) {
		fail_msg("%s", err.text);
	}
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void kept_asset_is_read_back_and_left_incoming(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX];
	name_of('a', name);
	spool_keep_asset(spool, name, receive(spool, name, "photo"), on_told, desk, 7);
	assert_int_equal(desk->told, 0); /* never from inside */
	assert_int_equal(spool_deliver(spool), 1);
	assert_int_equal(desk->told, 1);
	assert_int_equal(desk->last_id, 7);
	assert_false(desk->failed);
	assert_int_equal(spool_deliver(spool), 0);
	int64_t bytes = 0;
	assert_true(spool_has(spool, SPOOL_ASSETS, name, &bytes));
	assert_int_equal(bytes, 5);
	assert_false(spool_has(spool, SPOOL_INCOMING, name, NULL));
	int fd = spool_read(spool, SPOOL_ASSETS, name, &err);
	char text[8] = "";
	assert_int_equal(read(fd, text, sizeof text), 5);
	assert_string_equal(text, "photo");
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
	spool_close(spool, on_closed, desk);
	assert_true(desk->closed);
}

static void an_asset_received_under_another_name_is_kept_under_its_own(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	char from[HASH_HEX_MAX], name[HASH_HEX_MAX];
	name_of('1', from);
	name_of('a', name);
	spool_keep_asset_as(spool, from, name, receive(spool, from, "photo"), on_told, desk, 7);
	assert_int_equal(spool_deliver(spool), 1);
	assert_false(desk->failed);
	assert_true(spool_has(spool, SPOOL_ASSETS, name, NULL));
	assert_false(spool_has(spool, SPOOL_INCOMING, from, NULL));
	assert_false(spool_has(spool, SPOOL_INCOMING, name, NULL));
	spool_close(spool, on_closed, desk);
}

static void with_a_loop_the_answer_comes_in_a_later_turn(void **state)
{
	struct desk *desk = *state;
	struct err err;
	desk->loop = loop_create(&err);
	struct spool *spool = open_plain(desk);
	char name[HASH_HEX_MAX];
	name_of('b', name);
	int fd = spool_new_raster(spool, name, &err);
	assert_int_equal(write(fd, "raster", 6), 6);
	disk.syncs = 0;
	spool_keep_raster(spool, name, fd, on_told, desk, 8);
	assert_int_equal(desk->told, 0);
	loop_run(desk->loop);
	assert_int_equal(desk->told, 1);
	assert_false(desk->failed);
	assert_int_equal(disk.syncs, 2); /* the file and its folder */
	assert_true(spool_has(spool, SPOOL_RASTERS, name, NULL));
	spool_close(spool, on_closed, desk);
	assert_false(desk->closed);
	loop_run(desk->loop);
	assert_true(desk->closed);
	loop_destroy(desk->loop);
}

static void closing_answers_what_is_in_flight_first(void **state)
{
	struct desk *desk = *state;
	struct err err;
	struct loop *loop = loop_create(&err);
	desk->loop = loop;
	struct spool *spool = open_plain(desk);
	desk->loop = NULL; /* nobody stops it: it must run dry by itself */
	for (char c = '0'; c <= '9'; c++) {
		char name[HASH_HEX_MAX];
		name_of(c, name);
		spool_keep_asset(spool, name, receive(spool, name, "photo"), on_told, desk, c);
	}
	assert_true(spool_remove(spool, SPOOL_RASTERS, "f", &err) == false);
	spool_close(spool, on_closed, desk);
	assert_int_equal(desk->told, 0);
	loop_run(loop);
	assert_int_equal(desk->told, 10);
	assert_true(desk->closed);
	loop_destroy(loop);
}

static void first_failed_fsync_is_fatal_and_never_tried_again(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EDQUOT};
	struct desk *desk = *state;
	for (int at = 1; at <= 2; at++) {
		for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
			struct err err;
			struct spool *spool = open_plain(desk);
			char name[HASH_HEX_MAX];
			name_of((char)('a' + at), name);
			int fd = receive(spool, name, "photo");
			disk = (struct disk){.fails_at = at, .error = errors[i]};
			spool_keep_asset(spool, name, fd, on_told, desk, 1);
			spool_deliver(spool);
			assert_true(desk->failed);
			assert_int_equal(desk->err.remedy, REMEDY_FATAL);
			assert_string_equal(desk->err.code, "fsync");
			int syncs = disk.syncs;
			assert_int_equal(syncs, at);
			assert_false(spool_has_room(spool, 0, &err));
			assert_string_equal(err.code, "fsync");
			name_of('e', name);
			int64_t have;
			assert_int_equal(spool_incoming(spool, name, 1, &have, &err), -1);
			assert_string_equal(err.code, "fsync");
			assert_int_equal(disk.syncs, syncs);
			spool_close(spool, NULL, NULL);
		}
	}
}

static void failed_fsync_beside_the_loop_fails_all_that_follow(void **state)
{
	struct desk *desk = *state;
	struct err err;
	struct loop *loop = loop_create(&err);
	desk->loop = loop;
	struct spool *spool = open_plain(desk);
	char a[HASH_HEX_MAX], b[HASH_HEX_MAX];
	name_of('a', a);
	name_of('b', b);
	int first = receive(spool, a, "photo");
	int second = receive(spool, b, "photo");
	disk = (struct disk){.fails_at = 1, .error = EIO};
	spool_keep_asset(spool, a, first, on_told, desk, 1);
	loop_run(loop);
	assert_string_equal(desk->err.code, "fsync");
	spool_keep_asset(spool, b, second, on_told, desk, 2);
	assert_int_equal(desk->told, 1);
	loop_run(loop);
	assert_int_equal(desk->told, 2);
	assert_string_equal(desk->err.code, "fsync");
	assert_int_equal(disk.syncs, 1);
	assert_false(spool_has(spool, SPOOL_ASSETS, a, NULL));
	spool_close(spool, on_closed, desk);
	loop_run(loop);
	loop_destroy(loop);
}

static void failed_fsync_after_a_removal_makes_the_spool_unfit(void **state)
{
	struct desk *desk = *state;
	struct err err;
	struct spool *spool = open_plain(desk);
	char name[HASH_HEX_MAX];
	name_of('a', name);
	spool_keep_asset(spool, name, receive(spool, name, "photo"), on_told, desk, 1);
	spool_deliver(spool);
	assert_true(spool_is_fit(spool, &err));
	disk = (struct disk){.fails_at = 1, .error = EIO};
	assert_true(spool_remove(spool, SPOOL_ASSETS, name, &err));
	spool_deliver(spool);
	assert_false(spool_is_fit(spool, &err));
	assert_string_equal(err.code, "fsync");
	assert_non_null(strstr(err.text, desk->root));
	spool_close(spool, NULL, NULL);
	assert_int_equal(disk.syncs, 1);
}

static void opening_sweeps_incoming_and_nothing_else(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	char a[HASH_HEX_MAX], b[HASH_HEX_MAX];
	name_of('a', a);
	name_of('b', b);
	spool_keep_asset(spool, a, receive(spool, a, "photo"), on_told, desk, 1);
	close(receive(spool, b, "half a pho"));
	spool_close(spool, NULL, NULL);
	spool = open_plain(desk);
	assert_true(spool_has(spool, SPOOL_ASSETS, a, NULL));
	assert_false(spool_has(spool, SPOOL_INCOMING, b, NULL));
	spool_close(spool, NULL, NULL);
}

static void partial_file_is_taken_up_at_its_end(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX];
	name_of('c', name);
	close(receive(spool, name, "half"));
	int64_t have = 0;
	int fd = spool_incoming(spool, name, 8, &have, &err);
	assert_int_equal(have, 4);
	assert_int_equal(write(fd, "half", 4), 4);
	struct stat stat;
	assert_int_equal(fstat(fd, &stat), 0);
	assert_int_equal(stat.st_size, 8);
	assert_int_equal(stat.st_mode & 07777, 0600);
	close(fd);
	spool_drop(spool, name);
	spool_drop(spool, name);
	assert_false(spool_has(spool, SPOOL_INCOMING, name, NULL));
	spool_close(spool, NULL, NULL);
}

static void names_other_than_hashes_are_refused_everywhere(void **state)
{
	static const char *const bad[] = {"", ".", "..", "../assets", "a",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err;
		int64_t have;
		assert_int_equal(spool_incoming(spool, bad[i], 1, &have, &err), -1);
		assert_string_equal(err.code, "spool-name");
		assert_int_equal(spool_new_raster(spool, bad[i], &err), -1);
		assert_int_equal(spool_read(spool, SPOOL_ASSETS, bad[i], &err), -1);
		assert_false(spool_has(spool, SPOOL_ASSETS, bad[i], NULL));
		assert_false(spool_remove(spool, SPOOL_ASSETS, bad[i], &err));
		assert_false(spool_poison(spool, bad[i], &err));
		spool_keep_asset(spool, bad[i], open("/dev/null", O_RDONLY), on_told, desk, 1);
		spool_deliver(spool);
		assert_string_equal(desk->err.code, "spool-name");
	}
	spool_close(spool, NULL, NULL);
}

static void link_in_place_of_a_file_is_not_followed(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX], path[256];
	name_of('d', name);
	for (int folder = 0; folder < SPOOL_FOLDERS; folder++) {
		snprintf(path, sizeof path, "%s/%s/%s", desk->root,
			spool_folder_name((enum spool_folder)folder), name);
		assert_int_equal(symlink("/etc/passwd", path), 0);
		assert_int_equal(spool_read(spool, (enum spool_folder)folder, name, &err), -1);
		assert_false(spool_has(spool, (enum spool_folder)folder, name, NULL));
	}
	int64_t have;
	assert_int_equal(spool_incoming(spool, name, 1, &have, &err), -1);
	int fd = spool_new_raster(spool, name, &err); /* replaces the link itself */
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	spool_close(spool, NULL, NULL);
}

static void folder_that_is_a_link_makes_the_root_unfit(void **state)
{
	struct desk *desk = *state;
	struct err err;
	char path[128];
	snprintf(path, sizeof path, "%s/assets", desk->root);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_null(spool_open(NULL, desk->root, 0, 0, &err));
	assert_int_equal(err.remedy, REMEDY_FATAL);
	assert_non_null(strstr(err.text, "assets"));
	assert_null(spool_open(NULL, "/proc/none/spool", 0, 0, &err));
	assert_non_null(strstr(err.text, "/proc/none/spool"));
}

static void fifo_in_place_of_a_file_does_not_stop_us(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX], path[256];
	name_of('e', name);
	snprintf(path, sizeof path, "%s/assets/%s", desk->root, name);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(5);
	assert_int_equal(spool_read(spool, SPOOL_ASSETS, name, &err), -1);
	alarm(0);
	spool_close(spool, NULL, NULL);
}

static void replaced_raster_is_not_kept_under_its_name(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX];
	name_of('f', name);
	int old = spool_new_raster(spool, name, &err);
	int new = spool_new_raster(spool, name, &err);
	assert_int_equal(write(old, "old", 3), 3);
	spool_keep_raster(spool, name, old, on_told, desk, 1);
	spool_deliver(spool);
	assert_true(desk->failed);
	assert_string_equal(desk->err.code, "spool-replaced");
	spool_keep_raster(spool, name, new, on_told, desk, 2);
	spool_deliver(spool);
	assert_false(desk->failed);
	spool_close(spool, NULL, NULL);
}

static void missing_file_says_what_to_do_again(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX];
	name_of('1', name);
	assert_int_equal(spool_read(spool, SPOOL_ASSETS, name, &err), -1);
	assert_int_equal(err.remedy, REMEDY_REDO);
	assert_string_equal(err.code, "asset-missing");
	assert_int_equal(spool_read(spool, SPOOL_RASTERS, name, &err), -1);
	assert_string_equal(err.code, "raster-missing");
	assert_true(spool_remove(spool, SPOOL_ASSETS, name, &err));
	assert_false(spool_poison(spool, name, &err));
	assert_string_equal(err.code, "asset-missing");
	spool_close(spool, NULL, NULL);
}

struct listing {
	struct spool *spool;
	int seen;
	int64_t bytes;
};

static bool on_seen(void *context, const char *name, int64_t bytes, int64_t modified_ms)
{
	struct listing *listing = context;
	struct err err;
	listing->seen++;
	listing->bytes += bytes;
	assert_true(modified_ms > INT64_C(1600000000000));
	return spool_remove(listing->spool, SPOOL_ASSETS, name, &err);
}

static void listed_files_can_be_removed_on_the_way(void **state)
{
	struct desk *desk = *state;
	struct spool *spool = open_plain(desk);
	struct err err;
	char name[HASH_HEX_MAX];
	for (char c = 'a'; c <= 'f'; c++) {
		name_of(c, name);
		spool_keep_asset(spool, name, receive(spool, name, "photo"), on_told, desk, 1);
	}
	assert_int_equal(spool_deliver(spool), 6);
	assert_true(spool_poison(spool, name, &err));
	assert_true(spool_has(spool, SPOOL_POISON, name, NULL));
	struct listing listing = {.spool = spool};
	assert_true(spool_list(spool, SPOOL_ASSETS, on_seen, &listing, &err));
	assert_int_equal(listing.seen, 5);
	assert_int_equal(listing.bytes, 25);
	listing.seen = 0;
	assert_true(spool_list(spool, SPOOL_ASSETS, on_seen, &listing, &err));
	assert_int_equal(listing.seen, 0);
	spool_close(spool, NULL, NULL);
}

static void reserve_is_kept_free_and_the_sentence_says_how_much(void **state)
{
	struct desk *desk = *state;
	struct err err;
	struct spool *spool = spool_open(NULL, desk->root, INT64_MAX / 4, 100, &err);
	assert_non_null(spool);
	assert_true(spool_free_bytes(spool) > 0);
	assert_false(spool_has_room(spool, 50 * 1048576, &err));
	assert_int_equal(err.remedy, REMEDY_RETRY);
	assert_string_equal(err.code, "disk-full");
	assert_non_null(strstr(err.text, "50 MiB are needed"));
	assert_non_null(strstr(err.text, "free at least"));
	char name[HASH_HEX_MAX];
	name_of('a', name);
	int64_t have;
	assert_int_equal(spool_incoming(spool, name, 1, &have, &err), -1);
	assert_string_equal(err.code, "disk-full");
	assert_false(spool_has(spool, SPOOL_INCOMING, name, NULL));
	spool_close(spool, NULL, NULL);
	spool = spool_open(NULL, desk->root, -1, -1, &err);
	assert_true(spool_reserve_bytes(spool) <= SPOOL_RESERVE_BYTES);
	assert_true(spool_reserve_bytes(spool) > 0);
	spool_close(spool, NULL, NULL);
}

static void full_disk_is_told_before_the_first_byte(void **state)
{
	struct desk *desk = *state;
	/* a disk of 1 MiB of our own: needs a mount name space */
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("small", desk->root, "tmpfs", 0, "size=1m") != 0) {
		skip();
	}
	struct spool *spool = open_plain(desk);
	struct err err;
	char a[HASH_HEX_MAX], b[HASH_HEX_MAX];
	name_of('a', a);
	name_of('b', b);
	int64_t have;
	int fd = spool_incoming(spool, a, 700000, &have, &err);
	assert_true(fd >= 0);
	assert_int_equal(spool_incoming(spool, b, 700000, &have, &err), -1);
	assert_int_equal(err.remedy, REMEDY_RETRY);
	assert_string_equal(err.code, "disk-full");
	assert_false(spool_has(spool, SPOOL_INCOMING, b, NULL));
	close(fd);
	spool_drop(spool, a);
	fd = spool_incoming(spool, b, 700000, &have, &err);
	assert_true(fd >= 0);
	close(fd);
	spool_close(spool, NULL, NULL);
	assert_int_equal(umount(desk->root), 0);
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		row(kept_asset_is_read_back_and_left_incoming),
		row(an_asset_received_under_another_name_is_kept_under_its_own),
		row(with_a_loop_the_answer_comes_in_a_later_turn),
		row(closing_answers_what_is_in_flight_first),
		row(first_failed_fsync_is_fatal_and_never_tried_again),
		row(failed_fsync_beside_the_loop_fails_all_that_follow),
		row(failed_fsync_after_a_removal_makes_the_spool_unfit),
		row(opening_sweeps_incoming_and_nothing_else),
		row(partial_file_is_taken_up_at_its_end),
		row(names_other_than_hashes_are_refused_everywhere),
		row(link_in_place_of_a_file_is_not_followed),
		row(folder_that_is_a_link_makes_the_root_unfit),
		row(fifo_in_place_of_a_file_does_not_stop_us),
		row(replaced_raster_is_not_kept_under_its_name),
		row(missing_file_says_what_to_do_again),
		row(listed_files_can_be_removed_on_the_way),
		row(reserve_is_kept_free_and_the_sentence_says_how_much),
		row(full_disk_is_told_before_the_first_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
