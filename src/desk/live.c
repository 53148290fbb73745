/* SPDX-License-Identifier: Apache-2.0
 *
 * The event stream: four sections of news. Each is made again at most ten times a second, and only
 * while somebody watches; a stream gets those that differ from what it was told last.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include <stdlib.h>
#include <string.h>

#define NEWS_MS      100 /* least time between two rounds of news */
#define LOOK_MS      500 /* printers change without a commit, too */
#define STREAMS_MOST 100
#define JOBS_SHOWN   60

struct stream {
	struct link link;
	struct request *request;
	int64_t told[SECTIONS]; /* version */
};

static json_t *make_status(struct view *view)
{
	return view_status(view);
}

static json_t *make_jobs(struct view *view)
{
	struct err err;
	struct job_query query = {.limit = JOBS_SHOWN};
	return view_jobs(view, &query, &err);
}

static const struct {
	const char *event;
	json_t *(*make)(struct view *view);
} sections[SECTIONS] = {
	{"status", make_status},
	{"printers", view_printers},
	{"holds", view_holds},
	{"jobs", make_jobs},
};

static void make_section(struct desk *desk, size_t at)
{
	json_t *value = sections[at].make(&desk->view);
	char *text = value != NULL ? json_write(value) : NULL;
	json_decref(value);
	struct section *section = &desk->sections[at];
	if (text == NULL || (section->text != NULL && strcmp(text, section->text) == 0)) {
		free(text);
		return;
	}
	free(section->text);
	section->text = text;
	section->version++;
}

static void tell(const struct desk *desk, struct stream *stream)
{
	for (size_t i = 0; i < SECTIONS; i++) {
		const struct section *section = &desk->sections[i];
		if (section->text == NULL || stream->told[i] == section->version) {
			continue;
		}
		struct buf out = {0};
		buf_print(&out, "event: %s\ndata: ", sections[i].event);
		buf_text(&out, section->text);
		buf_text(&out, "\n\n");
		listen_stream_send(stream->request, out.bytes, out.len);
		buf_fini(&out);
		stream->told[i] = section->version;
	}
}

static void publish(struct desk *desk)
{
	desk->news_due = false;
	/* what is not committed is not shown: the commit brings us here again */
	if (store_is_dirty(farm_store(desk->farm))) {
		return;
	}
	desk->published_ms = clock_boot_ms();
	for (size_t i = 0; i < SECTIONS; i++) {
		make_section(desk, i);
	}
	list_each(link, &desk->streams)
	{
		tell(desk, list_entry(link, struct stream, link));
	}
}

void live_tick(void *context)
{
	struct desk *desk = context;
	if (list_is_empty(&desk->streams)) {
		return;
	}
	publish(desk);
	loop_timer_start(desk->tick, LOOK_MS);
}

void live_news(struct desk *desk)
{
	if (desk->news_due || list_is_empty(&desk->streams)) {
		return;
	}
	desk->news_due = true;
	int64_t since_ms = clock_boot_ms() - desk->published_ms;
	loop_timer_start(desk->tick, since_ms >= NEWS_MS ? 0 : NEWS_MS - since_ms);
}

static size_t count(const struct desk *desk)
{
	size_t n = 0;
	list_each(link, &desk->streams)
	{
		n++;
	}
	return n;
}

void live_open(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct request *request = ask->request;
	if (count(desk) >= STREAMS_MOST) {
		answer_problem(request, 503, "busy", "too many screens are watching");
		ask_done(ask);
		return;
	}
	ask_done(ask);
	struct stream *stream = mem_new(1, sizeof *stream);
	stream->request = request;
	request_keep(request, NULL);
	list_append(&desk->streams, &stream->link);
	size_t n;
	const struct answer_header *headers = guard_headers(&n);
	listen_stream_start(request, headers, n - 1); /* it says no-store itself */
	desk->news_due = false;
	live_news(desk);
}

void live_gone(struct desk *desk, struct request *request)
{
	list_each(link, &desk->streams)
	{
		struct stream *stream = list_entry(link, struct stream, link);
		if (stream->request == request) {
			list_remove(&stream->link);
			free(stream);
			return;
		}
	}
}

void live_fini(struct desk *desk)
{
	for (size_t i = 0; i < SECTIONS; i++) {
		free(desk->sections[i].text);
	}
}
