/* SPDX-License-Identifier: Apache-2.0
 *
 * One worker process on the loop.
 *
 *  1. hand_start: a socket pair; the child gets one end as descriptor 3 through uv_spawn.
 *  2. Frames from the worker are read as they come and handed on one by one.
 *  3. hand_send queues; the queue is written as far as the socket takes it.
 *  4. When the process has exited and the channel is at its end, `ended` is called and all is
 * freed.
 *
 * Ways it fails: the program is missing; the worker dies (exit or signal); it sends nonsense or
 * more than it may (it is killed then). libuv passes only streams across pipes, so descriptors go
 * by our own sendmsg.
 */
#include "ports/hand.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/loop_uv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHANNEL_FD 3

struct letter { /* one frame that waits to be sent */
	struct link link;
	struct buf bytes;
	size_t sent;
	int fds[HAND_FDS_MAX];
	size_t n_fds;
};

struct hand {
	uv_process_t process;
	uv_poll_t poll;
	int fd;
	const struct hand_hears *hears;
	void *context;
	struct link letters;
	struct buf in, body;
	bool exited, drained, closing;
	int handles; /* not yet closed */
	char how[96];
};

static void free_letter(struct letter *letter)
{
	for (size_t i = 0; i < letter->n_fds; i++) {
		close(letter->fds[i]);
	}
	list_remove(&letter->link);
	buf_fini(&letter->bytes);
	free(letter);
}

static void on_closed(uv_handle_t *handle)
{
	struct hand *hand = handle->data;
	if (--hand->handles > 0) {
		return;
	}
	close(hand->fd);
	list_each(at, &hand->letters)
	{
		free_letter(list_entry(at, struct letter, link));
	}
	buf_fini(&hand->in);
	buf_fini(&hand->body);
	hand->hears->ended(hand->context, hand->how);
	free(hand);
}

static void end_channel(struct hand *hand)
{
	if (!hand->drained) {
		hand->drained = true;
		uv_poll_stop(&hand->poll);
		if (!hand->exited) {
			uv_process_kill(&hand->process, SIGKILL);
		}
	}
	if (hand->exited && !hand->closing) {
		hand->closing = true;
		uv_close((uv_handle_t *)&hand->poll, on_closed);
		uv_close((uv_handle_t *)&hand->process, on_closed);
	}
}

static void take_frames(struct hand *hand)
{
	size_t used = 0;
	struct frame frame;
	struct err err;
	enum frame_found found = FRAME_MORE;
	while (!hand->drained && (found = frame_get(buf_get(&hand->in), hand->in.len, &hand->body,
					  &frame, &used, &err)) == FRAME_ONE) {
		buf_drop(&hand->in, used);
		json_t *json = json_read(frame.body, frame.len, &err);
		if (json == NULL) {
			found = FRAME_BAD;
			break;
		}
		hand->hears->frame(hand->context, frame.type, json);
		json_decref(json);
	}
	if (found == FRAME_BAD) {
		log_warn("crew", "worker %d sent nonsense, killed: %s", hand_pid(hand), err.text);
		end_channel(hand);
	}
}

/* False when there is nothing more for now. */
static bool read_some(struct hand *hand)
{
	char piece[16384];
	for (int turns = 0; turns < 8 && !hand->drained; turns++) {
		ssize_t n = recv(hand->fd, piece, sizeof piece, MSG_DONTWAIT);
		if (n > 0) {
			buf_add(&hand->in, piece, (size_t)n);
			take_frames(hand);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			end_channel(hand);
		} else {
			return false;
		}
	}
	return !hand->drained;
}

/* False when the socket takes no more for now. */
static bool send_some(struct hand *hand, struct letter *letter)
{
	struct iovec piece = {.iov_base = letter->bytes.bytes + letter->sent,
		.iov_len = letter->bytes.len - letter->sent};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * HAND_FDS_MAX)];
	} control;
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	if (letter->n_fds > 0 && letter->sent == 0) {
		memset(&control, 0, sizeof control);
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * letter->n_fds);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int) * letter->n_fds);
		memcpy(CMSG_DATA(head), letter->fds, sizeof(int) * letter->n_fds);
	}
	ssize_t n = sendmsg(hand->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		return false; /* full, or broken: reading finds out which */
	}
	letter->sent += (size_t)n;
	return letter->sent == letter->bytes.len;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void write_some(struct hand *hand)
{
	while (!hand->drained && !list_is_empty(&hand->letters)) {
		struct letter *letter = list_entry(hand->letters.next, struct letter, link);
		if (!send_some(hand, letter)) {
			break;
		}
		free_letter(letter);
	}
	if (!hand->drained) {
		int want = UV_READABLE | (list_is_empty(&hand->letters) ? 0 : UV_WRITABLE);
		uv_poll_start(&hand->poll, want, on_poll);
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct hand *hand = poll->data;
	if (status < 0) {
		end_channel(hand);
		return;
	}
	if (events & UV_READABLE) {
		read_some(hand);
	}
	if (!hand->drained && (events & UV_WRITABLE)) {
		write_some(hand);
	}
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal)
{
	struct hand *hand = process->data;
	hand->exited = true;
	if (signal != 0) {
		snprintf(hand->how, sizeof hand->how, "killed by signal %d", signal);
	} else {
		snprintf(hand->how, sizeof hand->how, "exit status %d", (int)status);
	}
	while (read_some(hand)) {
		/* what it said last still counts */
	}
	end_channel(hand);
}

static int spawn(struct hand *hand, struct loop *loop, const char *const *argv, int child_fd)
{
	uv_stdio_container_t stdio[CHANNEL_FD + 1] = {
		[0] = {.flags = UV_IGNORE},
		[1] = {.flags = UV_INHERIT_FD, .data.fd = 2}, /* stdout of a worker is the log */
		[2] = {.flags = UV_INHERIT_FD, .data.fd = 2},
		[CHANNEL_FD] = {.flags = UV_INHERIT_FD, .data.fd = child_fd},
	};
	uv_process_options_t options = {
		.exit_cb = on_process_exit,
		.file = argv[0],
		.args = (char **)(uintptr_t)argv,
		.stdio_count = CHANNEL_FD + 1,
		.stdio = stdio,
	};
	return uv_spawn(loop_uv(loop), &hand->process, &options);
}

static void on_failed_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct hand *hand_start(struct loop *loop, const char *const *argv, const struct hand_hears *hears,
	void *context, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		err_set(err, REMEDY_FATAL, "worker", "starting %s: %s", argv[0], strerror(errno));
		return NULL;
	}
	struct hand *hand = mem_new(1, sizeof *hand);
	*hand = (struct hand){.fd = pair[0], .hears = hears, .context = context};
	hand->process.data = hand;
	hand->poll.data = hand;
	list_init(&hand->letters);
	int status = spawn(hand, loop, argv, pair[1]);
	close(pair[1]);
	if (status != 0) {
		err_set(err, REMEDY_FATAL, "worker",
			"starting %s: %s: is platen installed whole, and worker_program right?",
			argv[0], uv_strerror(status));
		close(pair[0]);
		uv_close((uv_handle_t *)&hand->process, on_failed_closed);
		return NULL;
	}
	fcntl(hand->fd, F_SETFL, O_NONBLOCK);
	uv_poll_init(loop_uv(loop), &hand->poll, hand->fd);
	uv_poll_start(&hand->poll, UV_READABLE, on_poll);
	hand->handles = 2;
	return hand;
}

void hand_send(struct hand *hand, uint16_t type, json_t *body, const int *fds, size_t n_fds)
{
	struct letter *letter = mem_new(1, sizeof *letter);
	char *text = body == NULL ? mem_text("{}") : json_write(body);
	json_decref(body);
	frame_put(&letter->bytes, type, text, strlen(text));
	free(text);
	for (size_t i = 0; i < n_fds; i++) {
		letter->fds[i] = fds[i];
	}
	letter->n_fds = n_fds;
	list_append(&hand->letters, &letter->link);
	write_some(hand);
}

void hand_kill(struct hand *hand)
{
	if (!hand->exited) {
		uv_process_kill(&hand->process, SIGKILL);
	}
}

int hand_pid(const struct hand *hand)
{
	return hand->process.pid;
}
