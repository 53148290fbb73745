/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's multi interface on the loop.
 *
 *  1. on_socket, on_timeout: libcurl says what it waits for. Nothing of libcurl is called there
 *     but curl_multi_assign, which is allowed.
 *  2. on_poll, on_timer: the loop says that it has come; libcurl goes on.
 *  3. finish: transfers that ended are taken out and told.
 *
 * Ways it fails: none of its own; faults of transfers are theirs.
 */
#include "ports/cloud_multi.h"
#include "base/mem.h"
#include <assert.h>
#include <stdlib.h>

struct watch { /* a socket of libcurl's */
	uv_poll_t poll;
	curl_socket_t socket;
	struct multi *multi;
};

/* ---- what has ended ---- */
static void finish(struct multi *multi)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(multi->curl, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE) {
			continue;
		}
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result; /* the message dies with the removal */
		struct transfer *transfer = NULL;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
		curl_multi_remove_handle(multi->curl, easy);
		transfer->done(transfer, code);
	}
}

static void go_on(struct multi *multi, curl_socket_t socket, int what)
{
	int running;
	curl_multi_socket_action(multi->curl, socket, what, &running);
	finish(multi);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	const struct watch *watch = poll->data;
	int what = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
		   (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0) |
		   (status < 0 ? CURL_CSELECT_ERR : 0);
	go_on(watch->multi, watch->socket, what);
}

static void on_timer(uv_timer_t *timer)
{
	go_on(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* ---- what libcurl waits for ---- */
static void close_one(struct multi *multi)
{
	if (--multi->n_handles == 0) {
		multi->closed(multi->context);
	}
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct multi *multi = watch->multi;
	free(watch);
	close_one(multi);
}

static struct watch *watch_create(struct multi *multi, curl_socket_t socket)
{
	struct watch *watch = mem_new(1, sizeof *watch);
	watch->multi = multi;
	watch->socket = socket;
	watch->poll.data = watch;
	if (uv_poll_init_socket(multi->uv, &watch->poll, socket) != 0) {
		free(watch); /* libcurl's own time-outs end the transfer */
		return NULL;
	}
	multi->n_handles++;
	curl_multi_assign(multi->curl, socket, watch);
	return watch;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *assigned)
{
	struct multi *multi = context;
	struct watch *watch = assigned;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			/* stopped before libcurl closes the descriptor and gets its number again */
			uv_poll_stop(&watch->poll);
			uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
			curl_multi_assign(multi->curl, socket, NULL);
		}
		return 0;
	}
	watch = watch != NULL ? watch : watch_create(multi, socket);
	if (watch != NULL) {
		uv_poll_start(&watch->poll,
			(what & CURL_POLL_IN ? UV_READABLE : 0) |
				(what & CURL_POLL_OUT ? UV_WRITABLE : 0),
			on_poll);
	}
	return 0;
}

static int on_timeout(CURLM *curl, long timeout_ms, void *context)
{
	struct multi *multi = context;
	(void)curl;
	if (timeout_ms < 0) {
		uv_timer_stop(&multi->timer);
		return 0;
	}
	/* 0, too, waits for the loop: libcurl must not be called from its own callback */
	uv_update_time(multi->uv);
	uv_timer_start(&multi->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

bool multi_init(struct multi *multi, struct loop *loop, struct err *err)
{
	multi->uv = loop_uv(loop);
	multi->curl = curl_multi_init();
	if (multi->curl == NULL) {
		return err_set(err, REMEDY_FATAL, "cloud", "libcurl cannot be set up");
	}
	multi->timer.data = multi;
	uv_timer_init(multi->uv, &multi->timer);
	multi->n_handles = 1;
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, 8L);
	curl_multi_setopt(multi->curl, CURLMOPT_MAX_HOST_CONNECTIONS, 8L);
	return true;
}

static void on_timer_closed(uv_handle_t *handle)
{
	close_one(handle->data);
}

void multi_fini(struct multi *multi, loop_call *closed, void *context)
{
	multi->closed = closed;
	multi->context = context;
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, NULL);
	curl_multi_cleanup(multi->curl); /* says REMOVE of what is still open */
	multi->curl = NULL;
	uv_close((uv_handle_t *)&multi->timer, on_timer_closed);
}

/* ---- one transfer ---- */
bool transfer_init(struct transfer *transfer, const char *url, struct err *err)
{
	CURL *easy = curl_easy_init();
	if (easy == NULL) {
		return err_set(err, REMEDY_RETRY, "cloud", "libcurl gives no handle");
	}
	transfer->easy = easy;
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->fault);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* or later */
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* rather a stream than a handshake */
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
		easy, CURLOPT_QUICK_EXIT, 1L); /* a stuck resolver must not stop the loop */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 65536L);
	return true;
}

void transfer_fini(struct transfer *transfer, struct multi *multi)
{
	if (transfer->easy != NULL) {
		curl_multi_remove_handle(multi->curl, transfer->easy); /* not in: no harm */
		curl_easy_cleanup(transfer->easy);
		transfer->easy = NULL;
	}
}

bool multi_add(struct multi *multi, struct transfer *transfer, struct err *err)
{
	CURLMcode code = curl_multi_add_handle(multi->curl, transfer->easy);
	return code == CURLM_OK || err_set(err, REMEDY_RETRY, "cloud", "starting a transfer: %s",
					   curl_multi_strerror(code));
}

void transfer_fault(
	const struct transfer *transfer, CURLcode code, const char *who, struct err *err)
{
	static const struct {
		CURLcode code;
		const char *word, *advice;
	} rows[] = {
		{CURLE_PEER_FAILED_VERIFICATION, "certificate",
			"its certificate is not trusted: check `ca` and the name in the address"},
		{CURLE_SSL_CACERT_BADFILE, "certificate", "the file of `ca` cannot be read"},
		{CURLE_SSL_CERTPROBLEM, "certificate", "the client certificate cannot be used"},
		{CURLE_SSL_CONNECT_ERROR, "certificate", "no TLS connection"},
		{CURLE_COULDNT_RESOLVE_HOST, "no-name", "its name is not known: check the network"},
		{CURLE_OPERATION_TIMEDOUT, "no-answer", "it took too long"},
	};
	const char *why = transfer->fault[0] != '\0' ? transfer->fault : curl_easy_strerror(code);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].code == code) {
			err_set(err, REMEDY_RETRY, rows[i].word, "%s: %s (%s)", who, rows[i].advice,
				why);
			return;
		}
	}
	err_set(err, REMEDY_RETRY, "no-answer", "%s: %s", who, why);
}
