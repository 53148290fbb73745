/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes: to jobs and to printers. Each call carries a fresh token, so that
 * the daemon does nothing twice should an answer be lost and the call be repeated.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/record.h"
#include "cli/say.h"
#include "cli/show.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PATH_BYTES 400

json_t *change_body(const struct args *args)
{
	char token[ULID_MAX];
	ulid_make(clock_wall_ms(), token);
	json_t *body = json_pack("{ss}", "token", token);
	if (args->reason != NULL) {
		json_object_set_new(body, "reason", json_string(args->reason));
	}
	return body;
}

int change(const struct args *args, const char *base, const char *id, const char *verb,
	json_t *body, const char *answer_key, int (*show)(const struct args *args, json_t *value))
{
	char path[PATH_BYTES];
	json_t *answer = NULL;
	int failed = path_make(path, sizeof path, base, id, verb)
			     ? http_post(args, path, body, &answer)
			     : complain(EX_NOINPUT, "%s: there is none of that name", id);
	json_decref(body);
	if (failed != 0) {
		return failed;
	}
	json_t *value = json_incref(json_object_get(answer, answer_key));
	json_decref(answer);
	return show(args, value);
}

int change_jobs(const struct args *args, const char *verb)
{
	int status = EX_OK;
	for (int i = 0; i < args->n; i++) {
		int failed = change(args, "/v1/jobs/", args->words[i], verb, change_body(args),
			"job", job_show_line);
		status = failed != 0 ? failed : status;
	}
	return status;
}

static int need_reason(const struct args *args, const char *verb)
{
	if (args->reason == NULL || args->reason[0] == '\0') {
		return complain(EX_USAGE, "say why with --reason: it is kept with the job");
	}
	return change_jobs(args, verb);
}

int ctl_cancel(const struct args *args)
{
	return need_reason(args, ":cancel");
}

int ctl_hold(const struct args *args)
{
	return need_reason(args, ":hold");
}

/* A printer that says itself what is in it is believed, not the person. */
static int show_loaded(const struct args *args, json_t *printer)
{
	const char *loaded = json_string_value(member(printer, "loaded", "media"));
	if (loaded != NULL && strcmp(loaded, args->words[2]) != 0) {
		complain(0,
			"%s says itself that %s is loaded, and that counts: load %s, or set it at "
			"the printer",
			args->words[0], loaded, args->words[2]);
	}
	return printer_show(args, printer);
}

enum printer_extra { EXTRA_NONE, EXTRA_MEDIA, EXTRA_KEY, EXTRA_COUNT };

static const struct printer_verb {
	const char *name;
	enum printer_extra extra; /* the third word */
	const char *answer;
	int (*show)(const struct args *args, json_t *value);
} printer_verbs[] = {
	{"load", EXTRA_MEDIA, "printer", show_loaded},
	{"pause", EXTRA_NONE, "printer", printer_show},
	{"resume", EXTRA_NONE, "printer", printer_show},
	{"test", EXTRA_NONE, "job", job_show_line},
	{"accept-key", EXTRA_KEY, "printer", printer_show},
	{"counted", EXTRA_COUNT, "printer", printer_show},
};

/* False after a complaint. */
static bool add_extra(
	const struct args *args, enum printer_extra extra, const char *word, json_t *body)
{
	int64_t n;
	switch (extra) {
	case EXTRA_MEDIA:
		json_object_set_new(body, "media", json_string(word));
		if (args->lot != NULL) {
			json_object_set_new(body, "lot", json_string(args->lot));
		}
		return true;
	case EXTRA_KEY:
		json_object_set_new(body, "tls_key", json_string(word));
		return true;
	case EXTRA_COUNT:
		if (!text_to_int(word, 0, INT32_MAX, &n)) {
			complain(EX_USAGE, "counted %s: say how many prints you counted", word);
			return false;
		}
		json_object_set_new(body, "prints", json_integer(n));
		return true;
	default:
		return true;
	}
}

static int change_printer(const struct args *args, const struct printer_verb *verb)
{
	char tail[40];
	json_t *body = change_body(args);
	if (!add_extra(args, verb->extra, args->n > 2 ? args->words[2] : "", body)) {
		json_decref(body);
		return EX_USAGE;
	}
	snprintf(tail, sizeof tail, ":%s", verb->name);
	return change(args, "/v1/printers/", args->words[0], tail, body, verb->answer, verb->show);
}

int ctl_printer(const struct args *args)
{
	if (args->n == 1) {
		return printer_show_one(args, args->words[0]);
	}
	if (args->n == 3 && strcmp(args->words[1], "record") == 0) {
		return printer_record(args);
	}
	for (size_t i = 0; i < sizeof printer_verbs / sizeof *printer_verbs; i++) {
		const struct printer_verb *verb = &printer_verbs[i];
		if (strcmp(verb->name, args->words[1]) == 0 &&
			args->n == (verb->extra == EXTRA_NONE ? 2 : 3)) {
			return change_printer(args, verb);
		}
	}
	return complain(EX_USAGE, "usage: platenctl printer NAME [load MEDIA [--lot L] | pause | "
				  "resume [--reason R] | test | accept-key FINGERPRINT | "
				  "counted K [--reason R] | record FILE [--for 24h]]");
}

int ctl_accept_store(const struct args *args)
{
	if (args->reason == NULL || args->reason[0] == '\0') {
		return complain(EX_USAGE, "say with --reason what you have looked at: it is kept");
	}
	json_t *answer = NULL;
	json_t *body = change_body(args);
	int failed = http_post(args, "/v1/store:accept", body, &answer);
	json_decref(body);
	if (failed == 0 && args->json) {
		return print_json(answer);
	}
	if (failed == 0) {
		say_line(args, TONE_PLAIN, "",
			"The store goes on as a new one; what it would print is held for you: "
			"platenctl holds");
		json_decref(answer);
	}
	return failed;
}
