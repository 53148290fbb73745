/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written on a print beside its picture, or on its back: a line of the product's file with
 * placeholders, filled from the job. Names from a fixed list stand in braces; all else is literal,
 * and what is put in is never looked through again.
 */
#pragma once
#include "rules/catalog.h"
#include "base/err.h"

struct marking_facts {     /* borrowed texts, as they came from outside; none is NULL */
	const char *order; /* what people say and scan; its id where it has none */
	const char *job, *label, *sku, *product, *floor;
	const char *date; /* when the job was taken, "2026-11-29" */
	int32_t page, pages, copies;
};

/* REJECT: what is wrong with it, as a sentence's end ("{copy}: …"). */
must_use bool marking_check(const char *template, struct err *err);
/* One line of visible characters, whatever the facts hold; cut short with an ellipsis. */
void marking_fill(
	const char *template, const struct marking_facts *facts, char text[MARKING_TEXT_MAX]);
/* The same for a printer's back: its characters only ('?' for others), at most its columns. */
void marking_fill_back(const char *template, const struct marking_facts *facts,
	const struct model_back *back, char line[BACK_LINE_MAX]);
