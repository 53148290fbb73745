/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits to be counted at a machine that proves nothing: one question a run, not one a job. And
 * what a printer's device said last, as it was read, for who records it.
 */
#include "desk/view.h"
#include "rules/place.h"
#include "wire/task.h"
#include <string.h>

json_t *view_said(struct view *view, const char *name, struct err *err)
{
	struct device_status status;
	struct err said;
	if (farm_printer_said(view->farm, name, &status, &said)) {
		return json_pack("{so}", "status", device_status_to_json(&status));
	}
	if (strcmp(said.code, "unknown-printer") == 0) {
		*err = said;
		return NULL;
	}
	return json_pack("{so}", "err", err_to_json(&said));
}

static bool run_of(const struct view *view, const struct printer *printer, struct farm_run *run)
{
	farm_printer_run(view->farm, printer, run);
	return run->jobs > 0;
}

json_t *view_run(const struct view *view, const struct printer *printer)
{
	struct farm_run run;
	if (!run_of(view, printer, &run)) {
		return json_null();
	}
	return json_pack("{si si so}", "jobs", (int)run.jobs, "prints", (int)run.prints, "since",
		view_stamp(run.since_wall_ms));
}

bool view_is_of_run(const struct view *view, const json_t *job)
{
	const char *stage = json_string_value(json_object_get(job, "stage"));
	const char *name = json_string_value(json_object_get(job, "printer"));
	if (name == NULL || stage == NULL || strcmp(stage, "held-unknown") != 0) {
		return false;
	}
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(printers[i].conf->name, name) == 0) {
			return model_is_counted_by_hand(printers[i].model);
		}
	}
	return false;
}

void view_add_runs(const struct view *view, json_t *holds)
{
	size_t n;
	const struct printer *printers = farm_printers(view->farm, &n);
	for (size_t i = 0; i < n; i++) {
		struct farm_run run;
		const char *name = printers[i].conf->name;
		if (!run_of(view, &printers[i], &run)) {
			continue;
		}
		json_array_append_new(holds,
			json_pack("{ss sn ss so so so s[s] so sn}", "kind", "needs_you", "job",
				"printer", name, "title",
				json_sprintf("%s: count its prints", name), "text",
				json_sprintf("%d prints of %d jobs were given to it since the last "
					     "count, and nothing but its exit says what came out",
					(int)run.prints, (int)run.jobs),
				"action",
				json_sprintf("When the machine is at rest, count what lies at its "
					     "exit, then: platenctl printer %s printed K",
					name),
				"choices", "printed", "since", view_stamp(run.since_wall_ms),
				"sent"));
	}
}
