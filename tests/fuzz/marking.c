/* SPDX-License-Identifier: Apache-2.0
 *
 * Any template with any order's texts: what is taken fills to one line of visible characters within
 * its bounds; a back has its own characters and columns. The bytes: template, order and label, with
 * a NUL between them.
 */
#include "tests/fuzz/fuzz.h"
#include "rules/marking.h"
#include <string.h>

#define PARTS 3

static void is_fit_for_paper(const char *text)
{
	char same[MARKING_TEXT_MAX];
	fuzz_must(strlen(text) < MARKING_TEXT_MAX);
	fuzz_must(text_for_paper(same, sizeof same, text) && strcmp(same, text) == 0);
}

static void is_of_the_printer(const char *line, const struct model_back *back)
{
	int32_t columns = 0;
	for (const char *at = line; *at != '\0'; columns++) {
		uint32_t code = text_next(&at);
		fuzz_must(code >= 0x20 && code != 0x7F && code < (back->latin1 ? 0x100 : 0x7F));
	}
	fuzz_must(columns <= back->columns && strlen(line) < BACK_LINE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct model_back backs[] = {
		{1, BACK_COLUMNS_MIN, false}, {1, BACK_COLUMNS_MAX, true}};
	char *copy = malloc(len + PARTS);
	const char *parts[PARTS];
	struct err err = {.text = ""};
	fuzz_must(copy != NULL);
	memcpy(copy, bytes, len);
	memset(copy + len, 0, PARTS);
	parts[0] = copy;
	for (int i = 1; i < PARTS; i++) {
		const char *end = parts[i - 1] + strlen(parts[i - 1]);
		parts[i] = end < copy + len ? end + 1 : end;
	}
	if (!marking_check(parts[0], &err)) {
		fuzz_must(err.text[0] != '\0');
		free(copy);
		return 0;
	}
	struct marking_facts facts = {.order = parts[1],
		.label = parts[2],
		.job = "j",
		.sku = "s",
		.product = "p",
		.floor = "f",
		.date = "2026-11-29",
		.page = INT32_MIN,
		.pages = INT32_MAX,
		.copies = 1};
	char text[MARKING_TEXT_MAX];
	char line[BACK_LINE_MAX];
	marking_fill(parts[0], &facts, text);
	is_fit_for_paper(text);
	for (size_t i = 0; i < sizeof backs / sizeof backs[0]; i++) {
		marking_fill_back(parts[0], &facts, &backs[i], line);
		is_of_the_printer(line, &backs[i]);
	}
	free(copy);
	return 0;
}
