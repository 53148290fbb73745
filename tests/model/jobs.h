/* SPDX-License-Identifier: Apache-2.0
 *
 * A job at every stage, with every value of what the path looks at.
 */
#pragma once
#include "rules/job.h"

/* What differs from job to job, least significant first; each with how many values, and these. */
enum wheel {
	TRIES,
	REDOS,
	SUBMITS,
	REFUSED,
	DOUBT,
	COPIES,
	DELIVERED,
	UNKNOWN,
	DOUBLED,
	ASKING,
	CANCEL,
	PERMITTED,
	DUPLICATES,
	HELD_FROM,
	STAGE,
	WHEELS
};

struct jobs { /* begins as zeros */
	int at[WHEELS];
	bool through;
};

/* False after the last one. */
bool jobs_next(struct jobs *jobs, struct job *job);
