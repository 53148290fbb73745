/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables. Widths are counted in characters, not bytes.
 */
#include "cli/table.h"
#include "base/mem.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 12
#define CELL_MAX    400
#define GAP         2

struct cell {
	char *text;
	enum tone tone;
};

struct table {
	bool colour;
	size_t n_columns, n_cells;
	struct cell *cells; /* the first row are the headings */
	bool right[COLUMNS_MAX];
};

static size_t width_of(const char *text)
{
	size_t width = 0;
	for (; *text != '\0'; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

void tone_print(bool colour, enum tone tone, const char *text)
{
	static const char *const codes[] = {
		[TONE_PLAIN] = NULL,
		[TONE_GOOD] = "32",
		[TONE_WAIT] = "33",
		[TONE_BAD] = "1;31",
		[TONE_QUIET] = "2",
	};
	if (colour && codes[tone] != NULL) {
		printf("\033[%sm%s\033[0m", codes[tone], text);
	} else {
		fputs(text, stdout);
	}
}

struct table *table_create(const char *headings, bool colour)
{
	struct table *table = mem_new(1, sizeof *table);
	table->colour = colour;
	char *copy = mem_text(headings);
	char *rest = copy;
	for (char *head = strsep(&rest, "|"); head != NULL; head = strsep(&rest, "|")) {
		table->right[table->n_columns++] = head[0] == '>';
		table_cell(table, TONE_QUIET, head + (head[0] == '>'));
	}
	free(copy);
	return table;
}

void table_cell(struct table *table, enum tone tone, const char *text)
{
	char escaped[CELL_MAX];
	text_escape(escaped, sizeof escaped, text != NULL ? text : "");
	table->cells = mem_resize(table->cells, table->n_cells + 1, sizeof *table->cells);
	table->cells[table->n_cells++] = (struct cell){mem_text(escaped), tone};
}

static void print_padding(size_t n)
{
	printf("%*s", (int)n, "");
}

static void print_cell(const struct table *table, size_t at, size_t width)
{
	const struct cell *cell = &table->cells[at];
	size_t column = at % table->n_columns;
	size_t padding = width - width_of(cell->text);
	bool is_last = column == table->n_columns - 1;
	if (table->right[column]) {
		print_padding(padding);
	}
	tone_print(table->colour, cell->tone, cell->text);
	if (!table->right[column] && !is_last) {
		print_padding(padding);
	}
	if (is_last) {
		putchar('\n');
	} else {
		print_padding(GAP);
	}
}

void table_print(struct table *table)
{
	size_t widths[COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->n_cells; i++) {
		size_t width = width_of(table->cells[i].text);
		size_t column = i % table->n_columns;
		widths[column] = width > widths[column] ? width : widths[column];
	}
	for (size_t i = 0; i < table->n_cells; i++) {
		print_cell(table, i, widths[i % table->n_columns]);
	}
}

void table_destroy(struct table *table)
{
	for (size_t i = 0; i < table->n_cells; i++) {
		free(table->cells[i].text);
	}
	free(table->cells);
	free(table);
}
