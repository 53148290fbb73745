/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor role: its line to the units of one bus, and its cage.
 */
#pragma once
#include "wire/registers.h"

enum line_fault {
	LINE_REFUSED, /* the unit answered that it has no such register: it lives */
	LINE_SILENT,  /* no whole answer in time */
	LINE_GARBLED, /* an answer that is none: of another unit, or damaged */
	LINE_BROKEN   /* the connection is gone, or the adapter unplugged */
};

struct sensor_link;

/* Takes the descriptor over, also when it fails: a connected socket, or a terminal line. RETRY,
 * "sensor-line". */
struct sensor_link *sensor_link_open(const struct sensor_bus_conf *bus, int fd, struct err *err);
void sensor_link_close(struct sensor_link *link);
/* Asks for the sensor's registers, and waits at most as long as the bus allows. Whatever was left
 * of earlier answers is dropped first. On false, err is for people. */
must_use bool sensor_link_read(struct sensor_link *link, const struct sensor_ask *ask,
	uint16_t words[SENSOR_WORDS_MAX], enum line_fault *fault, struct err *err);

/* Descriptors that the daemon hands over, and nothing else. */
must_use bool sensor_sandbox_enter(int parent, struct err *err);
