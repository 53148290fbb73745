/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of libConfuse. It is given the clean text only: no comments, no unknown names, no
 * variables, and shapes that fit the options.
 */
#include "base/conf_own.h"
#include "base/mem.h"
#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libConfuse's error callback has no context pointer; a thread parses one text at a time. */
static _Thread_local char confuse_said[ERR_TEXT_MAX];

static void formats(2, 0) on_confuse_error(cfg_t *cfg, const char *format, va_list words)
{
	(void)cfg;
	vsnprintf(confuse_said, sizeof confuse_said, format, words);
}

static cfg_opt_t make_key(const struct conf_rule *rule)
{
	cfg_flag_t list = rule->kind == CONF_LIST ? CFGF_LIST : CFGF_NONE;
	return (cfg_opt_t){.name = rule->key, .type = CFGT_STR, .flags = CFGF_NODEFAULT | list};
}

/* The keys of one section. Everything is a text to libConfuse: kinds are judged later, where their
 * fault can be told with its line. The array ends with a row of zeroes. */
static cfg_opt_t *make_keys(const struct conf *conf, const char *section, size_t *n)
{
	cfg_opt_t *options = mem_new(conf->n_rules + 1, sizeof *options);
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		if (rule->key != NULL && conf_is_of(rule, section)) {
			options[(*n)++] = make_key(rule);
		}
	}
	return options;
}

static cfg_opt_t make_section(const struct conf *conf, const struct conf_rule *rule, char *name)
{
	cfg_flag_t kind = conf_is_single(rule) ? CFGF_NONE : CFGF_MULTI | CFGF_TITLE;
	size_t n = 0;
	return (cfg_opt_t){.name = name,
		.type = CFGT_SEC,
		.flags = CFGF_NODEFAULT | kind,
		.subopts = make_keys(conf, name, &n)};
}

static cfg_opt_t *make_options(const struct conf *conf)
{
	size_t n = 0;
	cfg_opt_t *options = make_keys(conf, "", &n);
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		if (rule->section == NULL) {
			continue;
		}
		char *name = mem_text(rule->section);
		name[strcspn(name, "!")] = '\0';
		if (conf_find_section(conf, name) == rule) {
			options[n++] = make_section(conf, rule, name);
		} else {
			free(name);
		}
	}
	return options;
}

static void free_options(cfg_opt_t *options)
{
	for (cfg_opt_t *option = options; option->name != NULL; option++) {
		if (option->type == CFGT_SEC) {
			free_options(option->subopts);
			free((char *)option->name);
		}
	}
	free(options);
}

struct cfg_t *conf_confuse(const struct conf *conf, const char **said)
{
	snprintf(confuse_said, sizeof confuse_said, "no reason given");
	*said = confuse_said;
	cfg_opt_t *options = make_options(conf);
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	free_options(options); /* cfg_init keeps a copy */
	cfg_set_error_function(cfg, on_confuse_error);
	if (cfg_parse_buf(cfg, conf->map.clean) != CFG_SUCCESS) {
		cfg_free(cfg);
		return NULL;
	}
	return cfg;
}

void conf_confuse_free(struct cfg_t *cfg)
{
	cfg_free(cfg);
}

static cfg_opt_t *find_option(cfg_t *cfg, const struct conf_section *section, const char *key)
{
	cfg_t *in = cfg;
	if (section->title != NULL) {
		in = cfg_gettsec(cfg, section->name, section->title);
	} else if (section->name[0] != '\0') {
		in = cfg_getsec(cfg, section->name);
	}
	return in == NULL ? NULL : cfg_getopt(in, key);
}

size_t conf_confuse_count(struct cfg_t *cfg, const struct conf_section *section, const char *key)
{
	cfg_opt_t *option = find_option(cfg, section, key);
	return option == NULL ? 0 : cfg_opt_size(option);
}

const char *conf_confuse_text(
	struct cfg_t *cfg, const struct conf_section *section, const char *key, size_t at)
{
	const char *text = cfg_opt_getnstr(find_option(cfg, section, key), (unsigned int)at);
	return text == NULL ? "" : text;
}
