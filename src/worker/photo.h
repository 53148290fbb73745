/* SPDX-License-Identifier: Apache-2.0
 *
 * One photo's task in a process of its own: a fork of this warm one, locked down before it touches
 * the photo's first byte, gone after its answer. The parent sees descriptors and an answer, never
 * a pixel.
 */
#pragma once
#include "base/buf.h"
#include "render/render.h"
#include <sys/types.h>

struct photo {
	struct render_task task;
	pid_t pid;
	int answer_fd; /* readable when there is more of the answer; its end is the end */
	struct buf answer;
	int64_t begun_ms; /* boot time */
	int64_t late_ms;  /* boot time; past it the process is to be killed */
	bool cancelled, late, is_long;
};

/* The files stay the caller's. FATAL, "threads": this process must not fork. RETRY, "fork". */
must_use bool photo_start(struct photo *photo, const struct render_task *task,
	const struct render_files *files, struct err *err);
/* Reads what is there; true when the process has said all it will. */
bool photo_read(struct photo *photo);
/* From now on it computes with that priority, all its threads; said once. */
void photo_step_back(struct photo *photo, int nice);
void photo_kill(struct photo *photo);
/* Waits for the process (it has ended its answer) and judges: its result, or how it died. */
void photo_finish(struct photo *photo, struct render_result *result);
