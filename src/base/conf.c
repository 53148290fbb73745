/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a configuration: map the text (conf_scan), judge its structure (conf_judge), let
 * libConfuse read it (conf_confuse), hold the values against their rules (conf_value), in the order
 * of the file.
 */
#include "base/conf_own.h"
#include "base/conf_value.h"
#include "base/mem.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct instance *add_instance(
	struct conf *conf, const char *name, const struct conf_section *place)
{
	conf->instances =
		mem_resize(conf->instances, conf->n_instances + 1, sizeof *conf->instances);
	struct instance *instance = &conf->instances[conf->n_instances++];
	*instance = (struct instance){.place = place,
		.name = mem_text(name),
		.values = mem_new(conf->n_rules, sizeof *instance->values)};
	return instance;
}

static void add_text(struct value *value, const char *text, size_t len)
{
	value->texts = mem_resize(value->texts, value->n + 1, sizeof *value->texts);
	char *copy = mem_new(len + 1, 1);
	memcpy(copy, text, len);
	value->texts[value->n++] = copy;
}

/* Fallbacks are the program's own: a wrong one is our mistake. */
static void take_fallback(const struct conf_rule *rule, struct value *value)
{
	char must[ERR_TEXT_MAX];
	value->has = true;
	if (rule->kind != CONF_LIST) {
		add_text(value, rule->fallback, strlen(rule->fallback));
		bool fine = conf_value_read(rule, rule->fallback, &value->number, must);
		assert(fine);
		(void)fine;
		return;
	}
	for (const char *at = rule->fallback; *at != '\0';) {
		size_t len = strcspn(at, " ");
		add_text(value, at, len);
		at += len + (at[len] == ' ');
	}
}

static void take_fallbacks(const struct conf *conf, struct instance *instance)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		if (rule->fallback != NULL && conf_is_of(rule, instance->name) &&
			!instance->values[i].has && instance->values[i].line == 0) {
			take_fallback(rule, &instance->values[i]);
		}
	}
}

static bool is_in_file(const struct conf *conf, const struct conf_section *section, const char *key)
{
	size_t index = (size_t)(section - conf->map.sections);
	for (size_t i = 0; i < conf->map.n_items; i++) {
		const struct conf_item *item = &conf->map.items[i];
		if (item->section == index && item->key != NULL && strcmp(item->key, key) == 0) {
			return true;
		}
	}
	return false;
}

/* Required keys that are not there, told at the head of their section. */
static void tell_missing(
	const struct conf *conf, const struct conf_section *section, struct conf_faults *faults)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		if (rule->required && rule->key != NULL && conf_is_of(rule, section->name) &&
			!is_in_file(conf, section, rule->key)) {
			conf_tell(conf, faults, section->line, section, rule->key,
				"is required and missing");
		}
	}
}

static void take_value(struct conf *conf, struct cfg_t *cfg, struct instance *instance,
	const struct conf_item *item, struct conf_faults *faults)
{
	const struct conf_rule *rule = conf_find_rule(conf, instance->name, item->key);
	struct value *value = &instance->values[rule - conf->rules];
	const struct conf_section *section = instance->place;
	char must[ERR_TEXT_MAX];
	value->has = true;
	value->line = item->line;
	if (conf_confuse_count(cfg, section, item->key) != item->n_values) {
		conf_tell(conf, faults, item->line, section, item->key,
			"can be read in two ways: write key = value on a line of its own");
		return;
	}
	for (size_t i = 0; i < item->n_values; i++) {
		const char *text = conf_confuse_text(cfg, section, item->key, i);
		add_text(value, text, strlen(text));
		if (!conf_value_read(rule, text, &value->number, must)) {
			conf_tell(conf, faults, item->line, section, item->key, must);
			return;
		}
	}
	if (rule->kind == CONF_LIST && !conf_value_count(rule, item->n_values, must)) {
		conf_tell(conf, faults, item->line, section, item->key, must);
	}
}

/* The items in the order of the file; a section's keys follow its head, the top level's may stand
 * anywhere. */
static void take_items(struct conf *conf, struct cfg_t *cfg, struct conf_faults *faults)
{
	size_t inside = 0; /* the instance that is being filled */
	for (size_t i = 0; i < conf->map.n_items; i++) {
		const struct conf_item *item = &conf->map.items[i];
		const struct conf_section *section = &conf->map.sections[item->section];
		enum trouble trouble = conf->troubles[i];
		if (trouble != FINE && trouble != QUIET) {
			conf_tell(conf, faults, item->line, section, item->key,
				conf_trouble_text(trouble));
		}
		if (trouble != FINE) {
			continue;
		}
		if (item->key == NULL) {
			inside = conf->n_instances;
			add_instance(conf, section->name, section);
			tell_missing(conf, section, faults);
			continue;
		}
		struct instance *instance = &conf->instances[item->section == 0 ? 0 : inside];
		take_value(conf, cfg, instance, item, faults);
	}
}

static bool is_absent(const struct conf *conf, const char *name)
{
	for (size_t i = 1; i < conf->map.n_sections; i++) {
		if (strcmp(conf->map.sections[i].name, name) == 0) {
			return false;
		}
	}
	return true;
}

/* Sections that are not in the file: a fault, or fallbacks alone. */
static void take_absent(struct conf *conf, struct conf_faults *faults)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		char name[64];
		snprintf(name, sizeof name, "%.*s",
			rule->section == NULL ? 0 : (int)strcspn(rule->section, "!"),
			rule->section == NULL ? "" : rule->section);
		if (name[0] == '\0' || !is_absent(conf, name)) {
			continue;
		}
		if (rule->required && rule->key == NULL) {
			char text[ERR_TEXT_MAX];
			snprintf(
				text, sizeof text, "at least one section \"%s\" is required", name);
			conf_tell(conf, faults, 1, NULL, NULL, text);
		}
		if (conf_is_single(rule) && conf_find_section(conf, name) == rule) {
			add_instance(conf, name, NULL);
		}
	}
}

static void take_all(struct conf *conf, struct conf_faults *faults)
{
	const char *said;
	struct cfg_t *cfg = conf_confuse(conf, &said);
	if (cfg == NULL) {
		conf_tell(conf, faults, 1, NULL, NULL, said);
		return;
	}
	add_instance(conf, "", &conf->map.sections[0]);
	tell_missing(conf, &conf->map.sections[0], faults);
	take_absent(conf, faults);
	take_items(conf, cfg, faults);
	for (size_t i = 0; i < conf->n_instances; i++) {
		take_fallbacks(conf, &conf->instances[i]);
	}
	conf_confuse_free(cfg);
}

struct conf *conf_parse(const char *path, const char *text, const struct conf_rule *rules, size_t n,
	struct conf_faults *faults)
{
	struct conf *conf = mem_new(1, sizeof *conf);
	conf->path = mem_text(path);
	conf->rules = rules;
	conf->n_rules = n;
	size_t before = faults->n;
	struct err err;
	int line;
	if (conf_scan(text, &conf->map, &line, &err)) {
		conf_judge(conf);
		take_all(conf, faults);
	} else {
		conf_tell(conf, faults, line, NULL, NULL, err.text);
	}
	if (faults->n == before) {
		return conf;
	}
	conf_destroy(conf);
	return NULL;
}

void conf_destroy(struct conf *conf)
{
	if (conf == NULL) {
		return;
	}
	for (size_t i = 0; i < conf->n_instances; i++) {
		for (size_t k = 0; k < conf->n_rules; k++) {
			struct value *value = &conf->instances[i].values[k];
			for (size_t t = 0; t < value->n; t++) {
				free(value->texts[t]);
			}
			free(value->texts);
		}
		free(conf->instances[i].values);
		free(conf->instances[i].name);
	}
	free(conf->instances);
	free(conf->troubles);
	conf_map_fini(&conf->map);
	free(conf->path);
	free(conf);
}
