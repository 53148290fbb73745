/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/face.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct device_status printer(void)
{
	struct device_status status = {.state = DEVICE_IDLE,
		.accepting = true,
		.title = "Photo 300",
		.firmware = "1.1",
		.tables = "gloss 7",
		.up_time_s = 100,
		.config_changed_s = 20,
		.asked_media = true,
		.n_media = 3,
		.n_ready = 1};
	strcpy(status.media[0], "a");
	strcpy(status.media[1], "b");
	strcpy(status.media[2], "c");
	status.ready[0] = (struct ready_media){.type = "glossy", .width_hmm = 10160};
	status.takes[FORMAT_JPEG] = status.takes[FORMAT_URF] = true;
	return status;
}

/* What is told when it has become that, as codes in their order. */
static const char *news_of(const struct device_status *now)
{
	static char codes[200];
	struct face face = {.known = false};
	struct device_status was = printer();
	struct face_news news[FACE_NEWS_MAX];
	codes[0] = '\0';
	assert_int_equal(face_news(&face, &was, news), 0);
	assert_true(face_take(&face, &was));
	size_t n = face_news(&face, now, news);
	for (size_t i = 0; i < n; i++) {
		snprintf(codes + strlen(codes), sizeof codes - strlen(codes), "%s%s",
			i > 0 ? " " : "", news[i].code);
		assert_non_null(strchr(news[i].words, ':')); /* what, then what to do */
	}
	face_take(&face, now);
	assert_int_equal(face_news(&face, now, news), 0); /* told once */
	return codes;
}

static void what_has_changed_is_told_once(void **state)
{
	(void)state;
	struct device_status now = printer();
	now.up_time_s = 101;
	assert_string_equal(news_of(&now), "");
	strcpy(now.firmware, "1.2");
	assert_string_equal(news_of(&now), "firmware-changed");
	now.takes[FORMAT_URF] = false;
	now.takes[FORMAT_PWG] = true;
	assert_string_equal(news_of(&now), "firmware-changed format-new format-gone");
	now = printer();
	strcpy(now.title, "Photo 400");
	strcpy(now.tables, "gloss 8");
	assert_string_equal(news_of(&now), "model-changed tables-changed");
	now = printer();
	now.n_reasons = 1;
	strcpy(now.reasons[0], "paused");
	assert_string_equal(news_of(&now), "paused-outside");
	strcpy(now.reasons[0], "moving-to-paused-warning");
	assert_string_equal(news_of(&now), "paused-outside");
}

static void silence_is_no_change(void **state)
{
	(void)state;
	struct device_status now = printer();
	now.firmware[0] = now.title[0] = now.tables[0] = '\0';
	now.asked_media = false;
	now.n_media = 0;
	now.config_changed_s = COUNT_UNKNOWN;
	assert_string_equal(news_of(&now), "");
}

static void a_size_that_is_gone_is_named(void **state)
{
	(void)state;
	struct face face = {.known = false};
	struct device_status now = printer();
	struct face_news news[FACE_NEWS_MAX];
	face_take(&face, &now);
	now.n_media = 2;
	assert_int_equal(face_news(&face, &now, news), 1);
	assert_string_equal(
		news[0].words, "prints on c no longer: find out who set it up differently");
	now.n_media = 1;
	assert_int_equal(face_news(&face, &now, news), 1);
	assert_string_equal(news[0].words,
		"prints on b and 1 more sizes no longer: find out who set it up differently");
	now.n_media = DEVICE_MEDIA_MAX; /* the list was cut: c may be behind it */
	memset(now.media, 0, sizeof now.media);
	assert_int_equal(face_news(&face, &now, news), 0);
}

static void another_set_up_is_told_only_when_nothing_else_explains_it(void **state)
{
	(void)state;
	struct device_status now = printer();
	now.config_changed_s = 90;
	assert_string_equal(news_of(&now), "config-changed");
	strcpy(now.ready[0].type, "matte"); /* paper was loaded */
	assert_string_equal(news_of(&now), "");
	now = printer();
	now.config_changed_s = 90;
	strcpy(now.firmware, "2");
	assert_string_equal(news_of(&now), "firmware-changed");
	now = printer();
	now.config_changed_s = 30; /* switched off and on */
	now.up_time_s = 40;
	assert_string_equal(news_of(&now), "");
}

static void only_what_outlives_a_restart_is_saved(void **state)
{
	(void)state;
	struct face face = {.known = false};
	struct device_status now = printer();
	assert_true(face_take(&face, &now));
	assert_false(face_take(&face, &now));
	now.up_time_s++;
	now.ready[0].width_hmm = 12700;
	assert_false(face_take(&face, &now));
	now.n_media = 1;
	assert_true(face_take(&face, &now));
	face.stranger = true;
	assert_true(face_take(&face, &now));
	assert_false(face.stranger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_changed_is_told_once),
		cmocka_unit_test(silence_is_no_change),
		cmocka_unit_test(a_size_that_is_gone_is_named),
		cmocka_unit_test(another_set_up_is_told_only_when_nothing_else_explains_it),
		cmocka_unit_test(only_what_outlives_a_restart_is_saved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
