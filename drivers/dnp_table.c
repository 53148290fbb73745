/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables, and finding things in them. The members of the family come first, then what they can,
 * then paper, then images.
 */
#include "drivers/dnp_table.h"
#include <stddef.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct dnp_model models[] = {
	{0x1343, 0x0002, "", DNP_CW01, "Citizen CW-01 / OP900", 0, true, false},
	{0x1343, 0x0003, "CIT", DNP_DS40, "Citizen CX", 1920, true, false},
	{0x1343, 0x0003, "", DNP_DS40, "DNP DS40", 1920, true, false},
	{0x1343, 0x0004, "CIT", DNP_DS80, "Citizen CX-W", 2560, true, false},
	{0x1343, 0x0004, "M", DNP_DS80, "Mitsubishi CP3800DW", 2560, true, false},
	{0x1343, 0x0004, "", DNP_DS80, "DNP DS80", 2560, true, false},
	{0x1343, 0x0005, "CIT", DNP_RX1, "Citizen CY / CY-02", 1920, true, false},
	{0x1343, 0x0005, "", DNP_RX1, "DNP DS-RX1", 1920, true, false},
	{0x1343, 0x0006, "", DNP_CW02, "Citizen CW-02 / OP900II", 1920, true, false},
	{0x1343, 0x0007, "", DNP_DS80, "DNP DS80DX", 2560, true, false},
	{0x1343, 0x0008, "", DNP_DS80, "DNP DS80DX", 2560, true, false},
	{0x1343, 0x000a, "", DNP_DS620, "Citizen CX-02", 1920, false, true},
	{0x1343, 0x000b, "", DNP_DS820, "Citizen CX-02W", 2560, false, false},
	{0x1343, 0x000c, "", DNP_QW410, "Citizen CZ-01", 0, false, false},
	{0x1452, 0x8b01, "", DNP_DS620, "DNP DS620", 1920, false, true},
	{0x1452, 0x9001, "", DNP_DS820, "DNP DS820", 2560, false, true},
	{0x1452, 0x9201, "", DNP_QW410, "DNP QW410", 0, false, false},
};

const struct dnp_model *dnp_model_of(uint16_t vendor, uint16_t product, const char *manufacturer)
{
	for (size_t i = 0; i < COUNT_OF(models); i++) {
		if (models[i].vendor == vendor && models[i].product == product &&
			strncmp(manufacturer, models[i].maker, strlen(models[i].maker)) == 0) {
			return &models[i];
		}
	}
	return NULL;
}

/* `vendor` 0: of any maker. An ability that has no row is not there; a size is there from the
 * first firmware on. The first row that fits counts. */
static const struct {
	enum dnp_family family;
	uint16_t vendor;
	int ability, from;
} gates[] = {
	{DNP_DS40, 0, DNP_CAN_MATTE, 130},
	{DNP_DS40, 0, DNP_CAN_STRIPS, 140},
	{DNP_DS40, 0, 22, 150},
	{DNP_DS40, 0, 27, 160},
	{DNP_DS40, 0, 29, DNP_NEVER},
	{DNP_DS40, 0, 30, DNP_NEVER},
	{DNP_DS40, 0, 31, DNP_NEVER},
	{DNP_DS80, 0, DNP_CAN_MATTE, 0},
	{DNP_RX1, 0, DNP_CAN_MATTE, 0},
	{DNP_RX1, 0, DNP_CAN_STRIPS, 110},
	{DNP_RX1, 0, DNP_CAN_SAY_OFFSET, 200},
	{DNP_RX1, 0, DNP_CAN_SAY_NEW_COUNT, 110},
	{DNP_RX1, 0, DNP_MUST_SAY_LOT, 200}, /* from there on it is an RX1HS */
	{DNP_RX1, 0, 22, 120},
	{DNP_RX1, 0, 27, 206},
	{DNP_RX1, 0, 29, 206},
	{DNP_RX1, 0, 30, DNP_NEVER},
	{DNP_RX1, 0, 31, DNP_NEVER},
	{DNP_CW02, 0, DNP_CAN_SAY_NEW_COUNT, 0},
	{DNP_CW02, 0, 22, DNP_NEVER},
	{DNP_CW02, 0, 27, DNP_NEVER},
	{DNP_CW02, 0, 29, DNP_NEVER},
	{DNP_CW02, 0, 30, DNP_NEVER},
	{DNP_CW02, 0, 31, DNP_NEVER},
	{DNP_DS620, 0, DNP_CAN_MATTE, 0},
	{DNP_DS620, 0, DNP_CAN_STRIPS, 0},
	{DNP_DS620, 0, DNP_CAN_SAY_NEW_COUNT, 0},
	{DNP_DS620, 0x1452, DNP_CAN_LUSTRE, 130},
	{DNP_DS620, 0x1452, DNP_CAN_FINE_MATTE, 152},
	{DNP_DS620, 0x1452, 5, 110},
	{DNP_DS620, 0x1452, 30, 110},
	{DNP_DS620, 0x1452, 31, 110},
	{DNP_DS820, 0, DNP_CAN_MATTE, 0},
	{DNP_DS820, 0, DNP_CAN_SAY_OFFSET, 0},
	{DNP_DS820, 0, DNP_CAN_SAY_NEW_COUNT, 0},
	{DNP_DS820, 0, DNP_CAN_CHOOSE_SPEED, 0},
	{DNP_DS820, 0, 38, 106},
	{DNP_QW410, 0, DNP_CAN_SAY_OFFSET, 0},
	{DNP_QW410, 0, DNP_CAN_SAY_NEW_COUNT, 0},
};

int dnp_able_from(const struct dnp_model *model, int ability)
{
	for (size_t i = 0; i < COUNT_OF(gates); i++) {
		if (gates[i].family == model->family && gates[i].ability == ability &&
			(gates[i].vendor == 0 || gates[i].vendor == model->vendor)) {
			return gates[i].from;
		}
	}
	return ability < DNP_CAN_MATTE ? 0 : DNP_NEVER;
}

static const struct dnp_cut cuts[] = {
	{1, 1920, 1088, 8890, 12700, 186, true, 22, 0},
	{2, 1920, 1240, 10160, 15240, 38, true, 12, 18},
	{3, 1920, 2138, 12700, 17780, 186, false, 0, 0},
	{4, 1920, 2436, 15240, 20320, 38, false, 0, 0},
	{5, 1920, 2740, 15240, 22860, 38, false, 0, 0},
	{6, 2560, 3036, 20320, 25400, 56, false, 0, 0},
	{7, 2560, 3636, 20320, 30480, 56, false, 0, 0},
	{8, 2560, 1236, 10160, 20320, 56, true, 13, 30},
	{9, 2560, 1536, 12700, 20320, 56, true, 14, 30},
	{10, 2560, 1836, 15240, 20320, 56, true, 15, 30},
	{11, 2560, 2436, 20320, 20320, 56, true, 0, 0},
	{21, 2560, 3544, 20320, 29700, 56, false, 0, 0},
	{27, 1920, 1836, 15240, 15240, 38, true, 0, 0},
	{29, 1920, 1540, 12700, 12700, 186, true, 0, 0},
	{30, 1920, 1386, 11430, 15240, 38, true, 31, 30},
	{32, 2560, 2136, 17780, 20320, 56, true, 0, 0},
	{33, 2560, 2736, 20320, 22860, 56, false, 0, 0},
	{34, 2560, 1784, 14800, 21000, 16, true, 35, 30},
	{36, 2560, 1236, 10160, 21000, 16, true, 0, 0},
	{37, 2560, 1536, 12700, 21000, 16, true, 43, 30},
	{38, 2560, 1836, 15240, 21000, 16, true, 0, 0},
	{39, 2560, 2436, 20320, 21000, 16, true, 0, 0},
	{40, 2560, 3036, 21000, 25400, 16, false, 0, 0},
	{41, 2560, 3544, 21000, 29700, 16, false, 0, 0},
};

const struct dnp_cut *dnp_cut_of(int code)
{
	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		if (cuts[i].code == code) {
			return &cuts[i];
		}
	}
	return NULL;
}

/* 12–15, 22, 31, 35, 43 are doubles of another row; 16–20 mix sizes, which no product asks for. */
static const struct dnp_media media[] = {
	{150, "4 × 6 in", {47, 48, 53, 54}},
	{151, "4 × 8 in", {47, 48, 53, 54, 49}},
	{160, "4.5 × 6 in", {50, 51, 55, 57}},
	{161, "4.5 × 8 in", {50, 51, 55, 57, 52}},
	{200, "5 × 3.5 in (L)", {1}},
	{210, "5 × 7 in (2L)", {3, 1, 22, 29}},
	{300, "6 × 4 in (PC)", {2}},
	{310, "6 × 8 in (A5)", {4, 2, 12, 27, 30}},
	{400, "6 × 9 in (A5W)", {5, 2, 4, 12, 27, 30, 31}},
	{500, "8 × 10 in", {6, 8, 9, 10, 11, 13, 14, 16, 17, 32, 33}},
	{510, "8 × 12 in", {7, 6, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 32, 33}},
	{600, "A4", {41, 34, 35, 36, 37, 38, 39, 40, 43}},
};

const struct dnp_media *dnp_media_of(int code)
{
	for (size_t i = 0; i < COUNT_OF(media); i++) {
		if (media[i].code == code) {
			return &media[i];
		}
	}
	return NULL;
}

bool dnp_media_takes(const struct dnp_media *loaded, enum dnp_family family, int cut_code)
{
	if (loaded->code == 500 && (cut_code == 32 || cut_code == 33) && family != DNP_DS820) {
		return false;
	}
	for (size_t i = 0; i < COUNT_OF(loaded->cuts) && loaded->cuts[i] != 0; i++) {
		if (loaded->cuts[i] == cut_code) {
			return true;
		}
	}
	return false;
}

static const struct {
	enum dnp_family family;
	int16_t media;
	int32_t count;
} new_counts[] = {
	{DNP_DS40, 200, 460},
	{DNP_DS40, 210, 230},
	{DNP_DS40, 300, 400},
	{DNP_DS40, 310, 200},
	{DNP_DS40, 400, 180},
	{DNP_RX1, 210, 350},
	{DNP_RX1, 300, 700},
	{DNP_RX1, 310, 350},
	{DNP_CW02, 210, 350},
	{DNP_CW02, 300, 600},
	{DNP_CW02, 310, 300},
	{DNP_CW02, 400, 280},
	{DNP_DS80, 500, 130},
	{DNP_DS80, 510, 110},
	{DNP_DS620, 200, 420},
	{DNP_DS620, 210, 230},
	{DNP_DS620, 300, 400},
	{DNP_DS620, 310, 200},
	{DNP_DS620, 400, 180},
	{DNP_QW410, 150, 150},
	{DNP_QW410, 160, 150},
	{DNP_QW410, 151, 110},
	{DNP_QW410, 161, 110},
};

int32_t dnp_media_new_count(enum dnp_family family, int media_code)
{
	for (size_t i = 0; i < COUNT_OF(new_counts); i++) {
		if (new_counts[i].family == family && new_counts[i].media == media_code) {
			return new_counts[i].count;
		}
	}
	return 0;
}

bool dnp_half_rewinds(int media_code, int cut_code)
{
	static const int16_t halves[][2] = {{210, 1}, {310, 2}, {400, 2}, {400, 30}, {500, 8},
		{500, 9}, {510, 8}, {510, 9}, {510, 10}, {600, 34}, {600, 37}};
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		if (halves[i][0] == media_code && halves[i][1] == cut_code) {
			return true;
		}
	}
	return false;
}

bool dnp_takes_both_buffers(enum dnp_family family, int cut_code, bool matte, bool fine_rows)
{
	static const struct {
		enum dnp_family family;
		bool matte_only;
		int16_t cuts[6];
	} large[] = {
		{DNP_DS620, false, {5, 31}},
		{DNP_DS80, true, {7, 15, 19, 20, 21}},
		{DNP_DS40, true, {3, 4, 5, 12, 22}},
		{DNP_RX1, true, {3, 4, 5, 12, 22}},
	};
	for (size_t i = 0; fine_rows && i < COUNT_OF(large); i++) {
		for (int at = 0; large[i].family == family && at < 6 && large[i].cuts[at] != 0;
			at++) {
			if (large[i].cuts[at] == cut_code && (matte || !large[i].matte_only)) {
				return true;
			}
		}
	}
	return family == DNP_CW01;
}
