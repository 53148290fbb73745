/* SPDX-License-Identifier: Apache-2.0
 *
 * Between condition.c and its table.
 */
#pragma once
#include "rules/condition.h"

/* Fills effect, says and action by condition->keyword, suffix or not as it stands; false when
 * nobody registered it. */
bool condition_is_registered(struct condition *condition);
