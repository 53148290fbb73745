/* SPDX-License-Identifier: Apache-2.0
 *
 * A worker's end of the channel: whole frames of wire/frame.h with JSON bodies and descriptors,
 * blocking. The daemon's end is non-blocking and lives in ports.
 */
#pragma once
#include "base/err.h"
#include "wire/json.h"
#include "wire/task.h"

#define CHANNEL_FDS_MAX 4

struct message {
	enum frame_type type;
	json_t *body;
	int fds[CHANNEL_FDS_MAX]; /* owned; -1 where none */
	int n_fds;
};

/* Takes over nothing: body and fds stay the caller's. A peer that is gone is DROP, "channel-end".
 */
must_use bool channel_send(int fd, enum frame_type type, const json_t *body, const int *fds,
	int n_fds, struct err *err);
/* Waits for one frame. DROP, "channel-end": the peer is gone. FATAL, "frame": it speaks nonsense.
 */
must_use bool channel_receive(int fd, struct message *message, struct err *err);
/* True when a frame (or the end) can be received without waiting; waits up to wait_ms. */
bool channel_is_readable(int fd, int wait_ms);
/* Takes a descriptor out of the message; -1 when there is none at that place. */
int message_take_fd(struct message *message, int at);
/* Frees the body and closes the descriptors that nobody took. */
void message_fini(struct message *message);
