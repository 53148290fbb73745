/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens the store of platen-orders.
 */
#pragma once
#include "ports/db.h"

/* Leases that were running get a whole new life: the service was away, not the floor. */
struct db *schema_open(const char *path, int64_t ttl_ms, struct err *err);
