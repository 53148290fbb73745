/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws the test sheet and writes it as a PNG: a palette, one byte a pixel, in deflate's blocks
 * that are stored as they are (RFC 1951 3.2.4; PNG third edition 5 to 11). No library, so that the
 * daemon links none for it.
 */
#include "wire/test_sheet.h"
#include "base/mem.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PPI         200
#define INCH_HMM    2540
#define SIDE_PX_MAX 3600
#define STORED_MAX  65535

/* ---- the palette: sixteen greys, then the colours ---- */

#define GREYS 16
#define BLACK 0
#define WHITE (GREYS - 1)

static const unsigned char colours[][3] = {
	{0, 174, 239},  /* cyan */
	{236, 0, 140},  /* magenta */
	{255, 242, 0},  /* yellow */
	{237, 28, 36},  /* red */
	{0, 166, 81},   /* green */
	{46, 49, 146},  /* blue */
	{229, 188, 162} /* skin */
};
#define COLOURS ((int32_t)(sizeof colours / sizeof colours[0]))

/* ---- letters: five columns each, the lowest bit on top ---- */

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:/_";
static const unsigned char columns[][5] = {
	/* clang-format off */
	{0x3e, 0x51, 0x49, 0x45, 0x3e}, {0x00, 0x42, 0x7f, 0x40, 0x00}, {0x42, 0x61, 0x51, 0x49, 0x46},
	{0x21, 0x41, 0x45, 0x4b, 0x31}, {0x18, 0x14, 0x12, 0x7f, 0x10}, {0x27, 0x45, 0x45, 0x45, 0x39},
	{0x3c, 0x4a, 0x49, 0x49, 0x30}, {0x01, 0x71, 0x09, 0x05, 0x03}, {0x36, 0x49, 0x49, 0x49, 0x36},
	{0x06, 0x49, 0x49, 0x29, 0x1e}, {0x7e, 0x11, 0x11, 0x11, 0x7e}, {0x7f, 0x49, 0x49, 0x49, 0x36},
	{0x3e, 0x41, 0x41, 0x41, 0x22}, {0x7f, 0x41, 0x41, 0x22, 0x1c}, {0x7f, 0x49, 0x49, 0x49, 0x41},
	{0x7f, 0x09, 0x09, 0x09, 0x01}, {0x3e, 0x41, 0x49, 0x49, 0x7a}, {0x7f, 0x08, 0x08, 0x08, 0x7f},
	{0x00, 0x41, 0x7f, 0x41, 0x00}, {0x20, 0x40, 0x41, 0x3f, 0x01}, {0x7f, 0x08, 0x14, 0x22, 0x41},
	{0x7f, 0x40, 0x40, 0x40, 0x40}, {0x7f, 0x02, 0x0c, 0x02, 0x7f}, {0x7f, 0x04, 0x08, 0x10, 0x7f},
	{0x3e, 0x41, 0x41, 0x41, 0x3e}, {0x7f, 0x09, 0x09, 0x09, 0x06}, {0x3e, 0x41, 0x51, 0x21, 0x5e},
	{0x7f, 0x09, 0x19, 0x29, 0x46}, {0x46, 0x49, 0x49, 0x49, 0x31}, {0x01, 0x01, 0x7f, 0x01, 0x01},
	{0x3f, 0x40, 0x40, 0x40, 0x3f}, {0x1f, 0x20, 0x40, 0x20, 0x1f}, {0x3f, 0x40, 0x38, 0x40, 0x3f},
	{0x63, 0x14, 0x08, 0x14, 0x63}, {0x07, 0x08, 0x70, 0x08, 0x07}, {0x61, 0x51, 0x49, 0x45, 0x43},
	{0x08, 0x08, 0x08, 0x08, 0x08}, {0x00, 0x60, 0x60, 0x00, 0x00}, {0x00, 0x36, 0x36, 0x00, 0x00},
	{0x20, 0x10, 0x08, 0x04, 0x02}, {0x40, 0x40, 0x40, 0x40, 0x40},
	/* clang-format on */
};

#define LETTER_WIDE 6 /* with the gap */
#define LETTER_HIGH 7
#define LINE_CHARS  26

/* ---- drawing ---- */

struct sheet {
	int32_t width_px, height_px;
	unsigned char *rows; /* each with its filter byte before it */
};

static unsigned char *pixel(const struct sheet *sheet, int32_t x_px, int32_t y_px)
{
	return &sheet->rows[(size_t)y_px * ((size_t)sheet->width_px + 1) + 1 + (size_t)x_px];
}

/* Clipped to the sheet. */
static void fill(const struct sheet *sheet, int32_t x_px, int32_t y_px, int32_t width_px,
	int32_t height_px, int32_t colour)
{
	int32_t from = x_px < 0 ? 0 : x_px;
	int32_t end = x_px + width_px < sheet->width_px ? x_px + width_px : sheet->width_px;
	for (int32_t y = y_px < 0 ? 0 : y_px; y < y_px + height_px && y < sheet->height_px; y++) {
		if (end > from) {
			memset(pixel(sheet, from, y), colour, (size_t)(end - from));
		}
	}
}

static void draw_letter(
	const struct sheet *sheet, int32_t x_px, int32_t y_px, int32_t dot_px, char letter)
{
	const char *at = strchr(letters, toupper((unsigned char)letter));
	for (int32_t column = 0; at != NULL && *at != '\0' && column < 5; column++) {
		for (int32_t row = 0; row < LETTER_HIGH; row++) {
			if ((columns[at - letters][column] >> row & 1) != 0) {
				fill(sheet, x_px + column * dot_px, y_px + row * dot_px, dot_px,
					dot_px, BLACK);
			}
		}
	}
}

/* The lines of the label; returns where the next thing may begin. */
static int32_t draw_label(const struct sheet *sheet, int32_t margin_px, const char *label)
{
	int32_t dot_px = (sheet->width_px - 2 * margin_px) / (LINE_CHARS * LETTER_WIDE);
	int32_t x_px = margin_px;
	int32_t y_px = 2 * margin_px;
	dot_px = dot_px < 1 ? 1 : dot_px;
	for (; *label != '\0'; label++) {
		if (strncmp(label, ", ", 2) == 0) {
			x_px = margin_px;
			y_px += 2 * LETTER_HIGH * dot_px;
			label++;
			continue;
		}
		draw_letter(sheet, x_px, y_px, dot_px, *label);
		x_px += LETTER_WIDE * dot_px;
	}
	return y_px + 2 * LETTER_HIGH * dot_px;
}

static void draw_frame(const struct sheet *sheet, int32_t at_px)
{
	int32_t width_px = sheet->width_px - 2 * at_px;
	int32_t height_px = sheet->height_px - 2 * at_px;
	fill(sheet, at_px, at_px, width_px, 1, BLACK);
	fill(sheet, at_px, at_px + height_px - 1, width_px, 1, BLACK);
	fill(sheet, at_px, at_px, 1, height_px, BLACK);
	fill(sheet, at_px + width_px - 1, at_px, 1, height_px, BLACK);
}

/* n fields of one row, beginning with the colour `first`. */
static void draw_fields(const struct sheet *sheet, int32_t margin_px, int32_t y_px,
	int32_t height_px, int32_t first, int32_t n)
{
	int32_t wide_px = (sheet->width_px - 2 * margin_px) / n;
	for (int32_t i = 0; i < n; i++) {
		fill(sheet, margin_px + i * wide_px, y_px, wide_px, height_px, first + i);
	}
}

/* Lines of one, two and three pixels, down and across: a head that is dirty or bent shows here. */
static void draw_lines(
	const struct sheet *sheet, int32_t margin_px, int32_t y_px, int32_t height_px)
{
	int32_t wide_px = (sheet->width_px - 2 * margin_px) / 6;
	for (int32_t field = 0; field < 6; field++) {
		int32_t line_px = field / 2 + 1;
		int32_t x_px = margin_px + field * wide_px;
		bool down = field % 2 == 0;
		for (int32_t at = 0; at + line_px <= (down ? wide_px : height_px);
			at += 2 * line_px) {
			fill(sheet, down ? x_px + at : x_px, down ? y_px : y_px + at,
				down ? line_px : wide_px, down ? height_px : line_px, BLACK);
		}
	}
}

static void draw(const struct sheet *sheet, const char *label)
{
	int32_t margin_px = sheet->width_px / 20;
	fill(sheet, 0, 0, sheet->width_px, sheet->height_px, WHITE);
	draw_frame(sheet, PPI / 16); /* a sixteenth of an inch, an eighth */
	draw_frame(sheet, PPI / 8);
	int32_t top_px = draw_label(sheet, margin_px, label);
	int32_t left_px = sheet->height_px - 2 * margin_px - top_px;
	if (left_px >= 8) {
		int32_t part_px = (left_px - margin_px) / 3;
		draw_fields(sheet, margin_px, top_px, part_px, 0, GREYS);
		draw_fields(sheet, margin_px, top_px + part_px, part_px, GREYS, COLOURS);
		draw_lines(sheet, margin_px, top_px + 2 * part_px + margin_px, part_px);
	}
}

/* ---- PNG ---- */

static void add_u32(struct buf *out, uint32_t value)
{
	unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value};
	buf_add(out, bytes, sizeof bytes);
}

static uint32_t crc32_of(const char *bytes, size_t len)
{
	/* of the sixteen values of half a byte, for the polynomial 0xedb88320 */
	static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
		0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
	uint32_t crc = 0xffffffff;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		crc = table[(crc ^ byte) & 15] ^ (crc >> 4);
		crc = table[(crc ^ (byte >> 4)) & 15] ^ (crc >> 4);
	}
	return crc ^ 0xffffffff;
}

static uint32_t adler32_of(const unsigned char *bytes, size_t len)
{
	uint32_t a = 1;
	uint32_t b = 0;
	for (size_t i = 0; i < len; i++) {
		a = (a + bytes[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* A chunk is begun by its kind and ended by its checksum; its length is known before. */
static void add_chunk(struct buf *out, const char *kind, const struct buf *data)
{
	add_u32(out, (uint32_t)data->len);
	size_t from = out->len;
	buf_add(out, kind, 4);
	buf_add(out, data->bytes, data->len);
	add_u32(out, crc32_of(out->bytes + from, out->len - from));
}

static void add_head(struct buf *out, const struct sheet *sheet)
{
	static const char depth_8_palette[] = {8, 3, 0, 0, 0};
	struct buf data = {0};
	add_u32(&data, (uint32_t)sheet->width_px);
	add_u32(&data, (uint32_t)sheet->height_px);
	buf_add(&data, depth_8_palette, sizeof depth_8_palette);
	add_chunk(out, "IHDR", &data);
	buf_fini(&data);
}

static void add_palette(struct buf *out)
{
	struct buf data = {0};
	for (int32_t i = 0; i < GREYS; i++) {
		unsigned char grey = (unsigned char)(i * 255 / (GREYS - 1));
		buf_add(&data, (unsigned char[]){grey, grey, grey}, 3);
	}
	buf_add(&data, colours, sizeof colours);
	add_chunk(out, "PLTE", &data);
	buf_fini(&data);
}

static void add_pixels(struct buf *out, const struct sheet *sheet)
{
	static const unsigned char zlib_head[] = {0x78, 0x01};
	struct buf data = {0};
	size_t len = (size_t)sheet->height_px * ((size_t)sheet->width_px + 1);
	buf_add(&data, zlib_head, sizeof zlib_head);
	for (size_t at = 0; at < len; at += STORED_MAX) {
		size_t n = len - at < STORED_MAX ? len - at : STORED_MAX;
		unsigned char head[5] = {at + n == len, (unsigned char)n, (unsigned char)(n >> 8),
			(unsigned char)~n, (unsigned char)(~n >> 8)};
		buf_add(&data, head, sizeof head);
		buf_add(&data, sheet->rows + at, n);
	}
	add_u32(&data, adler32_of(sheet->rows, len));
	add_chunk(out, "IDAT", &data);
	buf_fini(&data);
}

static int32_t pixels_of(int32_t hmm)
{
	int64_t px = (int64_t)hmm * PPI / INCH_HMM;
	return px < 1 ? 1 : px > SIDE_PX_MAX ? SIDE_PX_MAX : (int32_t)px;
}

void test_sheet_draw(int32_t width_hmm, int32_t height_hmm, const char *label, struct buf *png)
{
	static const unsigned char magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	struct sheet sheet = {.width_px = pixels_of(width_hmm), .height_px = pixels_of(height_hmm)};
	sheet.rows = mem_new((size_t)sheet.height_px, (size_t)sheet.width_px + 1);
	draw(&sheet, label);
	buf_add(png, magic, sizeof magic);
	add_head(png, &sheet);
	add_palette(png);
	add_pixels(png, &sheet);
	add_chunk(png, "IEND", &(struct buf){0});
	free(sheet.rows);
}
