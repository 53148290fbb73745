/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames over a blocking Unix socket. Head and body are received apart, so that descriptors, which
 * travel with a frame's first byte, can never be taken for another frame's.
 */
#include "worker/channel.h"
#include "base/buf.h"
#include "wire/frame.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_room {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
};

static bool channel_ended(struct err *err)
{
	return err_set(err, REMEDY_DROP, "channel-end", "worker channel: the other side is gone");
}

static ssize_t send_some(int fd, const char *bytes, size_t len, const int *fds, int n_fds)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
	union fd_room room;
	if (n_fds > 0) {
		memset(&room, 0, sizeof room);
		packet.msg_control = &room;
		packet.msg_controllen = CMSG_SPACE((size_t)n_fds * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&packet);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN((size_t)n_fds * sizeof(int));
		memcpy(CMSG_DATA(head), fds, (size_t)n_fds * sizeof(int));
	}
	return sendmsg(fd, &packet, MSG_NOSIGNAL);
}

bool channel_send(int fd, enum frame_type type, const json_t *body, const int *fds, int n_fds,
	struct err *err)
{
	struct buf out = {0};
	char *text = json_write(body);
	frame_put(&out, (uint16_t)type, text, strlen(text));
	free(text);
	size_t sent = 0;
	bool fine = true;
	while (fine && sent < out.len) {
		ssize_t n =
			send_some(fd, out.bytes + sent, out.len - sent, fds, sent == 0 ? n_fds : 0);
		if (n >= 0) {
			sent += (size_t)n;
		} else if (errno != EINTR) {
			fine = channel_ended(err);
		}
	}
	buf_fini(&out);
	return fine;
}

/* Keeps what came beside the bytes; more than fits is closed by the kernel (MSG_CTRUNC). */
static void keep_fds(struct msghdr *packet, struct message *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(packet);
	if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
		return;
	}
	int n = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	for (int i = 0; i < n; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(head) + (size_t)i * sizeof(int), sizeof fd);
		if (message->n_fds < CHANNEL_FDS_MAX) {
			message->fds[message->n_fds++] = fd;
		} else {
			close(fd);
		}
	}
}

static bool receive_all(int fd, char *bytes, size_t len, struct message *message, struct err *err)
{
	size_t got = 0;
	while (got < len) {
		struct iovec part = {.iov_base = bytes + got, .iov_len = len - got};
		union fd_room room;
		struct msghdr packet = {.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = &room,
			.msg_controllen = sizeof room};
		ssize_t n = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return channel_ended(err);
		}
		keep_fds(&packet, message);
		got += (size_t)n;
	}
	return true;
}

/* The whole frame into `bytes`: first the head, which says how long the body is. */
static bool receive_frame(int fd, struct buf *bytes, struct message *message, struct err *err)
{
	char head[FRAME_HEAD_BYTES];
	if (!receive_all(fd, head, sizeof head, message, err)) {
		return false;
	}
	buf_add(bytes, head, sizeof head);
	const unsigned char *size = (const unsigned char *)head;
	size_t len = (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 |
		     (size_t)size[3] << 24;
	if (len > FRAME_BODY_MAX) {
		return true; /* frame_get refuses it with its own words */
	}
	char *body = malloc(len + 1);
	bool fine = body != NULL && receive_all(fd, body, len, message, err);
	if (fine) {
		buf_add(bytes, body, len);
	}
	free(body);
	return fine;
}

bool channel_receive(int fd, struct message *message, struct err *err)
{
	*message = (struct message){.fds = {-1, -1, -1, -1}};
	struct buf bytes = {0};
	struct buf body = {0};
	struct frame frame;
	size_t used;
	bool fine = receive_frame(fd, &bytes, message, err) &&
		    frame_get(bytes.bytes, bytes.len, &body, &frame, &used, err) == FRAME_ONE;
	if (fine) {
		message->type = (enum frame_type)frame.type;
		message->body = json_read(frame.body, frame.len, err);
		fine = message->body != NULL;
	}
	buf_fini(&body);
	buf_fini(&bytes);
	if (!fine) {
		message_fini(message);
	}
	return fine;
}

bool channel_is_readable(int fd, int wait_ms)
{
	struct pollfd poll_for = {.fd = fd, .events = POLLIN};
	return poll(&poll_for, 1, wait_ms) > 0;
}

int message_take_fd(struct message *message, int at)
{
	if (at < 0 || at >= message->n_fds) {
		return -1;
	}
	int fd = message->fds[at];
	message->fds[at] = -1;
	return fd;
}

void message_fini(struct message *message)
{
	json_decref(message->body);
	message->body = NULL;
	for (int i = 0; i < message->n_fds; i++) {
		if (message->fds[i] >= 0) {
			close(message->fds[i]);
		}
	}
	message->n_fds = 0;
}
