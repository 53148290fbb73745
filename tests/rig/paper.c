/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the ends of pages in a stream of PWG raster.
 */
#include "tests/rig/paper.h"
#include <string.h>

#define SYNC_BYTES     4
#define AT_WIDTH       372 /* bytes into a page's header, big endian */
#define AT_HEIGHT      376
#define AT_PIXEL_BITS  388
#define AT_LINE_BYTES  392
#define CLEAR_THE_REST 128

static uint64_t hash_add(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001B3);
}

uint64_t paper_hash(const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	uint64_t hash = PAPER_HASH_NOTHING;
	for (size_t i = 0; i < n; i++) {
		hash = hash_add(hash, at[i]);
	}
	return hash;
}

void paper_init(struct paper *paper)
{
	*paper = (struct paper){.hash = PAPER_HASH_NOTHING};
}

static void begin_anew(struct paper *paper)
{
	paper->hash = PAPER_HASH_NOTHING;
	paper->n_header = 0;
	paper->in_page = paper->in_line = false;
}

void paper_cut(struct paper *paper)
{
	if (paper->n_header > 0 || paper->in_page) {
		paper->spoiled++;
	}
	begin_anew(paper);
}

static uint32_t number_at(const struct paper *paper, size_t at)
{
	const uint8_t *bytes = paper->header + at;
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       (uint32_t)bytes[3];
}

static void take_header(struct paper *paper)
{
	paper->pixel_bytes = number_at(paper, AT_PIXEL_BITS) / 8;
	paper->line_bytes = number_at(paper, AT_LINE_BYTES);
	paper->lines_left = number_at(paper, AT_HEIGHT);
	bool sound = paper->pixel_bytes > 0 && paper->lines_left > 0 &&
		     paper->line_bytes == paper->pixel_bytes * number_at(paper, AT_WIDTH);
	if (!sound) {
		paper_cut(paper);
		return;
	}
	paper->n_header = 0;
	paper->in_page = true;
}

/* The word that begins a document, then a page's header: it begins with "PwgRaster". */
static void take_before_page(struct paper *paper, uint8_t byte)
{
	paper->header[paper->n_header++] = byte;
	if (paper->n_header == SYNC_BYTES && memcmp(paper->header, "RaS2", SYNC_BYTES) == 0) {
		paper->n_header = 0;
	} else if (paper->n_header == SYNC_BYTES &&
		   memcmp(paper->header, "PwgR", SYNC_BYTES) != 0) {
		paper_cut(paper);
	} else if (paper->n_header == PAPER_HEADER_BYTES) {
		take_header(paper);
	}
}

static bool end_line(struct paper *paper)
{
	paper->in_line = false;
	paper->lines_left -= paper->copies < paper->lines_left ? paper->copies : paper->lines_left;
	if (paper->lines_left > 0) {
		return false;
	}
	if (paper->n_sheets < PAPER_SHEETS_MAX) {
		paper->sheets[paper->n_sheets] = paper->hash;
	}
	paper->n_sheets++;
	begin_anew(paper);
	return true;
}

/* A line: how often it comes, then runs of one pixel and stretches of many. */
static bool take_of_page(struct paper *paper, uint8_t byte)
{
	if (!paper->in_line) {
		paper->copies = (uint32_t)byte + 1;
		paper->line_left = paper->line_bytes;
		paper->in_line = true;
		paper->literal_left = 0;
		return false;
	}
	if (paper->literal_left > 0) {
		paper->literal_left--;
		if (paper->literal_left > 0 || paper->line_left > 0) {
			return false;
		}
		return end_line(paper);
	}
	if (byte == CLEAR_THE_REST) {
		return end_line(paper);
	}
	uint32_t pixels = byte < CLEAR_THE_REST ? (uint32_t)byte + 1 : 257U - byte;
	uint32_t bytes = pixels * paper->pixel_bytes;
	if (bytes > paper->line_left) {
		paper_cut(paper);
		return false;
	}
	paper->line_left -= bytes;
	paper->literal_left = byte < CLEAR_THE_REST ? paper->pixel_bytes : bytes;
	return false;
}

bool paper_take(struct paper *paper, uint8_t byte)
{
	paper->hash = hash_add(paper->hash, byte);
	if (paper->in_page) {
		return take_of_page(paper, byte);
	}
	take_before_page(paper, byte);
	return false;
}
