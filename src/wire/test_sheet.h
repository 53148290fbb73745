/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a test print, made by us: what it is, where it came from, a grey ramp, the
 * colours, fine lines both ways, and a frame that shows what is cut off.
 */
#pragma once
#include "base/buf.h"
#include <stdint.h>

/* A PNG of that size at 200 pixels an inch, upright. `label`: up to four lines, parted by ", "; its
 * small letters are drawn as capitals, and what the letters lack as a blank. The same asked, the
 * same bytes. */
void test_sheet_draw(int32_t width_hmm, int32_t height_hmm, const char *label, struct buf *png);
