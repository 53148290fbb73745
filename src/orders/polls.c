/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/leases:acquire waits. A poll that waits is a parked call; it is tried again when jobs
 * may have become free: after the call that freed them, and each second when a lease has lapsed.
 */
#include "base/log.h"
#include "base/mem.h"
#include "orders/service.h"
#include <stdlib.h>
#include <string.h>

struct poll {
	struct link link;
	struct call call;
	int64_t deadline_boot_ms;
	bool is_over; /* to be answered with what it has: nothing */
};

static void park(struct call *call, int32_t wait_s)
{
	struct poll *poll = mem_new(1, sizeof *poll);
	poll->call = *call;
	poll->deadline_boot_ms = clock_boot_ms() + wait_s * SECOND_MS;
	list_append(&call->service->polls, &poll->link);
	request_keep(call->request, poll);
	call->body = NULL; /* the poll owns it now */
	call->parked = true;
}

void acquire_post(struct call *call)
{
	int32_t wait_s = 0;
	polls_end(call->service, call->client);
	if (leases_try(call, &wait_s)) {
		return;
	}
	call->status = 204;
	if (wait_s > 0 && !call->service->closing) {
		park(call, wait_s);
	}
}

static void finish_poll(struct poll *poll)
{
	list_remove(&poll->link);
	request_keep(poll->call.request, NULL);
	call_finish(&poll->call);
	free(poll);
}

static bool is_over(const struct poll *poll)
{
	return poll->is_over || clock_boot_ms() >= poll->deadline_boot_ms;
}

static void try_poll(struct poll *poll)
{
	struct service *service = poll->call.service;
	int32_t wait_s;
	struct err err;
	if (!db_begin(service->db, &err)) {
		service->broken = true;
		service->fault = err;
		finish_poll(poll);
		return;
	}
	if (poll->is_over || !leases_try(&poll->call, &wait_s)) {
		if (!is_over(poll)) {
			if (!db_commit(service->db, &err)) { /* lapsed wishes, spent jobs */
				log_error("store", "fails code=%s text=%s", err.code, err.text);
				db_rollback(service->db);
			}
			return;
		}
		poll->call.status = 204;
	}
	finish_poll(poll);
}

void polls_try(void *context)
{
	struct service *service = context;
	list_each(at, &service->polls)
	{
		try_poll(list_entry(at, struct poll, link));
	}
}

/* Did time alone make a job free since the last tick? */
static bool has_lapsed(struct service *service, int64_t now_ms)
{
	bool lapsed = one_int(service, 0,
			      "SELECT EXISTS (SELECT 1 FROM job WHERE state='leased' AND "
			      "deadline_boot_ms<=?1) OR EXISTS (SELECT 1 FROM job WHERE "
			      "state='waiting' AND later_boot_ms>?2 AND later_boot_ms<=?1)",
			      "ii", now_ms, service->ticked_boot_ms) != 0;
	service->ticked_boot_ms = now_ms;
	service->broken = false; /* the tries will find out, too */
	return lapsed;
}

void polls_tick(struct service *service)
{
	bool lapsed = !list_is_empty(&service->polls) && has_lapsed(service, clock_boot_ms());
	list_each(at, &service->polls)
	{
		struct poll *poll = list_entry(at, struct poll, link);
		if (lapsed || is_over(poll)) {
			try_poll(poll);
		}
	}
}

void polls_end(struct service *service, const char *floor)
{
	list_each(at, &service->polls)
	{
		struct poll *poll = list_entry(at, struct poll, link);
		if (floor == NULL || strcmp(poll->call.client, floor) == 0) {
			poll->is_over = true;
			loop_timer_start(service->wake, 0);
		}
	}
}

bool poll_is_waiting(const struct service *service, const char *client, const char *key)
{
	list_each(at, (struct link *)&service->polls)
	{
		const struct call *call = &list_entry(at, struct poll, link)->call;
		if (strcmp(call->client, client) == 0 && strcmp(call->key, key) == 0) {
			return true;
		}
	}
	return false;
}

void poll_gone(struct service *service, struct request *request)
{
	list_each(at, &service->polls)
	{
		struct poll *poll = list_entry(at, struct poll, link);
		if (poll->call.request == request) {
			list_remove(&poll->link);
			json_decref(poll->call.body);
			free(poll);
			return;
		}
	}
}
