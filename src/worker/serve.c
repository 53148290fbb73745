/* SPDX-License-Identifier: Apache-2.0
 *
 * `platen-worker render`: warm, then one process per task.
 *  1. RENDER_HELLO with the names of the engine and of the font for labels.
 *  2. RENDER_TASK: its descriptors go to a fresh process; the result comes back over a pipe.
 *  3. RENDER_RESULT, as the process said, or how it died.
 * RENDER_CANCEL kills. A process that takes long gets a lower priority, one past its time is
 * killed. The end of the channel ends all.
 */
#include "config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "worker/channel.h"
#include "worker/photo.h"
#include "worker/worker.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define LOOK_MS   1000
#define LONG_MS   2000 /* from then on a photo computes after all others */
#define NICE_LONG 5    /* a quarter of a busy core: 30 s of computing fit before it is late */

struct server {
	int channel_fd;
	struct font *font; /* NULL: labels wait */
	int32_t most;
	int32_t n;
	struct photo *photos;    /* [most], the first n at work */
	struct pollfd *poll_for; /* [most + 1]: the channel, then each photo's answer */
};

static bool say_result(
	const struct server *server, const struct render_result *result, struct err *err)
{
	json_t *json = render_result_to_json(result);
	bool fine = channel_send(server->channel_fd, FRAME_RENDER_RESULT, json, NULL, 0, err);
	json_decref(json);
	return fine;
}

static bool say_hello(const struct server *server, struct err *err)
{
	char engine[RECIPE_ENGINE_MAX];
	render_engine(engine);
	json_t *json = json_pack("{s:s,s:i,s:s}", "engine", engine, "pid", (int)getpid(), "font",
		server->font == NULL ? "" : font_identity(server->font));
	bool fine = channel_send(server->channel_fd, FRAME_RENDER_HELLO, json, NULL, 0, err);
	json_decref(json);
	return fine;
}

static bool files_are_there(
	const struct message *message, const struct render_task *task, struct err *err)
{
	int want = task->what == RENDER_RENDER ? 3 : 1;
	return message->n_fds >= want ||
	       err_set(err, REMEDY_RETRY, "render-files", "a task came with %d of %d descriptors",
		       message->n_fds, want);
}

static bool server_has_room(const struct server *server, struct err *err)
{
	return server->n < server->most ||
	       err_set(err, REMEDY_RETRY, "render-busy",
		       "%d photos are at work already, as many as this server was started for",
		       (int)server->most);
}

/* A task that can't be started is answered; only a server that can't go on returns false. */
static bool on_task(struct server *server, const struct message *message, struct err *err)
{
	struct render_task task = {0};
	struct render_result failed = {0};
	if (!render_task_from_json(message->body, &task, &failed.err)) {
		int64_t id = 0;
		struct err ignored;
		if (!json_need_int(message->body, "id", 0, INT64_MAX, &id, &ignored)) {
			return err_set(err, REMEDY_FATAL, "frame", "a task without an id: %.200s",
				failed.err.text);
		}
		failed.id = id;
		return say_result(server, &failed, err);
	}
	struct render_files files = {
		.asset = message->n_fds > 0 ? message->fds[0] : -1,
		.output = message->n_fds > 1 ? message->fds[1] : -1,
		.profile = message->n_fds > 2 ? message->fds[2] : -1,
		.font = server->font,
	};
	if (server_has_room(server, &failed.err) && files_are_there(message, &task, &failed.err) &&
		photo_start(&server->photos[server->n], &task, &files, &failed.err)) {
		server->n++;
		return true;
	}
	if (failed.err.remedy == REMEDY_FATAL) {
		*err = failed.err;
		return false;
	}
	failed.id = task.id;
	return say_result(server, &failed, err);
}

static void on_cancel(struct server *server, const struct message *message)
{
	int64_t id;
	struct err ignored;
	if (!json_need_int(message->body, "id", 0, INT64_MAX, &id, &ignored)) {
		return;
	}
	for (int32_t i = 0; i < server->n; i++) {
		if (server->photos[i].task.id == id) {
			server->photos[i].cancelled = true;
			photo_kill(&server->photos[i]);
		}
	}
}

static bool on_message(struct server *server, struct err *err)
{
	struct message message;
	if (!channel_receive(server->channel_fd, &message, err)) {
		return false;
	}
	bool fine = true;
	if (message.type == FRAME_RENDER_TASK) {
		fine = on_task(server, &message, err);
	} else if (message.type == FRAME_RENDER_CANCEL) {
		on_cancel(server, &message);
	}
	message_fini(&message);
	return fine;
}

static bool on_answer(struct server *server, int32_t i, struct err *err)
{
	struct render_result result;
	if (!photo_read(&server->photos[i])) {
		return true;
	}
	photo_finish(&server->photos[i], &result);
	server->photos[i] = server->photos[--server->n];
	return say_result(server, &result, err);
}

/* What takes long steps back behind what is quick; what takes too long is killed. */
static void look_at_clock(struct server *server)
{
	int64_t now_ms = clock_boot_ms();
	for (int32_t i = 0; i < server->n; i++) {
		if (now_ms > server->photos[i].begun_ms + LONG_MS) {
			photo_step_back(&server->photos[i], NICE_LONG);
		}
		if (now_ms > server->photos[i].late_ms) {
			server->photos[i].late = true;
			photo_kill(&server->photos[i]);
		}
	}
}

/* One wait and what came of it. The channel is heard also at the limit: a cancel must get through;
 * the daemon never asks for more tasks at once than it told us at the start. */
static bool turn(struct server *server, struct err *err)
{
	int32_t n = server->n;
	server->poll_for[0] = (struct pollfd){.fd = server->channel_fd, .events = POLLIN};
	for (int32_t i = 0; i < n; i++) {
		server->poll_for[i + 1] =
			(struct pollfd){.fd = server->photos[i].answer_fd, .events = POLLIN};
	}
	if (poll(server->poll_for, (nfds_t)n + 1, n > 0 ? LOOK_MS : -1) <= 0) {
		look_at_clock(server);
		return true;
	}
	look_at_clock(server);
	/* backwards: a photo that is done is replaced by the last one */
	for (int32_t i = n - 1; i >= 0; i--) {
		if (server->poll_for[i + 1].revents != 0 && !on_answer(server, i, err)) {
			return false;
		}
	}
	if (server->poll_for[0].revents == 0) {
		return true;
	}
	return on_message(server, err);
}

/* While nothing foreign is here yet: a photo's process finds it in its memory. */
static void open_font(struct server *server)
{
	struct err err;
	server->font = font_open(LABEL_FONT, &err);
	if (server->font == NULL) {
		log_warn("render server", "%s: pages with a label wait", err.text);
	}
}

int render_main(int channel_fd, int32_t tasks)
{
	struct err err;
	struct server server = {.channel_fd = channel_fd,
		.most = tasks,
		.photos = mem_new((size_t)tasks, sizeof *server.photos),
		.poll_for = mem_new((size_t)tasks + 1, sizeof *server.poll_for)};
	signal(SIGPIPE, SIG_IGN);
	open_font(&server);
	bool fine = render_warm("platen-worker", &err) && say_hello(&server, &err);
	while (fine) {
		fine = turn(&server, &err);
	}
	for (int32_t i = 0; i < server.n; i++) {
		photo_kill(&server.photos[i]);
	}
	free(server.photos);
	free(server.poll_for);
	font_close(server.font);
	if (err.remedy == REMEDY_DROP) {
		return EX_OK; /* the daemon is gone: so are we */
	}
	log_error("render server", "ended: %s", err.text);
	return EX_SOFTWARE;
}
