/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test says to a model: "serial=A1 unit=oz".
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every word is KEY=VALUE with a key of those ("serial unit"). */
bool words_are_known(const char *words, const char *keys);
/* The value of that key; `otherwise` when it is not among them. Returns `value`. */
char *words_get(
	const char *words, const char *key, const char *otherwise, char *value, size_t size);
int64_t words_number(const char *words, const char *key, int64_t otherwise);
