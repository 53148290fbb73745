/* SPDX-License-Identifier: Apache-2.0
 *
 * libmicrohttpd on the loop.
 *
 *  1. listen_open binds the socket itself and gives it to a daemon without threads; the daemon's
 *     epoll descriptor is polled, its time-out set in a timer.
 *  2. Whatever moves, turn() lets the daemon run once and sets the timer anew.
 *  3. listen_kick asks for a turn: resuming a connection alone delivers nothing.
 *  4. listen_close stops accepting, forgets what is unanswered, turns until answers under way are
 *     out or 500 ms have passed, then stops the daemon. A daemon that is stopped while a
 *     connection is suspended aborts the process, so all are resumed before.
 *
 * Ways it fails: address taken, socket's folder missing, certificate files unreadable or wrong.
 */
#include "ports/listen.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/listen_own.h"
#include "ports/listen_socket.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOSE_MS       500
#define PEM_BYTES_MAX  (1024 * 1024)
#define POOL_BYTES     (HEAD_BYTES_MAX * 2)
#define STALL_S        30
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static int64_t or_else(int64_t value, int64_t fallback)
{
	return value > 0 ? value : fallback;
}

static void fill_conf(struct listener *listener, const struct listen_conf *conf)
{
	struct listen_conf *to = &listener->conf;
	*to = *conf;
	to->path = to->host = to->cert = to->key = to->ca = NULL;
	to->body_max_bytes = or_else(to->body_max_bytes, 1024 * 1024);
	to->connections_max = (int)or_else(to->connections_max, 512);
	to->connections_per_address_max = (int)or_else(to->connections_per_address_max, 128);
	to->head_ms = or_else(to->head_ms, 10 * SECOND_MS);
	to->idle_ms = or_else(to->idle_ms, 10 * SECOND_MS);
	to->body_ms = or_else(to->body_ms, 120 * SECOND_MS);
	to->beat_ms = or_else(to->beat_ms, 15 * SECOND_MS);
}

static char *read_pem(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		err_set(err, REMEDY_FATAL, "tls-file", "%s: cannot be read; name a PEM file", path);
		return NULL;
	}
	char *text = mem_new(PEM_BYTES_MAX + 1, 1);
	size_t len = fread(text, 1, PEM_BYTES_MAX, file);
	fclose(file);
	if (len == 0 || strstr(text, "-----BEGIN") == NULL) {
		err_set(err, REMEDY_FATAL, "tls-file", "%s: holds no PEM text", path);
		free(text);
		return NULL;
	}
	return mem_resize(text, len + 1, 1);
}

static bool read_tls(struct listener *listener, const struct listen_conf *conf, struct err *err)
{
	const char *const paths[] = {conf->cert, conf->key, conf->ca};
	char **const texts[] = {&listener->cert, &listener->key, &listener->ca};
	for (size_t i = 0; i < 3; i++) {
		if (paths[i] != NULL && (*texts[i] = read_pem(paths[i], err)) == NULL) {
			return false;
		}
	}
	if (conf->cert != NULL && conf->key == NULL) {
		return err_set(err, REMEDY_FATAL, "tls-file", "%s: its key is missing", conf->cert);
	}
	if (conf->client_cert != CLIENT_CERT_NONE && conf->ca == NULL) {
		return err_set(err, REMEDY_FATAL, "tls-file",
			"client certificates are asked for, but no CA file is named");
	}
	return true;
}

static formats(2, 0) void on_daemon_log(void *context, const char *format, va_list arguments)
{
	(void)context;
	char text[256];
	vsnprintf(text, sizeof text, format, arguments);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http", "%s", text);
}

static void turn(struct listener *listener);

static bool start_daemon(struct listener *listener, int socket, struct err *err)
{
	const struct listen_conf *conf = &listener->conf;
	const unsigned stall_s = conf->idle_ms / SECOND_MS >= STALL_S
					 ? (unsigned)(conf->idle_ms / SECOND_MS) + 1
					 : STALL_S;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, listener->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, listener->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (char[]){TLS_PRIORITIES}},
		{listener->ca != NULL ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
			listener->ca},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
	const bool is_tls = listener->cert != NULL;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			 (is_tls ? MHD_USE_TLS : 0);
	listener->daemon = MHD_start_daemon(flags, 0, NULL, NULL, request_go_on, listener,
		MHD_OPTION_EXTERNAL_LOGGER, on_daemon_log, NULL, MHD_OPTION_LISTEN_SOCKET, socket,
		MHD_OPTION_URI_LOG_CALLBACK, request_begin, listener, MHD_OPTION_NOTIFY_COMPLETED,
		request_complete, listener, MHD_OPTION_NOTIFY_CONNECTION, line_notify, listener,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)conf->connections_max,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)conf->connections_per_address_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, stall_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_ARRAY, is_tls ? tls : plain, MHD_OPTION_END);
	if (listener->daemon == NULL) {
		return err_set(err, REMEDY_FATAL, "http", "the HTTP server cannot start%s",
			is_tls ? ": do certificate and key fit?" : "");
	}
	return true;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void on_timer(uv_timer_t *timer)
{
	turn(timer->data);
}

static void start_handles(struct listener *listener)
{
	uv_loop_t *uv = loop_uv(listener->loop);
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uv_poll_init(uv, &listener->poll, info->epoll_fd);
	uv_timer_init(uv, &listener->timer);
	uv_timer_init(uv, &listener->sweep);
	listener->poll.data = listener->timer.data = listener->sweep.data = listener;
	listener->n_handles = 3;
	uv_poll_start(&listener->poll, UV_READABLE, on_poll);
}

static void free_listener(struct listener *listener)
{
	free(listener->path);
	free(listener->cert);
	free(listener->key);
	free(listener->ca);
	free(listener);
}

struct listener *listen_open(struct loop *loop, const struct listen_conf *conf,
	const struct listen_hears *hears, void *context, struct err *err)
{
	struct listener *listener = mem_new(1, sizeof *listener);
	listener->loop = loop;
	listener->hears = *hears;
	listener->context = context;
	listener->socket = -1;
	list_init(&listener->lines);
	list_init(&listener->requests);
	fill_conf(listener, conf);
	int socket = -1;
	if (!read_tls(listener, conf, err) ||
		(socket = socket_listen(conf, &listener->port, err)) < 0) {
		free_listener(listener);
		return NULL;
	}
	listener->path = conf->path != NULL ? mem_text(conf->path) : NULL;
	if (!start_daemon(listener, socket, err)) {
		close(socket);
		socket_remove(listener->path);
		free_listener(listener);
		return NULL;
	}
	start_handles(listener);
	return listener;
}

int listen_port(const struct listener *listener)
{
	return listener->port;
}

void listener_kick(struct listener *listener)
{
	uv_timer_start(&listener->timer, on_timer, 0, 0);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;
	if (--listener->n_handles > 0) {
		return;
	}
	loop_call *closed = listener->closed;
	void *context = listener->closed_context;
	free_listener(listener);
	closed(context);
}

static void stop(struct listener *listener)
{
	/* the descriptor goes with the daemon: libuv must have let go of it before */
	uv_poll_stop(&listener->poll);
	uv_close((uv_handle_t *)&listener->poll, on_handle_closed);
	uv_close((uv_handle_t *)&listener->timer, on_handle_closed);
	uv_close((uv_handle_t *)&listener->sweep, on_handle_closed);
	MHD_stop_daemon(listener->daemon);
	if (listener->socket >= 0) {
		close(listener->socket);
	}
	socket_remove(listener->path);
}

static void turn(struct listener *listener)
{
	MHD_run(listener->daemon);
	if (listener->closing &&
		(list_is_empty(&listener->requests) || clock_boot_ms() >= listener->close_by_ms)) {
		stop(listener);
		return;
	}
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;
	bool has_limit = MHD_get_timeout(listener->daemon, &wait_ms) == MHD_YES;
	if (listener->closing && (!has_limit || wait_ms > 20)) {
		has_limit = true;
		wait_ms = 20;
	}
	if (has_limit) {
		uv_timer_start(&listener->timer, on_timer, wait_ms, 0);
	} else {
		uv_timer_stop(&listener->timer);
	}
}

void listen_close(struct listener *listener, loop_call *done, void *context)
{
	listener->closing = true;
	listener->closed = done;
	listener->closed_context = context;
	listener->close_by_ms = clock_boot_ms() + CLOSE_MS;
	listener->socket = MHD_quiesce_daemon(listener->daemon);
	list_each(link, &listener->requests)
	{
		struct request *request = list_entry(link, struct request, link);
		if (request->state == REQUEST_ASKED || request->state == REQUEST_STREAMING) {
			request_forget(request);
			request->state = REQUEST_DEAD;
			request_wake(request);
		}
	}
	listener_kick(listener);
}
