/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of platen-orders that ask a running service.
 */
#pragma once
#include "orders/client.h"

#define NO_SUCH_COMMAND (-1)

/* The exit code, after printing the result or the fault; NO_SUCH_COMMAND. */
int command_run(const struct client *client, const struct words *words);

/* add.c */
must_use bool command_add(
	const struct client *client, const struct words *words, json_t **answer, struct err *err);
