/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of what devices report.
 */
#include "rules/device.h"
#include <string.h>

static const char *const states[] = {"unknown", "idle", "processing", "stopped"};
static const char *const phases[] = {"prepared", "opened", "sending", "committed", "accepted"};
static const char *const verdicts[] = {
	"pending", "done", "not-taken", "partial", "spoiled", "unknown"};
static const char *const evidences[] = {"none", "operator", "impressions", "counter"};

#define SLACK_HMM       50 /* printers round inches and millimetres in their own ways */
#define COUNT_OF(names) (sizeof names / sizeof names[0])

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const char *device_state_name(enum device_state state)
{
	return states[state];
}

const char *phase_name(enum phase phase)
{
	return phases[phase];
}

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict];
}

const char *evidence_name(enum evidence evidence)
{
	return evidences[evidence];
}

bool device_state_from_name(const char *name, enum device_state *state)
{
	int at = find(states, COUNT_OF(states), name);
	if (at >= 0) {
		*state = (enum device_state)at;
	}
	return at >= 0;
}

bool phase_from_name(const char *name, enum phase *phase)
{
	int at = find(phases, COUNT_OF(phases), name);
	if (at >= 0) {
		*phase = (enum phase)at;
	}
	return at >= 0;
}

bool verdict_from_name(const char *name, enum verdict *verdict)
{
	int at = find(verdicts, COUNT_OF(verdicts), name);
	if (at >= 0) {
		*verdict = (enum verdict)at;
	}
	return at >= 0;
}

bool evidence_from_name(const char *name, enum evidence *evidence)
{
	int at = find(evidences, COUNT_OF(evidences), name);
	if (at >= 0) {
		*evidence = (enum evidence)at;
	}
	return at >= 0;
}

bool device_has_reason(const struct device_status *status, const char *keyword)
{
	static const char *const suffixes[] = {"", "-report", "-warning", "-error"};
	size_t len = strlen(keyword);
	for (int32_t i = 0; i < status->n_reasons; i++) {
		const char *reason = status->reasons[i];
		if (strncmp(reason, keyword, len) == 0 &&
			find(suffixes, COUNT_OF(suffixes), reason + len) >= 0) {
			return true;
		}
	}
	return false;
}

bool ready_takes(const struct ready_media *ready, int32_t width_hmm, int32_t height_least_hmm,
	int32_t height_most_hmm, const char *type)
{
	int32_t widest = ready->width_most_hmm > 0 ? ready->width_most_hmm : ready->width_hmm;
	int32_t longest = ready->height_most_hmm > 0 ? ready->height_most_hmm : ready->height_hmm;
	bool sized = width_hmm >= ready->width_hmm - SLACK_HMM && width_hmm <= widest + SLACK_HMM &&
		     height_most_hmm >= ready->height_hmm - SLACK_HMM &&
		     height_least_hmm <= longest + SLACK_HMM;
	return sized &&
	       (ready->type[0] == '\0' || type[0] == '\0' || strcmp(ready->type, type) == 0);
}
