/* SPDX-License-Identifier: Apache-2.0
 *
 * What an ICC profile from outside must be before Little CMS sees it: of a kind we print from, and
 * whole: its tag table, tables and curves lie within its bytes.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define GATE_BYTES_MAX (4 * 1024 * 1024)
#define GATE_WHY_MAX   49

enum gate_space { GATE_GREY = 1, GATE_RGB = 3, GATE_CMYK = 4 }; /* by channels */

/* What a profile says that it is of; false when that is none of these. */
bool gate_find_space(const unsigned char *bytes, size_t len, enum gate_space *space);
/* On success *size is how many of the bytes are the profile (files may be padded). Otherwise `why`
 * gets a few words: "bad tag table", "profile is CMYK, picture is RGB". */
bool gate_passes(const unsigned char *bytes, size_t len, enum gate_space space, size_t *size,
	char why[GATE_WHY_MAX]);
