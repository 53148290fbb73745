/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that kill their readers, or can't be read at all. Two deaths of the same cause, or a
 * refusal, quarantine the job with its signature: at which stage, by which worker, how, which file,
 * which engine. The file is put aside for support, and when it comes again, in whatever job, it is
 * not tried again before the engine changes, or a person lets it be tried once more.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEATHS_MAX 2

bool poison_is_known(
	struct farm *farm, const struct job *job, const struct page *page, struct err *err)
{
	struct death death;
	struct store *store = farm->ports.store;
	if (job->permitted || /* it was read once before */
		!store_death_known(store, page->asset.sha256, farm->engine, &death) ||
		store_pardon_claim(store, page->asset.sha256, job->row)) {
		return false;
	}
	text_copy(death.stage, sizeof death.stage, stage_word(job->stage));
	store_death_add(store, job->row, &death, farm_wall_ms(farm));
	err_set(err, REMEDY_REJECT, "poison",
		"the file is known here to be bad (job %s: %s, %s): it is not tried again before "
		"the program that reads it changes",
		death.job, death.worker, death.cause);
	return true;
}

/* For support to look at; whoever needs it fetches it anew. */
static void put_aside(struct farm *farm, const struct job *job, const struct page *page)
{
	struct err err;
	if (!spool_poison(farm->ports.spool, page->asset.sha256, &err)) {
		log_warn(job->id, "%s", err.text);
	}
}

void poison_judge(struct farm *farm, struct job *job, int32_t at, enum render_do what,
	const struct render_result *result, struct err *err)
{
	struct page page;
	bool refused = !result->died && err->remedy == REMEDY_REJECT;
	/* late or told to stop: the machine was busy, which says nothing against the file */
	bool blameless = result->died && strcmp(result->cause, "late") == 0;
	if (blameless || (!result->died && !refused) || !making_page(farm, job, at, &page)) {
		return;
	}
	struct death death = {.died = result->died};
	text_copy(death.sha256, sizeof death.sha256, page.asset.sha256);
	text_copy(death.format, sizeof death.format,
		page.inspected ? page.facts.format : page.asset.media_type);
	text_copy(death.stage, sizeof death.stage, stage_word(job->stage));
	text_copy(death.worker, sizeof death.worker, what == RENDER_INSPECT ? "inspect" : "render");
	text_copy(death.cause, sizeof death.cause, result->died ? result->cause : err->code);
	text_copy(death.engine, sizeof death.engine, farm->engine);
	job->deaths += result->died;
	int64_t n = store_death_add(farm->ports.store, job->row, &death, farm_wall_ms(farm));
	if (result->died && n >= DEATHS_MAX) {
		err->remedy = REMEDY_REJECT; /* it kills its readers */
		text_copy(err->code, sizeof err->code, "poison");
	}
	if (err->remedy == REMEDY_REJECT && (result->died || what == RENDER_INSPECT)) {
		put_aside(farm, job, &page);
	}
}

/* ---- once more ---- */

static bool bring_back(
	struct farm *farm, const struct page *page, struct local_page *to, struct err *err)
{
	struct spool *spool = farm->ports.spool;
	const char *name = page->asset.sha256;
	if (!spool_has(spool, SPOOL_ASSETS, name, NULL) && !spool_unpoison(spool, name, err)) {
		return err_set(err, REMEDY_REJECT, "asset-missing",
			"its file is no longer in the spool: submit it again");
	}
	memcpy(to->sha256, name, sizeof to->sha256);
	memcpy(to->media_type, page->asset.media_type, sizeof to->media_type);
	to->bytes = page->asset.bytes;
	json_t *json = json_loads(page->options_json, 0, NULL);
	bool fine = page_options_from_json(json, &to->options, err);
	json_decref(json);
	return fine;
}

/* A local order has nobody who could send it again: it is made anew here. */
static bool order_again(struct farm *farm, const struct job *job, const char *who,
	char id[TEXT_ID_MAX], struct err *err)
{
	struct local_page *pages = mem_new((size_t)job->n_pages, sizeof *pages);
	bool fine = true;
	for (int32_t at = 0; at < job->n_pages && fine; at++) {
		struct page page;
		fine = store_page_get(farm->ports.store, job->row, at, &page) &&
		       bring_back(farm, &page, &pages[at], err);
	}
	struct local_order order = {.copies = job->copies, .n_pages = job->n_pages, .pages = pages};
	memcpy(order.sku, job->sku, sizeof order.sku);
	memcpy(order.ref, job->order_ref, sizeof order.ref);
	memcpy(order.label, job->label, sizeof order.label);
	fine = fine && farm_submit(farm, &order, who, id, err);
	free(pages);
	return fine;
}

bool poison_release(struct farm *farm, const struct job *job, const char *who, const char *reason,
	struct err *err)
{
	char id[TEXT_ID_MAX] = "";
	char what[TEXT_ID_MAX + 32] = "allowed once more";
	if (reason[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "field",
			"job %s was quarantined: say with --reason why its file may be tried once "
			"more",
			job->id);
	}
	if (job->local && !order_again(farm, job, who, id, err)) {
		return false;
	}
	for (int32_t at = 0; at < job->n_pages; at++) {
		struct page page;
		if (store_page_get(farm->ports.store, job->row, at, &page)) {
			store_pardon(farm->ports.store, page.asset.sha256);
		}
	}
	if (job->local) {
		snprintf(what, sizeof what, "ordered again as %s", id);
	}
	store_audit(farm->ports.store, farm_wall_ms(farm), who, what, job->id, reason);
	log_info(job->id, "%s by=%s", what, who);
	return true;
}
