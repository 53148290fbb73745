/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking values up in a configuration that was found right, and reading one from a file.
 */
#include "base/conf_own.h"
#include "base/file.h"
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX (1024 * 1024)

static const struct instance *find_instance(
	const struct conf *conf, const char *section, size_t index)
{
	const char *name = section == NULL ? "" : section;
	for (size_t i = 0; i < conf->n_instances; i++) {
		if (strcmp(conf->instances[i].name, name) == 0 && index-- == 0) {
			return &conf->instances[i];
		}
	}
	return NULL;
}

static const struct value *find_value(
	const struct conf *conf, const char *section, size_t index, const char *key)
{
	static const struct value none;
	const struct instance *instance = find_instance(conf, section, index);
	const struct conf_rule *rule = conf_find_rule(conf, section == NULL ? "" : section, key);
	return instance == NULL || rule == NULL ? &none : &instance->values[rule - conf->rules];
}

size_t conf_count(const struct conf *conf, const char *section)
{
	size_t n = 0;
	const struct instance *instance;
	for (size_t i = 0; (instance = find_instance(conf, section, i)) != NULL; i++) {
		n += instance->place != NULL;
	}
	return n;
}

const char *conf_title(const struct conf *conf, const char *section, size_t index)
{
	const struct instance *instance = find_instance(conf, section, index);
	bool titled = instance != NULL && instance->place != NULL && instance->place->title != NULL;
	return titled ? instance->place->title : "";
}

bool conf_has(const struct conf *conf, const char *section, size_t index, const char *key)
{
	return find_value(conf, section, index, key)->has;
}

const char *conf_text(const struct conf *conf, const char *section, size_t index, const char *key)
{
	return conf_list_at(conf, section, index, key, 0);
}

int64_t conf_int(const struct conf *conf, const char *section, size_t index, const char *key)
{
	return find_value(conf, section, index, key)->number;
}

size_t conf_list_count(const struct conf *conf, const char *section, size_t index, const char *key)
{
	return find_value(conf, section, index, key)->n;
}

const char *conf_list_at(
	const struct conf *conf, const char *section, size_t index, const char *key, size_t at)
{
	const struct value *value = find_value(conf, section, index, key);
	return at < value->n ? value->texts[at] : "";
}

void conf_fault(const struct conf *conf, struct conf_faults *faults, const char *section,
	size_t index, const char *key, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list words;
	va_start(words, format);
	vsnprintf(text, sizeof text, format, words);
	va_end(words);
	const struct instance *instance = find_instance(conf, section, index);
	const struct conf_section *place = instance == NULL ? NULL : instance->place;
	int line = key == NULL ? 0 : find_value(conf, section, index, key)->line;
	if (line == 0) {
		line = place == NULL ? 1 : place->line;
	}
	conf_tell(conf, faults, line, place, key, text);
}

struct conf *conf_read(
	const char *path, const struct conf_rule *rules, size_t n, struct conf_faults *faults)
{
	struct buf buf = {0};
	struct conf *conf = NULL;
	struct err err;
	if (!file_read(path, FILE_BYTES_MAX, &buf, &err)) {
		conf_add_fault(faults, err.text);
	} else if (strlen(buf_get(&buf)) != buf.len) {
		char text[ERR_TEXT_MAX];
		snprintf(text, sizeof text, "%.200s: can't be read: it holds a zero byte", path);
		conf_add_fault(faults, text);
	} else {
		conf = conf_parse(path, buf_get(&buf), rules, n, faults);
	}
	buf_fini(&buf);
	return conf;
}
