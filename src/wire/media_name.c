/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a size out of a self-describing name.
 */
#include "wire/media_name.h"
#include <string.h>

#define SIDE_HMM_MAX 500000 /* five metres: no roll is wider, no panorama longer */

static const char *const classes[] = {"asme_", "custom_", "disc_", "iso_", "jis_", "jpn_", "na_",
	"oe_", "om_", "prc_", "roc_", "roll_"};

static bool has_class(const char *name)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (strncmp(name, classes[i], strlen(classes[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* "8.5" with up to three decimals, as a thousandfold number. */
static bool take_number(const char **at, int64_t *thousandths)
{
	int64_t number = 0;
	int digits = 0;
	int decimals = -1; /* -1: before the point */
	for (; (**at >= '0' && **at <= '9') || (**at == '.' && decimals < 0); (*at)++) {
		if (**at == '.') {
			decimals = 0;
			continue;
		}
		number = number * 10 + (**at - '0');
		decimals += decimals >= 0;
		if (++digits > 9 || decimals > 3) {
			return false;
		}
	}
	for (int n = decimals < 0 ? 0 : decimals; n < 3; n++) {
		number *= 10;
	}
	*thousandths = number;
	return digits > 0 && decimals != 0;
}

static bool to_hmm(int64_t thousandths, const char *unit, int32_t *hmm)
{
	int64_t factor = strcmp(unit, "in") == 0 ? 2540 : strcmp(unit, "mm") == 0 ? 100 : 0;
	int64_t value = (thousandths * factor + 500) / 1000;
	*hmm = (int32_t)value;
	return value > 0 && value <= SIDE_HMM_MAX;
}

bool media_name_size(const char *name, int32_t *width_hmm, int32_t *height_hmm)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
	const char *at = strrchr(name, '_');
	if (strspn(name, allowed) != strlen(name) || !has_class(name) || at == strchr(name, '_')) {
		return false;
	}
	at++;
	int64_t width;
	int64_t height;
	if (!take_number(&at, &width) || *at++ != 'x' || !take_number(&at, &height)) {
		return false;
	}
	int32_t w;
	int32_t h;
	if (!to_hmm(width, at, &w) || !to_hmm(height, at, &h)) {
		return false;
	}
	*width_hmm = w;
	*height_hmm = h;
	return true;
}
