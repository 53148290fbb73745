/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a Sinfonia CHC-S2145, pure: commands made, replies taken apart. All little endian.
 * A command is a code, the length of the rest, and the rest; a reply has a head of ten bytes, which
 * does not say what it answers, and what the head promises.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define S2145_BANKS       2
#define S2145_ID_MAX      127 /* job ids are 1..127 */
#define S2145_MEDIA_MAX   10
#define S2145_HEAD_BYTES  10
#define S2145_REPLY_MAX   512 /* with its head; the longest that is known has 111 */
#define S2145_COMMAND_MAX 32
#define S2145_NAME_MAX    49
#define S2145_PIXEL_BYTES 3

enum s2145_code {
	S2145_STATUS = 0x0001,
	S2145_MEDIA = 0x0002,
	S2145_MODEL = 0x0003,
	S2145_PRINT = 0x4001,
	S2145_CANCEL = 0x4002,
	S2145_UNIQUE = 0x8003,
	S2145_FIRMWARE = 0xC003,
};

struct s2145_head {
	bool ok; /* it did what was asked */
	uint8_t error, major, minor;
	uint8_t state; /* what it is doing */
	size_t payload_bytes;
};

enum s2145_bank_state { S2145_BANK_FREE, S2145_BANK_FILLS, S2145_BANK_FULL };

struct s2145_bank {
	uint8_t id; /* of the job that has it, or had it last */
	uint8_t state;
	uint16_t remaining, finished, specified; /* copies */
};

struct s2145_state {
	struct s2145_head head;
	bool counts; /* false: it said no more than the head */
	uint32_t lifetime, maintenance, paper, cutter, print_head, ribbon_left;
	struct s2145_bank banks[S2145_BANKS];
	uint8_t tone; /* 0 as built, 1 the user's, 2 the present one */
};

struct s2145_medium { /* one size that the loaded ribbon and paper give */
	uint8_t code, type, method;
	uint16_t columns, rows;
};

struct s2145_media {
	struct s2145_medium list[S2145_MEDIA_MAX];
	size_t n;
};

enum s2145_method { S2145_WHOLE = 0, S2145_TWO_UP = 2, S2145_SPLIT = 4 };
enum s2145_overcoat { S2145_COAT_DEFAULT = 1, S2145_COAT_GLOSS = 2, S2145_COAT_MATTE = 4 };

struct s2145_job {
	uint8_t id;
	uint16_t copies;
	struct s2145_medium medium;
	uint8_t overcoat;
};

/* ---- commands: how many bytes they have ---- */
size_t s2145_command(
	enum s2145_code code, const uint8_t *rest, size_t n_rest, uint8_t out[S2145_COMMAND_MAX]);
size_t s2145_print_command(const struct s2145_job *job, uint8_t out[S2145_COMMAND_MAX]);

/* ---- replies: false where they are not what they must be ---- */
/* The first ten bytes. False when it promises more than S2145_REPLY_MAX in all, or says neither
 * yes nor no. */
must_use bool s2145_take_head(const uint8_t bytes[S2145_HEAD_BYTES], struct s2145_head *head);
/* The payload of a reply whose head was taken, or NULL and 0. */
must_use bool s2145_take_state(const struct s2145_head *head, const uint8_t *payload,
	size_t n_payload, struct s2145_state *state);
must_use bool s2145_take_media(const uint8_t *payload, size_t n_payload, struct s2145_media *media);
must_use bool s2145_take_model(const uint8_t *payload, size_t n_payload, char name[S2145_NAME_MAX]);
must_use bool s2145_take_unique(
	const uint8_t *payload, size_t n_payload, char unique[S2145_NAME_MAX]);
must_use bool s2145_take_firmware(
	const uint8_t *payload, size_t n_payload, char version[S2145_NAME_MAX]);

/* The bank that such a job has; -1: none. A free one keeps the id of its last job. */
int s2145_bank_of(const struct s2145_state *state, int32_t id);
bool s2145_bank_is_used(const struct s2145_bank *bank);
int s2145_banks_used(const struct s2145_state *state);
