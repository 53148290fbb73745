/* SPDX-License-Identifier: Apache-2.0
 *
 * Supplies as the printer says them: the marker attributes, or printer-supply where those are
 * missing.
 */
#include "drivers/ipp.h"

static int32_t integer_at(ipp_attribute_t *attribute, int at, int32_t otherwise)
{
	bool fine = attribute != NULL && ippGetValueTag(attribute) == IPP_TAG_INTEGER &&
		    at < ippGetCount(attribute);
	return fine ? ippGetInteger(attribute, at) : otherwise;
}

static ipp_attribute_t *find(ipp_t *answer, const char *name)
{
	return ipp_find(answer, IPP_TAG_PRINTER, name);
}

static void take_markers(ipp_t *answer, ipp_attribute_t *levels, struct device_status *status)
{
	ipp_attribute_t *names = find(answer, "marker-names"),
			*types = find(answer, "marker-types"),
			*low = find(answer, "marker-low-levels"),
			*high = find(answer, "marker-high-levels");
	int n = ippGetCount(levels);
	for (int i = 0; i < n && status->n_supplies < DEVICE_SUPPLIES_MAX; i++) {
		struct supply *supply = &status->supplies[status->n_supplies++];
		ipp_text_at(names, i, supply->name, sizeof supply->name);
		ipp_text_at(types, i, supply->type, sizeof supply->type);
		supply_judge(supply, integer_at(levels, i, -2), integer_at(low, i, -1),
			integer_at(high, i, -1));
	}
}

static void take_texts(ipp_t *answer, ipp_attribute_t *said, struct device_status *status)
{
	ipp_attribute_t *names = find(answer, "printer-supply-description");
	int n = ippGetCount(said);
	for (int i = 0; i < n && status->n_supplies < DEVICE_SUPPLIES_MAX; i++) {
		char row[MIB_TEXT_MAX];
		struct supply *supply = &status->supplies[status->n_supplies];
		*supply = (struct supply){0};
		if (ipp_row_at(said, i, row) && supply_from_text(row, supply)) {
			ipp_text_at(names, i, supply->name, sizeof supply->name);
			status->n_supplies++;
		}
	}
}

void ipp_take_supplies(ipp_t *answer, struct device_status *status)
{
	ipp_attribute_t *levels = find(answer, "marker-levels");
	ipp_attribute_t *said = find(answer, "printer-supply");
	if (levels != NULL && ippGetValueTag(levels) == IPP_TAG_INTEGER) {
		take_markers(answer, levels, status);
	} else if (said != NULL && ippGetValueTag(said) == IPP_TAG_STRING) {
		take_texts(answer, said, status);
	}
}
