/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/admin/assets: a photo comes in. Its bytes go to a file under incoming/ as they arrive,
 * hashed on the way; at the end it is synced, renamed to assets/ and noted. The same bytes are the
 * same asset, so that a repeated upload needs no key.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "orders/service.h"
#include "wire/picture.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct upload {
	struct service *service;
	struct hash *hash;
	int fd;
	int fault; /* errno of the first write that failed */
	int64_t bytes;
	char name[ULID_MAX];
};

static void upload_destroy(struct upload *upload)
{
	fd_close(upload->fd);
	unlinkat(upload->service->incoming, upload->name, 0); /* gone already when it was kept */
	hash_destroy(upload->hash);
	free(upload);
}

static void on_piece(void *context, struct request *request, const void *bytes, size_t len)
{
	struct upload *upload = request_kept(request);
	(void)context;
	hash_add(upload->hash, bytes, len);
	upload->bytes += (int64_t)len;
	if (upload->fault == 0 && !fd_write(upload->fd, bytes, len)) {
		upload->fault = errno;
	}
}

/* By the header alone: what the bytes are, floors find out. */
static bool find_format(struct call *call, enum picture_format *format)
{
	const char *type = request_header(call->request, "Content-Type");
	return type != NULL && picture_from_type(type, format);
}

static bool has_type(struct call *call)
{
	enum picture_format format;
	return find_format(call, &format) ||
	       refuse(call, 415, "media-type", "a photo must be one of " PICTURE_TYPES);
}

void upload_head(struct service *service, struct request *request)
{
	struct call call;
	call_init(&call, service, request);
	if (call.client[0] == '\0') {
		return; /* the body stays unread beyond the listener's bound */
	}
	if (request_body_bytes(request) > UPLOAD_BYTES_MAX) {
		refuse(&call, 413, "too-large", "a photo is at most 100 MiB");
		problem_answer(request, &call.problem);
		return;
	}
	if (strcmp(call.client, ADMIN_NAME) != 0 || !has_type(&call)) {
		/* the gate, or upload_post, says why */
		request_take_body(request, UPLOAD_BYTES_MAX, piece_drop);
		return;
	}
	struct upload *upload = mem_new(1, sizeof *upload);
	upload->service = service;
	upload->hash = hash_create();
	ulid_make(clock_wall_ms(), upload->name);
	upload->fd = openat(
		service->incoming, upload->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	upload->fault = upload->fd < 0 ? errno : 0;
	request_keep(request, upload);
	request_take_body(request, UPLOAD_BYTES_MAX, on_piece);
}

bool upload_is(struct request *request)
{
	return strcmp(request_path(request), "/v1/admin/assets") == 0 &&
	       request_kept(request) != NULL;
}

void upload_gone(struct request *request)
{
	upload_destroy(request_kept(request));
}

/* File first, row after: a row without its file can't exist. */
static bool keep_file(struct upload *upload, const char *id)
{
	struct service *service = upload->service;
	if (upload->fault == 0 &&
		(fsync(upload->fd) != 0 ||
			renameat(service->incoming, upload->name, service->assets, id) != 0 ||
			fsync(service->assets) != 0)) {
		upload->fault = errno;
	}
	return upload->fault == 0;
}

static void note_asset(
	struct call *call, const struct upload *upload, const char *id, const char *sha256)
{
	enum picture_format format = PICTURE_JPEG;
	(void)find_format(call, &format);              /* looked at before */
	const char *type = picture_media_type(format); /* its first name, by which floors ask */
	put(call->service,
		"INSERT INTO asset (id, sha256, bytes, media_type, added_wall_ms) "
		"VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
		"ttiti", id, sha256, upload->bytes, type, clock_wall_ms());
	call->status = 201;
	call->answer = json_pack("{s:{s:s, s:s, s:I, s:s}}", "asset", "id", id, "sha256", sha256,
		"bytes", (json_int_t)upload->bytes, "media_type", type);
}

void upload_post(struct call *call)
{
	struct upload *upload = request_kept(call->request);
	char sha256[HASH_HEX_MAX], id[TEXT_ID_MAX];
	if (!has_type(call)) {
		/* nothing was kept */
	} else if (upload == NULL || upload->bytes == 0) {
		refuse(call, 400, "field", "the body must be the photo's bytes");
	} else {
		hash_take_hex(upload->hash, sha256);
		snprintf(id, sizeof id, "a-%.40s", sha256);
		if (keep_file(upload, id)) {
			note_asset(call, upload, id, sha256);
		} else {
			log_error("assets", "can't be written error=%s", strerror(upload->fault));
			refuse(call, 503, "store", "the photo can't be stored just now: %s",
				strerror(upload->fault));
		}
	}
	if (upload != NULL) {
		request_keep(call->request, NULL);
		upload_destroy(upload);
	}
}
