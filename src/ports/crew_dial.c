/* SPDX-License-Identifier: Apache-2.0
 *
 * Dialling for a worker.
 *
 *  1. dial_start looks the host's name up and sets the time limit.
 *  2. The first address is connected to; a copy of the socket goes to the hearer.
 *  3. The handles are closed; the last of them, or the look-up, frees the dial.
 *
 * Ways it fails: the address makes no sense, the name is unknown, nothing answers in time. All are
 * answered as "printer-absent", RETRY.
 */
#include "ports/crew_dial.h"
#include "base/mem.h"
#include "ports/loop_uv.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 10000

struct dial {
	dial_call *done; /* NULL once nobody waits for it */
	void *context;
	uv_getaddrinfo_t name;
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_timer_t timer;
	int status;  /* what is said when the timer fires */
	int pending; /* handles and a look-up that still report back */
	char host[256], port[8];
};

static void let_go(struct dial *dial)
{
	if (--dial->pending == 0) {
		free(dial);
	}
}

static void on_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

void dial_stop(struct dial *dial)
{
	dial->done = NULL;
	uv_cancel((uv_req_t *)&dial->name);
	if (!uv_is_closing((uv_handle_t *)&dial->timer)) {
		uv_close((uv_handle_t *)&dial->timer, on_closed);
		uv_close((uv_handle_t *)&dial->tcp, on_closed);
	}
}

static void finish(struct dial *dial, int fd, int status)
{
	dial_call *done = dial->done;
	void *context = dial->context;
	struct err err;
	if (done == NULL) {
		return;
	}
	if (fd < 0) {
		err_set(&err, REMEDY_RETRY, "printer-absent", "connecting to %s port %s: %s",
			dial->host, dial->port, uv_strerror(status));
	}
	dial_stop(dial);
	done(context, fd, fd < 0 ? &err : NULL);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct dial *dial = connect->data;
	uv_os_fd_t fd = -1;
	int copy = -1;
	if (status == 0 && dial->done != NULL) {
		uv_fileno((uv_handle_t *)&dial->tcp, &fd);
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	}
	finish(dial, copy, status != 0 ? status : UV_EMFILE);
}

static void on_named(uv_getaddrinfo_t *name, int status, struct addrinfo *found)
{
	struct dial *dial = name->data;
	if (status == 0 && dial->done != NULL) {
		status = uv_tcp_connect(&dial->connect, &dial->tcp, found->ai_addr, on_connected);
	}
	uv_freeaddrinfo(found);
	if (status != 0) {
		finish(dial, -1, status);
	}
	let_go(dial);
}

static void on_late(uv_timer_t *timer)
{
	struct dial *dial = timer->data;
	finish(dial, -1, dial->status);
}

/* scheme://host[:port]/…, [v6] in brackets; 631 where no port is given. */
static bool split_uri(const char *uri, char host[256], char port[8])
{
	const char *at = strstr(uri, "://");
	if (at == NULL) {
		return false;
	}
	at += 3;
	bool bracket = *at == '[';
	at += bracket;
	size_t len = strcspn(at, bracket ? "]" : ":/");
	if (len == 0 || len >= 256) {
		return false;
	}
	memcpy(host, at, len);
	host[len] = '\0';
	at += len + bracket;
	strcpy(port, "631");
	if (*at == ':') {
		size_t digits = strspn(at + 1, "0123456789");
		if (digits == 0 || digits > 5) {
			return false;
		}
		memcpy(port, at + 1, digits);
		port[digits] = '\0';
	}
	return true;
}

struct dial *dial_start(struct loop *loop, const char *uri, dial_call *done, void *context)
{
	struct dial *dial = mem_new(1, sizeof *dial);
	uv_loop_t *uv = loop_uv(loop);
	*dial = (struct dial){
		.done = done, .context = context, .pending = 2, .status = UV_ETIMEDOUT};
	dial->name.data = dial->tcp.data = dial->connect.data = dial->timer.data = dial;
	uv_tcp_init(uv, &dial->tcp);
	uv_timer_init(uv, &dial->timer);
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	int status = UV_EINVAL;
	if (split_uri(uri, dial->host, dial->port)) {
		status = uv_getaddrinfo(uv, &dial->name, on_named, dial->host, dial->port, &hints);
	}
	if (status == 0) {
		dial->pending++;
	} else {
		dial->status = status; /* told in a later turn, as all answers */
	}
	uv_timer_start(&dial->timer, on_late, status == 0 ? CONNECT_MS : 0, 0);
	return dial;
}
