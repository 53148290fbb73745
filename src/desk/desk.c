/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter opens and closes.
 *
 *  1. desk_open listens on the Unix socket and on the console's address, and asks the farm to be
 *     told of each commit.
 *  2. Requests go to the routes; after a commit the answers that waited for it go out, and the
 *     event streams get their news.
 *  3. desk_close closes both listeners; what is unanswered is told `gone` and forgotten.
 */
#include "desk/desk.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "desk/desk_own.h"
#include <stdlib.h>

#define CONSOLE_CONNECTIONS 200
#define BODY_BYTES          (256 * 1024)

static void on_request(void *context, struct request *request)
{
	routes_request(context, request);
}

static void on_head(void *context, struct request *request)
{
	routes_head(context, request);
}

static void on_gone(void *context, struct request *request)
{
	struct door *door = context;
	struct ask *ask = request_kept(request);
	if (ask != NULL) {
		upload_gone(ask);
		rerender_gone(ask);
		ask_done(ask);
	} else {
		live_gone(door->desk, request);
	}
}

static void on_commit(void *context)
{
	struct desk *desk = context;
	if (!desk->closing) {
		routes_after_commit(desk);
		live_news(desk);
	}
}

static bool open_door(struct door *door, const struct listen_conf *conf, struct err *err)
{
	static const struct listen_hears hears = {on_request, on_gone, on_head};
	door->listener = listen_open(door->desk->loop, conf, &hears, door, err);
	door->desk->n_open += door->listener != NULL;
	return door->listener != NULL;
}

static bool open_doors(struct desk *desk, struct err *err)
{
	const struct settings *settings = desk->settings;
	struct listen_conf local = {.path = settings->socket, .body_max_bytes = BODY_BYTES};
	struct listen_conf console = {
		.host = settings->console.address,
		.port = settings->console.port,
		.body_max_bytes = 1,
		.connections_max = CONSOLE_CONNECTIONS,
		.connections_per_address_max = CONSOLE_CONNECTIONS,
	};
	if (!open_door(&desk->local, &local, err)) {
		return err_wrap(err, "the socket of platenctl (`socket` in platen.conf)");
	}
	if (!open_door(&desk->console, &console, err)) {
		return err_wrap(err, "the console (`listen` of `console` in platen.conf)");
	}
	return true;
}

static void free_desk(struct desk *desk)
{
	loop_timer_destroy(desk->tick);
	live_fini(desk);
	for (size_t i = 0; i < TOKENS_KEPT; i++) {
		free(desk->memories[i].body);
	}
	free(desk);
}

static void on_closed(void *context)
{
	struct desk *desk = context;
	if (--desk->n_open > 0) {
		return;
	}
	if (desk->thumbs != NULL) {
		struct thumbs *thumbs = desk->thumbs;
		desk->thumbs = NULL;
		desk->n_open = 1;
		if (thumbs_close(thumbs, on_closed, desk)) {
			return;
		}
	}
	if (desk->rerenders != NULL) {
		struct rerenders *rerenders = desk->rerenders;
		desk->rerenders = NULL;
		desk->n_open = 1;
		if (rerenders_close(rerenders, on_closed, desk)) {
			return;
		}
	}
	loop_call *closed = desk->closed;
	void *closed_context = desk->closed_context;
	free_desk(desk);
	closed(closed_context);
}

static void ignore(void *context)
{
	(void)context;
}

struct desk *desk_open(
	struct loop *loop, struct farm *farm, const struct settings *settings, struct err *err)
{
	struct desk *desk = mem_new(1, sizeof *desk);
	desk->loop = loop;
	desk->farm = farm;
	desk->settings = settings;
	desk->view = (struct view){.farm = farm, .started_wall_ms = farm_wall_ms(farm)};
	desk->local = (struct door){.desk = desk, .is_local = true};
	desk->console = (struct door){.desk = desk};
	desk->tick = loop_timer_create(loop, live_tick, desk);
	desk->thumbs = thumbs_create(desk);
	desk->rerenders = rerenders_create(desk);
	list_init(&desk->waiting);
	list_init(&desk->uploads);
	list_init(&desk->streams);
	if (!open_doors(desk, err)) {
		if (desk->n_open > 0) {
			desk_close(desk, ignore, NULL);
		} else {
			thumbs_free(desk->thumbs);
			rerenders_free(desk->rerenders);
			free_desk(desk);
		}
		return NULL;
	}
	farm_on_commit(farm, on_commit, desk);
	log_info("desk", "open, socket=%s console=http://%s:%d/", settings->socket,
		settings->console.address, listen_port(desk->console.listener));
	return desk;
}

int desk_port(const struct desk *desk)
{
	return listen_port(desk->console.listener);
}

void desk_close(struct desk *desk, loop_call *done, void *context)
{
	desk->closing = true;
	desk->closed = done;
	desk->closed_context = context;
	struct door *const doors[] = {&desk->local, &desk->console};
	for (size_t i = 0; i < 2; i++) {
		if (doors[i]->listener != NULL) {
			listen_close(doors[i]->listener, on_closed, desk);
		}
	}
}
