/* SPDX-License-Identifier: Apache-2.0
 *
 * moves.def, read once for each question: its rows, their guards, the events that are one, the
 * facts that a move leaves and the works of the stages. What a row says is C here and Promela in
 * path.pml.
 */
#include "rows.h"

const struct row rows[] = {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	{"MOVE", __LINE__, from, upto, event, to, asks, {#tell, #tell_then}, #when},
#define NEVER(from, upto, event, when, to, asks, tell, tell_then)                                  \
	{"NEVER", __LINE__, from, upto, event, to, asks, {#tell, #tell_then}, #when},
#include "moves.def"
};
const size_t n_rows = sizeof rows / sizeof rows[0];

bool row_lets_in(int line, const struct facts *job)
{
	const bool permitted = job->permitted, cancel_asked = job->cancel_asked;
	const bool asking = job->asking, more = job->more, nothing_out = job->nothing_out;
	const int held_from = job->held_from, duplicates = job->duplicates;
	switch (line) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	case __LINE__:                                                                             \
		return when;
#define NEVER MOVE
#include "moves.def"
	}
	return false;
}

int rows_event(int event)
{
	switch (event) {
#define SAME(event, as)                                                                            \
	case event:                                                                                \
		return as;
#include "moves.def"
	}
	return event;
}

bool is_at_device(int stage)
{
	return stage_is_at_device((enum stage)stage);
}

bool is_open(int stage)
{
	return is_at_device(stage) || stage == AT_HELD_UNKNOWN;
}

const char *rows_wrong_fact(const struct deed *deed)
{
	const bool permitted = deed->before.permitted, asking = deed->before.asking;
	const bool cancel_asked = deed->before.cancel_asked;
	const int held_from = deed->before.held_from, was = deed->from;
	const int event = rows_event(deed->event), to = deed->to, asks = deed->asks;
#define FACT(fact, formula)                                                                        \
	if (deed->after.fact != (formula)) {                                                       \
		return #fact;                                                                      \
	}
#include "moves.def"
	return NULL;
}

int rows_work(int stage)
{
	switch (stage) {
#define STAGE(stage, work)                                                                         \
	case stage:                                                                                \
		return work;
#include "moves.def"
	}
	return DO_NOTHING;
}
