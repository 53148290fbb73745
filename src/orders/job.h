/* SPDX-License-Identifier: Apache-2.0
 *
 * A job as the service keeps it.
 */
#pragma once
#include "orders/service.h"

enum job_state {
	JOB_WAITING,
	JOB_LEASED,
	JOB_PERMITTED,
	JOB_HELD,
	JOB_PRINTED,
	JOB_CANCELLED,
	JOB_ERROR,
	JOB_STATES
};

struct job {
	int64_t row, order_row;
	char id[TEXT_ID_MAX];
	enum job_state state;
	int64_t epoch, revision;
	char floor[TEXT_ID_MAX]; /* that has it, or had it last; "" none */
	char only_floor[TEXT_ID_MAX];
	char sku[NAME_MAX_LEN];
	char wish[8]; /* "", "cancel", "revoke" */
	int64_t copies, grants;
	bool paused, refresh;
	int64_t deadline_boot_ms;
};

const char *job_state_name(enum job_state state);
/* False when there is none of that id. */
bool job_load(struct service *service, const char *id, struct job *job);
/* Leased, permitted or held by that floor under that epoch. */
bool job_is_with(const struct job *job, const char *floor, int64_t epoch);
/* Was it ever given to that floor? */
bool job_was_with(struct service *service, const struct job *job, const char *floor);
/* A floor has it under a later epoch than is known here, and nobody else has it: this service came
 * back from a backup, and takes the floor's word. */
bool job_is_ahead(const struct job *job, const char *floor, int64_t epoch);
void job_adopt(struct service *service, struct job *job, const char *floor, int64_t epoch,
	enum job_state state);
/* Writes the new state; JOB_WAITING also takes the job from its floor and forgets its wish. */
void job_set(struct service *service, struct job *job, enum job_state state);
/* What the service did, kept among the job's events. `data` is taken, may be NULL. */
void job_note(struct service *service, const struct job *job, const char *name, json_t *data);

/* ---- lease.c ---- */
/* The next epoch, for that floor; returns the lease object. */
json_t *job_grant(struct service *service, struct job *job, const char *floor);
/* A list of {asset, options} as in leases; with links or, for the admin, without. */
json_t *pages_to_json(struct service *service, int64_t job_row, bool with_links);
