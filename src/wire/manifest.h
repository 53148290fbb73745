/* SPDX-License-Identifier: Apache-2.0
 *
 * What a raster was made of and by, kept beside it: enough to explain any print a year later and to
 * make the same one again.
 */
#pragma once
#include "wire/task.h"

/* {"recipe","recipe_name","facts","raster","notes":[…]}; docs/rendering.md says what each means. */
json_t *manifest_make(const struct recipe *recipe, const struct render_result *result,
	const struct product *product);
