/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests.
 */
#include "wire/manifest.h"

static json_t *notes_of(const struct raster *raster, const struct product *product)
{
	json_t *notes = json_array();
	if (raster->note[0] != '\0') {
		json_array_append_new(notes, json_string(raster->note));
	}
	if (raster->effective_ppi < product->hold_ppi) {
		json_array_append_new(
			notes, json_sprintf("%d ppi in print: below %d, a person should look",
				       raster->effective_ppi, product->hold_ppi));
	} else if (raster->effective_ppi < product->warn_ppi) {
		json_array_append_new(notes, json_sprintf("%d ppi in print: below %d",
						     raster->effective_ppi, product->warn_ppi));
	}
	return notes;
}

json_t *manifest_make(const struct recipe *recipe, const struct render_result *result,
	const struct product *product)
{
	char name[HASH_HEX_MAX];
	recipe_name(recipe, name);
	return json_pack("{s:o,s:s,s:o,s:o,s:o}", "recipe", recipe_to_json(recipe), "recipe_name",
		name, "facts", facts_to_json(&result->facts), "raster",
		raster_to_json(&result->raster), "notes", notes_of(&result->raster, product));
}
