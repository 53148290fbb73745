/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals: problem documents as RFC 9457 has them, with code, retryable and retry_after_s.
 */
#include "orders/service.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct title {
	int status;
	const char *text;
};

static const struct title titles[] = {
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{410, "Gone"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{416, "Range Not Satisfiable"},
	{422, "Unprocessable Content"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

const char *status_title(int status)
{
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		if (titles[i].status == status) {
			return titles[i].text;
		}
	}
	return "Error";
}

/* Whether the same call with the same key may succeed later. */
static bool is_retryable(int status, const char *code)
{
	return status == 401 || status == 412 || status == 429 || status >= 500 ||
	       strcmp(code, "in-flight") == 0 || strcmp(code, "session-conflict") == 0;
}

bool refuse(struct call *call, int status, const char *code, const char *format, ...)
{
	if (call->problem.status != 0) {
		return false;
	}
	struct problem *problem = &call->problem;
	problem->status = status;
	text_copy(problem->code, sizeof problem->code, code);
	va_list arguments;
	va_start(arguments, format);
	char detail[ERR_TEXT_MAX];
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	text_copy(problem->detail, sizeof problem->detail, detail);
	problem->retryable = is_retryable(status, code);
	problem->retry_after_s = strcmp(code, "in-flight") == 0   ? 1
				 : status == 429 || status == 503 ? 5
								  : -1;
	call->status = REFUSED;
	return false;
}

bool refuse_bad(struct call *call, const struct err *err)
{
	return refuse(call, 400, err->code, "%s", err->text);
}

void problem_answer(struct request *request, const struct problem *problem)
{
	/* a detail may quote what came from outside: cut or odd bytes must not spoil the document
	 */
	bool clean = text_is_utf8(problem->detail, strlen(problem->detail));
	char escaped[ERR_TEXT_MAX * 4];
	const char *detail =
		clean ? problem->detail : text_escape(escaped, sizeof escaped, problem->detail);
	json_t *body = json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "type", "about:blank", "title",
		status_title(problem->status), "status", (int)problem->status, "code",
		problem->code, "detail", detail, "retryable", problem->retryable ? 1 : 0);
	char seconds[24];
	struct answer_header headers[2];
	size_t n = 0;
	if (problem->retry_after_s >= 0) {
		json_object_set_new(body, "retry_after_s", json_integer(problem->retry_after_s));
		snprintf(seconds, sizeof seconds, "%lld", (long long)problem->retry_after_s);
		headers[n++] = (struct answer_header){"Retry-After", seconds};
	}
	char *text = json_write(body);
	listen_answer(request, problem->status, "application/problem+json", text, strlen(text),
		headers, n);
	free(text);
	json_decref(body);
}
