/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of the DNP/Citizen dye-sub language: a command is 32 ASCII bytes, of which the last
 * eight say how long the payload is that follows; an answer is its length in eight digits, then so
 * many bytes. Pure: knows no device.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNP_FRAME_BYTES  32
#define DNP_LENGTH_BYTES 8
#define DNP_REPLY_MAX    1024 /* the longest known, of SENSOR, has about 250 bytes */
#define DNP_NO_PAYLOAD   (-1)

/* "ESC P", the two words, the payload's length. Words longer than 6 and 16 are our own mistake. */
void dnp_frame_make(
	uint8_t frame[DNP_FRAME_BYTES], const char *group, const char *name, int64_t payload_bytes);
/* How long the payload of an answer is, by its eight digits; false where they are none, or say more
 * than DNP_REPLY_MAX. */
bool dnp_frame_length(const uint8_t digits[DNP_LENGTH_BYTES], size_t *n_bytes);
/* An answer as text: up to the first CR, without blanks at its end; what can't be shown becomes
 * '?'. Always with its NUL. */
void dnp_reply_text(const uint8_t *bytes, size_t n_bytes, char *text, size_t size);
/* The number whose digits begin at `at`, at most `most_digits` of them; false where there is none,
 * or something else than blanks or a sign of its end follows. */
bool dnp_reply_number(const char *text, size_t at, size_t most_digits, int64_t *value);
/* The number of one key of SENSOR's answer, "HDT-028; MDT-024;HMD-045 ". */
bool dnp_reply_sensor(const char *text, const char *key, int64_t *value);
