/* SPDX-License-Identifier: Apache-2.0
 *
 * The hook of the points, and the judge that a text arms: it counts passes and strikes at the n-th.
 */
#include "base/point.h"
#include "base/log.h"
#include "base/text.h"
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRIKES_MAX 16

const struct point_place point_places[] = {
	{"migrating",
		POINT_ALONE},     /* a store that is new or older: its next schema, not committed */
	{"opening", POINT_ALONE}, /* its identity and the trail, not committed */
	{"store-opened", POINT_ALONE}, /* at the start: this much is open, nothing of the rest */
	{"spool-opened", POINT_ALONE},
	{"floor-opened", POINT_ALONE},
	{"storing", POINT_STAGE},   /* a job has reached that stage; the commit comes next */
	{"stored", POINT_STAGE},    /* committed; what it allows comes next */
	{"asked", POINT_WORK},      /* the work of a stage was asked for */
	{"calling", POINT_CALL},    /* the order service is about to be called */
	{"answered", POINT_CALL},   /* it has acted, and nothing of its answer is stored */
	{"written", POINT_FOLDER},  /* a file lies whole in incoming, not synced */
	{"synced", POINT_FOLDER},   /* not yet renamed into that folder */
	{"renamed", POINT_FOLDER},  /* the folder not yet synced */
	{"kept", POINT_FOLDER},     /* nobody told yet */
	{"hot-read", POINT_ALONE},  /* a file of the hot folder was copied, and lies there still */
	{"hot-taken", POINT_ALONE}, /* it lies in the working folder, and is not ordered yet */
	{"hot-finished", POINT_ALONE}, /* its order stands, and it lies in done */
	{"answering", POINT_ALONE},    /* what a person did is stored, and not yet answered */
	{NULL, POINT_ALONE},
};

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

static bool is_a_place(const char *name, size_t len)
{
	const struct point_place *at = point_places;
	while (at->name != NULL && (strlen(at->name) != len || strncmp(at->name, name, len) != 0)) {
		at++;
	}
	return at->name != NULL;
}

bool point_strikes(const char *place, const char *detail)
{
	if (armed.judge == NULL) {
		return false;
	}
	assert(is_a_place(place, strlen(place)) && "the table above has no row for it");
	return armed.judge(armed.context, place, detail);
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
	if (!fine) {
		return err_set(err, REMEDY_REJECT, "points",
			"PLATEN_POINTS: \"%.60s\" is not POINT:N:kill or POINT:N:fail", word);
	}
	return is_a_place(strike->point, strcspn(strike->point, "/")) ||
	       err_set(err, REMEDY_REJECT, "points",
		       "PLATEN_POINTS: \"%.60s\": no such place; `platend --points` lists them",
		       word);
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
