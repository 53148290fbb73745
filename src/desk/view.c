/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor at a glance, its events and its health.
 */
#include "desk/view.h"
#include "base/clock.h"
#include "base/log.h"
#include "config.h"
#include "desk/words.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

struct db *view_db(const struct view *view)
{
	return store_db(farm_store(view->farm));
}

json_t *view_stamp(int64_t wall_ms)
{
	char stamp[CLOCK_STAMP_MAX];
	return wall_ms > 0 ? json_string(clock_stamp(wall_ms, stamp)) : json_null();
}

json_t *view_text(const char *text)
{
	char escaped[ERR_TEXT_MAX * 4];
	json_t *json = json_string(text);
	return json != NULL ? json : json_string(text_escape(escaped, sizeof escaped, text));
}

json_t *view_stored(const char *text)
{
	json_t *value = text[0] != '\0' ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	return value != NULL ? value : json_null();
}

/* ---- today ---- */

static int64_t midnight_before(int64_t wall_ms)
{
	time_t now = (time_t)(wall_ms / SECOND_MS);
	struct tm local;
	localtime_r(&now, &local);
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	local.tm_isdst = -1;
	return (int64_t)mktime(&local) * SECOND_MS;
}

void view_today(struct view *view)
{
	int64_t midnight_ms = midnight_before(farm_wall_ms(view->farm));
	if (midnight_ms != view->midnight_wall_ms) {
		view->midnight_wall_ms = midnight_ms;
		view->first_sheet = 0;
	}
	/* looked for once a day, and until there is one */
	if (view->first_sheet == 0) {
		db_one_int(view_db(view), &view->first_sheet,
			"SELECT min(row) FROM sheet WHERE at>=?", "i", midnight_ms);
	}
}

int64_t view_sheets(struct view *view, const char *printer, const char *state)
{
	int64_t n = 0;
	view_today(view);
	if (view->first_sheet > 0) {
		db_one_int(view_db(view), &n,
			"SELECT count(*) FROM sheet WHERE row>=?1 AND at>=?2 AND state=?3"
			" AND (?4 IS NULL OR printer=?4)",
			"iitt", view->first_sheet, view->midnight_wall_ms, state, printer);
	}
	return n;
}

/* ---- status ---- */

static void count_jobs(struct view *view, int64_t counts[KIND_COUNT])
{
	struct err err;
	struct db_row *row = db_query(view_db(view),
		"SELECT stage, reason_kind, reason_code, count(*) FROM job WHERE closed IS NULL"
		" GROUP BY 1,2,3",
		"");
	while (db_next(row)) {
		enum stage stage;
		if (stage_from_word(db_text(row, 0), &stage)) {
			counts[kind_of(stage, (enum reason_kind)db_int(row, 1), db_text(row, 2))] +=
				db_int(row, 3);
		}
	}
	if (!db_end(row, &err)) {
		log_error("desk", "counting jobs: %s", err.text);
	}
}

static json_t *cloud_json(const struct view *view, const struct farm_state *state)
{
	bool has_cloud = farm_conf_of(view->farm)->has_cloud;
	const char *say = !has_cloud                      ? "no cloud: local orders only"
			  : state->cloud_reached          ? "connected"
			  : state->cloud_fault[0] != '\0' ? state->cloud_fault
							  : "connecting";
	return json_pack("{sb sb so}", "configured", has_cloud, "connected", state->cloud_reached,
		"say", view_text(say));
}

static int64_t printers_that_need(const struct view *view)
{
	size_t n;
	int64_t found = 0;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		const char *kind = view_printer_kind(&printers[i]);
		found += strcmp(kind, "needs_you") == 0 || strcmp(kind, "stopped") == 0 ||
			 strcmp(kind, "offline") == 0;
	}
	return found;
}

static json_t *headline(
	const struct farm_state *state, int64_t needs, int64_t working, int64_t waiting)
{
	if (state->draining) {
		return json_string("finishing what is at the printers, then stopping");
	}
	if (needs > 0) {
		return json_sprintf(
			"%lld thing%s you", (long long)needs, needs == 1 ? " needs" : "s need");
	}
	if (working > 0) {
		return json_sprintf("%lld job%s under way, nothing needs you", (long long)working,
			working == 1 ? "" : "s");
	}
	if (waiting > 0) {
		return json_sprintf(
			"%lld job%s", (long long)waiting, waiting == 1 ? " waits" : "s wait");
	}
	return json_string("all done, nothing needs you");
}

static int64_t one(const struct view *view, const char *sql, int64_t argument)
{
	int64_t n = 0;
	db_one_int(view_db(view), &n, sql, "i", argument);
	return n;
}

static json_t *today_json(struct view *view)
{
	view_today(view);
	return json_pack("{sI sI sI sI}", "jobs",
		(json_int_t)one(view,
			"SELECT count(*) FROM job WHERE row>=coalesce((SELECT min(job) FROM"
			" attempt WHERE ended>=?1),0) AND stage IN ('printed','reported') AND"
			" stage_at>=?1",
			view->midnight_wall_ms),
		"came_out", (json_int_t)view_sheets(view, NULL, "delivered"), "spoiled",
		(json_int_t)view_sheets(view, NULL, "spoiled"), "may_have_printed",
		(json_int_t)one(view,
			"SELECT coalesce(sum(unknown),0) FROM job WHERE closed IS NULL AND"
			" unknown>?",
			0));
}

static json_t *counts_json(struct view *view, int64_t since_ms)
{
	struct cache_counts counts;
	store_cache_sum(farm_store(view->farm), since_ms, &counts);
	int64_t pages = counts.hits + counts.misses;
	return json_pack("{sI sI so sI sI sI}", "hits", (json_int_t)counts.hits, "misses",
		(json_int_t)counts.misses, "ratio",
		pages > 0 ? json_real((double)counts.hits / (double)pages) : json_null(),
		"saved_bytes", (json_int_t)counts.saved_bytes, "evicted",
		(json_int_t)counts.evicted, "freed_bytes", (json_int_t)counts.freed_bytes);
}

/* The rendered pages that are kept, and what they saved. */
static json_t *cache_json(struct view *view, const struct farm_state *state)
{
	return json_pack("{sI sI so so}", "bytes", (json_int_t)state->rasters_bytes, "quota_bytes",
		(json_int_t)farm_conf_of(view->farm)->rasters_bytes, "last_24h",
		counts_json(view, farm_wall_ms(view->farm) - 24 * HOUR_MS), "all",
		counts_json(view, 0));
}

json_t *view_status(struct view *view)
{
	int64_t counts[KIND_COUNT] = {0};
	struct farm_state state;
	char stamp[CLOCK_STAMP_MAX];
	count_jobs(view, counts);
	farm_state(view->farm, &state);
	json_t *jobs = json_object();
	int64_t working = 0;
	for (int kind = 0; kind < KIND_DONE; kind++) {
		json_object_set_new(
			jobs, kind_name((enum job_kind)kind), json_integer(counts[kind]));
		working += kind < KIND_WAITING ? counts[kind] : 0;
	}
	int64_t needs =
		counts[KIND_NEEDS_YOU] + printers_that_need(view) + view_incidents_open(view);
	json_t *status = json_pack("{ss ss ss so so so so so so sI sI so}", "floor",
		farm_conf_of(view->farm)->floor, "version", PACKAGE_VERSION, "started",
		clock_stamp(view->started_wall_ms, stamp), "cloud", cloud_json(view, &state),
		"hot_folder", view_hot_folder(view), "jobs", jobs, "today", today_json(view),
		"cache", cache_json(view, &state), "maintenance", view_maintenance_counts(view),
		"outbox",
		(json_int_t)one(
			view, "SELECT count(*) FROM event WHERE acked=? AND refused IS NULL", 0),
		"last_event",
		(json_int_t)one(view, "SELECT coalesce(max(row),0) FROM event WHERE row>?", 0),
		"say", headline(&state, needs, working, counts[KIND_WAITING]));
	json_object_set_new(status, "paper", view_paper(view));
	return status;
}

/* ---- events ---- */

static json_t *event_json(struct db_row *row)
{
	json_t *event =
		json_pack("{sI ss sI ss ss ss sI sI so sb}", "row", (json_int_t)db_int(row, 0),
			"subject", db_text(row, 1), "sequence", (json_int_t)db_int(row, 2), "id",
			db_text(row, 3), "type", db_text(row, 4), "time", db_text(row, 5), "epoch",
			(json_int_t)db_int(row, 6), "attempt", (json_int_t)db_int(row, 7), "data",
			view_stored(db_text(row, 8)), "acked", db_int(row, 9) != 0);
	if (!db_is_null(row, 10)) {
		json_object_set_new(event, "refused", json_string(db_text(row, 10)));
	}
	return event;
}

json_t *view_events(struct view *view, const char *subject, int64_t after, int32_t limit)
{
	static const char onward[] =
		"SELECT row, subject, sequence, id, type, time, epoch, attempt, data, acked,"
		" refused FROM event WHERE row>?2 AND (?1 IS NULL OR subject=?1)"
		" ORDER BY row LIMIT ?3";
	static const char newest[] =
		"SELECT * FROM (SELECT row, subject, sequence, id, type, time, epoch, attempt,"
		" data, acked, refused FROM event WHERE row>?2 AND (?1 IS NULL OR subject=?1)"
		" ORDER BY row DESC LIMIT ?3) ORDER BY row";
	struct err err;
	json_t *events = json_array();
	int64_t last = after > 0 ? after : 0;
	struct db_row *row = db_query(
		view_db(view), after < 0 ? newest : onward, "tii", subject, after, (int64_t)limit);
	while (db_next(row)) {
		last = db_int(row, 0);
		json_array_append_new(events, event_json(row));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading events: %s", err.text);
	}
	return json_pack("{so sI}", "events", events, "last", (json_int_t)last);
}
