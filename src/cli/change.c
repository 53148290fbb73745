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
	if (!args->json && json_is_object(json_object_get(printer, "stock"))) {
		say_line(args, TONE_QUIET, "",
			"Another lot may print other colours: a test sheet shows it (platenctl "
			"printer NAME test).");
	}
	return printer_show(args, printer);
}

/* What can be said to a printer: as which member of the body its third word goes, and what it is
 * that was counted, where that is a number. */
static const struct printer_verb {
	const char *name, *key, *counted;
	const char *answer;
	int (*show)(const struct args *args, json_t *value);
} printer_verbs[] = {
	{"load", "media", NULL, "printer", show_loaded},
	{"count", "sheets", "sheets are left on its roll", "printer", printer_show},
	{"printed", "prints", "prints lie at its exit", "printer", printer_show},
	{"trust", "source", NULL, "printer", printer_show},
	{"distrust", "source", NULL, "printer", printer_show},
	{"accept-key", "tls_key", NULL, "printer", printer_show},
	{"test", NULL, NULL, "job", job_show_line},
	{"pause", NULL, NULL, "printer", printer_show},
	{"resume", NULL, NULL, "printer", printer_show},
};

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

static int change_printer(const struct args *args, const struct printer_verb *verb)
{
	char tail[40];
	int64_t n = 0;
	if (verb->counted != NULL && !text_to_int(args->words[2], 0, 100000, &n)) {
		return complain(EX_USAGE, "%s: say how many %s", args->words[2], verb->counted);
	}
	json_t *body = change_body(args);
	if (verb->key != NULL) {
		json_object_set_new(body, verb->key,
			verb->counted != NULL ? json_integer(n) : json_string(args->words[2]));
	}
	if (verb->show == show_loaded) {
		put_load(args, body);
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
			args->n == (verb->key == NULL ? 2 : 3)) {
			return change_printer(args, verb);
		}
	}
	return complain(EX_USAGE, "usage: platenctl printer NAME [load MEDIA [--lot L] "
				  "[--sheets N] [--left N] | count N | distrust SOURCE --reason R "
				  "| trust SOURCE | pause | resume [--reason R] | test | "
				  "accept-key FINGERPRINT | printed K [--reason R] | record FILE "
				  "[--for 24h]]");
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
