/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of stages and works, and the few questions that are asked of a stage.
 */
#include "rules/job.h"
#include <assert.h>
#include <string.h>

static const char *const stages[STAGE_COUNT] = {
	[AT_LEASED] = "leased",
	[AT_FETCHED] = "fetched",
	[AT_INSPECTED] = "inspected",
	[AT_RENDERED] = "rendered",
	[AT_QUEUED] = "queued",
	[AT_PERMITTED] = "permitted",
	[AT_PREPARED] = "prepared",
	[AT_OPENED] = "opened",
	[AT_SENDING] = "sending",
	[AT_COMMITTED] = "committed",
	[AT_ACCEPTED] = "accepted",
	[AT_PRINTED] = "printed",
	[AT_REPORTED] = "reported",
	[AT_HELD_UNKNOWN] = "held-unknown",
	[AT_HELD_OPERATOR] = "held-operator",
	[AT_QUARANTINED] = "quarantined",
	[AT_RELEASED] = "released",
	[AT_CANCELLED] = "cancelled",
	[AT_LOST] = "lost",
};

static const char *const works[WORK_COUNT] = {
	[DO_NOTHING] = "nothing",
	[DO_FETCH] = "fetch",
	[DO_INSPECT] = "inspect",
	[DO_RENDER] = "render",
	[DO_PLACE] = "place",
	[DO_PERMIT] = "permit",
	[DO_PREPARE] = "prepare",
	[DO_SEND] = "send",
	[DO_GO] = "go",
	[DO_CONFIRM] = "confirm",
	[DO_CANCEL] = "cancel",
	[DO_REPORT] = "report",
};

const char *stage_word(enum stage stage)
{
	return stages[stage];
}

bool stage_from_word(const char *word, enum stage *stage)
{
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (strcmp(stages[i], word) == 0) {
			*stage = (enum stage)i;
			return true;
		}
	}
	return false;
}

const char *work_name(enum work work)
{
	return works[work];
}

bool stage_is_final(enum stage stage)
{
	return stage == AT_REPORTED || stage >= AT_QUARANTINED;
}

bool stage_is_at_device(enum stage stage)
{
	return stage >= AT_PREPARED && stage <= AT_ACCEPTED;
}

bool stage_is_before_permit(enum stage stage)
{
	return stage < AT_PERMITTED;
}

enum phase stage_phase(enum stage stage)
{
	assert(stage_is_at_device(stage));
	return (enum phase)(stage - AT_PREPARED);
}
