/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile gate. It reads the header and the shape of every tag, and trusts nothing it reads.
 */
#include "colour/gate.h"
#include "base/text.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES 128
#define TAGS_MAX   100

struct span {
	const unsigned char *bytes;
	size_t len;
};

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t get16(const unsigned char *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static bool is(const unsigned char *at, const char *mark)
{
	return memcmp(at, mark, 4) == 0;
}

static bool is_one_of(const unsigned char *at, const char *const *marks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is(at, marks[i])) {
			return true;
		}
	}
	return false;
}

static bool says(char why[GATE_WHY_MAX], const char *words)
{
	text_copy(why, GATE_WHY_MAX, words);
	return false;
}

/* Nodes of a colour table, or SIZE_MAX when the shape is absurd. */
static size_t table_nodes(const unsigned char *grid, size_t inputs, size_t outputs, bool same)
{
	size_t nodes = outputs;
	for (size_t i = 0; i < inputs; i++) {
		size_t points = same ? grid[0] : grid[i];
		if (points < 2 || nodes > GATE_BYTES_MAX / points) {
			return SIZE_MAX;
		}
		nodes *= points;
	}
	return nodes;
}

static bool channels_are_fine(size_t inputs, size_t outputs)
{
	return inputs >= 1 && inputs <= 4 && outputs >= 1 && outputs <= 4;
}

static bool curve_fits(struct span tag)
{
	return tag.len >= 12 && get32(tag.bytes + 8) <= (tag.len - 12) / 2;
}

static bool formula_fits(struct span tag)
{
	static const size_t numbers[] = {1, 3, 4, 5, 7};
	return tag.len >= 12 && get16(tag.bytes + 8) < 5 &&
	       tag.len >= 12 + 4 * numbers[get16(tag.bytes + 8)];
}

static bool table8_fits(struct span tag)
{
	if (tag.len < 48 || !channels_are_fine(tag.bytes[8], tag.bytes[9])) {
		return false;
	}
	size_t inputs = tag.bytes[8];
	size_t outputs = tag.bytes[9];
	size_t nodes = table_nodes(tag.bytes + 10, inputs, outputs, true);
	return nodes != SIZE_MAX && 48 + 256 * (inputs + outputs) + nodes <= tag.len;
}

static bool table16_fits(struct span tag)
{
	if (tag.len < 52 || !channels_are_fine(tag.bytes[8], tag.bytes[9])) {
		return false;
	}
	size_t inputs = tag.bytes[8];
	size_t outputs = tag.bytes[9];
	size_t before = get16(tag.bytes + 48);
	size_t after = get16(tag.bytes + 50);
	size_t nodes = table_nodes(tag.bytes + 10, inputs, outputs, true);
	return before >= 2 && before <= 4096 && after >= 2 && after <= 4096 && nodes != SIZE_MAX &&
	       52 + 2 * (before * inputs + after * outputs + nodes) <= tag.len;
}

/* The curves of one stage of a version 4 table lie one after the other, padded to four bytes. */
static bool curves_fit(struct span tag, size_t at, size_t n)
{
	for (size_t i = 0; at != 0 && i < n; i++) {
		if (at > tag.len || tag.len - at < 12) {
			return false;
		}
		struct span curve = {tag.bytes + at, tag.len - at};
		static const size_t numbers[] = {1, 3, 4, 5, 7};
		size_t used;
		if (is(curve.bytes, "curv") && curve_fits(curve)) {
			used = 12 + 2 * (size_t)get32(curve.bytes + 8);
		} else if (is(curve.bytes, "para") && formula_fits(curve)) {
			used = 12 + 4 * numbers[get16(curve.bytes + 8)];
		} else {
			return false;
		}
		at += (used + 3) / 4 * 4;
	}
	return true;
}

static bool pipeline_fits(struct span tag, bool to_pcs)
{
	if (tag.len < 32 || !channels_are_fine(tag.bytes[8], tag.bytes[9])) {
		return false;
	}
	size_t inputs = tag.bytes[8];
	size_t outputs = tag.bytes[9];
	size_t b_curves = get32(tag.bytes + 12);
	size_t matrix = get32(tag.bytes + 16);
	size_t m_curves = get32(tag.bytes + 20);
	size_t table = get32(tag.bytes + 24);
	size_t a_curves = get32(tag.bytes + 28);
	size_t device = to_pcs ? inputs : outputs;
	size_t pcs = to_pcs ? outputs : inputs;
	if (matrix != 0 && (tag.len < 48 || matrix > tag.len - 48)) {
		return false;
	}
	if (table != 0) {
		if (tag.len < 20 || table > tag.len - 20) {
			return false;
		}
		size_t wide = tag.bytes[table + 16];
		size_t nodes = table_nodes(tag.bytes + table, inputs, outputs, false);
		if ((wide != 1 && wide != 2) || nodes == SIZE_MAX ||
			nodes * wide > tag.len - 20 - table) {
			return false;
		}
	}
	return curves_fit(tag, b_curves, pcs) && curves_fit(tag, m_curves, pcs) &&
	       curves_fit(tag, a_curves, device);
}

static bool tag_fits(struct span tag)
{
	if (is(tag.bytes, "curv")) {
		return curve_fits(tag);
	}
	if (is(tag.bytes, "para")) {
		return formula_fits(tag);
	}
	if (is(tag.bytes, "mft1")) {
		return table8_fits(tag);
	}
	if (is(tag.bytes, "mft2")) {
		return table16_fits(tag);
	}
	if (is(tag.bytes, "mAB ") || is(tag.bytes, "mBA ")) {
		return pipeline_fits(tag, is(tag.bytes, "mAB "));
	}
	return !is(tag.bytes, "XYZ ") || tag.len >= 20;
}

static bool tags_fit(struct span profile)
{
	size_t n = get32(profile.bytes + HEAD_BYTES);
	if (n == 0 || n > TAGS_MAX || profile.len < HEAD_BYTES + 4 + 12 * n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const unsigned char *row = profile.bytes + HEAD_BYTES + 4 + 12 * i;
		size_t at = get32(row + 4);
		size_t len = get32(row + 8);
		if (at < HEAD_BYTES + 4 + 12 * n || len < 8 || at > profile.len ||
			len > profile.len - at) {
			return false;
		}
		if (!tag_fits((struct span){profile.bytes + at, len})) {
			return false;
		}
	}
	return true;
}

static const struct {
	const char *mark, *words;
} spaces[] = {
	[GATE_GREY] = {"GRAY", "grey"},
	[GATE_RGB] = {"RGB ", "RGB"},
	[GATE_CMYK] = {"CMYK", "CMYK"},
};

bool gate_find_space(const unsigned char *bytes, size_t len, enum gate_space *space)
{
	for (size_t i = 0; len >= HEAD_BYTES && i < sizeof spaces / sizeof spaces[0]; i++) {
		if (spaces[i].mark != NULL && is(bytes + 16, spaces[i].mark)) {
			*space = (enum gate_space)i;
			return true;
		}
	}
	return false;
}

static bool space_agrees(const unsigned char *bytes, enum gate_space space, char why[GATE_WHY_MAX])
{
	if (is(bytes + 16, spaces[space].mark)) {
		return true;
	}
	char has[5] = "";
	memcpy(has, bytes + 16, 4);
	char clean[17];
	text_escape(clean, sizeof clean, has);
	snprintf(why, GATE_WHY_MAX, "profile is %s, picture is %s", clean, spaces[space].words);
	return false;
}

bool gate_passes(const unsigned char *bytes, size_t len, enum gate_space space, size_t *size,
	char why[GATE_WHY_MAX])
{
	static const char *const classes[] = {"mntr", "scnr", "prtr", "spac"};
	if (len < HEAD_BYTES + 4 || get32(bytes) < HEAD_BYTES + 4 || get32(bytes) > len) {
		return says(why, "cut off");
	}
	struct span profile = {bytes, get32(bytes)};
	if (profile.len > GATE_BYTES_MAX) {
		return says(why, "over 4 MiB");
	}
	if (!is(bytes + 36, "acsp")) {
		return says(why, "no ICC profile");
	}
	if (bytes[8] != 2 && bytes[8] != 4) {
		return says(why, "version is neither 2 nor 4");
	}
	if (!is_one_of(bytes + 12, classes, sizeof classes / sizeof classes[0])) {
		return says(why, "not a device's or a colour space's");
	}
	if (!space_agrees(bytes, space, why)) {
		return false;
	}
	if (!is(bytes + 20, "XYZ ") && !is(bytes + 20, "Lab ")) {
		return says(why, "connection space is neither XYZ nor Lab");
	}
	if (!tags_fit(profile)) {
		return says(why, "bad tag table");
	}
	*size = profile.len;
	return true;
}
