/* SPDX-License-Identifier: Apache-2.0
 *
 * The enumeration. A job is made at every stage with every value of what the path looks at; what
 * only counts (tries, minutes) takes its first value and one that is over the limit. Jobs that
 * can't be (a question at no device, a cancel that waits for nothing) are left out: the test
 * proves that no step leads to one.
 */
#include "machine.h"
#include "base/mem.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW (2 * UNSURE_WINDOW_MS)

struct input {
	struct job job;
	enum event_kind kind;
	struct err err;
	struct receipt receipt;
	bool shared;
};

/* ---- words ---- */

static const char *shout(char text[WORD_MAX], const char *prefix, const char *word)
{
	snprintf(text, WORD_MAX, "%s%s", prefix, word);
	for (char *c = text; *c != '\0'; c++) {
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
	}
	return text;
}

const char *stage_text(int stage, char text[WORD_MAX])
{
	return stage == SELF ? "SELF" : shout(text, "AT_", stage_word((enum stage)stage));
}

const char *work_text(int work, char text[WORD_MAX])
{
	static const char *const others[] = {"WAIT", "STOP", "OWN"};
	return work >= WAIT ? others[work - WAIT] : shout(text, "DO_", work_name((enum work)work));
}

const char *event_text(int event)
{
	static const char *const words[WORD_COUNT] = {
		[EV_BEGIN] = "EV_BEGIN",
		[EV_RESTART] = "EV_RESTART",
		[EV_DONE] = "EV_DONE",
		[EV_MORE] = "EV_MORE",
		[EV_FAILED] = "EV_FAILED",
		[EV_LATE] = "EV_LATE",
		[EV_WAKE] = "EV_WAKE",
		[EV_LOST] = "EV_LOST",
		[EV_CANCEL] = "EV_CANCEL",
		[EV_REVOKE] = "EV_REVOKE",
		[EV_HOLD] = "EV_HOLD",
		[EV_RELEASE] = "EV_RELEASE",
		[EV_GIVE_BACK] = "EV_GIVE_BACK",
		[EV_RESOLVE] = "EV_RESOLVE",
		[FAILS_DROPPED] = "FAILS_DROPPED",
		[SAYS_PENDING] = "SAYS_PENDING",
		[SAYS_DONE] = "SAYS_DONE",
		[SAYS_NOT_TAKEN] = "SAYS_NOT_TAKEN",
		[SAYS_PARTIAL] = "SAYS_PARTIAL",
		[SAYS_SPOILED] = "SAYS_SPOILED",
		[SAYS_UNKNOWN] = "SAYS_UNKNOWN",
		[SAYS_UNPROVEN] = "SAYS_UNPROVEN",
	};
	return words[event] == NULL ? "EV_ without a word in machine.c" : words[event];
}

static int receipt_event(const struct input *input)
{
	static const int plain[] = {
		[VERDICT_PENDING] = SAYS_PENDING,
		[VERDICT_NOT_TAKEN] = SAYS_NOT_TAKEN,
		[VERDICT_SPOILED] = SAYS_SPOILED,
		[VERDICT_UNKNOWN] = SAYS_UNKNOWN,
	};
	const struct receipt *receipt = &input->receipt;
	if (receipt->verdict != VERDICT_DONE && receipt->verdict != VERDICT_PARTIAL) {
		return plain[receipt->verdict];
	}
	bool void_counter = receipt->evidence == EVIDENCE_COUNTER && input->shared;
	if (receipt->evidence == EVIDENCE_NONE || receipt->completed == 0 || void_counter) {
		return SAYS_UNPROVEN;
	}
	if (receipt->completed >= input->job.attempt.copies) {
		return SAYS_DONE;
	}
	return receipt->verdict == VERDICT_PARTIAL ? SAYS_PARTIAL : SAYS_UNPROVEN;
}

/* ---- one step, told as a deed ---- */

static struct facts facts_of(const struct job *job, int32_t coming)
{
	bool held = job->stage == AT_HELD_OPERATOR;
	return (struct facts){.permitted = job->permitted,
		.cancel_asked = job->cancel_asked,
		.asking = job->asking,
		.more = job->prints - job->delivered - coming > 0,
		.nothing_out = job->delivered + job->unknown + job->doubled == 0,
		.held_from = (int)(held ? job->held_from : AT_LEASED),
		.duplicates = (int)job->duplicates};
}

static int event_of(const struct input *input)
{
	if (input->kind == EV_RECEIPT) {
		return receipt_event(input);
	}
	bool dropped = input->kind == EV_FAILED && input->err.remedy == REMEDY_DROP;
	return dropped && input->job.stage < AT_PREPARED ? FAILS_DROPPED : (int)input->kind;
}

/* The prints that the event says came out. */
static int32_t spoken_of(const struct input *input)
{
	switch (input->kind) {
	case EV_RECEIPT:
		return input->job.attempt.copies;
	case EV_RESOLVE:
		return input->receipt.completed;
	default:
		return 0;
	}
}

static int asked(const struct outcome *out)
{
	if (out->fatal) {
		return STOP;
	}
	bool waits = out->work == DO_NOTHING && out->wake_ms != 0 && !out->wake_is_late;
	return waits ? WAIT : (int)out->work;
}

static bool is_known(const struct deeds *deeds, const struct deed *deed)
{
	for (size_t i = deeds->n; i > 0; i--) { /* the newest are the likeliest */
		if (memcmp(&deeds->all[i - 1], deed, sizeof *deed) == 0) {
			return true;
		}
	}
	return false;
}

static void add(struct deeds *deeds, const struct deed *deed)
{
	if (is_known(deeds, deed)) {
		return;
	}
	if (deeds->n == deeds->room) {
		deeds->room = deeds->room == 0 ? 1024 : deeds->room * 2;
		deeds->all = mem_resize(deeds->all, deeds->room, sizeof *deeds->all);
	}
	deeds->all[deeds->n++] = *deed;
}

static void try_step(struct deeds *deeds, const struct input *input)
{
	struct deed deed;
	struct job job = input->job;
	struct event event = {.kind = input->kind,
		.err = &input->err,
		.receipt = &input->receipt,
		.shared = input->shared};
	int32_t coming = spoken_of(input);
	memset(&deed, 0, sizeof deed); /* deeds are compared as bytes */
	deed.from = (int)job.stage;
	deed.before = facts_of(&job, coming);
	struct outcome out = path_step(&job, &event, NOW, 1);
	deed.to = (int)job.stage;
	deed.after = facts_of(&job, coming);
	deed.event = event_of(input);
	deed.asks = asked(&out);
	for (int i = 0; i < 2; i++) {
		snprintf(deed.tells[i], WORD_MAX, "%s", out.tells[i] ? out.tells[i] : "none");
	}
	add(deeds, &deed);
}

bool deed_is_idle(const struct deed *deed)
{
	return deed->from == deed->to && deed->asks == DO_NOTHING &&
	       strcmp(deed->tells[0], "none") == 0;
}

/* ---- every event, for one job ---- */

static void try_failures(struct deeds *deeds, struct input *input)
{
	static const char *const codes[] = {"why", "disk-full", "render-server"};
	for (int remedy = REMEDY_RETRY; remedy <= REMEDY_FATAL; remedy++) {
		for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
			err_set(&input->err, (enum remedy)remedy, codes[i], "so it is");
			try_step(deeds, input);
		}
	}
}

static void try_receipts(struct deeds *deeds, struct input *input)
{
	for (int verdict = VERDICT_PENDING; verdict <= VERDICT_UNKNOWN; verdict++) {
		for (int evidence = EVIDENCE_NONE; evidence <= EVIDENCE_COUNTER; evidence++) {
			for (int32_t done = 0; done <= input->job.attempt.copies; done++) {
				input->receipt = (struct receipt){.verdict = (enum verdict)verdict,
					.evidence = (enum evidence)evidence,
					.completed = done};
				input->shared = false;
				try_step(deeds, input);
				input->shared = true;
				try_step(deeds, input);
			}
		}
	}
}

static void try_resolutions(struct deeds *deeds, struct input *input)
{
	int32_t left = input->job.prints - input->job.delivered;
	for (int32_t done = 0; done <= left; done++) {
		input->receipt = (struct receipt){
			.verdict = VERDICT_DONE, .evidence = EVIDENCE_OPERATOR, .completed = done};
		try_step(deeds, input);
	}
}

static void try_events(struct deeds *deeds, struct input *input)
{
	for (int kind = EV_BEGIN; kind < EV_COUNT; kind++) {
		input->kind = (enum event_kind)kind;
		err_set(&input->err, REMEDY_DROP, "why", "so it is");
		if (kind == EV_FAILED) {
			try_failures(deeds, input);
		} else if (kind == EV_RECEIPT) {
			try_receipts(deeds, input);
		} else if (kind == EV_RESOLVE) {
			try_resolutions(deeds, input);
		} else {
			try_step(deeds, input);
		}
	}
}

/* ---- every job ---- */

#define PRINTS 3

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
static const struct {
	int n, values[STAGE_COUNT];
} wheels[WHEELS] = {
	/* clang-format off */
	[TRIES]      = {2, {0, 7}},
	[REDOS]      = {2, {0, 7}},
	[SUBMITS]    = {3, {0, REPRINT_TRIES, SUBMIT_TRIES - 1}},
	[REFUSED]    = {2, {false, true}},
	[DOUBT]      = {2, {0, 1}}, /* since when */
	[COPIES]     = {2, {1, 2}},
	[DELIVERED]  = {3, {0, 1, PRINTS}},
	[UNKNOWN]    = {2, {0, 1}},
	[DOUBLED]    = {2, {0, 1}},
	[ASKING]     = {2, {false, true}},
	[CANCEL]     = {2, {false, true}},
	[PERMITTED]  = {2, {false, true}},
	[DUPLICATES] = {3, {DUPLICATES_HOLD, DUPLICATES_RELEASE, DUPLICATES_REPRINT}},
	[HELD_FROM]  = {6, {AT_LEASED, AT_FETCHED, AT_INSPECTED, AT_RENDERED, AT_QUEUED, AT_PERMITTED}},
	[STAGE]      = {STAGE_COUNT, {AT_LEASED, AT_FETCHED, AT_INSPECTED, AT_RENDERED, AT_QUEUED,
				AT_PERMITTED, AT_PREPARED, AT_OPENED, AT_SENDING, AT_COMMITTED,
				AT_ACCEPTED, AT_PRINTED, AT_REPORTED, AT_HELD_UNKNOWN,
				AT_HELD_OPERATOR, AT_QUARANTINED, AT_RELEASED, AT_CANCELLED, AT_LOST}},
	/* clang-format on */
};

static struct job make_job(const int at[WHEELS])
{
	int v[WHEELS];
	for (int i = 0; i < WHEELS; i++) {
		v[i] = wheels[i].values[at[i]];
	}
	struct job job = {.stage = (enum stage)v[STAGE],
		.held_from = (enum stage)v[HELD_FROM],
		.duplicates = (enum duplicates)v[DUPLICATES],
		.permitted = v[PERMITTED],
		.cancel_asked = v[CANCEL],
		.asking = v[ASKING],
		.prints = PRINTS,
		.delivered = v[DELIVERED],
		.unknown = v[UNKNOWN],
		.doubled = v[DOUBLED],
		.attempt.copies = v[COPIES],
		.doubt_since_ms = v[DOUBT],
		.submit_tries = v[SUBMITS],
		.redos = v[REDOS],
		.tries = v[TRIES],
		.n_pages = 1,
		.refused_by = {v[REFUSED] ? 'P' : '\0'}};
	return job;
}

/* Some jobs never are; and what does not matter at a stage need not be tried there. */
static bool is_tried(const struct job *job)
{
	bool at_device = stage_is_at_device(job->stage);
	bool open = at_device || job->stage == AT_HELD_UNKNOWN;
	bool held = job->stage == AT_HELD_OPERATOR;
	bool printed = job->stage == AT_PRINTED;
	bool early = job->stage <= AT_PERMITTED || printed;
	bool cleared = open || printed || job->stage == AT_PERMITTED || job->stage == AT_REPORTED ||
		       (held && job->held_from == AT_PERMITTED);
	bool counts = job->submit_tries > 0 || job->refused_by[0] != '\0';
	return (job->permitted || !cleared) && (!job->asking || at_device) &&
	       (!job->cancel_asked || open || printed) && (open || !counts) &&
	       (at_device || job->doubt_since_ms == 0) &&
	       (early || (job->tries == 0 && job->redos == 0)) &&
	       (job->held_from == AT_LEASED || held) &&
	       (job->delivered < PRINTS || held || printed);
}

/* The next of all combinations; false when they are through. */
static bool turn(int at[WHEELS])
{
	for (int i = 0; i < WHEELS; i++) {
		if (++at[i] < wheels[i].n) {
			return true;
		}
		at[i] = 0;
	}
	return false;
}

static int compare_deeds(const void *one, const void *other)
{
	return memcmp(one, other, sizeof(struct deed));
}

void machine_run(struct deeds *deeds)
{
	int at[WHEELS] = {0};
	*deeds = (struct deeds){0};
	do {
		struct input input = {.job = make_job(at)};
		if (is_tried(&input.job)) {
			try_events(deeds, &input);
		}
	} while (turn(at));
	qsort(deeds->all, deeds->n, sizeof *deeds->all, compare_deeds);
}

void deeds_free(struct deeds *deeds)
{
	free(deeds->all);
	*deeds = (struct deeds){0};
}
