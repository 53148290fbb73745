/* SPDX-License-Identifier: Apache-2.0
 *
 * moves.def, read once for each question: its rows, their guards, the events that are one, the
 * flags and the works of the stages. What a row says is C here and Promela in path.pml.
 */
#include "rows.h"

const struct row rows[] = {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	{__LINE__, from, upto, event, to, asks, {#tell, #tell_then}, #when},
#define NEVER(...) MOVE(__VA_ARGS__)
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef STAGE
#undef SAME
#undef FLAG
};
const size_t n_rows = sizeof rows / sizeof rows[0];

bool row_lets_in(int line, const struct facts *job)
{
	const bool permitted = job->permitted, cancel_asked = job->cancel_asked;
	const bool asking = job->asking, more = job->more, nothing_out = job->nothing_out;
	const int held_from = job->held_from, duplicates = job->duplicates;
	(void)duplicates;
	switch (line) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)                                   \
	case __LINE__:                                                                             \
		return when;
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef STAGE
#undef SAME
#undef FLAG
	}
	return false;
}

int rows_event(int event)
{
	switch (event) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)
#define STAGE(stage, work)
#define SAME(event, as)                                                                            \
	case event:                                                                                \
		return as;
#define FLAG(flag, formula)
#include "moves.def"
#undef STAGE
#undef SAME
#undef FLAG
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

const char *rows_wrong_flag(const struct deed *deed)
{
	const bool permitted = deed->before.permitted, asking = deed->before.asking;
	const bool cancel_asked = deed->before.cancel_asked;
	const int event = rows_event(deed->event), to = deed->to, asks = deed->asks;
#define STAGE(stage, work)
#define SAME(event, as)
#define FLAG(flag, formula)                                                                        \
	if (deed->after.flag != (formula)) {                                                       \
		return #flag;                                                                      \
	}
#include "moves.def"
#undef MOVE
#undef NEVER
#undef STAGE
#undef SAME
#undef FLAG
	return NULL;
}

int rows_work(int stage)
{
	switch (stage) {
#define MOVE(from, upto, event, when, to, asks, tell, tell_then)
#define NEVER(...)
#define STAGE(stage, work)                                                                         \
	case stage:                                                                                \
		return work;
#define SAME(event, as)
#define FLAG(flag, formula)
#include "moves.def"
#undef MOVE
#undef NEVER
#undef STAGE
#undef SAME
#undef FLAG
	}
	return DO_NOTHING;
}
