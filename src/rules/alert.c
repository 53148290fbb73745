/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts.
 */
#include "rules/alert.h"
#include "base/text.h"
#include "rules/device.h"
#include "rules/mib_text.h"
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const severities[] = {"other", "warning", "critical"};

const char *alert_severity_name(enum alert_severity severity)
{
	return severities[severity];
}

/* As the part's name begins the keywords of printer-state-reasons. */
static const struct {
	const char *group, *part;
} parts[] = {
	{"media-path", "media-path"},
	{"input", "input"},
	{"output", "output"},
	{"marker", "marker"},
	{"marker-supplies", "marker-supply"},
	{"interpreter", "interpreter"},
};

static const char *part_of(const char *group, const char *otherwise)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (strcmp(parts[i].group, group) == 0) {
			return parts[i].part;
		}
	}
	return otherwise;
}

/* "subunitMissing" of an input is its "input-missing"; a jam of no place is the paper's. */
static void name_condition(const char *code, struct alert *alert)
{
	static const char subunit[] = "subunit-";
	const size_t skip = sizeof subunit - 1;
	char keyword[49];
	mib_keyword(code, keyword, sizeof keyword);
	if (strcmp(keyword, "jam") == 0) {
		snprintf(alert->keyword, sizeof alert->keyword, "%s-jam",
			part_of(alert->group, "media"));
	} else if (strncmp(keyword, subunit, skip) == 0) {
		snprintf(alert->keyword, sizeof alert->keyword, "%s-%s",
			part_of(alert->group, "subunit"), keyword + skip);
	} else {
		text_copy(alert->keyword, sizeof alert->keyword, keyword);
	}
}

bool alert_from_text(const char *text, struct alert *alert)
{
	struct alert read = {.index = mib_number(text, "groupindex", 0)};
	char code[49], word[33];
	size_t bare = strcspn(text, ";");
	if (!mib_value(text, "code", code, sizeof code)) {
		bool is_bare = bare > 0 && bare < sizeof code && memchr(text, '=', bare) == NULL;
		snprintf(code, sizeof code, "%.*s", is_bare ? (int)bare : 0, text);
	}
	if (code[0] == '\0') {
		return false;
	}
	if (mib_value(text, "group", word, sizeof word)) {
		mib_keyword(word, read.group, sizeof read.group);
	}
	if (mib_value(text, "severity", word, sizeof word)) { /* "warningBinaryChangeEvent" too */
		read.severity = strncmp(word, "warning", 7) == 0 ? ALERT_WARNING
				: strcmp(word, "critical") == 0  ? ALERT_CRITICAL
								 : ALERT_OTHER;
	}
	read.index = read.index > 0 ? read.index : 0;
	name_condition(code, &read);
	*alert = read;
	return true;
}

/* Trays that say no row of their own stand in the order of the printer's. */
static const struct tray *tray_at(const struct device_status *status, bool is_output, int32_t index)
{
	int32_t row = 0;
	for (int32_t i = 0; i < status->n_trays; i++) {
		const struct tray *tray = &status->trays[i];
		if (tray->is_output == is_output) {
			row++;
			if ((tray->index > 0 ? tray->index : row) == index) {
				return tray;
			}
		}
	}
	return NULL;
}

void alert_find(struct alert *alert, const struct device_status *status)
{
	bool is_input = strcmp(alert->group, "input") == 0;
	const char *name = "";
	if (alert->index > 0 && (is_input || strcmp(alert->group, "output") == 0)) {
		const struct tray *tray = tray_at(status, !is_input, alert->index);
		name = tray == NULL ? "" : tray->name;
	} else if (alert->index > 0 && alert->index <= status->n_supplies &&
		   strcmp(alert->group, "marker-supplies") == 0) {
		name = status->supplies[alert->index - 1].name;
	}
	text_copy(alert->where, sizeof alert->where, name);
}

/* The tray's "input-media-supply-empty" is the printer's "media-empty". */
static bool means(const char *alert, const char *keyword)
{
	static const char *const same[][2] = {
		{"input-media-supply-empty", "media-empty"},
		{"input-media-supply-empty", "media-needed"},
		{"input-media-supply-low", "media-low"},
		{"media-path-jam", "media-jam"},
		{"input-jam", "media-jam"},
		{"output-jam", "media-jam"},
		{"input-media-tray-missing", "input-tray-missing"},
		{"output-media-tray-missing", "output-tray-missing"},
		{"output-media-tray-full", "output-area-full"},
		{"marker-ink-empty", "marker-supply-empty"},
		{"marker-ink-almost-empty", "marker-supply-low"},
		{"marker-print-ribbon-empty", "marker-supply-empty"},
		{"marker-print-ribbon-almost-empty", "marker-supply-low"},
		{"marker-supply-almost-empty", "marker-supply-low"},
	};
	for (size_t i = 0; i < COUNT(same); i++) {
		if (strcmp(same[i][0], alert) == 0 && strcmp(same[i][1], keyword) == 0) {
			return true;
		}
	}
	return strcmp(alert, keyword) == 0;
}

const struct alert *alert_of(const struct device_status *status, const char *keyword)
{
	for (int32_t i = 0; i < status->n_alerts; i++) {
		const struct alert *alert = &status->alerts[i];
		if (alert->where[0] != '\0' && means(alert->keyword, keyword)) {
			return alert;
		}
	}
	return NULL;
}
