/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer's keywords come to: the worst of them, and whether a sheet may be sent.
 */
#include "rules/condition_own.h"
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const effects[] = {"tell", "soon", "wait", "hands", "repair"};

const char *effect_name(enum effect effect)
{
	return effects[effect];
}

static void cut_suffix(char *keyword)
{
	static const char *const suffixes[] = {"-report", "-warning", "-error"};
	size_t len = strlen(keyword);
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		size_t tail = strlen(suffixes[i]);
		if (len > tail && strcmp(keyword + len - tail, suffixes[i]) == 0) {
			keyword[len - tail] = '\0';
			return;
		}
	}
}

void condition_of(const char *reason, struct condition *condition)
{
	*condition = (struct condition){.known = true};
	text_copy(condition->keyword, sizeof condition->keyword, reason);
	if (condition_is_registered(condition)) { /* "feed-error" is an event, not a suffix */
		return;
	}
	cut_suffix(condition->keyword);
	if (!condition_is_registered(condition)) {
		condition->known = false;
		snprintf(
			condition->says, sizeof condition->says, "says \"%s\"", condition->keyword);
	}
}

bool condition_worst(const struct device_status *status, struct condition *condition)
{
	for (int32_t i = 0; i < status->n_reasons; i++) {
		struct condition next;
		condition_of(status->reasons[i], &next);
		if (i == 0 || next.effect > condition->effect) {
			*condition = next;
		}
	}
	return status->n_reasons > 0;
}

static bool stopped(const char *printer, const struct device_status *status, struct err *err)
{
	return err_set(err, REMEDY_ATTEND, "printer-stopped",
		"%s has stopped (%s): look at its display", printer,
		status->message[0] != '\0' ? status->message
		: status->n_reasons > 0    ? status->reasons[0]
					   : "no reason given");
}

bool condition_lets_print(const char *printer, const struct device_status *status, struct err *err)
{
	struct condition worst;
	if (condition_worst(status, &worst) && worst.effect >= EFFECT_WAIT) {
		bool ends_itself = worst.effect == EFFECT_WAIT;
		const struct alert *alert = alert_of(status, worst.keyword);
		bool placed = alert != NULL;
		return err_set(err, ends_itself ? REMEDY_RETRY : REMEDY_ATTEND, worst.keyword,
			"%s %s%s%s%s%s%s", printer, worst.says, placed ? " (" : "",
			placed ? alert->where : "", placed ? ")" : "", ends_itself ? "" : ": ",
			ends_itself ? "; it goes on by itself" : worst.action);
	}
	if (status->state == DEVICE_STOPPED) {
		return stopped(printer, status, err);
	}
	return status->accepting ||
	       err_set(err, REMEDY_ATTEND, "printer-rejecting",
		       "%s takes no jobs at the moment: enable its queue", printer);
}
