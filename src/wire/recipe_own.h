/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a recipe's JSON share. Nobody else includes this.
 */
#pragma once
#include "wire/recipe.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

struct recipe_number { /* a member that must be there */
	const char *key;
	int32_t least, most;
	int32_t *out;
};

must_use bool recipe_need_numbers(
	const json_t *json, const struct recipe_number *numbers, size_t n, struct err *err);

/* ---- recipe_layout.c: tiles and cut marks ---- */
void layout_add(const struct recipe *recipe, json_t *json);
must_use bool layout_take(const json_t *json, struct recipe *recipe, struct err *err);
must_use bool layout_is_inside(const struct recipe *recipe, struct err *err);
