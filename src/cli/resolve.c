/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person found in the tray. Told by options, or asked for on a terminal: what was sent where
 * and when, what the counters say, how many good prints lie there, and why it is known.
 */
#include "base/text.h"
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define ANSWER_MAX 200

/* ---- asking ---- */

static bool can_ask(const struct args *args)
{
	return !args->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* One line without the spaces around it; false at the end of the input. */
static bool ask_line(const char *question, char answer[ANSWER_MAX])
{
	fputs(question, stdout);
	fflush(stdout);
	if (fgets(answer, ANSWER_MAX, stdin) == NULL) {
		putchar('\n');
		return false;
	}
	size_t from = strspn(answer, " \t");
	size_t len = strlen(answer);
	while (len > from && isspace((unsigned char)answer[len - 1])) {
		len--;
	}
	memmove(answer, answer + from, len - from);
	answer[len - from] = '\0';
	return true;
}

/* A number from 0 to most, asked until it is one; -1 at the end of the input. */
static int64_t ask_number(const char *question, int64_t most)
{
	char line[ANSWER_MAX], answer[ANSWER_MAX];
	int64_t n;
	snprintf(line, sizeof line, "%s [0-%lld] ", question, (long long)most);
	while (ask_line(line, answer)) {
		if (text_to_int(answer, 0, most, &n)) {
			return n;
		}
		printf("A number from 0 to %lld, please; Ctrl-C leaves everything as it is.\n",
			(long long)most);
	}
	return -1;
}

static bool ask_yes(const char *question)
{
	char answer[ANSWER_MAX];
	return ask_line(question, answer) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* ---- what there is to know before looking ---- */

static const json_t *last_attempt(const json_t *job)
{
	const json_t *attempts = json_object_get(job, "attempts");
	size_t n = json_array_size(attempts);
	return n > 0 ? json_array_get(attempts, n - 1) : NULL;
}

/* "" where it was not read. */
static void counter_words(const json_t *witness, char *words, size_t size)
{
	long long life = int_of(witness, "life_count");
	long long pages = int_of(witness, "impressions");
	bool was_read = json_is_true(json_object_get(witness, "read"));
	snprintf(words, size, "%lld", life >= 0 ? life : pages);
	if (!was_read || (life < 0 && pages < 0)) {
		words[0] = '\0';
	}
}

/* Of a printer that says so with its status. */
static void show_counter_now(const struct args *args, const char *name)
{
	size_t at;
	json_t *answer = NULL, *printer;
	if (http_get(args, "/v1/printers", &answer) != 0) {
		return;
	}
	json_array_foreach(json_object_get(answer, "printers"), at, printer)
	{
		const json_t *counter = json_object_get(printer, "counter");
		if (strcmp(text_of(printer, "name"), name) == 0 && json_is_integer(counter)) {
			printf("It stands at %lld now.\n", (long long)json_integer_value(counter));
		}
	}
	json_decref(answer);
}

static void show_counters(const struct args *args, const json_t *attempt)
{
	char before[24], after[24];
	counter_words(json_object_get(attempt, "before"), before, sizeof before);
	counter_words(json_object_get(attempt, "after"), after, sizeof after);
	if (before[0] == '\0') {
		puts("Its counter could not be read before, so it proves nothing.");
	} else if (after[0] == '\0') {
		printf("Its counter stood at %s before; afterwards it could not be read.\n",
			before);
	} else {
		printf("Its counter stood at %s before and at %s afterwards.\n", before, after);
	}
	show_counter_now(args, text_of(attempt, "printer"));
}

static void show_sent(const struct args *args, const json_t *job, const json_t *attempt)
{
	char line[500], when[WHEN_MAX];
	const char *ref = text_of(json_object_get(job, "order"), "ref");
	snprintf(line, sizeof line, "%s: %s%s%s%s%s", text_of(job, "id"), text_of(job, "title"),
		text_of(job, "label")[0] != '\0' ? " · " : "", text_of(job, "label"),
		ref[0] != '\0' ? " · order " : "", ref);
	say_line(args, TONE_PLAIN, "", line);
	long long copies = int_of(attempt, "copies");
	snprintf(line, sizeof line, "%s: page %lld, %lld print%s, to %s on %s",
		when_of(attempt, "begun", when), int_of(attempt, "page") + 1, copies,
		copies == 1 ? "" : "s", text_of(attempt, "printer"), text_of(attempt, "media"));
	say_line(args, TONE_PLAIN, "Sent ", line);
	if (text_of(attempt, "words")[0] != '\0') {
		say_line(args, TONE_PLAIN, "Found: ", text_of(attempt, "words"));
	}
	show_counters(args, attempt);
	putchar('\n');
}

static void set_text(json_t *body, const char *key, const char *text)
{
	json_t *value = json_string(text); /* NULL where it is no UTF-8 */
	if (value != NULL && text[0] != '\0') {
		json_object_set_new(body, key, value);
	} else {
		json_decref(value);
	}
}

/* ---- resolve ---- */

static int nothing_said(void)
{
	return complain(EX_USAGE, "nothing was changed");
}

static int resolve(const struct args *args, json_t *body)
{
	return change(args, "/v1/jobs/", args->words[0], ":resolve", body, "job", job_show_line);
}

static int ask_and_resolve(const struct args *args, const json_t *job)
{
	char question[ANSWER_MAX], reason[ANSWER_MAX] = "";
	long long most = int_of(job, "unknown");
	show_sent(args, job, last_attempt(job));
	printf("%lld print%s may have come out. Look in the tray of %s.\n", most,
		most == 1 ? "" : "s", text_of(last_attempt(job), "printer"));
	int64_t printed = ask_number("How many of these lie in the tray?", most);
	if (printed < 0 || (args->reason == NULL && !ask_line("How do you know? ", reason))) {
		return nothing_said();
	}
	snprintf(question, sizeof question, "%lld came out, %lld print again. Right? [y/N] ",
		(long long)printed, most - (long long)printed);
	if (!ask_yes(question)) {
		return nothing_said();
	}
	json_t *body = change_body(args);
	set_text(body, "reason", args->reason != NULL ? args->reason : reason);
	json_object_set_new(body, "printed", json_integer(printed));
	return resolve(args, body);
}

static int resolve_by_asking(const struct args *args)
{
	json_t *job = NULL;
	int failed = job_get(args, "", &job);
	if (failed != 0) {
		return failed;
	}
	if (strcmp(text_of(job, "stage"), "held-unknown") != 0) {
		failed = complain(EX_DATAERR,
			"nothing about job %s is in doubt: it is %s; to send it back: --give-back",
			text_of(job, "id"), text_of(job, "say"));
	} else {
		failed = ask_and_resolve(args, job);
	}
	json_decref(job);
	return failed;
}

int ctl_resolve(const struct args *args)
{
	int n = (args->printed >= 0) + args->not_printed + args->give_back;
	if (n == 0 && can_ask(args)) {
		return resolve_by_asking(args);
	}
	if (n != 1) {
		return complain(EX_USAGE, "look in the tray, then say exactly one of --printed K, "
					  "--not-printed, --give-back");
	}
	json_t *body = change_body(args);
	if (args->printed >= 0) {
		json_object_set_new(body, "printed", json_integer(args->printed));
	} else {
		json_object_set_new(
			body, args->not_printed ? "not_printed" : "give_back", json_true());
	}
	return resolve(args, body);
}

/* ---- release ---- */

static int release_one(const struct args *args, int64_t good)
{
	json_t *body = change_body(args);
	json_object_set_new(body, "good", json_integer(good));
	return change(args, "/v1/jobs/", args->words[0], ":release", body, "job", job_show_line);
}

/* The job stopped part-way, so somebody must look at what lies in the exit. */
static int ask_and_release(const struct args *args, const json_t *job)
{
	char question[ANSWER_MAX];
	const json_t *attempt = last_attempt(job);
	long long copies = int_of(attempt, "copies");
	show_sent(args, job, attempt);
	printf("%s says that %lld of %lld came out. Creased and half prints don't count.\n",
		text_of(attempt, "printer"), int_of(attempt, "completed"), copies);
	int64_t good = ask_number("How many good ones lie in the tray?", copies);
	if (good < 0) {
		return nothing_said();
	}
	snprintf(question, sizeof question, "%lld are good, %lld print again. Right? [y/N] ",
		(long long)good, copies - (long long)good);
	return ask_yes(question) ? release_one(args, good) : nothing_said();
}

int ctl_release(const struct args *args)
{
	if (args->good >= 0) {
		return args->n == 1 ? release_one(args, args->good)
				    : complain(EX_USAGE, "--good is said of one job");
	}
	json_t *job = NULL;
	if (args->n != 1 || !can_ask(args)) {
		return change_jobs(args, ":release");
	}
	int failed = job_get(args, "", &job);
	if (failed != 0) {
		return failed;
	}
	const char *code = text_of(json_object_get(job, "reason"), "code");
	failed = strcmp(code, "interrupted") == 0 && last_attempt(job) != NULL
			 ? ask_and_release(args, job)
			 : change_jobs(args, ":release");
	json_decref(job);
	return failed;
}
