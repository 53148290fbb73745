/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine is called: part of every recipe, so it must change whenever the same recipe could
 * give other pixels. Our own line has a number, counted up by whoever changes what it makes; of
 * each library that decides a sample, the build that is loaded is named, since a distribution mends
 * decoders without changing their version. What only packs bytes (zlib, LZW) decides nothing.
 */
#include "render/render.h"
#include "colour/convert.h"
#include "render/decode.h"
#include <link.h>
#include <stdio.h>
#include <string.h>

#define LINE_VERSION 1 /* of everything in src/render and src/colour */

#define ID_BYTES 4 /* of a build's id: enough to tell two of them apart */

static const struct library {
	const char *file; /* up to ".so" */
	const char *name;
} libraries[] = {
	{"libvips", "vips"}, {"vips-heif", "vips-heif"}, /* its reader of HEIC */
	{"liblcms2", "lcms2"}, {"libjpeg", "jpeg"}, {"libpng16", "png"}, {"libspng", "spng"},
	{"libtiff", "tiff"}, {"libwebp", "webp"}, {"libheif", "heif"}, {"libde265", "de265"},
	{"libm", "m"}, /* Little CMS makes its tables with it */
};
#define LIBRARIES (sizeof libraries / sizeof libraries[0])

struct builds {
	bool loaded[LIBRARIES];
	unsigned char id[LIBRARIES][ID_BYTES];
};

static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The id that the linker wrote into a library, out of its notes in memory. */
static void find_id(const struct dl_phdr_info *info, unsigned char id[ID_BYTES])
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		if (part->p_type != PT_NOTE || part->p_align > 4) {
			continue;
		}
		const unsigned char *at = (const unsigned char *)(info->dlpi_addr + part->p_vaddr);
		const unsigned char *end = at + part->p_memsz;
		while (at + sizeof(ElfW(Nhdr)) <= end) {
			ElfW(Nhdr) note;
			memcpy(&note, at, sizeof note);
			const unsigned char *name = at + sizeof note;
			const unsigned char *value = name + aligned(note.n_namesz);
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
				memcmp(name, "GNU", 4) == 0 && note.n_descsz >= ID_BYTES) {
				memcpy(id, value, ID_BYTES);
				return;
			}
			at = value + aligned(note.n_descsz);
		}
	}
}

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
	struct builds *builds = context;
	const char *slash = strrchr(info->dlpi_name, '/');
	const char *file = slash == NULL ? info->dlpi_name : slash + 1;
	(void)size;
	for (size_t i = 0; i < LIBRARIES; i++) {
		size_t len = strlen(libraries[i].file);
		if (strncmp(file, libraries[i].file, len) == 0 &&
			strncmp(file + len, ".so", 3) == 0) {
			builds->loaded[i] = true;
			find_id(info, builds->id[i]);
		}
	}
	return 0;
}

void render_engine(char engine[RECIPE_ENGINE_MAX])
{
	char decoder[33];
	char colour[33];
	struct builds builds = {0};
	decoder_version(decoder, sizeof decoder);
	convert_version(colour, sizeof colour);
	dl_iterate_phdr(look, &builds);
	int len = snprintf(
		engine, RECIPE_ENGINE_MAX, "platen-render/%d %s %s", LINE_VERSION, decoder, colour);
	for (size_t i = 0; i < LIBRARIES; i++) {
		const unsigned char *id = builds.id[i];
		if (builds.loaded[i] && len < RECIPE_ENGINE_MAX) {
			len += snprintf(engine + len, (size_t)(RECIPE_ENGINE_MAX - len),
				" %s:%02x%02x%02x%02x", libraries[i].name, id[0], id[1], id[2],
				id[3]);
		}
	}
}
