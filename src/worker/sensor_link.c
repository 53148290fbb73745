/* SPDX-License-Identifier: Apache-2.0
 *
 * The doorman of libmodbus. It is given a descriptor that the daemon opened, and is never let
 * reconnect or sleep by itself: its recovery blocks, and what it wrote to a line without anybody at
 * the end comes out later as a flood. Only the two function codes that read registers are called.
 */
#include "worker/sensor.h"
#include "base/mem.h"
#include <errno.h>
#include <modbus.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define LEFTOVER_BYTES (64 * 1024) /* of old answers; more is somebody who pours */

struct sensor_link {
	struct sensor_bus_conf bus;
	struct sensor_line line;
	modbus_t *modbus;
};

static speed_t speed_of(int32_t baud)
{
	static const struct {
		int32_t baud;
		speed_t speed;
	} rows[] = {{1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200},
		{38400, B38400}, {57600, B57600}, {115200, B115200}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].baud == baud) {
			return rows[i].speed;
		}
	}
	return B19200;
}

/* Raw bytes at the line's speed; nobody else may open it meanwhile. */
static bool set_line(const struct sensor_line *line, int fd)
{
	struct termios termios;
	if (tcgetattr(fd, &termios) != 0) {
		return false;
	}
	cfmakeraw(&termios);
	cfsetspeed(&termios, speed_of(line->baud));
	termios.c_cflag |= CLOCAL | CREAD;
	termios.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | PARODD);
	termios.c_cflag |= line->stop_bits == 2 ? CSTOPB : 0;
	termios.c_cflag |= line->parity == 'N' ? 0 : PARENB;
	termios.c_cflag |= line->parity == 'O' ? PARODD : 0;
	termios.c_cc[VMIN] = 0;
	termios.c_cc[VTIME] = 0;
	ioctl(fd, TIOCEXCL);
	/* EINVAL: nothing is left to change but what the line has not (a pseudo-terminal has no
	 * parity); where that matters, answers are garbled and say so */
	bool fine = tcsetattr(fd, TCSANOW, &termios) == 0 || errno == EINVAL;
	return fine && tcflush(fd, TCIOFLUSH) == 0;
}

static modbus_t *make(const struct sensor_line *line)
{
	/* the address is only remembered: the descriptor is set, never opened by the library */
	return line->is_serial
		       ? modbus_new_rtu(line->device, line->baud, line->parity, 8, line->stop_bits)
		       : modbus_new_tcp("127.0.0.1", MODBUS_TCP_DEFAULT_PORT);
}

struct sensor_link *sensor_link_open(const struct sensor_bus_conf *bus, int fd, struct err *err)
{
	struct sensor_link *link = mem_new(1, sizeof *link);
	link->bus = *bus;
	bool fine = sensor_line_read(bus->uri, &link->line, err);
	if (fine && link->line.is_serial && !set_line(&link->line, fd)) {
		fine = err_set(err, REMEDY_RETRY, "sensor-line", "bus %s: %s is no serial line: %s",
			bus->name, link->line.device, strerror(errno));
	}
	link->modbus = fine ? make(&link->line) : NULL;
	if (link->modbus == NULL) {
		if (fine) {
			err_set(err, REMEDY_RETRY, "sensor-line", "bus %s: %s", bus->name,
				modbus_strerror(errno));
		}
		close(fd);
		free(link);
		return NULL;
	}
	modbus_set_socket(link->modbus, fd);
	modbus_set_error_recovery(link->modbus, MODBUS_ERROR_RECOVERY_NONE);
	modbus_set_response_timeout(link->modbus, (uint32_t)(bus->answer_ms / 1000),
		(uint32_t)(bus->answer_ms % 1000) * 1000);
	/* none between bytes: the whole answer must be there in time, so that drops don't last */
	modbus_set_byte_timeout(link->modbus, 0, 0);
	return link;
}

void sensor_link_close(struct sensor_link *link)
{
	if (link != NULL) {
		if (link->line.is_serial) {
			/* else closing waits for what nobody takes */
			tcflush(modbus_get_socket(link->modbus), TCIOFLUSH);
		}
		close(modbus_get_socket(link->modbus));
		modbus_free(link->modbus);
		free(link);
	}
}

static bool is_exception(int error)
{
	return error > MODBUS_ENOBASE && error <= EMBXGTAR;
}

/* What a gateway says of a unit that it does not reach. */
static bool is_unreached(int error)
{
	return error == EMBXGTAR || error == EMBXGPATH;
}

static enum line_fault fault_of(int error)
{
	if (error == ETIMEDOUT) {
		return LINE_SILENT;
	}
	if (is_exception(error)) {
		return LINE_REFUSED;
	}
	bool garbled = error == EMBBADCRC || error == EMBBADDATA || error == EMBBADEXC ||
		       error == EMBMDATA || error == EMBBADSLAVE || error == EMBUNKEXC;
	return garbled ? LINE_GARBLED : LINE_BROKEN;
}

static bool tell(const struct sensor_link *link, const struct sensor_ask *ask,
	enum line_fault fault, int error, struct err *err)
{
	const char *bus = link->bus.name;
	const char *said = modbus_strerror(error);
	switch (fault) {
	case LINE_REFUSED:
		if (is_unreached(error)) {
			return err_set(err, REMEDY_RETRY, "sensor-silent",
				"the gateway of bus %s does not reach unit %d (%s): check that "
				"unit's power, wiring and address",
				bus, (int)ask->unit, said);
		}
		return err_set(err, REMEDY_ATTEND, "sensor-refused",
			"unit %d on bus %s refuses %s register %d (%s): correct function and "
			"register of %s in platen.conf",
			(int)ask->unit, bus, register_kind_name(ask->kind), (int)ask->address, said,
			ask->name);
	case LINE_SILENT:
		return err_set(err, REMEDY_RETRY, "sensor-silent",
			"unit %d on bus %s does not answer within %d ms: check its power, its "
			"wiring and its address",
			(int)ask->unit, bus, (int)link->bus.answer_ms);
	case LINE_GARBLED:
		return err_set(err, REMEDY_RETRY, "sensor-garbled",
			"unit %d on bus %s sends what is no answer (%s): check cable, speed and "
			"parity",
			(int)ask->unit, bus, said);
	case LINE_BROKEN:
		break;
	}
	return err_set(err, REMEDY_RETRY, "sensor-line", "the connection to bus %s was lost (%s)",
		bus, said);
}

/* Of an answer that came too late; so that it is never taken for the next one. */
static bool drop_leftovers(struct sensor_link *link)
{
	char piece[1024];
	int fd = modbus_get_socket(link->modbus);
	if (link->line.is_serial) {
		return tcflush(fd, TCIOFLUSH) == 0;
	}
	for (size_t dropped = 0; dropped < LEFTOVER_BYTES; dropped += sizeof piece) {
		if (recv(fd, piece, sizeof piece, MSG_DONTWAIT) <= 0) {
			return true; /* an end of it shows when it is asked */
		}
	}
	errno = EMSGSIZE;
	return false;
}

bool sensor_link_read(struct sensor_link *link, const struct sensor_ask *ask,
	uint16_t words[SENSOR_WORDS_MAX], enum line_fault *fault, struct err *err)
{
	if (!drop_leftovers(link)) {
		*fault = LINE_BROKEN;
		return tell(link, ask, *fault, errno, err);
	}
	modbus_set_slave(link->modbus, ask->unit);
	int n = ask->kind == REGISTER_HOLDING
			? modbus_read_registers(link->modbus, ask->address, ask->words, words)
			: modbus_read_input_registers(
				  link->modbus, ask->address, ask->words, words);
	if (n == ask->words) {
		return true;
	}
	int error = n < 0 ? errno : EMBBADDATA;
	*fault = fault_of(error);
	return tell(link, ask, *fault, error, err);
}
