/* SPDX-License-Identifier: Apache-2.0
 *
 * A store that is an old copy of itself: what it would print may have been printed. It is known by
 * the store's own high-water marks, without the order service, or by the service's word; either
 * way nothing is begun until that is cleared up, also after a restart.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdlib.h>
#include <string.h>

void rollback_open(struct farm *farm)
{
	struct err err;
	char said[8] = "";
	store_meta_get(farm->ports.store, "rolled_back", said, sizeof said);
	farm->rolled_back = strcmp(said, "yes") == 0;
	if (store_is_old(farm->ports.store, &err)) {
		log_error("store", "%s: nothing is begun until somebody has looked", err.text);
	}
}

/* What the service says. */
void rollback_told(struct farm *farm, bool rolled_back)
{
	if (rolled_back == farm->rolled_back) {
		return;
	}
	farm->rolled_back = rolled_back;
	farm->session_open = farm->session_open && !rolled_back;
	store_meta_set(farm->ports.store, "rolled_back", rolled_back ? "yes" : "no");
	store_audit(farm->ports.store, farm_wall_ms(farm), "order service",
		rolled_back ? "store refused" : "store accepted", farm->conf.floor,
		rolled_back ? "it is an older copy of what the service knows" : "");
}

bool rollback_forbids(const struct farm *farm, struct err *err)
{
	struct err old;
	if (store_is_old(farm->ports.store, &old)) {
		err_set(err, REMEDY_ATTEND, "store-rollback",
			"%.200s. It may have been printed already: compare the trays, then: "
			"platenctl accept-store",
			old.text);
		return true;
	}
	if (farm->rolled_back) {
		err_set(err, REMEDY_ATTEND, "store-rollback",
			"the order service says that this floor's store is an old copy. It may "
			"have been printed already: compare the trays, then: platenctl "
			"accept-store");
	}
	return farm->rolled_back;
}

/* Each is asked about: the copy knows nothing of what was printed after it was made. What may be
 * inside a printer is asked of that printer as ever. */
static void hold_all(struct farm *farm)
{
	int64_t *rows = mem_new(farm->jobs.n, sizeof *rows);
	size_t n = 0;
	size_t at = 0;
	for (struct floor_job *fj; (fj = table_next(&farm->jobs, &at)) != NULL;) {
		if (fj->job.stage <= AT_PERMITTED) {
			rows[n++] = fj->job.row;
		}
	}
	struct err err;
	err_set(&err, REMEDY_ATTEND, "old-copy",
		"it stood in an old copy of the store and may have been printed since: look for "
		"it, then let it go on or give it back");
	for (size_t i = 0; i < n; i++) {
		walk_simple(farm, rows[i], EV_HOLD, &err);
	}
	log_warn("store", "the old copy was accepted: jobs held=%zu", n);
	free(rows);
}

bool farm_accept_store(struct farm *farm, const char *who, const char *reason, struct err *err)
{
	char id[ULID_MAX];
	struct err why;
	if (!rollback_forbids(farm, &why)) {
		return err_set(err, REMEDY_REJECT, "wrong-stage",
			"this floor's store is no old copy: there is nothing to accept");
	}
	farm_key(farm, id);
	store_audit(farm->ports.store, farm_wall_ms(farm), who, "accept store", id, reason);
	store_renew(farm->ports.store, id);
	farm->rolled_back = false;
	store_meta_set(farm->ports.store, "rolled_back", "no");
	hold_all(farm);
	farm->line_due = farm->line_all = true;
	if (farm->conf.has_cloud) {
		farm->session_open = false;
		chore_now(farm, CHORE_SESSION);
	}
	return true;
}
