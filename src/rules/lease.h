/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether to take a leased job, and how much more work to ask for. The cloud may be wrong or
 * hostile: what the floor can't make is given back with a reason, what is above the local ceilings
 * waits for a person.
 */
#pragma once
#include "rules/job.h"

struct ceilings { /* local policy; the cloud cannot raise it */
	int32_t copies_per_job;
	int32_t copies_per_hour;
};

struct lease_view { /* what the rules need of a lease */
	const char *job;
	const char *sku;
	int64_t epoch;
	int32_t copies, n_pages;
	int32_t width_hmm, height_hmm, border_hmm; /* assertions; 0, 0, -1: none */
	const char *finish;                        /* assertion; "": none */
};

enum lease_verdict {
	LEASE_TAKE,
	LEASE_HOLD,   /* take it, and ask a person */
	LEASE_REFUSE, /* give it back: err has code and sentence */
	LEASE_IGNORE, /* a lower or equal epoch: what is here stands */
};

/* `here` is the same job as the floor has it, or NULL. `copies_last_hour` counts what was taken. */
enum lease_verdict lease_judge(const struct lease_view *lease, const struct job *here,
	const struct catalog *catalog, const struct ceilings *ceilings, int32_t copies_last_hour,
	struct err *err);

/* Some printer of the floor, loaded or not, has a model that takes a media of the product. */
bool catalog_can_make(const struct catalog *catalog, const struct product *product);

/* Seconds of work to ask the cloud for: up to `want_s` ahead for the printers that can print now,
 * less what is already here. 0 = backpressure. */
int64_t lease_want_s(int64_t want_s, int32_t ready_printers, int64_t queued_ms);
