/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading routes: what was asked for, as a query of the view.
 */
#include "base/clock.h"
#include "desk/desk_own.h"
#include "desk/words.h"
#include <string.h>

#define JOBS_DEFAULT      100
#define JOBS_MOST         500
#define EVENTS_DEFAULT    100
#define EVENTS_MOST       1000
#define INCIDENTS_DEFAULT 100
#define ROLLS_DEFAULT     50

static bool take_number(const struct ask *ask, const char *name, int64_t least, int64_t most,
	int64_t *value, struct err *err)
{
	const char *text = request_query(ask->request, name);
	if (text == NULL || text_to_int(text, least, most, value)) {
		return true;
	}
	return err_set(err, REMEDY_REJECT, "field", "%s: must be a whole number from %lld to %lld",
		name, (long long)least, (long long)most);
}

json_t *read_status(struct ask *ask, struct err *err)
{
	(void)err;
	char stamp[CLOCK_STAMP_MAX];
	json_t *status = view_status(&ask->desk->view);
	json_object_set_new(
		status, "now", json_string(clock_stamp(farm_wall_ms(ask->desk->farm), stamp)));
	return status;
}

json_t *read_jobs(struct ask *ask, struct err *err)
{
	int64_t limit = JOBS_DEFAULT;
	if (!take_number(ask, "limit", 1, JOBS_MOST, &limit, err)) {
		return NULL;
	}
	struct job_query query = {
		.kind = request_query(ask->request, "kind"),
		.stage = request_query(ask->request, "stage"),
		.order = request_query(ask->request, "order"),
		.limit = (int32_t)limit,
	};
	return view_jobs(&ask->desk->view, &query, err);
}

json_t *read_job(struct ask *ask, struct err *err)
{
	return view_job(&ask->desk->view, ask->captures[0], err);
}

json_t *read_why(struct ask *ask, struct err *err)
{
	return view_why(&ask->desk->view, ask->captures[0], err);
}

json_t *read_printers(struct ask *ask, struct err *err)
{
	(void)err;
	return view_printers(&ask->desk->view);
}

json_t *read_holds(struct ask *ask, struct err *err)
{
	(void)err;
	return view_holds(&ask->desk->view);
}

json_t *read_events(struct ask *ask, struct err *err)
{
	int64_t after = -1, limit = EVENTS_DEFAULT;
	if (!take_number(ask, "after", 0, INT64_MAX, &after, err) ||
		!take_number(ask, "limit", 1, EVENTS_MOST, &limit, err)) {
		return NULL;
	}
	return view_events(&ask->desk->view, NULL, after, (int32_t)limit);
}

json_t *read_incidents(struct ask *ask, struct err *err)
{
	int64_t limit = INCIDENTS_DEFAULT, all = 0;
	if (!take_number(ask, "limit", 1, EVENTS_MOST, &limit, err) ||
		!take_number(ask, "all", 0, 1, &all, err)) {
		return NULL;
	}
	return view_incidents(&ask->desk->view, all != 0, (int32_t)limit);
}

json_t *read_changed_incident(struct ask *ask, struct err *err)
{
	int64_t number = 0;
	(void)text_to_int(ask->captures[0], 1, INT64_MAX, &number);
	json_t *incident = view_incident(&ask->desk->view, number, err);
	return incident != NULL ? json_pack("{so}", "incident", incident) : NULL;
}

json_t *read_maintenance(struct ask *ask, struct err *err)
{
	(void)err;
	return view_maintenance(&ask->desk->view);
}

json_t *read_maintained(struct ask *ask, struct err *err)
{
	return view_upkeep(&ask->desk->view, ask->captures[0], ask->captures[1], err);
}

json_t *read_trail(struct ask *ask, struct err *err)
{
	struct trail_query query = {.subject = request_query(ask->request, "subject")};
	int64_t limit = EVENTS_MOST;
	if (!take_number(ask, "limit", 1, EVENTS_MOST, &limit, err) ||
		!take_number(ask, "after", 0, INT64_MAX, &query.after, err) ||
		!take_number(ask, "since_ms", 0, INT64_MAX, &query.since_wall_ms, err)) {
		return NULL;
	}
	query.limit = (int32_t)limit;
	return view_trail(&ask->desk->view, &query);
}

json_t *read_words(struct ask *ask, struct err *err)
{
	(void)ask;
	(void)err;
	return words_page();
}

json_t *read_doctor(struct ask *ask, struct err *err)
{
	(void)err;
	return view_doctor(&ask->desk->view);
}

static json_t *under(const char *key, json_t *value)
{
	return value != NULL ? json_pack("{so}", key, value) : NULL;
}

json_t *read_changed_job(struct ask *ask, struct err *err)
{
	return under("job", view_job_brief(&ask->desk->view, ask->captures[0], err));
}

json_t *read_changed_printer(struct ask *ask, struct err *err)
{
	return under("printer", view_printer(&ask->desk->view, ask->captures[0], err));
}

json_t *read_stock(struct ask *ask, struct err *err)
{
	int64_t limit = ROLLS_DEFAULT;
	if (!take_number(ask, "limit", 1, JOBS_MOST, &limit, err)) {
		return NULL;
	}
	return view_stock(&ask->desk->view, (int32_t)limit);
}

json_t *read_changed_stock(struct ask *ask, struct err *err)
{
	(void)err;
	return under("stock", view_stock(&ask->desk->view, ROLLS_DEFAULT));
}

json_t *read_said(struct ask *ask, struct err *err)
{
	return view_said(&ask->desk->view, ask->captures[0], err);
}

json_t *read_new_order(struct ask *ask, struct err *err)
{
	json_t *job = view_job_brief(&ask->desk->view, ask->made, err);
	return job != NULL ? json_pack("{ss so}", "id", ask->made, "job", job) : NULL;
}
