/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocking call: libcurl's easy interface with a client certificate and one trusted CA.
 */
#include "ports/cloud_call.h"
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWER_BYTES_MAX (64 * 1024 * 1024)

static size_t on_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct buf *answer = context;
	if (answer->len + size * n > ANSWER_BYTES_MAX) {
		return 0;
	}
	buf_add(answer, bytes, size * n);
	return size * n;
}

static struct curl_slist *headers_of(const struct cloud_call *call)
{
	struct buf line = {0};
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	if (call->content_type != NULL) {
		buf_print(&line, "Content-Type: %s", call->content_type);
		headers = curl_slist_append(headers, buf_get(&line));
		buf_clear(&line);
	}
	if (call->idempotency_key != NULL) {
		buf_print(&line, "Idempotency-Key: %s", call->idempotency_key);
		headers = curl_slist_append(headers, buf_get(&line));
	}
	buf_fini(&line);
	return headers;
}

static bool open_file(const struct cloud_call *call, FILE **file, off_t *len, struct err *err)
{
	struct stat state;
	*file = NULL;
	*len = 0;
	if (call->file == NULL) {
		return true;
	}
	*file = fopen(call->file, "rbe");
	if (*file == NULL || fstat(fileno(*file), &state) != 0) {
		err_set(err, REMEDY_REJECT, "file", "%s: %s", call->file, strerror(errno));
		if (*file != NULL) {
			fclose(*file);
		}
		return false;
	}
	*len = state.st_size;
	return true;
}

static void set_up(CURL *curl, const struct cloud_call *call, const char *url,
	struct curl_slist *headers, struct buf *answer)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CAINFO, call->ca);
	curl_easy_setopt(curl, CURLOPT_SSLCERT, call->cert);
	curl_easy_setopt(curl, CURLOPT_SSLKEY, call->key);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, call->agent);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 300L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

static void set_body(CURL *curl, const struct cloud_call *call, FILE *file, off_t len)
{
	if (file != NULL) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_READDATA, file);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	} else if (call->body != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

bool cloud_call(const struct cloud_call *call, long *status, struct buf *answer, struct err *err)
{
	FILE *file;
	off_t len;
	if (!open_file(call, &file, &len, err)) {
		return false;
	}
	char fault[CURL_ERROR_SIZE] = "";
	struct buf url = {0};
	buf_print(&url, "%s%s", call->url, call->path);
	struct curl_slist *headers = headers_of(call);
	CURL *curl = curl_easy_init();
	set_up(curl, call, buf_get(&url), headers, answer);
	set_body(curl, call, file, len);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
	CURLcode code = curl_easy_perform(curl);
	bool fine = code == CURLE_OK;
	if (fine) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	} else {
		err_set(err, REMEDY_RETRY, "unreachable", "no answer from %s: %s", call->url,
			fault[0] != '\0' ? fault : curl_easy_strerror(code));
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	buf_fini(&url);
	if (file != NULL) {
		fclose(file);
	}
	return fine;
}
