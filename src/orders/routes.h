/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of calls.
 */
#pragma once
#include "orders/service.h"

#define ASSET_PATH  "/v1/assets/"
#define UPLOAD_PATH "/v1/admin/assets"

/* Fills call->route and call->id, or refuses with 404 or 405. */
bool route_find(struct call *call);
/* Prints the table: method, path, what for. */
void routes_print(void);
