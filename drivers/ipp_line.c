/* SPDX-License-Identifier: Apache-2.0
 *
 * One exchange, carried by curl, whose doorman for the printers this is. What must hold on the way,
 * each for a failure once seen: a fresh connection for whatever must not be repeated; a
 * Content-Length, never chunks; linger zero, so that a dying sender resets the connection instead
 * of ending a document early; no Expect; no redirects, no proxy; a bounded answer; a time limit for
 * every question, but none for a document: a printer that prints while it receives may stand still
 * for minutes.
 */
#include "drivers/ipp_line.h"
#include "base/clock.h"
#include "base/mem.h"
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

/* ---- curl's callbacks ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	(void)address; /* whom it connects to is the host's business, not the answer's */
	struct exchange *x = context;
	struct device *device = x->ipp->device;
	int fd = device->connect(device->host, &x->refusal);
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

/* Connected, and nothing was sent yet: is it the right one? */
static int look_at_key(void *context, char *to, char *from, int to_port, int from_port)
{
	(void)to, (void)from, (void)to_port, (void)from_port;
	struct exchange *x = context;
	x->shaken = ipp_tls_key_fits(x);
	return x->shaken ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
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
	if (x->request_at == 0) { /* what was said before was about who we are */
		x->head_bytes = 0;
		x->answer.len = 0;
	}
	size_t left = x->request.len - x->request_at;
	if (left > 0) {
		size_t take = left < room ? left : room;
		memcpy(to, x->request.bytes + x->request_at, take);
		x->request_at += take;
		return take;
	}
	return x->upload == NULL ? 0 : give_document(to, room, x);
}

/* A kept connection turned out to be dead: curl sends the question again from its start. Not what
 * must not be repeated: where a password is asked for, that goes on the connection of the empty
 * request before it, which counts as kept however fresh it is.
 */
static int rewind_request(void *context, curl_off_t offset, int origin)
{
	struct exchange *x = context;
	if (x->upload != NULL || x->fresh || offset != 0 || origin != SEEK_SET) {
		return CURL_SEEKFUNC_FAIL;
	}
	x->request_at = 0;
	return CURL_SEEKFUNC_OK;
}

/* ---- one exchange ---- */

static struct curl_slist *set_up(CURL *curl, struct exchange *x, struct curl_slist **resolve)
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
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, x->ipp->encrypts ? "https" : "http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, 5L);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, x->fresh ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, set_socket);
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, look_at_key);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, x);
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
	ipp_tls_set_up(x->ipp, curl);
	ipp_auth_set_up(x->ipp, curl);
	return list;
}

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

CURLcode ipp_line_carry(struct ipp_line *line, struct exchange *x, enum cut *cut)
{
	struct curl_slist *resolve;
	struct curl_slist *heads = set_up(line->curl, x, &resolve);
	x->curl = line->curl;
	x->request_at = x->head_bytes = x->answer.len = 0;
	x->shaken = x->outdated = false;
	CURLcode code = carry(line, x, cut);
	curl_easy_setopt(line->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(line->curl, CURLOPT_RESOLVE, NULL);
	curl_slist_free_all(heads);
	curl_slist_free_all(resolve);
	return code;
}
