/* SPDX-License-Identifier: Apache-2.0
 *
 * Signed links and the files behind them. A link is "exp" (Unix seconds) and "sig" (HMAC-SHA-256 of
 * asset and exp with the link key); it is the whole right to read that file, so nothing else is
 * asked of who brings it.
 */
#include "orders/service.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void sign(
	const struct service *service, const char *asset, int64_t until_s, char hex[HASH_HEX_MAX])
{
	char text[TEXT_ID_MAX + 40];
	snprintf(text, sizeof text, "asset\n%s\n%lld", asset, (long long)until_s);
	hmac_hex_of(service->link_key, strlen(service->link_key), text, strlen(text), hex);
}

void asset_link(const struct service *service, const char *asset, char url[URL_MAX])
{
	char hex[HASH_HEX_MAX];
	int64_t until_s = clock_wall_ms() / SECOND_MS + service->setup.link_s;
	sign(service, asset, until_s, hex);
	snprintf(url, URL_MAX, "%s/v1/assets/%s?exp=%lld&sig=%s", service->public_url, asset,
		(long long)until_s, hex);
}

void link_key_renew(struct service *service)
{
	unsigned char bytes[HASH_BYTES];
	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		snprintf(service->link_key + 2 * i, 3, "%02x", bytes[i]);
	}
	put(service,
		"INSERT INTO setting (name, value) VALUES ('link_key', ?) "
		"ON CONFLICT DO UPDATE SET value=excluded.value",
		"t", service->link_key);
}

bool link_key_load(struct service *service)
{
	if (!one_text(service, service->link_key, sizeof service->link_key,
		    "SELECT value FROM setting WHERE name='link_key'", "")) {
		link_key_renew(service);
	}
	return !service->broken;
}

void links_rotate(struct call *call)
{
	call->renews = true;
	link_key_renew(call->service);
	put(call->service, "UPDATE job SET refresh=1 WHERE state IN ('leased','permitted','held')",
		"");
	call->status = 200;
	call->answer = json_pack("{s:s}", "links", "rotated");
}

/* ---- a link is followed ---- */

struct file {
	char id[TEXT_ID_MAX], media_type[33], etag[HASH_HEX_MAX + 2];
	int64_t bytes;
};

static bool fail(struct request *request, int status, const char *code, const char *detail)
{
	struct problem problem = {.status = status, .retry_after_s = -1};
	text_copy(problem.code, sizeof problem.code, code);
	text_copy(problem.detail, sizeof problem.detail, detail);
	problem_answer(request, &problem);
	return false;
}

static bool link_is_good(struct service *service, struct request *request, const char *asset)
{
	const char *exp = request_query(request, "exp");
	const char *sig = request_query(request, "sig");
	char hex[HASH_HEX_MAX];
	int64_t until_s;
	if (exp == NULL || sig == NULL || !text_to_int(exp, 0, INT64_MAX, &until_s) ||
		strlen(sig) != HASH_HEX_MAX - 1) {
		return fail(request, 403, "link-refused", "this is no link that was given here");
	}
	sign(service, asset, until_s, hex);
	if (!hash_texts_equal(hex, sig)) {
		return fail(request, 403, "link-refused", "this is no link that was given here");
	}
	return until_s >= clock_wall_ms() / SECOND_MS ||
	       fail(request, 403, "link-expired", "this link is over: ask for a fresh one");
}

static bool find_file(
	struct service *service, struct request *request, const char *asset, struct file *file)
{
	struct db_row *row = db_query(
		service->db, "SELECT sha256, bytes, media_type FROM asset WHERE id=?", "t", asset);
	bool found = db_next(row);
	if (found) {
		text_copy(file->id, sizeof file->id, asset);
		snprintf(file->etag, sizeof file->etag, "\"%.64s\"", db_text(row, 0));
		file->bytes = db_int(row, 1);
		text_copy(file->media_type, sizeof file->media_type, db_text(row, 2));
	}
	bool fine = read_end(service, row);
	service->broken = false;
	if (!fine) {
		return fail(request, 503, "store", "the order service can't reach its store");
	}
	return found || fail(request, 404, "unknown-asset", "there is no such asset");
}

static void send_file(struct request *request, const struct file *file, int fd)
{
	int64_t offset = 0, length = file->bytes;
	char span[80];
	enum range range = request_range(request, file->bytes, &offset, &length);
	if (range == RANGE_BAD) {
		close(fd);
		fail(request, 416, "range", "the file ends before that");
		return;
	}
	if (range == RANGE_NONE) {
		offset = 0;
		length = file->bytes;
	}
	snprintf(span, sizeof span, "bytes %lld-%lld/%lld", (long long)offset,
		(long long)(offset + length - 1), (long long)file->bytes);
	struct answer_header headers[] = {{"Accept-Ranges", "bytes"}, {"ETag", file->etag},
		{"Cache-Control", "no-store"}, {"Content-Range", span}};
	listen_answer_file(request, range == RANGE_ONE ? 206 : 200, file->media_type, fd, offset,
		length, headers, range == RANGE_ONE ? 4 : 3);
}

void asset_serve(struct service *service, struct request *request)
{
	struct file file;
	const char *asset = request_part(request, 2);
	const char *method = request_method(request);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		fail(request, 405, "method", "a link is followed with GET");
		return;
	}
	if (request_parts(request) != 3 || !text_is_id(asset)) {
		fail(request, 404, "unknown-asset", "there is no such asset");
		return;
	}
	if (!link_is_good(service, request, asset) || !find_file(service, request, asset, &file)) {
		return;
	}
	int fd = openat(service->assets, asset, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat state;
	if (fd < 0 || fstat(fd, &state) != 0 || state.st_size != file.bytes) {
		if (fd >= 0) {
			close(fd);
		}
		fail(request, 410, "asset-gone", "the file of this asset is gone");
		return;
	}
	send_file(request, &file, fd);
}
