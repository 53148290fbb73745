/* SPDX-License-Identifier: Apache-2.0
 *
 * Which jobs a poll gets: the floor's offer and wishes, the line of waiting jobs, the brakes.
 *
 * No lapse is ever written: a lapsed lease is simply one that may be granted again. A permitted job
 * is not leased any more, so that no clock can free it.
 */
#include "base/mem.h"
#include "orders/job.h"
#include <stdlib.h>
#include <string.h>

struct ask {
	int32_t max_jobs, want_jobs;
	int64_t max_bytes, want_ms, offer_max_bytes;
	char *offer, *exclude; /* JSON texts */
	int32_t wait_s;
};

static bool take_wait(struct call *call, int32_t *wait_s)
{
	const char *text = request_query(call->request, "wait");
	int64_t wait = 0;
	if (text != NULL && !text_to_int(text, 0, WAIT_MAX_S, &wait)) {
		return refuse(call, 400, "field", "wait must be 0 to %d seconds", WAIT_MAX_S);
	}
	*wait_s = (int32_t)wait;
	return true;
}

/* With or without the quotes of the header. */
static bool is_same_etag(const char *ours, const char *given)
{
	size_t len = strlen(ours);
	return strcmp(ours, given) == 0 ||
	       (len > 2 && strlen(given) == len - 2 && strncmp(ours + 1, given, len - 2) == 0);
}

static bool take_offer(struct call *call, const char *given, struct ask *ask)
{
	struct db_row *row = db_query(call->service->db,
		"SELECT etag, offer, json_extract(offer,'$.want_jobs'), "
		"json_extract(offer,'$.want_s'), coalesce(json_extract(offer,'$.max_bytes'),0) "
		"FROM floor WHERE id=? AND offer<>''",
		"t", call->client);
	bool known = db_next(row) && is_same_etag(db_text(row, 0), given);
	if (known) {
		ask->offer = mem_text(db_text(row, 1));
		ask->want_jobs = (int32_t)db_int(row, 2);
		ask->want_ms = db_int(row, 3) * SECOND_MS;
		ask->offer_max_bytes = db_int(row, 4);
	}
	read_end(call->service, row);
	return known || refuse(call, 412, "offer-unknown",
				"the offer here is not that of offer_etag: PUT /v1/offer again");
}

static bool take_exclude(struct call *call, struct ask *ask, struct err *err)
{
	json_t *list = NULL;
	if (!json_take_array(call->body, "exclude", 100, &list, err)) {
		return false;
	}
	ask->exclude = list == NULL ? mem_text("[]") : json_write(list);
	return true;
}

static bool take_ask(struct call *call, struct ask *ask)
{
	*ask = (struct ask){.max_jobs = 1};
	struct err err;
	int64_t jobs = 0;
	char etag[HASH_HEX_MAX + 2] = "";
	if (!json_need_int(call->body, "max_jobs", 1, LEASES_MAX, &jobs, &err) ||
		!json_take_int(call->body, "max_bytes", 0, INT64_MAX, &ask->max_bytes, &err) ||
		!json_need_text(call->body, "offer_etag", etag, sizeof etag, &err) ||
		!take_exclude(call, ask, &err)) {
		return refuse_bad(call, &err);
	}
	ask->max_jobs = (int32_t)jobs;
	return take_wait(call, &ask->wait_s) && take_offer(call, etag, ask);
}

static void ask_fini(struct ask *ask)
{
	free(ask->offer);
	free(ask->exclude);
}

/* What a cancelled or revoked job becomes when its lease lapsed before the floor was told. */
static void settle_lapsed(struct service *service, int64_t now_ms)
{
	if (one_int(service, 0,
		    "SELECT 1 FROM job WHERE state='leased' AND wish<>'' AND "
		    "deadline_boot_ms<=? LIMIT 1",
		    "i", now_ms) == 0) {
		return;
	}
	put(service,
		"UPDATE job SET state=iif(wish='cancel','cancelled','waiting'), wish='', floor='', "
		"floor_state='' "
		"WHERE state='leased' AND wish<>'' AND deadline_boot_ms<=?",
		"i", now_ms);
}

#define PICKS_MAX 200 /* looked at per try; some may be held back by the brakes */

struct pick {
	char id[TEXT_ID_MAX];
	int64_t bytes, work_ms;
};

/* ?1 offer, ?2 now, ?3 floor, ?4 excluded jobs, ?5 most bytes of an asset */
#define SUITS                                                                                      \
	" AND j.paused=0 AND j.wish='' AND j.sku IN (SELECT name FROM sku)"                        \
	" AND j.only_floor IN ('', ?3) AND NOT (j.later_floor=?3 AND j.later_boot_ms>?2)"          \
	" AND j.id NOT IN (SELECT value FROM json_each(?4))"                                       \
	" AND NOT EXISTS (SELECT 1 FROM not_at n WHERE n.job_row=j.row AND n.floor=?3)"            \
	" AND NOT EXISTS (SELECT 1 FROM page g JOIN asset a ON a.id=g.asset"                       \
	"  WHERE g.job_row=j.row AND ((?5>0 AND a.bytes>?5)"                                       \
	"   OR (a.media_type NOT IN format AND EXISTS (SELECT 1 FROM format))))"
/* as the index job_line is sorted, so that a long line is read only as far as needed */
#define LINE " ORDER BY j.priority DESC, j.due_wall_ms IS NULL, j.due_wall_ms, j.row LIMIT 200"

static size_t find_picks(
	struct call *call, const struct ask *ask, int64_t now_ms, struct pick picks[PICKS_MAX])
{
	struct db_row *row = db_query(call->service->db,
		"WITH sku AS MATERIALIZED (SELECT s.value AS name,"
		"  min(json_extract(p.value,'$.ms_per_print')) AS ms"
		"  FROM json_each(?1,'$.printers') p, json_each(p.value,'$.skus') s GROUP BY 1),"
		" format AS MATERIALIZED (SELECT value FROM json_each(?1,'$.formats')),"
		" pick AS MATERIALIZED ("
		"  SELECT * FROM (SELECT j.row FROM job j WHERE j.state='waiting'" SUITS LINE ")"
		"  UNION ALL SELECT * FROM (SELECT j.row FROM job j WHERE j.state='leased'"
		"   AND j.deadline_boot_ms<=?2" SUITS LINE ")) "
		"SELECT j.id, j.bytes, j.copies * (SELECT count(*) FROM page WHERE job_row=j.row)"
		" * coalesce((SELECT ms FROM sku WHERE name=j.sku), 0)"
		" FROM pick JOIN job j ON j.row=pick.row" LINE,
		"titti", ask->offer, now_ms, call->client, ask->exclude, ask->offer_max_bytes);
	size_t n = 0;
	while (n < PICKS_MAX && db_next(row)) {
		text_copy(picks[n].id, sizeof picks[n].id, db_text(row, 0));
		picks[n].bytes = db_int(row, 1);
		picks[n].work_ms = db_int(row, 2);
		n++;
	}
	read_end(call->service, row);
	return n;
}

/* The brakes. A lapsed lease may mean that a floor, or the line to it, is ill: not everything it
 * had moves at once, and a job that is granted again and again without an end is shown to a person.
 */
static bool may_grant(struct service *service, struct job *job, int64_t now_ms)
{
	if (job->grants >= service->setup.grants_max) {
		job_set(service, job, JOB_ERROR);
		put(service,
			"UPDATE job SET reason='grants', detail='granted over and over without an "
			"end: look at it, then retry' WHERE row=?",
			"i", job->row);
		job_note(service, job, "error", json_pack("{s:s}", "reason", "grants"));
		return false;
	}
	if (job->state != JOB_LEASED) {
		return true;
	}
	if (service->regrant_minute != now_ms / MINUTE_MS) {
		service->regrant_minute = now_ms / MINUTE_MS;
		service->regrants = 0;
	}
	return service->regrants++ < service->setup.regrants_per_minute;
}

static json_t *grant_all(struct call *call, const struct ask *ask)
{
	struct service *service = call->service;
	int64_t now_ms = clock_boot_ms();
	json_t *leases = json_array();
	struct pick *picks = mem_new(PICKS_MAX, sizeof *picks);
	int32_t most = ask->max_jobs < ask->want_jobs ? ask->max_jobs : ask->want_jobs;
	int64_t bytes = 0, work_ms = 0;
	settle_lapsed(service, now_ms);
	size_t n = find_picks(call, ask, now_ms, picks);
	for (size_t i = 0; i < n; i++) {
		struct job job;
		bool is_first = json_array_size(leases) == 0;
		if (!is_first && ((ask->max_bytes > 0 && bytes + picks[i].bytes > ask->max_bytes) ||
					 work_ms >= ask->want_ms ||
					 (int32_t)json_array_size(leases) >= most)) {
			break;
		}
		if (job_load(service, picks[i].id, &job) && may_grant(service, &job, now_ms)) {
			json_array_append_new(leases, job_grant(service, &job, call->client));
			bytes += picks[i].bytes;
			work_ms += picks[i].work_ms;
		}
	}
	free(picks);
	return leases;
}

bool leases_try(struct call *call, int32_t *wait_s)
{
	struct ask ask = {0};
	json_t *leases = NULL;
	if (take_ask(call, &ask) && ask.want_jobs > 0 && ask.want_ms > 0) {
		leases = grant_all(call, &ask);
	}
	*wait_s = ask.wait_s;
	ask_fini(&ask);
	if (leases != NULL && json_array_size(leases) > 0) {
		call->status = 200;
		call->answer = json_pack("{s:o}", "leases", leases);
		return true;
	}
	json_decref(leases);
	return call->problem.status != 0 || call->service->broken;
}
