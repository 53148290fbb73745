/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt. The life counter proves, and only while the printer rests with empty
 * buffers: with BUFFCNTRL it finishes by itself what a jam, an empty roll or an open cover has
 * interrupted, so until then the answer is "pending", however long it takes. Counters lag: one that
 * is short of what was asked is read again after the model's counter_lag. MQTY and RQTY
 * stand beside it, where a sheet is not a print.
 */
#include "drivers/dnp.h"
#include "drivers/receipt.h"
#include <inttypes.h>
#include <string.h>

struct inquiry {
	struct dnp *dnp;
	const struct attempt *attempt;
	struct dnp_note note;
	struct dnp_look look;
	struct receipt *receipt;
};

static bool look_again(struct inquiry *inquiry, struct err *err)
{
	struct dnp *dnp = inquiry->dnp;
	if (!dnp_enter(dnp, err) || !dnp_look(dnp, &inquiry->look, err)) {
		return false;
	}
	dnp_witness_of(dnp, &inquiry->look, &inquiry->receipt->after);
	return true;
}

/* ---- what the counters say ---- */

static int64_t moved_of(const struct inquiry *inquiry)
{
	return inquiry->look.life - inquiry->attempt->before.life_count;
}

/* Of ribbon and paper; COUNT_UNKNOWN where another set was loaded meanwhile. */
static int64_t used_of(const struct inquiry *inquiry)
{
	const struct dnp_note *note = &inquiry->note;
	int64_t before = note->rewinds ? note->halves_before : inquiry->attempt->before.media_left;
	int64_t after = note->rewinds ? inquiry->look.halves : inquiry->look.left;
	return before < 0 || after < 0 || after > before ? COUNT_UNKNOWN : before - after;
}

/* All came out, as the life counter says. */
static bool all_are_out(const struct inquiry *inquiry)
{
	int64_t moved = moved_of(inquiry);
	/* of two prints on one sheet, some firmware may count the sheet */
	return moved == inquiry->attempt->copies || (inquiry->note.twice && moved == 1);
}

/* What can't be compared with the count of prints is left out of the witness, so that nobody does.
 */
static void keep_comparable(const struct inquiry *inquiry)
{
	struct witness *after = &inquiry->receipt->after;
	if (inquiry->note.twice && moved_of(inquiry) == 1) {
		after->life_count = COUNT_UNKNOWN;
	}
	if (inquiry->note.rewinds) {
		after->media_left = COUNT_UNKNOWN;
	}
}

static void is_done(const struct inquiry *inquiry)
{
	int64_t before = inquiry->attempt->before.life_count;
	receipt_conclude(inquiry->receipt, VERDICT_DONE, EVIDENCE_COUNTER, inquiry->attempt->copies,
		"life counter rose by %" PRId64 ", from %" PRId64 " to %" PRId64 "%s",
		moved_of(inquiry), before, inquiry->look.life,
		inquiry->note.twice ? "; two prints were on one sheet" : "");
	keep_comparable(inquiry);
}

static void is_contradictory(const struct inquiry *inquiry)
{
	receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
		"life counter went from %" PRId64 " to %" PRId64 " for %d copies, and it used "
		"paper for %" PRId64 ": look in the tray",
		inquiry->attempt->before.life_count, inquiry->look.life,
		(int)inquiry->attempt->copies, used_of(inquiry));
}

/* At rest, nothing moves any more, and it is not all of it. */
static void settle_short(const struct inquiry *inquiry)
{
	const struct dnp_note *note = &inquiry->note;
	int64_t moved = moved_of(inquiry);
	int64_t used = used_of(inquiry);
	if ((note->twice || note->rewinds) && used > moved) {
		is_contradictory(inquiry); /* half a sheet may be out and not counted */
		return;
	}
	bool is_none = moved == 0;
	receipt_conclude(inquiry->receipt, is_none ? VERDICT_NOT_TAKEN : VERDICT_PARTIAL,
		EVIDENCE_COUNTER, moved,
		"at rest with empty buffers, and its life counter rose by %" PRId64
		" for %d copies%s",
		moved, (int)inquiry->attempt->copies,
		used > moved ? "; a sheet more was used: look for waste" : "");
	keep_comparable(inquiry);
}

/* ---- from COMMITTED on ---- */

static bool counter_proves(const struct inquiry *inquiry)
{
	const struct witness *before = &inquiry->attempt->before;
	if (before->uuid[0] != '\0' && strcmp(before->uuid, inquiry->receipt->after.uuid) != 0) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it was sent to another printer (serial %s) than answers now",
			before->uuid);
		return false;
	}
	if (!inquiry->dnp->device->exclusive || !before->read || before->life_count < 0 ||
		before->jobs_active > 0) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"its life counter was not read at rest before, or others print on it: look "
			"in the tray");
		return false;
	}
	return true;
}

/* True: there is nothing to wait for but a lag. */
static bool is_over(const struct inquiry *inquiry)
{
	const struct dnp_look *look = &inquiry->look;
	return look->condition->kind == DNP_REST || look->condition->kind == DNP_REFUSED;
}

static void still_has_it(const struct inquiry *inquiry)
{
	const struct dnp_look *look = &inquiry->look;
	receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
		"%" PRId64 " of %d printed; it %s (%d)%s", moved_of(inquiry),
		(int)inquiry->attempt->copies, look->condition->says, look->code,
		look->condition->kind == DNP_HANDS ? ", then goes on by itself" : "");
}

/* True when it is settled; false: the counters may be late. */
static bool settle(const struct inquiry *inquiry)
{
	int64_t moved = moved_of(inquiry);
	if (!is_over(inquiry)) {
		still_has_it(inquiry);
		return true;
	}
	if (moved < 0 || moved > inquiry->attempt->copies) {
		is_contradictory(inquiry);
		return true;
	}
	int64_t used = used_of(inquiry);
	bool paper_agrees = used < 0 || used >= (inquiry->note.twice ? 1 : moved);
	if (!dnp_is_at_rest(&inquiry->look) || !all_are_out(inquiry) || !paper_agrees) {
		return false;
	}
	is_done(inquiry);
	return true;
}

/* Twice the same, a lag apart. Buffers that are not empty then hold planes that were never started:
 * of a worker that died while it sent the next copy. */
static bool settle_late(struct inquiry *inquiry, struct err *err)
{
	const struct dnp_look first = inquiry->look;
	struct device *device = inquiry->dnp->device;
	if (!device->pause(device->host, device->model.counter_lag_ms)) {
		return dnp_stopped(inquiry->dnp, err);
	}
	if (!look_again(inquiry, err)) {
		return false;
	}
	if (settle(inquiry)) {
		return true;
	}
	const struct dnp_look *look = &inquiry->look;
	if (look->life != first.life || look->free_buffers != first.free_buffers) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"its counters still move");
	} else if (!dnp_is_at_rest(look) && look->condition->kind == DNP_REST) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"planes that were never started are taken out of it");
		return dnp_clear(inquiry->dnp, err);
	} else if (all_are_out(inquiry)) {
		is_done(inquiry); /* the paper's count stays behind: the floor looks into that */
	} else if (look->condition->kind == DNP_REFUSED) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it %s (%d), after %" PRId64 " of %d: it is not sent again unasked",
			look->condition->says, look->code, moved_of(inquiry),
			(int)inquiry->attempt->copies);
	} else {
		settle_short(inquiry);
	}
	return true;
}

/* ---- below COMMITTED ---- */

/* Planes print nothing without START. They are taken out, unless something else is under way. */
static bool settle_unstarted(struct inquiry *inquiry, struct err *err)
{
	bool may_clear = is_over(inquiry) && !(dnp_is_at_rest(&inquiry->look));
	if (may_clear && !dnp_clear(inquiry->dnp, err)) {
		return false;
	}
	receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
		"START was never given; planes alone print nothing");
	return true;
}

bool dnp_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct receipt result = {.completed = 0};
	struct inquiry inquiry = {.dnp = device->own, .attempt = attempt, .receipt = &result};
	bool is_noted = dnp_note_read(attempt->device_job_uuid, &inquiry.note);
	if (!look_again(&inquiry, err)) {
		return false;
	}
	bool fine = true;
	if (attempt->phase < PHASE_COMMITTED) {
		fine = settle_unstarted(&inquiry, err);
	} else if (!is_noted) {
		receipt_conclude(inquiry.receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"how it was handed over (%.40s) is not known to this platen: look in the "
			"tray",
			attempt->device_job_uuid);
	} else if (counter_proves(&inquiry) && !settle(&inquiry)) {
		fine = settle_late(&inquiry, err);
	}
	if (fine) {
		*receipt = result;
	}
	return fine;
}
