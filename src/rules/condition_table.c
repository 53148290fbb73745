/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of printer-state-reasons: keywords with words of their own, then those that are made of
 * a part and an event, as PWG 5100.9 makes them of the Printer MIB's alert codes. Which of them
 * stop a line is a photo floor's choice: a worn cutter goes on cutting, a full waste box does not.
 */
#include "rules/condition_own.h"
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct row {
	const char *keyword;
	enum effect effect;
	const char *says, *action;
} rows[] = {
	/* paper */
	{"media-empty", EFFECT_HANDS, "is out of paper", "load some"},
	{"media-needed", EFFECT_HANDS, "asks for paper", "load what it shows"},
	{"media-low", EFFECT_SOON, "is low on paper", "have some at hand"},
	{"media-jam", EFFECT_HANDS, "has a paper jam", "clear it"},
	{"media-drying", EFFECT_WAIT, "lets a print dry", ""},
	{"media-path-cannot-duplex-media-selected", EFFECT_TELL, "can't turn this paper over", ""},
	{"media-path-input-empty", EFFECT_HANDS, "is out of paper", "load some"},
	{"media-path-input-request", EFFECT_HANDS, "asks for paper", "load what it shows"},
	{"media-path-output-full", EFFECT_HANDS, "has a full output tray", "empty it"},
	{"input-manual-input-request", EFFECT_HANDS, "waits for a sheet fed by hand", "feed it"},
	{"input-cannot-feed-size-selected", EFFECT_HANDS, "can't feed this size", "load it anew"},
	{"input-cannot-feed-side-selected", EFFECT_HANDS, "can't feed this side", "load it anew"},
	{"input-media-color-change", EFFECT_TELL, "has paper of another colour", ""},
	{"input-media-form-parts-change", EFFECT_TELL, "has paper of other parts", ""},
	{"input-media-size-change", EFFECT_TELL, "has paper of another size", ""},
	{"input-media-type-change", EFFECT_TELL, "has paper of another type", ""},
	{"input-media-weight-change", EFFECT_TELL, "has paper of another weight", ""},
	{"input-tray-missing", EFFECT_HANDS, "misses its paper tray", "put it in"},
	{"input-tray-position-failure", EFFECT_HANDS, "has its paper tray askew", "put it in anew"},
	{"output-area-almost-full", EFFECT_SOON, "has an almost full output tray", "empty it"},
	{"output-area-full", EFFECT_HANDS, "has a full output tray", "empty it"},
	{"output-tray-missing", EFFECT_HANDS, "misses its output tray", "put it in"},
	{"output-mailbox-select-failure", EFFECT_HANDS, "can't reach an output tray", "look there"},
	/* ink, ribbon, waste */
	{"marker-supply-low", EFFECT_SOON, "is low on ribbon or ink", "have some at hand"},
	{"marker-supply-almost-empty", EFFECT_SOON, "is low on ribbon or ink", "have some at hand"},
	{"marker-supply-empty", EFFECT_HANDS, "is out of ribbon or ink", "replace it"},
	{"marker-ink-almost-empty", EFFECT_SOON, "is low on ink", "have some at hand"},
	{"marker-ink-empty", EFFECT_HANDS, "is out of ink", "replace it"},
	{"marker-print-ribbon-almost-empty", EFFECT_SOON, "is low on ribbon", "have some at hand"},
	{"marker-print-ribbon-empty", EFFECT_HANDS, "is out of ribbon", "replace it"},
	{"toner-low", EFFECT_SOON, "is low on toner", "have some at hand"},
	{"toner-empty", EFFECT_HANDS, "is out of toner", "replace it"},
	{"developer-low", EFFECT_SOON, "is low on developer", "have some at hand"},
	{"developer-empty", EFFECT_HANDS, "is out of developer", "replace it"},
	{"marker-adjusting-print-quality", EFFECT_WAIT, "adjusts itself", ""},
	/* covers, switches, the queue */
	{"cover-open", EFFECT_HANDS, "has its cover open", "close it"},
	{"door-open", EFFECT_HANDS, "has its door open", "close it"},
	{"interlock-open", EFFECT_HANDS, "has a door open", "close it"},
	{"cover-closed", EFFECT_TELL, "has its cover closed", ""},
	{"door-closed", EFFECT_TELL, "has its door closed", ""},
	{"interlock-closed", EFFECT_TELL, "has its doors closed", ""},
	{"paused", EFFECT_HANDS, "was paused at the printer or its queue", "resume it there"},
	{"moving-to-paused", EFFECT_HANDS, "is being paused at the printer or its queue",
		"resume it there"},
	{"hold-new-jobs", EFFECT_HANDS, "keeps new jobs back", "release them at its queue"},
	{"shutdown", EFFECT_HANDS, "is switched off", "switch it on"},
	{"power-down", EFFECT_HANDS, "is switched off", "switch it on"},
	{"power-up", EFFECT_WAIT, "is starting", ""},
	{"offline", EFFECT_HANDS, "is not reached by its queue",
		"check that it is on and connected"},
	{"deleted", EFFECT_HANDS, "was deleted at its server", "set it up there"},
	{"resuming", EFFECT_WAIT, "is being resumed", ""},
	{"stopping", EFFECT_TELL, "stops after this sheet", ""},
	{"stopped-partly", EFFECT_TELL, "has one of its devices stopped", ""},
	{"connecting-to-device", EFFECT_TELL, "is being reached by its queue", ""},
	{"timed-out", EFFECT_TELL, "answered its queue too late", ""},
	{"spool-area-full", EFFECT_WAIT, "has no room for another document", ""},
	{"testing", EFFECT_WAIT, "tests itself", ""},
	{"standby", EFFECT_TELL, "sleeps until it prints", ""},
	{"power-saver", EFFECT_TELL, "sleeps until it prints", ""},
	{"identify-printer-requested", EFFECT_TELL, "shows which one it is", ""},
	{"configuration-change", EFFECT_TELL, "was set up differently", ""},
	{"printer-manual-reset", EFFECT_TELL, "was reset by hand", ""},
	{"printer-nms-reset", EFFECT_TELL, "was reset over the network", ""},
	{"other", EFFECT_TELL, "has something to say", ""},
	{"alert-removal-of-binary-change-entry", EFFECT_TELL, "has one message less", ""},
	/* engines of other kinds, told and no more where paper does not pass them */
	{"fuser-over-temp", EFFECT_WAIT, "lets its fuser cool down", ""},
	{"fuser-under-temp", EFFECT_WAIT, "warms up", ""},
	{"opc-near-eol", EFFECT_SOON, "has an almost worn drum", "have one at hand"},
	{"opc-life-over", EFFECT_SOON, "has a worn drum", "replace it"},
	{"fan-failure", EFFECT_REPAIR, "has a broken fan", "have it repaired"},
	{"motor-failure", EFFECT_REPAIR, "has a broken motor", "have it repaired"},
	{"interpreter-cartridge-added", EFFECT_TELL, "has one more cartridge", ""},
	{"interpreter-cartridge-deleted", EFFECT_TELL, "has one cartridge less", ""},
	{"interpreter-complex-page-encountered", EFFECT_TELL, "met a page too complex for it", ""},
	{"interpreter-memory-decrease", EFFECT_TELL, "has less memory", ""},
	{"interpreter-memory-increase", EFFECT_TELL, "has more memory", ""},
	{"interpreter-resource-added", EFFECT_TELL, "has one more resource", ""},
	{"interpreter-resource-deleted", EFFECT_TELL, "has one resource less", ""},
	{"interpreter-resource-unavailable", EFFECT_TELL, "misses a font or form", ""},
	{"cups-missing-filter", EFFECT_HANDS, "misses a filter of its queue", "mend its queue"},
	{"cups-insecure-filter", EFFECT_HANDS, "has an unsafe filter in its queue",
		"mend its queue"},
};

/* The parts of PWG 5100.9 and of this registry, longest first where one begins with another. */
static const struct {
	const char *prefix, *noun;
	bool is_idle; /* prints don't pass it: told, no more */
} parts[] = {
	{"marker-waste-ink-receptacle", "waste ink box", false},
	{"marker-waste-toner-receptacle", "waste toner box", false},
	{"marker-waste", "waste box", false},
	{"marker-toner-cartridge", "toner cartridge", false},
	{"marker-toner", "toner", false},
	{"marker-print-ribbon", "ribbon", false},
	{"marker-developer", "developer", false},
	{"marker-cleaner", "cleaner", false},
	{"marker-fuser", "fuser", false},
	{"marker-ink", "ink", false},
	{"marker-opc", "drum", false},
	{"marker-supply", "ribbon or ink", false},
	{"marker", "print head", false},
	{"media-path-media-tray", "output tray", false},
	{"media-path-pick-roller", "pick roller", false},
	{"media-path-input", "paper path", false},
	{"media-path-output", "paper path", false},
	{"media-path", "paper path", false},
	{"input-media-supply", "paper", false},
	{"input-media-tray", "paper tray", false},
	{"input-pick-roller", "pick roller", false},
	{"input-tray-elevation", "paper tray's lift", false},
	{"input", "paper tray", false},
	{"output-media-tray", "output tray", false},
	{"output", "output tray", false},
	{"separation-cutter", "cutter", false},
	{"die-cutter", "die cutter", false},
	{"sheet-rotator", "sheet rotator", false},
	{"make-envelope", "envelope maker", false},
	{"bander", "bander", false},
	{"binder", "binder", false},
	{"cleaner", "cleaner", false},
	{"folder", "folder", false},
	{"imprinter", "imprinter", false},
	{"inserter", "inserter", false},
	{"perforator", "perforator", false},
	{"puncher", "puncher", false},
	{"slitter", "slitter", false},
	{"stacker", "stacker", false},
	{"stapler", "stapler", false},
	{"stitcher", "stitcher", false},
	{"subunit", "further unit", false},
	{"trimmer", "trimmer", false},
	{"wrapper", "wrapper", false},
	{"lamp", "lamp", false},
	{"laser", "laser", false},
	{"scan-media-path-pick-roller", "scanner's pick roller", true},
	{"scan-media-path-input", "scanner's feeder", true},
	{"scan-media-path-output", "scanner's output", true},
	{"scan-media-path-tray", "scanner's tray", true},
	{"scan-media-path", "scanner's paper path", true},
	{"scanner-light", "scanner's lamp", true},
	{"scanner-sensor", "scanner's sensor", true},
	{"scanner", "scanner", true},
	{"fax-modem", "fax modem", true},
	{"extruder", "extruder", true},
	{"material", "material", true},
	{"platform", "platform", true},
	{"camera", "camera", true},
};

static const struct {
	const char *suffix;
	enum effect effect;
	const char *before, *after; /* of the part's noun */
	const char *action;
} events[] = {
	{"added", EFFECT_TELL, "has one more ", "", ""},
	{"almost-empty", EFFECT_SOON, "has little ", " left", "have some at hand"},
	{"almost-full", EFFECT_SOON, "has an almost full ", "", "empty it"},
	{"at-eol", EFFECT_SOON, "has a worn ", "", "replace it"},
	{"at-limit", EFFECT_HANDS, "has a full ", "", "empty it"},
	{"closed", EFFECT_TELL, "has its ", " closed", ""},
	{"configuration-change", EFFECT_TELL, "has its ", " set up differently", ""},
	{"cover-closed", EFFECT_TELL, "has its ", " closed", ""},
	{"cover-open", EFFECT_HANDS, "has its ", " open", "close it"},
	{"empty", EFFECT_HANDS, "has no ", " left", "replace it"},
	{"failed", EFFECT_REPAIR, "has a broken ", "", "have it repaired"},
	{"failure", EFFECT_REPAIR, "has a broken ", "", "have it repaired"},
	{"feed-error", EFFECT_HANDS, "could not feed through its ", "", "put the paper in anew"},
	{"full", EFFECT_HANDS, "has a full ", "", "empty it"},
	{"interlock-closed", EFFECT_TELL, "has its ", " closed", ""},
	{"interlock-open", EFFECT_HANDS, "has its ", " open", "close it"},
	{"jam", EFFECT_HANDS, "has a jam in its ", "", "clear it"},
	{"life-almost-over", EFFECT_SOON, "has an almost worn ", "", "have one at hand"},
	{"life-over", EFFECT_SOON, "has a worn ", "", "replace it"},
	{"life-warn", EFFECT_SOON, "has an almost worn ", "", "have one at hand"},
	{"lift-over", EFFECT_SOON, "has a worn ", "", "replace it"}, /* as registered */
	{"low", EFFECT_SOON, "has little ", " left", "have some at hand"},
	{"memory-exhausted", EFFECT_WAIT, "has no memory left in its ", "", ""},
	{"missing", EFFECT_HANDS, "misses its ", "", "put it in"},
	{"motor-failure", EFFECT_REPAIR, "has a broken motor in its ", "", "have it repaired"},
	{"near-eol", EFFECT_SOON, "has an almost worn ", "", "have one at hand"},
	{"near-limit", EFFECT_SOON, "has an almost full ", "", "empty it"},
	{"needed", EFFECT_HANDS, "asks for ", "", "load what it shows"},
	{"offline", EFFECT_HANDS, "has its ", " switched off", "switch it on"},
	{"opened", EFFECT_HANDS, "has its ", " open", "close it"},
	{"over-temperature", EFFECT_WAIT, "lets its ", " cool down", ""},
	{"power-saver", EFFECT_TELL, "has its ", " asleep", ""},
	{"recoverable-failure", EFFECT_HANDS, "has a fault in its ", "", "look at its display"},
	{"recoverable-storage", EFFECT_HANDS, "has a fault in its ", "", "look at its display"},
	{"removed", EFFECT_TELL, "has one less ", "", ""},
	{"request", EFFECT_TELL, "asks at its ", "", ""},
	{"resource-added", EFFECT_TELL, "has more for its ", "", ""},
	{"resource-removed", EFFECT_TELL, "has less for its ", "", ""},
	{"thermistor-failure", EFFECT_REPAIR, "has a broken sensor in its ", "",
		"have it repaired"},
	{"timing-failure", EFFECT_REPAIR, "has lost the timing of its ", "", "have it repaired"},
	{"turned-off", EFFECT_HANDS, "has its ", " switched off", "switch it on"},
	{"turned-on", EFFECT_TELL, "has its ", " switched on", ""},
	{"under-temperature", EFFECT_WAIT, "warms its ", " up", ""},
	{"unrecoverable-failure", EFFECT_REPAIR, "has a broken ", "", "have it repaired"},
	{"unrecoverable-storage-error", EFFECT_REPAIR, "has a broken ", "", "have it repaired"},
	{"warming-up", EFFECT_WAIT, "warms its ", " up", ""},
};

static bool by_row(struct condition *condition)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].keyword, condition->keyword) == 0) {
			condition->effect = rows[i].effect;
			text_copy(condition->says, sizeof condition->says, rows[i].says);
			text_copy(condition->action, sizeof condition->action, rows[i].action);
			return true;
		}
	}
	return false;
}

/* What befell the part at `part`, as the rest of the keyword says. */
static bool by_event(struct condition *condition, size_t part, const char *rest)
{
	for (size_t i = 0; i < COUNT(events); i++) {
		if (strcmp(events[i].suffix, rest) != 0) {
			continue;
		}
		bool idle = parts[part].is_idle;
		condition->effect = idle ? EFFECT_TELL : events[i].effect;
		snprintf(condition->says, sizeof condition->says, "%s%s%s", events[i].before,
			parts[part].noun, events[i].after);
		text_copy(
			condition->action, sizeof condition->action, idle ? "" : events[i].action);
		return true;
	}
	return false;
}

static bool by_part(struct condition *condition)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		size_t len = strlen(parts[i].prefix);
		if (strncmp(condition->keyword, parts[i].prefix, len) == 0 &&
			condition->keyword[len] == '-' &&
			by_event(condition, i, condition->keyword + len + 1)) {
			return true;
		}
	}
	return false;
}

bool condition_is_registered(struct condition *condition)
{
	return by_row(condition) || by_part(condition);
}
