/* SPDX-License-Identifier: Apache-2.0
 *
 * The crew against workers that misbehave: this program starts itself as the worker, in the role
 * that the environment says. Whatever a worker does, each question is answered exactly once.
 */
#include "base/clock.h"
#include "ports/crew.h"
#include "worker/channel.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANNEL 3
#define NAME    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* ---- the workers ---- */

static void say(enum frame_type type, json_t *body)
{
	struct err err;
	if (!channel_send(CHANNEL, type, body, NULL, 0, &err)) {
		_exit(0);
	}
	json_decref(body);
}

static struct message hear(enum frame_type wanted)
{
	for (;;) {
		struct message message;
		struct err err;
		if (!channel_receive(CHANNEL, &message, &err)) {
			_exit(0);
		}
		if (message.type == wanted) {
			return message;
		}
		message_fini(&message);
	}
}

static void stay(void)
{
	for (;;) {
		struct message message = hear(FRAME_STATUS_ASK);
		message_fini(&message);
	}
}

static void say_fault(const char *code)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, code, "as the test wants it");
	say(FRAME_STATUS, json_pack("{s:o}", "err", err_to_json(&err)));
}

static void dies_at_a_question(void)
{
	say(FRAME_DEVICE_HELLO, json_object());
	hear(FRAME_WITNESS_ASK);
	_exit(3);
}

static void speaks_nonsense(void)
{
	say(FRAME_DEVICE_HELLO, json_object());
	hear(FRAME_WITNESS_ASK);
	static const char nonsense[] = "HTTP/1.1 200 OK\r\n\r\n";
	if (write(CHANNEL, nonsense, sizeof nonsense) < 0) {
		_exit(1);
	}
	stay();
}

static void answers_other_keys(void)
{
	say(FRAME_DEVICE_HELLO, json_object());
	hear(FRAME_WITNESS_ASK);
	struct witness witness = {.read = true};
	for (int i = 0; i < 3; i++) {
		say(FRAME_WITNESS, json_pack("{s:s,s:o}", "key", i == 1 ? "J1.1.1" : "J9.9.9",
					   "witness", witness_to_json(&witness)));
	}
	say(FRAME_WITNESS,
		json_pack("{s:s,s:o}", "key", "J1.1.1", "witness", witness_to_json(&witness)));
	stay();
}

static void never_says_hello(void)
{
	stay();
}

static void falls_silent_in_the_upload(void)
{
	say(FRAME_DEVICE_HELLO, json_object());
	hear(FRAME_SEND);
	for (int i = 0; i < 8; i++) { /* the printer answers still: paper is out */
		usleep(100000);
		say_fault("media-empty");
	}
	stay();
}

static void wants_to_connect(void)
{
	say(FRAME_DEVICE_HELLO, json_object());
	say(FRAME_CONNECT, json_object());
	struct message message = hear(FRAME_CONNECTED);
	say_fault(message_take_fd(&message, 0) >= 0 ? "connected" : "not-connected");
	stay();
}

static void hello_of_renderer(void)
{
	say(FRAME_RENDER_HELLO, json_pack("{s:s}", "engine", "e/1"));
}

static void say_result(const struct message *task, const char *code)
{
	struct render_result result = {.id = json_integer_value(json_object_get(task->body, "id"))};
	err_set(&result.err, REMEDY_RETRY, code, "as the test wants it");
	say(FRAME_RENDER_RESULT, render_result_to_json(&result));
}

static void renderer_dies(void)
{
	hello_of_renderer();
	hear(FRAME_RENDER_TASK);
	_exit(4);
}

static void renderer_never_ends(void)
{
	hello_of_renderer();
	stay();
}

static void renderer_looks_for_twins(void)
{
	hello_of_renderer();
	for (;;) {
		struct message task = hear(FRAME_RENDER_TASK);
		bool twin = channel_is_readable(CHANNEL, 200);
		say_result(&task, twin ? "twin" : "alone");
		message_fini(&task);
	}
}

/* Two that never end, two in the places they lend; nobody lends a second time. */
static void renderer_is_given_bombs(void)
{
	hello_of_renderer();
	hear(FRAME_RENDER_TASK);
	hear(FRAME_RENDER_TASK);
	bool early = channel_is_readable(CHANNEL, 1500);
	hear(FRAME_RENDER_TASK);
	struct message task = hear(FRAME_RENDER_TASK);
	bool more = channel_is_readable(CHANNEL, 3000);
	say_result(&task, early ? "early" : more ? "more" : "lent");
	message_fini(&task);
	stay();
}

static const struct {
	const char *name;
	void (*act)(void);
} roles[] = {
	{"dies", dies_at_a_question},
	{"nonsense", speaks_nonsense},
	{"other-keys", answers_other_keys},
	{"mute", never_says_hello},
	{"silent", falls_silent_in_the_upload},
	{"connect", wants_to_connect},
	{"renderer-dies", renderer_dies},
	{"renderer-never-ends", renderer_never_ends},
	{"renderer-twins", renderer_looks_for_twins},
	{"renderer-bombs", renderer_is_given_bombs},
};

static int be_worker(const char *kind)
{
	const char *role = getenv("CREW_ROLE");
	bool render = strcmp(kind, "render") == 0;
	for (size_t i = 0; role != NULL && i < sizeof roles / sizeof roles[0]; i++) {
		bool renders = strncmp(role, "renderer", 8) == 0;
		if (strcmp(roles[i].name, role) == 0 && renders == render) {
			roles[i].act();
		}
	}
	stay(); /* the one that is not played */
	return 0;
}

/* ---- the floor's side ---- */

struct floor {
	struct loop *loop;
	struct spool *spool;
	struct crew *crew;
	struct loop_timer *late;
	char root[64];
	int witnesses, sents, receipts, rendered, engines, faults, until;
	const int *counter; /* stops the loop at `until` */
	char code[ERR_CODE_MAX];
	bool late_came;
};

static void look(void *context)
{
	struct floor *floor = context;
	if (floor->counter != NULL && *floor->counter >= floor->until) {
		loop_stop(floor->loop);
	}
}

static void note(struct floor *floor, int *counter, const struct err *err)
{
	(*counter)++;
	text_copy(floor->code, sizeof floor->code, err == NULL ? "fine" : err->code);
}

static void on_engine(void *farm, const char *engine, const char *font)
{
	(void)engine;
	(void)font;
	note(farm, &((struct floor *)farm)->engines, NULL);
}

static void on_rendered(void *farm, int64_t row, int32_t page, enum render_do what,
	const char *raster_name, const struct render_result *result)
{
	(void)row;
	(void)page;
	(void)what;
	(void)raster_name;
	note(farm, &((struct floor *)farm)->rendered, result->fine ? NULL : &result->err);
}

static void on_status(
	void *farm, const char *printer, const struct device_status *status, const struct err *err)
{
	(void)printer;
	(void)status;
	if (err != NULL) {
		note(farm, &((struct floor *)farm)->faults, err);
	}
}

static void on_witness(void *farm, const char *printer, const char *key,
	const struct witness *witness, const struct err *err)
{
	(void)printer;
	(void)witness;
	assert_string_equal(key, "J1.1.1");
	note(farm, &((struct floor *)farm)->witnesses, err);
}

static void on_step(void *farm, const char *printer, const struct device_step_message *step)
{
	(void)farm;
	(void)printer;
	(void)step;
	fail_msg("no worker here says a step");
}

static void on_sent(void *farm, const char *printer, const char *key, const struct err *err)
{
	(void)printer;
	assert_string_equal(key, "J1.1.1");
	note(farm, &((struct floor *)farm)->sents, err);
}

static void on_receipt(void *farm, const char *printer, const char *key,
	const struct receipt *receipt, const struct err *err)
{
	(void)printer;
	(void)key;
	(void)receipt;
	note(farm, &((struct floor *)farm)->receipts, err);
}

static const struct crew_hears hears = {.engine = on_engine,
	.rendered = on_rendered,
	.status = on_status,
	.witness = on_witness,
	.step = on_step,
	.sent = on_sent,
	.receipt = on_receipt};

static void on_late(void *context)
{
	struct floor *floor = context;
	floor->late_came = true;
	loop_stop(floor->loop);
}

/* True when the counter got there in time. */
static bool wait_for(struct floor *floor, const int *counter, int until, int64_t ms)
{
	floor->counter = counter;
	floor->until = until;
	floor->late_came = false;
	loop_timer_start(floor->late, ms);
	loop_run(floor->loop);
	floor->counter = NULL;
	loop_timer_stop(floor->late);
	return !floor->late_came;
}

static void make_file(const struct floor *floor, const char *folder)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s/" NAME, floor->root, folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("bytes", file);
	fclose(file);
}

static void begin(struct floor *floor, const char *role)
{
	static struct model model = {.name = "m", .driver = "fake"};
	static struct printer_conf printer = {
		.name = "P1", .model = "m", .uri = "nowhere", .poll_ms = 10};
	static const struct catalog catalog = {
		.models = &model, .printers = &printer, .n_models = 1, .n_printers = 1};
	static const struct crew_conf conf = {.program = "/proc/self/exe",
		.profiles_folder = "/nowhere",
		.render_tasks = 2,
		.silence_ms = 600};
	struct err err;
	*floor = (struct floor){.loop = loop_create(&err)};
	snprintf(floor->root, sizeof floor->root, "/tmp/platen-crew.XXXXXX");
	assert_non_null(mkdtemp(floor->root));
	floor->spool = spool_open(floor->loop, floor->root, 0, 0, &err);
	assert_non_null(floor->spool);
	make_file(floor, "assets");
	make_file(floor, "rasters");
	floor->late = loop_timer_create(floor->loop, on_late, floor);
	loop_on_prepare(floor->loop, look, floor);
	setenv("CREW_ROLE", role, 1);
	floor->crew = crew_create(floor->loop, floor->spool, &catalog, &conf, &hears, floor, &err);
	assert_non_null(floor->crew);
}

static void on_closed(void *context)
{
	(*(int *)context)++;
}

static void end(struct floor *floor)
{
	int closed = 0;
	crew_close(floor->crew, on_closed, &closed);
	assert_true(wait_for(floor, &closed, 1, 5000)); /* all its processes are gone */
	spool_close(floor->spool, on_closed, &closed);
	assert_true(wait_for(floor, &closed, 2, 5000));
	loop_timer_destroy(floor->late);
	loop_destroy(floor->loop);
	char command[100];
	snprintf(command, sizeof command, "rm -rf %s", floor->root);
	assert_int_equal(system(command), 0);
}

static void question_to_a_worker_that_dies_is_answered_once_and_the_next_one_too(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "dies");
	for (int i = 1; i <= 2; i++) {
		crew_processes.witness(floor.crew, "P1", "J1.1.1");
		assert_true(wait_for(&floor, &floor.witnesses, i, 5000));
		assert_string_equal(floor.code, "device-worker");
	}
	assert_false(wait_for(&floor, &floor.witnesses, 3, 300));
	end(&floor);
}

static void worker_that_speaks_nonsense_is_killed(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "nonsense");
	crew_processes.witness(floor.crew, "P1", "J1.1.1");
	assert_true(wait_for(&floor, &floor.witnesses, 1, 5000));
	assert_string_equal(floor.code, "device-worker");
	end(&floor);
}

static void answers_that_nobody_asked_for_are_dropped(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "other-keys");
	crew_processes.witness(floor.crew, "P1", "J1.1.1");
	assert_true(wait_for(&floor, &floor.witnesses, 1, 5000));
	assert_string_equal(floor.code, "fine");
	assert_false(wait_for(&floor, &floor.witnesses, 2, 200));
	end(&floor);
}

static void hand_over_that_no_worker_has_seen_is_withdrawn_by_a_question(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "mute");
	struct print_ask ask = {.printer = "P1", .raster_name = NAME};
	struct attempt attempt = {.key = "J1.1.1"};
	memcpy(ask.send.attempt.key, attempt.key, sizeof attempt.key);
	crew_processes.print(floor.crew, &ask);
	assert_false(wait_for(&floor, &floor.sents, 1, 100));
	crew_processes.confirm(floor.crew, "P1", &attempt);
	assert_true(wait_for(&floor, &floor.sents, 1, 1000));
	assert_string_equal(floor.code, "device-worker");
	assert_false(wait_for(&floor, &floor.sents, 2, 100));
	end(&floor);
}

static void worker_that_falls_silent_in_the_upload_is_killed_but_not_before(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "silent");
	struct print_ask ask = {.printer = "P1", .raster_name = NAME};
	text_copy(ask.send.attempt.key, sizeof ask.send.attempt.key, "J1.1.1");
	crew_processes.print(floor.crew, &ask);
	assert_false(wait_for(&floor, &floor.sents, 1, 700)); /* it says its health */
	assert_true(floor.faults > 0);
	assert_true(wait_for(&floor, &floor.sents, 1, 3000));
	assert_string_equal(floor.code, "device-worker");
	end(&floor);
}

static void address_that_makes_no_sense_is_told_to_the_worker(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "connect");
	assert_true(wait_for(&floor, &floor.faults, 1, 5000));
	assert_string_equal(floor.code, "not-connected");
	end(&floor);
}

static struct render_ask rendering(int64_t row, enum render_do what)
{
	struct render_ask ask = {.job_row = row, .deadline_ms = 60000};
	ask.task.what = what;
	memcpy(ask.asset_sha256, NAME, sizeof ask.asset_sha256);
	memcpy(ask.raster_name, NAME, sizeof ask.raster_name);
	return ask;
}

static void tasks_of_a_render_server_that_dies_are_answered(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "renderer-dies");
	for (int i = 1; i <= 2; i++) {
		struct render_ask ask = rendering(i, RENDER_INSPECT);
		crew_processes.render(floor.crew, &ask);
	}
	assert_true(wait_for(&floor, &floor.rendered, 2, 5000));
	assert_string_equal(floor.code, "render-server");
	assert_true(wait_for(&floor, &floor.engines, 2, 5000)); /* it comes back */
	end(&floor);
}

static void task_without_an_end_is_ended_at_its_deadline(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "renderer-never-ends");
	struct render_ask ask = rendering(1, RENDER_INSPECT);
	ask.deadline_ms = 100;
	crew_processes.render(floor.crew, &ask);
	assert_true(wait_for(&floor, &floor.rendered, 1, 10000));
	end(&floor);
}

static void two_tasks_of_one_raster_are_never_under_way_at_once(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "renderer-twins");
	for (int i = 1; i <= 3; i++) {
		struct render_ask ask = rendering(i, RENDER_RENDER);
		crew_processes.render(floor.crew, &ask);
	}
	for (int i = 1; i <= 3; i++) {
		assert_true(wait_for(&floor, &floor.rendered, i, 5000));
		assert_string_not_equal(floor.code, "twin");
	}
	end(&floor);
}

static void tasks_that_take_long_lend_their_places_once(void **state)
{
	(void)state;
	struct floor floor;
	begin(&floor, "renderer-bombs");
	for (int i = 1; i <= 5; i++) {
		struct render_ask ask = rendering(i, RENDER_INSPECT);
		crew_processes.render(floor.crew, &ask);
	}
	assert_true(wait_for(&floor, &floor.rendered, 1, 15000));
	assert_string_equal(floor.code, "lent");
	end(&floor);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		return be_worker(argv[1]);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			question_to_a_worker_that_dies_is_answered_once_and_the_next_one_too),
		cmocka_unit_test(worker_that_speaks_nonsense_is_killed),
		cmocka_unit_test(answers_that_nobody_asked_for_are_dropped),
		cmocka_unit_test(hand_over_that_no_worker_has_seen_is_withdrawn_by_a_question),
		cmocka_unit_test(worker_that_falls_silent_in_the_upload_is_killed_but_not_before),
		cmocka_unit_test(address_that_makes_no_sense_is_told_to_the_worker),
		cmocka_unit_test(tasks_of_a_render_server_that_dies_are_answered),
		cmocka_unit_test(task_without_an_end_is_ended_at_its_deadline),
		cmocka_unit_test(tasks_that_take_long_lend_their_places_once),
		cmocka_unit_test(two_tasks_of_one_raster_are_never_under_way_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
