/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors, sorted by what can be done about them. A function that can fail returns bool and fills
 * `err` exactly when it returns false. The text grows on its way up, outermost words first, and is
 * logged once, where it is decided what to do.
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>

#define must_use             __attribute__((warn_unused_result))
#define formats(text, first) __attribute__((format(printf, text, first)))

enum remedy {
	REMEDY_RETRY,  /* may pass by itself: the same work again after a growing wait */
	REMEDY_REDO,   /* an earlier product is bad or gone: back to the stage that makes it */
	REMEDY_REJECT, /* the order cannot be printed: given back or quarantined, with its reason */
	REMEDY_ATTEND, /* the printer needs hands; its jobs wait or go elsewhere */
	REMEDY_UNSURE, /* it may have printed: ask the printer, else a person */
	REMEDY_DROP,   /* no longer ours: close quietly */
	REMEDY_FATAL,  /* this machine is unfit: stop leasing, exit, systemd shows it */
};

#define ERR_CODE_MAX 40
#define ERR_TEXT_MAX 320

struct err {
	enum remedy remedy;
	char code[ERR_CODE_MAX]; /* stable keyword for programs: "asset-hash", "media-missing" … */
	char text[ERR_TEXT_MAX]; /* a sentence for people: what, where, what to do */
};

/* Both return false, so that a failing function can end in `return err_set(…)`. */
bool err_set(struct err *err, enum remedy remedy, const char *code, const char *format, ...)
	formats(4, 5);
/* Puts "words: " before the text; remedy and code stay. */
bool err_wrap(struct err *err, const char *format, ...) formats(2, 3);

const char *remedy_name(enum remedy remedy);
/* The remedy of that name, for a message from another process; false for an unknown name. */
bool remedy_from_name(const char *name, enum remedy *remedy);
