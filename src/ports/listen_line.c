/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections: who is there, and how long may they dawdle. libmicrohttpd's own time-out counts from
 * the last byte, so that a client which drips would stay for ever; these limits count from the
 * first. It also does not see clients leave whose connection is suspended; the sweep does.
 */
#include "ports/listen_own.h"
#include "base/clock.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SWEEP_MOST_MS  1000
#define SWEEP_LEAST_MS 20

struct line *line_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info != NULL ? info->socket_context : NULL;
}

/* During the handshake, before any byte of HTTP. */
static int judge_certificate(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	unsigned faults = 0;
	int status = gnutls_certificate_verify_peers(session, &purpose, 1, &faults);
	return status == 0 && faults == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int judge_certificate_if_any(gnutls_session_t session)
{
	unsigned n = 0;
	return gnutls_certificate_get_peers(session, &n) == NULL ? 0 : judge_certificate(session);
}

static void ask_certificate(struct line *line)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(line->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	enum client_cert wanted = line->listener->conf.client_cert;
	if (info == NULL || wanted == CLIENT_CERT_NONE) {
		return;
	}
	gnutls_session_t session = info->tls_session;
	gnutls_certificate_server_set_request(session,
		wanted == CLIENT_CERT_REQUIRED ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
	gnutls_session_set_verify_function(session,
		wanted == CLIENT_CERT_REQUIRED ? judge_certificate : judge_certificate_if_any);
}

static void read_client(struct line *line)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(line->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned n = 0;
	const gnutls_datum_t *chain =
		info != NULL ? gnutls_certificate_get_peers(info->tls_session, &n) : NULL;
	gnutls_x509_crt_t certificate;
	if (chain == NULL || n == 0 || gnutls_x509_crt_init(&certificate) != 0) {
		return;
	}
	size_t size = sizeof line->client;
	if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) != 0 ||
		gnutls_x509_crt_get_dn_by_oid(
			certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, line->client, &size) != 0) {
		line->client[0] = '\0';
	}
	gnutls_x509_crt_deinit(certificate);
}

const char *request_client(const struct request *request)
{
	struct line *line = request->line;
	if (!line->client_read && line->listener->conf.client_cert != CLIENT_CERT_NONE) {
		read_client(line);
		line->client_read = true;
	}
	return line->client;
}

static void name_address(struct line *line)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(line->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
	strcpy(line->from, "unix");
	if (address != NULL && address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, line->from,
			sizeof line->from);
	} else if (address != NULL && address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, line->from,
			sizeof line->from);
	}
}

bool request_peer(const struct request *request, uid_t *uid, gid_t *gid, pid_t *pid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	if (strcmp(request->line->from, "unix") != 0 ||
		getsockopt(request->line->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0) {
		return false;
	}
	*uid = peer.uid;
	*gid = peer.gid;
	*pid = peer.pid;
	return true;
}

const char *request_from(const struct request *request)
{
	return request->line->from;
}

static int64_t sweep_period_ms(const struct listen_conf *conf)
{
	int64_t least = conf->head_ms < conf->idle_ms ? conf->head_ms : conf->idle_ms;
	least = conf->beat_ms < least ? conf->beat_ms : least;
	int64_t period = least / 4;
	period = period > SWEEP_MOST_MS ? SWEEP_MOST_MS : period;
	return period < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : period;
}

static void open_line(struct listener *listener, struct MHD_Connection *connection, void **own)
{
	struct line *line = mem_new(1, sizeof *line);
	line->listener = listener;
	line->connection = connection;
	line->fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	line_enter(line, LINE_IDLE);
	name_address(line);
	ask_certificate(line);
	*own = line;
	if (list_is_empty(&listener->lines) && !listener->closing) {
		int64_t period = sweep_period_ms(&listener->conf);
		uv_timer_start(&listener->sweep, line_sweep, period, period);
	}
	list_append(&listener->lines, &line->link);
}

void line_notify(void *own, struct MHD_Connection *connection, void **line_at,
	enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = own;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		open_line(listener, connection, line_at);
		return;
	}
	struct line *line = *line_at;
	if (line == NULL) {
		return;
	}
	list_remove(&line->link);
	free(line);
	*line_at = NULL;
	if (list_is_empty(&listener->lines) && !uv_is_closing((uv_handle_t *)&listener->sweep)) {
		uv_timer_stop(&listener->sweep);
	}
}

void line_enter(struct line *line, enum line_state state)
{
	line->state = state;
	line->since_ms = clock_boot_ms();
}

void line_cut(struct line *line)
{
	shutdown(line->fd, SHUT_RDWR);
}

static bool is_late(const struct line *line, int64_t now_ms)
{
	const struct listen_conf *conf = &line->listener->conf;
	const int64_t limits_ms[] = {
		[LINE_IDLE] = conf->idle_ms,
		[LINE_HEAD] = conf->head_ms,
		[LINE_BODY] = conf->body_ms,
		[LINE_ASKED] = INT64_MAX,
	};
	return now_ms - line->since_ms > limits_ms[line->state];
}

static bool has_left(const struct line *line)
{
	struct pollfd look = {.fd = line->fd, .events = POLLRDHUP};
	return poll(&look, 1, 0) == 1 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static void sweep_request(struct request *request, int64_t now_ms)
{
	if (request->suspended && has_left(request->line)) {
		request_forget(request);
		request->state = REQUEST_DEAD;
		request_wake(request);
	} else if (request->state == REQUEST_STREAMING &&
		   now_ms - request->beaten_ms >= request->line->listener->conf.beat_ms) {
		listen_stream_send(request, ":\n\n", 3);
	}
}

void line_sweep(uv_timer_t *timer)
{
	struct listener *listener = timer->data;
	int64_t now_ms = clock_boot_ms();
	list_each(link, &listener->lines)
	{
		struct line *line = list_entry(link, struct line, link);
		if (line->request != NULL) {
			sweep_request(line->request, now_ms);
		}
		if (is_late(line, now_ms)) {
			line_cut(line);
		}
	}
}
