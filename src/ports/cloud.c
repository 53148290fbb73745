/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing the cloud's door, and what it tells in a later turn.
 *
 * Closing: in the next turn every ask is answered with "closed"; when the spool has answered, too,
 * the multi handles go, and when nothing is left in the loop, the memory.
 *
 * Ways it fails: a file of the configuration cannot be read, the address is not https (FATAL).
 */
#include "ports/cloud.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/cloud_own.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fetch_answer {
	struct link link;
	int64_t job_row;
	int32_t page;
	bool failed;
	struct err err;
};

/* ---- telling ---- */
static void tell_one(struct cloud *cloud, struct fetch_answer *answer)
{
	list_remove(&answer->link);
	cloud->hears->fetch(
		cloud->farm, answer->job_row, answer->page, answer->failed ? &answer->err : NULL);
	free(answer);
}

static void tell_fetches(struct cloud *cloud)
{
	struct link now; /* what is added meanwhile is for the next turn */
	list_init(&now);
	list_each(at, &cloud->answers)
	{
		list_remove(at);
		list_append(&now, at);
	}
	while (!list_is_empty(&now)) {
		tell_one(cloud, list_entry(now.next, struct fetch_answer, link));
	}
}

static void end_calls(struct link *calls, const struct err *err)
{
	struct link now; /* what a hearer asks meanwhile is ended in the next turn */
	list_init(&now);
	list_each(at, calls)
	{
		list_remove(at);
		list_append(&now, at);
	}
	while (!list_is_empty(&now)) {
		call_end(list_entry(now.next, struct call, link), NULL, err, -1);
	}
}

static void end_all(struct cloud *cloud)
{
	struct err err;
	err_set(&err, REMEDY_RETRY, "closed", "the door to the cloud is being closed");
	end_calls(&cloud->calls, &err); /* a call for a token ends those that wait for it */
	end_calls(&cloud->renewing, &err);
	cloud_end_fetches(cloud, &err);
	tell_fetches(cloud);
}

static void close_when_idle(struct cloud *cloud);

static void on_timer(uv_timer_t *timer)
{
	struct cloud *cloud = timer->data;
	tell_fetches(cloud);
	if (cloud->closing) {
		end_all(cloud);
		close_when_idle(cloud);
	}
}

void cloud_tell_fetch(struct cloud *cloud, int64_t job_row, int32_t page, const struct err *err)
{
	struct fetch_answer *answer = mem_new(1, sizeof *answer);
	answer->job_row = job_row;
	answer->page = page;
	answer->failed = err != NULL;
	if (err != NULL) {
		answer->err = *err;
	}
	list_init(&answer->link);
	list_append(&cloud->answers, &answer->link);
	cloud_wake(cloud);
}

/* ---- opening ---- */
static bool is_readable(const char *path, const char *key, struct err *err)
{
	return (path[0] != '\0' && access(path, R_OK) == 0) ||
	       err_set(err, REMEDY_FATAL, "cloud",
		       "cloud, %s: the file \"%s\" cannot be read: check the path and its rights",
		       key, path);
}

static bool is_plain_url(const char *text)
{
	CURLU *url = curl_url();
	char *path = NULL, *query = NULL, *scheme = NULL;
	bool fine = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    strcmp(scheme, "https") == 0 &&
		    curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
		    strcmp(path, "/") == 0 && text[strlen(text) - 1] != '/' &&
		    curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK;
	curl_free(path);
	curl_free(query);
	curl_free(scheme);
	curl_url_cleanup(url);
	return fine;
}

static bool conf_is_fine(const struct cloud_conf *conf, struct err *err)
{
	if (!is_plain_url(conf->url)) {
		return err_set(err, REMEDY_FATAL, "cloud",
			"cloud, url: \"%s\" must be https://HOST[:PORT] and nothing more",
			conf->url);
	}
	if (!is_readable(conf->ca, "ca", err) || !is_readable(conf->cert, "cert", err) ||
		!is_readable(conf->key, "key", err)) {
		return false;
	}
	for (size_t i = 0; i < conf->n_hosts; i++) {
		if (conf->hosts[i].ca[0] != '\0' &&
			!is_readable(conf->hosts[i].ca, "ca of an asset host", err)) {
			return false;
		}
	}
	return true;
}

static void init_lists(struct cloud *cloud)
{
	list_init(&cloud->calls);
	list_init(&cloud->renewing);
	list_init(&cloud->fetches);
	list_init(&cloud->parts);
	list_init(&cloud->answers);
}

static bool open_ring(struct cloud *cloud, struct err *err)
{
	if (cloud->conf.signing_keys[0] == '\0') {
		return true;
	}
	cloud->ring = key_ring_open(cloud->conf.signing_keys, err);
	if (cloud->ring != NULL && key_ring_count(cloud->ring) == 0) {
		log_warn("cloud", "there is no key in %s: nothing signed can be believed",
			cloud->conf.signing_keys);
	}
	return cloud->ring != NULL;
}

struct cloud *cloud_create(struct loop *loop, struct spool *spool, const struct cloud_conf *conf,
	const struct cloud_hears *hears, void *farm, struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(err, REMEDY_FATAL, "cloud", "libcurl cannot be set up");
		return NULL;
	}
	struct cloud *cloud = mem_new(1, sizeof *cloud);
	cloud->loop = loop;
	cloud->spool = spool;
	cloud->conf = *conf;
	cloud->hears = hears;
	cloud->farm = farm;
	init_lists(cloud);
	if (!conf_is_fine(conf, err) || !open_ring(cloud, err) ||
		!multi_init(&cloud->api, loop, err) || !multi_init(&cloud->poll, loop, err) ||
		!multi_init(&cloud->assets, loop, err)) {
		/* a multi handle that cannot be made ends the program: what is open goes with it */
		key_ring_close(cloud->ring);
		free(cloud);
		curl_global_cleanup();
		return NULL;
	}
	cloud->timer.data = cloud;
	uv_timer_init(loop_uv(loop), &cloud->timer);
	return cloud;
}

bool cloud_is_reachable(const struct cloud *cloud)
{
	return cloud->reachable;
}

/* ---- closing ---- */
static void on_part_closed(void *context)
{
	struct cloud *cloud = context;
	if (--cloud->n_open > 0) {
		return;
	}
	loop_call *closed = cloud->closed;
	void *closed_context = cloud->closed_context;
	explicit_bzero(cloud->token, sizeof cloud->token);
	key_ring_close(cloud->ring);
	free(cloud);
	curl_global_cleanup();
	if (closed != NULL) {
		closed(closed_context);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	on_part_closed(handle->data);
}

static void close_when_idle(struct cloud *cloud)
{
	if (!cloud->closing || cloud->n_open > 0 || cloud->n_keeping > 0 ||
		!list_is_empty(&cloud->calls) || !list_is_empty(&cloud->renewing) ||
		!list_is_empty(&cloud->fetches) || !list_is_empty(&cloud->answers)) {
		return;
	}
	while (!list_is_empty(&cloud->parts)) {
		part_destroy(cloud, list_entry(cloud->parts.next, struct part, link), false);
	}
	cloud->n_open = 4;
	multi_fini(&cloud->api, on_part_closed, cloud);
	multi_fini(&cloud->poll, on_part_closed, cloud);
	multi_fini(&cloud->assets, on_part_closed, cloud);
	uv_close((uv_handle_t *)&cloud->timer, on_timer_closed);
}

void cloud_wake(struct cloud *cloud)
{
	if (!uv_is_closing((uv_handle_t *)&cloud->timer)) {
		uv_timer_start(&cloud->timer, on_timer, 0, 0);
	}
}

void cloud_ended(struct cloud *cloud)
{
	if (cloud->closing) {
		cloud_wake(cloud);
	}
}

void cloud_close(struct cloud *cloud, loop_call *done, void *context)
{
	cloud->closing = true;
	cloud->closed = done;
	cloud->closed_context = context;
	cloud_wake(cloud);
}
