/* SPDX-License-Identifier: Apache-2.0
 *
 * One IPP request and its answer: libcups turns attributes into bytes and back, ipp_line.c carries
 * them. Here: what a request always says, and why there was no answer.
 */
#include "drivers/ipp_line.h"
#include "base/clock.h"
#include <stdio.h>
#include <string.h>

ipp_t *ipp_request(struct ipp *ipp, ipp_op_t operation, int32_t job_id)
{
	ipp_t *request = ippNew(); /* not ippNewRequest: that reads locale files */
	ipp->request_id = ipp->request_id % 1000000 + 1;
	ippSetOperation(request, operation);
	ippSetRequestId(request, ipp->request_id);
	ippSetVersion(request, 2, 0);
	ippAddString(
		request, IPP_TAG_OPERATION, IPP_TAG_CHARSET, "attributes-charset", NULL, "utf-8");
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_LANGUAGE, "attributes-natural-language",
		NULL, "en");
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, ipp->uri);
	if (job_id > 0) {
		ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", job_id);
	}
	ippAddString(
		request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL, IPP_USER);
	return request;
}

void ipp_want(ipp_t *request, const char *const *names, size_t n)
{
	ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", (int)n,
		NULL, names);
}

static bool explain(const struct exchange *x, CURLcode code, enum cut cut, struct err *err)
{
	const struct ipp *ipp = x->ipp;
	const char *name = ipp->device->printer;
	if (cut == CUT_STOP) {
		return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", name);
	}
	if (x->refusal.code[0] != '\0') {
		*err = x->refusal;
		return strstr(err->text, name) != NULL ? false : err_wrap(err, "printer %s", name);
	}
	if (x->broken) {
		return err_set(err, REMEDY_REDO, "raster-unreadable",
			"printer %s: the rendered page is shorter than it was or can't be read",
			name);
	}
	if (x->too_long) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: its answer is over %d KiB; not read further", name,
			IPP_ANSWER_MAX / 1024);
	}
	if (cut == CUT_LATE || code == CURLE_OPERATION_TIMEDOUT) {
		return err_set(err, REMEDY_RETRY, "printer-silent",
			"printer %s: no answer from %s:%d within %d s; is it switched on and "
			"responding?",
			name, ipp->host, ipp->port, x->within_ms / 1000);
	}
	if (code == CURLE_COULDNT_CONNECT) {
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: nothing answers at %s:%d; is it switched on?", name, ipp->host,
			ipp->port);
	}
	if (ipp->encrypts && !x->shaken) {
		return err_set(err, REMEDY_RETRY, "printer-tls",
			"printer %s: no encrypted connection with %s:%d came about (%s); is TLS "
			"1.2 "
			"switched on there, and the port right?",
			name, ipp->host, ipp->port, curl_easy_strerror(code));
	}
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: the connection to %s:%d broke: %s", name, ipp->host, ipp->port,
		curl_easy_strerror(code));
}

static bool http_is_fine(const struct exchange *x, CURL *curl, struct err *err)
{
	long status = 0;
	const char *type = NULL;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	const char *name = x->ipp->device->printer;
	if (status == 403 || status == 407) {
		return err_set(err, REMEDY_ATTEND, "printer-locked",
			"printer %s: it refuses platen (HTTP %ld); allow its address to print",
			name, status);
	}
	if (status == 426 && !x->ipp->encrypts) {
		return err_set(err, REMEDY_ATTEND, "printer-elsewhere",
			"printer %s: it wants an encrypted connection (HTTP 426); begin its uri "
			"with ipps:// instead of ipp://",
			name);
	}
	if (status == 426 || (status >= 300 && status < 400)) {
		return err_set(err, REMEDY_ATTEND, "printer-elsewhere",
			"printer %s: it sends platen elsewhere (HTTP %ld), which is not followed; "
			"correct its address",
			name, status);
	}
	if (status != 200 || type == NULL || strncmp(type, "application/ipp", 15) != 0) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: no IPP answer at %s (HTTP %ld); is the path right?", name,
			x->ipp->uri, status);
	}
	return true;
}

static ssize_t write_some(void *context, ipp_uchar_t *bytes, size_t len)
{
	buf_add(context, bytes, len);
	return (ssize_t)len;
}

/* It asked who we are. True: the same once more, with a name. */
static bool may_name(struct exchange *x, struct err *err)
{
	if (!ipp_auth_answer(x, err)) {
		return false;
	}
	return x->upload == NULL ||
	       err_set(err, REMEDY_RETRY, "printer-answer",
		       "printer %s: it asks for a password in the middle of a document; the next "
		       "one goes with it from the start",
		       x->ipp->device->printer);
}

/* The answer's bytes, or why there are none. */
static bool ask(struct ipp_line *line, struct exchange *x, struct err *err)
{
	x->moved_ms = clock_boot_ms();
	x->deadline_ms = x->within_ms == 0 ? 0 : x->moved_ms + x->within_ms;
	enum cut cut;
	CURLcode code = ipp_line_carry(line, x, &cut);
	if (x->outdated && !x->fresh) {
		x->fresh = true;
		return ask(line, x, err);
	}
	bool got = (cut == CUT_NOT && code == CURLE_OK) || cut == CUT_EARLY;
	long status = 0;
	curl_easy_getinfo(line->curl, CURLINFO_RESPONSE_CODE, &status);
	if (!got) {
		return explain(x, code, cut, err);
	}
	if (status == 401) {
		return may_name(x, err) && ask(line, x, err);
	}
	if (ipp_auth_unlearn(x, status)) {
		return ask(line, x, err);
	}
	return http_is_fine(x, line->curl, err);
}

static ipp_t *exchange(struct ipp_line *line, struct exchange *x, ipp_t *request, struct err *err)
{
	int32_t request_id = ippGetRequestId(request);
	const char *name = x->ipp->device->printer;
	ipp_t *answer = NULL;
	x->operation = ippGetOperation(request);
	ippSetState(request, IPP_STATE_IDLE);
	ipp_state_t written = ippWriteIO(&x->request, write_some, 1, NULL, request);
	ippDelete(request);
	if (written != IPP_STATE_DATA) {
		err_set(err, REMEDY_FATAL, "ipp-request", "printer %s: a request can't be encoded",
			name);
	} else if (ipp_auth_may_ask(x->ipp, err) && ask(line, x, err)) {
		ipp_auth_was_fine(x);
		answer = ipp_answer_read(buf_get(&x->answer), x->answer.len, request_id, err);
		if (answer == NULL) {
			err_wrap(err, "printer %s", name);
		}
	}
	buf_fini(&x->request);
	buf_fini(&x->answer);
	return answer;
}

ipp_t *ipp_call(struct ipp *ipp, ipp_t *request, int32_t within_ms, bool fresh, struct err *err)
{
	struct exchange x = {.ipp = ipp, .within_ms = within_ms, .fresh = fresh};
	return exchange(ipp->line, &x, request, err);
}

ipp_t *ipp_call_beside(struct ipp *ipp, ipp_t *request, int32_t within_ms, struct err *err)
{
	struct exchange x = {.ipp = ipp, .within_ms = within_ms};
	return exchange(ipp->watch, &x, request, err);
}

ipp_t *ipp_call_upload(struct ipp *ipp, ipp_t *request, struct ipp_upload *upload, struct err *err)
{
	struct exchange x = {.ipp = ipp, .upload = upload, .fresh = true};
	return exchange(ipp->line, &x, request, err);
}
