/* SPDX-License-Identifier: Apache-2.0
 *
 * The circuit breaker of a printer: one that fails too often takes nothing more. Its line goes to
 * other printers that can make it (line.c looks again at everybody), what is inside it stays, and a
 * test print opens it again (test_print.c). How the last attempts ended outlives a restart.
 */
#include "farm/own.h"
#include "rules/condition.h"
#include <stdio.h>
#include <string.h>

#define FAILURES_TO_PARK 3

static int32_t failures_of(const struct floor_printer *beside)
{
	int32_t n = 0;
	for (const char *at = beside->outcomes; *at != '\0'; at++) {
		n += *at == 'x';
	}
	return n;
}

/* The oldest goes once there are enough; true when that changed anything. */
static bool remember(struct floor_printer *beside, bool failed)
{
	char before[OUTCOMES_KEPT + 1];
	memcpy(before, beside->outcomes, sizeof before);
	size_t n = strlen(beside->outcomes);
	if (n == OUTCOMES_KEPT) {
		memmove(beside->outcomes, beside->outcomes + 1, n);
		n--;
	}
	beside->outcomes[n] = failed ? 'x' : '.';
	beside->outcomes[n + 1] = '\0';
	return strcmp(before, beside->outcomes) != 0;
}

/* printer->fault says why. */
static void park(struct farm *farm, struct printer *printer)
{
	printer->parked = true;
	log_warn(printer->conf->name, "%s", printer->fault);
	store_audit(farm->ports.store, farm_wall_ms(farm), "platen", "park", printer->conf->name,
		printer->fault);
	printer_told(farm, printer, "parked", "printer-parked", printer->fault);
	offer_changed(farm);
	farm->line_due = farm->line_all = true; /* its line moves */
}

void breaker_count(
	struct farm *farm, struct printer *printer, enum attempt_end end, const char *why)
{
	struct floor_printer *beside = printer_beside(farm, printer);
	if (end == ATTEMPT_BLAMELESS) {
		return;
	}
	bool changed = remember(beside, end == ATTEMPT_FAILED);
	int32_t failures = failures_of(beside);
	if (end == ATTEMPT_FAILED && failures >= FAILURES_TO_PARK && !printer->parked) {
		snprintf(printer->fault, sizeof printer->fault,
			"stopped after %d failures in %d runs (%.180s): look at it, then print a "
			"test sheet",
			(int)failures, OUTCOMES_KEPT, why);
		park(farm, printer);
	}
	if (changed) {
		printer_save(farm, printer);
	}
}

void breaker_look(struct farm *farm, struct printer *printer)
{
	struct condition worst;
	if (printer->parked || !condition_worst(&printer->status, &worst) ||
		worst.effect != EFFECT_REPAIR) {
		return;
	}
	snprintf(printer->fault, sizeof printer->fault, "%s: %s, then print a test sheet",
		worst.says, worst.action);
	park(farm, printer);
	printer_save(farm, printer);
}

void breaker_reset(struct farm *farm, struct printer *printer)
{
	printer->parked = false;
	printer->fault[0] = '\0';
	printer_beside(farm, printer)->outcomes[0] = '\0';
	printer_save(farm, printer);
	offer_changed(farm);
	farm->line_due = farm->line_all = true;
}
