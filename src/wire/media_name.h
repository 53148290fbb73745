/* SPDX-License-Identifier: Apache-2.0
 *
 * Self-describing media size names of PWG 5101.1: class_name_WIDTHxHEIGHTunit, as
 * "na_index-4x6_4x6in" or "om_small-photo_100x150mm".
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Width and height as the name says them; false when it is no such name. */
bool media_name_size(const char *name, int32_t *width_hmm, int32_t *height_hmm);
