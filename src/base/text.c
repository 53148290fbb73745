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

/* The UTF-8 character at `at`: its length, 0 when it is none (overlong, surrogate, cut off). */
static size_t character_len(const unsigned char *at, size_t left, uint32_t *code)
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
		*code = at[0] & (unsigned char)~kinds[k].mask;
		for (size_t i = 1; i < kinds[k].len; i++) {
			if ((at[i] & 0xC0) != 0x80) {
				return 0;
			}
			*code = *code << 6 | (at[i] & 0x3F);
		}
		bool fine = *code >= kinds[k].least && *code <= 0x10FFFF &&
			    !(*code >= 0xD800 && *code <= 0xDFFF);
		return fine ? kinds[k].len : 0;
	}
	return 0;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	uint32_t code;
	for (size_t at = 0; at < len;) {
		size_t n = character_len((const unsigned char *)bytes + at, len - at, &code);
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
	uint32_t code;
	while (left > 0) {
		unsigned char c = (unsigned char)*from;
		size_t n = character_len((const unsigned char *)from, left, &code);
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

uint32_t text_next(const char **at)
{
	uint32_t code = TEXT_BAD;
	size_t n = character_len((const unsigned char *)*at, strnlen(*at, 4), &code);
	*at += n > 0 ? n : 1;
	return n > 0 ? code : TEXT_BAD;
}

/* What has no shape of its own, or moves what stands beside it. */
static bool is_visible(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x0000, 0x001F},                   /* controls, line ends among them */
		{0x007F, 0x009F}, {0x00AD, 0x00AD}, /* soft hyphen */
		{0x034F, 0x034F},                   /* joiners, fillers, variation selectors */
		{0x061C, 0x061C}, /* marks, embeddings, overrides and isolates of direction */
		{0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},
		{0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
		{0xE000, 0xF8FF}, /* private: nobody knows what it looks like */
		{0xFDD0, 0xFDEF}, /* no characters at all */
		{0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
		{0xE0000, 0x10FFFF}, /* tags, and private again */
	};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		if (code >= hidden[i].first && code <= hidden[i].last) {
			return false;
		}
	}
	return (code & 0xFFFE) != 0xFFFE;
}

bool text_for_paper(char *to, size_t size, const char *from)
{
	static const char bad[] = "\xEF\xBF\xBD"; /* TEXT_BAD in UTF-8 */
	size_t out = 0;
	while (*from != '\0') {
		const char *at = from;
		bool visible = is_visible(text_next(&from));
		/* a byte that is no character was passed alone, and is not copied */
		visible = visible && ((unsigned char)*at < 0x80 || from - at > 1);
		const char *piece = visible ? at : bad;
		size_t n = visible ? (size_t)(from - at) : sizeof bad - 1;
		if (out + n + 1 > size) {
			to[out] = '\0';
			return false;
		}
		memcpy(to + out, piece, n);
		out += n;
	}
	to[out] = '\0';
	return true;
}

const char *text_past_braces(const char *text, const char *name)
{
	size_t len = strlen(name);
	bool is_it = text[0] == '{' && strncmp(text + 1, name, len) == 0 && text[len + 1] == '}';
	return is_it ? text + len + 2 : NULL;
}

bool text_has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = words + strspn(words, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		if (n == len && memcmp(at, word, n) == 0) {
			return true;
		}
		at += n;
	}
	return false;
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
