/* SPDX-License-Identifier: Apache-2.0
 *
 * One photo from its file to a device-ready page: probe → decode → window → resize → sharpen →
 * colour → turn → place and label → encode, in rows of 16 bits until the last step. The same recipe
 * and file give the same bytes, on every machine and with any number of threads.
 */
#pragma once
#include "render/font.h"
#include "wire/task.h"

/* Starts what the engine uses; call once, before any fork. */
must_use bool render_warm(const char *program, struct err *err);
/* "platen-render/1 vips/8.14.1 lcms2/2.14 jpeg:75b71ddb …": part of every recipe; once it is warm.
 */
void render_engine(char engine[RECIPE_ENGINE_MAX]);

struct render_files {
	int asset;               /* read-only; mapped, its offset doesn't matter */
	int output;              /* an empty file; RENDER_RENDER */
	int profile;             /* the printer's; RENDER_RENDER */
	const struct font *font; /* for labels; NULL: none is there */
};

/* Does the task and fills the result; result->err where it failed. Every row of the photo is
 * decoded in both kinds of task, so that a damaged one is found at INSPECT. */
void render_run(const struct render_task *task, const struct render_files *files,
	struct render_result *result);
