/* SPDX-License-Identifier: Apache-2.0
 *
 * Stages, events and works by their names in the code, as moves.def has them.
 */
#include "machine.h"
#include <ctype.h>
#include <stdio.h>

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
