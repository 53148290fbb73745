/* SPDX-License-Identifier: Apache-2.0
 *
 * What it is asked, and what its answers come to.
 */
#include "drivers/dnp.h"
#include <stdio.h>
#include <string.h>

#define LOW_SHEETS 20
#define KEPT_BACK  50 /* of older models: they stop so many prints before MQTY is 0 */
#define ANY_DIGITS 9

/* It, or what answers for it, has lost the thread: the line begins anew. */
static bool no_sense(struct dnp *dnp, const char *name, const char *text, struct err *err)
{
	dnp_drop(dnp);
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: it answers %s with \"%.40s\", which says nothing",
		dnp->device->printer, name, text);
}

static bool ask_number(struct dnp *dnp, const char *group, const char *name, size_t at,
	size_t most_digits, int64_t *value, struct err *err)
{
	char text[DNP_REPLY_MAX + 1];
	return dnp_ask(dnp, group, name, text, err) &&
	       (dnp_reply_number(text, at, most_digits, value) || no_sense(dnp, name, text, err));
}

bool dnp_status_code(struct dnp *dnp, int *code, struct err *err)
{
	int64_t value;
	if (!ask_number(dnp, "STATUS", "", 0, ANY_DIGITS, &value, err)) {
		return false;
	}
	*code = value > 99999 ? 99999 : (int)value;
	return true;
}

bool dnp_free_buffers(struct dnp *dnp, int64_t *free_buffers, struct err *err)
{
	return ask_number(dnp, "INFO", "FREE_PBUFFER", 3, ANY_DIGITS, free_buffers, err);
}

bool dnp_lot(struct dnp *dnp, char *lot, size_t size, struct err *err)
{
	char text[DNP_REPLY_MAX + 1];
	if (!dnp_ask(dnp, "INFO", "MLOT", text, err)) {
		return false;
	}
	text_copy(lot, size, strlen(text) > 2 ? text + 2 : "");
	return true;
}

/* ---- who it is ---- */

/* "DS620 01.52A": a word, major.minor, perhaps a letter. */
static bool read_firmware(struct dnp *dnp, const char *text)
{
	const char *number = strrchr(text, ' ');
	number = number == NULL ? text : number + 1;
	const char *dot = strchr(number, '.');
	int64_t major;
	int64_t minor;
	if (dot == NULL || dot - number > 3 || strspn(dot + 1, "0123456789") != 2) {
		return false;
	}
	char digits[8] = "";
	memcpy(digits, number, (size_t)(dot - number));
	char after[3] = {dot[1], dot[2], '\0'};
	if (!text_to_int(digits, 0, 99, &major) || !text_to_int(after, 0, 99, &minor)) {
		return false;
	}
	dnp->firmware = (int)(major * 100 + minor);
	dnp->no_rewind = dot[3] == 'A';
	text_copy(dnp->firmware_text, sizeof dnp->firmware_text, text);
	return true;
}

static bool ask_firmware(struct dnp *dnp, struct err *err)
{
	char text[DNP_REPLY_MAX + 1];
	if (!dnp_ask(dnp, "INFO", "FVER", text, err)) {
		return false;
	}
	if (strstr(text, "RW") != NULL) {
		return err_set(err, REMEDY_ATTEND, "printer-unfit",
			"printer %s: it waits for new firmware (%.20s) and can't print: finish its "
			"update, or switch it off and on",
			dnp->device->printer, text);
	}
	return read_firmware(dnp, text) || no_sense(dnp, "FVER", text, err);
}

static bool ask_serial(struct dnp *dnp, struct err *err)
{
	char text[DNP_REPLY_MAX + 1];
	const char *serial = dnp->line->identity.serial;
	if (serial[0] == '\0') {
		if (!dnp_ask(dnp, "INFO", "SERIAL_NUMBER", text, err)) {
			return false;
		}
		serial = text;
	}
	const char *pinned = dnp->device->uuid;
	if (pinned != NULL && pinned[0] != '\0' && strcmp(pinned, serial) != 0) {
		return err_set(err, REMEDY_ATTEND, "printer-changed",
			"printer %s: another printer answers (serial %.40s, expected %.40s); "
			"nothing was sent. If it was exchanged on purpose, enter the new serial",
			dnp->device->printer, serial, pinned);
	}
	if (strcmp(dnp->serial, serial) != 0) {
		dnp->coat_before = -1;
	}
	text_copy(dnp->serial, sizeof dnp->serial, serial);
	return serial[0] != '\0' || no_sense(dnp, "SERIAL_NUMBER", serial, err);
}

bool dnp_identify(struct dnp *dnp, struct err *err)
{
	const struct usb_identity *identity = &dnp->line->identity;
	dnp->model = dnp_model_of(identity->vendor, identity->product, identity->manufacturer);
	if (dnp->model == NULL) {
		return err_set(err, REMEDY_ATTEND, "printer-unfit",
			"printer %s: a device %04x:%04x is none of the dye-subs that are known "
			"here. Correct its model in the configuration",
			dnp->device->printer, identity->vendor, identity->product);
	}
	text_copy(dnp->title, sizeof dnp->title, dnp->model->title);
	return ask_firmware(dnp, err) && ask_serial(dnp, err);
}

/* ---- how it is ---- */

static bool ask_media(struct dnp *dnp, struct dnp_look *look, struct err *err)
{
	int64_t code;
	if (!ask_number(dnp, "INFO", "MEDIA", 4, 3, &code, err)) {
		return false;
	}
	bool is_marked = code % 2 == 1 && dnp->model->family != DNP_QW410;
	look->media_code = (int)(is_marked ? code - 1 : code);
	return true;
}

/* The rule of facts: 0 is 0; older models say one too few; what it keeps back is no print. */
static bool ask_left(struct dnp *dnp, struct dnp_look *look, struct err *err)
{
	int64_t kept = dnp->model->counts_less ? KEPT_BACK : 0;
	bool says_offset = dnp->firmware >= dnp_able_from(dnp->model, DNP_CAN_SAY_OFFSET);
	if (!ask_number(dnp, "INFO", "MQTY", 4, ANY_DIGITS, &look->left, err) ||
		(says_offset &&
			!ask_number(dnp, "INFO", "MEDIA_OFFSET", 4, ANY_DIGITS, &kept, err))) {
		return false;
	}
	if (look->left > 0 && dnp->model->counts_less) {
		look->left++;
	}
	look->left_worth = look->left > kept ? look->left - kept : 0;
	return true;
}

static bool ask_new_count(struct dnp *dnp, struct dnp_look *look, struct err *err)
{
	look->new_count = dnp_media_new_count(dnp->model->family, look->media_code);
	return dnp->firmware < dnp_able_from(dnp->model, DNP_CAN_SAY_NEW_COUNT) ||
	       ask_number(dnp, "INFO", "MQTY_DEFAULT", 4, ANY_DIGITS, &look->new_count, err);
}

bool dnp_look(struct dnp *dnp, struct dnp_look *look, struct err *err)
{
	bool halves = dnp->model->rewinds && !dnp->no_rewind;
	*look = (struct dnp_look){.halves = COUNT_UNKNOWN};
	if (!dnp_status_code(dnp, &look->code, err) ||
		!dnp_free_buffers(dnp, &look->free_buffers, err) ||
		!ask_number(dnp, "INFO", "PQTY", 4, ANY_DIGITS, &look->in_work, err) ||
		!ask_media(dnp, look, err) || !ask_left(dnp, look, err) ||
		!ask_new_count(dnp, look, err) ||
		(halves && !ask_number(dnp, "INFO", "RQTY", 4, ANY_DIGITS, &look->halves, err))) {
		return false;
	}
	look->condition = dnp_condition_of(look->code);
	return ask_number(dnp, "MNT_RD", "COUNTER_LIFE", 2, ANY_DIGITS, &look->life, err);
}

bool dnp_is_at_rest(const struct dnp_look *look)
{
	return look->condition->kind == DNP_REST && look->free_buffers >= DNP_BUFFERS;
}

void dnp_facts_of(const struct dnp *dnp, const struct dnp_look *look, struct dnp_facts *facts)
{
	*facts = (struct dnp_facts){.model = dnp->model,
		.firmware = dnp->firmware,
		.no_rewind = dnp->no_rewind,
		.media_code = look->media_code,
		.halves = look->halves,
		.coat_before = dnp->coat_before};
}

static void add_reason(struct device_status *status, const char *reason)
{
	if (reason[0] != '\0') {
		text_copy(status->reasons[status->n_reasons++], sizeof status->reasons[0], reason);
	}
}

static void add_ready(
	const struct dnp *dnp, const struct dnp_look *look, struct device_status *status)
{
	struct dnp_facts facts;
	dnp_facts_of(dnp, look, &facts);
	status->says_ready = true;
	status->n_ready = dnp_plan_ready(&facts, status->ready);
	for (int32_t i = 0; i < status->n_ready; i++) {
		struct ready_media *ready = &status->ready[i];
		bool by_halves = look->halves >= 0 && ready->sheets_left == DNP_COUNTS_HALVES;
		int64_t left = by_halves ? look->halves : look->left_worth;
		ready->sheets_left = left > INT32_MAX ? INT32_MAX : (int32_t)left;
	}
}

static void add_ribbon(const struct dnp_look *look, struct device_status *status)
{
	if (look->new_count <= 0) {
		return;
	}
	int64_t percent = look->left_worth * 100 / look->new_count;
	struct supply *supply = &status->supplies[status->n_supplies++];
	text_copy(supply->name, sizeof supply->name, "ribbon and paper");
	text_copy(supply->type, sizeof supply->type, "ribbon-wax");
	supply_judge(supply, percent > 100 ? 100 : (int32_t)percent, -1, -1);
}

void dnp_status_of(const struct dnp *dnp, const struct dnp_look *look, struct device_status *status)
{
	static const enum device_state states[] = {
		[DNP_REST] = DEVICE_IDLE,
		[DNP_PRINTS] = DEVICE_PROCESSING,
		[DNP_WAITS] = DEVICE_PROCESSING,
		[DNP_HANDS] = DEVICE_STOPPED,
		[DNP_REFUSED] = DEVICE_IDLE,
		[DNP_BROKEN] = DEVICE_STOPPED,
	};
	*status = (struct device_status){.state = states[look->condition->kind],
		.accepting = true,
		.up_time_s = COUNT_UNKNOWN,
		.life_count = look->life};
	status->takes[FORMAT_PWG] = dnp->model->columns > 0;
	text_copy(status->uuid, sizeof status->uuid, dnp->serial);
	text_copy(status->title, sizeof status->title, dnp->title);
	text_copy(status->firmware, sizeof status->firmware, dnp->firmware_text);
	snprintf(status->message, sizeof status->message, "it %s (%04d)", look->condition->says,
		look->code);
	add_reason(status, look->condition->reason);
	add_ready(dnp, look, status);
	add_ribbon(look, status);
	if (look->left_worth <= LOW_SHEETS && look->condition->kind <= DNP_PRINTS) {
		add_reason(status, "media-low");
	}
}

void dnp_witness_of(const struct dnp *dnp, const struct dnp_look *look, struct witness *witness)
{
	int64_t used = DNP_BUFFERS - look->free_buffers;
	bool busy = look->condition->kind != DNP_REST && look->in_work > 0;
	busy |= look->condition->kind == DNP_PRINTS;
	*witness = (struct witness){.read = true,
		.up_time_s = COUNT_UNKNOWN,
		.impressions = COUNT_UNKNOWN,
		.life_count = look->life,
		.media_left = look->left,
		.jobs_active = used > 0 ? (int32_t)used
			       : busy   ? 1
					: 0};
	text_copy(witness->uuid, sizeof witness->uuid, dnp->serial);
}
