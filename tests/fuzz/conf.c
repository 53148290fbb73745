/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as a configuration: it is read, or refused with faults that name the file; nothing
 * of the environment gets in, and what was refused leaves nothing behind for the next text.
 */
#include "tests/fuzz/fuzz.h"
#include "base/conf.h"
#include "base/text.h"
#include <string.h>

static const struct conf_rule rules[] = {
	{NULL, "floor", CONF_TEXT, false, 1, 64, NULL, NULL},
	{NULL, "title", CONF_TEXT, false, 0, 0, "t", NULL},
	{NULL, "width", CONF_HMM, false, 2000, 100000, NULL, NULL},
	{NULL, "height", CONF_HMM, false, 0, 0, "0", NULL},
	{NULL, "finish", CONF_CHOICE, false, 0, 0, NULL, "glossy lustre matte"},
	{NULL, "media", CONF_LIST, false, 0, 16, "a b", NULL},
	{NULL, "version", CONF_INT, false, 0, 0, "1", NULL},
	{"cloud!", "url", CONF_TEXT, true, 1, 255, NULL, NULL},
	{"cloud!", "offline_permits", CONF_MS, false, 0, 259200000, "2 h", NULL},
	{"limits!", "file", CONF_BYTES, false, 0, 0, "100 MiB", NULL},
	{"limits!", "formats", CONF_LIST, false, 1, 8, "x", NULL},
	{"printer", "uri", CONF_TEXT, true, 1, 255, NULL, NULL},
	{"printer", "exclusive", CONF_BOOL, false, 0, 0, "no", NULL},
	{"printer", "poll", CONF_MS, false, 500, 600000, "5 s", NULL},
};
#define N_RULES (sizeof rules / sizeof rules[0])

static const char secret[] = "SECRET-OF-THE-ENVIRONMENT";

static void look_at_all(const struct conf *conf, const char *input)
{
	bool told = strstr(input, secret) != NULL; /* the fuzzer knows the word, too */
	for (size_t i = 0; i < N_RULES; i++) {
		char section[16] = "";
		if (rules[i].section != NULL) {
			text_copy(section, sizeof section, rules[i].section);
			section[strcspn(section, "!")] = '\0';
		}
		const char *name = section[0] == '\0' ? NULL : section;
		for (size_t k = 0; k < conf_count(conf, name); k++) {
			fuzz_must(name == NULL || conf_title(conf, name, k) != NULL);
			int64_t number = conf_int(conf, name, k, rules[i].key);
			bool ranged = rules[i].kind == CONF_INT || rules[i].kind == CONF_MS ||
				      rules[i].kind == CONF_BYTES || rules[i].kind == CONF_HMM;
			if (ranged && rules[i].most > 0 && conf_has(conf, name, k, rules[i].key)) {
				fuzz_must(number >= rules[i].least && number <= rules[i].most);
			}
			size_t n = conf_list_count(conf, name, k, rules[i].key);
			for (size_t at = 0; at < n; at++) {
				const char *text = conf_list_at(conf, name, k, rules[i].key, at);
				fuzz_must(text_is_utf8(text, strlen(text)));
				fuzz_must(told || strstr(text, secret) == NULL);
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	setenv("HOME", secret, 1);
	char *text = malloc(len + 1);
	fuzz_must(text != NULL);
	if (len > 0) {
		memcpy(text, bytes, len);
	}
	text[len] = '\0';
	struct conf_faults faults = {0};
	struct conf *conf = conf_parse("f.conf", text, rules, N_RULES, &faults);
	fuzz_must((conf == NULL) == (faults.n > 0));
	for (size_t i = 0; i < faults.n && i < CONF_FAULTS_MAX; i++) {
		fuzz_must(strncmp(faults.text[i], "f.conf:", 7) == 0);
		fuzz_must(strchr(faults.text[i], '\n') == NULL);
	}
	if (conf != NULL) {
		look_at_all(conf, text);
	}
	conf_destroy(conf);
	free(text);
	faults = (struct conf_faults){0};
	conf = conf_parse("g.conf", "floor = \"F # 1\"", rules, N_RULES, &faults);
	fuzz_must(conf != NULL && strcmp(conf_text(conf, NULL, 0, "floor"), "F # 1") == 0);
	conf_destroy(conf);
	return 0;
}
