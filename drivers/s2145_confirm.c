/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt, from its stored identity (the job's id) and its witness alone. Below
 * COMMITTED a quarter of the picture is missing: what is left there is dropped. From COMMITTED on a
 * bank that still has the job says so; then the lifetime counter proves, where nobody else prints,
 * beside what the bank says of its last job; else nothing does, and that is said.
 */
#include "drivers/s2145.h"
#include "drivers/receipt.h"
#include <string.h>

#define DROP_LOOKS 10 /* so often it is looked whether a dropped job is gone */
#define DROP_MS    200

struct inquiry {
	struct s2145 *s;
	const struct attempt *attempt;
	struct receipt *receipt;
	struct s2145_state state;
	const struct s2145_bank *bank; /* of the job, now or last; NULL: none */
	int64_t moved;                 /* the lifetime counter, since before */
};

static bool look(struct inquiry *inquiry, struct err *err)
{
	struct s2145_state *state = &inquiry->state;
	struct witness *after = &inquiry->receipt->after;
	if (!s2145_look(inquiry->s, state, err) ||
		!s2145_witness_of(inquiry->s, state, after, err)) {
		return false;
	}
	int at = s2145_bank_of(state, inquiry->attempt->device_job);
	inquiry->bank = at < 0 ? NULL : &state->banks[at];
	inquiry->moved = after->life_count - inquiry->attempt->before.life_count;
	return true;
}

static bool told_to_stop(const struct s2145 *s, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", s->device->printer);
}

static bool has_job(const struct inquiry *inquiry)
{
	return inquiry->bank != NULL && s2145_bank_is_used(inquiry->bank);
}

bool s2145_drop(struct s2145 *s, uint8_t id, struct err *err)
{
	enum { NO_SUCH_JOB = 0x01 };
	struct s2145_reply reply;
	uint8_t command[S2145_COMMAND_MAX];
	return s2145_ask(s, command, s2145_command(S2145_CANCEL, &id, 1, command), &reply, err) &&
	       (reply.head.ok || reply.head.error == NO_SUCH_JOB ||
		       s2145_refused(s, &reply.head, "cancel a job", err));
}

/* Drops the job and looks until it is gone, or it has taken too long. */
static bool drop_and_look(struct inquiry *inquiry, struct err *err)
{
	struct device *device = inquiry->s->device;
	if (!s2145_drop(inquiry->s, (uint8_t)inquiry->attempt->device_job, err) ||
		!look(inquiry, err)) {
		return false;
	}
	for (int i = 0; has_job(inquiry) && i < DROP_LOOKS; i++) {
		if (!device->pause(device->host, DROP_MS)) {
			return told_to_stop(inquiry->s, err);
		}
		if (!look(inquiry, err)) {
			return false;
		}
	}
	return true;
}

/* Its counter was read before, at the same machine, and nobody else uses it. */
static bool counter_counts(const struct inquiry *inquiry)
{
	const struct witness *before = &inquiry->attempt->before;
	return inquiry->s->device->exclusive && before->read && before->life_count >= 0 &&
	       !before->foreign && inquiry->moved >= 0;
}

/* ---- below COMMITTED ---- */

static bool settle_uncommitted(struct inquiry *inquiry, struct err *err)
{
	if (inquiry->attempt->phase < PHASE_SENDING) {
		receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
			"nothing of it was sent");
		return true;
	}
	if (has_job(inquiry) && !drop_and_look(inquiry, err)) {
		return false;
	}
	if (has_job(inquiry)) {
		receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
			"cut off before its last part; it is being dropped there");
	} else if (counter_counts(inquiry) && inquiry->moved == 0) {
		receipt_conclude(inquiry->receipt, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
			"cut off before its last part, dropped there; its counter did not move");
	} else {
		receipt_conclude(inquiry->receipt, VERDICT_SPOILED, EVIDENCE_NONE, 0,
			"cut off before its last part: an incomplete sheet may have come out");
	}
	return true;
}

/* ---- from COMMITTED on ---- */

static void say_pending(struct inquiry *inquiry)
{
	const struct s2145_head *head = &inquiry->state.head;
	const struct s2145_bank *bank = inquiry->bank;
	const char *why = s2145_is_broken(head) ? s2145_fault_of(head->major, head->minor)->says
						: s2145_doing_of(head->state)->says;
	if (bank == NULL) {
		receipt_conclude(
			inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0, "it is %s", why);
		return;
	}
	receipt_conclude(inquiry->receipt, VERDICT_PENDING, EVIDENCE_NONE, 0,
		"%d of %d printed; the printer says: %s", (int)bank->finished,
		(int)inquiry->attempt->copies, why);
}

/* Others were in the machine before or behind it, so that the counter alone is not enough: what the
 * bank says of its last job must be this job's, and the counter must not speak against it. */
static void settle_by_bank(struct inquiry *inquiry)
{
	const struct s2145_bank *bank = inquiry->bank;
	int32_t copies = inquiry->attempt->copies;
	bool tells = bank != NULL && bank->specified == copies && bank->finished <= copies &&
		     inquiry->moved >= bank->finished;
	if (!tells) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"other prints were in its buffers, and it does not say any more what "
			"became "
			"of this one (counter from %lld to %lld): look in the tray",
			(long long)inquiry->attempt->before.life_count,
			(long long)inquiry->receipt->after.life_count);
		return;
	}
	enum verdict verdict = bank->finished == copies ? VERDICT_DONE
			       : bank->finished > 0     ? VERDICT_PARTIAL
							: VERDICT_NOT_TAKEN;
	receipt_conclude(inquiry->receipt, verdict, EVIDENCE_COUNTER, bank->finished,
		"printer says %d of %d of its job %d, counter rose by %lld", (int)bank->finished,
		(int)copies, (int)bank->id, (long long)inquiry->moved);
}

/* Nothing else was in the machine. True when that settles it; false: fewer came out than were
 * asked for, or the counter lags. */
static bool settle_by_counter(struct inquiry *inquiry)
{
	int32_t copies = inquiry->attempt->copies;
	if (inquiry->moved == copies) {
		receipt_conclude(inquiry->receipt, VERDICT_DONE, EVIDENCE_COUNTER, copies,
			"lifetime counter rose by %d, from %lld to %lld", (int)copies,
			(long long)inquiry->attempt->before.life_count,
			(long long)inquiry->receipt->after.life_count);
		return true;
	}
	if (inquiry->moved > copies) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"lifetime counter rose by %lld for %d copies: look for duplicates in the "
			"tray",
			(long long)inquiry->moved, (int)copies);
		return true;
	}
	return false;
}

static void settle_short(struct inquiry *inquiry)
{
	receipt_conclude(inquiry->receipt,
		inquiry->moved == 0 ? VERDICT_NOT_TAKEN : VERDICT_PARTIAL, EVIDENCE_COUNTER,
		inquiry->moved, "at rest, and its lifetime counter rose by %lld for %d copies",
		(long long)inquiry->moved, (int)inquiry->attempt->copies);
}

static bool is_at_rest(const struct inquiry *inquiry)
{
	const struct s2145_head *head = &inquiry->state.head;
	return s2145_banks_used(&inquiry->state) == 0 &&
	       (s2145_is_broken(head) || s2145_doing_of(head->state)->state == DEVICE_IDLE);
}

/* Fewer came out than were asked for: its counter may lag, so it is read twice. */
static bool look_again(struct inquiry *inquiry, struct err *err)
{
	struct device *device = inquiry->s->device;
	int64_t first = inquiry->moved;
	if (!device->pause(device->host, device->model.counter_lag_ms)) {
		return told_to_stop(inquiry->s, err);
	}
	if (!look(inquiry, err)) {
		return false;
	}
	if (has_job(inquiry) || !is_at_rest(inquiry) || inquiry->moved < first) {
		say_pending(inquiry);
	} else if (!settle_by_counter(inquiry)) {
		if (inquiry->moved == first) {
			settle_short(inquiry);
		} else {
			say_pending(inquiry);
		}
	}
	return true;
}

/* The job is in no bank any more. */
static bool settle_gone(struct inquiry *inquiry, struct err *err)
{
	if (!counter_counts(inquiry)) {
		receipt_conclude(inquiry->receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"its counter was not read before or can't be believed, or others print on "
			"it: look in the tray");
		return true;
	}
	if (inquiry->attempt->before.jobs_active != 0 || s2145_banks_used(&inquiry->state) > 0) {
		settle_by_bank(inquiry);
		return true;
	}
	if (!is_at_rest(inquiry)) {
		say_pending(inquiry);
		return true;
	}
	return settle_by_counter(inquiry) || look_again(inquiry, err);
}

/* A bank that still waits for pixels gets none any more: the hand-over was cut off in its tail. */
static bool settle_committed(struct inquiry *inquiry, struct err *err)
{
	if (has_job(inquiry) && inquiry->bank->state == S2145_BANK_FILLS &&
		!drop_and_look(inquiry, err)) {
		return false;
	}
	if (has_job(inquiry)) {
		say_pending(inquiry);
		return true;
	}
	return settle_gone(inquiry, err);
}

bool s2145_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct receipt result = {.completed = 0};
	struct inquiry inquiry = {.s = device->own, .attempt = attempt, .receipt = &result};
	if (!look(&inquiry, err)) {
		return false;
	}
	bool fine = true;
	const char *then = attempt->before.uuid;
	if (attempt->before.read && strcmp(then, result.after.uuid) != 0) {
		receipt_conclude(inquiry.receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it was sent to another printer (serial %.64s) than answers now",
			then[0] == '\0' ? "none" : then);
	} else {
		fine = attempt->phase < PHASE_COMMITTED ? settle_uncommitted(&inquiry, err)
							: settle_committed(&inquiry, err);
	}
	if (fine) {
		*receipt = result;
	}
	return fine;
}
