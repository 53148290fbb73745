/* SPDX-License-Identifier: Apache-2.0
 *
 * Small help for showing JSON.
 */
#include "cli/say.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

long long int_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const json_t *member(const json_t *object, const char *key, const char *inner)
{
	return json_object_get(json_object_get(object, key), inner);
}

const char *when_of(const json_t *object, const char *key, char when[WHEN_MAX])
{
	struct tm utc = {0}, local, today;
	time_t now = time(NULL);
	when[0] = '\0';
	if (strptime(text_of(object, key), "%Y-%m-%dT%H:%M:%S", &utc) == NULL) {
		return when;
	}
	time_t at = timegm(&utc);
	localtime_r(&at, &local);
	localtime_r(&now, &today);
	bool is_today = local.tm_year == today.tm_year && local.tm_yday == today.tm_yday;
	strftime(when, WHEN_MAX, is_today ? "%H:%M:%S" : "%e %b %H:%M", &local);
	return when;
}

void table_number(struct table *table, enum tone tone, long long number)
{
	char text[24] = "";
	if (number != 0) {
		snprintf(text, sizeof text, "%lld", number);
	}
	table_cell(table, tone, text);
}

enum tone tone_of_kind(const char *kind)
{
	static const struct {
		const char *kind;
		enum tone tone;
	} rows[] = {
		{"needs_you", TONE_BAD},
		{"stopped", TONE_BAD},
		{"bad", TONE_BAD},
		{"offline", TONE_BAD},
		{"waiting", TONE_WAIT},
		{"paused", TONE_WAIT},
		{"warn", TONE_WAIT},
		{"done", TONE_GOOD},
		{"ok", TONE_GOOD},
		{"printing", TONE_GOOD},
		{"ended", TONE_QUIET},
		{"unknown", TONE_WAIT},
		{"delivered", TONE_GOOD},
		{"spoiled", TONE_BAD},
		{"hands", TONE_BAD},
		{"repair", TONE_BAD},
		{"soon", TONE_WAIT},
		{"wait", TONE_WAIT},
		{"tell", TONE_QUIET},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].kind, kind) == 0) {
			return rows[i].tone;
		}
	}
	return TONE_PLAIN;
}

void say_line(const struct args *args, enum tone tone, const char *before, const char *text)
{
	char escaped[1024];
	progress_hide();
	fputs(before, stdout);
	tone_print(args->colour, tone, text_escape(escaped, sizeof escaped, text));
	putchar('\n');
}

int print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(value);
	return EX_OK;
}
