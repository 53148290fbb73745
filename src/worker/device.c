/* SPDX-License-Identifier: Apache-2.0
 *
 * The device role: serves one printer through its driver. The daemon asks, the driver does,
 * blocking; what the daemon says meanwhile is kept until it is its turn, but a cancel and the end
 * of the channel are seen at once. Health is told unasked at the pace of the configuration.
 * Whatever happens at the printer, nothing is decided here.
 */
#include "worker/device.h"
#include "worker/channel.h"
#include "worker/device_usb.h"
#include "worker/worker.h"
#include "base/clock.h"
#include "base/log.h"
#include "drivers/driver.h"
#include "rules/condition.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define QUEUE_MAX  16
#define TROUBLE_MS 5000  /* between looks at a printer that can't print, whatever its poll is */
#define REOPEN_MS  61000 /* longer than what counts as one that dies again and again */
#define CONNECT_MS 20000 /* the daemon answers within 10 s; then it is stuck */

struct desk { /* this worker's view of its channel */
	int channel;
	bool ended; /* the daemon is gone or speaks nonsense */
	struct message queue[QUEUE_MAX];
	int n_queued;
	struct device_setup setup;
	struct device device;
	struct device_usb usb;
	bool fit; /* the driver could be opened */
	struct err unfit;
	char sending[ATTEMPT_KEY_MAX];  /* key of the attempt inside `send`; "" = none */
	const struct device_send *page; /* of that attempt, and its file */
	int page_fd;
	bool page_changed; /* while it was being sent; page_fault says how */
	struct err page_fault;
	int64_t status_due_ms;
	int64_t failing_since_ms; /* its status can't be read; 0: it can */
};

/* ---- the channel ---- */

static void put(struct desk *desk, enum frame_type type, json_t *body)
{
	struct err err;
	if (!channel_send(desk->channel, type, body, NULL, 0, &err)) {
		desk->ended = true;
	}
	json_decref(body);
}

/* Takes in at most one frame, waiting for it so long. */
static void pump(struct desk *desk, int64_t wait_ms)
{
	if (desk->ended || !channel_is_readable(desk->channel, (int)wait_ms)) {
		return;
	}
	struct message message;
	struct err err;
	if (!channel_receive(desk->channel, &message, &err)) {
		if (err.remedy != REMEDY_DROP) {
			log_error(desk->setup.conf.name, "%s", err.text);
		}
		desk->ended = true;
	} else if (desk->n_queued == QUEUE_MAX) {
		log_error(desk->setup.conf.name, "the daemon asks faster than it is answered");
		message_fini(&message);
		desk->ended = true;
	} else {
		desk->queue[desk->n_queued++] = message;
	}
}

static struct message take_at(struct desk *desk, int at)
{
	struct message taken = desk->queue[at];
	desk->n_queued--;
	memmove(&desk->queue[at], &desk->queue[at + 1],
		(size_t)(desk->n_queued - at) * sizeof desk->queue[0]);
	return taken;
}

static bool key_is(const struct message *message, const char *key)
{
	const char *said = json_string_value(json_object_get(message->body, "key"));
	return said != NULL && strcmp(said, key) == 0;
}

static int find(const struct desk *desk, enum frame_type type, const char *key)
{
	for (int i = 0; i < desk->n_queued; i++) {
		if (desk->queue[i].type == type && (key == NULL || key_is(&desk->queue[i], key))) {
			return i;
		}
	}
	return -1;
}

/* ---- what the driver is offered ---- */

static bool must_stop(void *host)
{
	struct desk *desk = host;
	pump(desk, 0);
	return desk->ended ||
	       (desk->sending[0] != '\0' && find(desk, FRAME_CANCEL, desk->sending) >= 0);
}

static bool pause_for(void *host, int64_t wait_ms)
{
	struct desk *desk = host;
	int64_t until_ms = clock_boot_ms() + wait_ms;
	for (;;) {
		int64_t left_ms = until_ms - clock_boot_ms();
		if (must_stop(desk)) {
			return false;
		}
		if (left_ms <= 0) {
			return true;
		}
		pump(desk, left_ms);
	}
}

static int connected_fd(struct message *message, struct err *err)
{
	struct err unread;
	const json_t *fault = json_object_get(message->body, "err");
	int fd = message_take_fd(message, 0);
	if (fd < 0 && (fault == NULL || !err_from_json(fault, err, &unread))) {
		err_set(err, REMEDY_RETRY, "printer-absent", "no connection came from the daemon");
	}
	message_fini(message);
	return fd;
}

/* Waits for the daemon's answer to what only it can know; false when none comes. */
static bool wait_for(struct desk *desk, enum frame_type type, struct message *message)
{
	int64_t until_ms = clock_boot_ms() + CONNECT_MS;
	while (!desk->ended && clock_boot_ms() < until_ms) {
		int at = find(desk, type, NULL);
		if (at >= 0) {
			*message = take_at(desk, at);
			return true;
		}
		pump(desk, until_ms - clock_boot_ms());
	}
	desk->ended = true; /* one answer too few: the two would talk past each other */
	return false;
}

static int ask_for_device(void *host, json_t *body, char port[USB_PORT_MAX], struct err *err)
{
	struct desk *desk = host;
	struct message message;
	put(desk, FRAME_CONNECT, body);
	if (!wait_for(desk, FRAME_CONNECTED, &message)) {
		err_set(err, REMEDY_DROP, "channel-end", "the daemon does not connect");
		return -1;
	}
	const char *said = json_string_value(json_object_get(message.body, "port"));
	text_copy(port, USB_PORT_MAX, said == NULL ? "" : said);
	return connected_fd(&message, err);
}

static int connect_through(void *host, struct err *err)
{
	char none[USB_PORT_MAX];
	return ask_for_device(host, json_object(), none, err);
}

static struct usb_line *usb_through(void *host, const struct usb_wish *wish, struct err *err)
{
	struct desk *desk = host;
	return device_usb_line(&desk->usb, &desk->device, wish, err);
}

static void take_pinned(struct desk *desk, const struct message *message)
{
	struct err err;
	char key[HASH_PIN_MAX] = "";
	if (json_need_text(message->body, "tls_key", key, sizeof key, &err)) {
		memcpy(desk->setup.conf.tls_key, key, sizeof key);
	}
}

static bool met_key(void *host, const char *tls_key, struct err *err)
{
	struct desk *desk = host;
	struct message message;
	put(desk, FRAME_KEY, json_pack("{s:s}", "tls_key", tls_key));
	if (!wait_for(desk, FRAME_PINNED, &message)) {
		return err_set(err, REMEDY_DROP, "channel-end", "the daemon does not answer");
	}
	take_pinned(desk, &message);
	message_fini(&message);
	return strcmp(desk->setup.conf.tls_key, tls_key) == 0 ||
	       err_set(err, REMEDY_ATTEND, "printer-key-changed",
		       "printer %s: it proves another key (%s) than the one that is known (%s); "
		       "nothing was sent",
		       desk->setup.conf.name, tls_key, desk->setup.conf.tls_key);
}

static json_t *status_body(const struct device_status *status)
{
	json_t *body = json_object();
	json_object_set_new(body, "status", device_status_to_json(status));
	return body;
}

static json_t *err_body(const char *key, const struct err *err)
{
	json_t *body = json_object();
	if (key != NULL) {
		json_object_set_new(body, "key", json_string(key));
	}
	json_object_set_new(body, "err", err_to_json(err));
	return body;
}

static void saw(void *host, const struct device_status *status)
{
	put(host, FRAME_STATUS, status_body(status));
}

/* ---- the three hooks of a hand-over ---- */

static bool step(struct desk *desk, enum device_step which, int32_t job_id, const char *job_uuid)
{
	struct device_step_message message = {.step = which, .job_id = job_id};
	text_copy(message.key, sizeof message.key, desk->sending);
	text_copy(message.job_uuid, sizeof message.job_uuid, job_uuid);
	if (must_stop(desk)) {
		return false;
	}
	put(desk, FRAME_STEP, device_step_to_json(&message));
	for (;;) {
		int at = find(desk, FRAME_GO, desk->sending);
		if (at >= 0) {
			struct message go = take_at(desk, at);
			message_fini(&go);
			return true;
		}
		if (must_stop(desk)) {
			return false;
		}
		pump(desk, 1000);
	}
}

static bool on_opened(void *host, int32_t job_id, const char *job_uuid)
{
	return step(host, STEP_OPENED, job_id, job_uuid);
}

static bool on_sending(void *host)
{
	return step(host, STEP_SENDING, 0, "");
}

/* An upload may take an hour: the page is looked at once more before all of it is let go. */
static bool on_committed(void *host)
{
	struct desk *desk = host;
	desk->page_changed = !device_page_is_whole(desk->page_fd, desk->page, &desk->page_fault);
	if (desk->page_changed) {
		return false;
	}
	return step(host, STEP_COMMITTED, 0, "");
}

/* ---- questions ---- */

/* On the beat of its poll, whatever a look takes. What is the matter with a printer may be over any
 * moment, and then its line goes on by itself. */
static int64_t next_look_ms(const struct desk *desk, bool prints)
{
	int64_t poll_ms = desk->setup.conf.poll_ms, now_ms = clock_boot_ms();
	int64_t wait_ms = prints || poll_ms < TROUBLE_MS ? poll_ms : TROUBLE_MS;
	int64_t next_ms = desk->status_due_ms;
	if (next_ms <= now_ms) {
		next_ms += wait_ms;
	}
	return next_ms <= now_ms || next_ms > now_ms + wait_ms ? now_ms + wait_ms : next_ms;
}

/* At once, and then each worker on a beat of its own: many that ask at the same moment would all
 * wait for each other. Its number decides, spread evenly over the poll (Knuth, 6.4). */
static int64_t first_look_ms(const struct desk *desk)
{
	uint32_t share = (uint32_t)getpid() * UINT32_C(2654435769) >> 22; /* of 1024 */
	return clock_boot_ms() - desk->setup.conf.poll_ms * (int64_t)share / 1024;
}

/* The cage lets through what lay at the folder's path when it was shut. Where a share was mounted
 * or lost since, only a fresh worker finds it. */
static void look_for_reopening(struct desk *desk, bool fine)
{
	const struct driver *driver = desk->device.driver;
	int64_t now_ms = clock_boot_ms();
	if (fine || driver == NULL || !driver->in_folder) {
		desk->failing_since_ms = 0;
	} else if (desk->failing_since_ms == 0) {
		desk->failing_since_ms = now_ms;
	} else if (now_ms - desk->failing_since_ms >= REOPEN_MS) {
		log_info(desk->setup.conf.name, "its folder is opened anew");
		desk->ended = true;
	}
}

static void tell_status(struct desk *desk)
{
	struct device_status status;
	struct err err = desk->unfit;
	bool fine = desk->fit && desk->device.driver->status(&desk->device, &status, &err);
	if (!desk->ended) {
		put(desk, FRAME_STATUS, fine ? status_body(&status) : err_body(NULL, &err));
	}
	bool prints = fine && condition_lets_print(desk->setup.conf.name, &status, &err);
	desk->status_due_ms = next_look_ms(desk, prints);
	look_for_reopening(desk, fine);
}

/* Each question is answered by its own frame; key is "" where it has none. */

static void on_status_ask(struct desk *desk, struct message *message, const char *key)
{
	(void)message;
	(void)key;
	tell_status(desk);
}

static void on_witness_ask(struct desk *desk, struct message *message, const char *key)
{
	(void)message;
	struct witness witness;
	struct err err = desk->unfit;
	if (!desk->fit || !desk->device.driver->witness(&desk->device, &witness, &err)) {
		put(desk, FRAME_WITNESS, err_body(key, &err));
		return;
	}
	json_t *body = json_object();
	json_object_set_new(body, "key", json_string(key));
	json_object_set_new(body, "witness", witness_to_json(&witness));
	put(desk, FRAME_WITNESS, body);
}

static bool hand_over(struct desk *desk, const struct device_send *ask, int fd, struct err *err)
{
	static const struct send_hooks hooks_of = {
		.opened = on_opened, .sending = on_sending, .committed = on_committed};
	struct send_hooks hooks = hooks_of;
	hooks.host = desk;
	struct attempt attempt = ask->attempt;
	struct document document = {.fd = fd,
		.bytes = ask->bytes,
		.format = ask->format,
		.width_px = ask->width_px,
		.height_px = ask->height_px,
		.x_dpi = ask->x_dpi,
		.y_dpi = ask->y_dpi,
		.media_width_hmm = ask->media_width_hmm,
		.media_height_hmm = ask->media_height_hmm,
		.margin_hmm = ask->margin_hmm,
		.cuts = ask->cuts};
	memcpy(document.media_size, ask->media_size, sizeof document.media_size);
	memcpy(document.media_type, ask->media_type, sizeof document.media_type);
	memcpy(document.order, ask->order, sizeof document.order);
	document.n_back_print = ask->n_back_print;
	memcpy(document.back_print, ask->back_print, sizeof document.back_print);
	text_copy(desk->sending, sizeof desk->sending, attempt.key);
	desk->page = ask;
	desk->page_fd = fd;
	desk->page_changed = false;
	bool fine = desk->device.driver->send(&desk->device, &attempt, &document, &hooks, err);
	desk->sending[0] = '\0';
	if (!fine && desk->page_changed) {
		*err = desk->page_fault;
	}
	return fine;
}

static void on_send(struct desk *desk, struct message *message, const char *key)
{
	struct device_send ask;
	struct err err = desk->unfit;
	bool fine = desk->fit && device_send_from_json(message->body, &ask, &err);
	int fd = message_take_fd(message, 0);
	if (fine && fd < 0) {
		fine = err_set(
			&err, REMEDY_RETRY, "document", "no document came with the question");
	}
	fine = fine && device_page_is_whole(fd, &ask, &err) && hand_over(desk, &ask, fd, &err);
	if (fd >= 0) {
		close(fd);
	}
	put(desk, FRAME_SENT, fine ? json_pack("{s:s}", "key", key) : err_body(key, &err));
}

static void on_confirm(struct desk *desk, struct message *message, const char *key)
{
	struct attempt attempt;
	struct receipt receipt;
	struct err err = desk->unfit;
	if (!desk->fit || !attempt_from_json(message->body, &attempt, &err) ||
		!desk->device.driver->confirm(&desk->device, &attempt, &receipt, &err)) {
		put(desk, FRAME_RECEIPT, err_body(key, &err));
		return;
	}
	json_t *body = json_object();
	json_object_set_new(body, "key", json_string(key));
	json_object_set_new(body, "receipt", receipt_to_json(&receipt));
	put(desk, FRAME_RECEIPT, body);
}

static void on_cancel(struct desk *desk, struct message *message, const char *key)
{
	struct attempt attempt;
	struct err err = desk->unfit;
	bool fine = desk->fit && attempt_from_json(message->body, &attempt, &err) &&
		    desk->device.driver->cancel(&desk->device, &attempt, &err);
	put(desk, FRAME_CANCELLED, fine ? json_pack("{s:s}", "key", key) : err_body(key, &err));
}

static bool read_known(
	const json_t *body, char (**known)[ATTEMPT_KEY_MAX], size_t *n, struct err *err)
{
	json_t *list;
	if (!json_need_array(body, "known", JSON_NODES_MAX, &list, err)) {
		return false;
	}
	*n = json_array_size(list);
	*known = calloc(*n + 1, sizeof **known);
	for (size_t i = 0; *known != NULL && i < *n; i++) {
		const char *key = json_string_value(json_array_get(list, i));
		if (key == NULL || !text_copy((*known)[i], sizeof(*known)[i], key)) {
			free(*known);
			return err_set(
				err, REMEDY_REJECT, "field", "\"known\" must be attempt keys");
		}
	}
	return *known != NULL || err_set(err, REMEDY_FATAL, "memory", "out of memory");
}

static void on_sweep(struct desk *desk, struct message *message, const char *key)
{
	(void)key;
	struct err err = desk->unfit;
	char(*known)[ATTEMPT_KEY_MAX];
	size_t n;
	int32_t swept = 0;
	bool fine = desk->fit && read_known(message->body, &known, &n, &err);
	if (fine) {
		fine = desk->device.driver->sweep(
			&desk->device, (const char(*)[ATTEMPT_KEY_MAX])known, n, &swept, &err);
		free(known);
	}
	put(desk, FRAME_SWEPT,
		fine ? json_pack("{s:i}", "swept", (int)swept) : err_body(NULL, &err));
}

static void on_pinned(struct desk *desk, struct message *message, const char *key)
{
	(void)key;
	take_pinned(desk, message);
}

static void on_password(struct desk *desk, struct message *message, const char *key)
{
	(void)key;
	struct err err;
	if (!json_need_text(message->body, "password", desk->setup.password,
		    sizeof desk->setup.password, &err)) {
		log_error(desk->setup.conf.name, "%s", err.text);
	}
}

static const struct {
	enum frame_type type;
	void (*answer)(struct desk *desk, struct message *message, const char *key);
} answers[] = {
	{FRAME_STATUS_ASK, on_status_ask},
	{FRAME_WITNESS_ASK, on_witness_ask},
	{FRAME_SEND, on_send},
	{FRAME_CONFIRM, on_confirm},
	{FRAME_CANCEL, on_cancel},
	{FRAME_SWEEP, on_sweep},
	{FRAME_PINNED, on_pinned},
	{FRAME_PASSWORD, on_password},
};

/* What is none of these (a GO or CONNECTED that came too late) is dropped with its descriptors. */
static void answer(struct desk *desk, struct message *message)
{
	const json_t *inner = json_object_get(message->body, "attempt");
	const char *said =
		json_string_value(json_object_get(inner == NULL ? message->body : inner, "key"));
	char key[ATTEMPT_KEY_MAX];
	text_copy(key, sizeof key, said == NULL ? "" : said);
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		if (answers[i].type == message->type) {
			answers[i].answer(desk, message, key);
		}
	}
	message_fini(message);
}

/* ---- the worker's life ---- */

static bool receive_setup(struct desk *desk, struct err *err)
{
	struct message message;
	if (!channel_receive(desk->channel, &message, err)) {
		return false;
	}
	bool fine = message.type == FRAME_DEVICE_SETUP
			    ? device_setup_from_json(message.body, &desk->setup, err)
			    : err_set(err, REMEDY_FATAL, "frame", "no set-up came first");
	message_fini(&message);
	return fine;
}

static void open_driver(struct desk *desk)
{
	struct device_setup *setup = &desk->setup;
	desk->device = (struct device){.driver = driver_find(setup->model.driver),
		.printer = setup->conf.name,
		.uri = setup->conf.uri,
		.uuid = setup->conf.uuid,
		.tls_key = setup->conf.tls_key,
		.user = setup->conf.user,
		.password = setup->password,
		.model = setup->model,
		.exclusive = setup->conf.exclusive,
		.host = desk,
		.connect = connect_through,
		.usb = usb_through,
		.met_key = met_key,
		.must_stop = must_stop,
		.pause = pause_for,
		.saw = saw};
	if (desk->device.driver == NULL) {
		err_set(&desk->unfit, REMEDY_ATTEND, "driver",
			"printer %s: no driver \"%s\" was built in; correct its model's file",
			setup->conf.name, setup->model.driver);
		return;
	}
	if (usb_address_is(setup->conf.uri)) {
		device_usb_open(&desk->usb, setup->conf.uri, ask_for_device);
	}
	desk->fit = desk->device.driver->open(&desk->device, &desk->unfit);
}

static void serve(struct desk *desk)
{
	put(desk, FRAME_DEVICE_HELLO, json_object());
	desk->status_due_ms = first_look_ms(desk);
	while (!desk->ended) {
		int64_t now_ms = clock_boot_ms();
		if (desk->n_queued == 0 && desk->status_due_ms > now_ms) {
			pump(desk, desk->status_due_ms - now_ms);
		}
		pump(desk, 0);
		if (desk->n_queued > 0) {
			struct message message = take_at(desk, 0);
			answer(desk, &message);
		}
		if (!desk->ended && clock_boot_ms() >= desk->status_due_ms) {
			tell_status(desk);
		}
	}
	while (desk->n_queued > 0) {
		struct message message = take_at(desk, 0);
		message_fini(&message);
	}
}

int device_main(int channel_fd)
{
	static struct desk desk;
	struct err err;
	int parent = (int)getppid();
	desk.channel = channel_fd;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to a printer that went away */
	if (!receive_setup(&desk, &err)) {
		if (err.remedy != REMEDY_DROP) {
			log_error("device", "%s", err.text);
		}
		return err.remedy == REMEDY_DROP ? EX_OK : EX_PROTOCOL;
	}
	open_driver(&desk);
	device_page_warm();
	if (!device_sandbox_enter(&desk.device, parent, &err)) {
		log_error(desk.setup.conf.name, "%s", err.text);
		return EX_OSERR;
	}
	serve(&desk);
	if (desk.fit) {
		desk.device.driver->close(&desk.device);
	}
	device_usb_close(&desk.usb);
	return EX_OK;
}
