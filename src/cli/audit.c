/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail: who did what, and whether anybody has changed that since. The chain is checked
 * here, not in the daemon: row by row, by the formula of docs/audit.md.
 */
#include "base/clock.h"
#include "base/text.h"
#include "cli/http.h"
#include "cli/say.h"
#include "wire/audit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define PATH_BYTES 400
#define PAGE_ROWS  1000

/* ---- the list ---- */

/* "90m", "2h", "3d", or a date; false after a complaint. */
static bool take_since(const char *text, int64_t *since_ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'m', MINUTE_MS}, {'h', 60 * MINUTE_MS}, {'d', 24 * 60 * MINUTE_MS}};
	char number[24] = "";
	int64_t n;
	size_t len = strlen(text);
	for (size_t i = 0; i < sizeof units / sizeof units[0] && len > 1 && len < 20; i++) {
		memcpy(number, text, len - 1);
		number[len - 1] = '\0';
		if (text[len - 1] == units[i].unit && text_to_int(number, 0, 1000000, &n)) {
			*since_ms = clock_wall_ms() - n * units[i].ms;
			return true;
		}
	}
	struct tm day = {.tm_isdst = -1};
	const char *end = strptime(text, "%Y-%m-%d", &day);
	if (end != NULL && *end == '\0') {
		*since_ms = (int64_t)mktime(&day) * SECOND_MS;
		return true;
	}
	complain(
		EX_USAGE, "--since %s: say how long ago (90m, 2h, 3d) or a day (2026-01-31)", text);
	return false;
}

static int list(const struct args *args)
{
	char path[PATH_BYTES], tail[120];
	int64_t since_ms = 0;
	json_t *answer = NULL, *row;
	if (args->since != NULL && !take_since(args->since, &since_ms)) {
		return EX_USAGE;
	}
	snprintf(tail, sizeof tail, "%ssince_ms=%lld&limit=%lld", args->job != NULL ? "&" : "?",
		(long long)since_ms, args->limit > 0 ? (long long)args->limit : PAGE_ROWS);
	if (!path_make(path, sizeof path, args->job != NULL ? "/v1/audit?subject=" : "/v1/audit",
		    args->job != NULL ? args->job : "", tail)) {
		return complain(EX_USAGE, "that is too long");
	}
	int failed = http_get(args, path, &answer);
	if (failed != 0) {
		return failed;
	}
	if (args->json) {
		return print_json(answer);
	}
	size_t at;
	char when[WHEN_MAX];
	struct table *table = table_create(">ROW|WHEN|WHO|DID|TO|WHY", args->colour);
	json_array_foreach(json_object_get(answer, "rows"), at, row)
	{
		table_number(table, TONE_QUIET, int_of(row, "row"));
		table_cell(table, TONE_QUIET, when_of(row, "at", when));
		table_cell(table, TONE_PLAIN, text_of(row, "who"));
		table_cell(table, TONE_PLAIN, text_of(row, "what"));
		table_cell(table, TONE_PLAIN, text_of(row, "subject"));
		table_cell(table, TONE_QUIET, text_of(row, "reason"));
	}
	table_print(table);
	table_destroy(table);
	if (json_is_true(json_object_get(answer, "more"))) {
		puts("… and more: --limit or a later --since shows them");
	}
	json_decref(answer);
	return EX_OK;
}

/* ---- verify ---- */

struct check {
	const struct args *args;
	long long row; /* the last one that was read */
	char hash[HASH_HEX_MAX];
	json_t *told;       /* heads that were told to the order service, oldest first */
	size_t told_at;     /* of the next one */
	json_t *noted;      /* the head as noted with the last row */
	long long head_row; /* as typed with --head; 0: none */
	char head_hash[HASH_HEX_MAX];
	long long bad_row; /* 0: nothing found */
	char fault[300];
};

static void find(struct check *check, long long row, const char *format, ...) formats(3, 4);

static void find(struct check *check, long long row, const char *format, ...)
{
	va_list words;
	if (check->fault[0] != '\0') {
		return; /* the first one; what follows is mostly its consequence */
	}
	va_start(words, format);
	vsnprintf(check->fault, sizeof check->fault, format, words);
	va_end(words);
	check->bad_row = row;
}

/* Heads that are known from elsewhere, at the row that was just read. */
static void check_heads(struct check *check)
{
	const json_t *told;
	while ((told = json_array_get(check->told, check->told_at)) != NULL &&
		int_of(told, "row") <= check->row) {
		if (int_of(told, "row") == check->row &&
			strcmp(text_of(told, "hash"), check->hash) != 0) {
			find(check, check->row,
				"row %lld is not what it was when its hash was told to the order "
				"service (%s): it, or one before it, was changed and the chain "
				"made anew",
				check->row, text_of(told, "at"));
		}
		check->told_at++;
	}
	if (check->head_row == check->row && strcmp(check->head_hash, check->hash) != 0) {
		find(check, check->row,
			"row %lld does not have the hash given with --head: it, or one before it, "
			"was changed and the chain made anew",
			check->row);
	}
}

static void check_row(struct check *check, const json_t *row)
{
	long long number = int_of(row, "row");
	if (number != check->row + 1) {
		find(check, check->row + 1, "row %lld is missing: after row %lld comes row %lld",
			check->row + 1, check->row, number);
	}
	audit_link(check->hash, text_of(row, "text"), check->hash);
	if (strcmp(check->hash, text_of(row, "hash")) != 0) {
		find(check, number,
			"row %lld (%s %s %s) was changed, or put or moved there: it does not fit "
			"the "
			"row before it",
			number, text_of(row, "who"), text_of(row, "what"), text_of(row, "subject"));
	}
	check->row = number;
	check_heads(check);
}

static void check_end(struct check *check)
{
	const json_t *told = json_array_get(check->told, check->told_at);
	long long noted = int_of(check->noted, "row");
	if (noted > check->row) {
		find(check, check->row + 1,
			"rows %lld to %lld are missing: the trail was cut off at its end",
			check->row + 1, noted);
	} else if (noted != check->row ||
		   (noted != 0 && strcmp(text_of(check->noted, "hash"), check->hash) != 0)) {
		find(check, check->row,
			"row %lld, the last one, is not the one that platen noted as its last (row "
			"%lld)",
			check->row, noted);
	}
	if (told != NULL) {
		find(check, check->row + 1,
			"row %lld, whose hash was told to the order service (%s), is missing: the "
			"trail was cut off at its end",
			int_of(told, "row"), text_of(told, "at"));
	}
	if (check->head_row > check->row) {
		find(check, check->row + 1,
			"row %lld, given with --head, is missing: the trail was cut off at its end",
			check->head_row);
	}
}

static bool take_head(struct check *check, const char *head)
{
	char number[24] = "";
	int64_t row = 0;
	size_t len = head == NULL ? 0 : strcspn(head, ":");
	if (head == NULL) {
		return true;
	}
	if (len < sizeof number && head[len] == ':' && hash_is_hex(head + len + 1)) {
		memcpy(number, head, len);
	}
	if (!text_to_int(number, 1, INT64_MAX, &row)) {
		complain(EX_USAGE, "--head %s: must be ROW:HASH, as `audit verify` shows it", head);
		return false;
	}
	check->head_row = row;
	return text_copy(check->head_hash, sizeof check->head_hash, head + len + 1);
}

/* The next rows; *more: others follow. */
static int read_page(struct check *check, bool *more)
{
	char path[80];
	json_t *answer = NULL, *row;
	snprintf(path, sizeof path, "/v1/audit?after=%lld&limit=%d", check->row, PAGE_ROWS);
	int failed = http_get(check->args, path, &answer);
	if (failed != 0) {
		return failed;
	}
	if (check->told == NULL) {
		check->told = json_incref(json_object_get(answer, "told"));
		text_copy(check->hash, sizeof check->hash, text_of(answer, "start"));
	}
	json_decref(check->noted); /* it may have grown meanwhile */
	check->noted = json_incref(json_object_get(answer, "head"));
	size_t at;
	json_array_foreach(json_object_get(answer, "rows"), at, row)
	{
		check_row(check, row);
	}
	progress_say(
		check->args->progress, "row %lld of %lld", check->row, int_of(check->noted, "row"));
	*more = json_is_true(json_object_get(answer, "more"));
	json_decref(answer);
	return 0;
}

static int say_result(const struct check *check)
{
	bool sound = check->fault[0] == '\0';
	if (check->args->json) {
		print_json(json_pack("{sb sI ss sI so so}", "sound", sound, "rows",
			(json_int_t)check->row, "hash", check->hash, "told",
			(json_int_t)check->told_at, "bad_row",
			sound ? json_null() : json_integer(check->bad_row), "fault",
			sound ? json_null() : json_string(check->fault)));
	} else if (sound) {
		printf("sound: %lld rows, %zu heads told to the order service fit\nhead: %lld:%s\n",
			check->row, check->told_at, check->row, check->hash);
	} else {
		say_line(check->args, TONE_BAD, "EDITED: ", check->fault);
	}
	return sound ? EX_OK : EX_DATAERR;
}

static int verify(const struct args *args)
{
	struct check check = {.args = args};
	bool more = true;
	int failed = 0;
	if (!take_head(&check, args->head)) {
		return EX_USAGE;
	}
	while (more && failed == 0) {
		failed = read_page(&check, &more);
	}
	if (failed == 0) {
		check_end(&check);
		failed = say_result(&check);
	}
	json_decref(check.told);
	json_decref(check.noted);
	return failed;
}

int ctl_audit(const struct args *args)
{
	if (args->n == 0) {
		return list(args);
	}
	return strcmp(args->words[0], "verify") == 0
		       ? verify(args)
		       : complain(EX_USAGE,
				 "usage: platenctl audit [--job J] [--since 2h|3d|DATE] | verify "
				 "[--head ROW:HASH]");
}
