/* SPDX-License-Identifier: Apache-2.0
 *
 * How a change is called: once, with a token of its own.
 */
#pragma once
#include "cli/ctl.h"

/* A body with its token and, where it was typed, the reason. */
json_t *change_body(const struct args *args);
/* POSTs to base + id + verb, lets go of the body, and shows that member of the answer. */
int change(const struct args *args, const char *base, const char *id, const char *verb,
	json_t *body, const char *answer_key, int (*show)(const struct args *args, json_t *value));
/* The same for every job that was named, without more than the reason. */
int change_jobs(const struct args *args, const char *verb);
/* Puts a file into the floor's spool, and adds it to the pages of an order. */
int send_asset(const struct args *args, const char *file, json_t *pages);
