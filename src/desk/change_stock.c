/* SPDX-License-Identifier: Apache-2.0
 *
 * Changing routes about paper: a roll put in, a count, who is believed, the store room.
 */
#include "desk/desk_own.h"
#include "farm/stock.h"

#define REASON_MAX 200
#define LOT_MAX    65

bool change_load(struct ask *ask, const json_t *body, struct err *err)
{
	char media[NAME_MAX_LEN], lot[LOT_MAX] = "";
	struct farm_load load = {
		.media = media, .lot = lot, .sheets = COUNT_UNKNOWN, .left = COUNT_UNKNOWN};
	return json_need_text(body, "media", media, sizeof media, err) &&
	       json_take_text(body, "lot", lot, sizeof lot, err) &&
	       json_take_int32(body, "sheets", 1, 100000, &load.sheets, err) &&
	       json_take_int32(body, "left", 0, 100000, &load.left, err) &&
	       farm_printer_load(ask->desk->farm, ask->captures[0], &load, ask->who, err);
}

bool change_count(struct ask *ask, const json_t *body, struct err *err)
{
	int64_t sheets = 0;
	return json_need_int(body, "sheets", 0, 100000, &sheets, err) &&
	       farm_printer_count(
		       ask->desk->farm, ask->captures[0], (int32_t)sheets, ask->who, err);
}

static bool trust(struct ask *ask, const json_t *body, bool believed, struct err *err)
{
	char source[17], reason[REASON_MAX] = "";
	return json_need_text(body, "source", source, sizeof source, err) &&
	       json_take_text(body, "reason", reason, sizeof reason, err) &&
	       farm_printer_trust(
		       ask->desk->farm, ask->captures[0], source, believed, ask->who, reason, err);
}

bool change_trust(struct ask *ask, const json_t *body, struct err *err)
{
	return trust(ask, body, true, err);
}

bool change_distrust(struct ask *ask, const json_t *body, struct err *err)
{
	return trust(ask, body, false, err);
}

static bool take_rolls(struct ask *ask, const json_t *body, char lot[LOT_MAX],
	struct farm_rolls *rolls, struct err *err)
{
	int64_t n = 0;
	*rolls = (struct farm_rolls){.media = ask->captures[0]};
	lot[0] = '\0';
	if (!json_need_int(body, "rolls", 0, 10000, &n, err) ||
		!json_take_text(body, "lot", lot, LOT_MAX, err) ||
		!json_take_int32(body, "sheets", 0, 100000, &rolls->sheets, err)) {
		return false;
	}
	rolls->rolls = (int32_t)n;
	rolls->lot = lot[0] != '\0' ? lot : NULL;
	return true;
}

bool change_room_add(struct ask *ask, const json_t *body, struct err *err)
{
	char lot[LOT_MAX];
	struct farm_rolls rolls;
	return take_rolls(ask, body, lot, &rolls, err) &&
	       farm_room_add(ask->desk->farm, &rolls, ask->who, err);
}

bool change_room_count(struct ask *ask, const json_t *body, struct err *err)
{
	char lot[LOT_MAX];
	struct farm_rolls rolls;
	return take_rolls(ask, body, lot, &rolls, err) &&
	       farm_room_count(ask->desk->farm, &rolls, ask->who, err);
}
