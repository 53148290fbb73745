/* SPDX-License-Identifier: Apache-2.0
 *
 * One tiny picture of each kind we decode, for warming up.
 */
#pragma once
#include <stddef.h>

extern const unsigned char tiny_jpeg[];
extern const size_t tiny_jpeg_len;
extern const unsigned char tiny_png[];
extern const size_t tiny_png_len;
