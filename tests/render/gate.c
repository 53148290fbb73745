/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles from outside: what the gate lets through and what not, and thousands of damaged ones,
 * none of which may crash or hang what comes behind it.
 */
#include "colour/gate.h"
#include "base/buf.h"
#include "base/clock.h"
#include "colour/convert.h"
#include "colour/source.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the four above */
#include <cmocka.h>

#define MUTANTS 700

static void read_printer(struct buf *profile)
{
	char path[4096];
	const char *source = getenv("PLATEN_SRC");
	snprintf(path, sizeof path, "%s/profiles/icc/synthetic-dyesub-gloss.icc",
		source == NULL ? ".." : source);
	int fd = open(path, O_RDONLY);
	char piece[65536];
	assert_true(fd >= 0);
	for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) {
		buf_add(profile, piece, (size_t)n);
	}
	close(fd);
}

static void read_space(enum source_space space, struct buf *profile)
{
	struct err err;
	assert_true(source_make(space, profile, &err));
}

static bool passes(const struct buf *profile, enum gate_space space)
{
	size_t size;
	char why[GATE_WHY_MAX] = "";
	bool fine =
		gate_passes((const unsigned char *)profile->bytes, profile->len, space, &size, why);
	assert_true(fine == (why[0] == '\0'));
	assert_true(!fine || size <= profile->len);
	return fine;
}

static void good_profiles_pass(void **state)
{
	(void)state;
	struct buf profile = {0};
	read_printer(&profile);
	assert_true(passes(&profile, GATE_RGB));
	assert_false(passes(&profile, GATE_GREY));
	buf_text(&profile, "padding after the end");
	assert_true(passes(&profile, GATE_RGB));
	buf_fini(&profile);
	for (int space = SOURCE_SPACE_SRGB; space <= SOURCE_SPACE_DISPLAY_P3; space++) {
		read_space((enum source_space)space, &profile);
		assert_true(passes(&profile, GATE_RGB));
		buf_fini(&profile);
	}
}

static void assumed_profiles_are_the_same_bytes_each_time(void **state)
{
	(void)state;
	struct buf first = {0};
	struct buf second = {0};
	read_space(SOURCE_SPACE_SRGB, &first);
	read_space(SOURCE_SPACE_SRGB, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.bytes, second.bytes, first.len);
	buf_fini(&first);
	buf_fini(&second);
}

static void every_cut_profile_is_stopped(void **state)
{
	(void)state;
	struct buf profile = {0};
	read_printer(&profile);
	for (size_t len = 0; len < profile.len; len += 1 + len / 50) {
		struct buf part = {.bytes = profile.bytes, .len = len};
		assert_false(passes(&part, GATE_RGB));
	}
	buf_fini(&profile);
}

static uint32_t chance(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Some bytes of the header, the tag table or the tags' heads become others. */
static void mutate(struct buf *profile, uint32_t *seed)
{
	int n = 1 + (int)(chance(seed) % 4);
	for (int i = 0; i < n; i++) {
		size_t reach = chance(seed) % 2 == 0 ? 400 : profile->len;
		size_t at = chance(seed) % (reach < profile->len ? reach : profile->len);
		static const unsigned char odd[] = {0, 1, 0x7F, 0x80, 0xFF};
		profile->bytes[at] =
			(char)(chance(seed) % 3 == 0 ? chance(seed) : odd[chance(seed) % 5]);
	}
}

static void use(const struct buf *source, const struct buf *device)
{
	struct convert_end from = {source->bytes, source->len};
	struct convert_end to = {device->bytes, device->len};
	struct convert_policy policy = {INTENT_RELATIVE, true};
	char title[65];
	struct err err;
	if (!convert_try_source(&from, 3, title, sizeof title, &err)) {
		return;
	}
	struct convert *convert = convert_create(&from, 3, &to, &policy, &err);
	if (convert != NULL) {
		uint16_t row[30];
		uint16_t out[30];
		for (int i = 0; i < 30; i++) {
			row[i] = (uint16_t)(i * 2184);
		}
		convert_row(convert, row, out, 10);
	}
	convert_destroy(convert);
}

static void damaged_profiles_do_no_harm(void **state)
{
	(void)state;
	struct buf small = {0};
	struct buf large = {0};
	uint32_t seed = 4711;
	int passed = 0;
	int64_t slowest_ms = 0;
	read_space(SOURCE_SPACE_DISPLAY_P3, &small);
	read_printer(&large);
	for (int i = 0; i < MUTANTS; i++) {
		struct buf mutant = {0};
		const struct buf *good = i % 10 == 0 ? &large : &small;
		buf_add(&mutant, good->bytes, good->len);
		mutate(&mutant, &seed);
		if (passes(&mutant, GATE_RGB)) {
			int64_t before_ms = clock_boot_ms();
			use(&mutant, &small);
			int64_t took_ms = clock_boot_ms() - before_ms;
			slowest_ms = took_ms > slowest_ms ? took_ms : slowest_ms;
			passed++;
		}
		buf_fini(&mutant);
	}
	assert_true(passed > 50);
	assert_true(passed < MUTANTS);
	assert_true(slowest_ms < 10000);
	buf_fini(&small);
	buf_fini(&large);
}

static void profile_that_inverts_greys_is_refused(void **state)
{
	(void)state;
	struct buf profile = {0};
	char title[65];
	struct err err;
	read_space(SOURCE_SPACE_SRGB, &profile);
	struct convert_end end = {profile.bytes, profile.len};
	assert_true(convert_try_source(&end, 3, title, sizeof title, &err));
	assert_string_equal(title, "sRGB");
	/* the curve (1024 or more points, or a formula) becomes one that falls */
	char *curve = memmem(profile.bytes, profile.len, "curv", 4);
	assert_non_null(curve);
	size_t n = (size_t)(unsigned char)curve[10] << 8 | (unsigned char)curve[11];
	assert_true(n > 2);
	for (size_t i = 0; i < n; i++) {
		unsigned value = (unsigned)(65535 - i * 65535 / (n - 1));
		curve[12 + 2 * i] = (char)(value >> 8);
		curve[13 + 2 * i] = (char)value;
	}
	assert_true(passes(&profile, GATE_RGB));
	assert_false(convert_try_source(&end, 3, title, sizeof title, &err));
	assert_string_equal(err.code, "colour-source");
	buf_fini(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_profiles_pass),
		cmocka_unit_test(assumed_profiles_are_the_same_bytes_each_time),
		cmocka_unit_test(every_cut_profile_is_stopped),
		cmocka_unit_test(damaged_profiles_do_no_harm),
		cmocka_unit_test(profile_that_inverts_greys_is_refused),
	};
	return cmocka_run_group_tests_name("render/gate", tests, NULL, NULL);
}
