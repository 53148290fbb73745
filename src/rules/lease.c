/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging leases against what is sold here, the printers of the floor and the local ceilings.
 */
#include "rules/lease.h"
#include <stdlib.h>
#include <string.h>

#define SIZE_SLACK_HMM 50 /* clouds speak inches or rounded millimetres */

bool catalog_can_make(const struct catalog *catalog, const struct product *product)
{
	for (int32_t p = 0; p < catalog->n_printers; p++) {
		const struct model *model = catalog_model(catalog, catalog->printers[p].model);
		for (int32_t m = 0; model != NULL && m < product->n_media; m++) {
			if (model_makes_on(model, product, product->media[m])) {
				return true;
			}
		}
	}
	return false;
}

static bool sizes_agree(int32_t asserted_hmm, int32_t ours_hmm)
{
	return asserted_hmm == 0 || abs(asserted_hmm - ours_hmm) <= SIZE_SLACK_HMM;
}

static bool assertions_hold(
	const struct lease_view *lease, const struct product *product, struct err *err)
{
	bool upright = sizes_agree(lease->width_hmm, product->width_hmm) &&
		       sizes_agree(lease->height_hmm, product->height_hmm);
	bool turned = sizes_agree(lease->width_hmm, product->height_hmm) &&
		      sizes_agree(lease->height_hmm, product->width_hmm);
	if (!upright && !turned) {
		return err_set(err, REMEDY_REJECT, "unsupported",
			"the order says %s is %d x %d, here it is %d x %d (1/100 mm)", lease->sku,
			(int)lease->width_hmm, (int)lease->height_hmm, (int)product->width_hmm,
			(int)product->height_hmm);
	}
	if (lease->finish[0] != '\0' && strcmp(lease->finish, product->finish) != 0) {
		return err_set(err, REMEDY_REJECT, "unsupported",
			"the order says %s is %s, here it is %s", lease->sku, lease->finish,
			product->finish);
	}
	if (lease->border_hmm >= 0 &&
		!sizes_agree(lease->border_hmm + 1, product->border_hmm + 1)) {
		return err_set(err, REMEDY_REJECT, "unsupported",
			"the order says %s has a border of %d, here it has %d (1/100 mm)",
			lease->sku, (int)lease->border_hmm, (int)product->border_hmm);
	}
	return true;
}

static bool is_within_ceilings(const struct lease_view *lease, const struct product *product,
	const struct ceilings *ceilings, int32_t copies_last_hour, struct err *err)
{
	int64_t sheets = (int64_t)lease->copies * lease->n_pages;
	if (lease->copies > product->copies_max || sheets > ceilings->copies_per_job) {
		return err_set(err, REMEDY_ATTEND, "ceiling",
			"%lld prints in one job is over this floor's limit of %d: check with the "
			"customer, then let it go on or give it back",
			(long long)sheets,
			(int)(product->copies_max < ceilings->copies_per_job
					? product->copies_max
					: ceilings->copies_per_job));
	}
	if (copies_last_hour + sheets > ceilings->copies_per_hour) {
		return err_set(err, REMEDY_ATTEND, "ceiling",
			"%lld more prints pass this floor's limit of %d an hour: let it go on or "
			"give it back",
			(long long)sheets, (int)ceilings->copies_per_hour);
	}
	return true;
}

/* What is here already decides first: an old epoch changes nothing, and a job that may be inside a
 * printer is never begun a second time because the cloud says so. */
static enum lease_verdict judge_against(
	const struct lease_view *lease, const struct job *here, struct err *err)
{
	if (here == NULL) {
		return LEASE_TAKE;
	}
	if (lease->epoch <= here->epoch) {
		err_set(err, REMEDY_DROP, "stale-epoch", "epoch %lld is not above %lld",
			(long long)lease->epoch, (long long)here->epoch);
		return LEASE_IGNORE;
	}
	if (here->permitted && !stage_is_final(here->stage)) {
		err_set(err, REMEDY_REJECT, "in-print",
			"this floor is cleared to print it under epoch %lld (%s)",
			(long long)here->epoch, stage_word(here->stage));
		return LEASE_REFUSE;
	}
	if (here->stage == AT_REPORTED || here->delivered > 0 || here->unknown > 0) {
		err_set(err, REMEDY_ATTEND, "printed-before",
			"%d of %d prints of this job came out here before: print it again, or give "
			"it back",
			(int)here->delivered, (int)here->prints);
		return LEASE_HOLD;
	}
	return LEASE_TAKE;
}

enum lease_verdict lease_judge(const struct lease_view *lease, const struct job *here,
	const struct catalog *catalog, const struct ceilings *ceilings, int32_t copies_last_hour,
	struct err *err)
{
	enum lease_verdict verdict = judge_against(lease, here, err);
	if (verdict == LEASE_IGNORE || verdict == LEASE_REFUSE) {
		return verdict;
	}
	const struct product *product = catalog_product(catalog, lease->sku);
	if (product == NULL) {
		err_set(err, REMEDY_REJECT, "unsupported",
			"no product %s is sold on this floor: its name is that of a file in "
			"profiles/products",
			lease->sku);
		return LEASE_REFUSE;
	}
	if (!catalog_can_make(catalog, product)) {
		err_set(err, REMEDY_REJECT, "unsupported",
			"no printer of this floor takes the paper of %s%s", lease->sku,
			product->back_print_needed ? " and prints on its back" : "");
		return LEASE_REFUSE;
	}
	if (!assertions_hold(lease, product, err)) {
		return LEASE_REFUSE;
	}
	if (!is_within_ceilings(lease, product, ceilings, copies_last_hour, err)) {
		return LEASE_HOLD;
	}
	return verdict;
}

int64_t lease_want_s(int64_t want_s, int32_t ready_printers, int64_t queued_ms)
{
	int64_t left_s = want_s * ready_printers - queued_ms / 1000;
	return left_s > 0 ? left_s : 0;
}
