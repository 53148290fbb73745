/* SPDX-License-Identifier: Apache-2.0
 *
 * Is everything in order? One row a check, each with what to do when it is not.
 */
#include "base/clock.h"
#include "config.h"
#include "desk/view.h"
#include "desk/words.h"
#include "farm/sensors.h"
#include "rules/hold.h"
#include <stdio.h>
#include <string.h>

#define MIB (INT64_C(1024) * 1024)

static void add(json_t *checks, const char *name, const char *state, json_t *say, const char *act)
{
	json_array_append_new(checks, json_pack("{ss ss so so}", "name", name, "state", state,
					      "say", say, "do", view_text(act)));
}

static void check_disk(const struct view *view, json_t *checks)
{
	const struct spool *spool = farm_spool(view->farm);
	int64_t free_bytes = spool_free_bytes(spool);
	int64_t reserve_bytes = spool_reserve_bytes(spool);
	const char *state = free_bytes < reserve_bytes       ? "bad"
			    : free_bytes < 2 * reserve_bytes ? "warn"
							     : "ok";
	add(checks, "disk", state,
		json_sprintf("%lld MiB free, %lld kept in reserve", (long long)(free_bytes / MIB),
			(long long)(reserve_bytes / MIB)),
		strcmp(state, "ok") == 0 ? ""
					 : "Make room on the spool's disk: no work is taken below "
					   "the reserve");
}

static void check_store(const struct view *view, const struct farm_state *state, json_t *checks)
{
	struct err err;
	char found[100] = "";
	struct db_row *row = db_query(view_db(view), "PRAGMA quick_check(1)", "");
	if (db_next(row)) {
		text_copy(found, sizeof found, db_text(row, 0));
	}
	bool fine = db_end(row, &err) && strcmp(found, "ok") == 0;
	if (fine && state->store_fault[0] != '\0') {
		add(checks, "store", "bad", view_text(state->store_fault),
			hold_words_of(REASON_HOLD, "store-rollback").action);
		return;
	}
	add(checks, "store", fine ? "ok" : "bad",
		fine ? json_sprintf("sound, generation %lld",
			       (long long)store_generation(farm_store(view->farm)))
		     : view_text(found),
		fine ? "" : "Stop platend and bring back the last backup");
}

static void check_cloud(const struct view *view, const struct farm_state *state, json_t *checks)
{
	if (!farm_conf_of(view->farm)->has_cloud) {
		add(checks, "cloud", "ok", view_text("none is configured: local orders only"), "");
		return;
	}
	add(checks, "cloud", state->cloud_reached ? "ok" : "warn",
		view_text(state->cloud_reached            ? "connected"
			  : state->cloud_fault[0] != '\0' ? state->cloud_fault
							  : "not reached yet"),
		state->cloud_reached ? "" : "What is cleared goes on printing; check the network");
}

/* How long each printer would go on by itself. */
static void check_outage(const struct view *view, json_t *checks)
{
	size_t n;
	char cleared[160] = "";
	const struct printer *printers = farm_printers(view->farm, &n);
	const struct farm_conf *conf = farm_conf_of(view->farm);
	if (!conf->has_cloud) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(cleared);
		snprintf(cleared + len, sizeof cleared - len, "%s%s %lld min", i == 0 ? "" : ", ",
			printers[i].conf->name,
			(long long)(farm_cleared_ms(view->farm, &printers[i]) / MINUTE_MS));
	}
	add(checks, "outage", "ok",
		json_sprintf("cleared work without the order service: %s; up to %lld min are kept",
			cleared, (long long)(conf->offline_s / 60)),
		"");
}

static void check_outbox(const struct view *view, json_t *checks)
{
	int64_t pending = 0, refused = 0;
	db_one_int(view_db(view), &pending,
		"SELECT count(*) FROM event WHERE acked=0 AND refused IS NULL", "");
	db_one_int(view_db(view), &refused, "SELECT count(*) FROM event WHERE refused IS NOT NULL",
		"");
	add(checks, "reports",
		refused > 0      ? "bad"
		: pending > 1000 ? "warn"
				 : "ok",
		json_sprintf(
			"%lld on their way, %lld refused", (long long)pending, (long long)refused),
		refused > 0 ? "The cloud refuses reports: tell its support" : "");
}

static void check_incidents(const struct view *view, json_t *checks)
{
	int64_t n = view_incidents_open(view);
	add(checks, "incidents", n > 0 ? "warn" : "ok",
		n > 0 ? json_sprintf("%lld that nobody has looked at", (long long)n)
		      : view_text("none is open"),
		n > 0 ? "platenctl incidents says what to look at" : "");
}

static void check_hot_folder(const struct view *view, json_t *checks)
{
	struct farm_hot hot;
	farm_hot_folder(view->farm, &hot);
	if (!hot.given) {
		return;
	}
	json_t *seen = view_hot_folder(view);
	bool stuck = hot.n_whys > 0 || hot.hold[0] != '\0';
	char first[ERR_TEXT_MAX + DROP_NAME_MAX + NAME_MAX_LEN + 8] = "";
	if (hot.n_whys > 0) {
		snprintf(first, sizeof first, "%s: %s", hot.whys[0].name, hot.whys[0].text);
	}
	add(checks, "hot folder",
		!hot.fit && hot.looked ? "bad"
		: stuck                ? "warn"
				       : "ok",
		json_incref(json_object_get(seen, "say")), first);
	json_decref(seen);
}

/* Its end only: the whole of it is read by `platenctl audit verify`. */
static void check_trail(const struct view *view, json_t *checks)
{
	struct audit_head head;
	const char *fault = store_audit_fault(farm_store(view->farm));
	store_audit_head(farm_store(view->farm), &head);
	add(checks, "audit trail", fault[0] != '\0' ? "bad" : "ok",
		fault[0] != '\0' ? view_text(fault)
				 : json_sprintf("%lld rows, head %lld:%s", (long long)head.row,
					   (long long)head.row, head.hash),
		fault[0] != '\0' ? "Run platenctl audit verify" : "");
}

static void check_printers(const struct view *view, json_t *checks)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		struct err why = {.text = ""};
		const char *kind = view_printer_kind(&printers[i]);
		bool ready = printer_is_ready(&printers[i], &why);
		json_t *name = json_sprintf("printer %s", printers[i].conf->name);
		add(checks, json_string_value(name), ready ? "ok" : "bad",
			view_text(words_printer(kind)), ready ? "" : why.text);
		json_decref(name);
	}
	if (n == 0) {
		add(checks, "printers", "warn", view_text("none"),
			"Add one to platen.conf: printer NAME { model = … uri = … }");
	}
}

/* None of them stops printing: what is wrong with one is for a person, when there is time. */
static void check_sensors(const struct view *view, json_t *checks)
{
	for (size_t i = 0; i < farm_sensors(view->farm); i++) {
		struct sensor_look look;
		farm_sensor(view->farm, i, &look);
		const char *name = look.conf->name;
		json_t *title = json_sprintf("sensor %s", name);
		bool is_well = look.state == READING_FRESH && !look.pauses;
		add(checks, json_string_value(title), is_well ? "ok" : "warn",
			view_text(reading_state_name(look.state)), is_well ? "" : look.words);
		json_decref(title);
	}
}

/* Only of interest where something sold here has a label. */
static void check_font(const struct view *view, const struct farm_state *state, json_t *checks)
{
	const struct catalog *catalog = farm_catalog(view->farm);
	bool wanted = false;
	for (int32_t i = 0; i < catalog->n_products; i++) {
		wanted |= catalog->products[i].label.where != LABEL_NONE;
	}
	if (!wanted || state->engine[0] == '\0') {
		return;
	}
	bool there = state->font[0] != '\0';
	add(checks, "label font", there ? "ok" : "bad",
		there ? json_stringn(state->font, strcspn(state->font, " "))
		      : view_text("is not there: pages with a label wait"),
		there ? "" : hold_words_of(REASON_WAIT, "label-font").action);
}

json_t *view_doctor(struct view *view)
{
	struct farm_state state;
	farm_state(view->farm, &state);
	json_t *checks = json_array();
	check_store(view, &state, checks);
	check_disk(view, checks);
	check_cloud(view, &state, checks);
	check_outage(view, checks);
	check_outbox(view, checks);
	check_incidents(view, checks);
	check_trail(view, checks);
	check_hot_folder(view, checks);
	add(checks, "rendering", state.engine[0] != '\0' ? "ok" : "bad",
		view_text(state.engine[0] != '\0' ? state.engine
						  : "the worker has not answered yet: it takes "
						    "some seconds after a start"),
		state.engine[0] != '\0'
			? ""
			: "Ask again; if it stays so, look into the log for platen-worker");
	check_font(view, &state, checks);
	check_printers(view, checks);
	check_sensors(view, checks);
	return json_pack("{so s{ss ss}}", "checks", checks, "versions", "platen", PACKAGE_VERSION,
		"engine", state.engine);
}
