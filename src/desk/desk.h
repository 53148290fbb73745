/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter: the local API of docs/local-api.md on a Unix socket, and the same for reading, with
 * the live page, on the console's address. It reads the store and calls the farm; it never writes
 * the store itself. Its answers are effects: they go out after the commit.
 */
#pragma once
#include "farm/farm.h"
#include "ports/loop.h"
#include "wire/settings.h"

struct desk;

/* After farm_open. Settings must outlive the desk. NULL when an address is taken. */
struct desk *desk_open(
	struct loop *loop, struct farm *farm, const struct settings *settings, struct err *err);
/* The console's TCP port (useful when the settings say 0). */
int desk_port(const struct desk *desk);
/* Before the farm is destroyed; done in a later turn. */
void desk_close(struct desk *desk, loop_call *done, void *context);
