/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocation that cannot fail, because failing it ends the process.
 */
#include "base/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *memory)
{
	if (memory == NULL) {
		static const char words[] = "<2>out of memory: stopping; the store is safe\n";
		fputs(words, stderr);
		abort();
	}
	return memory;
}

void *mem_new(size_t n, size_t size)
{
	if (n == 0 || size == 0) {
		return or_die(calloc(1, 1));
	}
	return or_die(calloc(n, size));
}

void *mem_resize(void *memory, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		return or_die(NULL);
	}
	return or_die(realloc(memory, n * size == 0 ? 1 : n * size));
}

char *mem_text(const char *text)
{
	return or_die(strdup(text));
}
