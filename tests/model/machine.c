/* SPDX-License-Identifier: Apache-2.0
 *
 * The enumeration: every event in every form that decides something, for every job of jobs.c.
 */
#include "machine.h"
#include "base/mem.h"
#include "jobs.h"
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

/* ---- one step, told as a deed ---- */

static int receipt_event(const struct input *input)
{
	static const int plain[] = {
		[VERDICT_PENDING] = SAYS_PENDING,
		[VERDICT_NOT_TAKEN] = SAYS_NOT_TAKEN,
		[VERDICT_SPOILED] = SAYS_SPOILED,
		[VERDICT_UNKNOWN] = SAYS_UNKNOWN,
	};
	const struct receipt *receipt = &input->receipt;
	bool void_counter = receipt->evidence == EVIDENCE_COUNTER && input->shared;
	if (receipt->verdict == VERDICT_NOT_TAKEN && void_counter) {
		return SAYS_UNPROVEN;
	}
	if (receipt->verdict != VERDICT_DONE && receipt->verdict != VERDICT_PARTIAL) {
		return plain[receipt->verdict];
	}
	if (receipt->evidence == EVIDENCE_NONE || receipt->completed == 0 || void_counter) {
		return SAYS_UNPROVEN;
	}
	if (receipt->completed >= input->job.attempt.copies) {
		return SAYS_DONE;
	}
	return receipt->verdict == VERDICT_PARTIAL ? SAYS_PARTIAL : SAYS_UNPROVEN;
}

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

static int compare_deeds(const void *one, const void *other)
{
	return memcmp(one, other, sizeof(struct deed));
}

void machine_run(struct deeds *deeds)
{
	struct input input = {.kind = EV_BEGIN};
	*deeds = (struct deeds){0};
	struct jobs jobs = {.through = false};
	while (jobs_next(&jobs, &input.job)) {
		try_events(deeds, &input);
	}
	qsort(deeds->all, deeds->n, sizeof *deeds->all, compare_deeds);
}

void deeds_free(struct deeds *deeds)
{
	free(deeds->all);
	*deeds = (struct deeds){0};
}
