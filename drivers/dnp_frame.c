/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands made, answers read: every byte of an answer is the printer's, and is bounded here.
 */
#include "drivers/dnp_frame.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GROUP_AT   2
#define NAME_AT    8
#define LENGTH_AT  24
#define DIGITS_MAX 9

void dnp_frame_make(
	uint8_t frame[DNP_FRAME_BYTES], const char *group, const char *name, int64_t payload_bytes)
{
	char digits[24];
	assert(strlen(group) <= NAME_AT - GROUP_AT && strlen(name) <= LENGTH_AT - NAME_AT);
	assert(payload_bytes < 100000000);
	memset(frame, ' ', DNP_FRAME_BYTES);
	frame[0] = 0x1b;
	frame[1] = 'P';
	memcpy(frame + GROUP_AT, group, strlen(group));
	memcpy(frame + NAME_AT, name, strlen(name));
	if (payload_bytes >= 0) {
		snprintf(digits, sizeof digits, "%08" PRId64, payload_bytes);
		memcpy(frame + LENGTH_AT, digits, DNP_LENGTH_BYTES);
	}
}

bool dnp_frame_length(const uint8_t digits[DNP_LENGTH_BYTES], size_t *n_bytes)
{
	size_t value = 0;
	for (int i = 0; i < DNP_LENGTH_BYTES; i++) {
		if (digits[i] < '0' || digits[i] > '9') {
			return false;
		}
		value = value * 10 + (size_t)(digits[i] - '0');
	}
	*n_bytes = value;
	return value <= DNP_REPLY_MAX;
}

void dnp_reply_text(const uint8_t *bytes, size_t n_bytes, char *text, size_t size)
{
	size_t len = 0;
	while (len < n_bytes && len < size - 1 && bytes[len] != '\r' && bytes[len] != '\0') {
		bool is_plain = bytes[len] >= ' ' && bytes[len] <= '~';
		text[len] = is_plain ? (char)bytes[len] : '?';
		len++;
	}
	while (len > 0 && text[len - 1] == ' ') {
		len--;
	}
	text[len] = '\0';
}

bool dnp_reply_number(const char *text, size_t at, size_t most_digits, int64_t *value)
{
	size_t len = strlen(text);
	size_t n = 0;
	int64_t sum = 0;
	while (at < len && text[at] == ' ') {
		at++;
	}
	while (at + n < len && n < most_digits && n < DIGITS_MAX && text[at + n] >= '0' &&
		text[at + n] <= '9') {
		sum = sum * 10 + (text[at + n] - '0');
		n++;
	}
	if (n == 0 || (n < most_digits && at + n < len && strchr(" ;,", text[at + n]) == NULL)) {
		return false;
	}
	*value = sum;
	return true;
}

bool dnp_reply_sensor(const char *text, const char *key, int64_t *value)
{
	size_t len = strlen(key);
	while (*text != '\0') {
		text += strspn(text, " ;");
		if (strncmp(text, key, len) == 0 && text[len] == '-') {
			return dnp_reply_number(text, len + 1, DIGITS_MAX, value);
		}
		text += strcspn(text, ";");
	}
	return false;
}
