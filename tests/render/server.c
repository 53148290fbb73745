/* SPDX-License-Identifier: Apache-2.0
 *
 * The built render server, as the daemon drives it: tasks in, results out, one process a photo.
 */
#include "config.h"
#include "tests/render/fixture.h"
#include "worker/channel.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 60000

struct server {
	pid_t pid;
	int fd;
	struct buf photo, device;
};

static void start_server(struct server *server, const char *tasks)
{
	int ends[2];
	char program[4096];
	const char *build = getenv("PLATEN_BUILD");
	snprintf(program, sizeof program, "%s/platen-worker", build == NULL ? "." : build);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	server->pid = fork();
	if (server->pid == 0) {
		dup2(ends[1], 3);
		execl(program, program, "render", tasks, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	server->fd = ends[0];
}

static int end_server(struct server *server)
{
	int status;
	close(server->fd);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	return status;
}

static void receive(struct server *server, enum frame_type type, struct message *message)
{
	struct err err;
	assert_true(channel_is_readable(server->fd, WAIT_MS));
	assert_true(channel_receive(server->fd, message, &err));
	assert_int_equal(message->type, type);
}

static void receive_result(struct server *server, struct render_result *result)
{
	struct message message;
	struct err err;
	receive(server, FRAME_RENDER_RESULT, &message);
	assert_true(render_result_from_json(message.body, result, &err));
	message_fini(&message);
}

static int setup(void **state)
{
	static struct server server;
	struct message message;
	char engine[RECIPE_ENGINE_MAX];
	struct err err;
	struct pixels photo = pixels_photo(600, 400);
	if (warm_up(state) != 0) {
		return -1;
	}
	start_server(&server, "3");
	receive(&server, FRAME_RENDER_HELLO, &message);
	if (!json_need_text(message.body, "engine", engine, sizeof engine, &err)) {
		return -1;
	}
	message_fini(&message);
	save_jpeg(&photo, NULL, &server.photo);
	pixels_fini(&photo);
	srgb_device(&server.device);
	*state = &server;
	return strncmp(engine, "platen-render/", 14) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct server *server = *state;
	int status = end_server(server);
	buf_fini(&server->photo);
	buf_fini(&server->device);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static struct render_task task_of(struct server *server, int64_t id, const struct buf *photo)
{
	struct render_task task = {.id = id,
		.what = RENDER_RENDER,
		.media_type = "image/jpeg",
		.limits = test_limits,
		.recipe = plain_recipe(300, 200)};
	hash_hex_of(photo->bytes, photo->len, task.recipe.asset_sha256);
	hash_hex_of(server->device.bytes, server->device.len, task.recipe.profile_sha256);
	return task;
}

/* Sends a task; returns the output's descriptor. */
static int send_task(struct server *server, const struct render_task *task, const struct buf *photo)
{
	struct buf nothing = {0};
	int fds[] = {file_of(photo), file_of(&nothing), file_of(&server->device)};
	json_t *json = render_task_to_json(task);
	struct err err;
	int n = task->what == RENDER_RENDER ? 3 : 1;
	assert_true(channel_send(server->fd, FRAME_RENDER_TASK, json, fds, n, &err));
	json_decref(json);
	close(fds[0]);
	close(fds[2]);
	return fds[1];
}

static void photo_is_rendered_as_in_this_process(void **state)
{
	struct server *server = *state;
	struct render_task task = task_of(server, 41, &server->photo);
	struct render_result result;
	struct outcome here;
	char hex[HASH_HEX_MAX];
	struct err err;
	int output = send_task(server, &task, &server->photo);
	receive_result(server, &result);
	assert_true(result.fine);
	assert_int_equal(result.id, 41);
	lseek(output, 0, SEEK_SET);
	assert_true(hash_hex_of_file(output, hex, &err));
	assert_string_equal(result.raster.sha256, hex);
	close(output);
	render_bytes(&server->photo, "image/jpeg", &server->device, &task.recipe, &here);
	assert_string_equal(here.result.raster.sha256, hex);
	outcome_fini(&here);
}

static void jpeg_and_png_are_rendered_to_both_formats(void **state)
{
	struct server *server = *state;
	struct pixels photo = pixels_photo(300, 200);
	for (int i = 0; i < 4; i++) {
		struct buf file = {0};
		struct render_result result;
		if (i % 2 == 0) {
			save_jpeg(&photo, NULL, &file);
		} else {
			save_png(&photo, NULL, i == 3, &file);
		}
		struct render_task task = task_of(server, i, &file);
		strcpy(task.media_type, i % 2 == 0 ? "image/jpeg" : "image/png");
		task.recipe.format = i < 2 ? FORMAT_PWG : FORMAT_JPEG;
		close(send_task(server, &task, &file));
		receive_result(server, &result);
		assert_true(result.fine);
		assert_int_equal(result.raster.format, task.recipe.format);
		buf_fini(&file);
	}
	pixels_fini(&photo);
}

static void many_photos_at_once_are_each_answered_once(void **state)
{
	struct server *server = *state;
	int seen[60] = {0};
	int sent = 0;
	for (int got = 0; got < 60; got++) {
		for (; sent < 60 && sent < got + 3; sent++) {
			struct render_task task = task_of(server, sent, &server->photo);
			task.what = sent % 2 == 0 ? RENDER_RENDER : RENDER_INSPECT;
			close(send_task(server, &task, &server->photo));
		}
		struct render_result result;
		receive_result(server, &result);
		assert_true(result.fine);
		seen[result.id]++;
	}
	for (int i = 0; i < 60; i++) {
		assert_int_equal(seen[i], 1);
	}
}

static void bad_photo_costs_only_its_own_task(void **state)
{
	struct server *server = *state;
	struct buf half = {0};
	struct render_result result;
	buf_add(&half, server->photo.bytes, server->photo.len / 2);
	struct render_task task = task_of(server, 7, &half);
	close(send_task(server, &task, &half));
	receive_result(server, &result);
	assert_false(result.fine);
	assert_false(result.died);
	assert_string_equal(result.err.code, "asset-truncated");
	buf_fini(&half);
	photo_is_rendered_as_in_this_process(state);
}

static void cancelled_task_is_answered_and_says_so(void **state)
{
	struct server *server = *state;
	struct pixels large = pixels_make(9000, 8000, 3, 8);
	struct buf file = {0};
	struct render_result result;
	struct err err;
	save_png(&large, NULL, false, &file);
	pixels_fini(&large);
	struct render_task task = task_of(server, 8, &file);
	strcpy(task.media_type, "image/png");
	task.what = RENDER_INSPECT;
	close(send_task(server, &task, &file));
	json_t *json = json_pack("{s:i}", "id", 8);
	assert_true(channel_send(server->fd, FRAME_RENDER_CANCEL, json, NULL, 0, &err));
	json_decref(json);
	receive_result(server, &result);
	assert_int_equal(result.id, 8);
	assert_true(result.died);
	assert_string_equal(result.err.code, "render-cancelled");
	assert_string_equal(result.cause, "late");
	buf_fini(&file);
}

static void one_task_too_many_is_answered(void **state)
{
	struct server *server = *state;
	int busy = 0;
	struct pixels large = pixels_make(4000, 4000, 3, 8);
	struct buf file = {0};
	save_png(&large, NULL, false, &file);
	pixels_fini(&large);
	for (int i = 0; i < 5; i++) {
		struct render_task task = task_of(server, i, &file);
		strcpy(task.media_type, "image/png");
		task.what = RENDER_INSPECT;
		close(send_task(server, &task, &file));
	}
	for (int i = 0; i < 5; i++) {
		struct render_result result;
		receive_result(server, &result);
		busy += !result.fine && strcmp(result.err.code, "render-busy") == 0;
		assert_true(result.fine || result.err.remedy == REMEDY_RETRY);
	}
	assert_true(busy >= 1);
	buf_fini(&file);
}

static void too_little_memory_is_a_retry_and_no_verdict_on_the_photo(void **state)
{
	struct server *server = *state;
	struct render_result result;
#ifdef PLATEN_SANITIZED
	skip();
#endif
	struct render_task task = task_of(server, 9, &server->photo);
	task.limits.memory_bytes = 20 * 1000 * 1000;
	close(send_task(server, &task, &server->photo));
	receive_result(server, &result);
	assert_false(result.fine);
	assert_int_equal(result.err.remedy, REMEDY_RETRY);
}

static void task_without_its_files_is_answered(void **state)
{
	struct server *server = *state;
	struct render_task task = task_of(server, 10, &server->photo);
	struct render_result result;
	struct err err;
	json_t *json = render_task_to_json(&task);
	assert_true(channel_send(server->fd, FRAME_RENDER_TASK, json, NULL, 0, &err));
	receive_result(server, &result);
	assert_string_equal(result.err.code, "render-files");
	json_object_set_new(json, "do", json_string("explode"));
	assert_true(channel_send(server->fd, FRAME_RENDER_TASK, json, NULL, 0, &err));
	receive_result(server, &result);
	assert_int_equal(result.id, 10);
	assert_false(result.fine);
	json_decref(json);
}

static void server_ends_with_its_channel_and_takes_its_photos_along(void **state)
{
	struct server *shared = *state;
	struct server server = {.device = shared->device};
	struct message message;
	struct pixels large = pixels_make(9000, 8000, 3, 8);
	struct buf file = {0};
	save_png(&large, NULL, false, &file);
	pixels_fini(&large);
	start_server(&server, "2");
	receive(&server, FRAME_RENDER_HELLO, &message);
	message_fini(&message);
	struct render_task task = task_of(&server, 1, &file);
	strcpy(task.media_type, "image/png");
	int output = send_task(&server, &task, &file);
	int status = end_server(&server);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(output);
	buf_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(photo_is_rendered_as_in_this_process),
		cmocka_unit_test(jpeg_and_png_are_rendered_to_both_formats),
		cmocka_unit_test(many_photos_at_once_are_each_answered_once),
		cmocka_unit_test(bad_photo_costs_only_its_own_task),
		cmocka_unit_test(cancelled_task_is_answered_and_says_so),
		cmocka_unit_test(one_task_too_many_is_answered),
		cmocka_unit_test(too_little_memory_is_a_retry_and_no_verdict_on_the_photo),
		cmocka_unit_test(task_without_its_files_is_answered),
		cmocka_unit_test(server_ends_with_its_channel_and_takes_its_photos_along),
	};
	return cmocka_run_group_tests_name("render/server", tests, setup, teardown);
}
