/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the path share: one step of one job, and the moves that its handlers make.
 * Included by path*.c only.
 */
#pragma once
#include "rules/path.h"

struct walk {
	struct job *job;
	const struct event *event;
	int64_t now_ms;
	uint64_t chance;
	struct outcome out;
};

#define FOREVER 0
#define ENDLESS 0

/* ---- path_move.c ---- */
void step_note(struct walk *walk, const char *format, ...) formats(2, 3);
/* An event for the cloud; at most two in one step. */
void step_tell(struct walk *walk, const char *type);
void reason_clear(struct job *job);
void reason_give(struct job *job, enum reason_kind kind, const struct err *err);
/* Asks the stage's own work and sets its patience. */
void step_ask(struct walk *walk);
/* To a stage, without asking anything. */
void step_move(struct walk *walk, enum stage stage);
/* To a stage, and asks its work. */
void step_go(struct walk *walk, enum stage stage);
void step_wait(struct walk *walk, int64_t delay_ms);
void step_hold(struct walk *walk, const struct err *err);
void step_end(struct walk *walk, enum stage stage, const struct err *err);
/* Asks the device about the attempt instead of going on. */
void step_ask_device(struct walk *walk);

/* ---- path_fail.c ---- */
void step_fail(struct walk *walk);
void step_stop_floor(struct walk *walk);

/* ---- path_doubt.c ---- */
/* The device's answer leaves it open whether the attempt printed: by the duplicates policy. */
void step_doubt(struct walk *walk);
/* An answer about a job that is held in doubt; true when it settles the attempt. */
bool step_late_proof(struct walk *walk, enum verdict verdict);
void step_late_question_failed(struct walk *walk);

/* ---- path_device.c ---- */
void step_fail_at_device(struct walk *walk);
/* By the event's receipt. */
void step_settle(struct walk *walk);
