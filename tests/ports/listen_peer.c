/* SPDX-License-Identifier: Apache-2.0
 *
 * A server with one handler of each kind, for listen.py. Three listeners: a Unix socket, TCP, and
 * TLS with the client certificate that the arguments ask for. Says its ports as one JSON line.
 *
 *     listen_peer FOLDER none|optional|required [CERT KEY CA]
 */
#include "ports/listen.h"
#include "base/buf.h"
#include "base/mem.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTENERS   3
#define STREAMS_MAX 400

struct peer {
	struct loop *loop;
	struct listener *listeners[LISTENERS];
	int n_open;
	const char *folder;
	uint64_t waiting; /* id of a request that /answer answers */
	int n_gone, n_heads;
	int64_t piece_bytes;
	struct request *streams[STREAMS_MAX];
	int n_streams;
	struct loop_timer *later;
	struct request *later_request;
};

static void say(struct request *request, int status, const char *text)
{
	listen_answer(request, status, "text/plain", text, strlen(text), NULL, 0);
}

static void echo(struct peer *peer, struct request *request)
{
	(void)peer;
	size_t len;
	const char *body = request_body(request, &len);
	listen_answer(request, 200, "application/octet-stream", body, len,
		&(struct answer_header){"X-Echo", "yes"}, 1);
}

static void on_later(void *context)
{
	struct peer *peer = context;
	say(peer->later_request, 200, "later");
}

static void later(struct peer *peer, struct request *request)
{
	peer->later_request = request;
	loop_timer_start(peer->later, 50);
}

static void wait(struct peer *peer, struct request *request)
{
	peer->waiting = request_id(request);
}

static void answer(struct peer *peer, struct request *request)
{
	struct request *other = NULL;
	for (int i = 0; i < LISTENERS && other == NULL; i++) {
		other = listen_find(peer->listeners[i], peer->waiting);
	}
	if (other != NULL) {
		say(other, 200, "waited");
	}
	say(request, 200, other != NULL ? "found" : "gone");
}

static void show(struct peer *peer, struct request *request)
{
	(void)peer;
	char text[512];
	uid_t uid = 0;
	gid_t gid = 0;
	pid_t pid = 0;
	bool has_peer = request_peer(request, &uid, &gid, &pid);
	const char *query = request_query(request, "q");
	snprintf(text, sizeof text,
		"{\"parts\":%zu,\"last\":\"%s\",\"query\":\"%s\",\"from\":\"%s\",\"peer\":%s,"
		"\"uid\":%u,\"pid\":%d,\"client\":\"%s\"}",
		request_parts(request), request_part(request, request_parts(request) - 1),
		query != NULL ? query : "", request_from(request), has_peer ? "true" : "false",
		(unsigned)uid, (int)pid, request_client(request));
	say(request, 200, text);
}

static void counts(struct peer *peer, struct request *request)
{
	char text[200];
	snprintf(text, sizeof text,
		"{\"gone\":%d,\"heads\":%d,\"piece_bytes\":%lld,\"streams\":%d}", peer->n_gone,
		peer->n_heads, (long long)peer->piece_bytes, peer->n_streams);
	say(request, 200, text);
}

static void stream(struct peer *peer, struct request *request)
{
	if (peer->n_streams == STREAMS_MAX) {
		say(request, 503, "full");
		return;
	}
	peer->streams[peer->n_streams++] = request;
	listen_stream_start(request, NULL, 0);
	listen_stream_send(request, "data: first\n\n", 13);
}

static void publish(struct peer *peer, struct request *request)
{
	size_t len;
	const char *body = request_body(request, &len);
	for (int i = 0; i < peer->n_streams; i++) {
		listen_stream_send(peer->streams[i], body, len);
	}
	say(request, 200, "sent");
}

static void finish(struct peer *peer, struct request *request)
{
	for (int i = 0; i < peer->n_streams; i++) {
		listen_stream_end(peer->streams[i]);
	}
	peer->n_streams = 0;
	say(request, 200, "ended");
}

static void send_file(struct peer *peer, struct request *request)
{
	char path[256], range[80];
	snprintf(path, sizeof path, "%s/file", peer->folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int64_t size = lseek(fd, 0, SEEK_END), offset = 0, length = size;
	enum range found = request_range(request, size, &offset, &length);
	if (found == RANGE_BAD) {
		close(fd);
		say(request, 416, "range");
		return;
	}
	snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)offset,
		(long long)(offset + length - 1), (long long)size);
	listen_answer_file(request, found == RANGE_ONE ? 206 : 200, "application/octet-stream", fd,
		offset, length, &(struct answer_header){"Content-Range", range},
		found == RANGE_ONE ? 1 : 0);
}

static const struct {
	const char *part;
	void (*call)(struct peer *peer, struct request *request);
} handlers[] = {
	{"echo", echo},
	{"later", later},
	{"wait", wait},
	{"answer", answer},
	{"show", show},
	{"counts", counts},
	{"stream", stream},
	{"publish", publish},
	{"finish", finish},
	{"file", send_file},
	{"upload", counts},
};

static void on_request(void *context, struct request *request)
{
	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
		if (strcmp(request_part(request, 0), handlers[i].part) == 0) {
			handlers[i].call(context, request);
			return;
		}
	}
	say(request, 404, "none");
}

static void on_gone(void *context, struct request *request)
{
	struct peer *peer = context;
	peer->n_gone++;
	for (int i = 0; i < peer->n_streams; i++) {
		if (peer->streams[i] == request) {
			peer->streams[i] = peer->streams[--peer->n_streams];
			return;
		}
	}
}

static void on_piece(void *context, struct request *request, const void *bytes, size_t len)
{
	struct peer *peer = context;
	(void)bytes;
	peer->piece_bytes += (int64_t)len;
	if (request_query(request, "stop") != NULL) {
		say(request, 409, "stopped");
	}
}

static void on_head(void *context, struct request *request)
{
	struct peer *peer = context;
	peer->n_heads++;
	if (strcmp(request_part(request, 0), "upload") == 0) {
		request_take_body(request, 8 * 1024 * 1024, on_piece);
	} else if (strcmp(request_part(request, 0), "refuse") == 0) {
		say(request, 403, "refused");
	}
}

static void on_closed(void *context)
{
	struct peer *peer = context;
	if (--peer->n_open == 0) {
		loop_timer_destroy(peer->later);
		loop_stop(peer->loop);
	}
}

static void on_term(void *context)
{
	struct peer *peer = context;
	for (int i = 0; i < LISTENERS; i++) {
		if (peer->listeners[i] != NULL) {
			listen_close(peer->listeners[i], on_closed, peer);
		}
	}
}

int main(int argc, char **argv)
{
	static const struct listen_hears hears = {on_request, on_gone, on_head};
	struct peer peer = {.folder = argv[1]};
	struct err err;
	char path[256];
	snprintf(path, sizeof path, "%s/socket", peer.folder);
	struct listen_conf confs[LISTENERS] = {
		{.path = path},
		{.host = "127.0.0.1"},
		{.host = "127.0.0.1", .client_cert = CLIENT_CERT_NONE},
	};
	for (int i = 0; i < LISTENERS; i++) {
		confs[i].body_max_bytes = 100000;
		confs[i].head_ms = confs[i].idle_ms = 1500;
		confs[i].beat_ms = 400;
		confs[i].connections_max = 300;
		confs[i].connections_per_address_max = 250;
	}
	if (argc == 6) {
		confs[2].cert = argv[3];
		confs[2].key = argv[4];
		confs[2].ca = argv[5];
		confs[2].client_cert = strcmp(argv[2], "required") == 0   ? CLIENT_CERT_REQUIRED
				       : strcmp(argv[2], "optional") == 0 ? CLIENT_CERT_OPTIONAL
									  : CLIENT_CERT_NONE;
	}
	peer.loop = loop_create(&err);
	peer.later = loop_timer_create(peer.loop, on_later, &peer);
	for (int i = 0; i < LISTENERS; i++) {
		peer.listeners[i] = listen_open(peer.loop, &confs[i], &hears, &peer, &err);
		if (peer.listeners[i] == NULL) {
			fprintf(stderr, "%s: %s\n", err.code, err.text);
			return 1;
		}
		peer.n_open++;
	}
	if (!loop_on_signal(peer.loop, SIGTERM, on_term, &peer, &err)) {
		return 1;
	}
	printf("{\"tcp\":%d,\"tls\":%d}\n", listen_port(peer.listeners[1]),
		listen_port(peer.listeners[2]));
	fflush(stdout);
	loop_run(peer.loop);
	loop_destroy(peer.loop);
	return 0;
}
