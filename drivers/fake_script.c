/* SPDX-License-Identifier: Apache-2.0
 *
 * The script of mishaps: one line after the other, each when its moment has come. How many lines
 * have happened is part of the machine's state, so a killed worker neither repeats nor skips one; a
 * script that was replaced starts at its first line.
 */
#include "drivers/fake.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SCRIPT_BYTES_MAX 16384

enum argument { ARGUMENT_NONE, ARGUMENT_NUMBER, ARGUMENT_WORD };

static const struct {
	const char *verb;
	enum mishap_when when;
	enum argument argument;
} verbs[] = {
	{"jam", MISHAP_AFTER_PRINTS, ARGUMENT_NUMBER},
	{"jam-resume", MISHAP_AFTER_PRINTS, ARGUMENT_NUMBER},
	{"media-end", MISHAP_AFTER_PRINTS, ARGUMENT_NUMBER},
	{"abort", MISHAP_AFTER_PRINTS, ARGUMENT_NUMBER},
	{"cover-open", MISHAP_AT_ONCE, ARGUMENT_WORD},
	{"hang", MISHAP_AT_ONCE, ARGUMENT_NUMBER},
	{"vanish", MISHAP_AT_ONCE, ARGUMENT_NUMBER},
	{"lag", MISHAP_AT_ONCE, ARGUMENT_NUMBER},
	{"serial", MISHAP_AT_ONCE, ARGUMENT_WORD},
	{"power-cycle", MISHAP_AT_ONCE, ARGUMENT_NONE},
	{"refuse-format", MISHAP_AT_SEND, ARGUMENT_NONE},
	{"refuse", MISHAP_AT_SEND, ARGUMENT_NONE},
	{"lose-start", MISHAP_AT_SEND, ARGUMENT_NONE},
	{"lose-answer", MISHAP_AT_SEND, ARGUMENT_NONE},
	{"answer-twice", MISHAP_AT_SEND, ARGUMENT_NONE},
};

/* The n-th line that says something; NULL when there are fewer. Cuts `text` up. */
static char *line_at(char *text, int32_t n)
{
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		if (line[0] != '\0' && line[0] != '#' && n-- == 0) {
			return line;
		}
	}
	return NULL;
}

/* A file name or serial: no slash, nothing hidden. */
static bool is_word(const char *word)
{
	return word[0] != '\0' && word[0] != '.' && strchr(word, '/') == NULL &&
	       strlen(word) < sizeof((struct mishap *)0)->word;
}

static bool parse(char *line, struct mishap *mishap)
{
	char *rest = NULL;
	const char *verb = strtok_r(line, " \t\r", &rest);
	const char *argument = strtok_r(NULL, " \t\r", &rest);
	bool more = strtok_r(NULL, " \t\r", &rest) != NULL;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (verb == NULL || more || strcmp(verbs[i].verb, verb) != 0) {
			continue;
		}
		*mishap = (struct mishap){.when = verbs[i].when, .verb = verbs[i].verb};
		switch (verbs[i].argument) {
		case ARGUMENT_NONE:
			return argument == NULL;
		case ARGUMENT_NUMBER:
			return argument != NULL &&
			       text_to_int(argument, 0, 86400000, &mishap->number);
		case ARGUMENT_WORD:
			return argument != NULL && is_word(argument) &&
			       text_copy(mishap->word, sizeof mishap->word, argument);
		}
	}
	return false;
}

/* Another file than last time? Then from its first line. */
static void notice_new_script(struct fake *fake, const struct stat *script)
{
	struct fake_state *state = &fake->state;
	int64_t time = script->st_mtim.tv_sec * INT64_C(1000000000) + script->st_mtim.tv_nsec;
	if (state->script_file != (int64_t)script->st_ino || state->script_time != time) {
		state->script_file = (int64_t)script->st_ino;
		state->script_time = time;
		state->script_line = 0;
		state->armed = COUNT_UNKNOWN;
	}
}

bool mishap_next(struct fake *fake, struct mishap *mishap, struct err *err)
{
	char text[SCRIPT_BYTES_MAX];
	char path[512];
	struct stat script;
	*mishap = (struct mishap){.when = MISHAP_NONE, .verb = ""};
	fake_path(fake, "script", path, sizeof path);
	if (stat(path, &script) != 0 || !fake_read(fake, "script", text, sizeof text)) {
		fake->state.armed = COUNT_UNKNOWN;
		return true;
	}
	notice_new_script(fake, &script);
	char *line = line_at(text, fake->state.script_line);
	char shown[65];
	text_escape(shown, sizeof shown, line == NULL ? "" : line);
	if (line == NULL || parse(line, mishap)) {
		return true;
	}
	return err_set(err, REMEDY_ATTEND, "fake-script",
		"printer %s: %s/script: \"%s\" is no mishap of docs/fake-printer.md",
		fake->device->printer, fake->folder, shown);
}

void mishap_done(struct fake *fake)
{
	fake->state.script_line++;
	fake->state.armed = COUNT_UNKNOWN;
}

bool mishap_at_send(struct fake *fake, const char *verb, bool *now, struct err *err)
{
	struct mishap mishap;
	if (!mishap_next(fake, &mishap, err)) {
		return false;
	}
	*now = mishap.when == MISHAP_AT_SEND && strcmp(mishap.verb, verb) == 0;
	if (!*now) {
		return true;
	}
	mishap_done(fake);
	return fake_save(fake, err);
}
