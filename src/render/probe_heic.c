/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a HEIC's boxes: the primary picture's properties (size, turns, colours), and that every
 * item lies in the file. A gain map, a depth map and thumbnails are other items, which nobody
 * decodes; further pictures and an animation are only counted.
 */
#include "render/probe.h"
#include "render/probe_boxes.h"
#include <string.h>

/* far above what cameras write; they bound the work, which grows with their product */
#define ITEMS_MAX      4096
#define REFS_BYTES_MAX 65536
#define TURNS_MAX      8
#define PIXEL_BYTES    8 /* as coded, as turned, as RGB: what was seen at most */

enum { HIDDEN = 1 };

enum colour_code { /* of ISO/IEC 23091-2 */
	PRIMARIES_2020 = 9,
	PRIMARIES_P3 = 12,
	TRANSFER_PQ = 16,
	TRANSFER_HLG = 18,
};

struct heic {
	struct bytes file;
	struct bytes meta, idat, items, places, refs, properties, links;
	uint32_t primary;
	bool is_grid;
	struct bytes body; /* of the main picture, its first extent */
	uint32_t turns;
	struct probe *probe;
};

static bool damaged(struct err *err, const char *why)
{
	return probe_damaged(err, PICTURE_HEIC, why);
}

/* ---- which items there are ---- */

struct item {
	uint32_t id;
	bool hidden, is_picture, is_grid, is_av1;
};

static bool read_item(struct bytes box, struct item *item)
{
	struct reader from = {.left = box};
	uint32_t version = take_number(&from, 1);
	uint32_t flags = take_number(&from, 3);
	item->id = take_number(&from, version < 3 ? 2 : 4);
	take_number(&from, 2); /* protection */
	char type[4];
	take_mark(&from, type);
	item->hidden = (flags & HIDDEN) != 0;
	item->is_grid = memcmp(type, "grid", 4) == 0;
	item->is_picture = memcmp(type, "hvc1", 4) == 0 || item->is_grid;
	item->is_av1 = memcmp(type, "av01", 4) == 0;
	return version >= 2 && !from.short_of;
}

/* A tile, a thumbnail or a map of another item. */
static bool is_part(const struct heic *heic, uint32_t id)
{
	struct reader boxes = {.left = heic->refs};
	uint32_t wide = take_number(&boxes, 1) == 0 ? 2 : 4;
	take_number(&boxes, 3);
	struct box box;
	while (take_box(&boxes, &box)) {
		struct reader from = {.left = box.body};
		uint32_t of = take_number(&from, wide);
		uint32_t n = take_number(&from, 2);
		bool derived = memcmp(box.type, "dimg", 4) == 0;
		bool side = memcmp(box.type, "thmb", 4) == 0 || memcmp(box.type, "auxl", 4) == 0;
		if (side && of == id) {
			return true;
		}
		for (uint32_t i = 0; derived && i < n && !from.short_of; i++) {
			if (take_number(&from, wide) == id) {
				return true;
			}
		}
	}
	return false;
}

static bool read_items(struct heic *heic, struct err *err)
{
	struct reader boxes = {.left = heic->items};
	uint32_t version = take_number(&boxes, 1);
	take_number(&boxes, 3);
	take_number(&boxes, version == 0 ? 2 : 4);
	struct box box;
	uint32_t pictures = 0;
	bool found = false;
	for (uint32_t n = 0; take_box(&boxes, &box); n++) {
		struct item item;
		if (n >= ITEMS_MAX || heic->refs.len > REFS_BYTES_MAX) {
			return damaged(err, "too many items");
		}
		if (memcmp(box.type, "infe", 4) != 0 || !read_item(box.body, &item)) {
			return damaged(err, "bad item");
		}
		if (item.is_av1) {
			return err_set(err, REMEDY_REJECT, "asset-type",
				"the HEIF holds AV1 pictures (AVIF); " PICTURE_NAMES
				" are printed");
		}
		found |= item.id == heic->primary && item.is_picture;
		heic->is_grid |= item.id == heic->primary && item.is_grid;
		pictures += item.is_picture && !item.hidden && !is_part(heic, item.id);
	}
	heic->probe->pictures = probe_count(pictures);
	return found || damaged(err, "its main picture is none that is printed");
}

/* ---- where they lie ---- */

static bool extent_is_here(
	struct heic *heic, bool ours, uint32_t method, uint64_t at, uint64_t len, struct err *err)
{
	size_t whole = method == 0 ? heic->file.len : heic->idat.len;
	if (method <= 1 && (at > whole || len > whole - at)) {
		return method == 0 ? probe_cut_off(err, PICTURE_HEIC)
				   : damaged(err, "an item lies outside");
	}
	if (ours && method <= 1 && heic->body.len == 0) {
		const unsigned char *from = method == 0 ? heic->file.at : heic->idat.at;
		heic->body = (struct bytes){from + at, (size_t)len};
	}
	return true;
}

static bool places_are_here(struct heic *heic, struct err *err)
{
	struct reader from = {.left = heic->places};
	uint32_t version = take_number(&from, 1);
	take_number(&from, 3);
	uint32_t sizes = take_number(&from, 2);
	size_t offset_bytes = sizes >> 12, length_bytes = sizes >> 8 & 15;
	size_t base_bytes = sizes >> 4 & 15, index_bytes = version == 0 ? 0 : sizes & 15;
	uint32_t n = take_number(&from, version < 2 ? 2 : 4);
	for (uint32_t i = 0; i < n && !from.short_of; i++) {
		bool ours = take_number(&from, version < 2 ? 2 : 4) == heic->primary;
		uint32_t method = version == 0 ? 0 : take_number(&from, 2) & 15;
		take_number(&from, 2);
		uint64_t base = take_long(&from, base_bytes);
		uint32_t extents = take_number(&from, 2);
		for (uint32_t k = 0; k < extents && !from.short_of; k++) {
			take_long(&from, index_bytes);
			uint64_t at = base + take_long(&from, offset_bytes);
			uint64_t len = take_long(&from, length_bytes);
			if (!from.short_of && !extent_is_here(heic, ours, method, at, len, err)) {
				return false;
			}
		}
	}
	return (!from.short_of && n > 0) || damaged(err, "bad places");
}

/* ---- the main picture's properties ---- */

static bool colours_are_taken(struct reader *from, struct heic *heic, struct err *err)
{
	char kind[4];
	take_mark(from, kind);
	if (memcmp(kind, "prof", 4) == 0 || memcmp(kind, "rICC", 4) == 0) {
		heic->probe->has_profile = true;
		return true;
	}
	uint32_t primaries = take_number(from, 2);
	uint32_t transfer = take_number(from, 2);
	if (memcmp(kind, "nclx", 4) != 0) {
		return true;
	}
	heic->probe->display_p3 = primaries == PRIMARIES_P3;
	if (transfer == TRANSFER_PQ || transfer == TRANSFER_HLG || primaries == PRIMARIES_2020) {
		return err_set(err, REMEDY_REJECT, "asset-colour",
			"the HEIC is coded for HDR screens: export it as a standard picture");
	}
	return true;
}

static void swap_sides(struct probe *probe)
{
	int32_t width = probe->width_px;
	probe->width_px = probe->height_px;
	probe->height_px = width;
}

static int32_t side(uint64_t value)
{
	return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static bool is_turn(const struct box *box)
{
	return memcmp(box->type, "irot", 4) == 0 || memcmp(box->type, "imir", 4) == 0 ||
	       memcmp(box->type, "clap", 4) == 0;
}

static bool apply(struct heic *heic, const struct box *box, struct err *err)
{
	heic->turns += is_turn(box);
	if (heic->turns > TURNS_MAX) { /* each is a copy of the whole picture */
		return damaged(err, "too many turns");
	}
	struct probe *probe = heic->probe;
	struct reader from = {.left = box->body};
	if (memcmp(box->type, "ispe", 4) == 0) {
		take_number(&from, 4);
		probe->width_px = side(take_number(&from, 4));
		probe->height_px = side(take_number(&from, 4));
	} else if (memcmp(box->type, "irot", 4) == 0) {
		if ((take_number(&from, 1) & 1) != 0) {
			swap_sides(probe);
		}
	} else if (memcmp(box->type, "clap", 4) == 0) {
		uint32_t size[4];
		for (int i = 0; i < 4; i++) {
			size[i] = take_number(&from, 4);
		}
		probe->width_px = size[1] == 0 ? 0 : side(size[0] / size[1]);
		probe->height_px = size[3] == 0 ? 0 : side(size[2] / size[3]);
	} else if (memcmp(box->type, "pixi", 4) == 0) {
		take_number(&from, 5);
		probe->bits = (int32_t)take_number(&from, 1);
	} else if (memcmp(box->type, "colr", 4) == 0) {
		return colours_are_taken(&from, heic, err);
	}
	return !from.short_of || damaged(err, "bad property");
}

/* The index-th property, from 1; false when there is none. */
static bool find_property(const struct heic *heic, uint32_t index, struct box *box)
{
	struct reader boxes = {.left = heic->properties};
	for (uint32_t i = 0; i < index; i++) {
		if (!take_box(&boxes, box)) {
			return false;
		}
	}
	return index > 0;
}

static bool apply_properties(struct heic *heic, struct err *err)
{
	struct reader from = {.left = heic->links};
	uint32_t version = take_number(&from, 1);
	bool wide = (take_number(&from, 3) & 1) != 0;
	uint32_t n = take_number(&from, 4);
	bool done = false;
	for (uint32_t i = 0; i < n && !from.short_of; i++) {
		bool ours = take_number(&from, version < 1 ? 2 : 4) == heic->primary;
		uint32_t links = take_number(&from, 1);
		if (ours && done) {
			return damaged(err, "properties twice");
		}
		done |= ours;
		for (uint32_t k = 0; k < links && !from.short_of; k++) {
			uint32_t index = take_number(&from, wide ? 2 : 1) & (wide ? 0x7FFF : 0x7F);
			struct box box;
			if (ours && find_property(heic, index, &box) && !apply(heic, &box, err)) {
				return false;
			}
		}
	}
	return !from.short_of || damaged(err, "bad properties");
}

/* ---- a grid of tiles ---- */

/* The first tile of the main picture, and how many it says there are. */
static uint32_t find_tiles(const struct heic *heic, uint32_t *first)
{
	struct reader boxes = {.left = heic->refs};
	uint32_t wide = take_number(&boxes, 1) == 0 ? 2 : 4;
	take_number(&boxes, 3);
	struct box box;
	while (take_box(&boxes, &box)) {
		struct reader from = {.left = box.body};
		bool ours = take_number(&from, wide) == heic->primary;
		uint32_t n = take_number(&from, 2);
		*first = take_number(&from, wide);
		if (ours && memcmp(box.type, "dimg", 4) == 0 && !from.short_of) {
			return n;
		}
	}
	return 0;
}

static bool size_of_item(const struct heic *heic, uint32_t id, uint64_t size[2])
{
	struct reader from = {.left = heic->links};
	uint32_t version = take_number(&from, 1);
	bool wide = (take_number(&from, 3) & 1) != 0;
	uint32_t n = take_number(&from, 4);
	for (uint32_t i = 0; i < n && !from.short_of; i++) {
		bool ours = take_number(&from, version < 1 ? 2 : 4) == id;
		uint32_t links = take_number(&from, 1);
		for (uint32_t k = 0; k < links && !from.short_of; k++) {
			uint32_t index = take_number(&from, wide ? 2 : 1) & (wide ? 0x7FFF : 0x7F);
			struct box box;
			if (ours && find_property(heic, index, &box) &&
				memcmp(box.type, "ispe", 4) == 0) {
				struct reader sides = {.left = box.body};
				take_number(&sides, 4);
				size[0] = take_number(&sides, 4);
				size[1] = take_number(&sides, 4);
				return !sides.short_of;
			}
		}
		if (ours) {
			return false;
		}
	}
	return false;
}

/* Its tiles must cover it: where none lies, libheif leaves what was in memory. */
static bool tiles_cover(const struct heic *heic, struct err *err)
{
	struct reader from = {.left = heic->body};
	take_number(&from, 1);
	size_t wide = (take_number(&from, 1) & 1) != 0 ? 4 : 2;
	uint64_t rows = take_number(&from, 1) + UINT64_C(1);
	uint64_t columns = take_number(&from, 1) + UINT64_C(1);
	uint64_t width = take_number(&from, wide);
	uint64_t height = take_number(&from, wide);
	uint64_t tile[2];
	uint32_t first = 0;
	uint32_t n = find_tiles(heic, &first);
	if (from.short_of || n != rows * columns || n > ITEMS_MAX) {
		return damaged(err, "bad grid");
	}
	return (size_of_item(heic, first, tile) && tile[0] * columns >= width &&
		       tile[1] * rows >= height) ||
	       damaged(err, "its tiles don't cover it");
}

/* ---- the whole file ---- */

static bool find_parts(struct heic *heic, struct err *err)
{
	struct reader boxes = {.left = heic->file};
	struct box box;
	while (take_box(&boxes, &box)) {
		if (memcmp(box.type, "meta", 4) == 0 && heic->meta.len == 0) {
			heic->meta = box.body;
		}
	}
	if (boxes.short_of) {
		return probe_cut_off(err, PICTURE_HEIC);
	}
	struct reader inner = {.left = heic->meta};
	struct bytes pitm = {NULL, 0}, iprp = {NULL, 0};
	const struct {
		const char *type;
		struct bytes *to;
	} parts[] = {{"pitm", &pitm}, {"iinf", &heic->items}, {"iloc", &heic->places},
		{"iref", &heic->refs}, {"iprp", &iprp}, {"idat", &heic->idat}};
	take_number(&inner, 4);
	while (take_box(&inner, &box)) {
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
			if (memcmp(box.type, parts[i].type, 4) == 0) {
				*parts[i].to = box.body;
			}
		}
	}
	heic->properties = box_within(iprp, "ipco");
	heic->links = box_within(iprp, "ipma");
	struct reader main_item = {.left = pitm};
	uint32_t version = take_number(&main_item, 1);
	take_number(&main_item, 3);
	heic->primary = take_number(&main_item, version == 0 ? 2 : 4);
	return (!inner.short_of && !main_item.short_of && iprp.len > 0) ||
	       damaged(err, "its parts don't hold together");
}

/* An image sequence beside the still: how many samples its first track has. */
static uint32_t count_samples(struct bytes file)
{
	static const char *const way[] = {"moov", "trak", "mdia", "minf", "stbl", "stsz"};
	struct bytes at = file;
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
		at = box_within(at, way[i]);
	}
	struct reader from = {.left = at};
	take_long(&from, 8);
	uint32_t n = take_number(&from, 4);
	return from.short_of ? 0 : n;
}

bool probe_heic(struct bytes file, struct probe *probe, struct err *err)
{
	struct heic heic = {.file = file, .probe = probe};
	probe->channels = 3;
	probe->bits = 8;
	if (!find_parts(&heic, err) || !read_items(&heic, err) || !places_are_here(&heic, err) ||
		!apply_properties(&heic, err) || (heic.is_grid && !tiles_cover(&heic, err))) {
		return false;
	}
	probe->held_256_bytes = 256 * PIXEL_BYTES;
	int32_t frames = probe_count(count_samples(file));
	probe->pictures = frames > probe->pictures ? frames : probe->pictures;
	probe->display_p3 &= !probe->has_profile;
	if (probe->bits != 8 && probe->bits != 10 && probe->bits != 12) {
		return damaged(err, "absurd depth");
	}
	return true;
}
