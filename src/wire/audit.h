/* SPDX-License-Identifier: Apache-2.0
 *
 * The link of the audit trail's chain, for who writes it and who checks it. docs/audit.md says the
 * same for people with sqlite3 and sha256sum.
 */
#pragma once
#include "base/hash.h"

/* The text of a row, as an expression of SQL over its columns. Hexadecimal, so that no text can
 * pretend to be two columns, and no byte of any is left out. */
#define AUDIT_TEXT(row, at, who, what, subject, reason)                                            \
	row "||'|'||" at "||'|'||hex(" who ")||'|'||hex(" what ")||'|'||hex(" subject              \
	    ")||'|'||hex(" reason ")"

/* SHA-256 of "BEFORE|TEXT"; before the first row stands the store's id. `hash` may be `before`. */
void audit_link(const char *before, const char *text, char hash[HASH_HEX_MAX]);
