/* SPDX-License-Identifier: Apache-2.0
 *
 * The DNP/Citizen family as data: its members, what each can from which firmware on, the ribbons
 * and paper sets, the sizes that can be cut from them, and how large an image each size wants.
 * Pure. What stands here was gathered from what such printers say and take; none was tried on the
 * device (docs/dyesub.md says what is not known).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define DNP_BUFFERS     2
#define DNP_NEVER       9999
#define DNP_REWIND_CODE 400
#define DNP_WHITE       255 /* no dye */
#define DNP_NATIVE_DPI  300

enum dnp_family {
	DNP_CW01,
	DNP_DS40,
	DNP_DS80,
	DNP_RX1,
	DNP_CW02,
	DNP_DS620,
	DNP_DS820,
	DNP_QW410
};

struct dnp_model {
	uint16_t vendor, product;
	const char *maker; /* how its manufacturer string begins; "" = any */
	enum dnp_family family;
	const char *title;
	int32_t columns;  /* of every image; 0: its sizes are not known, so it is only watched */
	bool counts_less; /* MQTY says one too few */
	bool rewinds;     /* takes the paper back after a half print */
};

/* What a firmware can: below 1000 the size of that multicut code. */
enum dnp_ability {
	DNP_CAN_MATTE = 1000,
	DNP_CAN_FINE_MATTE,
	DNP_CAN_LUSTRE,
	DNP_CAN_STRIPS,
	DNP_CAN_SAY_OFFSET,
	DNP_CAN_SAY_NEW_COUNT,
	DNP_CAN_CHOOSE_SPEED,
	DNP_MUST_SAY_LOT, /* a ribbon whose chip says none is not made for it */
};

struct dnp_cut { /* one multicut code */
	int16_t code;
	int32_t columns, rows;         /* of the image, at 300 dpi in both directions */
	int32_t width_hmm, height_hmm; /* of the print, upright */
	int32_t edge_px;     /* of the columns, at each side, that fall beside the paper */
	bool turned;         /* the print's height runs along the columns */
	int16_t double_code; /* two of it on one sheet; 0: none */
	int16_t gap_rows;    /* white between the two */
};

struct dnp_media {
	int16_t code;
	const char *title;
	int16_t cuts[20]; /* multicut codes, the whole sheet's first; 0 ends */
};

/* By the USB ids and the manufacturer's string; NULL: none of the family. */
const struct dnp_model *dnp_model_of(uint16_t vendor, uint16_t product, const char *manufacturer);
/* From which firmware on (102 = 1.02); DNP_NEVER. For a size that nobody restricts: 0. */
int dnp_able_from(const struct dnp_model *model, int ability);
const struct dnp_cut *dnp_cut_of(int code);
/* By the code that INFO MEDIA says. NULL: not known. */
const struct dnp_media *dnp_media_of(int code);
/* That code may be asked of a printer of that family with that medium in it. */
bool dnp_media_takes(const struct dnp_media *loaded, enum dnp_family family, int cut_code);
/* Prints on a new set; 0: not known. */
int32_t dnp_media_new_count(enum dnp_family family, int media_code);
/* That half of the sheet can be printed alone and the rest kept for the next. */
bool dnp_half_rewinds(int media_code, int cut_code);
/* Whether an image of this kind takes both page buffers. */
bool dnp_takes_both_buffers(enum dnp_family family, int cut_code, bool matte, bool fine_rows);
