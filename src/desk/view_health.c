/* SPDX-License-Identifier: Apache-2.0
 *
 * The health of a printer beyond what stops it: its trays, its alerts, what changed behind our
 * back, and its maintenance.
 */
#include "base/clock.h"
#include "desk/view.h"
#include "rules/condition.h"
#include <string.h>

#define NOTICED_MS (24 * HOUR_MS) /* so long it stands on the card; in the trail for good */

static json_t *amount(int32_t said)
{
	return said >= 0 ? json_integer(said) : json_null();
}

static json_t *trays_json(const struct device_status *status)
{
	json_t *trays = json_array();
	for (int32_t i = 0; i < status->n_trays; i++) {
		const struct tray *tray = &status->trays[i];
		char words[TRAY_WORDS_MAX];
		tray_words(tray, words);
		json_array_append_new(
			trays, json_pack("{ss ss sb so so ss sb sb sb ss}", "name", tray->name,
				       "type", tray->type, "output", tray->is_output, "level",
				       amount(tray->level), "capacity", amount(tray->capacity),
				       "unit", tray->unit, "empty", tray->is_empty, "fault",
				       tray->has_fault, "away", tray->is_away, "say", words));
	}
	return trays;
}

/* An alert whose keyword nobody registered is told by the printer's own words. */
static json_t *alert_json(const struct alert *alert)
{
	struct condition condition;
	condition_of(alert->keyword, &condition);
	return json_pack("{ss ss ss sI ss ss ss ss}", "keyword", alert->keyword, "severity",
		alert_severity_name(alert->severity), "group", alert->group, "index",
		(json_int_t)alert->index, "where", alert->where, "say", condition.says, "action",
		condition.action, "text", alert->text);
}

static json_t *alerts_json(const struct device_status *status)
{
	json_t *alerts = json_array();
	for (int32_t i = 0; i < status->n_alerts; i++) {
		json_array_append_new(alerts, alert_json(&status->alerts[i]));
	}
	return alerts;
}

static json_t *notices_json(const struct view *view, const struct printer *printer)
{
	json_t *notices = json_array();
	int64_t since_ms = farm_wall_ms(view->farm) - NOTICED_MS;
	size_t n;
	const struct notice *kept = farm_notices(view->farm, printer, &n);
	for (size_t i = 0; i < n; i++) {
		if (kept[i].wall_ms >= since_ms) {
			json_array_append_new(
				notices, json_pack("{so so}", "at", view_stamp(kept[i].wall_ms),
						 "say", view_text(kept[i].text)));
		}
	}
	return notices;
}

static json_t *last_json(const struct upkeep_row *last)
{
	if (last->who[0] == '\0') {
		return json_null();
	}
	return json_pack("{so ss ss so}", "at", view_stamp(last->at_ms), "who", last->who, "note",
		last->note, "life", last->life >= 0 ? json_integer(last->life) : json_null());
}

static json_t *upkeep_json(const struct farm_upkeep *upkeep)
{
	const struct routine *routine = upkeep->routine;
	return json_pack("{ss ss ss ss ss ss sb sb so so sI sI}", "name", routine->name, "printer",
		upkeep->printer, "what", routine->what, "guide", routine->guide, "state",
		due_name(upkeep->due), "say", upkeep->words, "blocks", routine->blocks,
		"test_print", routine->test_print, "since", view_stamp(upkeep->last.at_ms), "last",
		last_json(&upkeep->last), "prints", (json_int_t)upkeep->last.prints, "faults",
		(json_int_t)upkeep->last.faults);
}

/* Of that printer; NULL: of all. */
static json_t *upkeeps_json(const struct view *view, const char *printer)
{
	json_t *list = json_array();
	size_t n;
	const struct farm_upkeep *upkeeps = farm_upkeeps(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		if (printer == NULL || strcmp(upkeeps[i].printer, printer) == 0) {
			json_array_append_new(list, upkeep_json(&upkeeps[i]));
		}
	}
	return list;
}

void view_health(const struct view *view, const struct printer *printer, json_t *json)
{
	static const struct device_status silent;
	const struct device_status *status = printer->known ? &printer->status : &silent;
	json_object_set_new(json, "trays", trays_json(status));
	json_object_set_new(json, "alerts", alerts_json(status));
	json_object_set_new(json, "notices", notices_json(view, printer));
	json_object_set_new(json, "maintenance", upkeeps_json(view, printer->conf->name));
}

json_t *view_maintenance(const struct view *view)
{
	return json_pack("{so}", "maintenance", upkeeps_json(view, NULL));
}

json_t *view_upkeep(
	const struct view *view, const char *routine, const char *printer, struct err *err)
{
	size_t n;
	const struct farm_upkeep *upkeeps = farm_upkeeps(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(upkeeps[i].routine->name, routine) == 0 &&
			strcmp(upkeeps[i].printer, printer) == 0) {
			return json_pack("{so}", "routine", upkeep_json(&upkeeps[i]));
		}
	}
	err_set(err, REMEDY_REJECT, "unknown-routine", "no maintenance %.48s of %.48s", routine,
		printer);
	return NULL;
}

json_t *view_maintenance_counts(const struct view *view)
{
	size_t n;
	int64_t due = 0, soon = 0;
	const struct farm_upkeep *upkeeps = farm_upkeeps(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		due += upkeeps[i].due == DUE_NOW;
		soon += upkeeps[i].due == DUE_SOON;
	}
	return json_pack("{sI sI}", "due", (json_int_t)due, "soon", (json_int_t)soon);
}
