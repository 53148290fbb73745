/* SPDX-License-Identifier: Apache-2.0
 *
 * `platen-worker thumb`: small pictures of rendered pages, for the live page. It stands in the
 * render role's cage, with the channel added, before it has seen a byte of any picture.
 *  1. THUMB_TASK {"id","side_px"} with two descriptors: the raster, an empty file for the JPEG.
 *  2. THUMB_DONE {"id"}, or with err.
 * The same for COMPARE_TASK with two rasters: COMPARE_DONE says how many pixels differ.
 * The end of the channel ends it.
 */
#include "base/log.h"
#include "base/mem.h"
#include "render/encode.h"
#include "render/render.h"
#include "worker/channel.h"
#include "worker/sandbox.h"
#include "worker/shrink.h"
#include "worker/worker.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define SIDE_MAX      1024
#define PAGE_SIDE_MAX 30000 /* no page is larger: none is made smaller */
#define MEMORY_BYTES  (INT64_C(1024) * 1024 * 1024)
#define FILE_BYTES    (INT64_C(4) * 1024 * 1024)
#define OPEN_FILES    64
#define THUMB_DPI     96
#define CALLS_MAX     128

static bool map_raster(int fd, struct bytes *file, struct err *err)
{
	struct stat about;
	if (fstat(fd, &about) != 0 || about.st_size <= 0) {
		return err_set(err, REMEDY_REDO, "raster-missing", "the rendered page is empty");
	}
	void *map = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		return err_set(err, REMEDY_RETRY, "raster-unreadable", "it can't be mapped");
	}
	*file = (struct bytes){map, (size_t)about.st_size};
	return true;
}

static void unmap_raster(struct bytes file)
{
	munmap((void *)(uintptr_t)file.at, file.len);
}

static bool make(int raster_fd, int output_fd, int32_t side_px, struct err *err)
{
	struct bytes file;
	struct small small = {0};
	struct encode_shape shape = {
		.format = FORMAT_JPEG, .channels = 3, .x_dpi = THUMB_DPI, .y_dpi = THUMB_DPI};
	struct sink sink;
	char hash[HASH_HEX_MAX];
	int64_t bytes;
	if (!map_raster(raster_fd, &file, err)) {
		return false;
	}
	bool fine = shrink(file, side_px, &small, err);
	if (fine) {
		shape.width_px = small.width_px;
		shape.height_px = small.height_px;
		sink_init(&sink, output_fd);
		fine = jpeg_write(&sink, &shape, small.rgb, err) &&
		       sink_finish(&sink, hash, &bytes, err);
		sink_fini(&sink);
	}
	free(small.rgb);
	unmap_raster(file);
	return fine;
}

/* ---- two pages ---- */

struct page { /* a whole one, as a screen would show it */
	struct small rgb;
	char sha256[HASH_HEX_MAX];
};

static bool page_read(int fd, struct page *page, struct err *err)
{
	struct bytes file;
	if (!map_raster(fd, &file, err)) {
		return false;
	}
	hash_hex_of(file.at, file.len, page->sha256);
	bool fine = shrink(file, PAGE_SIDE_MAX, &page->rgb, err);
	unmap_raster(file);
	return fine;
}

static void count_differing(
	const struct small *a, const struct small *b, int64_t *differing, int *most)
{
	int64_t n = (int64_t)a->width_px * a->height_px;
	for (int64_t i = 0; i < n; i++) {
		int worst = 0;
		for (int64_t c = 3 * i; c < 3 * i + 3; c++) {
			int by = abs(a->rgb[c] - b->rgb[c]);
			worst = by > worst ? by : worst;
		}
		*differing += worst > 0;
		*most = worst > *most ? worst : *most;
	}
}

static bool compare(const struct message *message, json_t *body, struct err *err)
{
	struct page then = {0}, now = {0};
	int64_t differing = 0;
	int most = 0;
	bool fine = page_read(message->fds[0], &then, err) && page_read(message->fds[1], &now, err);
	if (fine && (then.rgb.width_px != now.rgb.width_px ||
			    then.rgb.height_px != now.rgb.height_px)) {
		fine = err_set(err, REMEDY_REDO, "raster-damaged", "the pages' sizes differ");
	}
	if (fine) {
		count_differing(&then.rgb, &now.rgb, &differing, &most);
		json_object_set_new(body, "pixels",
			json_integer((json_int_t)then.rgb.width_px * then.rgb.height_px));
		json_object_set_new(body, "differing", json_integer(differing));
		json_object_set_new(body, "most", json_integer(most));
		json_object_set_new(body, "sha256", json_string(then.sha256));
	}
	free(then.rgb.rgb);
	free(now.rgb.rgb);
	return fine;
}

static bool answer_compare(int channel_fd, const struct message *message, struct err *err)
{
	struct err failed;
	json_t *body = json_pack("{sO?}", "id", json_object_get(message->body, "id"));
	bool fine = message->n_fds >= 2 ||
		    err_set(&failed, REMEDY_RETRY, "render-files", "descriptors are missing");
	fine = fine && compare(message, body, &failed);
	if (!fine) {
		json_object_set_new(body, "err", err_to_json(&failed));
	}
	bool said = channel_send(channel_fd, FRAME_COMPARE_DONE, body, NULL, 0, err);
	json_decref(body);
	return said;
}

static bool answer(int channel_fd, const struct message *message, struct err *err)
{
	int64_t id = 0, side_px = 0;
	struct err failed;
	json_t *body = json_object();
	bool fine = json_need_int(message->body, "id", 0, INT64_MAX, &id, &failed) &&
		    json_need_int(message->body, "side_px", 1, SIDE_MAX, &side_px, &failed);
	if (fine && message->n_fds < 2) {
		fine = err_set(&failed, REMEDY_RETRY, "render-files", "descriptors are missing");
	}
	fine = fine && make(message->fds[0], message->fds[1], (int32_t)side_px, &failed);
	json_object_set_new(body, "id", json_integer(id));
	if (!fine) {
		json_object_set_new(body, "err", err_to_json(&failed));
	}
	bool said = channel_send(channel_fd, FRAME_THUMB_DONE, body, NULL, 0, err);
	json_decref(body);
	return said;
}

static bool enter_cage(struct err *err)
{
	static const struct sandbox_call channel[] = {
		{"recvmsg", SANDBOX_ALLOW},
		{"sendmsg", SANDBOX_ALLOW},
		{"poll", SANDBOX_ALLOW},
		{"ppoll", SANDBOX_ALLOW},
	};
	struct sandbox_call calls[CALLS_MAX];
	size_t n = sandbox_render.n_calls;
	size_t more = sizeof channel / sizeof *channel;
	if (n + more > CALLS_MAX) {
		return err_set(err, REMEDY_FATAL, "sandbox", "the table of calls is too long");
	}
	memcpy(calls, sandbox_render.calls, n * sizeof *calls);
	memcpy(calls + n, channel, sizeof channel);
	struct sandbox_role role = {"thumb", calls, n + more};
	struct sandbox_limits limits = {
		.memory_bytes = MEMORY_BYTES, .file_bytes = FILE_BYTES, .open_files = OPEN_FILES};
	return sandbox_enter(&role, &limits, NULL, 0, getppid(), err);
}

int thumb_main(int channel_fd)
{
	struct err err;
	signal(SIGPIPE, SIG_IGN);
	bool fine = render_warm("platen-worker", &err) && enter_cage(&err);
	while (fine) {
		struct message message = {0};
		fine = channel_receive(channel_fd, &message, &err);
		if (fine && message.type == FRAME_COMPARE_TASK) {
			fine = answer_compare(channel_fd, &message, &err);
		} else if (fine && message.type == FRAME_THUMB_TASK) {
			fine = answer(channel_fd, &message, &err);
		}
		message_fini(&message);
	}
	if (err.remedy != REMEDY_DROP) {
		log_error("thumb", "ended: %s", err.text);
	}
	_exit(err.remedy == REMEDY_DROP ? EX_OK : EX_SOFTWARE);
}
