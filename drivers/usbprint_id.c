/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a device id and a port's status. Both are the device's word: every length is checked, and
 * what can't be seen is escaped.
 */
#include "drivers/usbprint_id.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ID_LENGTH_LEAST 14 /* of one that says anything: "MFG:a;MDL:b;" and its length */

/* ---- the device id ---- */

/* Its first two bytes, themselves counted: the high one first, but some devices turn them round. */
static size_t length_of(const uint8_t *bytes, size_t n_bytes)
{
	size_t said = (size_t)bytes[0] << 8 | bytes[1];
	size_t turned = (size_t)bytes[1] << 8 | bytes[0];
	if (said >= ID_LENGTH_LEAST && said <= n_bytes) {
		return said;
	}
	return turned >= ID_LENGTH_LEAST && turned <= n_bytes ? turned : n_bytes;
}

struct pair {
	const char *key, *value;
	size_t key_len, value_len;
};

/* The next "KEY:value;" of what is left; false when there is none. */
static bool next_pair(const char **at, const char *end, struct pair *pair)
{
	while (*at < end && (**at == ' ' || **at == ';' || **at == '\n' || **at == '\r')) {
		(*at)++;
	}
	const char *stop = memchr(*at, ';', (size_t)(end - *at));
	stop = stop == NULL ? end : stop;
	const char *colon = memchr(*at, ':', (size_t)(stop - *at));
	if (colon == NULL) {
		return false;
	}
	*pair = (struct pair){.key = *at,
		.key_len = (size_t)(colon - *at),
		.value = colon + 1,
		.value_len = (size_t)(stop - colon - 1)};
	*at = stop;
	return true;
}

static bool key_is(const struct pair *pair, const char *word)
{
	return strlen(word) == pair->key_len && strncasecmp(pair->key, word, pair->key_len) == 0;
}

static void take_value(const struct pair *pair, char *out, size_t size)
{
	char raw[129] = "";
	size_t len = pair->value_len < sizeof raw ? pair->value_len : sizeof raw - 1;
	memcpy(raw, pair->value, len);
	while (len > 0 && raw[len - 1] == ' ') {
		raw[--len] = '\0';
	}
	text_escape(out, size, raw + strspn(raw, " "));
}

void printer_id_read(const uint8_t *bytes, size_t n_bytes, struct printer_id *id)
{
	char maker[64] = "";
	char model[64] = "";
	const struct {
		const char *words[3];
		char *out;
		size_t size;
	} wanted[] = {
		{{"MFG", "MANUFACTURER", NULL}, maker, sizeof maker},
		{{"MDL", "MODEL", NULL}, model, sizeof model},
		{{"SN", "SERN", "SERIALNUMBER"}, id->serial, sizeof id->serial},
	};
	*id = (struct printer_id){.title = ""};
	if (n_bytes < ID_LENGTH_LEAST) {
		return;
	}
	const char *at = (const char *)bytes + 2;
	const char *end = (const char *)bytes + length_of(bytes, n_bytes);
	for (struct pair pair; next_pair(&at, end, &pair);) {
		for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
			for (size_t k = 0; k < 3 && wanted[i].words[k] != NULL; k++) {
				if (key_is(&pair, wanted[i].words[k])) {
					take_value(&pair, wanted[i].out, wanted[i].size);
				}
			}
		}
	}
	snprintf(id->title, sizeof id->title, "%s%s%s", maker,
		maker[0] != '\0' && model[0] != '\0' ? " " : "", model);
}

/* ---- the port's status ---- */

enum { PORT_NOT_ERROR = 1 << 3, PORT_SELECTED = 1 << 4, PORT_PAPER_EMPTY = 1 << 5 };

static void add_reason(struct device_status *status, const char *reason)
{
	status->state = DEVICE_STOPPED;
	text_copy(status->reasons[status->n_reasons++], sizeof status->reasons[0], reason);
}

void port_status_read(uint8_t bits, struct device_status *status)
{
	status->state = DEVICE_IDLE;
	if ((bits & PORT_PAPER_EMPTY) != 0) {
		add_reason(status, "media-empty");
	} else if ((bits & PORT_NOT_ERROR) == 0) {
		add_reason(status, "other-error");
		text_copy(status->message, sizeof status->message,
			"it reports an error, and not which");
	} else if ((bits & PORT_SELECTED) == 0) {
		add_reason(status, "paused");
	}
}
