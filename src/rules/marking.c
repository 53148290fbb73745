/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling templates. A text from an order is hostile until it is only visible characters, and so
 * few of them that they fit.
 */
#include "rules/marking.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS      "\xE2\x80\xA6"
#define ELLIPSIS_CODE 0x2026
#define NAME_BYTES    16

enum place_kind { PLACE_TEXT, PLACE_NUMBER };

static const struct placeholder {
	const char *name;
	enum place_kind kind;
	size_t offset; /* in marking_facts */
} placeholders[] = {
	{"order", PLACE_TEXT, offsetof(struct marking_facts, order)},
	{"job", PLACE_TEXT, offsetof(struct marking_facts, job)},
	{"label", PLACE_TEXT, offsetof(struct marking_facts, label)},
	{"sku", PLACE_TEXT, offsetof(struct marking_facts, sku)},
	{"product", PLACE_TEXT, offsetof(struct marking_facts, product)},
	{"floor", PLACE_TEXT, offsetof(struct marking_facts, floor)},
	{"date", PLACE_TEXT, offsetof(struct marking_facts, date)},
	{"page", PLACE_NUMBER, offsetof(struct marking_facts, page)},
	{"pages", PLACE_NUMBER, offsetof(struct marking_facts, pages)},
	{"copies", PLACE_NUMBER, offsetof(struct marking_facts, copies)},
};
#define N_PLACEHOLDERS (sizeof placeholders / sizeof placeholders[0])

/* The placeholder that a brace at `at` opens, and past it; NULL when it is none. */
static const struct placeholder *find(const char **at)
{
	for (size_t i = 0; i < N_PLACEHOLDERS; i++) {
		const char *past = text_past_braces(*at, placeholders[i].name);
		if (past != NULL) {
			*at = past;
			return &placeholders[i];
		}
	}
	return NULL;
}

static bool unknown(const char *at, struct err *err)
{
	char name[NAME_BYTES];
	text_copy(name, sizeof name, at + 1);
	name[strcspn(name, "{}")] = '\0';
	if (strcmp(name, "copy") == 0) {
		return err_set(err, REMEDY_REJECT, "marking",
			"{copy}: all copies of a page come from one picture, so none can have a "
			"number of its own; {copies} says how many there are");
	}
	return err_set(err, REMEDY_REJECT, "marking",
		"{%s}: known are {order} {job} {label} {sku} {product} {floor} {date} {page} "
		"{pages} {copies}",
		name);
}

bool marking_check(const char *template, struct err *err)
{
	char clean[MARKING_TEMPLATE_MAX];
	if (!text_for_paper(clean, sizeof clean, template) || strcmp(clean, template) != 0) {
		return err_set(err, REMEDY_REJECT, "marking",
			"must be one line of at most %d bytes of characters that can be seen",
			MARKING_TEMPLATE_MAX - 1);
	}
	for (const char *at = template; *at != '\0';) {
		if (*at == '}') {
			return err_set(err, REMEDY_REJECT, "marking",
				"a brace stands alone: braces are for {placeholders} only");
		}
		if (*at != '{') {
			at++;
		} else if (find(&at) == NULL) {
			return unknown(at, err);
		}
	}
	return true;
}

struct line {
	char *text;
	size_t len, size;
	bool full;
};

/* Whole characters, as many as fit; then an ellipsis, and nothing any more. */
static void add(struct line *line, const char *piece, size_t len)
{
	if (line->full) {
		return;
	}
	if (line->len + len + sizeof ELLIPSIS <= line->size) {
		memcpy(line->text + line->len, piece, len);
		line->len += len;
		return;
	}
	memcpy(line->text + line->len, ELLIPSIS, sizeof ELLIPSIS);
	line->full = true;
}

static void add_text(struct line *line, const char *text)
{
	while (*text != '\0') {
		const char *from = text;
		text_next(&text);
		add(line, from, (size_t)(text - from));
	}
}

static void add_fact(
	struct line *line, const struct placeholder *placeholder, const struct marking_facts *facts)
{
	const char *at = (const char *)facts + placeholder->offset;
	char clean[MARKING_TEXT_MAX];
	if (placeholder->kind == PLACE_NUMBER) {
		snprintf(clean, sizeof clean, "%d", (int)*(const int32_t *)(const void *)at);
	} else if (!text_for_paper(clean, sizeof clean, *(const char *const *)(const void *)at)) {
		add_text(line, clean);
		add_text(line, ELLIPSIS);
		return;
	}
	add_text(line, clean);
}

void marking_fill(
	const char *template, const struct marking_facts *facts, char text[MARKING_TEXT_MAX])
{
	struct line line = {.text = text, .size = MARKING_TEXT_MAX};
	for (const char *at = template; *at != '\0';) {
		const struct placeholder *placeholder = *at == '{' ? find(&at) : NULL;
		if (placeholder != NULL) {
			add_fact(&line, placeholder, facts);
			continue;
		}
		const char *from = at;
		text_next(&at);
		add(&line, from, (size_t)(at - from));
	}
	if (!line.full) {
		text[line.len] = '\0';
	}
}

/* ---- the back ---- */

/* What a simple character set has instead of the marks that people's keyboards make. */
static const struct {
	uint32_t code;
	const char *plain;
} plainer[] = {
	{ELLIPSIS_CODE, "..."},
	{0x2010, "-"},
	{0x2013, "-"},
	{0x2014, "-"},
	{0x2018, "'"},
	{0x2019, "'"},
	{0x201C, "\""},
	{0x201D, "\""},
	{0x00D7, "x"},
	{0x00A0, " "},
};

/* One character in the printer's set, in UTF-8. */
static void fold(uint32_t code, const struct model_back *back, char out[4])
{
	if (code < 0x80) {
		snprintf(out, 4, "%c", (char)code);
		return;
	}
	if (back->latin1 && code >= 0xA0 && code < 0x100) {
		snprintf(out, 4, "%c%c", (char)(0xC0 | code >> 6), (char)(0x80 | (code & 0x3F)));
		return;
	}
	snprintf(out, 4, "?");
	for (size_t i = 0; i < sizeof plainer / sizeof plainer[0]; i++) {
		if (plainer[i].code == code) {
			snprintf(out, 4, "%s", plainer[i].plain);
		}
	}
}

/* Where the character begins that stands in that column; the end when there is none. */
static size_t column_at(const char *line, int32_t column)
{
	const char *at = line;
	while (*at != '\0' && column-- > 0) {
		text_next(&at);
	}
	return (size_t)(at - line);
}

void marking_fill_back(const char *template, const struct marking_facts *facts,
	const struct model_back *back, char line[BACK_LINE_MAX])
{
	static const char dots[] = "...";
	char text[MARKING_TEXT_MAX];
	char wide[3 * MARKING_TEXT_MAX] = ""; /* a character becomes three at most */
	size_t len = 0;
	marking_fill(template, facts, text);
	for (const char *at = text; *at != '\0';) {
		char piece[4];
		fold(text_next(&at), back, piece);
		memcpy(wide + len, piece, strlen(piece) + 1);
		len += strlen(piece);
	}
	if (wide[column_at(wide, back->columns)] != '\0') {
		memcpy(wide + column_at(wide, back->columns - 3), dots, sizeof dots);
	}
	memcpy(line, wide, strlen(wide) + 1);
}
