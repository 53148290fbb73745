/* SPDX-License-Identifier: Apache-2.0
 *
 * Which asset is fetched when, and for whom.
 *
 *  1. cloud_fetch: here already? Allowed at all? Then it waits for one of four places.
 *  2. start_some: a fair turn: the job with the fewest transfers under way, then the oldest.
 *  3. fetch_keep, fetch_end: everybody who waits for that file is told, in a later turn.
 *
 * Several pages that need the same file wait for one transfer.
 *
 * Ways it fails: the link's host is not on the local list (REJECT, "asset-forbidden"), or failed so
 * often that it is left alone for a while (RETRY, "asset-host"); the rest is cloud_file.c's.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "ports/cloud_guard.h"
#include "ports/cloud_own.h"
#include <stdlib.h>
#include <string.h>

#define FETCH_MS   600000
#define HOST_SHOWN 80

struct waiter {
	struct link link;
	int64_t job_row;
	int32_t page;
};

static void start_some(struct cloud *cloud);

/* ---- who waits ---- */
static void add_waiter(struct fetch *fetch, const struct fetch_ask *ask)
{
	struct waiter *waiter = mem_new(1, sizeof *waiter);
	waiter->job_row = ask->job_row;
	waiter->page = ask->page;
	list_init(&waiter->link);
	list_append(&fetch->waiters, &waiter->link);
}

static void tell_waiter(struct cloud *cloud, struct waiter *waiter, const struct err *err)
{
	list_remove(&waiter->link);
	cloud_tell_fetch(cloud, waiter->job_row, waiter->page, err);
	free(waiter);
}

static void tell_waiters(struct fetch *fetch, const struct err *err)
{
	while (!list_is_empty(&fetch->waiters)) {
		tell_waiter(
			fetch->cloud, list_entry(fetch->waiters.next, struct waiter, link), err);
	}
}

void fetch_destroy(struct fetch *fetch)
{
	list_remove(&fetch->link);
	transfer_fini(&fetch->transfer, &fetch->cloud->assets);
	explicit_bzero(fetch->url, sizeof fetch->url);
	free(fetch);
}

void fetch_end(struct fetch *fetch, const struct err *err)
{
	struct cloud *cloud = fetch->cloud;
	tell_waiters(fetch, err);
	fetch_destroy(fetch);
	start_some(cloud);
	cloud_ended(cloud);
}

static struct fetch *find(struct cloud *cloud, const char *sha256)
{
	list_each(at, &cloud->fetches)
	{
		struct fetch *fetch = list_entry(at, struct fetch, link);
		if (strcmp(fetch->sha256, sha256) == 0) {
			return fetch;
		}
	}
	return NULL;
}

/* ---- is it allowed ---- */
static bool forbid(struct err *err, const char *why, const char *what)
{
	char shown[HOST_SHOWN];
	return err_set(err, REMEDY_REJECT, "asset-forbidden",
		"the asset's link %s%s: assets come only from the hosts in asset_host of "
		"platen.conf",
		why, text_escape(shown, sizeof shown, what));
}

static const struct asset_host *judge_parts(
	const struct cloud_conf *conf, CURLU *url, struct err *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	const struct asset_host *found = NULL;
	int64_t number = 0;
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		strcmp(scheme, "https") != 0) {
		forbid(err, "is not https", "");
	} else if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
		   curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
		   !text_to_int(port, 1, 65535, &number)) {
		forbid(err, "names no host", "");
	} else if ((found = guard_find(conf, host, (int32_t)number)) == NULL) {
		struct buf name = {0};
		buf_print(&name, "%s:%d", host, (int)number);
		forbid(err, "leads to ", buf_get(&name));
		buf_fini(&name);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return found;
}

/* The same parser that dials judges, so that no other reading of the link can be slipped in. */
static const struct asset_host *judge_link(
	const struct cloud_conf *conf, const char *link, struct err *err)
{
	CURLU *url = curl_url();
	const struct asset_host *found = NULL;
	if (curl_url_set(url, CURLUPART_URL, link, CURLU_DISALLOW_USER) != CURLUE_OK) {
		forbid(err, "cannot be read", "");
	} else {
		found = judge_parts(conf, url, err);
	}
	curl_url_cleanup(url);
	return found;
}

/* ---- whose turn ---- */
static int32_t running_of(struct cloud *cloud, int64_t job_row, int32_t *all)
{
	int32_t n = 0;
	*all = 0;
	list_each(at, &cloud->fetches)
	{
		const struct fetch *fetch = list_entry(at, struct fetch, link);
		*all += fetch->state == FETCH_RUNNING;
		n += fetch->state == FETCH_RUNNING && fetch->job_row == job_row;
	}
	return n;
}

static struct fetch *pick(struct cloud *cloud)
{
	struct fetch *best = NULL;
	int32_t least = 0;
	list_each(at, &cloud->fetches)
	{
		struct fetch *fetch = list_entry(at, struct fetch, link);
		int32_t all;
		int32_t n = running_of(cloud, fetch->job_row, &all);
		if (all >= FETCHES_AT_ONCE) {
			return NULL;
		}
		if (fetch->state == FETCH_QUEUED && (best == NULL || n < least)) {
			best = fetch;
			least = n;
		}
	}
	return best;
}

static struct breaker *breaker_of(const struct fetch *fetch)
{
	struct cloud *cloud = fetch->cloud;
	return &cloud->breakers[fetch->host - cloud->conf.hosts];
}

void fetch_host_told(struct fetch *fetch, bool answers)
{
	breaker_end(breaker_of(fetch), answers, clock_boot_ms());
}

static bool host_is_tried(struct fetch *fetch, struct err *err)
{
	return breaker_begin(breaker_of(fetch), clock_boot_ms()) ||
	       err_set(err, REMEDY_RETRY, "asset-host",
		       "%s does not answer (%d times in a row): it is asked again from time to "
		       "time",
		       fetch->host->host, (int)breaker_of(fetch)->failures);
}

static void start_some(struct cloud *cloud)
{
	struct fetch *fetch;
	while (!cloud->closing && (fetch = pick(cloud)) != NULL) {
		struct err err;
		int32_t fetch_ms = cloud->conf.fetch_ms > 0 ? cloud->conf.fetch_ms : FETCH_MS;
		fetch->state = FETCH_RUNNING;
		fetch->deadline_ms = clock_boot_ms() + fetch_ms;
		if (!host_is_tried(fetch, &err) || !file_start(fetch, &err)) {
			tell_waiters(fetch, &err);
			fetch_destroy(fetch);
		}
	}
}

/* ---- asked ---- */
static bool is_here(struct cloud *cloud, const struct fetch_ask *ask)
{
	struct err err;
	int64_t bytes;
	if (!spool_has(cloud->spool, SPOOL_ASSETS, ask->sha256, &bytes)) {
		return false;
	}
	if (bytes != ask->bytes) {
		err_set(&err, REMEDY_REJECT, "asset-size",
			"the asset has %lld bytes, the order says %lld", (long long)bytes,
			(long long)ask->bytes);
	}
	cloud_tell_fetch(cloud, ask->job_row, ask->page, bytes == ask->bytes ? NULL : &err);
	return true;
}

static bool joins(struct cloud *cloud, const struct fetch_ask *ask)
{
	struct fetch *fetch = find(cloud, ask->sha256);
	if (fetch == NULL) {
		return false;
	}
	if (fetch->bytes != ask->bytes) {
		struct err err;
		err_set(&err, REMEDY_RETRY, "asset-busy",
			"another job fetches this asset with another length: later");
		cloud_tell_fetch(cloud, ask->job_row, ask->page, &err);
		return true;
	}
	struct err ignored;
	const struct asset_host *host = judge_link(&cloud->conf, ask->url, &ignored);
	if (host != NULL && fetch->state == FETCH_QUEUED) {
		fetch->host = host; /* the later link lives longer */
		text_copy(fetch->url, sizeof fetch->url, ask->url);
	}
	add_waiter(fetch, ask);
	return true;
}

void cloud_fetch(void *self, const struct fetch_ask *ask)
{
	struct cloud *cloud = self;
	struct err err;
	if (cloud->closing) {
		err_set(&err, REMEDY_RETRY, "closed", "the door to the cloud is being closed");
		cloud_tell_fetch(cloud, ask->job_row, ask->page, &err);
		return;
	}
	if (is_here(cloud, ask) || joins(cloud, ask)) {
		return;
	}
	const struct asset_host *host = judge_link(&cloud->conf, ask->url, &err);
	if (host == NULL || !spool_has_room(cloud->spool, ask->bytes, &err)) {
		cloud_tell_fetch(cloud, ask->job_row, ask->page, &err);
		return;
	}
	struct fetch *fetch = mem_new(1, sizeof *fetch);
	fetch->cloud = cloud;
	fetch->host = host;
	fetch->job_row = ask->job_row;
	fetch->bytes = ask->bytes;
	text_copy(fetch->sha256, sizeof fetch->sha256, ask->sha256);
	text_copy(fetch->url, sizeof fetch->url, ask->url);
	list_init(&fetch->waiters);
	add_waiter(fetch, ask);
	list_init(&fetch->link);
	list_append(&cloud->fetches, &fetch->link);
	start_some(cloud);
}

/* ---- kept ---- */
static void on_kept(void *context, int64_t id, const char *name, const struct err *err)
{
	struct cloud *cloud = context;
	struct fetch *fetch = find(cloud, name);
	(void)id;
	cloud->n_keeping--;
	if (fetch != NULL && fetch->state == FETCH_KEEPING) {
		fetch_end(fetch, err);
	}
	cloud_ended(cloud);
}

void fetch_keep(struct fetch *fetch)
{
	struct cloud *cloud = fetch->cloud;
	int fd = fetch->part->fd;
	fetch->part->fd = -1; /* the spool's now */
	part_destroy(cloud, fetch->part, true);
	fetch->part = NULL;
	fetch->state = FETCH_KEEPING;
	transfer_fini(&fetch->transfer, &cloud->assets);
	cloud->n_keeping++;
	spool_keep_asset(cloud->spool, fetch->sha256, fd, on_kept, cloud, 0);
	start_some(cloud);
}

/* ---- cancelled ---- */
static void stop_unwanted(struct fetch *fetch)
{
	if (!list_is_empty(&fetch->waiters) || fetch->state == FETCH_KEEPING) {
		return; /* others wait; or it is as good as here, and may be wanted again */
	}
	if (fetch->state == FETCH_RUNNING) {
		file_stop(fetch);
	}
	fetch_destroy(fetch);
}

static void cancel_waiters(struct fetch *fetch, int64_t job_row, const struct err *err)
{
	list_each(at, &fetch->waiters)
	{
		struct waiter *waiter = list_entry(at, struct waiter, link);
		if (waiter->job_row == job_row) {
			tell_waiter(fetch->cloud, waiter, err);
		}
	}
}

void cloud_fetch_cancel(void *self, int64_t job_row)
{
	struct cloud *cloud = self;
	struct err err;
	err_set(&err, REMEDY_DROP, "cancelled", "the fetch was cancelled");
	list_each(at, &cloud->fetches)
	{
		struct fetch *fetch = list_entry(at, struct fetch, link);
		cancel_waiters(fetch, job_row, &err);
		stop_unwanted(fetch);
	}
	start_some(cloud);
}

void cloud_end_fetches(struct cloud *cloud, const struct err *err)
{
	list_each(at, &cloud->fetches)
	{
		struct fetch *fetch = list_entry(at, struct fetch, link);
		tell_waiters(fetch, err);
		stop_unwanted(fetch);
	}
}
