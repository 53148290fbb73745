/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing a page over. Settings and planes first, which print nothing by themselves; the printer is
 * then asked whether it takes them as they are; then COMMITTED is stored, and only then START goes.
 * Of a page that has to be sent copy by copy each next one goes as soon as a buffer is free, so
 * that the printer never waits for us.
 */
#include "drivers/dnp.h"
#include "drivers/dnp_plane.h"
#include "rules/condition.h"
#include <stdio.h>
#include <string.h>

#define POLL_MS   INT64_C(100)
#define SETTLE_MS INT64_C(3000) /* buffers of a printer at rest are free by then */

struct hand_over {
	struct dnp *dnp;
	const struct attempt *attempt;
	const struct send_hooks *hooks;
	struct dnp_plan plan;
	struct dnp_image image;
	bool committed;
};

/* ---- before the first byte ---- */

bool dnp_clear(struct dnp *dnp, struct err *err)
{
	return dnp_tell(dnp, "CNTRL", "CANCEL", NULL, 0, err);
}

/* It stands as the last job left it: wrong data, or planes without their START. */
static bool tidy(struct dnp *dnp, struct dnp_look *look, struct err *err)
{
	bool is_left = look->condition->kind == DNP_REFUSED ||
		       (look->condition->kind == DNP_REST && !dnp_is_at_rest(look));
	if (!is_left) {
		return true;
	}
	struct device *device = dnp->device;
	return dnp_clear(dnp, err) &&
	       (device->pause(device->host, SETTLE_MS) || dnp_stopped(dnp, err)) &&
	       dnp_look(dnp, look, err);
}

static bool is_ready(struct dnp *dnp, const struct dnp_look *look, struct err *err)
{
	const char *name = dnp->device->printer;
	struct device_status status;
	dnp_status_of(dnp, look, &status);
	if (!condition_lets_print(name, &status, err)) {
		return false;
	}
	if (look->condition->kind == DNP_REFUSED) {
		return err_set(err, REMEDY_ATTEND, "printer-stopped",
			"printer %s: it %s (%d) and stays so: switch it off and on", name,
			look->condition->says, look->code);
	}
	return dnp_is_at_rest(look) || err_set(err, REMEDY_RETRY, "printer-busy",
					       "printer %s: it still prints something else", name);
}

static bool ribbon_is_its_own(struct dnp *dnp, struct err *err)
{
	char lot[33];
	if (dnp->firmware < dnp_able_from(dnp->model, DNP_MUST_SAY_LOT)) {
		return true;
	}
	if (!dnp_lot(dnp, lot, sizeof lot, err)) {
		return false;
	}
	return lot[0] != '\0' || err_set(err, REMEDY_ATTEND, "media-not-loaded",
					 "printer %s: its ribbon is not one for this model (the "
					 "chip says no lot). Load one that is",
					 dnp->device->printer);
}

/* ---- settings and planes ---- */

struct setting {
	const char *group, *name;
	bool is_said;
	int64_t value;
};

static bool send_settings(const struct hand_over *over, struct err *err)
{
	const struct dnp_plan *plan = &over->plan;
	const struct setting settings[] = {
		{"CNTRL", "BUFFCNTRL", plan->resumes, 1},
		{"CNTRL", "OVERCOAT", true, plan->coat},
		{"CNTRL", "CUTTER", true, plan->cutter},
		{"CNTRL", "PRINTSPEED", plan->says_speed, 0},
		{"IMAGE", "MULTICUT", true, plan->code},
	};
	char text[24];
	snprintf(text, sizeof text, "%07d\r", (int)plan->count);
	if (!dnp_tell(over->dnp, "CNTRL", "QTY", text, 8, err)) {
		return false;
	}
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		snprintf(text, sizeof text, "%08d", (int)settings[i].value);
		if (settings[i].is_said &&
			!dnp_tell(over->dnp, settings[i].group, settings[i].name, text, 8, err)) {
			return false;
		}
	}
	return true;
}

static bool send_image(const struct hand_over *over, struct err *err)
{
	if (!send_settings(over, err)) {
		return false;
	}
	for (int plane = 0; plane < DNP_PLANES; plane++) {
		if (!dnp_tell(over->dnp, "IMAGE", dnp_plane_name(plane), over->image.planes[plane],
			    over->image.plane_bytes, err)) {
			return false;
		}
	}
	return true;
}

/* It checks sizes when it has the planes, so this is asked before anything can print. */
static bool takes_it(const struct hand_over *over, struct err *err)
{
	struct dnp *dnp = over->dnp;
	int code;
	if (!dnp_status_code(dnp, &code, err)) {
		return false;
	}
	const struct dnp_condition *condition = dnp_condition_of(code);
	if (condition->kind <= DNP_WAITS || over->committed) {
		return condition->kind != DNP_REFUSED ||
		       err_set(err, REMEDY_UNSURE, "unsure", "it %s (%d)", condition->says, code);
	}
	if (condition->kind == DNP_REFUSED) {
		return err_set(err, REMEDY_REJECT, "document-refused",
			"printer %s: it %s (%d), multicut code %d. Nothing was printed; check its "
			"model's file",
			dnp->device->printer, condition->says, code, over->plan.code);
	}
	return err_set(err, REMEDY_ATTEND, condition->reason,
		"printer %s: it %s; nothing was printed", dnp->device->printer, condition->says);
}

/* ---- START, and the copies after the first ---- */

static bool start(struct hand_over *over, struct err *err)
{
	struct dnp *dnp = over->dnp;
	int code;
	if (!over->committed && !over->hooks->committed(over->hooks->host)) {
		return dnp_stopped(dnp, err);
	}
	over->committed = true;
	if (!dnp_tell(dnp, "CNTRL", "START", NULL, 0, err)) {
		return false;
	}
	dnp->coat_before = over->plan.coat;
	return dnp_status_code(dnp, &code, err); /* it has heard START when it answers this */
}

/* Waits as long as the printer does: for its paper, a person, its temperature. */
static bool wait_for_buffers(const struct hand_over *over, int32_t want, struct err *err)
{
	struct dnp *dnp = over->dnp;
	struct device *device = dnp->device;
	int last_code = -1;
	for (;;) {
		int64_t free_buffers;
		int code;
		if (!dnp_free_buffers(dnp, &free_buffers, err)) {
			return false;
		}
		if (free_buffers >= want) {
			return true;
		}
		if (!dnp_status_code(dnp, &code, err)) {
			return false;
		}
		const struct dnp_condition *condition = dnp_condition_of(code);
		if (condition->kind == DNP_REFUSED) {
			return err_set(
				err, REMEDY_UNSURE, "unsure", "it %s (%d)", condition->says, code);
		}
		struct dnp_look look;
		struct device_status status;
		if (code != last_code && device->saw != NULL) {
			if (!dnp_look(dnp, &look, err)) {
				return false;
			}
			dnp_status_of(dnp, &look, &status);
			device->saw(device->host, &status);
		}
		last_code = code;
		if (!device->pause(device->host, POLL_MS)) {
			return dnp_stopped(dnp, err);
		}
	}
}

static bool send_all(struct hand_over *over, struct err *err)
{
	for (int32_t i = 0; i < over->plan.sends; i++) {
		int32_t want = i == 0 ? over->plan.buffers : over->plan.buffers_next;
		if (!wait_for_buffers(over, want, err) || !send_image(over, err) ||
			!takes_it(over, err) || !start(over, err)) {
			return false;
		}
	}
	return true;
}

static bool unsure(const struct hand_over *over, struct err *err)
{
	char why[ERR_TEXT_MAX];
	text_copy(why, sizeof why, err->text);
	return err_set(
		err, REMEDY_UNSURE, "unsure", "after START of %s: %.240s", over->attempt->key, why);
}

static bool hand_over(struct hand_over *over, struct err *err)
{
	const struct send_hooks *hooks = over->hooks;
	bool goes_on = over->plan.note[0] == '\0' || hooks->opened(hooks->host, 0, over->plan.note);
	if (!goes_on || !hooks->sending(hooks->host)) {
		return dnp_stopped(over->dnp, err);
	}
	if (send_all(over, err)) {
		return true;
	}
	return over->committed ? unsure(over, err) : false;
}

bool dnp_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct dnp *dnp = device->own;
	struct dnp_look look;
	struct dnp_facts facts;
	struct hand_over over = {.dnp = dnp, .attempt = attempt, .hooks = hooks};
	if (!dnp_enter(dnp, err) || !dnp_look(dnp, &look, err) || !tidy(dnp, &look, err) ||
		!is_ready(dnp, &look, err) || !ribbon_is_its_own(dnp, err)) {
		return false;
	}
	dnp_facts_of(dnp, &look, &facts);
	if (!dnp_plan_make(device, &facts, document, attempt->copies, &over.plan, err)) {
		return false;
	}
	if (!dnp_image_make(&over.plan, document, &over.image, err)) {
		return err_wrap(err, "printer %s", device->printer);
	}
	bool fine = hand_over(&over, err);
	dnp_image_fini(&over.image);
	return fine;
}
