/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer's table of alerts says: printer-alert and printer-alert-description (PWG 5100.9).
 * They tell where: which tray, which ink. What a printer's line does is decided by
 * printer-state-reasons alone (rules/condition.h); many printers leave old alerts standing.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define DEVICE_ALERTS_MAX 8

struct device_status;

enum alert_severity { ALERT_OTHER, ALERT_WARNING, ALERT_CRITICAL };

struct alert {
	enum alert_severity severity;
	char keyword[65]; /* as printer-state-reasons says it: "cover-open", "media-path-jam" */
	char group[33];   /* the part of the printer, as a keyword: "input", "marker-supplies" */
	int32_t index;    /* which of that group, from 1; 0: not said */
	char where[65];   /* that tray's or supply's own name; "" where it is none, or unknown */
	char text[129];   /* in the printer's words; "" */
};

/* One value of printer-alert:
 * "code=jam;index=22;severity=critical;group=mediaPath;groupindex=4;location=6". Fills all but
 * where and text. Printers that write the bare code are understood, too. False: it says nothing. */
bool alert_from_text(const char *text, struct alert *alert);
/* Fills `where` from the trays and supplies that the same answer has told. */
void alert_find(struct alert *alert, const struct device_status *status);
/* The alert that says where that condition is; NULL: none does. */
const struct alert *alert_of(const struct device_status *status, const char *keyword);
/* "critical", "warning", "other". */
const char *alert_severity_name(enum alert_severity severity);
