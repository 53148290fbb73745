/* SPDX-License-Identifier: Apache-2.0
 *
 * USB printers: their devices are found here, since a worker can open nothing.
 *
 *  1. A worker asks for its device; it is found by its serial or port, its node is opened and
 * passed.
 *  2. The worker finds the interface taken and asks who has it: it is told by name.
 *  3. Whenever something was plugged in or unplugged, each printer whose device came or went is
 *     looked at by its worker at once.
 *
 * Ways it fails: as usb_find.h says, each told as that printer's health.
 */
#include "ports/crew_usb.h"
#include "base/log.h"
#include "ports/crew_question.h"
#include "ports/usb_watch.h"

void usb_side_open(struct device_bench *bench)
{
	struct err err;
	const char *uri = bench->conf->uri;
	bench->usb.used = usb_address_is(uri) && usb_address_from(uri, &bench->usb.address, &err);
}

/* ---- for the worker ---- */

static bool find(struct device_bench *bench, struct usb_found *found, struct err *err)
{
	bool fine = usb_find(&usb_machine, &bench->usb.address, bench->conf->name, found, err);
	bench->usb.bus = fine ? found->bus : 0;
	bench->usb.number = fine ? found->number : 0;
	return fine;
}

static bool asks_who(const json_t *ask)
{
	return json_object_get(ask, "taken") != NULL;
}

static bool say_who(struct device_bench *bench, const json_t *ask, const struct usb_found *found,
	struct err *err)
{
	int32_t interface;
	return json_take_int32(ask, "taken", 0, 255, &interface, err) &&
	       usb_taken(&usb_machine, found, interface, hand_pid(bench->hand), bench->conf->name,
		       err);
}

void usb_connect(struct device_bench *bench, const json_t *ask)
{
	struct usb_found found;
	struct err err;
	int fd = -1;
	if (find(bench, &found, &err) && (!asks_who(ask) || say_who(bench, ask, &found, &err))) {
		fd = usb_node_open(&usb_machine, &found, bench->conf->name, &err);
	}
	json_t *body = json_object();
	if (fd >= 0) {
		json_object_set_new(body, "port", json_string(found.port));
	} else {
		json_object_set_new(body, "err", err_to_json(&err));
	}
	hand_send(bench->hand, FRAME_CONNECTED, body, &fd, fd >= 0 ? 1 : 0);
}

/* ---- coming and going ---- */

static void look_at(struct device_bench *bench)
{
	struct usb_found found;
	struct err err;
	int32_t bus = bench->usb.bus;
	int32_t number = bench->usb.number;
	bool fine = find(bench, &found, &err);
	if (bench->usb.bus == bus && bench->usb.number == number) {
		return;
	}
	if (fine) {
		log_info(bench->conf->name, "plugged in at USB port %s", found.port);
	} else {
		log_info(bench->conf->name, "%s", err.text);
	}
	if (bench->ready && !bench->usb.asked) {
		bench->usb.asked = true;
		hand_send(bench->hand, FRAME_STATUS_ASK, NULL, NULL, 0);
	}
}

static void on_changed(void *context)
{
	struct crew *crew = context;
	for (int32_t i = 0; i < crew->n_devices && !crew->closing; i++) {
		if (crew->devices[i].usb.used) {
			look_at(&crew->devices[i]);
		}
	}
}

void usb_watch_open(struct crew *crew)
{
	for (int32_t i = 0; i < crew->n_devices && crew->usb == NULL; i++) {
		if (crew->devices[i].usb.used) {
			crew->usb = usb_watch_start(crew->loop, on_changed, crew);
		}
	}
}
