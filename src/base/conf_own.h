/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the configuration reader share: the text's map, the rules, and the sections
 * with their values. Nobody else includes this.
 */
#pragma once
#include "base/conf.h"
#include "base/conf_scan.h"

enum trouble {
	FINE,
	QUIET, /* within something that was told already */
	UNKNOWN_KEY,
	UNKNOWN_SECTION,
	KEY_TWICE,
	SECTION_TWICE,
	WANTS_ONE,
	HAS_VARIABLE,
	TITLE_MISSING,
	TITLE_UNWANTED,
	TITLE_BAD,
};

struct value {
	bool has;
	int line; /* 0: a fallback */
	int64_t number;
	char **texts;
	size_t n;
};

struct instance { /* a section of the file, or the fallbacks of an absent one */
	const struct conf_section *place; /* NULL: absent */
	char *name;                       /* "" for the top level */
	struct value *values;             /* one per rule; those of other sections stay empty */
};

struct conf {
	char *path;
	const struct conf_rule *rules;
	size_t n_rules;
	struct conf_map map;
	enum trouble *troubles; /* one per item of the map */
	struct instance *instances;
	size_t n_instances;
};

bool conf_is_single(const struct conf_rule *rule);
/* "" is the top level. */
bool conf_is_of(const struct conf_rule *rule, const char *section);
/* The first rule of that section, or of that key; NULL: none. */
const struct conf_rule *conf_find_section(const struct conf *conf, const char *section);
const struct conf_rule *conf_find_rule(
	const struct conf *conf, const char *section, const char *key);

/* "platen.conf:12: printer P1, uri: must …" */
void conf_tell(const struct conf *conf, struct conf_faults *faults, int line,
	const struct conf_section *section, const char *key, const char *text);

/* Fills conf->troubles and blanks out of the clean text whatever is in trouble. */
void conf_judge(struct conf *conf);
const char *conf_trouble_text(enum trouble trouble);

/* libConfuse's answer; NULL and *said (of this thread, until the next call) when it refuses. */
struct cfg_t *conf_confuse(const struct conf *conf, const char **said);
void conf_confuse_free(struct cfg_t *cfg);
/* The texts of a key that the map says is there: how many, and each of them (borrowed). */
size_t conf_confuse_count(struct cfg_t *cfg, const struct conf_section *section, const char *key);
const char *conf_confuse_text(
	struct cfg_t *cfg, const struct conf_section *section, const char *key, size_t at);
