/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the desk share. Included by desk/ only.
 */
#pragma once
#include "base/list.h"
#include "desk/desk.h"
#include "desk/rerender.h"
#include "desk/thumb.h"
#include "desk/view.h"
#include "ports/listen.h"

#define CAPTURES_MAX 2
#define TOKENS_KEPT  64
#define PATH_KEPT    160

struct route;

struct ask {              /* one request, from its routing to its answer */
	struct link link; /* on desk.waiting: for the commit */
	struct desk *desk;
	struct request *request;
	const struct route *route;
	char captures[CAPTURES_MAX][TEXT_ID_MAX];
	char who[64];           /* for the audit trail */
	char made[TEXT_ID_MAX]; /* id of what a change made */
	struct memory *memory;  /* where the answer is kept for a repeated token; NULL: nowhere */
};

struct route {
	const char *method;
	const char *pattern; /* parts; "*" is captured, "*:hold" with that end */
	/* Either `raw` answers by itself (at once or later, freeing the ask with ask_done), or
	 * `change` (may be NULL) acts and, after the commit, `show` makes the answer. */
	void (*raw)(struct ask *ask);
	bool (*change)(struct ask *ask, const json_t *body, struct err *err);
	json_t *(*show)(struct ask *ask, struct err *err);
	int status; /* of a fine answer */
	bool local_only;
};

struct memory { /* an answer to a token */
	char token[ULID_MAX];
	char path[PATH_KEPT];
	int status; /* 0: not answered yet */
	char *body;
};

struct door { /* which listener a request came by */
	struct desk *desk;
	bool is_local;
	struct listener *listener;
};

#define SECTIONS 4

struct section { /* one kind of news in the stream */
	char *text;
	int64_t version;
};

struct desk {
	struct loop *loop;
	struct farm *farm;
	const struct settings *settings;
	struct view view;
	struct door local, console;
	int n_open;
	bool closing;
	loop_call *closed;
	void *closed_context;
	struct link waiting;
	struct link uploads;
	struct link streams;
	struct thumbs *thumbs;
	struct rerenders *rerenders;
	struct loop_timer *tick;
	int64_t published_ms;
	bool news_due;
	struct section sections[SECTIONS];
	struct memory memories[TOKENS_KEPT];
	size_t next_memory;
};

/* routes.c */
void routes_request(struct door *door, struct request *request);
void routes_head(struct door *door, struct request *request);
void routes_after_commit(struct desk *desk);
/* answer.c */
void ask_done(struct ask *ask);
/* True: it was answered, since this token was used before. */
bool answer_repeated(struct ask *ask, const char *token);
void answer_json(struct ask *ask, int status, json_t *value);
void answer_err(struct ask *ask, const struct err *err);
/* What every answer carries; the last one is Cache-Control. */
const struct answer_header *guard_headers(size_t *n);
void answer_problem(struct request *request, int status, const char *code, const char *detail);

/* change.c, change_stock.c, read.c, upload.c, live.c, files.c: the rows' functions */
bool change_hold(struct ask *ask, const json_t *body, struct err *err);
bool change_release(struct ask *ask, const json_t *body, struct err *err);
bool change_cancel(struct ask *ask, const json_t *body, struct err *err);
bool change_resolve(struct ask *ask, const json_t *body, struct err *err);
bool change_incident(struct ask *ask, const json_t *body, struct err *err);
bool change_maintained(struct ask *ask, const json_t *body, struct err *err);
bool change_load(struct ask *ask, const json_t *body, struct err *err);
bool change_pause(struct ask *ask, const json_t *body, struct err *err);
bool change_resume(struct ask *ask, const json_t *body, struct err *err);
bool change_accept(struct ask *ask, const json_t *body, struct err *err);
bool change_accept_key(struct ask *ask, const json_t *body, struct err *err);
bool change_test(struct ask *ask, const json_t *body, struct err *err);
bool change_counted(struct ask *ask, const json_t *body, struct err *err);
bool change_order(struct ask *ask, const json_t *body, struct err *err);
bool change_count(struct ask *ask, const json_t *body, struct err *err);
bool change_trust(struct ask *ask, const json_t *body, struct err *err);
bool change_distrust(struct ask *ask, const json_t *body, struct err *err);
bool change_room_add(struct ask *ask, const json_t *body, struct err *err);
bool change_room_count(struct ask *ask, const json_t *body, struct err *err);
json_t *read_stock(struct ask *ask, struct err *err);
json_t *read_changed_stock(struct ask *ask, struct err *err);
json_t *read_status(struct ask *ask, struct err *err);
json_t *read_jobs(struct ask *ask, struct err *err);
json_t *read_job(struct ask *ask, struct err *err);
json_t *read_why(struct ask *ask, struct err *err);
json_t *read_printers(struct ask *ask, struct err *err);
json_t *read_holds(struct ask *ask, struct err *err);
json_t *read_events(struct ask *ask, struct err *err);
json_t *read_incidents(struct ask *ask, struct err *err);
json_t *read_maintenance(struct ask *ask, struct err *err);
json_t *read_maintained(struct ask *ask, struct err *err);
json_t *read_trail(struct ask *ask, struct err *err);
json_t *read_changed_incident(struct ask *ask, struct err *err);
json_t *read_words(struct ask *ask, struct err *err);
json_t *read_doctor(struct ask *ask, struct err *err);
json_t *read_changed_job(struct ask *ask, struct err *err);
json_t *read_changed_printer(struct ask *ask, struct err *err);
json_t *read_said(struct ask *ask, struct err *err);
json_t *read_new_order(struct ask *ask, struct err *err);
/* sensor_routes.c */
bool change_sensor(struct ask *ask, const json_t *body, struct err *err);
json_t *read_sensors(struct ask *ask, struct err *err);
json_t *read_changed_sensor(struct ask *ask, struct err *err);
void live_open(struct ask *ask);
void live_gone(struct desk *desk, struct request *request);
void live_news(struct desk *desk);
void live_tick(void *desk);
void live_fini(struct desk *desk);
/* Called at the head of a PUT; takes the body. */
void upload_head(struct ask *ask);
void upload_whole(struct ask *ask);
void upload_gone(struct ask *ask);
void files_send(struct ask *ask);
void thumb_send(struct ask *ask);
void rerender_open(struct ask *ask);
void rerender_gone(const struct ask *ask);
