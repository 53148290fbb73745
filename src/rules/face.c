/* SPDX-License-Identifier: Apache-2.0
 *
 * What has changed about a printer.
 */
#include "rules/face.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct list {
	struct face_news *news;
	size_t n;
};

static void add(struct list *list, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct list *list, const char *code, const char *format, ...)
{
	va_list arguments;
	if (list->n == FACE_NEWS_MAX) {
		return;
	}
	struct face_news *news = &list->news[list->n++];
	news->code = code;
	va_start(arguments, format);
	vsnprintf(news->words, sizeof news->words, format, arguments);
	va_end(arguments);
}

/* One of them silent is no change: a printer that is starting says less of itself. */
static bool differ(const char *before, const char *now)
{
	return before[0] != '\0' && now[0] != '\0' && strcmp(before, now) != 0;
}

static void compare_words(
	const struct face *before, const struct device_status *now, struct list *list)
{
	if (differ(before->title, now->title)) {
		add(list, "model-changed",
			"says it is a %.50s, it was a %.50s: look which machine stands there",
			now->title, before->title);
	}
	if (differ(before->firmware, now->firmware)) {
		add(list, "firmware-changed",
			"has other firmware (%.40s, it was %.40s): print a test sheet and compare",
			now->firmware, before->firmware);
	}
	if (differ(before->tables, now->tables)) {
		add(list, "tables-changed",
			"has other tone tables (%.40s, it was %.40s): print a test sheet and "
			"compare its colours",
			now->tables, before->tables);
	}
}

static void compare_formats(
	const struct face *before, const struct device_status *now, struct list *list)
{
	for (int at = 0; at < FORMAT_COUNT; at++) {
		const char *name = format_media_type((enum document_format)at);
		if (before->takes[at] && !now->takes[at]) {
			add(list, "format-gone",
				"takes no %s any more: find out who set it up differently", name);
		} else if (!before->takes[at] && now->takes[at]) {
			add(list, "format-new", "takes %s now: nothing needs to be done", name);
		}
	}
}

static bool prints_on(const struct device_status *status, const char *name)
{
	for (int32_t i = 0; i < status->n_media; i++) {
		if (strcmp(status->media[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* A list that was cut proves nothing of what is not in it. */
static void compare_media(
	const struct face *before, const struct device_status *now, struct list *list)
{
	const char *first = NULL;
	int gone = 0;
	if (!before->knows_media || !now->asked_media || now->n_media == DEVICE_MEDIA_MAX) {
		return;
	}
	for (int32_t i = 0; i < before->n_media; i++) {
		if (!prints_on(now, before->media[i])) {
			first = first == NULL ? before->media[i] : first;
			gone++;
		}
	}
	if (gone > 1) {
		add(list, "media-gone",
			"prints on %.64s and %d more sizes no longer: find out who set it up "
			"differently",
			first, gone - 1);
	} else if (gone == 1) {
		add(list, "media-gone",
			"prints on %.64s no longer: find out who set it up differently", first);
	}
}

static bool is_paused(const struct device_status *status)
{
	return device_has_reason(status, "paused") || device_has_reason(status, "moving-to-paused");
}

/* Of what is loaded, not of how much of it. */
static int64_t loaded_of(const struct device_status *status)
{
	uint64_t sum = 14695981039346656037U; /* FNV-1a, which needs no secret here */
	for (int32_t i = 0; i < status->n_ready; i++) {
		const struct ready_media *ready = &status->ready[i];
		const int32_t sides[] = {
			ready->width_hmm, ready->height_hmm, ready->height_most_hmm};
		const unsigned char *bytes = (const unsigned char *)sides;
		for (size_t at = 0; at < sizeof sides; at++) {
			sum = (sum ^ bytes[at]) * 1099511628211U;
		}
		for (const char *at = ready->type; *at != '\0'; at++) {
			sum = (sum ^ (unsigned char)*at) * 1099511628211U;
		}
	}
	return (int64_t)(sum >> 1);
}

/* Its clock begins anew with a restart, and loading paper is a change of its set-up, too. */
static bool was_set_up(const struct face *before, const struct device_status *now)
{
	return before->config_changed_s != COUNT_UNKNOWN &&
	       now->config_changed_s != COUNT_UNKNOWN &&
	       now->config_changed_s > before->config_changed_s &&
	       now->up_time_s >= before->up_time_s && loaded_of(now) == before->loaded;
}

size_t face_news(const struct face *before, const struct device_status *now,
	struct face_news news[FACE_NEWS_MAX])
{
	struct list list = {.news = news};
	if (!before->known) {
		return 0;
	}
	compare_words(before, now, &list);
	compare_formats(before, now, &list);
	compare_media(before, now, &list);
	if (list.n == 0 && was_set_up(before, now)) { /* else it is said already what */
		add(&list, "config-changed",
			"was set up differently, not by platen: look at its settings, and print a "
			"test sheet");
	}
	if (!before->paused && is_paused(now)) {
		add(&list, "paused-outside",
			"was paused at the printer or its queue, not by platen: resume it there");
	}
	return list.n;
}

static bool take_text(char *kept, size_t size, const char *said)
{
	bool changes = said[0] != '\0' && strcmp(kept, said) != 0;
	if (changes) {
		text_copy(kept, size, said);
	}
	return changes;
}

static bool take_media(struct face *face, const struct device_status *status)
{
	size_t bytes = (size_t)status->n_media * sizeof status->media[0];
	if (!status->asked_media || (face->knows_media && face->n_media == status->n_media &&
					    memcmp(face->media, status->media, bytes) == 0)) {
		return false;
	}
	face->knows_media = true;
	face->n_media = status->n_media;
	memcpy(face->media, status->media, bytes);
	return true;
}

bool face_take(struct face *face, const struct device_status *status)
{
	bool paused = is_paused(status);
	bool changes = !face->known || face->paused != paused || face->stranger ||
		       memcmp(face->takes, status->takes, sizeof face->takes) != 0;
	changes = take_text(face->title, sizeof face->title, status->title) || changes;
	changes = take_text(face->firmware, sizeof face->firmware, status->firmware) || changes;
	changes = take_text(face->tables, sizeof face->tables, status->tables) || changes;
	changes = take_media(face, status) || changes;
	face->known = true;
	face->paused = paused;
	face->stranger = false;
	face->loaded = loaded_of(status);
	face->config_changed_s = status->config_changed_s;
	face->up_time_s = status->up_time_s;
	memcpy(face->takes, status->takes, sizeof face->takes);
	return changes;
}
