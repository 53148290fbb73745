/* SPDX-License-Identifier: Apache-2.0
 *
 * Words with blanks between them.
 */
#include "tests/rig/words.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool words_are_known(const char *words, const char *keys)
{
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");
		char key[40];
		snprintf(key, sizeof key, "%.*s", (int)strcspn(words, "= "), words);
		if (memchr(words, '=', n) == NULL || !text_has_word(keys, key)) {
			return false;
		}
		words += n;
	}
	return true;
}

char *words_get(const char *words, const char *key, const char *otherwise, char *value, size_t size)
{
	size_t n_key = strlen(key);
	snprintf(value, size, "%s", otherwise);
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");
		if (n > n_key && words[n_key] == '=' && strncmp(words, key, n_key) == 0) {
			snprintf(value, size, "%.*s", (int)(n - n_key - 1), words + n_key + 1);
		}
		words += n;
	}
	return value;
}

int64_t words_number(const char *words, const char *key, int64_t otherwise)
{
	char text[32];
	return words_get(words, key, "", text, sizeof text)[0] == '\0' ? otherwise
								       : strtoll(text, NULL, 0);
}
