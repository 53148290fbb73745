/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line's calls to a running service.
 */
#pragma once
#include "orders/setup.h"
#include "wire/json.h"

struct client {
	const struct setup *setup;
	bool as_json; /* print answers as they are */
};

/* What the commands say on the command line; the fields that don't apply stay empty. */
#define WORDS_MAX 256
struct words {
	const char *command;
	const char *plain[WORDS_MAX]; /* what is not an option */
	size_t n_plain;
	const char *options[16]; /* --option NAME=VALUE */
	size_t n_options;
	const char *product, *copies, *order, *leave_by, *due, *floor, *label, *priority, *handover,
		*by, *reason, *limit, *duplicates;
	bool pages, is_private, events, as_json;
};

/* Sends; true with the answer (NULL for none) when it is 2xx, else err says why, from the problem.
 */
must_use bool client_call(const struct client *client, const char *method, const char *path,
	const json_t *body, json_t **answer, struct err *err);
must_use bool client_upload(const struct client *client, const char *file, const char *media_type,
	json_t **answer, struct err *err);
/* The address to call and the certificate to show are known. */
must_use bool client_is_set_up(const struct client *client, struct err *err);
