/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl, blocking, over a Unix socket. Failures become exit codes and sentences here: nobody
 * there, not permitted, or the problem that the daemon told.
 */
#include "cli/http.h"
#include "base/buf.h"
#include "base/text.h"
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define CONNECT_MS       5000L
#define ANSWER_MS        60000L
#define LONG_MS          300000L
#define ANSWER_BYTES_MAX (64 * 1024 * 1024)

struct call {
	CURL *curl;
	struct curl_slist *headers;
	struct buf body;
	char url[1200];
};

static size_t take_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct buf *body = context;
	if (body->len + size * n > ANSWER_BYTES_MAX) {
		return 0;
	}
	buf_add(body, bytes, size * n);
	return size * n;
}

static void begin(struct call *call, const struct args *args, const char *path)
{
	*call = (struct call){.curl = curl_easy_init()};
	snprintf(call->url, sizeof call->url, "http://localhost%s", path);
	curl_easy_setopt(call->curl, CURLOPT_URL, call->url);
	curl_easy_setopt(call->curl, CURLOPT_UNIX_SOCKET_PATH, args->socket);
	curl_easy_setopt(call->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(call->curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(call->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(call->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(call->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(call->curl, CURLOPT_WRITEDATA, &call->body);
}

static void end(struct call *call)
{
	curl_easy_cleanup(call->curl);
	curl_slist_free_all(call->headers);
	buf_fini(&call->body);
}

static int nobody_there(const struct args *args, struct call *call, CURLcode code)
{
	long reason = 0;
	curl_easy_getinfo(call->curl, CURLINFO_OS_ERRNO, &reason);
	if (reason == EACCES || reason == EPERM) {
		return complain(EX_NOPERM,
			"%s: you may not open it; join its group (platen), or use sudo",
			args->socket);
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		return complain(EX_TEMPFAIL, "%s: no answer in time; try again", args->socket);
	}
	if (code == CURLE_COULDNT_CONNECT) {
		return complain(EX_UNAVAILABLE,
			"platend does not answer at %s%s%s; start it with `systemctl start "
			"platend` or `platend --config FILE`, or name its socket with --socket",
			args->socket, reason != 0 ? ": " : "",
			reason != 0 ? strerror((int)reason) : "");
	}
	return complain(EX_UNAVAILABLE, "%s: %s", args->socket, curl_easy_strerror(code));
}

static int exit_code_of(long status)
{
	static const struct {
		long status;
		int code;
	} rows[] = {
		{400, EX_DATAERR},
		{403, EX_NOPERM},
		{404, EX_NOINPUT},
		{409, EX_DATAERR},
		{413, EX_DATAERR},
		{415, EX_DATAERR},
		{421, EX_NOPERM},
		{422, EX_DATAERR},
		{429, EX_TEMPFAIL},
		{503, EX_TEMPFAIL},
		{507, EX_TEMPFAIL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].status == status) {
			return rows[i].code;
		}
	}
	return EX_SOFTWARE;
}

static int tell_problem(const struct args *args, const struct call *call, long status)
{
	json_t *problem = json_loadb(buf_get(&call->body), call->body.len, 0, NULL);
	const char *detail = json_string_value(json_object_get(problem, "detail"));
	char text[ERR_TEXT_MAX];
	text_escape(text, sizeof text, detail != NULL ? detail : "platend gave no reason");
	if (args->json && problem != NULL) {
		fwrite(buf_get(&call->body), 1, call->body.len, stdout);
		putchar('\n');
	}
	int code = complain(exit_code_of(status), "%s", text);
	json_decref(problem);
	return code;
}

static int finish(const struct args *args, struct call *call, json_t **answer)
{
	curl_easy_setopt(call->curl, CURLOPT_HTTPHEADER, call->headers);
	CURLcode code = curl_easy_perform(call->curl);
	long status = 0;
	int result = 0;
	curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK) {
		result = nobody_there(args, call, code);
	} else if (status < 200 || status > 299) {
		result = tell_problem(args, call, status);
	} else {
		*answer = json_loadb(buf_get(&call->body), call->body.len, 0, NULL);
		if (*answer == NULL) {
			result = complain(EX_PROTOCOL, "%s: the answer is no JSON: is it platend?",
				args->socket);
		}
	}
	end(call);
	return result;
}

int http_get(const struct args *args, const char *path, json_t **answer)
{
	struct call call;
	begin(&call, args, path);
	curl_easy_setopt(call.curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	return finish(args, &call, answer);
}

static int post(const struct args *args, const char *path, const json_t *body, long wait_ms,
	json_t **answer)
{
	struct call call;
	char *text = json_dumps(body, JSON_COMPACT);
	begin(&call, args, path);
	call.headers = curl_slist_append(NULL, "Content-Type: application/json");
	call.headers = curl_slist_append(call.headers, "Expect:");
	curl_easy_setopt(call.curl, CURLOPT_TIMEOUT_MS, wait_ms);
	curl_easy_setopt(call.curl, CURLOPT_COPYPOSTFIELDS, text);
	free(text);
	return finish(args, &call, answer);
}

int http_post(const struct args *args, const char *path, const json_t *body, json_t **answer)
{
	return post(args, path, body, ANSWER_MS, answer);
}

int http_post_long(const struct args *args, const char *path, const json_t *body, json_t **answer)
{
	return post(args, path, body, LONG_MS, answer);
}

struct sending {
	const struct args *args;
	const char *file;
};

static int show_progress(
	void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	const struct sending *sending = context;
	(void)down_all;
	(void)down;
	if (up_all > 0) {
		progress_say(sending->args->progress, "%s, %d %%", sending->file,
			(int)(up * 100 / up_all));
	}
	return 0;
}

int http_send_file(const struct args *args, const char *path, const char *file, json_t **answer)
{
	struct call call;
	struct sending sending = {args, file};
	struct stat about;
	FILE *from = fopen(file, "re");
	if (from == NULL || fstat(fileno(from), &about) != 0 || !S_ISREG(about.st_mode) ||
		about.st_size == 0) {
		int reason = from == NULL ? errno : 0;
		if (from != NULL) {
			fclose(from);
		}
		return complain(EX_NOINPUT, "%s: %s", file,
			reason != 0 ? strerror(reason) : "not a file with something in it");
	}
	begin(&call, args, path);
	call.headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	/* a refusal then comes before the file is sent */
	call.headers = curl_slist_append(call.headers, "Expect: 100-continue");
	curl_easy_setopt(call.curl, CURLOPT_EXPECT_100_TIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(call.curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(call.curl, CURLOPT_READDATA, from);
	curl_easy_setopt(call.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
	curl_easy_setopt(call.curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(call.curl, CURLOPT_XFERINFOFUNCTION, show_progress);
	curl_easy_setopt(call.curl, CURLOPT_XFERINFODATA, &sending);
	int result = finish(args, &call, answer);
	fclose(from);
	return result;
}

/* ---- event streams ---- */

struct stream {
	http_told *told;
	void *context;
	struct buf text; /* what has come and is not a whole message yet */
	bool is_over;
};

static void hear_message(struct stream *stream, char *message)
{
	const char *event = "message";
	const char *data = NULL;
	for (char *line = strsep(&message, "\n"); line != NULL; line = strsep(&message, "\n")) {
		if (strncmp(line, "event: ", 7) == 0) {
			event = line + 7;
		} else if (strncmp(line, "data: ", 6) == 0) {
			data = line + 6;
		}
	}
	if (data != NULL && !stream->told(stream->context, event, data)) {
		stream->is_over = true;
	}
}

static size_t take_stream(char *bytes, size_t size, size_t n, void *context)
{
	struct stream *stream = context;
	if (stream->text.len + size * n > ANSWER_BYTES_MAX) {
		return 0;
	}
	buf_add(&stream->text, bytes, size * n);
	for (char *stop; !stream->is_over && stream->text.len > 0 &&
			 (stop = strstr(stream->text.bytes, "\n\n")) != NULL;) {
		*stop = '\0';
		size_t len = (size_t)(stop - stream->text.bytes) + 2;
		hear_message(stream, stream->text.bytes);
		buf_drop(&stream->text, len);
	}
	return stream->is_over ? 0 : size * n;
}

int http_stream(const struct args *args, const char *path, http_told *told, void *context)
{
	struct call call;
	struct stream stream = {.told = told, .context = context};
	begin(&call, args, path);
	curl_easy_setopt(call.curl, CURLOPT_WRITEFUNCTION, take_stream);
	curl_easy_setopt(call.curl, CURLOPT_WRITEDATA, &stream);
	curl_easy_setopt(call.curl, CURLOPT_FAILONERROR, 1L);
	/* the daemon says something every 15 s */
	curl_easy_setopt(call.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(call.curl, CURLOPT_LOW_SPEED_TIME, 60L);
	CURLcode code = curl_easy_perform(call.curl);
	bool left = code == CURLE_OK || code == CURLE_WRITE_ERROR || code == CURLE_PARTIAL_FILE ||
		    code == CURLE_RECV_ERROR;
	int result = left ? 0 : nobody_there(args, &call, code);
	buf_fini(&stream.text);
	end(&call);
	return result;
}

bool path_make(char *path, size_t size, const char *base, const char *id, const char *tail)
{
	char *escaped = curl_easy_escape(NULL, id, 0);
	int len = snprintf(path, size, "%s%s%s", base, escaped != NULL ? escaped : "", tail);
	curl_free(escaped);
	return len > 0 && (size_t)len < size;
}
