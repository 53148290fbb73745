/* SPDX-License-Identifier: Apache-2.0
 *
 * One IPP request and its answer: libcups turns attributes into bytes and back, curl carries them.
 * Doorman of curl for the printers. What must hold on the way, each for a failure once seen:
 * a fresh connection for whatever must not be repeated; a Content-Length, never chunks; linger
 * zero, so that a dying sender resets the connection instead of ending a document early; no
 * Expect; no redirects, no proxy; a bounded answer; a time limit for every question, but none for a
 * document: a printer that prints while it receives may stand still for minutes.
 */
#include "drivers/ipp.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX (64 * 1024)
#define LOOK_MS  50    /* how often must_stop is asked */
#define STALL_MS 3000  /* without a byte taken: look at the printer */
#define SAY_MS   10000 /* how often it is said that bytes move */
#define MARK_MS  30 /* at the mark: time for a refusal to arrive before the document is complete */
#define EARLY_MS 2000 /* for the rest of an answer that came before the document's end */

struct ipp_line {
	CURLM *multi;
	CURL *curl;
};

struct exchange {
	struct ipp *ipp;
	struct buf request;
	size_t request_at;
	struct buf answer;
	size_t head_bytes;
	struct ipp_upload *upload; /* NULL: none */
	int64_t document_at;
	int64_t mark_ms;     /* when the mark was reached */
	bool at_mark;        /* all that may go without the mark has gone */
	int64_t moved_ms;    /* when the last bytes were taken */
	int64_t said_ms;     /* when it was last said that bytes move */
	int64_t said_at;     /* and how many had gone then */
	int64_t deadline_ms; /* 0: none */
	int32_t within_ms;
	bool broken; /* the document could not be read */
	bool too_long;
	struct err connect_err; /* code "" where connecting went well */
};

struct ipp_line *ipp_line_create(void)
{
	struct ipp_line *line = mem_new(1, sizeof *line);
	line->multi = curl_multi_init();
	line->curl = curl_easy_init();
	return line;
}

void ipp_line_destroy(struct ipp_line *line)
{
	if (line != NULL) {
		curl_easy_cleanup(line->curl);
		curl_multi_cleanup(line->multi);
		free(line);
	}
}

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

/* ---- curl's callbacks ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	(void)address; /* whom it connects to is the host's business, not the answer's */
	struct exchange *x = context;
	struct device *device = x->ipp->device;
	int fd = device->connect(device->host, &x->connect_err);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int set_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context;
	(void)purpose;
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	/* curl 7.88 calls connect(2) once more all the same. That returns 0 on a socket whose
	 * connect was left to finish by itself, and the worker's cage answers it with EINPROGRESS.
	 */
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static size_t take_head(char *bytes, size_t size, size_t n, void *context)
{
	(void)bytes;
	struct exchange *x = context;
	x->head_bytes += size * n;
	x->too_long = x->too_long || x->head_bytes > HEAD_MAX;
	return x->too_long ? 0 : size * n;
}

static size_t take_answer(char *bytes, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	x->too_long = x->too_long || x->answer.len + size * n > IPP_ANSWER_MAX;
	if (x->too_long) {
		return 0;
	}
	buf_add(&x->answer, bytes, size * n);
	return size * n;
}

static size_t give_document(char *to, size_t room, struct exchange *x)
{
	struct ipp_upload *upload = x->upload;
	int64_t end = upload->document->bytes;
	if (!upload->marked) {
		end -= upload->hold_back;
	}
	if (x->document_at >= end) {
		if (end == upload->document->bytes) {
			return 0;
		}
		x->at_mark = true;
		x->mark_ms = clock_boot_ms();
		return CURL_READFUNC_PAUSE;
	}
	int64_t left = end - x->document_at;
	size_t n = (int64_t)room < left ? room : (size_t)left;
	ssize_t got = pread(upload->document->fd, to, n, x->document_at);
	if (got <= 0) { /* cut short or unreadable: never send less than was promised as whole */
		x->broken = true;
		return CURL_READFUNC_ABORT;
	}
	x->document_at += got;
	return (size_t)got;
}

static size_t give(char *to, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	size_t room = size * n;
	x->moved_ms = clock_boot_ms();
	size_t left = x->request.len - x->request_at;
	if (left > 0) {
		size_t take = left < room ? left : room;
		memcpy(to, x->request.bytes + x->request_at, take);
		x->request_at += take;
		return take;
	}
	return x->upload == NULL ? 0 : give_document(to, room, x);
}

/* A kept connection turned out to be dead: curl sends the question again from its start. */
static int rewind_request(void *context, curl_off_t offset, int origin)
{
	struct exchange *x = context;
	if (x->upload != NULL || offset != 0 || origin != SEEK_SET) {
		return CURL_SEEKFUNC_FAIL;
	}
	x->request_at = 0;
	return CURL_SEEKFUNC_OK;
}

/* ---- one exchange ---- */

static ssize_t write_some(void *context, ipp_uchar_t *bytes, size_t len)
{
	buf_add(context, bytes, len);
	return (ssize_t)len;
}

static struct curl_slist *set_up(
	CURL *curl, struct exchange *x, bool fresh, struct curl_slist **resolve)
{
	static const char *const heads[] = {"Content-Type: application/ipp", "Expect:", "Accept:"};
	struct curl_slist *list = NULL;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		list = curl_slist_append(list, heads[i]);
	}
	/* Nothing is looked up here: the host connects. curl only wants some address to think of.
	 */
	char pair[192];
	snprintf(pair, sizeof pair, "%s:%d:127.0.0.1", x->ipp->host, x->ipp->port);
	*resolve = x->ipp->host[0] == '[' ? NULL : curl_slist_append(NULL, pair);
	int64_t length = (int64_t)x->request.len;
	length += x->upload == NULL ? 0 : x->upload->document->bytes;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, x->ipp->url);
	curl_easy_setopt(curl, CURLOPT_RESOLVE, *resolve);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, 5L);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, set_socket);
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, x);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_request);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, x);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
	return list;
}

/* Why an exchange ended before curl said so. */
enum cut { CUT_NOT, CUT_STOP, CUT_LATE, CUT_EARLY };

static enum cut look_on(CURL *curl, struct exchange *x)
{
	struct device *device = x->ipp->device;
	int64_t now_ms = clock_boot_ms();
	if (!x->ipp->heedless && device->must_stop(device->host)) {
		return CUT_STOP;
	}
	if (x->deadline_ms != 0 && now_ms >= x->deadline_ms) {
		return x->at_mark ? CUT_EARLY : CUT_LATE;
	}
	if (x->upload == NULL) {
		return CUT_NOT;
	}
	if (x->at_mark && x->head_bytes > 0) {
		/* It answers without having the whole: that is a refusal; hear it out. */
		x->deadline_ms = x->deadline_ms == 0 ? now_ms + EARLY_MS : x->deadline_ms;
		return CUT_NOT;
	}
	if (x->at_mark && now_ms - x->mark_ms >= MARK_MS) {
		if (!x->upload->mark(x->upload->context)) {
			return CUT_STOP;
		}
		x->at_mark = false;
		x->upload->marked = true;
		curl_easy_pause(curl, CURLPAUSE_CONT);
	}
	if (now_ms - x->moved_ms > STALL_MS && x->upload->stalled != NULL) {
		x->upload->stalled(x->upload->context);
		x->moved_ms = clock_boot_ms();
	}
	if (now_ms - x->said_ms > SAY_MS) {
		bool moves = x->said_ms != 0 && x->document_at != x->said_at;
		x->said_ms = now_ms;
		x->said_at = x->document_at;
		if (moves && x->upload->moves != NULL) {
			x->upload->moves(x->upload->context);
		}
	}
	return CUT_NOT;
}

static CURLcode result_of(CURLM *multi)
{
	int left;
	const CURLMsg *message = curl_multi_info_read(multi, &left);
	return message == NULL ? CURLE_FAILED_INIT : message->data.result;
}

static CURLcode carry(struct ipp_line *line, struct exchange *x, enum cut *cut)
{
	int running = 1;
	CURLcode code = CURLE_OK;
	*cut = CUT_NOT;
	curl_multi_add_handle(line->multi, line->curl);
	while (*cut == CUT_NOT) {
		curl_multi_perform(line->multi, &running);
		if (running == 0) {
			code = result_of(line->multi);
			break;
		}
		bool was_marked = x->upload != NULL && x->upload->marked;
		*cut = look_on(line->curl, x);
		if (*cut == CUT_NOT && was_marked == (x->upload != NULL && x->upload->marked)) {
			curl_multi_poll(line->multi, NULL, 0, x->at_mark ? MARK_MS : LOOK_MS, NULL);
		}
	}
	curl_multi_remove_handle(line->multi, line->curl);
	return code;
}

static bool explain(const struct exchange *x, CURLcode code, enum cut cut, struct err *err)
{
	const struct ipp *ipp = x->ipp;
	const char *name = ipp->device->printer;
	if (cut == CUT_STOP) {
		return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop", name);
	}
	if (x->connect_err.code[0] != '\0') {
		*err = x->connect_err;
		return err_wrap(err, "printer %s", name);
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
	if (status == 401 || status == 403 || status == 407) {
		return err_set(err, REMEDY_ATTEND, "printer-locked",
			"printer %s: it refuses platen (HTTP %ld); allow printing without a "
			"password",
			name, status);
	}
	if (status == 426 || (status >= 300 && status < 400)) {
		return err_set(err, REMEDY_ATTEND, "printer-elsewhere",
			"printer %s: it sends platen elsewhere (HTTP %ld), which is not followed; "
			"correct its address or switch off forced encryption",
			name, status);
	}
	if (status != 200 || type == NULL || strncmp(type, "application/ipp", 15) != 0) {
		return err_set(err, REMEDY_RETRY, "printer-answer",
			"printer %s: no IPP answer at %s (HTTP %ld); is the path right?", name,
			x->ipp->uri, status);
	}
	return true;
}

static ipp_t *exchange(
	struct ipp_line *line, struct exchange *x, ipp_t *request, bool fresh, struct err *err)
{
	int32_t request_id = ippGetRequestId(request);
	ipp_t *answer = NULL;
	ippSetState(request, IPP_STATE_IDLE);
	ipp_state_t written = ippWriteIO(&x->request, write_some, 1, NULL, request);
	ippDelete(request);
	if (written != IPP_STATE_DATA) {
		err_set(err, REMEDY_FATAL, "ipp-request", "printer %s: a request can't be encoded",
			x->ipp->device->printer);
		buf_fini(&x->request);
		return NULL;
	}
	struct curl_slist *resolve;
	struct curl_slist *heads = set_up(line->curl, x, fresh, &resolve);
	x->moved_ms = clock_boot_ms();
	x->deadline_ms = x->within_ms == 0 ? 0 : x->moved_ms + x->within_ms;
	enum cut cut;
	CURLcode code = carry(line, x, &cut);
	bool got = (cut == CUT_NOT && code == CURLE_OK) || cut == CUT_EARLY;
	if (got ? http_is_fine(x, line->curl, err) : explain(x, code, cut, err)) {
		answer = ipp_answer_read(buf_get(&x->answer), x->answer.len, request_id, err);
		if (answer == NULL) {
			err_wrap(err, "printer %s", x->ipp->device->printer);
		}
	}
	curl_slist_free_all(heads);
	curl_slist_free_all(resolve);
	buf_fini(&x->request);
	buf_fini(&x->answer);
	return answer;
}

ipp_t *ipp_call(struct ipp *ipp, ipp_t *request, int32_t within_ms, bool fresh, struct err *err)
{
	struct exchange x = {.ipp = ipp, .within_ms = within_ms};
	return exchange(ipp->line, &x, request, fresh, err);
}

ipp_t *ipp_call_beside(struct ipp *ipp, ipp_t *request, int32_t within_ms, struct err *err)
{
	struct exchange x = {.ipp = ipp, .within_ms = within_ms};
	return exchange(ipp->watch, &x, request, false, err);
}

ipp_t *ipp_call_upload(struct ipp *ipp, ipp_t *request, struct ipp_upload *upload, struct err *err)
{
	struct exchange x = {.ipp = ipp, .upload = upload};
	return exchange(ipp->line, &x, request, true, err);
}
