/* SPDX-License-Identifier: Apache-2.0
 *
 * The dye-subs' row of functions, and its short ones.
 */
#include "drivers/dnp.h"
#include "base/mem.h"
#include "drivers/list.h"
#include <stdlib.h>

#define ORPHAN_MS INT64_C(2000) /* a job that was started is under way by then */

/* Reaches nothing yet: it may be switched on later. */
static bool dnp_open(struct device *device, struct err *err)
{
	(void)err;
	struct dnp *dnp = mem_new(1, sizeof *dnp);
	*dnp = (struct dnp){.device = device, .coat_before = -1};
	device->own = dnp;
	return true;
}

static void dnp_close(struct device *device)
{
	dnp_drop(device->own);
	free(device->own);
	device->own = NULL;
}

static bool dnp_status(struct device *device, struct device_status *status, struct err *err)
{
	struct dnp *dnp = device->own;
	struct dnp_look look;
	if (!dnp_enter(dnp, err) || !dnp_look(dnp, &look, err)) {
		return false;
	}
	dnp_status_of(dnp, &look, status);
	return true;
}

static bool dnp_witness(struct device *device, struct witness *witness, struct err *err)
{
	struct dnp *dnp = device->own;
	struct dnp_look look;
	if (!dnp_enter(dnp, err) || !dnp_look(dnp, &look, err)) {
		return false;
	}
	dnp_witness_of(dnp, &look, witness);
	return true;
}

/* The language can't name a job: where others print, theirs could be stopped. */
static bool dnp_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	struct dnp *dnp = device->own;
	if (!device->exclusive) {
		return err_set(err, REMEDY_ATTEND, "printer-shared",
			"printer %s: others print on it, and it can't be told which job to stop: "
			"stop %s at the printer",
			device->printer, attempt->key);
	}
	return dnp_enter(dnp, err) && dnp_clear(dnp, err);
}

/* Whose planes lie in it nobody can tell, so only those that nobody waits for are taken out: no
 * attempt is under way, and the printer does nothing with them. */
static bool dnp_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
	int32_t *swept, struct err *err)
{
	(void)known;
	struct dnp *dnp = device->own;
	struct dnp_look look;
	*swept = 0;
	if (!dnp_enter(dnp, err) || !dnp_look(dnp, &look, err)) {
		return false;
	}
	if (n_known > 0 || look.condition->kind != DNP_REST || dnp_is_at_rest(&look)) {
		return true;
	}
	if (!device->pause(device->host, ORPHAN_MS)) {
		return dnp_stopped(dnp, err);
	}
	if (!dnp_look(dnp, &look, err)) {
		return false;
	}
	if (look.condition->kind == DNP_REST && !dnp_is_at_rest(&look)) {
		*swept = 1;
		return dnp_clear(dnp, err);
	}
	return true;
}

const struct driver driver_dyesub = {
	.name = "dyesub",
	.open = dnp_open,
	.status = dnp_status,
	.witness = dnp_witness,
	.send = dnp_send,
	.confirm = dnp_confirm,
	.cancel = dnp_cancel,
	.sweep = dnp_sweep,
	.close = dnp_close,
};
