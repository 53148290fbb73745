/* SPDX-License-Identifier: Apache-2.0
 *
 * PUT /v1/assets/SHA256: a file for a local order.
 *
 *  1. The head: the name is a hash, there is room, nobody else brings the same file.
 *  2. Each piece is written to spool/incoming and hashed.
 *  3. The whole: the hash is the name, or it is dropped.
 *  4. The spool keeps it (synced, renamed, folder synced) and tells; only then it is answered.
 *
 * A file that is here already is read and dropped, and answered at once.
 */
#include "base/fd.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct upload {
	struct link link;
	struct ask *ask; /* NULL once the client has left */
	struct spool *spool;
	char name[HASH_HEX_MAX];
	int fd; /* -1: kept or dropped */
	int64_t bytes;
	struct hash *hash;
	bool is_here;
};

static struct upload *upload_of(const struct ask *ask)
{
	list_each(link, &ask->desk->uploads)
	{
		struct upload *upload = list_entry(link, struct upload, link);
		if (upload->ask == ask) {
			return upload;
		}
	}
	return NULL;
}

static void destroy(struct upload *upload)
{
	if (upload->fd >= 0) {
		close(upload->fd);
		spool_drop(upload->spool, upload->name);
	}
	list_remove(&upload->link);
	hash_destroy(upload->hash);
	free(upload);
}

static void fail(struct upload *upload, const struct err *err)
{
	struct ask *ask = upload->ask;
	destroy(upload);
	answer_err(ask, err);
}

static void on_piece(void *context, struct request *request, const void *bytes, size_t len)
{
	(void)context;
	struct upload *upload = upload_of(request_kept(request));
	struct err err;
	if (upload == NULL) {
		return;
	}
	upload->bytes += (int64_t)len;
	hash_add(upload->hash, bytes, len);
	if (upload->is_here) {
		return;
	}
	if (!fd_write(upload->fd, bytes, len)) {
		spool_fault(upload->spool, errno, &err, "receiving", upload->name);
		fail(upload, &err);
	}
}

static bool is_under_way(const struct desk *desk, const char *name)
{
	list_each(link, &desk->uploads)
	{
		if (strcmp(list_entry(link, struct upload, link)->name, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool begin(struct upload *upload, int64_t bytes, struct err *err)
{
	int64_t have_bytes = 0;
	if (spool_has(upload->spool, SPOOL_ASSETS, upload->name, NULL)) {
		upload->is_here = true;
		return true;
	}
	if (!spool_has_room(upload->spool, bytes, err)) {
		return false;
	}
	upload->fd = spool_incoming(upload->spool, upload->name, bytes, &have_bytes, err);
	if (upload->fd >= 0 && have_bytes > 0) {
		close(upload->fd);
		upload->fd = -1;
		return err_set(err, REMEDY_RETRY, "busy",
			"the same file is being fetched for another job: try again soon");
	}
	return upload->fd >= 0;
}

void upload_head(struct ask *ask)
{
	struct err err;
	const char *name = ask->captures[0];
	int64_t bytes = request_body_bytes(ask->request);
	if (!hash_is_hex(name)) {
		err_set(&err, REMEDY_REJECT, "field",
			"the asset's name must be its SHA-256, in 64 lower-case digits");
		answer_err(ask, &err);
		return;
	}
	if (is_under_way(ask->desk, name)) {
		err_set(&err, REMEDY_RETRY, "busy", "the same file is being brought just now");
		answer_err(ask, &err);
		return;
	}
	struct upload *upload = mem_new(1, sizeof *upload);
	*upload = (struct upload){
		.ask = ask, .spool = farm_spool(ask->desk->farm), .fd = -1, .hash = hash_create()};
	text_copy(upload->name, sizeof upload->name, name);
	list_append(&ask->desk->uploads, &upload->link);
	if (!begin(upload, bytes, &err)) {
		fail(upload, &err);
		return;
	}
	int64_t most_bytes, pixels;
	picture_policy_most(farm_conf_of(ask->desk->farm)->formats, &most_bytes, &pixels);
	request_take_body(ask->request, most_bytes, on_piece);
}

static json_t *answer_of(const struct upload *upload)
{
	return json_pack("{ss sI}", "sha256", upload->name, "bytes", (json_int_t)upload->bytes);
}

static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct upload *upload = context;
	struct ask *ask = upload->ask;
	(void)id;
	(void)name;
	json_t *answer = answer_of(upload);
	destroy(upload);
	if (ask == NULL) {
		json_decref(answer); /* the client left; the file is here all the same */
	} else if (err != NULL) {
		json_decref(answer);
		answer_err(ask, err);
	} else {
		answer_json(ask, 201, answer);
	}
}

void upload_whole(struct ask *ask)
{
	struct upload *upload = upload_of(ask);
	struct err err;
	char found[HASH_HEX_MAX];
	if (upload == NULL) { /* there was no body at all */
		err_set(&err, REMEDY_REJECT, "field", "the file is empty");
		answer_err(ask, &err);
		return;
	}
	hash_take_hex(upload->hash, found);
	if (strcmp(found, upload->name) != 0) {
		err_set(&err, REMEDY_REJECT, "asset-hash",
			"the bytes that came have the hash %.12s…, not %.12s…: send it again",
			found, upload->name);
		fail(upload, &err);
		return;
	}
	if (upload->is_here) {
		json_t *answer = answer_of(upload);
		destroy(upload);
		answer_json(ask, 200, answer);
		return;
	}
	int fd = upload->fd;
	upload->fd = -1;
	spool_keep_asset(upload->spool, upload->name, fd, on_kept, upload, 0);
}

void upload_gone(struct ask *ask)
{
	struct upload *upload = upload_of(ask);
	if (upload == NULL) {
		return;
	}
	if (upload->fd >= 0 || upload->is_here) {
		destroy(upload);
	} else {
		upload->ask = NULL; /* the spool will tell */
	}
}
