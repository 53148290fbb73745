/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of page/, as the build embeds them (page/embed).
 */
#pragma once
#include <stddef.h>

struct page_file {
	const char *name;
	const unsigned char *bytes;
	size_t len;
};

extern const struct page_file page_files[];
extern const size_t page_files_n;
