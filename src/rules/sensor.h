/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person said of the floor's sensors: where each stands on its bus, how its registers become
 * a figure, and which figures can be true. Plain values of platen.conf, never changed while the
 * floor runs.
 */
#pragma once
#include "base/err.h"
#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

#define SENSOR_NAME_MAX  49
#define SENSOR_WORDS_MAX 2
#define SENSOR_NEAR_MAX  16

enum measure {                /* what it measures decides the unit that its figure is in */
	MEASURES_TEMPERATURE, /* °C */
	MEASURES_HUMIDITY,    /* % relative */
	MEASURES_WEIGHT,      /* g */
	MEASURES_ENERGY,      /* kWh */
	MEASURES_POWER,       /* W */
	MEASURES_LEVEL,       /* % */
	MEASURES_LAMP,        /* 0 or 1 */
	MEASURES_COUNT
};

/* Reading function codes 3 and 4: there is none here that writes. */
enum register_kind { REGISTER_HOLDING, REGISTER_INPUT };

enum register_type {
	REGISTER_INT16,
	REGISTER_UINT16,
	REGISTER_INT32,
	REGISTER_UINT32,
	REGISTER_FLOAT32
};

/* Of a value of two registers, its bytes from the highest (A) to the lowest (D), as they come. */
enum register_order {
	ORDER_BIG,     /* ABCD: as the Modbus specification wants it */
	ORDER_SWAPPED, /* CDAB: the low word first, as many meters do */
	ORDER_LITTLE   /* DCBA: the low byte first */
};

struct sensor_bus_conf { /* one `sensor_bus NAME { … }`: a process of its own */
	char name[SENSOR_NAME_MAX];
	char uri[256];
	int32_t poll_ms;   /* from one reading of a sensor to the next */
	int32_t answer_ms; /* a unit has so long for an answer */
};

struct sensor_conf { /* one `sensor NAME { … }` */
	char name[SENSOR_NAME_MAX];
	char bus[SENSOR_NAME_MAX];
	int32_t unit; /* the device's address on its bus */
	enum register_kind kind;
	int32_t address; /* of the first register, counted from 0, as it goes over the wire */
	enum register_type type;
	enum register_order order;
	double scale, offset; /* figure = number × scale + offset */
	enum measure measures;
	double low, high; /* a figure outside can't be true */
	double rate_max;  /* a faster change, in a minute, can't be true; 0: any can */
	int64_t stale_after_ms;
	bool with_sheets; /* its figure is kept with every attempt */
	bool has_pause_below, has_pause_above;
	double pause_below, pause_above; /* outside, the printers near it begin no sheet */
	char near[SENSOR_NEAR_MAX][SENSOR_NAME_MAX]; /* printers */
	int32_t n_near;                              /* 0: near to all of them */
};

struct sensor_line { /* what the address of a bus says */
	bool is_serial;
	char device[128]; /* of a serial one: "/dev/ttyUSB0" */
	int32_t baud;
	char parity; /* 'N' 'E' 'O' */
	int32_t stop_bits;
};

/* "modbus-tcp://HOST[:PORT]" (whose host is judged elsewhere) or
 * "modbus-rtu:/DEVICE[?baud=19200&parity=E&stop=1]". REJECT with what it must be. */
must_use bool sensor_line_read(const char *uri, struct sensor_line *line, struct err *err);
/* Registers that a value of the type takes. */
int32_t register_words(enum register_type type);
bool sensor_is_near(const struct sensor_conf *sensor, const char *printer);

const char *measure_name(enum measure measure); /* "temperature" … as platen.conf says it */
const char *measure_unit(enum measure measure); /* "°C", "%", "g" …; "" of a lamp */
const char *register_kind_name(enum register_kind kind);
