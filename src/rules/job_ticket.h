/* SPDX-License-Identifier: Apache-2.0
 *
 * The job ticket of a machine that takes its work out of a folder: a few lines of plain text, from
 * a template in its model's file.
 */
#pragma once
#include "base/buf.h"
#include "rules/catalog.h"

struct ticket_facts {
	const char *file;    /* the picture's name, beside the ticket */
	const char *order;   /* hostile: a text from an order */
	const char *key;     /* the attempt's, also in the file's name */
	const char *surface; /* "glossy" */
	const char *size;    /* PWG name of the sheet */
	int32_t copies;
	int32_t width_hmm, height_hmm; /* of the sheet, upright */
};

/* One line of a template: visible characters, known placeholders. REJECT "ticket" says what is
 * wrong. */
must_use bool job_ticket_check(const char *template, struct err *err);
/* All lines, filled, each with its end. Whatever a text says, it makes no new line, and nothing
 * that ends a value by the model's way of escaping. */
void job_ticket_fill(
	const struct model_folder *model, const struct ticket_facts *facts, struct buf *ticket);
