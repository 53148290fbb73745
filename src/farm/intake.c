/* SPDX-License-Identifier: Apache-2.0
 *
 * How jobs come to the floor: leases of the cloud and local orders. Both are judged by the same
 * rules, stored in the same tables and walk the same path.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum duplicates stricter(enum duplicates a, enum duplicates b)
{
	return a < b ? a : b;
}

struct job intake_job(struct farm *farm, const struct lease *lease)
{
	struct job job = {.epoch = lease->epoch,
		.revision = lease->revision,
		.priority = lease->priority,
		.is_private = lease->is_private,
		.copies = lease->copies,
		.n_pages = lease->n_pages,
		.prints = lease->copies * lease->n_pages,
		.stage = AT_LEASED,
		.held_from = AT_LEASED,
		.taken_ms = farm_floor_ms(farm),
		.stage_wall_ms = farm_wall_ms(farm)};
	memcpy(job.id, lease->job, sizeof job.id);
	memcpy(job.sku, lease->sku, sizeof job.sku);
	memcpy(job.label, lease->label, sizeof job.label);
	memcpy(job.order_id, lease->order_id, sizeof job.order_id);
	memcpy(job.order_ref, lease->order_ref, sizeof job.order_ref);
	memcpy(job.traceparent, lease->traceparent, sizeof job.traceparent);
	if (lease->due_in_s >= 0) {
		job.due_ms = job.taken_ms + lease->due_in_s * SECOND_MS;
	}
	const struct product *product = catalog_product(farm->catalog, lease->sku);
	job.duplicates = product == NULL ? DUPLICATES_HOLD : product->duplicates;
	if (lease->has_duplicates) {
		job.duplicates = stricter(job.duplicates, lease->duplicates);
	}
	return job;
}

/* What an order says counts only as far as somebody signed for it. */
static bool is_trusted(const struct farm *farm, const struct lease *lease, struct err *err)
{
	if (farm->conf.signatures == SIGNATURES_OFF || lease->trust == TRUST_SIGNED) {
		return true;
	}
	return err_set(err, REMEDY_REJECT, "signature", "%s: ask the shop why",
		lease->trust == TRUST_BAD ? lease->trust_fault.text : "nobody signed it");
}

static void tell_of_distrust(struct farm *farm, const struct job *job, const struct err *why)
{
	char text[ERR_TEXT_MAX];
	bool blocks = farm->conf.signatures == SIGNATURES_BLOCK;
	snprintf(text, sizeof text, "job %s was %s: %.160s", job->id,
		blocks ? "refused" : "taken nevertheless", why->text);
	incident_raise(farm, "", job, why->code, text);
}

static enum lease_verdict judge(
	struct farm *farm, const struct lease *lease, const struct job *here, struct err *err)
{
	struct lease_view view = {.job = lease->job,
		.sku = lease->sku,
		.epoch = lease->epoch,
		.copies = lease->copies,
		.n_pages = lease->n_pages,
		.width_hmm = lease->asserted_width_hmm,
		.height_hmm = lease->asserted_height_hmm,
		.border_hmm = lease->asserted_border_hmm,
		.finish = lease->asserted_finish};
	int64_t lately = store_copies_since(farm->ports.store, farm_floor_ms(farm) - HOUR_MS);
	return lease_judge(&view, here, farm->catalog, &farm->conf.ceilings, (int32_t)lately, err);
}

/* What would be refused at the first look at its files is not taken. */
static bool formats_are_taken(const struct farm *farm, const struct lease *lease, struct err *err)
{
	for (int32_t i = 0; i < lease->n_pages; i++) {
		if (!formats_take(farm, lease->pages[i].asset.media_type, err)) {
			return err_wrap(err, "page %d", (int)i + 1);
		}
	}
	return true;
}

void intake_take(struct farm *farm, struct job *job, const struct lease *lease,
	enum lease_verdict verdict, const struct err *err)
{
	store_job_add(farm->ports.store, job, lease);
	farm->stages_reached |= UINT32_C(1) << job->stage;
	struct floor_job *fj = farm_add(farm, job);
	for (int32_t i = 0; i < lease->n_pages; i++) {
		if (lease->pages[i].asset.url[0] != '\0') {
			fj->urls[i] = mem_text(lease->pages[i].asset.url);
		}
	}
	outbox_job(farm, job, "leased", NULL);
	log_info(job->id, "leased: %s x %d, order %s, epoch %lld", job->sku, (int)job->prints,
		job->order_ref[0] == '\0' ? job->order_id : job->order_ref, (long long)job->epoch);
	switch (verdict) {
	case LEASE_REFUSE:
		walk_simple(farm, job->row, EV_GIVE_BACK, err);
		break;
	case LEASE_HOLD:
		walk_simple(farm, job->row, EV_HOLD, err);
		break;
	case LEASE_TAKE:
	case LEASE_IGNORE:
		walk_simple(farm, job->row, EV_BEGIN, NULL);
		break;
	}
}

/* A newer epoch ends an older one that was not cleared to print. */
static void supersede(struct farm *farm, const struct job *here)
{
	struct err err;
	struct floor_job *fj = farm_find(farm, here->row);
	if (fj != NULL && !stage_is_final(fj->job.stage)) {
		err_set(&err, REMEDY_DROP, "superseded", "leased again under a newer epoch");
		walk_simple(farm, here->row, EV_LOST, &err);
	}
}

void intake_lease(struct farm *farm, const struct lease *lease)
{
	struct job here;
	bool known = store_job_find(farm->ports.store, lease->job, &here);
	struct err err;
	if (known) { /* what came out under any of its epochs counts */
		store_job_out(farm->ports.store, lease->job, &here.delivered, &here.unknown);
	}
	enum lease_verdict verdict = judge(farm, lease, known ? &here : NULL, &err);
	if (verdict == LEASE_IGNORE) {
		log_info(lease->job, "lease ignored: %s", err.text);
		return;
	}
	if (verdict == LEASE_REFUSE && strcmp(err.code, "in-print") == 0) {
		/* no second row for a job that may be inside a printer: only the call */
		struct job refused = intake_job(farm, lease);
		text_copy(refused.reason_code, sizeof refused.reason_code, err.code);
		text_copy(refused.reason, sizeof refused.reason, err.text);
		outbox_release(farm, &refused);
		return;
	}
	struct err distrust;
	bool trusted = is_trusted(farm, lease, &distrust);
	if (!trusted && farm->conf.signatures == SIGNATURES_BLOCK) {
		verdict = LEASE_REFUSE;
		err = distrust;
	}
	if (known) {
		supersede(farm, &here);
	}
	if (verdict != LEASE_REFUSE && !formats_are_taken(farm, lease, &err)) {
		verdict = LEASE_REFUSE;
	}
	struct job job = intake_job(farm, lease);
	intake_take(farm, &job, lease, verdict, &err);
	if (!trusted) {
		tell_of_distrust(farm, &job, &distrust);
	}
}

/* ---- local orders ---- */

static void fill_pages(const struct local_order *order, struct lease *lease)
{
	lease->n_pages = order->n_pages;
	lease->pages = mem_new((size_t)order->n_pages, sizeof *lease->pages);
	for (int32_t i = 0; i < order->n_pages; i++) {
		const struct local_page *from = &order->pages[i];
		struct lease_page *to = &lease->pages[i];
		memcpy(to->asset.sha256, from->sha256, sizeof to->asset.sha256);
		memcpy(to->asset.id, from->sha256, TEXT_ID_MAX);
		to->asset.id[TEXT_ID_MAX - 1] = '\0';
		memcpy(to->asset.media_type, from->media_type, sizeof to->asset.media_type);
		to->asset.bytes = from->bytes;
		to->options = from->options;
		json_t *json = page_options_to_json(&from->options);
		char *text = json_write(json);
		text_copy(to->options_json, sizeof to->options_json, text);
		free(text);
		json_decref(json);
	}
}

bool intake_local(struct farm *farm, const struct local_order *order, const char *key,
	const char *order_id, const char *who, char id[TEXT_ID_MAX], struct err *err)
{
	if (farm->draining) {
		return err_set(err, REMEDY_RETRY, "draining",
			"this floor is finishing to stop: submit again when it is back");
	}
	if (order->copies < 1 || order->copies > 9999 || order->n_pages < 1 ||
		order->n_pages > PAGES_MAX) {
		return err_set(err, REMEDY_REJECT, "field",
			"copies must be 1 to 9999, pages 1 to %d", PAGES_MAX);
	}
	struct lease lease = {.epoch = 1,
		.revision = 1,
		.priority = 50,
		.due_in_s = -1,
		.asserted_border_hmm = -1,
		.copies = order->copies,
		.n_pages = order->n_pages};
	snprintf(lease.job, sizeof lease.job, "L-%s", key);
	text_copy(lease.order_id, sizeof lease.order_id, order_id);
	text_copy(lease.sku, sizeof lease.sku, order->sku);
	text_copy(lease.order_ref, sizeof lease.order_ref, order->ref);
	text_copy(lease.label, sizeof lease.label, order->label);
	struct err why;
	enum lease_verdict verdict = judge(farm, &lease, NULL, &why);
	if (verdict == LEASE_REFUSE) { /* told to the person at once; nothing is stored */
		*err = why;
		return false;
	}
	fill_pages(order, &lease);
	if (!formats_are_taken(farm, &lease, err)) {
		free(lease.pages);
		return false;
	}
	struct job job = intake_job(farm, &lease);
	job.local = true;
	intake_take(farm, &job, &lease, verdict, &why);
	store_audit(farm->ports.store, farm_wall_ms(farm), who, "submit", job.id, order->sku);
	text_copy(id, TEXT_ID_MAX, job.id);
	free(lease.pages);
	return true;
}

bool farm_submit(struct farm *farm, const struct local_order *order, const char *who,
	char id[TEXT_ID_MAX], struct err *err)
{
	char key[ULID_MAX], order_id[TEXT_ID_MAX];
	farm_key(farm, key);
	snprintf(order_id, sizeof order_id, "L-%s", key);
	return intake_local(farm, order, key, order_id, who, id, err);
}
