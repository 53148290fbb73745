/* SPDX-License-Identifier: Apache-2.0
 *
 * The order service, made up: jobs, leases with epochs, permits, and events kept by subject, whose
 * sequence is checked. It believes nothing that is out of order and says what a real one would.
 */
#include "sim/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_MS 120000

/* ---- events ---- */

struct sim_subject *sim_cloud_subject(struct sim *sim, const char *name)
{
	size_t at;
	if (index_get(&sim->subjects_by_name, name, &at)) {
		return &sim->subjects[at];
	}
	if (sim->n_subjects == sim->room_subjects) {
		sim->room_subjects = sim->room_subjects == 0 ? 64 : 2 * sim->room_subjects;
		sim->subjects =
			mem_resize(sim->subjects, sim->room_subjects, sizeof *sim->subjects);
	}
	index_put(&sim->subjects_by_name, name, sim->n_subjects);
	struct sim_subject *subject = &sim->subjects[sim->n_subjects++];
	*subject = (struct sim_subject){.last = 0};
	text_copy(subject->name, sizeof subject->name, name);
	return subject;
}

void event_word(const char *type, char word[65])
{
	const char *last = strrchr(type, '.');
	const char *first = last;
	while (first != NULL && first > type && first[-1] != '.') {
		first--;
	}
	snprintf(word, 65, "%.*s", first == NULL ? 0 : (int)(last - first), first);
}

static void check_printed(struct sim *sim, const struct sim_job *job)
{
	for (int32_t page = 0; page < job->n_pages; page++) {
		for (int32_t copy = 0; copy < job->copies; copy++) {
			if (job->authorised == 0 && sim_sheets(sim, job->id, page, copy) == 0) {
				sim_blame(sim,
					"%s was reported printed, but page %d copy %d never "
					"came out",
					job->id, (int)page, (int)copy);
			}
		}
	}
}

static void learn(struct sim *sim, const struct event_row *event, const char *word)
{
	static const struct {
		const char *word;
		enum sim_state state;
	} rows[] = {
		{"printed", JOB_PRINTED},
		{"cancelled", JOB_CANCELLED},
		{"released", JOB_RELEASED},
		{"quarantined", JOB_QUARANTINED},
		{"may_have_printed", JOB_HELD},
		{"interrupted", JOB_HELD},
		{"resolved", JOB_STARTED},
		{"retry", JOB_STARTED},
	};
	struct sim_job *job = sim_cloud_job(sim, event->subject);
	/* the policy that came with the order allows it: as good as a person's word */
	if (job != NULL && job->duplicates == DUPLICATES_REPRINT &&
		strstr(event->data, "\"reprint\"") != NULL) {
		job->authorised++;
	}
	/* also under its present epoch, which a service gone mad may have offered to two floors */
	bool is_here = job != NULL && job->state != JOB_WAITING && job->state != JOB_ELSEWHERE;
	if (!is_here || event->epoch != job->epoch) {
		return; /* late evidence changes nothing */
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool held = job->state == JOB_STARTED || job->state == JOB_HELD;
		if (strcmp(rows[i].word, word) == 0 && (rows[i].state != JOB_STARTED || held)) {
			job->state = rows[i].state;
		}
	}
	if (strcmp(word, "printed") == 0) {
		check_printed(sim, job);
	}
}

static void keep(struct sim *sim, struct sim_subject *subject, const struct event_row *event)
{
	if ((size_t)subject->last == subject->room) {
		subject->room = subject->room == 0 ? 32 : 2 * subject->room;
		subject->ids = mem_resize(subject->ids, subject->room, sizeof *subject->ids);
		subject->words = mem_resize(subject->words, subject->room, sizeof *subject->words);
	}
	memcpy(subject->ids[subject->last], event->id, ULID_MAX);
	event_word(event->type, subject->words[subject->last]);
	learn(sim, event, subject->words[subject->last]);
	subject->last++;
}

static void judge(struct sim *sim, const struct event_row *event, struct event_verdict *verdict)
{
	struct sim_subject *subject = sim_cloud_subject(sim, event->subject);
	const struct sim_job *job = sim_cloud_job(sim, event->subject);
	memcpy(verdict->id, event->id, sizeof verdict->id);
	if (event->sequence > subject->last + 1) {
		verdict->fate = EVENT_GAP;
		verdict->expected = subject->last + 1;
		return;
	}
	if (event->sequence <= subject->last) {
		verdict->fate = EVENT_DUPLICATE;
		if (strcmp(subject->ids[event->sequence - 1], event->id) != 0) {
			sim_blame(sim, "event %lld of %s was sent with two ids",
				(long long)event->sequence, event->subject);
			verdict->fate = EVENT_REJECTED;
		}
		return;
	}
	keep(sim, subject, event);
	bool stale = job != NULL && event->epoch < job->epoch;
	verdict->fate = stale ? EVENT_STALE_EPOCH : EVENT_ACCEPTED;
}

void cloud_events(
	struct sim *sim, const struct event_row *events, size_t n, struct events_answer *answer)
{
	answer->events = mem_new(n, sizeof *answer->events);
	answer->n_events = n;
	for (size_t i = 0; i < n; i++) {
		judge(sim, &events[i], &answer->events[i]);
	}
}

/* ---- the other calls ---- */

static struct sim_job *hear_of(struct sim *sim, const struct held_job *held)
{
	struct sim_job *job = sim_cloud_job(sim, held->job);
	if (job != NULL && job->epoch == held->epoch) {
		job->heard_ms = sim->now_ms;
	}
	return job;
}

static bool is_here(const struct sim_job *job)
{
	return job->state == JOB_LEASED || job->state == JOB_STARTED || job->state == JOB_HELD;
}

/* What the floor should have and did not name. */
static void name_missed(struct sim *sim, struct session_answer *answer)
{
	for (size_t i = 0; i < sim->n_jobs; i++) {
		const struct sim_job *job = &sim->jobs[i];
		if (!is_here(job) || job->listed == sim->sessions) {
			continue;
		}
		answer->missed =
			mem_resize(answer->missed, answer->n_missed + 1, sizeof *answer->missed);
		struct missed_job *missed = &answer->missed[answer->n_missed++];
		*missed = (struct missed_job){.epoch = job->epoch,
			.seq = sim_cloud_subject(sim, job->id)->last,
			.permitted = job->state != JOB_LEASED};
		memcpy(missed->job, job->id, sizeof missed->job);
	}
}

void cloud_session(
	struct sim *sim, const struct held_job *held, size_t n, struct session_answer *answer)
{
	*answer = (struct session_answer){
		.ttl_s = 120, .heartbeat_s = 30, .poll_wait_s = 25, .batch_events = 100};
	snprintf(answer->session, sizeof answer->session, "S%d", (int)++sim->sessions);
	answer->jobs = mem_new(n, sizeof *answer->jobs);
	answer->n_jobs = n;
	for (size_t i = 0; i < n; i++) {
		struct sim_job *job = hear_of(sim, &held[i]);
		struct session_job *said = &answer->jobs[i];
		if (job != NULL) {
			job->listed = sim->sessions;
		}
		memcpy(said->job, held[i].job, sizeof said->job);
		int64_t last = job == NULL ? 0 : sim_cloud_subject(sim, held[i].job)->last;
		if (job != NULL && last < held[i].seq) {
			said->verdict = SESSION_RESEND; /* whose it is now is said by a heartbeat */
			said->resend_from = last + 1;
		} else if (job == NULL || job->epoch != held[i].epoch) {
			said->verdict = job == NULL ? SESSION_UNKNOWN : SESSION_DROP;
		}
	}
	name_missed(sim, answer);
	sim->session = true;
}

void cloud_closed(
	struct sim *sim, const struct held_job *held, size_t n, struct closed_answer *answer)
{
	answer->jobs = mem_new(n, sizeof *answer->jobs);
	for (size_t i = 0; i < n; i++) {
		const struct sim_job *job = sim_cloud_job(sim, held[i].job);
		struct closed_job *said = &answer->jobs[answer->n_jobs++];
		memcpy(said->job, held[i].job, sizeof said->job);
		int64_t last = job == NULL ? held[i].seq : sim_cloud_subject(sim, job->id)->last;
		bool ended = strcmp(held[i].state, "released") == 0 ||
			     strcmp(held[i].state, "quarantined") == 0;
		said->resend_from = last < held[i].seq ? last + 1 : 0;
		said->verdict = job != NULL && ended && job->epoch == held[i].epoch && is_here(job)
					? CLOSED_RELEASE
				: said->resend_from > 0 ? CLOSED_RESEND
							: CLOSED_KEEP;
	}
}

void sim_asset(const struct sim_job *job, int32_t page, char text[128])
{
	snprintf(text, 128, "photo of %.60s, page %d", job->id, (int)page);
}

static void make_page(const struct sim_job *job, int32_t page, struct lease_page *out)
{
	char text[128];
	sim_asset(job, page, text);
	out->asset.bytes = (int64_t)strlen(text);
	out->asset.expires_in_s = 600;
	out->options.rotate_degrees = -1;
	hash_hex_of(text, strlen(text), out->asset.sha256);
	snprintf(out->asset.id, sizeof out->asset.id, "%.50s-%d", job->id, (int)page);
	snprintf(out->asset.url, sizeof out->asset.url, "sim:%.60s/%d", job->id, (int)page);
	text_copy(out->asset.media_type, sizeof out->asset.media_type, job->media_type);
	text_copy(out->options_json, sizeof out->options_json, "{}");
}

static void make_lease(const struct sim_job *job, int64_t epoch, struct lease *lease)
{
	*lease = (struct lease){.epoch = epoch,
		.revision = 1,
		.ttl_s = 120,
		.priority = job->priority,
		.due_in_s = job->due_in_s > 0 ? job->due_in_s : -1,
		.leave_by_in_s = -1,
		.asserted_border_hmm = -1,
		.copies = job->copies,
		.has_duplicates = true,
		.duplicates = job->duplicates,
		.trust = job->trust,
		.n_pages = job->n_pages};
	memcpy(lease->job, job->id, sizeof lease->job);
	if (job->trust == TRUST_SIGNED) {
		text_copy(lease->signed_by, sizeof lease->signed_by, "shop-1");
	}
	err_set(&lease->trust_fault, REMEDY_REJECT, "signature", "made-up forgery");
	memcpy(lease->sku, job->sku, sizeof lease->sku);
	snprintf(lease->order_id, sizeof lease->order_id, "O-%.60s", job->id);
	lease->pages = mem_new((size_t)job->n_pages, sizeof *lease->pages);
	for (int32_t page = 0; page < job->n_pages; page++) {
		make_page(job, page, &lease->pages[page]);
	}
}

/* A lease of which nothing was heard for its time is over; a permit never is. */
static bool may_lapse(const struct sim_job *job)
{
#ifdef PLATEN_WEAKEN_EXPIRY /* a planted fault: docs/simulator.md */
	return job->state == JOB_LEASED || job->state == JOB_STARTED;
#else
	return job->state == JOB_LEASED;
#endif
}

void cloud_lapse(struct sim *sim, struct sim_job *job)
{
	if (may_lapse(job) && sim->now_ms - job->heard_ms > LEASE_MS) {
		job->state = job->cancel ? JOB_CANCELLED : JOB_WAITING;
	}
}

/* The jobs before the first that may still be leased; the order only grows. */
static size_t first_open(struct sim *sim)
{
	while (sim->n_settled < sim->n_jobs) {
		const struct sim_job *job = &sim->jobs[sim->n_settled];
		bool settled = job->state == JOB_PRINTED || job->state == JOB_QUARANTINED;
		if (!settled || job->send_epoch != 0) {
			break;
		}
		sim->n_settled++;
	}
	return sim->n_settled;
}

bool cloud_acquire(struct sim *sim, const char *key, const struct acquire_ask *ask,
	struct acquire_answer *answer)
{
	size_t most = (size_t)ask->max_jobs;
	for (size_t i = first_open(sim); i < sim->n_jobs && answer->n_leases < most; i++) {
		struct sim_job *job = &sim->jobs[i];
		cloud_lapse(sim, job);
		int64_t epoch = job->send_epoch != 0 ? job->send_epoch : job->epoch;
		bool again = strcmp(job->acquired_by, key) == 0; /* the same call once more */
		bool waits = job->state == JOB_WAITING && !job->not_here;
		if (!again && job->send_epoch == 0 && !waits) {
			continue;
		}
		if (!again && job->send_epoch == 0) {
			epoch = ++job->epoch;
			job->state = JOB_LEASED;
			job->heard_ms = sim->now_ms;
			memcpy(job->acquired_by, key, sizeof job->acquired_by);
		}
		job->send_epoch = 0;
		answer->leases =
			mem_resize(answer->leases, answer->n_leases + 1, sizeof *answer->leases);
		make_lease(job, epoch, &answer->leases[answer->n_leases++]);
	}
	return answer->n_leases > 0;
}

void cloud_extend(
	struct sim *sim, const struct held_job *held, size_t n, struct extend_answer *answer)
{
	answer->jobs = mem_new(n, sizeof *answer->jobs);
	answer->n_jobs = n;
	for (size_t i = 0; i < n; i++) {
		const struct sim_job *job = hear_of(sim, &held[i]);
		struct extend_job *said = &answer->jobs[i];
		*said = (struct extend_job){.epoch = held[i].epoch, .ttl_s = 120};
		memcpy(said->job, held[i].job, sizeof said->job);
		said->action = job == NULL || job->epoch != held[i].epoch ? EXTEND_GONE
			       : job->cancel                              ? EXTEND_CANCEL
			       : job->revoke                              ? EXTEND_REVOKE
			       : job->paused                              ? EXTEND_HOLD
									  : EXTEND_NONE;
	}
}

void cloud_start(
	struct sim *sim, const struct start_ask *asks, size_t n, struct start_answer *answer)
{
	answer->jobs = mem_new(n, sizeof *answer->jobs);
	answer->n_jobs = n;
	for (size_t i = 0; i < n; i++) {
		struct sim_job *job = sim_cloud_job(sim, asks[i].job);
		struct start_job *said = &answer->jobs[i];
		said->epoch = asks[i].epoch;
		memcpy(said->job, asks[i].job, sizeof said->job);
		if (job == NULL || job->epoch != asks[i].epoch || job->state == JOB_ELSEWHERE ||
			job->state == JOB_WAITING) {
			said->verdict = START_SUPERSEDED;
		} else if (job->cancel) {
			said->verdict = START_CANCELLED;
		} else if (job->paused) {
			said->verdict = START_PAUSED;
		} else {
			said->verdict = START_GRANTED;
			job->granted = job->epoch;
			job->state = job->state == JOB_LEASED ? JOB_STARTED : job->state;
		}
	}
}

void cloud_release(struct sim *sim, const struct release_ask *ask)
{
	struct sim_job *job = sim_cloud_job(sim, ask->job);
	bool open = job != NULL && (job->state == JOB_LEASED || job->state == JOB_STARTED ||
					   job->state == JOB_HELD || job->state == JOB_RELEASED);
	bool at_once = ask->retry == RELEASE_LATER && ask->later_s == 0;
	if (!open || job->epoch != ask->epoch) {
		return;
	}
	job->state = at_once                              ? JOB_WAITING
		     : strcmp(ask->reason, "poison") == 0 ? JOB_QUARANTINED
							  : JOB_RELEASED;
	if (sim->conf.second_floor && ask->retry == RELEASE_ELSEWHERE) {
		job->state = JOB_WAITING;
		job->not_here = true;
	}
}
