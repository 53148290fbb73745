/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from outside is judged here before it goes into a field, a log line or a screen.
 */
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool text_copy(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);
	if (len < size) {
		memcpy(to, from, len + 1);
		return true;
	}
	len = size - 1;
	while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80) {
		len--; /* never cut inside a character */
	}
	memcpy(to, from, len);
	to[len] = '\0';
	return false;
}

bool text_is_id(const char *text)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
	size_t len = strlen(text);
	return len > 0 && len < TEXT_ID_MAX && text[0] != '.' && strspn(text, allowed) == len;
}

/* Length of the UTF-8 character at `at`, 0 when it is not one (overlong, surrogate, cut off). */
static size_t character_len(const unsigned char *at, size_t left)
{
	static const struct {
		unsigned char mask, lead;
		size_t len;
		uint32_t least;
	} kinds[] = {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800},
		{0xF8, 0xF0, 4, 0x10000}};

	for (size_t k = 0; k < 4; k++) {
		if ((at[0] & kinds[k].mask) != kinds[k].lead) {
			continue;
		}
		if (kinds[k].len > left) {
			return 0;
		}
		uint32_t code = at[0] & (unsigned char)~kinds[k].mask;
		for (size_t i = 1; i < kinds[k].len; i++) {
			if ((at[i] & 0xC0) != 0x80) {
				return 0;
			}
			code = code << 6 | (at[i] & 0x3F);
		}
		bool fine = code >= kinds[k].least && code <= 0x10FFFF &&
			    !(code >= 0xD800 && code <= 0xDFFF);
		return fine ? kinds[k].len : 0;
	}
	return 0;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t n = character_len((const unsigned char *)bytes + at, len - at);
		if (n == 0) {
			return false;
		}
		at += n;
	}
	return true;
}

char *text_escape(char *to, size_t size, const char *from)
{
	size_t out = 0;
	size_t left = strlen(from);
	while (left > 0) {
		unsigned char c = (unsigned char)*from;
		size_t n = character_len((const unsigned char *)from, left);
		/* 0xC2 0x80..0x9F are the C1 controls, which some terminals obey */
		bool plain = n > 0 && c >= 0x20 && c != 0x7F &&
			     !(n == 2 && c == 0xC2 && (unsigned char)from[1] < 0xA0);
		if (out + (plain ? n : 4) + 1 > size) {
			break;
		}
		if (plain) {
			memcpy(to + out, from, n);
			out += n;
			from += n;
			left -= n;
		} else {
			out += (size_t)snprintf(to + out, size - out, "\\x%02x", c);
			from++;
			left--;
		}
	}
	to[out] = '\0';
	return to;
}

bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
	if (text[0] == '\0' || strspn(text, "+-0123456789") != strlen(text)) {
		return false;
	}
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || number < min || number > max) {
		return false;
	}
	*value = number;
	return true;
}
