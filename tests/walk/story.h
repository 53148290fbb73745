/* SPDX-License-Identifier: Apache-2.0
 *
 * How stories are told: one floor in a temporary folder, time that passes, and the lines that must
 * then stand in the trace, in this order, each exactly. Lines between them may be anything.
 */
#pragma once
#include "sim/sim.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SECONDS INT64_C(1000)
#define MINUTES (60 * SECONDS)

struct sim *story_begin(void);
struct sim *story_begin_with(struct sim_conf conf);
/* The oracle judges; nothing of the floor is left. */
void story_end(struct sim *sim);
/* The same without a judgement; PLATEN_SHOW in the environment prints the trace. */
void story_close(struct sim *sim);
/* Orders one job J1 of one print and lets time pass until the hub says the line, up to 30 minutes.
 */
struct sim *story_of_one(void);
void until(struct sim *sim, const char *line);
void story_lines(struct sim *sim, const char *const *lines);
/* The line stands nowhere in the trace. */
void never(struct sim *sim, const char *line);
void events_are(struct sim *sim, const char *subject, const char *words);
void stands(struct sim *sim, const char *job, enum stage stage);
void fault(struct sim *sim, enum sim_call call, enum sim_how how, enum remedy remedy);
/* Ordered without error; people's words are checked that way. */
void said(bool fine, const struct err *err);
void came_out(struct sim *sim, const char *job, int32_t sheets, int32_t spoiled);

#define expect(sim, ...) story_lines(sim, (const char *const[]){__VA_ARGS__, NULL})
