/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer is like, beside how it is now: its firmware, what it takes and prints on, its tone
 * tables, whether its own queue lets anything through. When one of these has changed behind our
 * back, a person is told once.
 */
#pragma once
#include "rules/device.h"

struct face {
	bool known;
	char title[129], firmware[65], tables[65];
	bool takes[FORMAT_COUNT];
	bool paused;   /* at the printer or its queue, not by platen */
	bool stranger; /* another machine answers at its address */
	bool knows_media;
	char media[DEVICE_MEDIA_MAX][65];
	int32_t n_media;
	/* what a restart forgets: its clock may have begun anew meanwhile */
	int64_t config_changed_s, up_time_s;
	int64_t loaded; /* a number that changes with what is loaded */
};

#define FACE_NEWS_MAX  8
#define FACE_WORDS_MAX 193
struct face_news {
	const char *code;           /* "firmware-changed" */
	char words[FACE_WORDS_MAX]; /* go on after its name, and end with what to do */
};

/* What is new about it since that face was taken; the first time nothing is. Returns how many. */
size_t face_news(const struct face *before, const struct device_status *now,
	struct face_news news[FACE_NEWS_MAX]);
/* Brings it up to date; true when that changed what is to outlive a restart. */
bool face_take(struct face *face, const struct device_status *status);
