/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of platen.conf, and its values as C. What spans several keys is in settings_check.c.
 */
#include "wire/settings_own.h"
#include "base/mem.h"
#include "rules/maintenance.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH    1, SETTINGS_PATH_MAX - 1
#define DAY_MS  (24 * HOUR_MS)
#define KIB     INT64_C(1024)
#define COPIES  1, 1000000
#define RASTERS 64 * KIB *KIB, 1024 * KIB *KIB *KIB *KIB

/* of a customer's file, of all formats or of one */
#define FILE_BYTES KIB, 2048 * KIB *KIB
#define PIXELS     10000, 2000000000
#define SIDE_PX    100, 65535
#define CPU_TIME   SECOND_MS, 10 * MINUTE_MS
#define NUMBER     1, 24 /* as text: settings_sensor.c reads it */
#define MEMORY     256 * KIB *KIB, 64 * KIB *KIB *KIB

static const struct conf_rule rules[] = {
	{NULL, "floor", CONF_TEXT, true, 1, TEXT_ID_MAX - 1, NULL, NULL},
	{NULL, "state_folder", CONF_TEXT, false, PATH, "/var/lib/platen", NULL},
	{NULL, "spool_folder", CONF_TEXT, false, PATH, "/var/lib/platen/spool", NULL},
	{NULL, "profiles_folder", CONF_TEXT, false, PATH, PLATEN_DATA "/profiles", NULL},
	{NULL, "socket", CONF_TEXT, false, 1, 107, "/run/platen/platend.sock", NULL},
	{NULL, "worker_program", CONF_TEXT, false, PATH, PLATEN_LIBEXEC "/platen-worker", NULL},

	{"cloud!", "url", CONF_TEXT, true, PATH, NULL, NULL},
	{"cloud!", "ca", CONF_TEXT, true, PATH, NULL, NULL},
	{"cloud!", "certificate", CONF_TEXT, true, PATH, NULL, NULL},
	{"cloud!", "key", CONF_TEXT, true, PATH, NULL, NULL},
	{"cloud!", "signatures", CONF_CHOICE, false, 0, 0, "off", "off warn block"},
	{"cloud!", "signing_keys", CONF_TEXT, false, PATH, NULL, NULL},
	{"cloud!", "offline_permits", CONF_MS, false, 0, 72 * HOUR_MS, "2 h", NULL},

	{"asset_host", "port", CONF_INT, false, 1, 65535, "443", NULL},
	{"asset_host", "private", CONF_BOOL, false, 0, 0, "no", NULL},
	{"asset_host", "ca", CONF_TEXT, false, PATH, NULL, NULL},

	{"ceilings!", "copies_per_job", CONF_INT, false, COPIES, "500", NULL},
	{"ceilings!", "copies_per_hour", CONF_INT, false, COPIES, "5000", NULL},

	{"console!", "listen", CONF_TEXT, false, 3, 63, "127.0.0.1:8631", NULL},
	{"console!", "lan", CONF_BOOL, false, 0, 0, "no", NULL},
	{"console!", "hosts", CONF_LIST, false, 1, SETTINGS_LIST_MAX, "localhost 127.0.0.1", NULL},

	{"limits!", "file", CONF_BYTES, false, FILE_BYTES, "100 MiB", NULL},
	{"limits!", "pixels", CONF_INT, false, PIXELS, "200000000", NULL},
	{"limits!", "side_px", CONF_INT, false, SIDE_PX, "30000", NULL},
	{"limits!", "cpu_time", CONF_MS, false, CPU_TIME, "30 s", NULL},
	{"limits!", "memory", CONF_BYTES, false, MEMORY, "1536 MiB", NULL},
	{"limits!", "formats", CONF_LIST, false, 1, PICTURE_FORMATS, PICTURE_TYPES, NULL},

	{"format", "file", CONF_BYTES, false, FILE_BYTES, NULL, NULL},
	{"format", "pixels", CONF_INT, false, PIXELS, NULL, NULL},
	{"format", "side_px", CONF_INT, false, SIDE_PX, NULL, NULL},
	{"format", "cpu_time", CONF_MS, false, CPU_TIME, NULL, NULL},
	{"format", "memory", CONF_BYTES, false, MEMORY, NULL, NULL},

	{"spool!", "reserve", CONF_BYTES, false, 0, 1024 * KIB *KIB *KIB, "2 GiB", NULL},
	{"spool!", "rasters", CONF_BYTES, false, RASTERS, "10 GiB", NULL},
	{"spool!", "keep_printed", CONF_MS, false, 0, 365 * DAY_MS, "7 d", NULL},

	{"hot_folder!", "folder", CONF_TEXT, true, PATH, NULL, NULL},
	{"hot_folder!", "settle", CONF_MS, false, 50, 10 * MINUTE_MS, "2 s", NULL},
	{"hot_folder!", "patience", CONF_MS, false, SECOND_MS, DAY_MS, "10 min", NULL},
	{"hot_folder!", "keep_done", CONF_MS, false, MINUTE_MS, 365 * DAY_MS, "7 d", NULL},

	{"render!", "workers", CONF_INT, false, 1, 64, "2", NULL},

	{"planner!", "want", CONF_MS, false, 0, 7 * DAY_MS, "15 min", NULL},
	{"planner!", "permit_ahead", CONF_MS, false, MINUTE_MS, 72 * HOUR_MS, "15 min", NULL},

	{"printer", "model", CONF_TEXT, true, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"printer", "uri", CONF_TEXT, true, 1, 255, NULL, NULL},
	{"printer", "uuid", CONF_TEXT, false, 1, 64, NULL, NULL},
	{"printer", "tls_key", CONF_TEXT, false, 1, HASH_PIN_MAX - 1, NULL, NULL},
	{"printer", "user", CONF_TEXT, false, 1, 64, NULL, NULL},
	{"printer", "password_file", CONF_TEXT, false, PATH, NULL, NULL},
	{"printer", "exclusive", CONF_BOOL, false, 0, 0, "no", NULL},
	{"printer", "poll", CONF_MS, false, 500, 10 * MINUTE_MS, "5 s", NULL},

	{"maintenance", "printer", CONF_TEXT, false, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"maintenance", "model", CONF_TEXT, false, 1, NAME_MAX_LEN - 1, NULL, NULL},
	{"maintenance", "what", CONF_TEXT, true, 1, 64, NULL, NULL},
	{"maintenance", "guide", CONF_TEXT, false, 1, ROUTINE_GUIDE_MAX - 1, NULL, NULL},
	{"maintenance", "every_days", CONF_INT, false, 1, 3650, NULL, NULL},
	{"maintenance", "every_prints", CONF_INT, false, 1, 10000000, NULL, NULL},
	{"maintenance", "every_faults", CONF_INT, false, 1, 10000, NULL, NULL},
	{"maintenance", "blocks", CONF_BOOL, false, 0, 0, "no", NULL},
	{"maintenance", "test_print", CONF_BOOL, false, 0, 0, "no", NULL},
	{"sensor_bus", "uri", CONF_TEXT, true, 1, 255, NULL, NULL},
	{"sensor_bus", "poll", CONF_MS, false, 100, HOUR_MS, "1 s", NULL},
	{"sensor_bus", "answer_within", CONF_MS, false, 10, 10 * SECOND_MS, "500 ms", NULL},

	{"sensor", "bus", CONF_TEXT, true, 1, SENSOR_NAME_MAX - 1, NULL, NULL},
	{"sensor", "unit", CONF_INT, false, 0, 255, "1", NULL},
	{"sensor", "function", CONF_CHOICE, false, 0, 0, "holding", "holding input"},
	{"sensor", "register", CONF_INT, true, 0, 65535, NULL, NULL},
	{"sensor", "type", CONF_CHOICE, false, 0, 0, "int16", "int16 uint16 int32 uint32 float32"},
	{"sensor", "order", CONF_CHOICE, false, 0, 0, "big", "big swapped little"},
	{"sensor", "scale", CONF_TEXT, false, NUMBER, "1", NULL},
	{"sensor", "offset", CONF_TEXT, false, NUMBER, "0", NULL},
	{"sensor", "measures", CONF_CHOICE, true, 0, 0, NULL,
		"temperature humidity weight energy power level lamp"},
	{"sensor", "low", CONF_TEXT, true, NUMBER, NULL, NULL},
	{"sensor", "high", CONF_TEXT, true, NUMBER, NULL, NULL},
	{"sensor", "rate_max", CONF_TEXT, false, NUMBER, "0", NULL},
	{"sensor", "stale_after", CONF_MS, false, 200, 24 * HOUR_MS, NULL, NULL},
	{"sensor", "with_sheets", CONF_BOOL, false, 0, 0, "no", NULL},
	{"sensor", "pause_below", CONF_TEXT, false, NUMBER, NULL, NULL},
	{"sensor", "pause_above", CONF_TEXT, false, NUMBER, NULL, NULL},
	{"sensor", "near", CONF_LIST, false, 0, SENSOR_NEAR_MAX, NULL, NULL},
};

/* The rules bound every text by its field, so nothing is cut here. */
#define TAKE(conf, section, index, key, field)                                                     \
	text_copy(field, sizeof(field), conf_text(conf, section, index, key))

static void take_cloud(const struct conf *conf, struct settings_cloud *cloud)
{
	cloud->given = conf_count(conf, "cloud") > 0;
	TAKE(conf, "cloud", 0, "url", cloud->url);
	TAKE(conf, "cloud", 0, "ca", cloud->ca);
	TAKE(conf, "cloud", 0, "certificate", cloud->certificate);
	TAKE(conf, "cloud", 0, "key", cloud->key);
	TAKE(conf, "cloud", 0, "signing_keys", cloud->signing_keys);
	cloud->signatures = (enum signatures)conf_int(conf, "cloud", 0, "signatures");
	cloud->offline_permits_ms = conf_int(conf, "cloud", 0, "offline_permits");
}

/* What that section says of it; what it leaves out stays. */
static void take_limits(
	const struct conf *conf, const char *section, size_t index, struct render_limits *limits)
{
	const struct {
		const char *key;
		int64_t divisor;
		int64_t *wide;
		int32_t *narrow;
	} rows[] = {
		{"file", 1, &limits->file_bytes, NULL},
		{"pixels", 1, &limits->pixels, NULL},
		{"side_px", 1, NULL, &limits->side_px},
		{"cpu_time", SECOND_MS, NULL, &limits->cpu_seconds},
		{"memory", 1, &limits->memory_bytes, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t value = conf_int(conf, section, index, rows[i].key);
		value = (value + rows[i].divisor - 1) / rows[i].divisor;
		if (value != 0 && rows[i].wide != NULL) {
			*rows[i].wide = value;
		} else if (value != 0) {
			*rows[i].narrow = (int32_t)value;
		}
	}
}

static void take_formats(const struct conf *conf, struct settings *settings)
{
	struct render_limits of_all = {0};
	enum picture_format format;
	take_limits(conf, "limits", 0, &of_all);
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		settings->formats[i].limits = of_all;
	}
	for (size_t i = 0; i < conf_count(conf, "format"); i++) {
		if (picture_from_name(conf_title(conf, "format", i), &format)) {
			take_limits(conf, "format", i, &settings->formats[format].limits);
		}
	}
}

static void take_printers(const struct conf *conf, struct catalog *catalog)
{
	size_t n = conf_count(conf, "printer");
	catalog->printers = mem_new(n, sizeof *catalog->printers);
	catalog->n_printers = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct printer_conf *printer = &catalog->printers[i];
		TAKE(conf, "printer", i, "model", printer->model);
		TAKE(conf, "printer", i, "uri", printer->uri);
		TAKE(conf, "printer", i, "uuid", printer->uuid);
		TAKE(conf, "printer", i, "tls_key", printer->tls_key);
		TAKE(conf, "printer", i, "user", printer->user);
		TAKE(conf, "printer", i, "password_file", printer->password_file);
		printer->exclusive = conf_int(conf, "printer", i, "exclusive") != 0;
		printer->poll_ms = (int32_t)conf_int(conf, "printer", i, "poll");
		text_copy(printer->name, sizeof printer->name, conf_title(conf, "printer", i));
	}
}

static void take_all(const struct conf *conf, struct settings *settings)
{
	TAKE(conf, NULL, 0, "floor", settings->floor);
	TAKE(conf, NULL, 0, "state_folder", settings->state_folder);
	TAKE(conf, NULL, 0, "spool_folder", settings->spool_folder);
	TAKE(conf, NULL, 0, "profiles_folder", settings->profiles_folder);
	TAKE(conf, NULL, 0, "socket", settings->socket);
	TAKE(conf, NULL, 0, "worker_program", settings->worker_program);
	take_cloud(conf, &settings->cloud);
	settings->copies_per_job_max = (int32_t)conf_int(conf, "ceilings", 0, "copies_per_job");
	settings->copies_per_hour_max = (int32_t)conf_int(conf, "ceilings", 0, "copies_per_hour");
	take_formats(conf, settings);
	settings->spool_reserve_bytes = conf_int(conf, "spool", 0, "reserve");
	settings->spool_rasters_bytes = conf_int(conf, "spool", 0, "rasters");
	settings->keep_printed_ms = conf_int(conf, "spool", 0, "keep_printed");
	settings->hot_folder.given = conf_count(conf, "hot_folder") > 0;
	TAKE(conf, "hot_folder", 0, "folder", settings->hot_folder.folder);
	settings->hot_folder.times.settle_ms = conf_int(conf, "hot_folder", 0, "settle");
	settings->hot_folder.times.patience_ms = conf_int(conf, "hot_folder", 0, "patience");
	settings->hot_folder.keep_done_ms = conf_int(conf, "hot_folder", 0, "keep_done");
	settings->render_workers = (int32_t)conf_int(conf, "render", 0, "workers");
	settings->want_ms = conf_int(conf, "planner", 0, "want");
	settings->permit_ahead_ms = conf_int(conf, "planner", 0, "permit_ahead");
}

bool settings_read(const char *path, struct settings *settings, struct conf_faults *faults)
{
	*settings = (struct settings){0};
	size_t before = faults->n;
	struct conf *conf = conf_read(path, rules, sizeof rules / sizeof rules[0], faults);
	if (conf == NULL) {
		return false;
	}
	take_all(conf, settings);
	bool have_profiles = catalog_load(settings->profiles_folder, &settings->catalog, faults);
	take_printers(conf, &settings->catalog);
	settings_upkeep(conf, &settings->catalog, have_profiles, faults);
	settings_sensors(conf, settings, faults);
	settings_check(conf, settings, have_profiles, faults);
	conf_destroy(conf);
	if (faults->n > before) {
		settings_fini(settings);
		return false;
	}
	return true;
}

void settings_fini(struct settings *settings)
{
	catalog_free(&settings->catalog);
}

void settings_check_print(const struct conf_faults *faults, struct buf *out)
{
	size_t kept = faults->n < CONF_FAULTS_MAX ? faults->n : CONF_FAULTS_MAX;
	for (size_t i = 0; i < kept; i++) {
		buf_print(out, "%s\n", faults->text[i]);
	}
	if (faults->n > kept) {
		buf_print(out, "and %zu more\n", faults->n - kept);
	}
}
