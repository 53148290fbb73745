/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call of docs/order-api.md, one row each. A row here needs its entry in docs/openapi.yaml: a
 * test compares them.
 */
#include "orders/routes.h"
#include <stdio.h>
#include <string.h>

#define FLOOR_POST (NEED_KEY | NEED_SESSION | NEED_BODY)
#define ADMIN_POST (NEED_KEY | NEED_BODY)

static const struct route routes[] = {
	/* clang-format off */
	{"GET",  "/v1/meta", WHO_ANY, 0, meta_get, "versions and limits"},
	{"POST", "/v1/token", WHO_FLOOR, 0, token_post, "a short-lived bearer token"},
	{"POST", "/v1/sessions", WHO_FLOOR, NEED_KEY | NEED_BODY | NEED_ENABLED, session_post, "compare what both sides know"},
	{"POST", "/v1/jobs:closed", WHO_FLOOR, FLOOR_POST, closed_post, "what ended there lately"},
	{"PUT",  "/v1/offer", WHO_FLOOR, FLOOR_POST | NEED_ENABLED, offer_put, "what the floor can make now"},
	{"POST", "/v1/leases:acquire", WHO_FLOOR, FLOOR_POST | NEED_ENABLED, acquire_post, "wait for jobs"},
	{"POST", "/v1/leases:extend", WHO_FLOOR, FLOOR_POST, extend_post, "heartbeat of all jobs held"},
	{"POST", "/v1/leases:release", WHO_FLOOR, FLOOR_POST, release_post, "give jobs back"},
	{"POST", "/v1/jobs:start", WHO_FLOOR, FLOOR_POST | NEED_ENABLED, start_post, "ask for permits"},
	{"POST", "/v1/assets:sign", WHO_FLOOR, FLOOR_POST, sign_post, "a fresh link"},
	{"POST", "/v1/events", WHO_FLOOR, NEED_KEY | NEED_SESSION | NEED_BATCH, events_post, "what happened, in order"},
	{"POST", "/v1/remakes", WHO_FLOOR, FLOOR_POST | NEED_ENABLED, remakes_post, "prints to be made again"},
	{"GET",  "/v1/assets/{id}", WHO_ANY, 0, NULL, "a file, by its signed link"},
	{"POST", "/v1/admin/assets", WHO_ADMIN, 0, upload_post, "a photo in"},
	{"POST", "/v1/admin/orders", WHO_ADMIN, ADMIN_POST, orders_post, "an order in"},
	{"GET",  "/v1/admin/orders", WHO_ADMIN, 0, orders_get, "orders, newest first"},
	{"GET",  "/v1/admin/orders/{id}", WHO_ADMIN, 0, order_get, "one order: jobs and events"},
	{"GET",  "/v1/admin/jobs/{id}", WHO_ADMIN, 0, job_get, "one job with its events"},
	{"GET",  "/v1/admin/events", WHO_ADMIN, 0, events_get, "all events as they came"},
	{"POST", "/v1/admin/jobs/{id}:cancel", WHO_ADMIN, ADMIN_POST, job_cancel, "the customer does not want it"},
	{"POST", "/v1/admin/jobs/{id}:revoke", WHO_ADMIN, ADMIN_POST, job_revoke, "ask it back"},
	{"POST", "/v1/admin/jobs/{id}:pause", WHO_ADMIN, ADMIN_POST, job_pause, "no permit for now"},
	{"POST", "/v1/admin/jobs/{id}:resume", WHO_ADMIN, ADMIN_POST, job_resume, "go on"},
	{"POST", "/v1/admin/jobs/{id}:retry", WHO_ADMIN, ADMIN_POST, job_retry, "offer it again after an error"},
	{"POST", "/v1/admin/jobs/{id}:revise", WHO_ADMIN, ADMIN_POST, job_revise, "change it before it prints"},
	{"POST", "/v1/admin/jobs/{id}:free", WHO_ADMIN, ADMIN_POST, job_free, "take the permit from a lost floor"},
	{"GET",  "/v1/admin/floors", WHO_ADMIN, 0, floors_get, "floors as last heard of"},
	{"POST", "/v1/admin/floors/{id}:disable", WHO_ADMIN, ADMIN_POST, floor_disable, "no new work for it"},
	{"POST", "/v1/admin/floors/{id}:enable", WHO_ADMIN, ADMIN_POST, floor_enable, "work again"},
	{"POST", "/v1/admin/links:rotate", WHO_ADMIN, ADMIN_POST, links_rotate, "a new key for asset links"},
	/* clang-format on */
};

/* Matches a path with at most one {id}, which may hold no slash; the id goes to `id`. */
static bool path_matches(const char *pattern, const char *path, char id[TEXT_ID_MAX])
{
	const char *hole = strstr(pattern, "{id}");
	if (hole == NULL) {
		return strcmp(pattern, path) == 0;
	}
	size_t before = (size_t)(hole - pattern);
	const char *tail = hole + 4;
	size_t len = strlen(path);
	if (len <= before + strlen(tail) || strncmp(pattern, path, before) != 0 ||
		strcmp(path + len - strlen(tail), tail) != 0) {
		return false;
	}
	size_t id_len = len - before - strlen(tail);
	if (id_len >= TEXT_ID_MAX) {
		return false;
	}
	memcpy(id, path + before, id_len);
	id[id_len] = '\0';
	return text_is_id(id);
}

bool route_find(struct call *call)
{
	const char *method = request_method(call->request);
	const char *path = request_path(call->request);
	const char *other = NULL;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		const struct route *route = &routes[i];
		if (route->handle == NULL || !path_matches(route->path, path, call->id)) {
			continue;
		}
		if (strcmp(route->method, method) == 0) {
			call->route = route;
			return true;
		}
		other = route->method;
	}
	if (other != NULL) {
		return refuse(call, 405, "method", "this call is made with %s", other);
	}
	return refuse(call, 404, "no-such-call", "there is no call of that path");
}

void routes_print(void)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		printf("%-4s %-36s %s\n", routes[i].method, routes[i].path, routes[i].about);
	}
}
