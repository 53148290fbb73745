/* SPDX-License-Identifier: Apache-2.0
 *
 * The hook of the points, and the judge that a text arms: it counts passes and strikes at the n-th.
 */
#include "base/point.h"
#include "base/log.h"
#include "base/text.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRIKES_MAX 16

struct strike {
	char point[65]; /* PLACE or PLACE/DETAIL */
	long passes_left;
	bool kills;
};

static struct {
	point_judge *judge;
	void *context;
	struct strike strikes[STRIKES_MAX]; /* of point_arm_text */
	size_t n_strikes;
} armed;

void point_arm(point_judge *judge, void *context)
{
	armed.judge = judge;
	armed.context = context;
}

bool point_strikes(const char *place, const char *detail)
{
	return armed.judge != NULL && armed.judge(armed.context, place, detail);
}

static bool judge_strikes(void *context, const char *place, const char *detail)
{
	char point[130];
	(void)context;
	snprintf(point, sizeof point, "%s%s%s", place, detail[0] == '\0' ? "" : "/", detail);
	for (size_t i = 0; i < armed.n_strikes; i++) {
		struct strike *strike = &armed.strikes[i];
		if (strcmp(strike->point, point) != 0 || --strike->passes_left != 0) {
			continue;
		}
		log_warn("point", "%s struck", point);
		if (strike->kills) {
			raise(SIGKILL);
		}
		return true;
	}
	return false;
}

static bool read_strike(const char *word, struct strike *strike, struct err *err)
{
	const char *how = strrchr(word, ':');
	char *end = NULL;
	const char *number = how;
	while (number != NULL && number > word && number[-1] != ':') {
		number--;
	}
	bool fine = number != NULL && number > word + 1 &&
		    (size_t)(number - word) <= sizeof strike->point;
	if (fine) {
		text_copy(strike->point, (size_t)(number - word), word);
		strike->passes_left = strtol(number, &end, 10);
		strike->kills = strcmp(how, ":kill") == 0;
		fine = end == how && strike->passes_left > 0 &&
		       (strike->kills || strcmp(how, ":fail") == 0);
	}
	return fine ||
	       err_set(err, REMEDY_REJECT, "points",
		       "PLATEN_POINTS: \"%.60s\" is not POINT:N:kill or POINT:N:fail", word);
}

bool point_arm_text(const char *text, struct err *err)
{
	char words[1024];
	char *rest = NULL;
	text_copy(words, sizeof words, text);
	armed.n_strikes = 0;
	for (char *word = strtok_r(words, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		if (armed.n_strikes == STRIKES_MAX) {
			return err_set(err, REMEDY_REJECT, "points",
				"PLATEN_POINTS: more than %d strikes", STRIKES_MAX);
		}
		if (!read_strike(word, &armed.strikes[armed.n_strikes], err)) {
			return false;
		}
		armed.n_strikes++;
	}
	point_arm(judge_strikes, NULL);
	return true;
}
