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
	if (!args->json && json_is_object(json_object_get(printer, "stock"))) {
		say_line(args, TONE_QUIET, "",
			"Another lot may print other colours: a test sheet shows it (platenctl "
			"printer NAME test).");
	}
	return printer_show(args, printer);
}

/* What can be said to a printer, and as which member of the body its third word goes. */
static const struct verb {
	const char *name, *key;
} verbs[] = {
	{"load", "media"},
	{"count", "sheets"},
	{"trust", "source"},
	{"distrust", "source"},
	{"accept-key", "tls_key"},
	{"test", NULL},
	{"pause", NULL},
	{"resume", NULL},
};

static const struct verb *verb_find(const struct args *args)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verbs[i].name, args->words[1]) == 0) {
			return args->n == (verbs[i].key != NULL ? 3 : 2) ? &verbs[i] : NULL;
		}
	}
	return NULL;
}

static void put_load(const struct args *args, json_t *body)
{
	if (args->lot != NULL) {
		json_object_set_new(body, "lot", json_string(args->lot));
	}
	if (args->sheets >= 0) {
		json_object_set_new(body, "sheets", json_integer(args->sheets));
	}
	if (args->left >= 0) {
		json_object_set_new(body, "left", json_integer(args->left));
	}
}

int ctl_printer(const struct args *args)
{
	if (args->n == 1) {
		return printer_show_one(args, args->words[0]);
	}
	const struct verb *known = verb_find(args);
	if (known == NULL) {
		return complain(EX_USAGE, "usage: platenctl printer NAME [load MEDIA [--lot L] "
					  "[--sheets N] [--left N] | count N | distrust SOURCE "
					  "--reason R | trust SOURCE | pause | resume [--reason R] "
					  "| test | accept-key FINGERPRINT]");
	}
	const char *verb = known->name;
	bool loads = strcmp(verb, "load") == 0;
	bool tests = strcmp(verb, "test") == 0;
	int64_t sheets = 0;
	if (strcmp(verb, "count") == 0 && !text_to_int(args->words[2], 0, 100000, &sheets)) {
		return complain(EX_USAGE, "%s: say how many sheets are left", args->words[2]);
	}
	char tail[40];
	json_t *body = change_body(args);
	if (known->key != NULL) {
		json_object_set_new(body, known->key,
			strcmp(verb, "count") == 0 ? json_integer(sheets)
						   : json_string(args->words[2]));
	}
	if (loads) {
		put_load(args, body);
	}
	snprintf(tail, sizeof tail, ":%s", verb);
	return change(args, "/v1/printers/", args->words[0], tail, body, tests ? "job" : "printer",
		tests ? job_show_line : (loads ? show_loaded : printer_show));
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
