/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a card's print order, line by line.
 */
#include "wire/dpof.h"
#include "base/mem.h"
#include "base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 1024

struct reading {
	struct dpof *dpof;
	struct err *err;
	int line;
	bool in_job, of_vendor; /* between VUQ RGN=BGN and VUQ RGN=END */
	bool has_type, has_picture;
	int32_t copies;
};

static bool unreadable(struct reading *at, const char *what)
{
	return err_set(at->err, REMEDY_RETRY, "dpof",
		"line %d of AUTPRINT.MRK: %s; copy the card again", at->line, what);
}

static bool unwanted(struct reading *at, const char *code, const char *what)
{
	return err_set(at->err, REMEDY_REJECT, code, "line %d of AUTPRINT.MRK %s", at->line, what);
}

/* ---- paths ---- */

/* One part of a path onto what there is: "." and nothing go, ".." leads out. */
static bool add_part(struct dpof_print *print, const char *part, size_t len)
{
	size_t have = strlen(print->path);
	if (len == 0 || (len == 1 && part[0] == '.')) {
		return true;
	}
	if ((len == 2 && memcmp(part, "..", 2) == 0) || have + len + 2 > sizeof print->path) {
		return false;
	}
	snprintf(print->path + have, sizeof print->path - have, "%s%.*s", have > 0 ? "/" : "",
		(int)len, part);
	return true;
}

/* As the card says it, seen from its folder MISC: "../DCIM/100ABCDE/IMG_0001.JPG". */
static bool confine(const char *said, struct dpof_print *print)
{
	bool leads_up = strncmp(said, "../", 3) == 0;
	const char *rest = leads_up ? said + 3 : said;
	print->path[0] = '\0';
	if (said[0] == '/' || !text_is_utf8(said, strlen(said)) ||
		(!leads_up && !add_part(print, "MISC", 4))) {
		return false;
	}
	while (*rest != '\0') {
		size_t len = strcspn(rest, "/");
		if (!add_part(print, rest, len)) {
			return false;
		}
		rest += len + (rest[len] == '/');
	}
	return print->path[0] != '\0' && strcmp(print->path, "MISC") != 0;
}

/* ---- lines ---- */

static bool end_job(struct reading *at)
{
	bool fine = !at->in_job || (at->has_type && at->has_picture);
	at->in_job = false;
	return fine || unreadable(at, at->has_type ? "the job before has no picture"
						   : "the job before has no type (PRT TYP)");
}

static bool begin_section(struct reading *at, const char *line)
{
	if (!end_job(at)) {
		return false;
	}
	at->in_job = strcasecmp(line, "[JOB]") == 0;
	at->has_type = at->has_picture = false;
	at->copies = 1;
	return true;
}

static bool take_type(struct reading *at, const char *value)
{
	at->has_type = true;
	if (strcasecmp(value, "STD") == 0) {
		return true;
	}
	return unwanted(at, "dpof-type",
		strcasecmp(value, "IDX") == 0
			? "asks for an index print, which isn't made here: take that out of the "
			  "card's order, or drop the pictures themselves"
			: "asks for a kind of print that isn't made here (only STD is): drop the "
			  "pictures themselves");
}

static bool take_copies(struct reading *at, const char *value)
{
	int64_t copies;
	if (!text_to_int(value, 0, 9999, &copies)) {
		return unreadable(at, "the quantity (PRT QTY) is no number from 0 to 9999");
	}
	at->copies = (int32_t)copies;
	return true;
}

static bool take_revision(struct reading *at, const char *value)
{
	return strncmp(value, "01.", 3) == 0 ||
	       unwanted(at, "dpof-revision",
		       "says a revision that isn't known here (1.xx is): drop the pictures "
		       "themselves");
}

/* "IMG SRC = "../DCIM/A.JPG"" between its angles. */
static bool take_picture(struct reading *at, const char *value)
{
	struct dpof *dpof = at->dpof;
	struct dpof_print print = {.copies = at->copies};
	if (!at->in_job) {
		return unreadable(at, "a picture outside of a [JOB]");
	}
	at->has_picture = true;
	if (!confine(value, &print)) {
		return unwanted(at, "dpof-path",
			"names a picture that is not on the card: drop the pictures themselves");
	}
	if (at->copies == 0) {
		return true; /* marked, and then taken back */
	}
	if (dpof->n == DPOF_JOBS_MAX) {
		return unwanted(at, "dpof-size", "is one print more than a card may order (999)");
	}
	dpof->prints[dpof->n++] = print;
	return true;
}

/* Takes `line` apart into what stands before and after the =, without blanks and quotes. */
static bool split(char *line, char **name, char **value)
{
	char *equals = strchr(line, '=');
	if (equals == NULL) {
		return false;
	}
	char *end = equals;
	while (end > line && isspace((unsigned char)end[-1])) {
		end--;
	}
	*end = '\0';
	*name = line;
	*value = equals + 1 + strspn(equals + 1, " \t");
	bool quoted = **value == '"';
	*value += quoted;
	size_t len = strcspn(*value, quoted ? "\"" : " \t>");
	bool fine = !quoted || (*value)[len] == '"';
	(*value)[len] = '\0';
	return fine;
}

static bool take_line(struct reading *at, char *line)
{
	static const struct {
		const char *name;
		bool only_in_job;
		bool (*take)(struct reading *at, const char *value);
	} rows[] = {
		{"GEN REV", false, take_revision},
		{"PRT TYP", true, take_type},
		{"PRT QTY", true, take_copies},
		{"<IMG SRC", false, take_picture},
	};
	char *name, *value;
	bool is_tag = line[0] == '<';
	if (!split(line, &name, &value)) {
		return !is_tag || unreadable(at, "a picture without its name");
	}
	if (strcasecmp(name, "VUQ RGN") == 0) {
		at->of_vendor = strcasecmp(value, "BGN") == 0;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !at->of_vendor; i++) {
		if (strcasecmp(name, rows[i].name) == 0 && (at->in_job || !rows[i].only_in_job)) {
			return rows[i].take(at, value);
		}
	}
	return true;
}

/* The next line of the text into `line`, without blanks around it; false when there is none. */
static bool next_line(const char **text, const char *end, char line[LINE_MAX_BYTES])
{
	if (*text == end) {
		return false;
	}
	const char *stop = *text;
	while (stop < end && *stop != '\n' && *stop != '\r') {
		stop++;
	}
	const char *from = *text;
	*text = stop + (stop < end);
	while (from < stop && isspace((unsigned char)*from)) {
		from++;
	}
	while (stop > from && isspace((unsigned char)stop[-1])) {
		stop--;
	}
	size_t len = (size_t)(stop - from);
	len = len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES - 1;
	memcpy(line, from, len);
	line[len] = '\0';
	for (char *c = line; (c = strchr(c, '\\')) != NULL;) {
		*c = '/'; /* some programs write paths so */
	}
	return true;
}

bool dpof_read(const char *text, size_t len, struct dpof *dpof, struct err *err)
{
	char line[LINE_MAX_BYTES];
	const char *end = text + len;
	*dpof = (struct dpof){.prints = mem_new(DPOF_JOBS_MAX, sizeof *dpof->prints)};
	struct reading at = {.dpof = dpof, .err = err};
	bool fine = memchr(text, '\0', len) == NULL || unreadable(&at, "it is no text");
	while (fine && next_line(&text, end, line)) {
		at.line++;
		if (line[0] == '[') {
			fine = begin_section(&at, line);
		} else if (line[0] != '\0') {
			fine = take_line(&at, line);
		}
	}
	fine = fine && end_job(&at);
	if (fine && dpof->n == 0) {
		fine = unreadable(&at, "it orders no print");
	}
	if (!fine) {
		dpof_fini(dpof);
	}
	return fine;
}

void dpof_fini(struct dpof *dpof)
{
	free(dpof->prints);
	*dpof = (struct dpof){0};
}
