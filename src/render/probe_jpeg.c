/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a JPEG's markers from the start to the end-of-image mark. Embedded thumbnails lie inside
 * segments and are stepped over; bytes after the end mark (phones put videos there) don't matter.
 */
#include "render/probe.h"
#include <string.h>

/* far above what cameras and programs write. Each scan goes over all of a progressive picture, and
 * libvips parses every EXIF segment anew with all those before it. */
#define SCANS_MAX 100
#define EXIFS_MAX 100

enum {
	MARK_SOF_0 = 0xC0, /* baseline */
	MARK_SOF_1 = 0xC1,
	MARK_SOF_2 = 0xC2, /* progressive */
	MARK_DHT = 0xC4,
	MARK_JPG = 0xC8,
	MARK_DAC = 0xCC,
	MARK_SOF_LAST = 0xCF,
	MARK_RST_0 = 0xD0,
	MARK_RST_7 = 0xD7,
	MARK_EOI = 0xD9,
	MARK_SOS = 0xDA,
	MARK_APP_1 = 0xE1,
	MARK_APP_2 = 0xE2,
};

struct counts {
	int scans, exifs;
	bool progressive;
	int32_t samples_256;
};

static bool is_frame(unsigned mark)
{
	return mark >= MARK_SOF_0 && mark <= MARK_SOF_LAST && mark != MARK_DHT &&
	       mark != MARK_JPG && mark != MARK_DAC;
}

static size_t get16(const unsigned char *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static bool read_frame(struct bytes part, unsigned mark, struct probe *probe, struct err *err)
{
	if (mark > MARK_SOF_2) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the JPEG is lossless, hierarchical or arithmetic coded, which isn't "
			"printed");
	}
	if (part.len < 6 || probe->width_px != 0) {
		return probe_damaged(err, PICTURE_JPEG, "bad frame");
	}
	probe->bits = part.at[0];
	probe->height_px = (int32_t)get16(part.at + 1);
	probe->width_px = (int32_t)get16(part.at + 3);
	probe->channels = part.at[5];
	if (probe->bits != 8) {
		return err_set(err, REMEDY_REJECT, "asset-type",
			"the JPEG has %d bits a sample; 8 are printed", probe->bits);
	}
	if (probe->channels != 1 && probe->channels != 3 && probe->channels != 4) {
		return err_set(err, REMEDY_REJECT, "asset-colour",
			"the JPEG has %d channels; grey, RGB and CMYK are printed: export it as "
			"RGB",
			probe->channels);
	}
	probe->cmyk = probe->channels == 4;
	return true;
}

/* How many samples there are to a pixel, in 256ths, by the frame's sampling factors. */
static int32_t samples_256(struct bytes frame)
{
	int32_t sum = 0, across = 1, down = 1;
	for (size_t at = 6; at + 3 <= frame.len; at += 3) {
		int32_t h = frame.at[at + 1] >> 4, v = frame.at[at + 1] & 15;
		sum += h * v;
		across = h > across ? h : across;
		down = v > down ? v : down;
	}
	return sum * 256 / (across * down);
}

/* All coefficients wait for the last scan where there are several: two bytes each. */
static void read_scans(struct bytes part, unsigned mark, struct counts *counts, struct probe *probe)
{
	if (is_frame(mark)) {
		counts->progressive = mark == MARK_SOF_2;
		counts->samples_256 = samples_256(part);
	} else if (mark == MARK_SOS && part.len > 0 &&
		   (counts->progressive || part.at[0] < probe->channels)) {
		probe->held_256_bytes = counts->samples_256 * 2;
	}
}

static bool count(struct counts *counts, unsigned mark, struct bytes part, struct err *err)
{
	counts->scans += mark == MARK_SOS;
	counts->exifs += mark == MARK_APP_1 && part.len > 6 && memcmp(part.at, "Exif\0", 6) == 0;
	if (counts->scans > SCANS_MAX || counts->exifs > EXIFS_MAX) {
		return err_set(err, REMEDY_REJECT, "asset-limits",
			"the JPEG has more than %d %s: save it anew with another program",
			counts->scans > SCANS_MAX ? SCANS_MAX : EXIFS_MAX,
			counts->scans > SCANS_MAX ? "scans" : "EXIF segments");
	}
	return true;
}

static bool read_segment(struct bytes part, unsigned mark, struct probe *probe, struct err *err)
{
	if (is_frame(mark)) {
		return read_frame(part, mark, probe, err);
	}
	probe->has_profile |=
		mark == MARK_APP_2 && part.len > 12 && memcmp(part.at, "ICC_PROFILE", 12) == 0;
	/* the first EXIF segment counts, should there be more */
	if (mark == MARK_APP_1 && probe->orientation == 0 && part.len > 6 &&
		memcmp(part.at, "Exif\0", 6) == 0) {
		probe_exif((struct bytes){part.at + 6, part.len - 6}, probe);
	}
	return true;
}

/* The place of the next mark's second byte at or after `at`; len when there is none. Stuffed bytes
 * and restart marks belong to the coded picture. */
static size_t next_mark(struct bytes file, size_t at)
{
	while (at < file.len) {
		const unsigned char *found = memchr(file.at + at, 0xFF, file.len - at);
		if (found == NULL) {
			return file.len;
		}
		at = (size_t)(found - file.at) + 1;
		while (at < file.len && file.at[at] == 0xFF) {
			at++;
		}
		if (at < file.len && file.at[at] != 0 &&
			(file.at[at] < MARK_RST_0 || file.at[at] > MARK_RST_7)) {
			return at;
		}
	}
	return file.len;
}

bool probe_jpeg(struct bytes file, struct probe *probe, struct err *err)
{
	probe->orientation = 0;
	struct counts counts = {0};
	for (size_t at = next_mark(file, 2); at < file.len;) {
		unsigned mark = file.at[at++];
		if (mark == MARK_EOI) {
			probe->orientation += probe->orientation == 0;
			return (counts.scans > 0 && probe->width_px > 0) ||
			       probe_damaged(err, PICTURE_JPEG, "it ends before its picture");
		}
		if (file.len - at < 2 || get16(file.at + at) < 2 ||
			get16(file.at + at) > file.len - at) {
			return probe_cut_off(err, PICTURE_JPEG);
		}
		size_t len = get16(file.at + at);
		struct bytes part = {file.at + at + 2, len - 2};
		read_scans(part, mark, &counts, probe);
		if (!read_segment(part, mark, probe, err) || !count(&counts, mark, part, err)) {
			return false;
		}
		at = next_mark(file, at + len);
	}
	return probe_cut_off(err, PICTURE_JPEG);
}
