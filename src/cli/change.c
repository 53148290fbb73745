/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes: to jobs and to printers. Each call carries a fresh token, so that
 * the daemon does nothing twice should an answer be lost and the call be repeated.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "base/clock.h"
#include "base/hash.h"
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

int ctl_printer(const struct args *args)
{
	const char *verb = args->n > 1 ? args->words[1] : "";
	bool loads = strcmp(verb, "load") == 0;
	bool tests = strcmp(verb, "test") == 0;
	if (args->n == 1) {
		return printer_show_one(args, args->words[0]);
	}
	bool accepts = strcmp(verb, "accept-key") == 0;
	bool known = loads || tests || accepts || strcmp(verb, "pause") == 0 ||
		     strcmp(verb, "resume") == 0;
	if (!known || args->n != (loads || accepts ? 3 : 2)) {
		return complain(EX_USAGE, "usage: platenctl printer NAME [load MEDIA [--lot L] | "
					  "pause | resume [--reason R] | test | "
					  "accept-key FINGERPRINT]");
	}
	char tail[40];
	json_t *body = change_body(args);
	if (loads) {
		json_object_set_new(body, "media", json_string(args->words[2]));
		if (args->lot != NULL) {
			json_object_set_new(body, "lot", json_string(args->lot));
		}
	}
	if (accepts) {
		json_object_set_new(body, "tls_key", json_string(args->words[2]));
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
