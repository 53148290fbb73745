/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an attempt at the fake printer: by its life counter, as with a real dye-sub. The
 * counter proves where platen is the only user; one that stands still is read twice, since it may
 * lag.
 */
#include "drivers/fake.h"
#include "drivers/receipt.h"
#include <string.h>

static bool read_after(
	struct fake *fake, struct receipt *receipt, enum fake_halt *halt, struct err *err)
{
	if (!fake_look(fake, err)) {
		return false;
	}
	fake_witness_of(fake, &receipt->after);
	*halt = fake->state.halt;
	fake_leave(fake);
	return true;
}

/* True when it is settled; false: the counter stands below the copies and the machine rests. */
static bool settle(const struct attempt *attempt, enum fake_halt halt, struct receipt *receipt)
{
	static const char *const halts[] = {"", ", jammed", ", cover open", ", out of media"};
	const struct witness *after = &receipt->after;
	int64_t moved = after->life_count - attempt->before.life_count;
	if (after->jobs_active > 0) {
		receipt_conclude(receipt, VERDICT_PENDING, EVIDENCE_NONE, 0, "%lld of %d printed%s",
			(long long)moved, (int)attempt->copies, halts[halt]);
		return true;
	}
	if (moved == attempt->copies) {
		receipt_conclude(receipt, VERDICT_DONE, EVIDENCE_COUNTER, moved,
			"life counter rose by %lld, from %lld to %lld", (long long)moved,
			(long long)attempt->before.life_count, (long long)after->life_count);
		return true;
	}
	if (moved < 0 || moved > attempt->copies) {
		receipt_conclude(receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"life counter went from %lld to %lld for %d copies: look for duplicates in "
			"the tray",
			(long long)attempt->before.life_count, (long long)after->life_count,
			(int)attempt->copies);
		return true;
	}
	return false;
}

static void settle_short(const struct attempt *attempt, struct receipt *receipt)
{
	int64_t moved = receipt->after.life_count - attempt->before.life_count;
	receipt_conclude(receipt, moved == 0 ? VERDICT_NOT_TAKEN : VERDICT_PARTIAL,
		EVIDENCE_COUNTER, moved, "at rest, and its life counter rose by %lld for %d copies",
		(long long)moved, (int)attempt->copies);
}

static bool counter_proves(
	const struct fake *fake, const struct attempt *attempt, struct receipt *receipt)
{
	const struct witness *before = &attempt->before;
	if (!fake->device->exclusive || !before->read || before->life_count < 0 ||
		before->jobs_active > 0) {
		receipt_conclude(receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"its life counter was not read at rest before, or others print on it: look "
			"in the tray");
		return false;
	}
	if (before->uuid[0] != '\0' && strcmp(before->uuid, receipt->after.uuid) != 0) {
		receipt_conclude(receipt, VERDICT_UNKNOWN, EVIDENCE_NONE, 0,
			"it was sent to another printer (serial %s) than answers now",
			before->uuid);
		return false;
	}
	return true;
}

static bool settle_committed(
	struct fake *fake, const struct attempt *attempt, struct receipt *receipt, struct err *err)
{
	struct device *device = fake->device;
	enum fake_halt halt;
	if (!read_after(fake, receipt, &halt, err)) {
		return false;
	}
	if (!counter_proves(fake, attempt, receipt) || settle(attempt, halt, receipt)) {
		return true;
	}
	int64_t first = receipt->after.life_count;
	if (!device->pause(device->host, device->model.counter_lag_ms)) {
		return err_set(
			err, REMEDY_DROP, "stopped", "printer %s: told to stop", device->printer);
	}
	if (!read_after(fake, receipt, &halt, err)) {
		return false;
	}
	if (settle(attempt, halt, receipt)) {
		return true;
	}
	if (receipt->after.life_count == first) {
		settle_short(attempt, receipt);
	} else {
		receipt_conclude(
			receipt, VERDICT_PENDING, EVIDENCE_NONE, 0, "its counter still moves");
	}
	return true;
}

bool fake_confirm(struct device *device, const struct attempt *attempt, struct receipt *receipt,
	struct err *err)
{
	struct fake *fake = device->own;
	struct receipt result = {.completed = 0};
	if (attempt->phase >= PHASE_COMMITTED) {
		if (!settle_committed(fake, attempt, &result, err)) {
			return false;
		}
	} else {
		enum fake_halt halt;
		if (!read_after(fake, &result, &halt, err)) {
			return false;
		}
		fake_remove(fake, "planes.new");
		receipt_conclude(&result, VERDICT_NOT_TAKEN, EVIDENCE_NONE, 0,
			"START was never given; planes alone print nothing");
	}
	*receipt = result;
	return true;
}
