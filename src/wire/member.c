/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids, words and names, judged. What was wrong is quoted, escaped and cut.
 */
#include "wire/member.h"
#include <string.h>

static bool is_absent(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return value == NULL || json_is_null(value);
}

static bool refuse(const char *key, const char *value, const char *must, struct err *err)
{
	char shown[49];
	return err_set(err, REMEDY_REJECT, "field", "\"%s\" is \"%s\", must be %s", key,
		text_escape(shown, sizeof shown, value), must);
}

bool member_take_id(const json_t *object, const char *key, char out[TEXT_ID_MAX], struct err *err)
{
	return is_absent(object, key) || member_need_id(object, key, out, err);
}

bool member_need_id(const json_t *object, const char *key, char out[TEXT_ID_MAX], struct err *err)
{
	char id[TEXT_ID_MAX] = "";
	if (!json_need_text(object, key, id, sizeof id, err)) {
		return false;
	}
	if (!text_is_id(id)) {
		return refuse(key, id, "1 to 64 of A-Z a-z 0-9 . _ : - without a leading dot", err);
	}
	memcpy(out, id, sizeof id);
	return true;
}

bool member_need_name(
	const json_t *object, const char *key, char *out, size_t size, struct err *err)
{
	if (!json_need_text(object, key, out, size, err)) {
		return false;
	}
	for (const char *at = out; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7F) {
			return refuse(key, out, "a name without control characters", err);
		}
	}
	return out[0] != '\0' || refuse(key, out, "a name", err);
}

static void list_words(const char *const *words, size_t n, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strncat(out, i == 0 ? "one of " : " ", size - strlen(out) - 1);
		strncat(out, words[i], size - strlen(out) - 1);
	}
}

bool member_need_word(const json_t *object, const char *key, const char *const *words, size_t n,
	int *out, struct err *err)
{
	char word[65];
	if (!json_need_text(object, key, word, sizeof word, err)) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = (int)i;
			return true;
		}
	}
	char must[128];
	list_words(words, n, must, sizeof must);
	return refuse(key, word, must, err);
}

bool member_take_word(const json_t *object, const char *key, const char *const *words, size_t n,
	int *out, bool *given, struct err *err)
{
	*given = !is_absent(object, key);
	return !*given || member_need_word(object, key, words, n, out, err);
}

void member_take_trace(const json_t *object, const char *key, char *out, size_t size)
{
	static const char shape[] = "00-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
	const char *text = json_string_value(json_object_get(object, key));
	out[0] = '\0';
	if (text == NULL || strlen(text) != sizeof shape - 1 || sizeof shape > size) {
		return;
	}
	for (size_t i = 0; i < sizeof shape - 1; i++) {
		bool fine = shape[i] == 'h' ? strchr("0123456789abcdef", text[i]) != NULL
					    : text[i] == shape[i];
		if (!fine) {
			return;
		}
	}
	memcpy(out, text, sizeof shape);
}

bool member_is_link(const char *url)
{
	static const char scheme[] = "https://";
	size_t at = sizeof scheme - 1;
	if (strncmp(url, scheme, at) != 0 || url[at] == '\0' || url[at] == '/') {
		return false;
	}
	for (; url[at] != '\0'; at++) {
		/* anything outside printing ASCII stands percent-encoded in a proper link */
		if ((unsigned char)url[at] <= 0x20 || (unsigned char)url[at] >= 0x7F) {
			return false;
		}
	}
	return true;
}
