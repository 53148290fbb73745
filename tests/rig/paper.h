/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes out of an emulated printer that is fed PWG raster (PWG 5102.4) byte by byte: it finds
 * the ends of pages as a printer does, and nothing else of the bytes matters to it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAPER_SHEETS_MAX   64
#define PAPER_HEADER_BYTES 1796
#define PAPER_HASH_NOTHING UINT64_C(0xCBF29CE484222325)

struct paper {
	uint64_t sheets[PAPER_SHEETS_MAX]; /* what came out whole: FNV-1a of its document's bytes */
	int n_sheets, spoiled;
	/* inside */
	uint64_t hash;
	uint8_t header[PAPER_HEADER_BYTES];
	size_t n_header;
	uint32_t lines_left, line_left, line_bytes, pixel_bytes, copies; /* copies of a line */
	uint32_t literal_left;
	bool in_page, in_line;
};

void paper_init(struct paper *paper);
/* One byte more; true when that was the last of a page. Nonsense spoils a sheet. */
bool paper_take(struct paper *paper, uint8_t byte);
/* The rest won't come: what was begun is a spoiled sheet. */
void paper_cut(struct paper *paper);
uint64_t paper_hash(const void *bytes, size_t n); /* as of a whole document of one page */
