/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way to allocate. Out of memory ends the process: the store makes that safe, and
 * half-tested recovery code would not be.
 */
#pragma once
#include <stddef.h>

/* Zeroed memory for n things of that size; never NULL (n × size = 0 gives one byte). */
void *mem_new(size_t n, size_t size);
/* Grows or shrinks; new bytes are not zeroed; never NULL. */
void *mem_resize(void *memory, size_t n, size_t size);
char *mem_text(const char *text);
