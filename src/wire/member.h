/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of the order API that are more than a text or a number: ids, words of a list, names.
 * As in wire/json.h: need = must be there; take = absent or null leaves *out as it is.
 */
#pragma once
#include "base/text.h"
#include "wire/json.h"

must_use bool member_need_id(
	const json_t *object, const char *key, char out[TEXT_ID_MAX], struct err *err);
must_use bool member_take_id(
	const json_t *object, const char *key, char out[TEXT_ID_MAX], struct err *err);
/* A text without control characters that is not empty. */
must_use bool member_need_name(
	const json_t *object, const char *key, char *out, size_t size, struct err *err);
/* The place of the word in `words` (n of them); an unknown word is an error, never a guess. */
must_use bool member_need_word(const json_t *object, const char *key, const char *const *words,
	size_t n, int *out, struct err *err);
/* *given says whether it was there. */
must_use bool member_take_word(const json_t *object, const char *key, const char *const *words,
	size_t n, int *out, bool *given, struct err *err);
/* A W3C trace context; as that standard asks, one that is not well-formed is as none: "". */
void member_take_trace(const json_t *object, const char *key, char *out, size_t size);
/* "https://" and a host, printing ASCII only. */
bool member_is_link(const char *url);
