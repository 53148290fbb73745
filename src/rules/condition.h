/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer says is the matter with it: the keywords of printer-state-reasons (IANA's registry
 * of IPP keywords; PWG 5100.9 for those made of a part and what befell it; cupsd's own), what each
 * does to the printer's line, and what a person reads. One table for the floor, the drivers and the
 * screen. The suffixes -report, -warning and -error change nothing: servers put them as they please
 * (ippeveprinter says media-jam-warning of a jam).
 */
#pragma once
#include "base/err.h"
#include "rules/device.h"

enum effect {          /* mildest first */
	EFFECT_TELL,   /* shown, no more */
	EFFECT_SOON,   /* prints come out; somebody should see to it today */
	EFFECT_WAIT,   /* nothing is sent; it ends by itself */
	EFFECT_HANDS,  /* nothing is sent until a person was there; then it goes on by itself */
	EFFECT_REPAIR, /* broken: nothing is sent until it says otherwise */
};

struct condition {
	enum effect effect;
	bool known;                      /* else the keyword is shown as it is */
	char keyword[DEVICE_REASON_MAX]; /* without its suffix: the reason's code */
	char says[81];                   /* goes on after the printer's name: "has a paper jam" */
	char action[65];                 /* "clear it"; "" where there is nothing to do */
};

/* A keyword that nobody registered is told as it is: known = false, EFFECT_TELL. */
void condition_of(const char *reason, struct condition *condition);
/* The worst of what it says; false when it says nothing at all. Of equals the first. */
bool condition_worst(const struct device_status *status, struct condition *condition);
/* Whether a sheet may be sent to it as it is. Otherwise ATTEND: "NAME has a paper jam: clear it",
 * the code being the keyword. A printer that has stopped or takes no jobs, too. */
must_use bool condition_lets_print(
	const char *printer, const struct device_status *status, struct err *err);
/* "tell", "soon", "wait", "hands", "repair". */
const char *effect_name(enum effect effect);
