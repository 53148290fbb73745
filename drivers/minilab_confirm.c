/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of a hand-over to a minilab. One thing can be proven, that the machine never got the
 * ticket: it is taken away under the name that it had before. All else says only that the machine
 * has it, or had it; what came out a person counts at the exit.
 */
#include "drivers/minilab.h"
#include "base/clock.h"
#include <stdio.h>

#define FINISH_MS (10 * MINUTE_MS) /* from the ticket's going until the rest must have followed */

/* Where an attempt stands, as the folder shows it. */
enum place { PLACE_WAITS, PLACE_IN_HAND, PLACE_DONE, PLACE_REFUSED, PLACE_GONE };

static bool in_folder(
	const struct minilab *lab, const char *sub, const char *key, bool *has, struct err *err)
{
	bool ticket = false;
	bool picture = false;
	*has = false;
	if (sub[0] == '\0') {
		return true;
	}
	if (!minilab_has(lab, sub, key, FILE_TICKET, &ticket, err) ||
		!minilab_has(lab, sub, key, FILE_PICTURE, &picture, err)) {
		return false;
	}
	*has = ticket || picture;
	return true;
}

static bool find_place(
	const struct minilab *lab, const char *key, enum place *place, struct err *err)
{
	const struct model_folder *folder = &lab->device->model.folder;
	bool ticket, picture, done, refused;
	if (!minilab_has(lab, "", key, FILE_TICKET, &ticket, err) ||
		!minilab_has(lab, "", key, FILE_PICTURE, &picture, err) ||
		!in_folder(lab, folder->error, key, &refused, err) ||
		!in_folder(lab, folder->done, key, &done, err)) {
		return false;
	}
	*place = ticket                    ? PLACE_WAITS
		 : refused                 ? PLACE_REFUSED
		 : picture                 ? PLACE_IN_HAND
		 : done                    ? PLACE_DONE
		 : folder->done[0] != '\0' ? PLACE_IN_HAND /* it is not yet where it ends */
					   : PLACE_GONE;
	return true;
}

static void say(struct receipt *receipt, enum verdict verdict, const char *text)
{
	receipt->verdict = verdict;
	snprintf(receipt->text, sizeof receipt->text, "%s", text);
}

static void judge(struct minilab *lab, const struct attempt *attempt, enum place place,
	struct receipt *receipt)
{
	static const char *const texts[] = {
		[PLACE_WAITS] = "it lies in the folder, and the machine has not taken it yet",
		[PLACE_IN_HAND] = "the machine has taken its ticket and is at it",
		[PLACE_DONE] = "the machine is done with it; count what lies at its exit",
		[PLACE_REFUSED] = "put aside as faulty: look there why, and count what came out",
		[PLACE_GONE] = "it lies in the folder no longer; count what came out at the exit",
	};
	int64_t since_ms = minilab_seen_ms(lab, attempt->key, (int32_t)place);
	int64_t patience_ms =
		FINISH_MS + (int64_t)attempt->copies * lab->device->model.ms_per_print;
	if (place == PLACE_IN_HAND && since_ms > patience_ms) {
		say(receipt, VERDICT_UNKNOWN,
			"the machine took its ticket long ago and has left the rest of it: look "
			"at the machine, and at its exit");
		return;
	}
	bool is_open = place == PLACE_WAITS || place == PLACE_IN_HAND;
	say(receipt, is_open ? VERDICT_PENDING : VERDICT_UNKNOWN, texts[place]);
}

/* The ticket under the name of before, taken away: nobody can give it to the machine any more. */
static bool confirm_committed(struct minilab *lab, const struct attempt *attempt,
	struct receipt *receipt, struct err *err)
{
	bool was;
	bool had_ticket;
	enum place place;
	if (!minilab_remove(lab, attempt->key, FILE_TICKET_PART, &was, err)) {
		return false;
	}
	if (was) {
		say(receipt, VERDICT_NOT_TAKEN,
			"its ticket was written and never given; the machine begins nothing "
			"without one");
		return minilab_remove_all(lab, attempt->key, &had_ticket, err);
	}
	if (!find_place(lab, attempt->key, &place, err)) {
		return false;
	}
	judge(lab, attempt, place, receipt);
	return true;
}

static bool confirm_below(struct minilab *lab, const struct attempt *attempt,
	struct receipt *receipt, struct err *err)
{
	bool had_ticket;
	if (!minilab_remove_all(lab, attempt->key, &had_ticket, err)) {
		return false;
	}
	if (had_ticket) { /* somebody else gave it: no hand-over gets there unstored */
		say(receipt, VERDICT_UNKNOWN,
			"its ticket lay in the folder before it was given: look at the machine");
		return true;
	}
	say(receipt, VERDICT_NOT_TAKEN,
		"its ticket was never given; the machine begins nothing without one");
	return true;
}

bool minilab_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct minilab *lab = device->own;
	struct receipt result = {.evidence = EVIDENCE_NONE};
	if (!minilab_look(lab, err)) {
		return false;
	}
	bool committed = attempt->phase >= PHASE_COMMITTED;
	if (!(committed ? confirm_committed : confirm_below)(lab, attempt, &result, err) ||
		!device->driver->witness(device, &result.after, err)) {
		return false;
	}
	*receipt = result;
	return true;
}
