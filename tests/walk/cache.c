/* SPDX-License-Identifier: Apache-2.0
 *
 * Stories of the derivative cache: a raster is made once for all who need it, what is on the disk
 * is never believed, and the quota takes what was used longest ago.
 */
#include "tests/walk/story.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RASTER_BYTES (INT64_C(7) + 64) /* of the made-up ones */

static struct sim *begin(int64_t rasters)
{
	return story_begin_with((struct sim_conf){
		.seed = 11, .no_cloud = true, .rasters_bytes = rasters * RASTER_BYTES});
}

static void kept(void *context, int64_t id, const char *name, const struct err *err)
{
	(void)id;
	(void)name;
	*(bool *)context = err == NULL;
}

static void bring(struct sim *sim, const char *text, char sha256[HASH_HEX_MAX])
{
	struct err err;
	int64_t have;
	bool is_kept = false;
	struct spool *spool = farm_spool(sim_farm(sim));
	hash_hex_of(text, strlen(text), sha256);
	if (spool_has(spool, SPOOL_ASSETS, sha256, NULL)) {
		return;
	}
	int fd = spool_incoming(spool, sha256, (int64_t)strlen(text), &have, &err);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	spool_keep_asset(spool, sha256, fd, kept, &is_kept, 0);
	sim_run(sim, 0);
	assert_true(is_kept);
}

/* One job; each text is the photo of one page. */
static void order(struct sim *sim, char id[TEXT_ID_MAX], const char *const *photos, int32_t n)
{
	struct err err;
	struct local_page pages[4] = {0};
	for (int32_t i = 0; i < n; i++) {
		pages[i].options.rotate_degrees = -1;
		pages[i].bytes = (int64_t)strlen(photos[i]);
		strcpy(pages[i].media_type, "image/jpeg");
		bring(sim, photos[i], pages[i].sha256);
	}
	struct local_order order = {.sku = "4x6-glossy", .copies = 1, .n_pages = n, .pages = pages};
	said(farm_submit(sim_farm(sim), &order, "anna", id, &err), &err);
}

static void order_one(struct sim *sim, char id[TEXT_ID_MAX], const char *photo)
{
	order(sim, id, &photo, 1);
}

static void runs_to(struct sim *sim, const char *id, const char *words)
{
	char line[300];
	snprintf(line, sizeof line, "%s: %s", id, words);
	until(sim, line);
}

static void raster_of(struct sim *sim, const char *id, char name[HASH_HEX_MAX])
{
	struct job job;
	struct page page;
	assert_true(store_job_find(sim_store(sim), id, &job));
	assert_true(store_page_get(sim_store(sim), job.row, 0, &page));
	memcpy(name, page.raster_name, HASH_HEX_MAX);
}

static bool is_here(struct sim *sim, const char *id)
{
	char name[HASH_HEX_MAX];
	raster_of(sim, id, name);
	return spool_has(farm_spool(sim_farm(sim)), SPOOL_RASTERS, name, NULL);
}

static void counted(struct sim *sim, int64_t misses, int64_t hits)
{
	struct cache_counts counts;
	store_cache_sum(sim_store(sim), 0, &counts);
	assert_int_equal(counts.misses, misses);
	assert_int_equal(counts.hits, hits);
	assert_int_equal(counts.saved_bytes, hits * RASTER_BYTES);
}

/* Some hand at the file behind the floor's back. */
static void spoil(struct sim *sim, const char *id, const char *bytes, size_t len)
{
	struct err err;
	char name[HASH_HEX_MAX];
	struct spool *spool = farm_spool(sim_farm(sim));
	raster_of(sim, id, name);
	said(spool_remove(spool, SPOOL_RASTERS, name, &err), &err);
	int fd = spool_new_raster(spool, name, &err);
	assert_int_equal(write(fd, bytes, len), len);
	spool_keep_raster(spool, name, fd, NULL, NULL, 0);
}

static void read_raster(struct sim *sim, const char *id, char bytes[RASTER_BYTES])
{
	struct err err;
	char name[HASH_HEX_MAX];
	raster_of(sim, id, name);
	int fd = spool_read(farm_spool(sim_farm(sim)), SPOOL_RASTERS, name, &err);
	assert_int_equal(read(fd, bytes, RASTER_BYTES), RASTER_BYTES);
	close(fd);
}

/* ---- shared ---- */

/* Of two jobs one is asked for first, whichever it is. */
static void one_waits(struct sim *sim)
{
	static const char words[] =
		": waits: another job has the same picture: it is being rendered, for both";
	for (int i = 0; i < 1000; i++) {
		const char *const *lines;
		size_t n = sim_trace(sim, &lines);
		while (n > 0) {
			if (strstr(lines[--n], words) != NULL) {
				return;
			}
		}
		sim_run(sim, 10);
	}
	fail_msg("nobody waits for the other");
}

static void two_jobs_of_one_photo_at_once_are_rendered_once(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX], one[HASH_HEX_MAX], other[HASH_HEX_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	order_one(sim, b, "a photo");
	one_waits(sim);
	runs_to(sim, a, "reported");
	runs_to(sim, b, "reported");
	raster_of(sim, a, one);
	raster_of(sim, b, other);
	assert_string_equal(one, other);
	counted(sim, 1, 1);
	came_out(sim, b, 1, 0);
	story_end(sim);
}

static void the_second_is_rendered_when_the_first_was_not(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX];
	struct sim *sim = begin(0);
	fault(sim, SIM_RENDER, SIM_FAILS, REMEDY_RETRY);
	order_one(sim, a, "a photo");
	order_one(sim, b, "a photo");
	runs_to(sim, a, "reported");
	runs_to(sim, b, "reported");
	counted(sim, 1, 1);
	story_end(sim);
}

static void the_second_is_rendered_when_the_first_is_cancelled(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX];
	struct err err;
	struct job job;
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	order_one(sim, b, "a photo");
	one_waits(sim);
	assert_true(store_job_find(sim_store(sim), a, &job));
	bool first = job.reason[0] == '\0'; /* the other one waits */
	said(farm_cancel(sim_farm(sim), first ? a : b, "anna", "not wanted", &err), &err);
	runs_to(sim, first ? b : a, "reported");
	stands(sim, first ? a : b, AT_CANCELLED);
	story_end(sim);
}

static void pages_of_one_photo_are_rendered_once(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX];
	struct sim *sim = begin(0);
	order(sim, a, (const char *const[]){"a photo", "another", "a photo"}, 3);
	runs_to(sim, a, "reported");
	counted(sim, 2, 1);
	came_out(sim, a, 3, 0);
	story_end(sim);
}

static void a_photo_ordered_again_is_printed_without_rendering(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	runs_to(sim, a, "reported");
	sim_restart(sim);
	order_one(sim, b, "a photo");
	runs_to(sim, b, "reported");
	counted(sim, 1, 1);
	came_out(sim, b, 1, 0);
	story_end(sim);
}

/* ---- killed between ---- */

static void a_file_without_its_row_is_made_anew(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX], name[HASH_HEX_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	runs_to(sim, a, "reported");
	raster_of(sim, a, name);
	store_raster_drop(sim_store(sim), name);
	order_one(sim, b, "a photo");
	runs_to(sim, b, "reported");
	counted(sim, 2, 0);
	story_end(sim);
}

static void a_row_without_its_file_is_made_anew(void **state)
{
	(void)state;
	struct err err;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX], name[HASH_HEX_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	runs_to(sim, a, "reported");
	raster_of(sim, a, name);
	said(spool_remove(farm_spool(sim_farm(sim)), SPOOL_RASTERS, name, &err), &err);
	order_one(sim, b, "a photo");
	runs_to(sim, b, "reported");
	counted(sim, 2, 0);
	assert_true(is_here(sim, b));
	story_end(sim);
}

static void killed_while_it_renders_for_two_it_goes_on_for_both(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	order_one(sim, b, "a photo");
	one_waits(sim);
	sim_restart(sim);
	runs_to(sim, a, "reported");
	runs_to(sim, b, "reported");
	counted(sim, 1, 1);
	story_end(sim);
}

/* ---- changed on the disk ---- */

/* Whatever was done to its raster, the second job prints what was rendered, and only that. */
static void spoilt_is_made_anew(const char *what)
{
	char a[TEXT_ID_MAX], b[TEXT_ID_MAX], c[TEXT_ID_MAX];
	char bytes[RASTER_BYTES];
	size_t len = sizeof bytes;
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	order_one(sim, c, "another");
	runs_to(sim, a, "reported");
	runs_to(sim, c, "reported");
	read_raster(sim, strcmp(what, "replaced") == 0 ? c : a, bytes);
	if (strcmp(what, "flipped") == 0) {
		bytes[40] ^= 4;
	}
	len -= strcmp(what, "cut") == 0;
	spoil(sim, a, bytes, len);
	order_one(sim, b, "a photo");
	runs_to(sim, b, "reported");
	bool seen_by_length = len != sizeof bytes;
	counted(sim, 3, seen_by_length ? 0 : 1);
	if (!seen_by_length) {
		char broke[200], anew[200];
		snprintf(broke, sizeof broke,
			"%s: hand-over broke: the rendered page is not the one that was made", b);
		snprintf(anew, sizeof anew,
			"%s: inspected: back to inspected: page 1 must be rendered anew", b);
		expect(sim, broke, anew);
	}
	came_out(sim, b, 1, 0); /* and the oracle says of which raster: V11 */
	story_end(sim);
}

static void what_was_made_by_another_version_of_its_product_is_made_anew(void **state)
{
	(void)state;
	char id[TEXT_ID_MAX];
	struct sim *sim = story_begin();
	sim_printer(sim, "P1")->says = "cover-open";
	order_one(sim, id, "a photo");
	runs_to(sim, id, "queued");
	sim_raise_version(sim, "4x6-glossy");
	sim_printer(sim, "P1")->says = NULL;
	runs_to(sim, id,
		"inspected: back to inspected: its product, paper or profile was changed since "
		"page 1 was "
		"rendered");
	runs_to(sim, id, "reported");
	came_out(sim, id, 1, 0);
	counted(sim, 2, 0);
	story_end(sim);
}

static void a_flipped_bit_is_made_anew(void **state)
{
	(void)state;
	spoilt_is_made_anew("flipped");
}

static void a_cut_raster_is_made_anew(void **state)
{
	(void)state;
	spoilt_is_made_anew("cut");
}

static void another_jobs_raster_in_its_place_is_made_anew(void **state)
{
	(void)state;
	spoilt_is_made_anew("replaced");
}

/* ---- the quota ---- */

static void above_the_quota_the_least_recently_used_go_first(void **state)
{
	(void)state;
	char ids[4][TEXT_ID_MAX], again[TEXT_ID_MAX];
	static const char *const photos[] = {"one", "two", "three", "four"};
	struct cache_counts counts;
	struct sim *sim = begin(3);
	for (int i = 0; i < 3; i++) {
		order_one(sim, ids[i], photos[i]);
		runs_to(sim, ids[i], "reported");
	}
	order_one(sim, again, photos[0]); /* used once more: the second is the oldest now */
	runs_to(sim, again, "reported");
	order_one(sim, ids[3], photos[3]);
	runs_to(sim, ids[3], "reported");
	assert_true(is_here(sim, ids[0]));
	assert_false(is_here(sim, ids[1]));
	assert_true(is_here(sim, ids[2]));
	assert_true(is_here(sim, ids[3]));
	store_cache_sum(sim_store(sim), 0, &counts);
	assert_int_equal(counts.evicted, 1);
	assert_int_equal(counts.freed_bytes, RASTER_BYTES);
	story_end(sim);
}

static void what_open_jobs_need_stays_above_the_quota(void **state)
{
	(void)state;
	char ids[3][TEXT_ID_MAX];
	static const char *const photos[] = {"one", "two", "three"};
	struct err err;
	struct sim *sim = begin(1);
	said(farm_printer_pause(sim_farm(sim), "P1", "anna", &err), &err);
	for (int i = 0; i < 3; i++) {
		order_one(sim, ids[i], photos[i]);
	}
	sim_run(sim, 30 * MINUTES);
	for (int i = 0; i < 3; i++) {
		assert_true(is_here(sim, ids[i]));
	}
	said(farm_printer_resume(sim_farm(sim), "P1", "anna", "", &err), &err);
	for (int i = 0; i < 3; i++) {
		runs_to(sim, ids[i], "reported");
		came_out(sim, ids[i], 1, 0);
	}
	sim_run(sim, 30 * MINUTES);
	assert_int_equal(is_here(sim, ids[0]) + is_here(sim, ids[1]) + is_here(sim, ids[2]), 1);
	counted(sim, 3, 0);
	story_end(sim);
}

static void what_was_used_long_ago_goes_also_below_the_quota(void **state)
{
	(void)state;
	char a[TEXT_ID_MAX];
	struct sim *sim = begin(0);
	order_one(sim, a, "a photo");
	runs_to(sim, a, "reported");
	sim_run(sim, 23 * 60 * MINUTES);
	assert_true(is_here(sim, a));
	sim_run(sim, 2 * 60 * MINUTES);
	assert_false(is_here(sim, a));
	story_end(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_jobs_of_one_photo_at_once_are_rendered_once),
		cmocka_unit_test(the_second_is_rendered_when_the_first_was_not),
		cmocka_unit_test(the_second_is_rendered_when_the_first_is_cancelled),
		cmocka_unit_test(pages_of_one_photo_are_rendered_once),
		cmocka_unit_test(a_photo_ordered_again_is_printed_without_rendering),
		cmocka_unit_test(a_file_without_its_row_is_made_anew),
		cmocka_unit_test(a_row_without_its_file_is_made_anew),
		cmocka_unit_test(killed_while_it_renders_for_two_it_goes_on_for_both),
		cmocka_unit_test(what_was_made_by_another_version_of_its_product_is_made_anew),
		cmocka_unit_test(a_flipped_bit_is_made_anew),
		cmocka_unit_test(a_cut_raster_is_made_anew),
		cmocka_unit_test(another_jobs_raster_in_its_place_is_made_anew),
		cmocka_unit_test(above_the_quota_the_least_recently_used_go_first),
		cmocka_unit_test(what_open_jobs_need_stays_above_the_quota),
		cmocka_unit_test(what_was_used_long_ago_goes_also_below_the_quota),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
