/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the Printer MIB as text.
 */
#include "rules/mib_text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool mib_value(const char *text, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t whole = strcspn(at, ";");
		if (whole > len && at[len] == '=' && strncmp(at, key, len) == 0) {
			size_t n = whole - len - 1;
			if (n >= size) {
				return false;
			}
			memcpy(out, at + len + 1, n);
			out[n] = '\0';
			return true;
		}
		at = at[whole] == ';' ? at + whole + 1 : NULL;
	}
	return false;
}

int32_t mib_number(const char *text, const char *key, int32_t otherwise)
{
	char value[12], *end;
	if (!mib_value(text, key, value, sizeof value)) {
		return otherwise;
	}
	long number = strtol(value, &end, 10);
	bool fine = *end == '\0' && end != value && number >= INT32_MIN && number <= INT32_MAX;
	return fine ? (int32_t)number : otherwise;
}

void mib_keyword(const char *type, char *out, size_t size)
{
	size_t n = 0;
	for (; *type != '\0' && n + 2 < size; type++) {
		unsigned char c = (unsigned char)*type;
		if (isupper(c) && n > 0) {
			out[n++] = '-';
		}
		out[n++] = c < 0x80 ? (char)tolower(c) : '?'; /* no half characters when cut */
	}
	out[n] = '\0';
}
