/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person at the service may do to a job or a floor: POST /v1/admin/jobs/ID:VERB and
 * /v1/admin/floors/ID:VERB.
 */
#include "orders/order.h"
#include "orders/view.h"
#include <stdlib.h>
#include <string.h>

struct wish {
	char by[65], reason[129];
};

static bool take_wish(struct call *call, struct wish *wish, struct job *job)
{
	struct err err;
	*wish = (struct wish){.by = ""};
	if (!json_take_text(call->body, "by", wish->by, sizeof wish->by, &err) ||
		!json_take_text(call->body, "reason", wish->reason, sizeof wish->reason, &err)) {
		return refuse_bad(call, &err);
	}
	return job_load(call->service, call->id, job) ||
	       refuse(call, 404, "unknown-job", "there is no job %s", call->id);
}

static bool too_late(struct call *call, const struct job *job)
{
	return refuse(call, 409, "too-late", "job %s is %s: that can't be done any more", job->id,
		job_state_name(job->state));
}

static void done(
	struct call *call, const struct job *job, const char *name, const struct wish *wish)
{
	job_note(call->service, job, name,
		json_pack("{s:s, s:s}", "by", wish->by, "reason", wish->reason));
	call->status = 200;
	call->answer = json_pack("{s:o}", "job", job_to_json(call->service, job->row));
}

static bool is_out(const struct job *job)
{
	return job->state == JOB_LEASED || job->state == JOB_PERMITTED || job->state == JOB_HELD;
}

static void set_wish(struct call *call, const struct job *job, const char *word)
{
	put(call->service, "UPDATE job SET wish=? WHERE row=?", "ti", word, job->row);
}

void job_cancel(struct call *call)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (job.state == JOB_PRINTED || job.state == JOB_CANCELLED) {
		too_late(call, &job);
		return;
	}
	if (is_out(&job)) {
		set_wish(call, &job, "cancel");
	} else {
		job_set(call->service, &job, JOB_CANCELLED);
	}
	done(call, &job, "cancel_asked", &wish);
}

void job_revoke(struct call *call)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (!is_out(&job)) {
		too_late(call, &job);
		return;
	}
	if (strcmp(job.wish, "cancel") != 0) {
		set_wish(call, &job, "revoke");
	}
	done(call, &job, "revoke_asked", &wish);
}

static void set_paused(struct call *call, bool paused)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (job.state == JOB_PRINTED || job.state == JOB_CANCELLED) {
		too_late(call, &job);
		return;
	}
	put(call->service, "UPDATE job SET paused=? WHERE row=?", "ii", (int64_t)paused, job.row);
	call->wakes = !paused;
	done(call, &job, paused ? "paused" : "resumed", &wish);
}

void job_pause(struct call *call)
{
	set_paused(call, true);
}

void job_resume(struct call *call)
{
	set_paused(call, false);
}

void job_retry(struct call *call)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (job.state != JOB_ERROR) {
		too_late(call, &job);
		return;
	}
	job_set(call->service, &job, JOB_WAITING);
	put(call->service,
		"UPDATE job SET grants=0, reason='', detail='', later_floor='', later_boot_ms=0 "
		"WHERE row=?",
		"i", job.row);
	put(call->service, "DELETE FROM not_at WHERE job_row=?", "i", job.row);
	call->wakes = true;
	done(call, &job, "retried", &wish);
}

static bool revise(struct call *call, struct job *job)
{
	json_t *product = NULL, *pages = NULL;
	struct job_ask ask = {.priority = 0};
	struct err err;
	if (!json_take_object(call->body, "product", &product, &err) ||
		!json_take_array(call->body, "pages", PAGES_MAX, &pages, &err) ||
		(product != NULL && !product_is_fine(product, &ask, &err)) ||
		(pages != NULL && !pages_are_fine(pages, &err))) {
		return refuse_bad(call, &err);
	}
	if (product == NULL && pages == NULL) {
		return refuse(call, 400, "field", "say the new \"product\", \"pages\" or both");
	}
	if (product != NULL) {
		char *text = json_write(product);
		put(call->service, "UPDATE job SET product=?, sku=?, copies=? WHERE row=?", "ttii",
			text, ask.sku, ask.copies, job->row);
		free(text);
	}
	if (pages != NULL) {
		put(call->service, "DELETE FROM page WHERE job_row=?", "i", job->row);
		if (!pages_store(call, job->row, pages)) {
			return false;
		}
	}
	put(call->service, "UPDATE job SET revision=revision+1 WHERE row=?", "i", job->row);
	return true;
}

void job_revise(struct call *call)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (job.state != JOB_WAITING && job.state != JOB_LEASED && job.state != JOB_ERROR) {
		too_late(call, &job);
	} else if (revise(call, &job)) {
		call->wakes = true;
		done(call, &job, "revised", &wish);
	}
}

void job_free(struct call *call)
{
	struct wish wish;
	struct job job;
	if (!take_wish(call, &wish, &job)) {
		return;
	}
	if (wish.by[0] == '\0' || wish.reason[0] == '\0') {
		refuse(call, 400, "field",
			"say \"by\" and \"reason\": the job may be printed twice");
		return;
	}
	if (job.state != JOB_PERMITTED && job.state != JOB_HELD) {
		too_late(call, &job);
		return;
	}
	job_set(call->service, &job, JOB_WAITING);
	put(call->service, "UPDATE job SET duplicate_risk=1 WHERE row=?", "i", job.row);
	call->wakes = true;
	done(call, &job, "freed", &wish);
}

/* ---- floors ---- */

static void set_disabled(struct call *call, bool disabled)
{
	struct service *service = call->service;
	if (strcmp(call->id, ADMIN_NAME) == 0) {
		refuse(call, 400, "field", "\"%s\" is no floor", call->id);
		return;
	}
	put(service,
		"INSERT INTO floor (id, disabled) VALUES (?,?) "
		"ON CONFLICT (id) DO UPDATE SET disabled=excluded.disabled",
		"ti", call->id, (int64_t)disabled);
	if (disabled) {
		polls_end(service, call->id);
	}
	call->status = 200;
	call->answer = json_pack("{s:s, s:b}", "floor", call->id, "disabled", disabled ? 1 : 0);
}

void floor_disable(struct call *call)
{
	set_disabled(call, true);
}

void floor_enable(struct call *call)
{
	set_disabled(call, false);
}
