/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the boxes of an ISO base media file. A reader never goes past its bytes: it says it was
 * short of them and gives zeros.
 */
#pragma once
#include "render/probe.h"

struct reader {
	struct bytes left;
	bool short_of;
};

struct box {
	const unsigned char *type; /* four bytes */
	struct bytes body;
};

/* Big-endian, 0 to 8 bytes. */
uint64_t take_long(struct reader *reader, size_t bytes);
uint32_t take_number(struct reader *reader, size_t bytes);
void take_mark(struct reader *reader, char mark[4]);
/* False at the end, and with short_of set where a box reaches past it. */
bool take_box(struct reader *reader, struct box *box);
/* The first box of that type; empty when there is none. */
struct bytes box_within(struct bytes boxes, const char *type);
