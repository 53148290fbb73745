/* SPDX-License-Identifier: Apache-2.0
 *
 * Which colours come out: tagged, untagged, by EXIF, grey, 16 bits, with alpha, with profiles made
 * to do harm; and that the same recipe gives the same bytes.
 */
#include "tests/render/fixture.h"
#include "colour/source.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

#define PATCH 40

static void render(const struct buf *file, const char *type, struct outcome *outcome)
{
	struct buf device = {0};
	struct recipe recipe = plain_recipe(PATCH, PATCH);
	srgb_device(&device);
	render_bytes(file, type, &device, &recipe, outcome);
	if (!outcome->result.fine) {
		fail_msg("%s", outcome->result.err.text);
	}
	buf_fini(&device);
}

/* One flat colour as a file, through the engine: what comes out in the middle. */
static void render_patch(const uint16_t *samples, int bands, int bits, const struct buf *profile,
	struct outcome *outcome)
{
	struct pixels pixels = pixels_make(PATCH, PATCH, bands, bits);
	struct buf file = {0};
	pixels_fill(&pixels, 0, 0, PATCH, PATCH, samples);
	save_png(&pixels, profile, false, &file);
	render(&file, "image/png", outcome);
	buf_fini(&file);
	pixels_fini(&pixels);
}

static void assert_middle(
	const struct outcome *outcome, double red, double green, double blue, double within)
{
	const uint8_t *seen = outcome_at(outcome, PATCH / 2, PATCH / 2);
	assert_true(fabs(seen[0] - red) <= within);
	assert_true(fabs(seen[1] - green) <= within);
	assert_true(fabs(seen[2] - blue) <= within);
}

static double srgb_decode(double v)
{
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double srgb_encode(double v)
{
	v = v < 0 ? 0 : v > 1 ? 1 : v;
	return 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055);
}

/* Linear light of another space into sRGB's, by the published matrices. */
static const double p3_to_srgb[9] = {
	1.2249402, -0.2249402, 0, -0.0420570, 1.0420570, 0, -0.0196376, -0.0786361, 1.0982737};
static const double adobe_to_srgb[9] = {
	1.3983557, -0.3983557, 0, 0, 1, 0, 0, -0.0429290, 1.0429290};

static void through(const double matrix[9], const double linear[3], double out[3])
{
	for (int i = 0; i < 3; i++) {
		out[i] = srgb_encode(matrix[3 * i] * linear[0] + matrix[3 * i + 1] * linear[1] +
				     matrix[3 * i + 2] * linear[2]);
	}
}

static const uint16_t samples[][3] = {{200, 120, 100}, {90, 140, 90}, {100, 110, 180},
	{128, 128, 128}, {220, 200, 170}, {40, 50, 60}, {240, 240, 240}};
#define SAMPLES (sizeof samples / sizeof samples[0])

static void untagged_is_srgb(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct outcome outcome;
		render_patch(samples[i], 3, 8, NULL, &outcome);
		assert_middle(&outcome, samples[i][0], samples[i][1], samples[i][2], 1);
		assert_int_equal(outcome.result.facts.source, SOURCE_ASSUMED_SRGB);
		outcome_fini(&outcome);
	}
}

static void display_p3_is_honoured(void **state)
{
	(void)state;
	struct buf profile = {0};
	struct err err;
	assert_true(source_make(SOURCE_SPACE_DISPLAY_P3, &profile, &err));
	for (size_t i = 0; i < SAMPLES; i++) {
		double linear[3];
		double want[3];
		struct outcome outcome;
		for (int c = 0; c < 3; c++) {
			linear[c] = srgb_decode(samples[i][c] / 255.0);
		}
		through(p3_to_srgb, linear, want);
		render_patch(samples[i], 3, 8, &profile, &outcome);
		assert_middle(&outcome, want[0], want[1], want[2], 1.2);
		assert_int_equal(outcome.result.facts.source, SOURCE_EMBEDDED);
		assert_string_equal(outcome.result.facts.profile_title, "Display P3 compatible");
		char hex[HASH_HEX_MAX];
		hash_hex_of(profile.bytes, profile.len, hex);
		assert_string_equal(outcome.result.raster.source_profile_sha256, hex);
		outcome_fini(&outcome);
	}
	buf_fini(&profile);
}

static void exif_r03_is_adobe_rgb(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct pixels pixels = pixels_make(PATCH, PATCH, 3, 8);
		struct buf file = {0};
		struct outcome outcome;
		double linear[3];
		double want[3];
		pixels_fill(&pixels, 0, 0, PATCH, PATCH, samples[i]);
		save_jpeg(&pixels, NULL, &file);
		add_exif(&file, 1, true);
		render(&file, "image/jpeg", &outcome);
		for (int c = 0; c < 3; c++) {
			linear[c] = pow(samples[i][c] / 255.0, 2.19921875);
		}
		through(adobe_to_srgb, linear, want);
		assert_middle(&outcome, want[0], want[1], want[2], 2.5);
		assert_int_equal(outcome.result.facts.source, SOURCE_EXIF_ADOBE_RGB);
		outcome_fini(&outcome);
		buf_fini(&file);
		pixels_fini(&pixels);
	}
}

static void grey_and_deep_pictures_are_printed(void **state)
{
	(void)state;
	struct outcome outcome;
	const uint16_t grey[2] = {77, 255};
	render_patch(grey, 1, 8, NULL, &outcome);
	assert_middle(&outcome, 77, 77, 77, 1);
	assert_int_equal(outcome.result.facts.channels, 1);
	outcome_fini(&outcome);
	const uint16_t deep[3] = {200 * 257, 100 * 257 + 40, 50 * 257};
	render_patch(deep, 3, 16, NULL, &outcome);
	assert_middle(&outcome, 200, 100, 50, 1);
	assert_int_equal(outcome.result.facts.bits, 16);
	outcome_fini(&outcome);
	const uint16_t deep_grey[1] = {180 * 257};
	render_patch(deep_grey, 1, 16, NULL, &outcome);
	assert_middle(&outcome, 180, 180, 180, 1);
	outcome_fini(&outcome);
}

static void alpha_is_laid_on_paper_white(void **state)
{
	(void)state;
	static const struct {
		uint16_t rgba[4];
		int bits;
		double want[3];
	} cases[] = {
		{{10, 20, 30, 0}, 8, {255, 255, 255}},
		{{10, 20, 30, 255}, 8, {10, 20, 30}},
		{{0, 0, 0, 128}, 8, {127, 127, 127}},
		{{0, 0, 0, 32768}, 16, {127.5, 127.5, 127.5}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome outcome;
		render_patch(cases[i].rgba, 4, cases[i].bits, NULL, &outcome);
		assert_middle(&outcome, cases[i].want[0], cases[i].want[1], cases[i].want[2], 1);
		assert_true(outcome.result.facts.has_alpha);
		outcome_fini(&outcome);
	}
	const uint16_t grey[2] = {0, 0};
	struct outcome outcome;
	render_patch(grey, 2, 8, NULL, &outcome);
	assert_middle(&outcome, 255, 255, 255, 0);
	outcome_fini(&outcome);
}

/* Damages a good profile in one way each; the picture is then printed as sRGB, and that is said. */
static void harm(struct buf *profile, int way)
{
	unsigned char *bytes = (unsigned char *)profile->bytes;
	switch (way) {
	case 0: /* the tag table reaches far out of the file */
		memset(bytes + 132 + 4, 0xFF, 4);
		break;
	case 1: /* thousands of tags */
		bytes[130] = 0x7F;
		break;
	case 2: /* a CMYK profile on RGB pixels */
		memcpy(bytes + 16, "CMYK", 4);
		break;
	case 3: /* a link */
		memcpy(bytes + 12, "link", 4);
		break;
	case 4: /* no profile at all */
		memset(bytes + 36, 0, 4);
		break;
	case 5: /* version 9 */
		bytes[8] = 9;
		break;
	case 6: /* says it is longer than it is */
		memset(bytes, 0x7F, 4);
		break;
	default: /* cut */
		profile->len = 200;
		break;
	}
}

static void harmful_profiles_are_refused_and_said(void **state)
{
	(void)state;
	for (int way = 0; way < 8; way++) {
		struct pixels pixels = pixels_make(PATCH, PATCH, 3, 8);
		struct buf profile = {0};
		struct buf file = {0};
		struct outcome outcome;
		struct err err;
		pixels_fill(&pixels, 0, 0, PATCH, PATCH, samples[0]);
		assert_true(source_make(SOURCE_SPACE_DISPLAY_P3, &profile, &err));
		harm(&profile, way);
		save_jpeg(&pixels, NULL, &file);
		add_profile(&file, &profile);
		render(&file, "image/jpeg", &outcome);
		assert_int_equal(outcome.result.facts.source, SOURCE_ASSUMED_SRGB);
		assert_non_null(strstr(outcome.result.raster.note, "sRGB assumed"));
		assert_middle(&outcome, samples[0][0], samples[0][1], samples[0][2], 3);
		outcome_fini(&outcome);
		buf_fini(&file);
		buf_fini(&profile);
		pixels_fini(&pixels);
	}
}

static void printers_profile_must_be_the_recipes_and_good(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(PATCH, PATCH);
	struct buf file = {0};
	struct buf device = {0};
	struct outcome outcome;
	struct recipe recipe = plain_recipe(PATCH, PATCH);
	save_png(&pixels, NULL, false, &file);
	srgb_device(&device);
	device.bytes[130] = 0x7F;
	render_bytes(&file, "image/png", &device, &recipe, &outcome);
	assert_false(outcome.result.fine);
	assert_string_equal(outcome.result.err.code, "colour-device");
	assert_int_equal(outcome.result.err.remedy, REMEDY_ATTEND);
	outcome_fini(&outcome);
	buf_fini(&file);
	buf_fini(&device);
	pixels_fini(&pixels);
}

static void recipe_of_another_engine_is_refused(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(PATCH, PATCH);
	struct buf file = {0};
	struct buf device = {0};
	struct outcome outcome;
	struct recipe recipe = plain_recipe(PATCH, PATCH);
	strcpy(recipe.engine, "platen-render/0 vips/7 lcms2/1");
	save_png(&pixels, NULL, false, &file);
	srgb_device(&device);
	render_bytes(&file, "image/png", &device, &recipe, &outcome);
	assert_string_equal(outcome.result.err.code, "engine-changed");
	assert_int_equal(outcome.result.err.remedy, REMEDY_REDO);
	outcome_fini(&outcome);
	buf_fini(&file);
	buf_fini(&device);
	pixels_fini(&pixels);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_string_equal(a->result.raster.sha256, b->result.raster.sha256);
	assert_string_equal(a->result.raster.pixels_sha256, b->result.raster.pixels_sha256);
	assert_int_equal(a->document.len, b->document.len);
	assert_memory_equal(a->document.bytes, b->document.bytes, a->document.len);
}

static void same_recipe_gives_the_same_bytes(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(501, 377);
	struct buf device = {0};
	srgb_device(&device);
	for (int kind = 0; kind < 4; kind++) {
		struct buf file = {0};
		struct outcome first;
		struct recipe recipe = plain_recipe(200, 300);
		recipe.rotate_degrees = kind < 2 ? -1 : 0;
		recipe.sharpen_percent = 70;
		recipe.format = kind % 2 == 0 ? FORMAT_PWG : FORMAT_JPEG;
		save_jpeg(&pixels, NULL, &file);
		render_bytes(&file, "image/jpeg", &device, &recipe, &first);
		assert_true(first.result.fine);
		char hex[HASH_HEX_MAX];
		hash_hex_of(first.document.bytes, first.document.len, hex);
		assert_string_equal(hex, first.result.raster.sha256);
		assert_int_equal(first.document.len, first.result.raster.bytes);
		for (int threads = 1; threads <= 4; threads += 3) {
			struct outcome again;
			vips_concurrency_set(threads);
			render_bytes(&file, "image/jpeg", &device, &recipe, &again);
			vips_concurrency_set(1);
			assert_same(&first, &again);
			outcome_fini(&again);
		}
		outcome_fini(&first);
		buf_fini(&file);
	}
	buf_fini(&device);
	pixels_fini(&pixels);
}

static void urf_holds_the_same_page_as_pwg(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(501, 377);
	struct buf file = {0}, device = {0};
	struct outcome pwg, urf;
	struct recipe recipe = plain_recipe(200, 300);
	recipe.fit = FIT_FIT; /* white around it: rows that repeat */
	srgb_device(&device);
	save_jpeg(&pixels, NULL, &file);
	render_bytes(&file, "image/jpeg", &device, &recipe, &pwg);
	recipe.format = FORMAT_URF;
	render_bytes(&file, "image/jpeg", &device, &recipe, &urf);
	assert_true(pwg.result.fine && urf.result.fine);
	assert_string_equal(pwg.result.raster.pixels_sha256, urf.result.raster.pixels_sha256);
	assert_int_equal(urf.width, 200);
	assert_int_equal(urf.height, 300);
	assert_memory_equal(pwg.pixels, urf.pixels, 200 * 300 * 3);
	recipe.y_dpi = 600;
	outcome_fini(&urf);
	render_bytes(&file, "image/jpeg", &device, &recipe, &urf);
	assert_int_equal(urf.result.err.remedy, REMEDY_ATTEND);
	outcome_fini(&pwg);
	outcome_fini(&urf);
	buf_fini(&file);
	buf_fini(&device);
	pixels_fini(&pixels);
}

static void interlacing_changes_nothing(void **state)
{
	(void)state;
	struct pixels pixels = pixels_photo(133, 97);
	struct buf device = {0};
	struct outcome outcomes[2];
	srgb_device(&device);
	for (int i = 0; i < 2; i++) {
		struct buf file = {0};
		struct recipe recipe = plain_recipe(80, 60);
		save_png(&pixels, NULL, i == 1, &file);
		render_bytes(&file, "image/png", &device, &recipe, &outcomes[i]);
		buf_fini(&file);
	}
	assert_string_equal(
		outcomes[0].result.raster.pixels_sha256, outcomes[1].result.raster.pixels_sha256);
	outcome_fini(&outcomes[0]);
	outcome_fini(&outcomes[1]);
	buf_fini(&device);
	pixels_fini(&pixels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untagged_is_srgb),
		cmocka_unit_test(display_p3_is_honoured),
		cmocka_unit_test(exif_r03_is_adobe_rgb),
		cmocka_unit_test(grey_and_deep_pictures_are_printed),
		cmocka_unit_test(alpha_is_laid_on_paper_white),
		cmocka_unit_test(harmful_profiles_are_refused_and_said),
		cmocka_unit_test(printers_profile_must_be_the_recipes_and_good),
		cmocka_unit_test(recipe_of_another_engine_is_refused),
		cmocka_unit_test(same_recipe_gives_the_same_bytes),
		cmocka_unit_test(urf_holds_the_same_page_as_pwg),
		cmocka_unit_test(interlacing_changes_nothing),
	};
	return cmocka_run_group_tests_name("render/colour", tests, warm_up, NULL);
}
