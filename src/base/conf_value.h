/* SPDX-License-Identifier: Apache-2.0
 *
 * One value held against its rule. Used by conf.c alone.
 */
#pragma once
#include "base/conf.h"

/* True: *number holds the value (0 for a text). False: `must` says what it must be. */
bool conf_value_read(
	const struct conf_rule *rule, const char *text, int64_t *number, char must[ERR_TEXT_MAX]);
/* How many items a list has, against the rule. */
bool conf_value_count(const struct conf_rule *rule, size_t n, char must[ERR_TEXT_MAX]);
