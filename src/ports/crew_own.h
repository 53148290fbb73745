/* SPDX-License-Identifier: Apache-2.0
 *
 * What the crew's files share: the render server's side and the printers' side. Included by
 * crew*.c.
 */
#pragma once
#include "base/list.h"
#include "ports/crew.h"
#include "ports/hand.h"

struct restart { /* a worker that died comes back after a growing wait */
	struct loop_timer *timer;
	int64_t born_ms;
	int32_t deaths; /* in a row, without a minute of life between */
};

struct render_bench {
	struct crew *crew;
	struct hand *hand;
	struct restart restart;
	struct loop_timer *soon; /* pumps the queue in a later turn */
	struct loop_timer *late; /* looks for tasks past their deadline */
	struct link waiting, working, checking;
	int64_t next_id;
	int32_t n_working;
	bool warm;
	char engine[RECIPE_ENGINE_MAX];
	char font[RECIPE_FONT_MAX];
};

struct device_bench;
struct usb_watch;
struct sensor_bench;

struct crew {
	struct loop *loop;
	struct spool *spool;
	const struct catalog *catalog;
	struct crew_conf conf;
	const struct crew_hears *hears;
	void *farm;
	struct render_bench render;
	struct device_bench *devices; /* one for each printer of the catalogue */
	int32_t n_devices;
	struct usb_watch *usb;      /* NULL: no printer hangs on USB */
	struct sensor_bench *buses; /* one for each sensor bus of the catalogue */
	int32_t n_buses;
	bool closing;
	int32_t hands; /* alive */
	struct loop_timer *closed_timer;
	loop_call *closed;
	void *closed_context;
};

/* How long until a worker that died is started again; counts the death. */
int64_t restart_wait_ms(struct restart *restart);
/* A hand of the crew has ended: closing may be over. */
void crew_hand_ended(struct crew *crew);

must_use bool render_bench_open(struct crew *crew, struct err *err);
void render_bench_close(struct render_bench *bench);
void render_bench_free(struct render_bench *bench);
void render_bench_ask(struct render_bench *bench, const struct render_ask *ask);
void render_bench_cancel(struct render_bench *bench, int64_t job_row);

must_use bool device_benches_open(struct crew *crew, struct err *err);
void device_benches_close(struct crew *crew);
void device_benches_free(struct crew *crew);

/* crew_sensor.c */
void sensor_benches_open(struct crew *crew);
void sensor_benches_close(struct crew *crew);
void sensor_benches_free(struct crew *crew);

/* The device's side of crew_ops. */
void device_pin(void *self, const char *printer, const char *uuid);
void device_key(void *self, const char *printer, const char *tls_key);
void device_witness(void *self, const char *printer, const char *attempt_key);
void device_print(void *self, const struct print_ask *ask);
void device_go(void *self, const char *printer, const char *attempt_key);
void device_confirm(void *self, const char *printer, const struct attempt *attempt);
void device_cancel(void *self, const char *printer, const struct attempt *attempt);
void device_sweep(
	void *self, const char *printer, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known);
