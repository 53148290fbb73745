/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of events that the service can't read, a fault of ours. A batch is halved until one event
 * is left; that one is put aside with an incident, so that the reports of all other jobs go on. The
 * service takes nothing of that subject any more, until it asks for it again by itself.
 */
#include "farm/own.h"
#include <string.h>

#define LETTERS_MAX 3 /* in a row: then it is not the events */

/* The codes that speak of what is in the body; any other is no event's fault. */
static bool is_about_events(const struct err *err)
{
	return err->remedy == REMEDY_REJECT &&
	       (strcmp(err->code, "field") == 0 || strcmp(err->code, "json") == 0);
}

static void put_aside(struct farm *farm, const struct err *err)
{
	struct err why = *err;
	farm->letters++;
	farm->batch_events = farm->batch_most;
	store_event_refused(farm->ports.store, farm->batch_first, err->code);
	err_wrap(&why, "a report was put aside, tell support (event %s)", farm->batch_first);
	incident_raise(farm, "", NULL, "report-refused", why.text);
}

void batch_refused(struct farm *farm, const struct err *err)
{
	bool too_large = strcmp(err->code, "too-large") == 0;
	if (!too_large && (!is_about_events(err) || farm->letters == LETTERS_MAX)) {
		return; /* tried again as it is, later and later */
	}
	if (farm->batch_sent > 1) {
		farm->batch_events = farm->batch_sent / 2;
	} else {
		put_aside(farm, err);
	}
}

bool batch_follows_dead(struct farm *farm, const char *subject, int64_t expected)
{
	return store_event_is_refused(farm->ports.store, subject, expected);
}
