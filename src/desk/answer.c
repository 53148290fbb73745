/* SPDX-License-Identifier: Apache-2.0
 *
 * How answers look: the headers that guard every one, problems with their status, and the memory of
 * answers, so that a call that is repeated with its token gets the first one's.
 */
#include "base/log.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include <stdlib.h>
#include <string.h>

static const struct answer_header guard[] = {
	{"Content-Security-Policy",
		"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
		"require-trusted-types-for 'script'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};
#define N_GUARD (sizeof guard / sizeof *guard)

const struct answer_header *guard_headers(size_t *n)
{
	*n = N_GUARD;
	return guard;
}

void answer_problem(struct request *request, int status, const char *code, const char *detail)
{
	bool again = status == 503 || status == 429;
	json_t *problem = json_pack("{si ss ss sb}", "status", status, "code", code, "detail",
		detail, "retryable", again);
	char *text = json_write(problem);
	listen_answer(
		request, status, "application/problem+json", text, strlen(text), guard, N_GUARD);
	free(text);
	json_decref(problem);
}

static int status_of(const struct err *err)
{
	static const struct {
		const char *code;
		int status;
	} rows[] = {
		{"unknown-job", 404},
		{"unknown-routine", 404},
		{"unknown-printer", 404},
		{"unknown-asset", 404},
		{"unknown-page", 404},
		{"unknown-incident", 404},
		{"unknown-sensor", 404},
		{"over", 409},
		{"asset-missing", 422},
		{"wrong-stage", 409},
		{"in-print", 409},
		{"no-other-key", 409},
		{"wrong-key", 409},
		{"wrong-count", 409},
		{"key-in-configuration", 409},
		{"field", 400},
		{"json", 400},
		{"unsupported", 422},
		{"unknown-media", 422},
		{"wrong-media", 422},
		{"asset-hash", 422},
		{"disk-full", 503},
		{"draining", 503},
		{"asset-type", 422},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].code, err->code) == 0) {
			return rows[i].status;
		}
	}
	return err->remedy == REMEDY_RETRY ? 503 : err->remedy == REMEDY_FATAL ? 500 : 422;
}

void ask_done(struct ask *ask)
{
	list_remove(&ask->link);
	free(ask);
}

static void remember(struct ask *ask, int status, const char *body)
{
	if (ask->memory != NULL) {
		ask->memory->status = status;
		ask->memory->body = mem_text(body);
	}
}

static void send_json(struct ask *ask, int status, const char *kind, json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
	json_decref(value);
	if (text == NULL) {
		/* something is no UTF-8: said here rather than passed on */
		log_error("desk", "an answer to %s can't be written as JSON",
			request_path(ask->request));
		answer_problem(ask->request, 500, "internal", "the answer could not be written");
		ask_done(ask);
		return;
	}
	remember(ask, status, text);
	listen_answer(ask->request, status, kind, text, strlen(text), guard, N_GUARD);
	free(text);
	ask_done(ask);
}

void answer_json(struct ask *ask, int status, json_t *value)
{
	send_json(ask, status, "application/json", value);
}

void answer_err(struct ask *ask, const struct err *err)
{
	int status = status_of(err);
	send_json(ask, status, "application/problem+json",
		json_pack("{si ss ss sb}", "status", status, "code", err->code, "detail", err->text,
			"retryable", status == 503));
}

bool answer_repeated(struct ask *ask, const char *token)
{
	struct desk *desk = ask->desk;
	const char *path = request_path(ask->request);
	for (size_t i = 0; i < TOKENS_KEPT; i++) {
		const struct memory *memory = &desk->memories[i];
		if (strcmp(memory->token, token) != 0) {
			continue;
		}
		if (strcmp(memory->path, path) != 0) {
			answer_problem(ask->request, 422, "token",
				"this token was used for something else: make a new one");
		} else if (memory->body == NULL) {
			answer_problem(ask->request, 503, "busy", "the same call is under way");
		} else {
			listen_answer(ask->request, memory->status,
				memory->status < 300 ? "application/json"
						     : "application/problem+json",
				memory->body, strlen(memory->body), guard, N_GUARD);
		}
		ask_done(ask);
		return true;
	}
	struct memory *memory = &desk->memories[desk->next_memory];
	desk->next_memory = (desk->next_memory + 1) % TOKENS_KEPT;
	free(memory->body);
	*memory = (struct memory){0};
	text_copy(memory->token, sizeof memory->token, token);
	text_copy(memory->path, sizeof memory->path, path);
	ask->memory = memory;
	return false;
}
