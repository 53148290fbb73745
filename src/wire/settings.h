/* SPDX-License-Identifier: Apache-2.0
 *
 * platen.conf as C values: what this floor is, where its things are, which printers a person added.
 * docs/platen.conf.example says every key. The files of profiles/ are read along with it, since the
 * printers name models; like wire/profile.h this reads files of the program, once, at the start.
 */
#pragma once
#include "base/buf.h"
#include "rules/drop.h"
#include "wire/order.h"
#include "wire/profile.h"
#include "wire/task.h"

#define SETTINGS_PATH_MAX 256
#define SETTINGS_LIST_MAX 16

struct settings_cloud { /* given = false: no cloud, the embedded default */
	bool given;
	char url[SETTINGS_PATH_MAX]; /* "https://orders.example:8443", without a path */
	char ca[SETTINGS_PATH_MAX], certificate[SETTINGS_PATH_MAX],
		key[SETTINGS_PATH_MAX]; /* PEM */
	enum signatures signatures;
	char signing_keys[SETTINGS_PATH_MAX]; /* folder; "" when signatures are off */
	int64_t offline_permits_ms; /* how much permitted work may be held against an outage */
};

struct settings_asset_host {
	char host[TEXT_ID_MAX];
	int32_t port;
	bool is_private;
	char ca[SETTINGS_PATH_MAX]; /* "": the system's */
};

struct settings_console {
	char address[64]; /* numeric, without brackets */
	int32_t port;
	char hosts[SETTINGS_LIST_MAX][TEXT_ID_MAX]; /* Host headers that are answered */
	int32_t n_hosts;
};

struct settings_hot_folder { /* given = false: nothing is looked for in folders */
	bool given;
	char folder[SETTINGS_PATH_MAX];
	struct drop_times times;
	int64_t keep_done_ms;
};

struct settings {
	char floor[TEXT_ID_MAX];
	char state_folder[SETTINGS_PATH_MAX]; /* the store */
	char spool_folder[SETTINGS_PATH_MAX];
	char profiles_folder[SETTINGS_PATH_MAX];
	char socket[SETTINGS_PATH_MAX];
	char worker_program[SETTINGS_PATH_MAX];
	struct settings_cloud cloud;
	struct settings_asset_host asset_hosts[SETTINGS_LIST_MAX];
	int32_t n_asset_hosts;
	struct settings_console console;
	int32_t copies_per_job_max, copies_per_hour_max; /* above: a person decides */
	struct picture_policy formats[PICTURE_FORMATS];  /* these a running daemon reads again */
	int64_t spool_reserve_bytes;                     /* kept free on the spool's file system */
	int64_t spool_rasters_bytes;                     /* quota of rendered pages */
	int64_t keep_printed_ms;                         /* assets, after their job was printed */
	struct settings_hot_folder hot_folder;
	int32_t render_workers;
	int64_t want_ms;         /* work to have on the floor */
	int64_t permit_ahead_ms; /* work to have permits for, per printer */
	struct catalog catalog;  /* with the printers of this file */
};

/* False when there was any fault; all are told, of this file and of profiles/. */
must_use bool settings_read(
	const char *path, struct settings *settings, struct conf_faults *faults);
void settings_fini(struct settings *settings);
/* One fault a line, and how many more there are: what `platend --check-config` prints. */
void settings_check_print(const struct conf_faults *faults, struct buf *out);
