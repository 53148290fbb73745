/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling and wrapping errors. Text that does not fit is cut at the end: the outermost words, which
 * say what was being done, always stay.
 */
#include "base/err.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[REMEDY_RETRY] = "retry",
	[REMEDY_REDO] = "redo",
	[REMEDY_REJECT] = "reject",
	[REMEDY_ATTEND] = "attend",
	[REMEDY_UNSURE] = "unsure",
	[REMEDY_DROP] = "drop",
	[REMEDY_FATAL] = "fatal",
};

/* Takes a half character off the end of a text that was cut. */
static void trim(char *text)
{
	size_t len = strlen(text);
	size_t start = len;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) {
		start--;
	}
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0 &&
		!text_is_utf8(text + start - 1, len - start + 1)) {
		text[start - 1] = '\0';
	}
}

bool err_set(struct err *err, enum remedy remedy, const char *code, const char *format, ...)
{
	if (err == NULL) {
		return false;
	}
	err->remedy = remedy;
	snprintf(err->code, sizeof err->code, "%s", code);
	va_list words;
	va_start(words, format);
	int n = vsnprintf(err->text, sizeof err->text, format, words);
	va_end(words);
	if (n >= (int)sizeof err->text) {
		trim(err->text);
	}
	return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
	if (err == NULL) {
		return false;
	}
	char inner[ERR_TEXT_MAX];
	memcpy(inner, err->text, sizeof inner);
	va_list words;
	va_start(words, format);
	int n = vsnprintf(err->text, sizeof err->text, format, words);
	va_end(words);
	if (n >= 0 && (size_t)n + 3 < sizeof err->text) {
		memcpy(err->text + n, ": ", 3);
		text_copy(err->text + n + 2, sizeof err->text - (size_t)n - 2, inner);
	}
	return false;
}

const char *remedy_name(enum remedy remedy)
{
	return names[remedy];
}

bool remedy_from_name(const char *name, enum remedy *remedy)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0) {
			*remedy = (enum remedy)i;
			return true;
		}
	}
	return false;
}
