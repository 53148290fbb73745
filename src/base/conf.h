/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration and data files: the doorman of libConfuse. A file is held against a table of rules;
 * every fault is told with file, line and key, all of them in one go. The caller then reads values
 * by section, index and key, and knows them to be of the right kind and range.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum conf_kind {
	CONF_TEXT, /* least..most: length in bytes */
	CONF_INT,  /* least..most: range */
	CONF_BOOL,
	CONF_LIST,   /* of texts; least..most: how many */
	CONF_CHOICE, /* one of `choices`, words separated by spaces; conf_int gives the index */
	CONF_MS,     /* a duration, "250 ms", "10 s", "5 min", "2 h", "3 d"; least..most in ms */
	CONF_BYTES,  /* a size, "64 KiB", "100 MiB", "2 GiB" or plain bytes; least..most in bytes */
	CONF_HMM,    /* a length, "101.6 mm" or "4 in"; least..most in hundredths of a millimetre */
};

struct conf_rule {
	/* NULL: top level; "printer": sections `printer NAME { … }`, any number, with distinct
	 * titles; "cloud!": at most one section, without title */
	const char *section;
	const char *key; /* NULL: this row only declares the section */
	enum conf_kind kind;
	bool required;        /* with key NULL: at least one such section */
	int64_t least, most;  /* both 0: no bounds */
	const char *fallback; /* as it would stand in the file (a list: items separated by spaces);
				 NULL: none; conf_has tells */
	const char *choices;  /* CONF_CHOICE */
};

#define CONF_FAULTS_MAX 32
struct conf_faults {
	size_t n; /* how many there were; at most FAULTS_MAX are kept */
	char text[CONF_FAULTS_MAX][ERR_TEXT_MAX]; /* "platen.conf:12: printer P1, uri: must …" */
};

struct conf;

/* Reads and checks; NULL with faults->n > 0 when anything is wrong. `path` is only named in faults.
 * A text that can't be understood at all ends the reading at that line; all else is told in one go.
 * Titles are ids (text_is_id). The rules must outlive the conf. */
struct conf *conf_parse(const char *path, const char *text, const struct conf_rule *rules, size_t n,
	struct conf_faults *faults);
/* The same of a file; files over 1 MiB or not regular are faults. */
struct conf *conf_read(
	const char *path, const struct conf_rule *rules, size_t n, struct conf_faults *faults);
void conf_destroy(struct conf *conf);

/* Sections of that name in file order ("cloud" without the mark). The top level: NULL, index 0. Of
 * a section with a mark that is absent, the fallbacks can be read all the same (index 0). */
size_t conf_count(const struct conf *conf, const char *section);
const char *conf_title(const struct conf *conf, const char *section, size_t index);
bool conf_has(const struct conf *conf, const char *section, size_t index, const char *key);
/* A text, "" if absent. Borrowed from conf. */
const char *conf_text(const struct conf *conf, const char *section, size_t index, const char *key);
/* CONF_INT, _BOOL (0, 1), _MS, _BYTES, _HMM, and _CHOICE (index in the choices); 0 if absent. */
int64_t conf_int(const struct conf *conf, const char *section, size_t index, const char *key);
size_t conf_list_count(const struct conf *conf, const char *section, size_t index, const char *key);
const char *conf_list_at(
	const struct conf *conf, const char *section, size_t index, const char *key, size_t at);
/* Where it stands, for faults that the caller finds across keys; adds one to faults. */
void conf_fault(const struct conf *conf, struct conf_faults *faults, const char *section,
	size_t index, const char *key, const char *format, ...) formats(6, 7);
/* Adds a fault that is of no place in a file. */
void conf_add_fault(struct conf_faults *faults, const char *text);
