/* SPDX-License-Identifier: Apache-2.0
 *
 * platend: reads the configuration, opens the real doors, lets the farm run on the loop, and closes
 * all again. Nothing is decided here.
 */
#include "config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/point.h"
#include "desk/desk.h"
#include "farm/farm.h"
#include "ports/cloud.h"
#include "ports/crew.h"
#include "ports/hot_folder.h"
#include "ports/notify.h"
#include "wire/settings.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define DRAIN_MS      (25 * SECOND_MS) /* below systemd's stop time-out */
#define DRAIN_LOOK_MS 200

struct daemon {
	const char *path; /* of the configuration */
	struct settings settings;
	struct loop *loop;
	struct store *store;
	struct spool *spool;
	struct cloud *cloud;
	struct crew *crew;
	struct hot_folder *hot;
	struct farm *farm;
	struct desk *desk;
	struct notify *notify;
	struct loop_timer *wake, *drain;
	int64_t drain_until_ms;
	int status;
};

/* ---- the clock's door ---- */

static int64_t now_ms(void *self)
{
	(void)self;
	return clock_boot_ms();
}

static int64_t wall_ms(void *self)
{
	(void)self;
	return clock_wall_ms();
}

static void wake_at(void *self, int64_t at_ms)
{
	struct daemon *daemon = self;
	loop_timer_start(daemon->wake, at_ms - clock_boot_ms());
}

static uint64_t chance(void *self)
{
	uint64_t bits;
	(void)self;
	random_bytes(&bits, sizeof bits);
	return bits;
}

static void boot_id(void *self, char id[CLOCK_BOOT_ID_MAX])
{
	(void)self;
	clock_boot_id(id);
}

static const struct clock_ops real_clock = {now_ms, wall_ms, wake_at, chance, boot_id};

/* ---- the turn and the end ---- */

static void on_wake(void *context)
{
	struct daemon *daemon = context;
	farm_wake(daemon->farm);
}

static void on_turn(void *context)
{
	struct daemon *daemon = context;
	struct err err;
	if (!farm_turn(daemon->farm, &err)) {
		log_error("platend", "stopping, this machine is unfit: %s", err.text);
		daemon->status = EX_IOERR;
		farm_close(daemon->farm);
		loop_stop(daemon->loop);
	}
}

static void look_if_drained(void *context)
{
	struct daemon *daemon = context;
	if (farm_is_idle(daemon->farm) || clock_boot_ms() >= daemon->drain_until_ms) {
		loop_stop(daemon->loop);
		return;
	}
	loop_timer_start(daemon->drain, DRAIN_LOOK_MS);
}

static void on_signal(void *context)
{
	struct daemon *daemon = context;
	if (daemon->drain_until_ms != 0) {
		loop_stop(daemon->loop); /* told twice: at once; the store knows all there is */
		return;
	}
	daemon->drain_until_ms = clock_boot_ms() + DRAIN_MS;
	log_info("platend", "told to stop: at most %d s more; told again: at once",
		(int)(DRAIN_MS / SECOND_MS));
	notify_stopping(daemon->notify);
	farm_drain(daemon->farm);
	loop_timer_start(daemon->drain, 0);
}

/* SIGHUP: the formats of pictures and their limits are taken anew; all else wants a restart. A file
 * with faults changes nothing. */
static void on_reload(void *context)
{
	struct daemon *daemon = context;
	struct settings *fresh = mem_new(1, sizeof *fresh);
	struct conf_faults *faults = mem_new(1, sizeof *faults);
	if (settings_read(daemon->path, fresh, faults)) {
		log_info("platend", "%s read again: formats and their limits", daemon->path);
		farm_set_formats(daemon->farm, fresh->formats);
		settings_fini(fresh);
	}
	for (size_t i = 0; i < faults->n && i < CONF_FAULTS_MAX; i++) {
		log_error("platend", "not taken anew: %s", faults->text[i]);
	}
	free(faults);
	free(fresh);
}

/* ---- opening ---- */

static void fill_cloud(const struct settings *settings, struct cloud_conf *conf)
{
	*conf = (struct cloud_conf){.n_hosts = (size_t)settings->n_asset_hosts};
	text_copy(conf->url, sizeof conf->url, settings->cloud.url);
	text_copy(conf->ca, sizeof conf->ca, settings->cloud.ca);
	text_copy(conf->cert, sizeof conf->cert, settings->cloud.certificate);
	text_copy(conf->key, sizeof conf->key, settings->cloud.key);
	text_copy(conf->floor, sizeof conf->floor, settings->floor);
	text_copy(conf->signing_keys, sizeof conf->signing_keys, settings->cloud.signing_keys);
	text_copy(conf->agent, sizeof conf->agent, PACKAGE_NAME "/" PACKAGE_VERSION);
	for (size_t i = 0; i < conf->n_hosts && i < CLOUD_HOSTS_MAX; i++) {
		const struct settings_asset_host *from = &settings->asset_hosts[i];
		struct asset_host *to = &conf->hosts[i];
		text_copy(to->host, sizeof to->host, from->host);
		text_copy(to->ca, sizeof to->ca, from->ca);
		to->port = from->port;
		to->is_private = from->is_private;
	}
}

static struct farm_conf farm_conf_from(const struct settings *settings)
{
	struct farm_conf conf = {
		.has_cloud = settings->cloud.given,
		.ceilings = {settings->copies_per_job_max, settings->copies_per_hour_max},
		.want_s = settings->want_ms / SECOND_MS,
		.permit_ahead_s = settings->permit_ahead_ms / SECOND_MS,
		.offline_s = settings->cloud.offline_permits_ms / SECOND_MS,
		.keep_ms = settings->keep_printed_ms,
		.rasters_bytes = settings->spool_rasters_bytes,
		.signatures = settings->cloud.signatures,
		.hot_folder = settings->hot_folder.given ? settings->hot_folder.folder : NULL,
		.hot_settle_ms = settings->hot_folder.times.settle_ms,
	};
	memcpy(conf.formats, settings->formats, sizeof conf.formats);
	text_copy(conf.floor, sizeof conf.floor, settings->floor);
	text_copy(conf.agent, sizeof conf.agent, PACKAGE_NAME "/" PACKAGE_VERSION);
	return conf;
}

/* Where a test may end the start (base/point.h). */
static bool passes(const char *place, struct err *err)
{
	return !point_strikes(place, "") ||
	       err_set(err, REMEDY_FATAL, "struck", "struck at %s", place);
}

/* Two, so that whichever of the folders is put back, the other one tells. */
static void open_marks(struct store *store, const struct settings *settings)
{
	const char *const folders[] = {settings->state_folder, settings->spool_folder};
	for (int i = 0; i < 2; i++) {
		char path[SETTINGS_PATH_MAX + 16];
		snprintf(path, sizeof path, "%s/high-water", folders[i]);
		store_mark_open(store, path);
	}
}

static bool open_files(struct daemon *daemon, struct err *err)
{
	const struct settings *settings = &daemon->settings;
	char path[SETTINGS_PATH_MAX + 16];
	mkdir(settings->state_folder, 0700);
	snprintf(path, sizeof path, "%s/platen.db", settings->state_folder);
	daemon->store = store_open(path, clock_wall_ms(), err);
	if (daemon->store == NULL || !passes("store-opened", err)) {
		return false;
	}
	daemon->spool = spool_open(
		daemon->loop, settings->spool_folder, settings->spool_reserve_bytes, -1, err);
	if (daemon->spool != NULL) {
		open_marks(daemon->store, settings);
	}
	return daemon->spool != NULL && passes("spool-opened", err);
}

static void open_hot_folder(struct daemon *daemon)
{
	const struct settings_hot_folder *settings = &daemon->settings.hot_folder;
	struct hot_conf conf = {.folder = settings->folder,
		.owner = store_id(daemon->store),
		.times = settings->times,
		.keep_ms = settings->keep_done_ms,
		.catalog = &daemon->settings.catalog};
	if (settings->given) {
		daemon->hot = hot_folder_create(
			daemon->loop, daemon->spool, &conf, &farm_hot_hears, daemon->farm);
	}
}

static bool open_doors(struct daemon *daemon, struct err *err)
{
	const struct settings *settings = &daemon->settings;
	struct farm_conf farm_conf = farm_conf_from(settings);
	daemon->farm = farm_create(&settings->catalog, &farm_conf);
	daemon->wake = loop_timer_create(daemon->loop, on_wake, daemon);
	daemon->drain = loop_timer_create(daemon->loop, look_if_drained, daemon);
	if (settings->cloud.given) {
		struct cloud_conf conf;
		fill_cloud(settings, &conf);
		daemon->cloud = cloud_create(
			daemon->loop, daemon->spool, &conf, &farm_cloud_hears, daemon->farm, err);
		if (daemon->cloud == NULL) {
			return false;
		}
	}
	struct crew_conf crew = {.program = settings->worker_program,
		.profiles_folder = settings->profiles_folder,
		.render_tasks = settings->render_workers};
	daemon->crew = crew_create(daemon->loop, daemon->spool, &settings->catalog, &crew,
		&farm_crew_hears, daemon->farm, err);
	if (daemon->crew == NULL) {
		return false;
	}
	open_hot_folder(daemon);
	struct ports ports = {.clock_ops = &real_clock,
		.clock = daemon,
		.cloud_ops = &cloud_https,
		.cloud = daemon->cloud,
		.crew_ops = &crew_processes,
		.crew = daemon->crew,
		.hot_ops = daemon->hot != NULL ? &hot_folder_files : NULL,
		.hot = daemon->hot,
		.store = daemon->store,
		.spool = daemon->spool};
	farm_open(daemon->farm, &ports);
	if (!passes("floor-opened", err)) {
		return false;
	}
	daemon->desk = desk_open(daemon->loop, daemon->farm, settings, err);
	return daemon->desk != NULL;
}

static bool open_all(struct daemon *daemon, struct err *err)
{
	daemon->loop = loop_create(err);
	if (daemon->loop == NULL || !open_files(daemon, err) || !open_doors(daemon, err)) {
		return false;
	}
	if (!loop_on_signal(daemon->loop, SIGTERM, on_signal, daemon, err) ||
		!loop_on_signal(daemon->loop, SIGINT, on_signal, daemon, err) ||
		!loop_on_signal(daemon->loop, SIGHUP, on_reload, daemon, err)) {
		return false;
	}
	loop_on_prepare(daemon->loop, on_turn, daemon);
	daemon->notify = notify_open(daemon->loop);
	notify_ready(daemon->notify);
	return true;
}

/* ---- closing: one door after the other, each in its own time ---- */

static void close_next(void *context)
{
	struct daemon *daemon = context;
	if (daemon->desk != NULL) {
		struct desk *desk = daemon->desk;
		daemon->desk = NULL;
		desk_close(desk, close_next, daemon);
	} else if (daemon->cloud != NULL) {
		struct cloud *cloud = daemon->cloud;
		daemon->cloud = NULL;
		cloud_close(cloud, close_next, daemon);
	} else if (daemon->hot != NULL) {
		struct hot_folder *hot = daemon->hot;
		daemon->hot = NULL;
		hot_folder_close(hot, close_next, daemon);
	} else if (daemon->spool != NULL) { /* before the crew, which waits for its keeps */
		struct spool *spool = daemon->spool;
		daemon->spool = NULL;
		spool_close(spool, close_next, daemon);
	} else if (daemon->crew != NULL) {
		struct crew *crew = daemon->crew;
		daemon->crew = NULL;
		crew_close(crew, close_next, daemon);
	} else {
		loop_stop(daemon->loop);
	}
}

static void close_all(struct daemon *daemon)
{
	if (daemon->farm != NULL) {
		farm_close(daemon->farm);
	}
	if (daemon->loop != NULL) {
		close_next(daemon);
		loop_run(daemon->loop);
		notify_close(daemon->notify);
		loop_timer_destroy(daemon->wake);
		loop_timer_destroy(daemon->drain);
		loop_destroy(daemon->loop);
	}
	farm_destroy(daemon->farm);
	store_close(daemon->store);
	settings_fini(&daemon->settings);
}

static int run(struct daemon *daemon)
{
	struct err err;
	if (!open_all(daemon, &err)) {
		log_error("platend", "can't start: %s", err.text);
		daemon->status = strcmp(err.code, "store-locked") == 0 ? EX_TEMPFAIL : EX_CONFIG;
	} else {
		log_info("platend", "ready, version=%s floor=%s", PACKAGE_VERSION,
			daemon->settings.floor);
		loop_run(daemon->loop);
		log_info("platend", "stopping");
	}
	close_all(daemon);
	return daemon->status;
}

/* ---- the command line ---- */

/* Started as it is, platend would end at once; better it is known before. */
static bool check_worker(const char *path, const struct settings *settings)
{
	if (access(settings->worker_program, X_OK) == 0) {
		return true;
	}
	fprintf(stderr,
		"%s: worker_program: %s: %s: install platen, or name the platen-worker that was "
		"built\n",
		path, settings->worker_program, strerror(errno));
	return false;
}

static int check_config(const char *path, struct settings *settings, bool only_check)
{
	struct conf_faults *faults = mem_new(1, sizeof *faults);
	bool fine = settings_read(path, settings, faults);
	if (!fine) {
		struct buf words = {0};
		settings_check_print(faults, &words);
		fputs(buf_get(&words), stderr);
		buf_fini(&words);
	} else if (only_check && (fine = check_worker(path, settings))) {
		printf("%s: fine: floor %s, printers: %d, products: %d\n", path, settings->floor,
			(int)settings->catalog.n_printers, (int)settings->catalog.n_products);
	}
	free(faults);
	return fine ? EX_OK : EX_CONFIG;
}

/* Tests name in the environment where this process is to fail or to be killed (base/point.h). */
static bool arm_points(void)
{
	const char *points = getenv("PLATEN_POINTS");
	struct err err;
	if (points == NULL || point_arm_text(points, &err)) {
		return true;
	}
	fprintf(stderr, "platend: %s\n", err.text);
	return false;
}

static void print_points(void)
{
	for (const struct point_place *at = point_places; at->name != NULL; at++) {
		const char *detail;
		for (size_t n = 0; (detail = farm_point_detail(at->detail, n)) != NULL; n++) {
			printf("%s%s%s\n", at->name, detail[0] == '\0' ? "" : "/", detail);
		}
	}
}

static void print_version(void)
{
#ifdef HAVE_SYSTEMD
	const char *systemd = "yes";
#else
	const char *systemd = "no";
#endif
#ifdef HAVE_MODBUS
	const char *sensors = "modbus";
#else
	const char *sensors = "none";
#endif
	printf("platend %s\ndrivers: %s\nsensors: %s\nsystemd: %s\n", PACKAGE_VERSION,
		DRIVERS_BUILT_IN, sensors, systemd);
}

static void usage(FILE *to)
{
	fprintf(to,
		"usage: platend --config FILE [--check-config] [--verbose]\n"
		"  --config FILE    the floor's configuration (docs/platen.conf.example)\n"
		"  --check-config   verify it, name file, line and key of each fault, and end\n"
		"  --verbose        also log what only helps to find faults\n"
		"  --points         name the points at which PLATEN_POINTS can strike (for tests)\n"
		"  --version, --help\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'}, {"verbose", no_argument, NULL, 'v'},
		{"points", no_argument, NULL, 'p'}, {"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	const char *path = NULL;
	bool only_check = false;
	for (int option; (option = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			only_check = true;
			break;
		case 'v':
			log_set_sink(NULL, NULL, LOG_LEVEL_DEBUG);
			break;
		case 'p':
			print_points();
			return EX_OK;
		case 'V':
			print_version();
			return EX_OK;
		case 'h':
			usage(stdout);
			return EX_OK;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	}
	if (path == NULL || optind != argc) {
		usage(stderr);
		return EX_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!arm_points()) {
		return EX_USAGE;
	}
	struct daemon *daemon = mem_new(1, sizeof *daemon);
	daemon->path = path;
	int status = check_config(path, &daemon->settings, only_check);
	if (status == EX_OK && !only_check) {
		status = run(daemon);
	} else if (status == EX_OK) {
		settings_fini(&daemon->settings);
	}
	free(daemon);
	return status;
}
