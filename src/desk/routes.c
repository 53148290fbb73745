/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes, who may use them, and how an answer goes out. A change acts at once; its answer, and
 * any reading that would see what is not committed yet, waits for the commit.
 */
#include "base/mem.h"
#include "base/point.h"
#include "desk/desk_own.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new page or command is one row here. */
static const struct route routes[] = {
	/* clang-format off */
	/* method  pattern                 raw          change          show                  status local */
	{"GET",  "v1/status",            NULL,        NULL,           read_status,          200, false},
	{"GET",  "v1/jobs",              NULL,        NULL,           read_jobs,            200, false},
	{"GET",  "v1/jobs/*",            NULL,        NULL,           read_job,             200, false},
	{"GET",  "v1/jobs/*/why",        NULL,        NULL,           read_why,             200, false},
	{"GET",  "v1/printers",          NULL,        NULL,           read_printers,        200, false},
	{"GET",  "v1/sensors",           NULL,        NULL,           read_sensors,         200, false},
	{"GET",  "v1/printers/*/said",   NULL,        NULL,           read_said,            200, false},
	{"GET",  "v1/holds",             NULL,        NULL,           read_holds,           200, false},
	{"GET",  "v1/events",            NULL,        NULL,           read_events,          200, false},
	{"GET",  "v1/words",             NULL,        NULL,           read_words,           200, false},
	{"GET",  "v1/doctor",            NULL,        NULL,           read_doctor,          200, false},
	{"GET",  "v1/incidents",         NULL,        NULL,           read_incidents,       200, false},
	{"GET",  "v1/maintenance",       NULL,        NULL,           read_maintenance,     200, false},
	{"GET",  "v1/audit",             NULL,        NULL,           read_trail,           200, false},
	{"GET",  "v1/stock",             NULL,        NULL,           read_stock,           200, false},
	{"GET",  "v1/stream",            live_open,   NULL,           NULL,                 200, false},
	{"GET",  "v1/thumbs/*/*",        thumb_send,  NULL,           NULL,                 200, false},
	{"POST", "v1/jobs/*:hold",       NULL,        change_hold,    read_changed_job,     200, true},
	{"POST", "v1/jobs/*:release",    NULL,        change_release, read_changed_job,     200, true},
	{"POST", "v1/jobs/*:cancel",     NULL,        change_cancel,  read_changed_job,     200, true},
	{"POST", "v1/jobs/*:resolve",    NULL,        change_resolve, read_changed_job,     200, true},
	{"POST", "v1/jobs/*:rerender",   rerender_open, NULL,         NULL,                 200, true},
	{"POST", "v1/incidents/*:close", NULL,        change_incident, read_changed_incident, 200, true},
	{"POST", "v1/maintenance/*/*:done", NULL,     change_maintained, read_maintained,   200, true},
	{"POST", "v1/printers/*:load",   NULL,        change_load,    read_changed_printer, 200, true},
	{"POST", "v1/printers/*:pause",  NULL,        change_pause,   read_changed_printer, 200, true},
	{"POST", "v1/printers/*:resume", NULL,        change_resume,  read_changed_printer, 200, true},
	{"POST", "v1/printers/*:accept-key", NULL,    change_accept_key, read_changed_printer, 200, true},
	{"POST", "v1/printers/*:count",  NULL,        change_count,   read_changed_printer, 200, true},
	{"POST", "v1/printers/*:trust",  NULL,        change_trust,   read_changed_printer, 200, true},
	{"POST", "v1/printers/*:distrust", NULL,      change_distrust, read_changed_printer, 200, true},
	{"POST", "v1/stock/*:add",       NULL,        change_room_add, read_changed_stock,  200, true},
	{"POST", "v1/stock/*:count",     NULL,        change_room_count, read_changed_stock, 200, true},
	{"POST", "v1/printers/*:printed", NULL,       change_counted, read_changed_printer, 200, true},
	{"POST", "v1/printers/*:test",   NULL,        change_test,    read_new_order,       201, true},
	{"POST", "v1/sensors/*:mark",    NULL,        change_sensor,  read_changed_sensor,  200, true},
	{"POST", "v1/store:accept",      NULL,        change_accept,  read_status,          200, true},
	{"POST", "v1/orders",            NULL,        change_order,   read_new_order,       201, true},
	{"PUT",  "v1/assets/*",          upload_whole, NULL,          NULL,                 201, true},
	{"GET",  "",                     files_send,  NULL,           NULL,                 200, false},
	{"GET",  "*",                    files_send,  NULL,           NULL,                 200, false},
	/* clang-format on */
};
#define N_ROUTES (sizeof routes / sizeof *routes)

/* ---- finding the route ---- */

/* One part of a pattern against one of the path; *capture gets what "*" stood for. */
static bool part_fits(const char *pattern, size_t len, const char *part, char *capture, bool *took)
{
	*took = len > 0 && pattern[0] == '*';
	if (!*took) {
		return strlen(part) == len && memcmp(part, pattern, len) == 0;
	}
	size_t tail = len - 1;
	size_t whole = strlen(part);
	if (whole <= tail || memcmp(part + whole - tail, pattern + 1, tail) != 0 ||
		whole - tail >= TEXT_ID_MAX) {
		return false;
	}
	memcpy(capture, part, whole - tail);
	capture[whole - tail] = '\0';
	return true;
}

static bool pattern_fits(
	const char *pattern, const struct request *request, char captures[][TEXT_ID_MAX])
{
	size_t at = 0, n_captures = 0;
	while (*pattern != '\0') {
		size_t len = strcspn(pattern, "/");
		bool took;
		if (at >= request_parts(request) ||
			!part_fits(pattern, len, request_part(request, at), captures[n_captures],
				&took)) {
			return false;
		}
		n_captures += took;
		at++;
		pattern += len + (pattern[len] == '/');
	}
	return at == request_parts(request);
}

static const char *method_of(const struct request *request)
{
	const char *method = request_method(request);
	return strcmp(method, "HEAD") == 0 ? "GET" : method;
}

/* *status: 404, or 405 where another method would do. */
static const struct route *find_route(
	const struct request *request, char captures[][TEXT_ID_MAX], int *status)
{
	*status = 404;
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (!pattern_fits(routes[i].pattern, request, captures)) {
			continue;
		}
		if (strcmp(routes[i].method, method_of(request)) == 0) {
			return &routes[i];
		}
		*status = 405;
	}
	return NULL;
}

/* ---- who may ---- */

static bool host_is_ours(const struct desk *desk, const struct request *request)
{
	const char *host = request_header(request, "Host");
	char name[TEXT_ID_MAX];
	if (host == NULL || !text_copy(name, sizeof name, host)) {
		return false;
	}
	/* without the port; an address of IPv6 keeps its brackets */
	char *colon = strrchr(name, ':');
	if (colon != NULL && (name[0] != '[' || strchr(colon, ']') == NULL)) {
		*colon = '\0';
	}
	for (int32_t i = 0; i < desk->settings->console.n_hosts; i++) {
		if (strcasecmp(name, desk->settings->console.hosts[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* False: the request was answered. */
static bool may_come_in(const struct door *door, struct request *request)
{
	if (door->is_local) {
		return true;
	}
	if (!host_is_ours(door->desk, request)) {
		answer_problem(request, 421, "host",
			"this name is not one of the console's: add it to console { hosts = … }");
		return false;
	}
	if (strcmp(method_of(request), "GET") != 0) {
		answer_problem(request, 403, "read-only",
			"the console only shows: changes are made with platenctl on the machine");
		return false;
	}
	return true;
}

static void name_person(const struct request *request, char *who, size_t size)
{
	uid_t uid;
	gid_t gid;
	pid_t pid;
	text_copy(who, size, "somebody");
	if (request_peer(request, &uid, &gid, &pid)) {
		const struct passwd *entry = getpwuid(uid);
		if (entry != NULL && text_is_utf8(entry->pw_name, strlen(entry->pw_name))) {
			text_copy(who, size, entry->pw_name);
		} else {
			snprintf(who, size, "user %u", (unsigned)uid);
		}
	}
}

static struct ask *ask_create(struct door *door, struct request *request)
{
	struct ask *ask = mem_new(1, sizeof *ask);
	int status;
	ask->route = find_route(request, ask->captures, &status);
	if (ask->route == NULL) {
		answer_problem(request, status, status == 405 ? "method" : "no-such-path",
			status == 405 ? "this path is asked with another method"
				      : "there is no such path: see docs/local-api.md");
		free(ask);
		return NULL;
	}
	ask->desk = door->desk;
	ask->request = request;
	list_init(&ask->link);
	name_person(request, ask->who, sizeof ask->who);
	request_keep(request, ask);
	return ask;
}

/* ---- running ---- */

static void show(struct ask *ask)
{
	struct err err;
	json_t *value = ask->route->show(ask, &err);
	if (value == NULL) {
		answer_err(ask, &err);
	} else {
		answer_json(ask, ask->route->status, value);
	}
}

static void show_after_commit(struct ask *ask)
{
	if (store_is_dirty(farm_store(ask->desk->farm))) {
		list_append(&ask->desk->waiting, &ask->link);
	} else {
		show(ask);
	}
}

static void change(struct ask *ask)
{
	struct err err;
	size_t len;
	char token[ULID_MAX] = "";
	const char *text = request_body(ask->request, &len);
	json_t *body = json_read(text, len, &err);
	if (body == NULL || !json_is_object(body) ||
		!json_need_text(body, "token", token, sizeof token, &err)) {
		if (body != NULL && !json_is_object(body)) {
			err_set(&err, REMEDY_REJECT, "field", "the body must be an object");
		}
		answer_err(ask, &err);
	} else if (answer_repeated(ask, token)) {
		/* nothing is done twice */
	} else if (!ask->route->change(ask, body, &err)) {
		answer_err(ask, &err);
	} else {
		show_after_commit(ask);
	}
	json_decref(body);
}

void routes_request(struct door *door, struct request *request)
{
	struct ask *ask = request_kept(request);
	if (ask == NULL && may_come_in(door, request)) {
		ask = ask_create(door, request);
	}
	if (ask == NULL) {
		return;
	}
	if (ask->route->raw != NULL) {
		ask->route->raw(ask);
	} else if (ask->route->change != NULL) {
		change(ask);
	} else {
		show_after_commit(ask);
	}
}

void routes_head(struct door *door, struct request *request)
{
	if (!may_come_in(door, request)) {
		return;
	}
	if (strcmp(request_method(request), "PUT") == 0) {
		struct ask *ask = ask_create(door, request);
		if (ask != NULL) {
			upload_head(ask);
		}
	}
}

void routes_after_commit(struct desk *desk)
{
	list_each(link, &desk->waiting)
	{
		struct ask *ask = list_entry(link, struct ask, link);
		list_remove(&ask->link);
		point_strikes("answering", "");
		show(ask);
	}
}
