/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text: copying into fields, judging what came from outside, escaping for logs.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_BAD    UINT32_C(0xFFFD) /* stands for what is no character */
#define TEXT_ID_MAX 65               /* an opaque id: 64 ASCII characters and the NUL */

/* Copies with a NUL; false (and a cut copy that is still valid UTF-8) when it did not fit. */
bool text_copy(char *to, size_t size, const char *from);
/* An id as the order API allows: 1..64 of A-Z a-z 0-9 . _ : - and no leading dot. */
bool text_is_id(const char *text);
bool text_is_utf8(const char *bytes, size_t len);
/* For logs and terminals: control bytes, escape sequences and bad UTF-8 become \xNN. Returns `to`.
 */
char *text_escape(char *to, size_t size, const char *from);
/* The next character of a text that is not at its end, and past it; TEXT_BAD for a byte that is
 * none. */
uint32_t text_next(const char **at);
/* For paper: one line of characters that can be seen. Controls, line ends, whatever turns the
 * direction of writing, hidden characters and bad UTF-8 each become TEXT_BAD, which is drawn as a
 * question mark in a lozenge. False when it did not fit: whole characters, as many as do. */
bool text_for_paper(char *to, size_t size, const char *from);
/* One of the words that stand in `words` with blanks between them. */
bool text_has_word(const char *words, const char *word);
/* Past "{name}" where it stands at the beginning of the text; NULL where something else does. */
const char *text_past_braces(const char *text, const char *name);
/* A whole decimal number and nothing else; false when it is not one or out of the range. */
bool text_to_int(const char *text, int64_t min, int64_t max, int64_t *value);
