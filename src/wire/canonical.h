/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON in the one form that everybody writes the same: RFC 8785 (JCS). No white space, members
 * sorted by UTF-16 code units, numbers as ECMAScript writes them, the shortest escapes.
 */
#pragma once
#include "base/buf.h"
#include <jansson.h>

/* Appends. A number that no double holds exactly can't stand in this form: REJECT, code "json". */
must_use bool json_canonical(const json_t *value, struct buf *out, struct err *err);
