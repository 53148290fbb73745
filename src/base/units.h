/* SPDX-License-Identifier: Apache-2.0
 *
 * Lengths are hundredths of a millimetre (hmm), as in IPP; pixels come of them at a resolution.
 */
#pragma once
#include <stdint.h>

#define HMM_PER_INCH 2540

/* Pixels of a length at a resolution, rounded to the nearest: 10160 hmm at 300 dpi are 1200. */
int32_t units_px(int32_t length_hmm, int32_t dpi);
int32_t units_hmm(int32_t length_px, int32_t dpi);
