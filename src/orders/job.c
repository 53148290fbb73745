/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs in the store: load, change state, note what the service did.
 */
#include "orders/job.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[JOB_STATES] = {
	[JOB_WAITING] = "waiting",
	[JOB_LEASED] = "leased",
	[JOB_PERMITTED] = "permitted",
	[JOB_HELD] = "held",
	[JOB_PRINTED] = "printed",
	[JOB_CANCELLED] = "cancelled",
	[JOB_ERROR] = "error",
};

const char *job_state_name(enum job_state state)
{
	return states[state];
}

static enum job_state state_of(const char *name)
{
	for (int i = 0; i < JOB_STATES; i++) {
		if (strcmp(states[i], name) == 0) {
			return (enum job_state)i;
		}
	}
	return JOB_ERROR;
}

bool job_load(struct service *service, const char *id, struct job *job)
{
	struct db_row *row = db_query(service->db,
		"SELECT row, order_row, id, state, epoch, revision, floor, only_floor, sku, wish, "
		"copies, grants, paused, refresh, deadline_boot_ms FROM job WHERE id=?",
		"t", id);
	bool found = db_next(row);
	if (found) {
		*job = (struct job){.row = db_int(row, 0),
			.order_row = db_int(row, 1),
			.state = state_of(db_text(row, 3)),
			.epoch = db_int(row, 4),
			.revision = db_int(row, 5),
			.copies = db_int(row, 10),
			.grants = db_int(row, 11),
			.paused = db_int(row, 12) != 0,
			.refresh = db_int(row, 13) != 0,
			.deadline_boot_ms = db_int(row, 14)};
		text_copy(job->id, sizeof job->id, db_text(row, 2));
		text_copy(job->floor, sizeof job->floor, db_text(row, 6));
		text_copy(job->only_floor, sizeof job->only_floor, db_text(row, 7));
		text_copy(job->sku, sizeof job->sku, db_text(row, 8));
		text_copy(job->wish, sizeof job->wish, db_text(row, 9));
	}
	return read_end(service, row) && found;
}

bool job_is_with(const struct job *job, const char *floor, int64_t epoch)
{
	bool is_held =
		job->state == JOB_LEASED || job->state == JOB_PERMITTED || job->state == JOB_HELD;
	return is_held && job->epoch == epoch && strcmp(job->floor, floor) == 0;
}

bool job_was_with(struct service *service, const struct job *job, const char *floor)
{
	return one_int(service, 0, "SELECT 1 FROM held_by WHERE job_row=? AND floor=?", "it",
		       job->row, floor) != 0;
}

bool job_is_ahead(const struct job *job, const char *floor, int64_t epoch)
{
	bool may_be_there = job->only_floor[0] == '\0' || strcmp(job->only_floor, floor) == 0;
	return epoch > job->epoch && may_be_there &&
	       (job->state == JOB_WAITING || strcmp(job->floor, floor) == 0);
}

void job_adopt(struct service *service, struct job *job, const char *floor, int64_t epoch,
	enum job_state state)
{
	job->epoch = epoch;
	text_copy(job->floor, sizeof job->floor, floor);
	put(service, "UPDATE job SET epoch=?, floor=?, deadline_boot_ms=? WHERE row=?", "itii",
		epoch, floor, clock_boot_ms() + service->setup.ttl_s * SECOND_MS, job->row);
	put(service,
		"INSERT INTO held_by (job_row, floor, epoch) VALUES (?,?,?) "
		"ON CONFLICT DO UPDATE SET epoch=excluded.epoch",
		"iti", job->row, floor, epoch);
	job_set(service, job, state);
	job_note(service, job, "adopted", json_pack("{s:s}", "floor", floor));
}

void job_set(struct service *service, struct job *job, enum job_state state)
{
	job->state = state;
	put(service, "UPDATE job SET state=? WHERE row=?", "ti", states[state], job->row);
	if (state == JOB_WAITING) {
		put(service,
			"UPDATE job SET floor='', wish='', printer='', floor_state='' WHERE row=?",
			"i", job->row);
		job->floor[0] = job->wish[0] = '\0';
	}
}

void job_note(struct service *service, const struct job *job, const char *name, json_t *data)
{
	char id[ULID_MAX], type[80], stamp[CLOCK_STAMP_MAX];
	int64_t now_ms = clock_wall_ms();
	ulid_make(now_ms, id);
	snprintf(type, sizeof type, "platen.service.%s.v1", name);
	put(service, "UPDATE job SET notes=notes+1 WHERE row=?", "i", job->row);
	int64_t sequence = one_int(service, 1, "SELECT notes FROM job WHERE row=?", "i", job->row);
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o}", "specversion",
		"1.0", "id", id, "source", "/service", "type", type, "subject", job->id, "time",
		clock_stamp(now_ms, stamp), "sequence", (json_int_t)sequence, "epoch",
		(json_int_t)job->epoch, "data", data == NULL ? json_object() : data);
	char *text = json_write(body);
	put(service,
		"INSERT INTO event (floor, store_id, subject, sequence, id, body, fate, code, "
		"received_wall_ms, job_row, order_row) VALUES ('','',?,?,?,?,'noted','',?,?,?)",
		"tittiii", job->id, sequence, id, text, now_ms, job->row, job->order_row);
	free(text);
	json_decref(body);
}
