/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to the order service. Each kind is a chore with its own next time, one of a kind under way
 * at a time; a call that was not answered is made again with the same key.
 */
#include "farm/own.h"
#include "rules/backoff.h"
#include <string.h>

#define BACK_MS 2000 /* once one call was answered, all that nobody heard are made within that */

const char *call_name(enum chore chore)
{
	static const char *const names[CHORES] = {
		[CHORE_SESSION] = "session",
		[CHORE_CLOSED] = "closed",
		[CHORE_OFFER] = "offer",
		[CHORE_ACQUIRE] = "acquire",
		[CHORE_EXTEND] = "extend",
		[CHORE_START] = "start",
		[CHORE_EVENTS] = "events",
		[CHORE_RELEASE] = "release",
	};
	return names[chore];
}

const char *call_begin(struct farm *farm, enum chore chore)
{
	struct call *call = &farm->calls[chore];
	call->busy = true;
	call->session = farm->session_number;
	if (call->key[0] == '\0') {
		farm_key(farm, call->key);
	}
	farm_point(farm, "calling", call_name(chore));
	return call->key;
}

/* Calls that nobody heard need not wait any longer; one that was answered with a refusal does. */
static void cloud_is_back(struct farm *farm)
{
	if (farm->cloud_fault[0] == '\0') {
		return;
	}
	log_info("cloud", "reached again");
	farm->cloud_fault[0] = '\0';
	farm->line_due = farm->line_all = true;
	for (int chore = 0; chore < CHORES; chore++) {
		struct call *call = &farm->calls[chore];
		if (call->unheard && !call->busy) {
			call->unheard = false;
			call->not_before_ms = 0;
			chore_at(farm, (enum chore)chore,
				farm_now(farm) + (int64_t)(farm_chance(farm) % BACK_MS));
		}
	}
}

/* What a new session, or the offer told anew, cures at once. */
static bool is_forgotten(const struct err *err)
{
	return strcmp(err->code, "session-unknown") == 0 ||
	       strcmp(err->code, "session-needed") == 0;
}

/* What no later try cures by itself: our own mistake, or a person's word at the service. An old
 * copy of the store has a card of its own. */
static void alarm(struct farm *farm, const struct err *err)
{
	bool ours = err->remedy == REMEDY_REJECT && strcmp(err->code, "too-large") != 0;
	bool theirs = err->remedy == REMEDY_FATAL && strcmp(err->code, "store-rollback") != 0;
	if (ours || theirs) {
		incident_raise(farm, "", NULL, ours ? "call-refused" : "floor-refused", err->text);
	}
}

static void cloud_failed(struct farm *farm, enum chore chore, const struct err *err)
{
	if (strcmp(err->code, "offer-unknown") == 0) {
		return; /* the offer has changed meanwhile: nobody's fault, and it is told anew */
	}
	if (strcmp(farm->cloud_fault, err->text) != 0) {
		log_warn("cloud", "%s", err->text);
		text_copy(farm->cloud_fault, sizeof farm->cloud_fault, err->text);
		farm->line_due = farm->line_all = true;
	}
	alarm(farm, err);
	/* a call of an earlier session says nothing against the present one */
	if (is_forgotten(err) && chore != CHORE_SESSION &&
		farm->calls[chore].session == farm->session_number) {
		farm->session_open = false;
		/* it forgot everybody at once: a fleet does not come back at once */
		chore_at(farm, CHORE_SESSION,
			farm_now(farm) +
				(int64_t)(farm_chance(farm) % (uint64_t)farm->heartbeat_ms));
	}
}

void call_answered(
	struct farm *farm, enum chore chore, const struct err *err, int64_t retry_after_ms)
{
	struct call *call = &farm->calls[chore];
	farm_point(farm, "answered", call_name(chore));
	call->busy = false;
	if (err == NULL) {
		*call = (struct call){0};
		cloud_is_back(farm);
		return;
	}
	call->tries++;
	call->unheard = strcmp(err->code, "no-answer") == 0 || strcmp(err->code, "no-name") == 0;
	cloud_failed(farm, chore, err);
	if (err->remedy != REMEDY_RETRY) {
		call->key[0] = '\0'; /* refused: that key's call is over */
	}
	bool hard = err->remedy == REMEDY_FATAL;
	int64_t wait_ms = call_wait_ms(call->tries, hard, retry_after_ms, farm_chance(farm));
	bool cured = is_forgotten(err) || strcmp(err->code, "offer-unknown") == 0;
	call->not_before_ms = cured ? 0 : farm_now(farm) + wait_ms;
	farm->chore_ms[chore] = cured ? farm->chore_ms[chore] : 0;
	chore_at(farm, chore, farm_now(farm) + wait_ms);
}

void (*const lease_chores[CHORES])(struct farm *farm) = {
	[CHORE_SESSION] = leases_ask_session,
	[CHORE_CLOSED] = reconcile_ask_closed,
	[CHORE_OFFER] = offer_ask,
	[CHORE_ACQUIRE] = leases_ask_acquire,
	[CHORE_EXTEND] = leases_ask_extend,
	[CHORE_START] = permit_ask,
	[CHORE_EVENTS] = outbox_send_events,
	[CHORE_RELEASE] = outbox_send_release,
	[CHORE_RETENTION] = retention_run,
	[CHORE_HOT_FOLDER] = hot_chore,
	[CHORE_SENSORS] = sensors_chore,
};
