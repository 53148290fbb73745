/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that ask a running service, each with its way of showing the answer to people.
 */
#include "orders/commands.h"
#include "base/buf.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

typedef bool ask_call(
	const struct client *client, const struct words *words, json_t **answer, struct err *err);
typedef void show_call(const struct words *words, const json_t *answer);

struct command {
	const char *name;
	ask_call *ask;
	show_call *show;
};

/* ---- showing: whatever came from outside is escaped for the terminal ---- */

static const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text == NULL ? "" : text;
}

static long long int_at(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void show_text(const char *text, int width)
{
	char escaped[ERR_TEXT_MAX];
	printf("%-*s", width, text_escape(escaped, sizeof escaped, text));
}

static void show_line(const char *name, const char *text)
{
	if (text[0] != '\0') {
		printf("  %-12s", name);
		show_text(text, 0);
		putchar('\n');
	}
}

static void show_added(const struct words *words, const json_t *answer)
{
	const json_t *order = json_object_get(answer, "order");
	const json_t *jobs = json_object_get(answer, "jobs");
	(void)words;
	printf("order ");
	show_text(text_at(order, "ref"), 0);
	printf(" (%s): %zu job%s\n", text_at(order, "id"), json_array_size(jobs),
		json_array_size(jobs) == 1 ? "" : "s");
	for (size_t i = 0; i < json_array_size(jobs); i++) {
		printf("  %s\n", json_string_value(json_array_get(jobs, i)));
	}
}

static void show_orders(const struct words *words, const json_t *answer)
{
	const json_t *orders = json_object_get(answer, "orders");
	(void)words;
	printf("%-30s %-20s %-10s %8s  %s\n", "ORDER", "REF", "STATE", "PRINTED", "CREATED");
	for (size_t i = 0; i < json_array_size(orders); i++) {
		const json_t *order = json_array_get(orders, i);
		printf("%-30s ", text_at(order, "id"));
		show_text(text_at(order, "ref"), 20);
		printf(" %-10s %4lld/%-3lld  %s\n", text_at(order, "state"),
			int_at(order, "jobs_printed"), int_at(order, "jobs_total"),
			text_at(order, "created"));
	}
	if (json_array_size(orders) == 0) {
		printf("no orders yet: platen-orders add FILE... --product SKU\n");
	}
}

static void show_job(const json_t *job)
{
	const json_t *product = json_object_get(job, "product");
	printf("%s  ", text_at(job, "job"));
	show_text(text_at(product, "sku"), 0);
	printf(" x %lld, %zu page%s  %s", int_at(product, "copies"),
		json_array_size(json_object_get(job, "pages")),
		json_array_size(json_object_get(job, "pages")) == 1 ? "" : "s",
		text_at(job, "state"));
	printf("%s%s\n", json_is_true(json_object_get(job, "paused")) ? ", paused" : "",
		json_is_true(json_object_get(job, "duplicate_risk")) ? ", MAY BE PRINTED TWICE"
								     : "");
	show_line("label", text_at(job, "label"));
	show_line("floor", text_at(job, "floor"));
	show_line("stage there", text_at(job, "floor_state"));
	show_line("printer", text_at(job, "printer"));
	show_line("asked for", text_at(job, "wish"));
	show_line("remake of", text_at(job, "parent"));
	show_line("reason", text_at(job, "reason"));
	show_line("", text_at(job, "detail"));
}

static void show_events(const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		char *data = json_write(json_object_get(event, "data"));
		printf("%-24.24s %4lld ", text_at(event, "received"), int_at(event, "sequence"));
		show_text(text_at(event, "subject"), 29);
		putchar(' ');
		show_text(text_at(event, "type"), 32);
		if (strcmp(text_at(event, "fate"), "accepted") != 0 &&
			strcmp(text_at(event, "fate"), "noted") != 0) {
			printf(" [%s]", text_at(event, "fate"));
		}
		putchar(' ');
		show_text(data == NULL ? "" : data, 0);
		putchar('\n');
		free(data);
	}
}

static void show_order(const struct words *words, const json_t *answer)
{
	const json_t *order = json_object_get(answer, "order");
	const json_t *jobs = json_object_get(answer, "jobs");
	printf("order ");
	show_text(text_at(order, "ref"), 0);
	printf(" (%s): %s, %lld of %lld jobs printed\n", text_at(order, "id"),
		text_at(order, "state"), int_at(order, "jobs_printed"),
		int_at(order, "jobs_total"));
	for (size_t i = 0; i < json_array_size(jobs); i++) {
		show_job(json_array_get(jobs, i));
	}
	if (words->events) {
		show_events(json_object_get(answer, "events"));
	}
}

static void show_one_job(const struct words *words, const json_t *answer)
{
	show_job(json_object_get(answer, "job"));
	if (words->events) {
		show_events(json_object_get(answer, "events"));
	}
}

static void show_all_events(const struct words *words, const json_t *answer)
{
	(void)words;
	show_events(json_object_get(answer, "events"));
}

static void show_floors(const struct words *words, const json_t *answer)
{
	const json_t *floors = json_object_get(answer, "floors");
	(void)words;
	printf("%-20s %-9s %-20s %s\n", "FLOOR", "STATE", "PROGRAM", "LAST HEARD");
	for (size_t i = 0; i < json_array_size(floors); i++) {
		const json_t *floor = json_array_get(floors, i);
		show_text(text_at(floor, "floor"), 20);
		printf(" %-9s ",
			json_is_true(json_object_get(floor, "disabled")) ? "disabled" : "enabled");
		show_text(text_at(floor, "agent"), 20);
		printf(" %s\n", text_at(floor, "seen"));
	}
	if (json_array_size(floors) == 0) {
		printf("no floor has called yet\n");
	}
}

static void show_nothing(const struct words *words, const json_t *answer)
{
	(void)words;
	(void)answer;
	printf("done\n");
}

/* ---- asking ---- */

static bool one_id(const struct words *words, const char *what, struct err *err)
{
	return (words->n_plain == 1 && text_is_id(words->plain[0])) ||
	       err_set(err, REMEDY_REJECT, "usage", "say which: platen-orders %s %s",
		       words->command, what);
}

static bool get(const struct client *client, json_t **answer, struct err *err, const char *format,
	...) formats(4, 5);

static bool get(
	const struct client *client, json_t **answer, struct err *err, const char *format, ...)
{
	char path[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(path, sizeof path, format, arguments);
	va_end(arguments);
	return client_call(client, "GET", path, NULL, answer, err);
}

static bool ask_orders(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	int64_t limit = 100;
	if (words->limit != NULL && !text_to_int(words->limit, 1, 500, &limit)) {
		return err_set(err, REMEDY_REJECT, "usage", "--limit must be 1 to 500");
	}
	return get(client, answer, err, "/v1/admin/orders?limit=%lld", (long long)limit);
}

static bool ask_order(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	return one_id(words, "ID-OR-REF", err) &&
	       get(client, answer, err, "/v1/admin/orders/%s", words->plain[0]);
}

static bool ask_job(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	return one_id(words, "JOB", err) &&
	       get(client, answer, err, "/v1/admin/jobs/%s", words->plain[0]);
}

static bool ask_floors(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	(void)words;
	return get(client, answer, err, "/v1/admin/floors");
}

/* All pages of them, as one list. */
static bool ask_events(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	const char *subject = words->n_plain > 0 ? words->plain[0] : "";
	json_t *all = json_array(), *some = NULL;
	long long after = 0;
	size_t n = 1;
	if (strspn(subject,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-/") !=
		strlen(subject)) {
		return err_set(err, REMEDY_REJECT, "usage", "\"%s\" is no subject", subject);
	}
	while (n > 0) {
		if (!get(client, &some, err, "/v1/admin/events?limit=1000&after=%lld%s%s", after,
			    subject[0] == '\0' ? "" : "&subject=", subject)) {
			json_decref(all);
			return false;
		}
		json_t *events = json_object_get(some, "events");
		n = json_array_size(events);
		after = n == 0 ? 0 : int_at(json_array_get(events, n - 1), "row");
		json_array_extend(all, events);
		json_decref(some);
	}
	*answer = json_pack("{s:o}", "events", all);
	return true;
}

static bool post_verb(const struct client *client, const struct words *words, const char *kind,
	json_t **answer, struct err *err)
{
	char path[256];
	if (!one_id(words, strcmp(kind, "jobs") == 0 ? "JOB" : "FLOOR", err)) {
		return false;
	}
	json_t *body = json_pack("{s:s*, s:s*}", "by", words->by, "reason", words->reason);
	snprintf(path, sizeof path, "/v1/admin/%s/%s:%s", kind, words->plain[0], words->command);
	bool fine = client_call(client, "POST", path, body, answer, err);
	json_decref(body);
	return fine;
}

static bool ask_verb(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	return post_verb(client, words, "jobs", answer, err);
}

static bool ask_floor_verb(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	return post_verb(client, words, "floors", answer, err);
}

static const struct command commands[] = {
	{"add", command_add, show_added},
	{"orders", ask_orders, show_orders},
	{"order", ask_order, show_order},
	{"job", ask_job, show_one_job},
	{"events", ask_events, show_all_events},
	{"floors", ask_floors, show_floors},
	{"cancel", ask_verb, show_one_job},
	{"revoke", ask_verb, show_one_job},
	{"pause", ask_verb, show_one_job},
	{"resume", ask_verb, show_one_job},
	{"retry", ask_verb, show_one_job},
	{"free", ask_verb, show_one_job},
	{"disable", ask_floor_verb, show_nothing},
	{"enable", ask_floor_verb, show_nothing},
};

struct exit_code {
	const char *code;
	int exit;
};

static int exit_of(const struct err *err)
{
	static const struct exit_code exits[] = {{"usage", EX_USAGE}, {"no-input", EX_NOINPUT},
		{"unreachable", EX_UNAVAILABLE}, {"unknown-job", EX_DATAERR},
		{"unknown-order", EX_DATAERR}, {"certificate-needed", EX_NOPERM},
		{"wrong-certificate", EX_NOPERM}, {"field", EX_DATAERR}, {"answer", EX_PROTOCOL}};
	for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
		if (strcmp(exits[i].code, err->code) == 0) {
			return exits[i].exit;
		}
	}
	return err->remedy == REMEDY_RETRY ? EX_TEMPFAIL : EX_DATAERR;
}

static void show(const struct command *command, const struct words *words, const json_t *answer)
{
	if (words->as_json) {
		char *text = json_write(answer);
		puts(text);
		free(text);
	} else {
		command->show(words, answer);
	}
}

int command_run(const struct client *client, const struct words *words)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, words->command) != 0) {
			continue;
		}
		struct err err;
		json_t *answer = NULL;
		if (!client_is_set_up(client, &err) ||
			!commands[i].ask(client, words, &answer, &err)) {
			fprintf(stderr, "platen-orders: %s\n", err.text);
			return exit_of(&err);
		}
		show(&commands[i], words, answer);
		json_decref(answer);
		return EX_OK;
	}
	return NO_SUCH_COMMAND;
}
