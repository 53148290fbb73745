/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of sensor buses, and the words for what sensors measure.
 */
#include "rules/sensor.h"
#include <stdio.h>
#include <string.h>

#define SERIAL_SCHEME "modbus-rtu:"
#define TCP_SCHEME    "modbus-tcp://"

static bool is_baud(int64_t baud)
{
	static const int32_t known[] = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i] == baud) {
			return true;
		}
	}
	return false;
}

/* One "key=value" of a serial address. */
static bool take_option(const char *option, struct sensor_line *line)
{
	int64_t number;
	if (strncmp(option, "baud=", 5) == 0) {
		if (!text_to_int(option + 5, 1200, 115200, &number) || !is_baud(number)) {
			return false;
		}
		line->baud = (int32_t)number;
		return true;
	}
	if (strncmp(option, "parity=", 7) == 0) {
		line->parity = option[7];
		return strlen(option) == 8 && strchr("NEO", option[7]) != NULL;
	}
	if (strncmp(option, "stop=", 5) == 0) {
		line->stop_bits = option[5] - '0';
		return strcmp(option + 5, "1") == 0 || strcmp(option + 5, "2") == 0;
	}
	return false;
}

static bool read_serial(const char *rest, struct sensor_line *line)
{
	/* the specification's default: 19200 bits a second, even parity, one stop bit */
	*line = (struct sensor_line){
		.is_serial = true, .baud = 19200, .parity = 'E', .stop_bits = 1};
	size_t len = strcspn(rest, "?");
	if (rest[0] != '/' || len < 2 || len >= sizeof line->device) {
		return false;
	}
	memcpy(line->device, rest, len);
	line->device[len] = '\0';
	for (const char *at = rest + len; *at != '\0';) {
		char option[32];
		size_t n = strcspn(++at, "&");
		if (n == 0 || n >= sizeof option) {
			return false;
		}
		memcpy(option, at, n);
		option[n] = '\0';
		if (!take_option(option, line)) {
			return false;
		}
		at += n;
	}
	return true;
}

bool sensor_line_read(const char *uri, struct sensor_line *line, struct err *err)
{
	*line = (struct sensor_line){.is_serial = false};
	if (strncmp(uri, TCP_SCHEME, strlen(TCP_SCHEME)) == 0) {
		return true;
	}
	if (strncmp(uri, SERIAL_SCHEME, strlen(SERIAL_SCHEME)) == 0 &&
		read_serial(uri + strlen(SERIAL_SCHEME), line)) {
		return true;
	}
	return err_set(err, REMEDY_REJECT, "field",
		"must be \"modbus-tcp://HOST:PORT\" or "
		"\"modbus-rtu:/dev/NAME?baud=19200&parity=E&stop=1\" (baud 1200 to 115200, parity "
		"N, E or O)");
}

int32_t register_words(enum register_type type)
{
	return type == REGISTER_INT16 || type == REGISTER_UINT16 ? 1 : 2;
}

bool sensor_is_near(const struct sensor_conf *sensor, const char *printer)
{
	for (int32_t i = 0; i < sensor->n_near; i++) {
		if (strcmp(sensor->near[i], printer) == 0) {
			return true;
		}
	}
	return sensor->n_near == 0;
}

static const struct {
	const char *name, *unit;
} measures[MEASURES_COUNT] = {
	[MEASURES_TEMPERATURE] = {"temperature", "°C"},
	[MEASURES_HUMIDITY] = {"humidity", "%"},
	[MEASURES_WEIGHT] = {"weight", "g"},
	[MEASURES_ENERGY] = {"energy", "kWh"},
	[MEASURES_POWER] = {"power", "W"},
	[MEASURES_LEVEL] = {"level", "%"},
	[MEASURES_LAMP] = {"lamp", ""},
};

const char *measure_name(enum measure measure)
{
	return measures[measure].name;
}

const char *measure_unit(enum measure measure)
{
	return measures[measure].unit;
}

const char *register_kind_name(enum register_kind kind)
{
	return kind == REGISTER_HOLDING ? "holding" : "input";
}
