/* SPDX-License-Identifier: Apache-2.0
 *
 * A hand: one worker process and the channel to it. Frames go both ways, descriptors only from us
 * to it. Whatever the worker does, it ends in exactly one call of `ended`.
 */
#pragma once
#include "ports/loop.h"
#include "wire/frame.h"
#include "wire/json.h"

struct hand;

struct hand_hears {
	/* One whole, well-formed frame; json is borrowed. */
	void (*frame)(void *context, uint16_t type, const json_t *json);
	/* The process is gone and its channel drained; the hand is dead after this call. */
	void (*ended)(void *context, const char *how);
};

#define HAND_FDS_MAX 3

/* argv[0] is the program's path; the channel is its descriptor 3, its stderr is ours. NULL with
 * FATAL, code "worker", when it can't be started. */
struct hand *hand_start(struct loop *loop, const char *const *argv, const struct hand_hears *hears,
	void *context, struct err *err);
/* Takes `body` (may be NULL: an empty object) and closes the descriptors once they are sent. */
void hand_send(struct hand *hand, uint16_t type, json_t *body, const int *fds, size_t n_fds);
/* SIGKILL; `ended` follows in a later turn. */
void hand_kill(struct hand *hand);
int hand_pid(const struct hand *hand);
