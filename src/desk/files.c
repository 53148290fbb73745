/* SPDX-License-Identifier: Apache-2.0
 *
 * The page's own files, embedded at build time. A name is looked up in a table: there is no path
 * that could lead anywhere else.
 */
#include "desk/files.h"
#include "desk/desk_own.h"
#include <string.h>

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} rows[] = {
		{".html", "text/html; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".svg", "image/svg+xml"},
	};
	const char *end = strrchr(name, '.');
	for (size_t i = 0; end != NULL && i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].end, end) == 0) {
			return rows[i].type;
		}
	}
	return "application/octet-stream";
}

void files_send(struct ask *ask)
{
	const char *name =
		request_parts(ask->request) == 0 ? "index.html" : request_part(ask->request, 0);
	size_t n;
	const struct answer_header *headers = guard_headers(&n);
	for (size_t i = 0; i < page_files_n; i++) {
		if (strcmp(page_files[i].name, name) == 0) {
			listen_answer(ask->request, 200, type_of(name), page_files[i].bytes,
				page_files[i].len, headers, n);
			ask_done(ask);
			return;
		}
	}
	answer_problem(
		ask->request, 404, "no-such-path", "there is no such page: the live page is at /");
	ask_done(ask);
}
