/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a job ticket. Another program parses it, so a text from an order must stay one value of
 * it: it is cut, made visible, and escaped as the model says, before it stands there.
 */
#include "rules/job_ticket.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define VALUE_BYTES_MAX 129
#define NAME_BYTES      16

enum place_kind { PLACE_TEXT, PLACE_NUMBER, PLACE_MM };

static const struct placeholder {
	const char *name;
	enum place_kind kind;
	size_t offset; /* in ticket_facts */
} placeholders[] = {
	{"file", PLACE_TEXT, offsetof(struct ticket_facts, file)},
	{"order", PLACE_TEXT, offsetof(struct ticket_facts, order)},
	{"key", PLACE_TEXT, offsetof(struct ticket_facts, key)},
	{"surface", PLACE_TEXT, offsetof(struct ticket_facts, surface)},
	{"size", PLACE_TEXT, offsetof(struct ticket_facts, size)},
	{"copies", PLACE_NUMBER, offsetof(struct ticket_facts, copies)},
	{"width_mm", PLACE_MM, offsetof(struct ticket_facts, width_hmm)},
	{"height_mm", PLACE_MM, offsetof(struct ticket_facts, height_hmm)},
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
	return err_set(err, REMEDY_REJECT, "ticket",
		"{%s}: known are {file} {copies} {width_mm} {height_mm} {size} {surface} {order} "
		"{key}; a brace of the ticket's own is {{ or }}",
		name);
}

/* "{{" and "}}" stand for one brace: tickets may be in a language of braces. */
static bool is_brace(const char *at)
{
	return (at[0] == '{' || at[0] == '}') && at[1] == at[0];
}

bool job_ticket_check(const char *template, struct err *err)
{
	char clean[TICKET_LINE_MAX];
	if (!text_for_paper(clean, sizeof clean, template) || strcmp(clean, template) != 0) {
		return err_set(err, REMEDY_REJECT, "ticket",
			"must be lines of at most %d bytes of characters that can be seen",
			TICKET_LINE_MAX - 1);
	}
	for (const char *at = template; *at != '\0';) {
		if (is_brace(at)) {
			at += 2;
		} else if (*at == '}') {
			return err_set(err, REMEDY_REJECT, "ticket",
				"a brace stands alone: one of the ticket's own is {{ or }}");
		} else if (*at != '{') {
			at++;
		} else if (find(&at) == NULL) {
			return unknown(at, err);
		}
	}
	return true;
}

/* ---- filling ---- */

static const char *escape_of(enum ticket_escape escape, char sign)
{
	static const struct {
		enum ticket_escape escape;
		char sign;
		const char *instead;
	} rows[] = {
		{TICKET_XML, '&', "&amp;"},
		{TICKET_XML, '<', "&lt;"},
		{TICKET_XML, '>', "&gt;"},
		{TICKET_XML, '"', "&quot;"},
		{TICKET_XML, '\'', "&apos;"},
		{TICKET_QUOTES, '"', "\"\""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].escape == escape && rows[i].sign == sign) {
			return rows[i].instead;
		}
	}
	return NULL;
}

/* The next character of `*at`, in the model's character set. */
static void add_character(struct buf *ticket, const struct model_folder *model, const char **at)
{
	const char *from = *at;
	uint32_t code = text_next(at);
	if (model->ascii && code >= 0x80) {
		buf_text(ticket, "?");
	} else {
		buf_add(ticket, from, (size_t)(*at - from));
	}
}

static void add_value(struct buf *ticket, const struct model_folder *model, const char *text)
{
	char clean[VALUE_BYTES_MAX];
	(void)text_for_paper(clean, sizeof clean, text); /* cut to whole characters */
	for (const char *at = clean; *at != '\0';) {
		const char *instead = escape_of(model->escape, *at);
		if (instead != NULL) {
			buf_text(ticket, instead);
			at++;
		} else {
			add_character(ticket, model, &at);
		}
	}
}

/* "101.6", "152.4", "100": as short as it is exact. */
static void add_mm(struct buf *ticket, int32_t hmm)
{
	int32_t part = hmm % 100;
	if (part == 0) {
		buf_print(ticket, "%d", (int)(hmm / 100));
	} else if (part % 10 == 0) {
		buf_print(ticket, "%d.%d", (int)(hmm / 100), (int)(part / 10));
	} else {
		buf_print(ticket, "%d.%02d", (int)(hmm / 100), (int)part);
	}
}

static void add_fact(struct buf *ticket, const struct model_folder *model,
	const struct placeholder *placeholder, const struct ticket_facts *facts)
{
	const void *at = (const char *)facts + placeholder->offset;
	switch (placeholder->kind) {
	case PLACE_TEXT:
		add_value(ticket, model, *(const char *const *)at);
		break;
	case PLACE_NUMBER:
		buf_print(ticket, "%d", (int)*(const int32_t *)at);
		break;
	case PLACE_MM:
		add_mm(ticket, *(const int32_t *)at);
		break;
	}
}

static void add_line(struct buf *ticket, const struct model_folder *model, const char *template,
	const struct ticket_facts *facts)
{
	for (const char *at = template; *at != '\0';) {
		if (is_brace(at)) {
			buf_add(ticket, at, 1);
			at += 2;
			continue;
		}
		const struct placeholder *placeholder = *at == '{' ? find(&at) : NULL;
		if (placeholder != NULL) {
			add_fact(ticket, model, placeholder, facts);
		} else {
			add_character(ticket, model, &at);
		}
	}
	buf_text(ticket, model->crlf ? "\r\n" : "\n");
}

void job_ticket_fill(
	const struct model_folder *model, const struct ticket_facts *facts, struct buf *ticket)
{
	for (int32_t i = 0; i < model->n_ticket; i++) {
		add_line(ticket, model, model->ticket[i], facts);
	}
}
