/* SPDX-License-Identifier: Apache-2.0
 *
 * Setting labels. Letters are set one by one from left to right. Scripts that need more than that
 * (right to left, or shapes that depend on the neighbours) would come out as something else than
 * what was written, so each of their letters is a box, as is what the font doesn't have.
 */
#include "render/font.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include <ft2build.h>
/* after that one */
#include <freetype/freetype.h>
#include <freetype/ftoutln.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FONT_BYTES_MAX (16 * 1024 * 1024)
#define ELLIPSIS       0x2026
#define LOAD           (FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP)
#define ONE_PX         64 /* FreeType counts in 64ths of a pixel */

struct font {
	struct buf file; /* FreeType reads from it all along */
	FT_Library library;
	FT_Face face;
	char identity[RECIPE_FONT_MAX];
};

static bool read_face(struct font *font, const char *path, struct err *err)
{
	char hex[HASH_HEX_MAX];
	struct err why;
	int major, minor, patch;
	if (!file_read(path, FONT_BYTES_MAX, &font->file, &why)) {
		return err_set(
			err, REMEDY_REJECT, "label-font", "the font for labels: %.200s", why.text);
	}
	if (FT_Init_FreeType(&font->library) != 0 ||
		FT_New_Memory_Face(font->library, (const FT_Byte *)font->file.bytes,
			(FT_Long)font->file.len, 0, &font->face) != 0 ||
		!FT_IS_SCALABLE(font->face)) {
		return err_set(err, REMEDY_REJECT, "label-font",
			"the font for labels: %.200s is no outline font that FreeType reads", path);
	}
	const char *name = FT_Get_Postscript_Name(font->face);
	hash_hex_of(font->file.bytes, font->file.len, hex);
	FT_Library_Version(font->library, &major, &minor, &patch);
	snprintf(font->identity, sizeof font->identity, "%.24s %s freetype/%d.%d.%d",
		name == NULL ? "font" : name, hex, major, minor, patch);
	return true;
}

struct font *font_open(const char *path, struct err *err)
{
	struct font *font = mem_new(1, sizeof *font);
	*font = (struct font){0};
	if (!read_face(font, path, err)) {
		font_close(font);
		return NULL;
	}
	return font;
}

void font_close(struct font *font)
{
	if (font == NULL) {
		return;
	}
	if (font->face != NULL) {
		FT_Done_Face(font->face);
	}
	if (font->library != NULL) {
		FT_Done_FreeType(font->library);
	}
	buf_fini(&font->file);
	free(font);
}

const char *font_identity(const struct font *font)
{
	return font->identity;
}

/* ---- one line ---- */

struct letter {
	FT_UInt glyph; /* 0: the box */
	FT_Pos advance;
};

struct line {
	FT_Face face;
	struct letter letters[MARKING_TEXT_MAX + 1]; /* and an ellipsis */
	int32_t n;
	int32_t length, depth; /* of its box, in pixels: along the text, and across */
	uint8_t *cover;        /* upright */
};

/* Needs more than one letter after the other. */
static bool is_simple(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} others[] = {
		{0x0300, 0x036F}, /* marks that stand on the letter before */
		{0x0590, 0x109F}, /* Hebrew, Arabic, the scripts of India and South-East Asia */
		{0x1100, 0x11FF},
		{0x1700, 0x1CFF},
		{0x1DC0, 0x1DFF},
		{0x20D0, 0x20FF},
		{0xA800, 0xABFF},
		{0xD7B0, 0xD7FF},
		{0xFB1D, 0xFDFF},
		{0xFE20, 0xFE2F},
		{0xFE70, 0xFEFE},
		{0x10800, 0x11FFF},
		{0x1E800, 0x1EFFF},
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (code >= others[i].first && code <= others[i].last) {
			return false;
		}
	}
	return true;
}

static bool set_letter(struct line *line, int32_t at, uint32_t code)
{
	struct letter *letter = &line->letters[at];
	letter->glyph = is_simple(code) ? FT_Get_Char_Index(line->face, code) : 0;
	if (FT_Load_Glyph(line->face, letter->glyph, LOAD) != 0) {
		return false;
	}
	letter->advance = line->face->glyph->advance.x;
	return true;
}

static FT_Pos width_of(const struct line *line, int32_t n)
{
	FT_Pos width = 0;
	for (int32_t i = 0; i < n; i++) {
		width += line->letters[i].advance;
	}
	return width;
}

static bool set_letters(struct line *line, const char *text, struct lettering *lettering)
{
	FT_Pos room = (FT_Pos)line->length * ONE_PX;
	for (const char *at = text; *at != '\0'; line->n++) {
		if (!set_letter(line, line->n, text_next(&at))) {
			return false;
		}
	}
	if (width_of(line, line->n) > room) {
		struct letter dots;
		lettering->shortened = true;
		if (!set_letter(line, line->n, ELLIPSIS)) {
			return false;
		}
		dots = line->letters[line->n];
		while (line->n > 0 && width_of(line, line->n) + dots.advance > room) {
			line->n--;
		}
		line->letters[line->n++] = dots;
	}
	for (int32_t i = 0; i < line->n; i++) {
		lettering->boxes += line->letters[i].glyph == 0;
	}
	return true;
}

/* What falls outside the box is not drawn: marks on the page end where the recipe says. */
static void draw_bitmap(const struct line *line, const FT_GlyphSlot slot, int32_t x, int32_t y)
{
	const FT_Bitmap *bitmap = &slot->bitmap;
	for (int32_t row = 0; row < (int32_t)bitmap->rows; row++) {
		int32_t to_y = y + row;
		const uint8_t *from = bitmap->buffer + (ptrdiff_t)row * bitmap->pitch;
		for (int32_t column = 0; column < (int32_t)bitmap->width; column++) {
			int32_t to_x = x + column;
			if (to_x < 0 || to_x >= line->length || to_y < 0 || to_y >= line->depth) {
				continue;
			}
			uint8_t *to =
				line->cover + (size_t)to_y * (size_t)line->length + (size_t)to_x;
			*to = from[column] > *to ? from[column] : *to;
		}
	}
}

static bool draw_letters(const struct line *line)
{
	FT_Pos pen = 0;
	int32_t baseline = line->depth * 4 / 5; /* accents above, tails below */
	for (int32_t i = 0; i < line->n; i++) {
		FT_GlyphSlot slot = line->face->glyph;
		if (FT_Load_Glyph(line->face, line->letters[i].glyph, LOAD) != 0) {
			return false;
		}
		FT_Outline_Translate(&slot->outline, pen % ONE_PX, 0);
		if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0) {
			return false;
		}
		draw_bitmap(line, slot, (int32_t)(pen / ONE_PX) + slot->bitmap_left,
			baseline - slot->bitmap_top);
		pen += line->letters[i].advance;
	}
	return true;
}

/* A line that runs up the page: its first letter is at the bottom, its foot at the right. */
static void turn(const struct line *line, uint8_t *cover)
{
	for (int32_t y = 0; y < line->depth; y++) {
		for (int32_t x = 0; x < line->length; x++) {
			size_t to =
				(size_t)(line->length - 1 - x) * (size_t)line->depth + (size_t)y;
			cover[to] = line->cover[(size_t)y * (size_t)line->length + (size_t)x];
		}
	}
}

/* Letters and their accents may come apart: put together, most of them are one letter. */
static bool set_text(struct line *line, const char *text, struct lettering *lettering)
{
	char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
	bool fine = composed != NULL && strlen(composed) < MARKING_TEXT_MAX;
	fine = set_letters(line, fine ? composed : text, lettering);
	g_free(composed);
	return fine;
}

static FT_F26Dot6 type_size(int32_t size_hmm, int32_t dpi)
{
	return (FT_F26Dot6)((int64_t)size_hmm * dpi * ONE_PX / 2540);
}

static bool set_size(const struct line *line, const struct recipe *recipe)
{
	const struct recipe_label *label = &recipe->label;
	int32_t along_dpi = label->turned ? recipe->y_dpi : recipe->x_dpi;
	int32_t across_dpi = label->turned ? recipe->x_dpi : recipe->y_dpi;
	enum { POINTS_PER_INCH = 72 }; /* so that its points are pixels */
	return FT_Set_Char_Size(line->face, type_size(label->size_hmm, along_dpi),
		       type_size(label->size_hmm, across_dpi), POINTS_PER_INCH,
		       POINTS_PER_INCH) == 0;
}

bool font_set_label(const struct font *font, const struct recipe *recipe,
	struct lettering *lettering, struct err *err)
{
	const struct recipe_label *label = &recipe->label;
	struct line line = {.face = font->face,
		.length = label->turned ? label->height_px : label->width_px,
		.depth = label->turned ? label->width_px : label->height_px};
	*lettering = (struct lettering){.x = label->x_px,
		.y = label->y_px,
		.width = label->width_px,
		.height = label->height_px};
	line.cover = mem_new((size_t)line.length, (size_t)line.depth);
	bool fine = set_size(&line, recipe) && set_text(&line, label->text, lettering) &&
		    draw_letters(&line);
	if (fine && label->turned) {
		lettering->cover = mem_new((size_t)line.length, (size_t)line.depth);
		turn(&line, lettering->cover);
	} else if (fine) {
		lettering->cover = line.cover;
		return true;
	}
	free(line.cover);
	return fine || err_set(err, REMEDY_RETRY, "render-memory",
			       "the label can't be set: not enough memory");
}
