/* SPDX-License-Identifier: Apache-2.0
 *
 * Structure: which sections and keys there may be, and how often. Faults are only noted here, so
 * that all of them come out in the order of the file.
 */
#include "base/conf_own.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include <string.h>

static const char *const troubles[] = {
	[UNKNOWN_KEY] = "is not a key of this section: misspelt, or in the wrong place?",
	[UNKNOWN_SECTION] = "there is no such section",
	[KEY_TWICE] = "stands here twice: keep one",
	[SECTION_TWICE] = "this section is there twice: keep one",
	[WANTS_ONE] = "must be one value, not a list",
	[HAS_VARIABLE] = "${…} is not expanded: write the value itself",
	[TITLE_MISSING] = "this section needs a name before the {",
	[TITLE_UNWANTED] = "this section has no name: write { right after the word",
	[TITLE_BAD] = "the name must be 1 to 64 of A-Z a-z 0-9 . _ : - without a leading dot",
};

/* ---- rules ---- */

bool conf_is_single(const struct conf_rule *rule)
{
	return rule->section != NULL && strchr(rule->section, '!') != NULL;
}

/* "" is the top level. */
bool conf_is_of(const struct conf_rule *rule, const char *section)
{
	if (rule->section == NULL) {
		return section[0] == '\0';
	}
	size_t len = strcspn(rule->section, "!");
	return strlen(section) == len && memcmp(rule->section, section, len) == 0;
}

const struct conf_rule *conf_find_section(const struct conf *conf, const char *section)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (conf_is_of(&conf->rules[i], section)) {
			return &conf->rules[i];
		}
	}
	return NULL;
}

const struct conf_rule *conf_find_rule(
	const struct conf *conf, const char *section, const char *key)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		if (rule->key != NULL && conf_is_of(rule, section) && strcmp(rule->key, key) == 0) {
			return rule;
		}
	}
	return NULL;
}

/* ---- faults ---- */

void conf_add_fault(struct conf_faults *faults, const char *text)
{
	if (faults->n < CONF_FAULTS_MAX) {
		text_copy(faults->text[faults->n], ERR_TEXT_MAX, text);
	}
	faults->n++;
}

/* "platen.conf:12: printer P1, uri: must …" */
void conf_tell(const struct conf *conf, struct conf_faults *faults, int line,
	const struct conf_section *section, const char *key, const char *text)
{
	struct buf buf = {0};
	buf_print(&buf, "%s:%d: ", conf->path, line);
	if (section != NULL && section->name[0] != '\0') {
		bool titled = section->title != NULL;
		buf_print(&buf, "%s%s%s%s", section->name, titled ? " " : "",
			titled ? section->title : "", key == NULL ? ": " : ", ");
	}
	if (key != NULL) {
		buf_print(&buf, "%s: ", key);
	}
	buf_text(&buf, text);
	char safe[ERR_TEXT_MAX];
	conf_add_fault(faults, text_escape(safe, sizeof safe, buf_get(&buf)));
	buf_fini(&buf);
}

/* ---- structure ---- */

static bool section_is_twice(const struct conf_map *map, size_t at, bool single)
{
	const struct conf_section *section = &map->sections[at];
	for (size_t i = 1; i < at; i++) {
		const struct conf_section *other = &map->sections[i];
		if (strcmp(other->name, section->name) == 0 &&
			(single || (other->title != NULL &&
					   strcmp(other->title, section->title) == 0))) {
			return true;
		}
	}
	return false;
}

static enum trouble judge_head(const struct conf *conf, const struct conf_item *item)
{
	const struct conf_section *section = &conf->map.sections[item->section];
	const struct conf_rule *rule = conf_find_section(conf, section->name);
	if (rule == NULL) {
		return UNKNOWN_SECTION;
	}
	if (conf_is_single(rule) && section->title != NULL) {
		return TITLE_UNWANTED;
	}
	if (!conf_is_single(rule) && section->title == NULL) {
		return TITLE_MISSING;
	}
	if (section->title != NULL && !text_is_id(section->title)) {
		return TITLE_BAD;
	}
	return section_is_twice(&conf->map, item->section, conf_is_single(rule)) ? SECTION_TWICE
										 : FINE;
}

static enum trouble judge_key(const struct conf *conf, size_t at)
{
	const struct conf_item *item = &conf->map.items[at];
	const struct conf_rule *rule =
		conf_find_rule(conf, conf->map.sections[item->section].name, item->key);
	if (rule == NULL) {
		return UNKNOWN_KEY;
	}
	for (size_t i = 0; i < at; i++) {
		const struct conf_item *other = &conf->map.items[i];
		if (other->section == item->section && other->key != NULL &&
			strcmp(other->key, item->key) == 0) {
			return KEY_TWICE;
		}
	}
	if (item->has_variable) {
		return HAS_VARIABLE;
	}
	return item->is_list && rule->kind != CONF_LIST ? WANTS_ONE : FINE;
}

static void blank(char *clean, size_t start, size_t end)
{
	for (; start < end; start++) {
		if (clean[start] != '\n') {
			clean[start] = ' ';
		}
	}
}

void conf_judge(struct conf *conf)
{
	size_t quiet = 0; /* the section being left out */
	conf->troubles = mem_new(conf->map.n_items, sizeof *conf->troubles);
	for (size_t i = 0; i < conf->map.n_items; i++) {
		const struct conf_item *item = &conf->map.items[i];
		if (item->key == NULL) {
			conf->troubles[i] = judge_head(conf, item);
			if (conf->troubles[i] != FINE) {
				const struct conf_section *out = &conf->map.sections[item->section];
				quiet = item->section;
				blank(conf->map.clean, out->start, out->end);
			}
		} else if (item->section == quiet && quiet != 0) {
			conf->troubles[i] = QUIET;
		} else {
			conf->troubles[i] = judge_key(conf, i);
			if (conf->troubles[i] != FINE) {
				blank(conf->map.clean, item->start, item->end);
			}
		}
	}
}

const char *conf_trouble_text(enum trouble trouble)
{
	return troubles[trouble];
}
