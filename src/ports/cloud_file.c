/* SPDX-License-Identifier: Apache-2.0
 *
 * One asset on its way into the spool. The handle has no client certificate and no other
 * credential.
 *
 *  1. file_start: what an earlier try left is taken up; Range asks for the rest.
 *  2. on_open_socket: the address that is really dialled is judged.
 *  3. on_bytes: length and hash are checked while the bytes arrive; a byte too many ends it.
 *  4. on_done: all there and right → fetch_keep; cut off → the rest once more, at once; else told.
 *
 * Ways it fails: asset-expired, asset-gone, asset-hash, asset-size, asset-forbidden, asset-encoded,
 * or the network's. Texts never carry the link: it is a key.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "ports/cloud_guard.h"
#include "ports/cloud_own.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTS_MAX  32
#define CUTS_MAX   6
#define STALL_MS   20000
#define STALL_RATE 1024 /* bytes a second */

static void on_done(struct transfer *transfer, CURLcode code);

/* ---- what has arrived ---- */
void part_destroy(struct cloud *cloud, struct part *part, bool keep_file)
{
	if (!list_is_empty(&part->link)) {
		list_remove(&part->link);
		cloud->n_parts--;
	}
	if (part->fd >= 0) {
		close(part->fd);
	}
	if (!keep_file) {
		spool_drop(cloud->spool, part->sha256);
	}
	hash_destroy(part->hash);
	free(part);
}

/* Set aside for the next try; the oldest go when there are many. */
static void part_park(struct cloud *cloud, struct part *part)
{
	if (part->have_bytes == 0) {
		part_destroy(cloud, part, false);
		return;
	}
	list_append(&cloud->parts, &part->link);
	if (++cloud->n_parts > PARTS_MAX) {
		part_destroy(cloud, list_entry(cloud->parts.next, struct part, link), false);
	}
}

static struct part *part_find(struct cloud *cloud, const char *sha256)
{
	list_each(at, &cloud->parts)
	{
		struct part *part = list_entry(at, struct part, link);
		if (strcmp(part->sha256, sha256) == 0) {
			list_remove(&part->link);
			cloud->n_parts--;
			return part;
		}
	}
	return NULL;
}

/* From the start again: what is there is worth nothing. */
static void part_rewind(struct part *part)
{
	char unused[HASH_HEX_MAX];
	hash_take_hex(part->hash, unused);
	part->have_bytes = 0;
	if (ftruncate(part->fd, 0) != 0) {
		part->have_bytes = 0; /* the bytes are written over; keeping cuts to length */
	}
}

static bool part_get(struct fetch *fetch, struct err *err)
{
	struct cloud *cloud = fetch->cloud;
	int64_t have;
	if ((fetch->part = part_find(cloud, fetch->sha256)) != NULL) {
		return true;
	}
	spool_drop(cloud->spool, fetch->sha256); /* bytes without their running hash are no use */
	int fd = spool_incoming(cloud->spool, fetch->sha256, fetch->bytes, &have, err);
	if (fd < 0) {
		return false;
	}
	struct part *part = mem_new(1, sizeof *part);
	part->fd = fd;
	part->hash = hash_create();
	text_copy(part->sha256, sizeof part->sha256, fetch->sha256);
	list_init(&part->link);
	fetch->part = part;
	return true;
}

/* ---- the address ---- */
static void show_address(const struct sockaddr *address, char *to, size_t size)
{
	const void *at = address->sa_family == AF_INET
				 ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
				 : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
	if (inet_ntop(address->sa_family, at, to, (socklen_t)size) == NULL) {
		text_copy(to, size, "an address of an unknown kind");
	}
}

static curl_socket_t on_open_socket(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = context;
	enum reach reach = guard_reach(&address->addr, address->addrlen);
	(void)purpose;
	if (reach == REACH_NEVER || (reach == REACH_PRIVATE && !fetch->host->is_private)) {
		show_address(&address->addr, fetch->refused, sizeof fetch->refused);
		return CURL_SOCKET_BAD;
	}
	fetch->dialled = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- the bytes ---- */
static bool fail(struct fetch *fetch, enum remedy remedy, const char *code, const char *text)
{
	fetch->failed = true;
	err_set(&fetch->err, remedy, code, "%s", text);
	return false;
}

static bool fail_size(struct fetch *fetch, int64_t bytes, const char *more)
{
	fetch->failed = true;
	err_set(&fetch->err, REMEDY_REJECT, "asset-size",
		"the asset has %lld bytes%s, the order says %lld", (long long)bytes, more,
		(long long)fetch->bytes);
	return false;
}

static bool is_encoded(const struct fetch *fetch)
{
	struct curl_header *header;
	return curl_easy_header(fetch->transfer.easy, "Content-Encoding", 0, CURLH_HEADER, -1,
		       &header) == CURLHE_OK &&
	       strcmp(header->value, "identity") != 0;
}

static bool continues(const struct fetch *fetch)
{
	struct curl_header *header;
	long long from;
	return curl_easy_header(fetch->transfer.easy, "Content-Range", 0, CURLH_HEADER, -1,
		       &header) == CURLHE_OK &&
	       sscanf(header->value, "bytes %lld-", &from) == 1 &&
	       from == (long long)fetch->part->have_bytes;
}

static long status_of(const struct fetch *fetch)
{
	long status = 0;
	curl_easy_getinfo(fetch->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Before the first byte of the body is taken. */
static bool judge_head(struct fetch *fetch, long status)
{
	curl_off_t length = -1;
	fetch->judged = true;
	if (is_encoded(fetch)) {
		return fail(fetch, REMEDY_RETRY, "asset-encoded",
			"the asset came with a Content-Encoding, though none was accepted");
	}
	if (status == 206 && !continues(fetch)) {
		return fail(fetch, REMEDY_RETRY, "asset-range",
			"the asset's server sent another part than was asked for");
	}
	if (status == 200) {
		part_rewind(fetch->part); /* the server does not resume: all of it again */
		fetch->began_bytes = 0;
	}
	curl_easy_getinfo(fetch->transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length < 0 || fetch->part->have_bytes + length == fetch->bytes ||
	       fail_size(fetch, fetch->part->have_bytes + length, "");
}

static bool write_all(struct fetch *fetch, const char *bytes, size_t len)
{
	struct part *part = fetch->part;
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(
			part->fd, bytes + done, len - done, part->have_bytes + (int64_t)done);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			fetch->failed = true;
			return spool_fault(fetch->cloud->spool, n == 0 ? ENOSPC : errno,
				&fetch->err, "receiving", part->sha256);
		}
		done += (size_t)n;
	}
	hash_add(part->hash, bytes, len);
	part->have_bytes += (int64_t)len;
	return true;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct fetch *fetch = context;
	size_t len = size * n;
	long status = status_of(fetch);
	if (status != 200 && status != 206) {
		return 0; /* a refusal: its words are not wanted */
	}
	if (!fetch->judged && !judge_head(fetch, status)) {
		return 0;
	}
	if (fetch->part->have_bytes + (int64_t)len > fetch->bytes) {
		fail_size(fetch, fetch->part->have_bytes + (int64_t)len, " or more");
		return 0;
	}
	return write_all(fetch, bytes, len) ? len : 0;
}

/* ---- starting ---- */
static void set_options(struct fetch *fetch)
{
	const struct cloud_conf *conf = &fetch->cloud->conf;
	CURL *easy = fetch->transfer.easy;
	int32_t stall_ms = conf->stall_ms > 0 ? conf->stall_ms : STALL_MS;
	int64_t left_ms = fetch->deadline_ms - clock_boot_ms();
	if (fetch->host->ca[0] != '\0') {
		curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->host->ca);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_USERAGENT, conf->agent);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_RATE);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)(stall_ms + 999) / 1000);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms > 1 ? (long)left_ms : 1L);
}

bool file_start(struct fetch *fetch, struct err *err)
{
	if (fetch->part == NULL && !part_get(fetch, err)) {
		return false;
	}
	transfer_fini(&fetch->transfer, &fetch->cloud->assets);
	fetch->transfer.done = on_done;
	fetch->transfer.fault[0] = '\0';
	fetch->began_bytes = fetch->part->have_bytes;
	fetch->judged = fetch->failed = fetch->dialled = false;
	fetch->refused[0] = '\0';
	fetch->whole = fetch->part->have_bytes == 0;
	if (!transfer_init(&fetch->transfer, fetch->url, err)) {
		file_stop(fetch);
		return false;
	}
	set_options(fetch);
	if (!fetch->whole) {
		char range[32];
		/* not RESUME_FROM: with that libcurl fails a 200, with this we start over */
		snprintf(range, sizeof range, "%lld-", (long long)fetch->part->have_bytes);
		curl_easy_setopt(fetch->transfer.easy, CURLOPT_RANGE, range);
	}
	if (!multi_add(&fetch->cloud->assets, &fetch->transfer, err)) {
		file_stop(fetch);
		return false;
	}
	return true;
}

void file_stop(struct fetch *fetch)
{
	transfer_fini(&fetch->transfer, &fetch->cloud->assets);
	if (fetch->part != NULL) {
		part_park(fetch->cloud, fetch->part);
		fetch->part = NULL;
	}
}

/* ---- ended ---- */
static void end_badly(struct fetch *fetch, const struct err *err, bool keep_part)
{
	struct err told = *err;
	if (keep_part) {
		part_park(fetch->cloud, fetch->part);
	} else {
		part_destroy(fetch->cloud, fetch->part, false);
	}
	fetch->part = NULL;
	fetch_end(fetch, &told);
}

/* A host that says anything sensible is there, whatever it thinks of the link. */
static void note_host(struct fetch *fetch, CURLcode code, long status)
{
	bool spoke = status >= 100 && status < 500 && status != 429;
	bool grew = fetch->part != NULL && fetch->part->have_bytes > fetch->began_bytes;
	bool ended = code == CURLE_OK || code == CURLE_WRITE_ERROR; /* by it, or by us */
	fetch_host_told(fetch, spoke && (ended || grew));
}

static void again(struct fetch *fetch)
{
	struct err err;
	fetch->cuts++;
	if (!file_start(fetch, &err)) {
		fetch_end(fetch, &err);
	}
}

static void end_refused(struct fetch *fetch, long status)
{
	static const struct {
		long status;
		enum remedy remedy;
		const char *code, *text;
	} rows[] = {
		{403, REMEDY_RETRY, "asset-expired", "the asset's link is not valid any more"},
		{410, REMEDY_RETRY, "asset-expired", "the asset's link is not valid any more"},
		{404, REMEDY_REJECT, "asset-gone", "the asset is not there any more"},
	};
	struct err err;
	if (status == 416 && !fetch->whole && fetch->cuts < CUTS_MAX) {
		part_rewind(fetch->part);
		again(fetch);
		return;
	}
	err_set(&err, REMEDY_RETRY, "asset-answer", "the asset's server answers %ld%s", status,
		status >= 300 && status < 400 ? ": links are not followed elsewhere" : "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].status == status) {
			err_set(&err, rows[i].remedy, rows[i].code, "%s (%ld)", rows[i].text,
				status);
		}
	}
	end_badly(fetch, &err, err.remedy == REMEDY_RETRY);
}

static void end_whole(struct fetch *fetch)
{
	struct err err;
	char hex[HASH_HEX_MAX];
	if (fetch->part->have_bytes != fetch->bytes) {
		fail_size(fetch, fetch->part->have_bytes, "");
		end_badly(fetch, &fetch->err, false);
		return;
	}
	hash_take_hex(fetch->part->hash, hex);
	if (strcmp(hex, fetch->sha256) != 0) {
		err_set(&err, REMEDY_RETRY, "asset-hash",
			"the asset's SHA-256 is %.12s…, the order says %.12s…", hex, fetch->sha256);
		end_badly(fetch, &err, false);
		return;
	}
	fetch_keep(fetch);
}

static void end_cut(struct fetch *fetch, CURLcode code)
{
	struct err err;
	bool grew = fetch->part->have_bytes > fetch->began_bytes;
	bool stalled = code == CURLE_OPERATION_TIMEDOUT;
	if (fetch->refused[0] != '\0' && !fetch->dialled) {
		err_set(&err, REMEDY_REJECT, "asset-forbidden",
			"the asset's host %s leads to %s: that address needs `private = yes` in "
			"its asset_host",
			fetch->host->host, fetch->refused);
	} else if (grew && !stalled && fetch->cuts < CUTS_MAX) {
		again(fetch);
		return;
	} else {
		transfer_fault(&fetch->transfer, code, "the asset's server", &err);
	}
	end_badly(fetch, &err, true);
}

static void on_done(struct transfer *transfer, CURLcode code)
{
	struct fetch *fetch = (struct fetch *)transfer;
	long status = status_of(fetch);
	bool got_file = status == 200 || status == 206;
	if (!fetch->failed && code == CURLE_OK && got_file && !fetch->judged) {
		judge_head(fetch, status); /* an answer without a body */
	}
	note_host(fetch, code, status);
	if (fetch->failed) {
		/* too long, or of another kind: what is there is no beginning of the right file */
		end_badly(fetch, &fetch->err, strcmp(fetch->err.code, "disk-full") == 0);
	} else if (!got_file && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
		end_refused(fetch, status);
	} else if (code == CURLE_OK) {
		end_whole(fetch);
	} else {
		end_cut(fetch, code);
	}
}
