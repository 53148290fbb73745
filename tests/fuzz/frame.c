/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the stream of a worker, whole and in small pieces: both give the same frames, and
 * each frame put again gives the bytes that it came from.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/frame.h"
#include <string.h>

/* Reads frames from `in` as far as they go, adds each to `out` again; false when the channel ends.
 */
static bool take(struct buf *in, struct buf *out)
{
	struct buf body = {0};
	struct frame frame;
	size_t used;
	struct err err = {.text = ""};
	enum frame_found found;
	while ((found = frame_get(buf_get(in), in->len, &body, &frame, &used, &err)) == FRAME_ONE) {
		fuzz_must(used == FRAME_HEAD_BYTES + frame.len && used <= in->len);
		fuzz_must(frame.len <= FRAME_BODY_MAX && frame.body[frame.len] == '\0');
		size_t before = out->len;
		frame_put(out, frame.type, frame.body, frame.len);
		fuzz_must(out->len - before == used);
		fuzz_must(memcmp(out->bytes + before, in->bytes, used) == 0);
		buf_drop(in, used);
	}
	fuzz_must(found != FRAME_BAD || err.text[0] != '\0');
	buf_fini(&body);
	return found == FRAME_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct buf in = {0};
	struct buf whole = {0};
	buf_add(&in, bytes, len);
	take(&in, &whole);
	buf_clear(&in);
	struct buf pieces = {0};
	bool open = true;
	for (size_t at = 0; open && at < len;) {
		size_t piece = 1 + at % 7 < len - at ? 1 + at % 7 : len - at;
		buf_add(&in, bytes + at, piece);
		open = take(&in, &pieces);
		at += piece;
	}
	fuzz_must(whole.len == pieces.len);
	fuzz_must(memcmp(buf_get(&whole), buf_get(&pieces), whole.len) == 0);
	buf_fini(&in);
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
