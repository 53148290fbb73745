/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that hurt: what each did to its readers, by hash and engine, and who was let try once more.
 */
#include "ports/store_own.h"

#define DEATH_COLUMNS                                                                              \
	"SELECT sha256, format, stage, worker, cause, died, engine,"                               \
	" (SELECT id FROM job WHERE job.row=death.job) FROM death "

int64_t store_death_add(
	struct store *store, int64_t job_row, const struct death *death, int64_t wall_ms)
{
	int64_t n = 1;
	store_put(store,
		"INSERT INTO death(job, sha256, format, stage, worker, cause, died, engine, at)"
		" VALUES(?,?,?,?,?,?,?,?,?)",
		"itttttiti", job_row, death->sha256, death->format, death->stage, death->worker,
		death->cause, (int64_t)death->died, death->engine, wall_ms);
	db_one_int(store->db, &n,
		"SELECT count(*) FROM death WHERE job=? AND worker=? AND cause=? AND died<>0",
		"itt", job_row, death->worker, death->cause);
	return n;
}

static bool take(struct store *store, struct db_row *row, struct death *death)
{
	bool found = db_next(row);
	if (found) {
		*death = (struct death){.died = db_int(row, 5) != 0};
		text_copy(death->sha256, sizeof death->sha256, db_text(row, 0));
		text_copy(death->format, sizeof death->format, db_text(row, 1));
		text_copy(death->stage, sizeof death->stage, db_text(row, 2));
		text_copy(death->worker, sizeof death->worker, db_text(row, 3));
		text_copy(death->cause, sizeof death->cause, db_text(row, 4));
		text_copy(death->engine, sizeof death->engine, db_text(row, 6));
		text_copy(death->job, sizeof death->job, db_text(row, 7));
	}
	return store_read_end(store, row) && found;
}

bool store_death_of(struct store *store, int64_t job_row, struct death *death)
{
	return take(store,
		db_query(store->db, DEATH_COLUMNS "WHERE job=? ORDER BY row DESC LIMIT 1", "i",
			job_row),
		death);
}

bool store_death_known(
	struct store *store, const char *sha256, const char *engine, struct death *death)
{
	return take(store,
		db_query(store->db,
			DEATH_COLUMNS "WHERE sha256=? AND engine=? GROUP BY worker, cause HAVING"
				      " (died<>0 AND count(*)>1) OR (died=0 AND worker='inspect')"
				      " ORDER BY min(row) LIMIT 1",
			"tt", sha256, engine),
		death);
}

void store_pardon(struct store *store, const char *sha256)
{
	store_put(store, "INSERT OR REPLACE INTO pardon(sha256, job) VALUES(?,NULL)", "t", sha256);
}

bool store_pardon_claim(struct store *store, const char *sha256, int64_t job_row)
{
	int64_t n = 0;
	if (!db_one_int(store->db, &n, "SELECT coalesce(job,?) FROM pardon WHERE sha256=?", "it",
		    job_row, sha256) ||
		n != job_row) {
		return false;
	}
	store_put(store, "UPDATE pardon SET job=? WHERE sha256=? AND job IS NULL", "it", job_row,
		sha256);
	return true;
}
