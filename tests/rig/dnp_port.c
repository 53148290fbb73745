/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames in, answers out. Its tables of sizes and papers are its own, typed anew, so that a slip in
 * the driver's shows.
 */
#include "tests/rig/dnp_own.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 1088

/* ---- what it knows of paper ---- */

static const struct {
	int code, columns, rows;
} sizes[] = {{1, 1920, 1088}, {2, 1920, 1240}, {3, 1920, 2138}, {4, 1920, 2436}, {5, 1920, 2740},
	{6, 2560, 3036}, {7, 2560, 3636}, {8, 2560, 1236}, {9, 2560, 1536}, {10, 2560, 1836},
	{11, 2560, 2436}, {12, 1920, 2498}, {13, 2560, 2502}, {14, 2560, 3102}, {15, 2560, 3702},
	{21, 2560, 3544}, {22, 1920, 2176}, {27, 1920, 1836}, {29, 1920, 1540}, {30, 1920, 1386},
	{31, 1920, 2802}, {32, 2560, 2136}, {33, 2560, 2736}, {34, 2560, 1784}, {35, 2560, 3598},
	{36, 2560, 1236}, {37, 2560, 1536}, {38, 2560, 1836}, {39, 2560, 2436}, {40, 2560, 3036},
	{41, 2560, 3544}, {43, 2560, 3102}};

static const struct {
	int media;
	const char *codes;
} papers[] = {{200, " 1 "}, {210, " 1 3 22 29 401 "}, {300, " 2 "}, {310, " 2 4 12 27 30 402 "},
	{400, " 2 4 5 12 27 30 31 402 430 "}, {500, " 6 8 9 10 11 13 14 16 17 32 33 408 409 "},
	{510, " 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 32 33 408 409 410 "},
	{600, " 34 35 36 37 38 39 40 41 42 43 434 437 "}};

static bool paper_takes(int media, int code)
{
	char word[16];
	snprintf(word, sizeof word, " %d ", code);
	for (size_t i = 0; i < sizeof papers / sizeof papers[0]; i++) {
		if (papers[i].media == media) {
			return strstr(papers[i].codes, word) != NULL;
		}
	}
	return false;
}

static bool length_is_right(int code, int64_t n_bytes)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		int64_t pixels = (int64_t)sizes[i].columns * sizes[i].rows;
		if (sizes[i].code == code % 400) {
			return n_bytes == pixels + HEAD_BYTES || n_bytes == 2 * pixels + HEAD_BYTES;
		}
	}
	return false;
}

/* ---- answers ---- */

static void give(struct dnp_emulator *it, const void *bytes, int n)
{
	if (it->n_chunks < CHUNKS_MAX && n <= CHUNK_MAX) {
		struct chunk *chunk = &it->chunks[it->n_chunks++];
		memcpy(chunk->bytes, bytes, (size_t)n);
		chunk->n = n;
	}
}

static void answer(struct dnp_emulator *it, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void answer(struct dnp_emulator *it, const char *format, ...)
{
	static const char *const lengths[] = {NULL, "12-45678", "99999999", NULL};
	char text[CHUNK_MAX];
	char digits[16];
	va_list values;
	va_start(values, format);
	int n = vsnprintf(text, sizeof text - 2, format, values);
	va_end(values);
	text[n++] = '\r';
	if (it->rubbish == RUBBISH_TEXT) {
		memset(text, 0xff, (size_t)n);
	}
	snprintf(digits, sizeof digits, "%08d", n);
	if (lengths[it->rubbish] != NULL) {
		memcpy(digits, lengths[it->rubbish], 8);
	}
	give(it, digits, 8);
	give(it, text, n);
}

static bool is_old(const struct dnp_emulator *it)
{
	return it->vendor == 0x1343 && it->product <= 0x0008;
}

/* What its count of paper has on top of the prints it is good for. */
static int kept_back(const struct dnp_emulator *it)
{
	bool says_so = it->product == 0x9001 || it->product == 0x000b ||
		       (it->product == 0x0005 && it->firmware[0] >= '2');
	return says_so ? 20 : is_old(it) ? 50 : 0;
}

static void answer_info(struct dnp_emulator *it, const char *name, int64_t now_ms)
{
	const struct engine *engine = &it->engine;
	int64_t left = dnp_engine_shown_left(engine, now_ms);
	if (strcmp(name, "FVER") == 0) {
		answer(it, "%s %s", it->title, it->firmware);
	} else if (strcmp(name, "SERIAL_NUMBER") == 0) {
		answer(it, "%s    ", it->serial);
	} else if (strcmp(name, "MEDIA") == 0) {
		answer(it, "MED-%03d", engine->media);
	} else if (strcmp(name, "MLOT") == 0) {
		answer(it, it->lot[0] == '\0' ? "%s" : "L-%s", it->lot);
	} else if (strcmp(name, "MQTY") == 0) {
		answer(it, "MQT-%04" PRId64,
			left > 0 ? left + kept_back(it) - (is_old(it) ? 1 : 0) : 0);
	} else if (strcmp(name, "MEDIA_OFFSET") == 0 && kept_back(it) == 20) {
		answer(it, "OFS-%04d", kept_back(it));
	} else if (strcmp(name, "MQTY_DEFAULT") == 0) {
		answer(it, "MQD-%04d", 400);
	} else if (strcmp(name, "RQTY") == 0) {
		answer(it, "RQT-%04" PRId64, left * 2 + (engine->half_waits ? 1 : 0));
	} else if (strcmp(name, "PQTY") == 0) {
		answer(it, "PQT-%04" PRId64, dnp_engine_in_work(engine));
	} else if (strcmp(name, "FREE_PBUFFER") == 0) {
		answer(it, "FPB%" PRId64, dnp_engine_free_buffers(engine));
	} else if (strcmp(name, "SENSOR") == 0) {
		answer(it, "HDT-031; MDT-027; HMD-045; PJM-0");
	}
}

/* ---- commands ---- */

static void take_plane(struct dnp_emulator *it, int plane)
{
	hash_take_hex(it->hash, it->page.planes[plane]);
	if (!length_is_right(it->page.code, it->payload_bytes)) {
		it->engine.refused = 1600;
		it->planes = 0;
		it->engine.is_loaded = false;
		return;
	}
	it->planes |= 1 << plane;
	it->engine.is_loaded = it->planes == 7;
}

static void take_multicut(struct dnp_emulator *it, int code)
{
	it->page.code = code;
	it->planes = 0;
	it->engine.is_loaded = false;
	it->engine.refused = paper_takes(it->engine.media, code) ? 0 : 1500;
}

static void start(struct dnp_emulator *it, int64_t now_ms)
{
	bool is_fit = it->engine.refused == 0 && !it->forgets_start;
	it->forgets_start = false;
	if (is_fit) {
		dnp_engine_start(&it->engine, &it->page, now_ms);
	}
	it->planes = 0;
	it->engine.is_loaded = false;
}

static void obey_control(struct dnp_emulator *it, const char *name, int64_t now_ms)
{
	int value = atoi((const char *)it->small);
	if (strcmp(name, "QTY") == 0) {
		it->page.count = value;
	} else if (strcmp(name, "BUFFCNTRL") == 0) {
		it->page.resumes = value == 1;
	} else if (strcmp(name, "OVERCOAT") == 0) {
		it->page.coat = value;
	} else if (strcmp(name, "CUTTER") == 0) {
		it->page.cutter = value;
	} else if (strcmp(name, "CANCEL") == 0) {
		it->planes = 0;
		dnp_engine_cancel(&it->engine);
	} else if (strcmp(name, "START") == 0) {
		start(it, now_ms);
	}
}

static void word_at(const uint8_t *frame, int at, int n, char *word)
{
	memcpy(word, frame + at, (size_t)n);
	word[n] = '\0';
	for (int i = n - 1; i >= 0 && word[i] == ' '; i--) {
		word[i] = '\0';
	}
}

static int plane_of(const char *name)
{
	static const char *const names[] = {"YPLANE", "MPLANE", "CPLANE"};
	for (int i = 0; i < 3; i++) {
		if (strcmp(names[i], name) == 0) {
			return i;
		}
	}
	return -1;
}

static void obey(struct dnp_emulator *it, int64_t now_ms)
{
	char group[8];
	char name[20];
	word_at(it->frame, 2, 6, group);
	word_at(it->frame, 8, 16, name);
	dnp_engine_run(&it->engine, now_ms);
	if (it->frame[0] != 0x1b || it->frame[1] != 'P') {
		it->engine.refused = 1600;
	} else if (it->is_mute) {
		return;
	} else if (strcmp(group, "STATUS") == 0) {
		answer(it, "%05d", dnp_engine_status(&it->engine, now_ms));
	} else if (strcmp(group, "INFO") == 0) {
		answer_info(it, name, now_ms);
	} else if (strcmp(group, "MNT_RD") == 0 && strcmp(name, "COUNTER_LIFE") == 0) {
		answer(it, "L-%07" PRId64, dnp_engine_shown_life(&it->engine, now_ms));
	} else if (strcmp(group, "CNTRL") == 0) {
		obey_control(it, name, now_ms);
	} else if (strcmp(group, "IMAGE") == 0 && strcmp(name, "MULTICUT") == 0) {
		take_multicut(it, atoi((const char *)it->small));
	} else if (strcmp(group, "IMAGE") == 0 && plane_of(name) >= 0) {
		take_plane(it, plane_of(name));
	}
}

/* ---- bytes ---- */

static bool is_plane(const struct dnp_emulator *it)
{
	return memcmp(it->frame + 2, "IMAGE ", 6) == 0 && memcmp(it->frame + 9, "PLANE", 5) == 0;
}

static void begin_payload(struct dnp_emulator *it)
{
	char digits[12];
	word_at(it->frame, 24, 8, digits);
	it->payload_bytes = digits[0] == '\0' ? 0 : atoll(digits);
	it->payload_got = 0;
	memset(it->small, 0, sizeof it->small);
}

static int take_payload(struct dnp_emulator *it, const uint8_t *bytes, int n, int64_t now_ms)
{
	int64_t rest = it->payload_bytes - it->payload_got;
	int took = n < rest ? n : (int)rest;
	if (is_plane(it)) {
		if (it->engine.n_jobs == ENGINE_BUFFERS) {
			return RIG_NAK;
		}
		hash_add(it->hash, bytes, (size_t)took);
		it->swallowed_frames += took == FRAME_BYTES && bytes[0] == 0x1b;
	}
	for (int i = 0; i < took && it->payload_got + i < SMALL_MAX - 1; i++) {
		it->small[it->payload_got + i] = bytes[i];
	}
	it->payload_got += took;
	if (it->payload_got == it->payload_bytes) {
		it->frame_bytes = 0;
		obey(it, now_ms);
	}
	return took;
}

static int take_frame(struct dnp_emulator *it, const uint8_t *bytes, int n, int64_t now_ms)
{
	int took = 0;
	while (took < n && it->frame_bytes < FRAME_BYTES) {
		it->frame[it->frame_bytes++] = bytes[took++];
	}
	if (it->frame_bytes == FRAME_BYTES) {
		char emptied[HASH_HEX_MAX];
		hash_take_hex(it->hash, emptied);
		begin_payload(it);
		if (it->payload_bytes == 0) {
			it->frame_bytes = 0;
			obey(it, now_ms);
		}
	}
	return took;
}

int dnp_port_out(void *own, uint8_t endpoint, const uint8_t *bytes, int n, int64_t now_ms)
{
	struct dnp_emulator *it = own;
	(void)endpoint;
	int took = 0;
	while (took < n) {
		int next = it->frame_bytes == FRAME_BYTES
				   ? take_payload(it, bytes + took, n - took, now_ms)
				   : take_frame(it, bytes + took, n - took, now_ms);
		if (next < 0) {
			return took > 0 ? took : next;
		}
		took += next;
	}
	return took;
}

int dnp_port_in(void *own, uint8_t endpoint, uint8_t *bytes, int room, int64_t now_ms)
{
	struct dnp_emulator *it = own;
	(void)endpoint;
	(void)now_ms;
	if (it->n_chunks == 0) {
		return RIG_NAK;
	}
	struct chunk *first = &it->chunks[0];
	int n = first->n - it->given < room ? first->n - it->given : room;
	memcpy(bytes, first->bytes + it->given, (size_t)n);
	it->given += n;
	if (it->given == first->n) {
		it->given = 0;
		it->n_chunks--;
		memmove(it->chunks, it->chunks + 1, (size_t)it->n_chunks * sizeof it->chunks[0]);
	}
	return n;
}

int dnp_port_control(void *own, const uint8_t setup[8], uint8_t *bytes, int n, int64_t now_ms)
{
	(void)own;
	(void)setup;
	(void)bytes;
	(void)n;
	(void)now_ms;
	return RIG_STALL;
}

void dnp_port_reset(void *own, int64_t now_ms)
{
	struct dnp_emulator *it = own;
	(void)now_ms;
	it->frame_bytes = 0;
	it->n_chunks = it->given = 0;
	it->planes = 0;
	it->engine.is_loaded = false;
}
