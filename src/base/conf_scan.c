/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner. Its language is the part of libConfuse's that reads the same to everybody:
 *
 *   entries:  key = value | key = { value, … } | name [title] { entries }
 *   value:    a word of letters, digits and _ . : / % @ - or a text in quotes on one line
 *   comments: from # or // to the end of the line, and C's
 *
 * No escapes but \" and \\, no +=, no functions (so no include), no section within a section.
 */
#include "base/conf_scan.h"
#include "base/mem.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 10000

static const char word_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789_.:/%@-";

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_MARK };

struct token {
	enum token_kind kind;
	char mark; /* TOKEN_MARK: one of = { } , */
	size_t start, end;
	int line;
};

struct scan {
	struct conf_map *map;
	const char *text;
	size_t at;
	int line;
	struct token token; /* the one looked at */
	struct err *err;
};

static bool refuse(struct scan *scan, const char *what)
{
	return err_set(scan->err, REMEDY_FATAL, "conf", "%s", what);
}

static void blank(struct scan *scan, size_t start)
{
	for (size_t i = start; i < scan->at; i++) {
		if (scan->map->clean[i] != '\n') {
			scan->map->clean[i] = ' ';
		}
	}
}

static bool skip_long_comment(struct scan *scan)
{
	const char *end = strstr(scan->text + scan->at + 2, "*/");
	if (end == NULL) {
		return refuse(scan, "this comment has no end: close it with */");
	}
	size_t stop = (size_t)(end + 2 - scan->text);
	for (; scan->at < stop; scan->at++) {
		scan->line += scan->text[scan->at] == '\n';
	}
	return true;
}

/* Blanks and comments. */
static bool skip(struct scan *scan)
{
	for (;;) {
		const char *at = scan->text + scan->at;
		size_t start = scan->at;
		if (*at == '\n' || *at == ' ' || *at == '\t' || *at == '\r') {
			scan->line += *at == '\n';
			scan->at++;
		} else if (*at == '#' || strncmp(at, "//", 2) == 0) {
			scan->at += strcspn(at, "\n");
		} else if (strncmp(at, "/*", 2) == 0) {
			if (!skip_long_comment(scan)) {
				return false;
			}
		} else {
			return true;
		}
		blank(scan, start);
	}
}

static bool take_quoted(struct scan *scan, char quote)
{
	while (scan->text[++scan->at] != quote) {
		unsigned char c = (unsigned char)scan->text[scan->at];
		if (c == '\n' || c == '\0') {
			return refuse(scan, "a text in quotes is not closed on its line");
		}
		if (c < 0x20 || c == 0x7F) {
			return refuse(scan, "a text holds a control character");
		}
		if (c == '\\') {
			char next = scan->text[++scan->at];
			if (quote == '\'' || (next != '"' && next != '\\')) {
				return refuse(scan,
					"only \\\" and \\\\ are known after a backslash, in \"\"");
			}
		}
	}
	scan->at++;
	return true;
}

static bool take_word(struct scan *scan)
{
	size_t len = strspn(scan->text + scan->at, word_bytes);
	const char *word = scan->text + scan->at;
	scan->at += len;
	if (memmem(word, len, "//", 2) != NULL) {
		return refuse(scan, "write an address with // in quotes");
	}
	return true;
}

static bool next(struct scan *scan)
{
	if (!skip(scan)) {
		return false;
	}
	char c = scan->text[scan->at];
	scan->token = (struct token){
		.kind = TOKEN_MARK, .mark = c, .start = scan->at, .line = scan->line};
	bool fine = true;
	if (c == '\0') {
		scan->token.kind = TOKEN_END;
	} else if (c == '"' || c == '\'') {
		scan->token.kind = TOKEN_TEXT;
		fine = take_quoted(scan, c);
	} else if (strchr(word_bytes, c) != NULL) {
		scan->token.kind = TOKEN_WORD;
		fine = take_word(scan);
	} else if (strchr("={},", c) != NULL) {
		scan->at++;
	} else if (c == '+') {
		fine = refuse(scan, "\"+\" has no meaning here: write all values in one list");
	} else if (c == '(' || c == ')') {
		fine = refuse(scan, "functions and include(…) are not known");
	} else {
		fine = refuse(scan, "a character that must stand in quotes");
	}
	scan->token.end = scan->at;
	return fine;
}

static bool is_mark(const struct scan *scan, char mark)
{
	return scan->token.kind == TOKEN_MARK && scan->token.mark == mark;
}

static bool is_value(const struct scan *scan)
{
	return scan->token.kind == TOKEN_WORD || scan->token.kind == TOKEN_TEXT;
}

static char *copy_token(const struct scan *scan)
{
	size_t len = scan->token.end - scan->token.start;
	size_t edge = scan->token.kind == TOKEN_TEXT;
	char *copy = mem_new(len + 1, 1);
	memcpy(copy, scan->text + scan->token.start + edge, len - 2 * edge);
	return copy;
}

static bool token_has_variable(const struct scan *scan)
{
	size_t len = scan->token.end - scan->token.start;
	return memmem(scan->text + scan->token.start, len, "${", 2) != NULL;
}

static struct conf_item *add_item(struct conf_map *map)
{
	map->items = mem_resize(map->items, map->n_items + 1, sizeof *map->items);
	struct conf_item *item = &map->items[map->n_items++];
	*item = (struct conf_item){0};
	return item;
}

static size_t add_section(struct conf_map *map, char *name, char *title, int line, size_t start)
{
	map->sections = mem_resize(map->sections, map->n_sections + 1, sizeof *map->sections);
	map->sections[map->n_sections] = (struct conf_section){name, title, line, start, start};
	return map->n_sections++;
}

static bool take_value(struct scan *scan, struct conf_item *item)
{
	if (!is_value(scan)) {
		return refuse(scan, "a value is missing here");
	}
	item->n_values++;
	item->has_variable |= token_has_variable(scan);
	item->end = scan->token.end;
	return next(scan);
}

static bool take_list(struct scan *scan, struct conf_item *item)
{
	item->is_list = true;
	if (!next(scan)) {
		return false;
	}
	while (!is_mark(scan, '}')) {
		if (!take_value(scan, item)) {
			return false;
		}
		if (is_mark(scan, ',')) {
			if (!next(scan)) {
				return false;
			}
		} else if (!is_mark(scan, '}')) {
			return refuse(
				scan, "a list goes { \"a\", \"b\" }: a comma is missing here");
		}
	}
	item->end = scan->token.end;
	return next(scan);
}

static bool take_section(struct scan *scan, struct conf_item *item, size_t *inside)
{
	if (*inside != 0) {
		return refuse(scan, "a section within a section (is a } missing above?)");
	}
	char *name = item->key;
	item->key = NULL;
	char *title = NULL;
	if (is_value(scan)) {
		title = copy_token(scan);
		item->has_variable = token_has_variable(scan);
	}
	item->section = *inside = add_section(scan->map, name, title, item->line, item->start);
	if (title != NULL && !next(scan)) {
		return false;
	}
	if (!is_mark(scan, '{')) {
		return refuse(scan,
			"after a name there must be \"=\" and a value, or \"{\" (a value "
			"with a blank in it stands in quotes)");
	}
	item->end = scan->token.end;
	return next(scan);
}

static bool take_entry(struct scan *scan, size_t *inside)
{
	if (is_mark(scan, '}')) {
		if (*inside == 0) {
			return refuse(scan, "a } too many");
		}
		scan->map->sections[*inside].end = scan->token.end;
		*inside = 0;
		return next(scan);
	}
	if (scan->token.kind != TOKEN_WORD) {
		return refuse(scan, "the name of a key or section must stand here");
	}
	if (scan->map->n_items == ITEMS_MAX) {
		return refuse(scan, "too many entries for one file");
	}
	struct conf_item *item = add_item(scan->map);
	item->line = scan->token.line;
	item->start = scan->token.start;
	item->section = *inside;
	item->key = copy_token(scan);
	if (!next(scan)) {
		return false;
	}
	if (!is_mark(scan, '=')) {
		return take_section(scan, item, inside);
	}
	if (!next(scan)) {
		return false;
	}
	return is_mark(scan, '{') ? take_list(scan, item) : take_value(scan, item);
}

bool conf_scan(const char *text, struct conf_map *map, int *line, struct err *err)
{
	*map = (struct conf_map){.clean = mem_text(text)};
	add_section(map, mem_text(""), NULL, 1, 0);
	struct scan scan = {.map = map, .text = text, .line = 1, .err = err};
	size_t inside = 0;
	bool fine = text_is_utf8(text, strlen(text)) || refuse(&scan, "the file is not UTF-8 text");
	fine = fine && next(&scan);
	while (fine && scan.token.kind != TOKEN_END) {
		fine = take_entry(&scan, &inside);
	}
	if (fine && inside != 0) {
		fine = refuse(&scan, "the file ends within a section: a } is missing");
	}
	*line = scan.line; /* no token spans lines, and none is read ahead */
	return fine;
}

void conf_map_fini(struct conf_map *map)
{
	for (size_t i = 0; i < map->n_sections; i++) {
		free(map->sections[i].name);
		free(map->sections[i].title);
	}
	for (size_t i = 0; i < map->n_items; i++) {
		free(map->items[i].key);
	}
	free(map->sections);
	free(map->items);
	free(map->clean);
	*map = (struct conf_map){0};
}
