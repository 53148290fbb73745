/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the emulated dye-sub share. Nobody else includes this.
 */
#pragma once
#include "tests/rig/dnp.h"
#include "tests/rig/dnp_engine.h"

#define FRAME_BYTES 32
#define SMALL_MAX   64
#define CHUNKS_MAX  32
#define CHUNK_MAX   400

enum rubbish { RUBBISH_NONE, RUBBISH_LENGTH, RUBBISH_LONG, RUBBISH_TEXT };

struct chunk { /* one transfer to the host */
	uint8_t bytes[CHUNK_MAX];
	int n;
};

struct dnp_emulator {
	struct engine engine;
	struct dnp_engine_page page; /* what the next START takes */
	int planes;                  /* which have come: bits */
	/* what it is */
	char maker[32], title[32], serial[32], firmware[16], lot[16];
	unsigned vendor, product;
	bool usb_serial;
	/* the frame that is coming */
	uint8_t frame[FRAME_BYTES];
	int frame_bytes;
	int64_t payload_bytes, payload_got;
	uint8_t small[SMALL_MAX];
	struct hash *hash;
	/* answers */
	struct chunk chunks[CHUNKS_MAX];
	int n_chunks, given;
	bool is_mute, forgets_start;
	enum rubbish rubbish;
	int64_t swallowed_frames; /* commands that stood in a plane */
};

/* ---- dnp_port.c: bytes in, answers out ---- */
int dnp_port_out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms);
int dnp_port_in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms);
int dnp_port_control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms);
/* The port forgets; the engine prints on. */
void dnp_port_reset(void *own, int64_t now_ms);
