/* SPDX-License-Identifier: Apache-2.0
 *
 * One tiny picture of each kind we decode, for warming up.
 */
#pragma once
#include "wire/picture.h"

struct tiny {
	enum picture_format format;
	const unsigned char *bytes; /* NULL: the end */
	size_t len;
	bool decode; /* its pixels, too: the decoder starts no threads */
};

extern const struct tiny tiny_pictures[];
