/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings the service up (store, folders, signals, timers, and the door last) and takes it down.
 */
#include "orders/serve.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "orders/schema.h"
#include "orders/service.h"
#include "ports/notify.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 1000

static void on_prune(void *context)
{
	struct service *service = context;
	struct err err;
	if (db_begin(service->db, &err)) {
		keys_prune(service);
		if (service->broken || !db_commit(service->db, &err)) {
			db_rollback(service->db);
		}
	}
	service->broken = false;
	loop_timer_start(service->prune, HOUR_MS);
}

static void on_tick(void *context)
{
	struct service *service = context;
	polls_tick(service);
	loop_timer_start(service->tick, TICK_MS);
}

static void on_closed(void *context)
{
	loop_stop(((struct service *)context)->loop);
}

static void on_stop(void *context)
{
	struct service *service = context;
	if (!service->closing) {
		service->closing = true;
		log_info("platen-orders", "stops");
		polls_end(service, NULL);
		polls_try(service); /* each waiting poll is answered before the door closes */
		listen_close(service->listener, on_closed, service);
	}
}

static int open_folder(const char *data, const char *name, struct err *err)
{
	char path[SETUP_TEXT_MAX + 32];
	snprintf(path, sizeof path, "%s/%s", data, name);
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		err_set(err, REMEDY_FATAL, "folder", "making %s: %s", path, strerror(errno));
		return -1;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, REMEDY_FATAL, "folder", "opening %s: %s", path, strerror(errno));
	}
	return fd;
}

/* Uploads that a kill cut off. */
static void sweep_incoming(int folder)
{
	int copy = dup(folder);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] != '.') {
			unlinkat(folder, entry->d_name, 0);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
}

static bool open_data(struct service *service, struct err *err)
{
	const char *data = service->setup.data;
	char path[SETUP_TEXT_MAX + 32];
	if (mkdir(data, 0700) != 0 && errno != EEXIST) {
		return err_set(err, REMEDY_FATAL, "folder", "making %s: %s", data, strerror(errno));
	}
	service->assets = open_folder(data, "assets", err);
	service->incoming = service->assets < 0 ? -1 : open_folder(data, "incoming", err);
	if (service->incoming < 0) {
		return false;
	}
	snprintf(path, sizeof path, "%s/orders.db", data);
	service->db = schema_open(path, service->setup.ttl_s * SECOND_MS, err);
	if (service->db == NULL) {
		return false;
	}
	sweep_incoming(service->incoming); /* after the store's lock: nobody else uses it */
	return db_begin(service->db, err) &&
	       (link_key_load(service) || (*err = service->fault, false)) &&
	       db_commit(service->db, err);
}

static bool open_door(struct service *service, struct err *err)
{
	const struct setup *setup = &service->setup;
	struct listen_conf conf = {
		.host = setup->host,
		.port = setup->port,
		.cert = setup->cert,
		.key = setup->key,
		.ca = setup->ca,
		.client_cert = CLIENT_CERT_OPTIONAL, /* asset links come without */
		.body_max_bytes = JSON_BYTES_MAX,
		.connections_per_address_max = 512,
		.idle_ms = 60 * SECOND_MS,
	};
	service->listener = listen_open(service->loop, &conf, &gate_hears, service, err);
	if (service->listener == NULL) {
		return false;
	}
	bool boxed = strchr(setup->host, ':') != NULL;
	snprintf(service->public_url, sizeof service->public_url, "https://%s%s%s:%d",
		boxed ? "[" : "", setup->host, boxed ? "]" : "", listen_port(service->listener));
	if (setup->public_url[0] != '\0') {
		text_copy(service->public_url, sizeof service->public_url, setup->public_url);
	}
	return true;
}

static bool open_signer(struct service *service, struct err *err)
{
	const char *path = service->setup.sign_key;
	if (path[0] == '\0') {
		return true;
	}
	service->signer = file_check(path, true, err) ? signer_open(path, err) : NULL;
	return service->signer != NULL;
}

static bool set_up(struct service *service, struct err *err)
{
	service->loop = loop_create(err);
	if (service->loop == NULL || !open_data(service, err) || !open_signer(service, err) ||
		!loop_on_signal(service->loop, SIGTERM, on_stop, service, err) ||
		!loop_on_signal(service->loop, SIGINT, on_stop, service, err)) {
		return false;
	}
	service->wake = loop_timer_create(service->loop, polls_try, service);
	service->tick = loop_timer_create(service->loop, on_tick, service);
	service->prune = loop_timer_create(service->loop, on_prune, service);
	loop_timer_start(service->tick, TICK_MS);
	loop_timer_start(service->prune, 0);
	return open_door(service, err); /* last: nothing can come in before all else stands */
}

static void close_folder(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

static void tear_down(struct service *service)
{
	loop_timer_destroy(service->wake);
	loop_timer_destroy(service->tick);
	loop_timer_destroy(service->prune);
	db_close(service->db);
	signer_close(service->signer);
	close_folder(service->assets);
	close_folder(service->incoming);
	loop_destroy(service->loop);
}

bool serve(const struct setup *setup, struct err *err)
{
	struct service *service = mem_new(1, sizeof *service);
	service->setup = *setup;
	service->assets = service->incoming = -1;
	list_init(&service->polls);
	bool fine = set_up(service, err);
	if (fine) {
		struct notify *notify = notify_open(service->loop);
		log_info(
			"platen-orders", "serves url=%s data=%s", service->public_url, setup->data);
		printf("platen-orders: serving on https://%s:%d\n", setup->host,
			listen_port(service->listener));
		fflush(stdout);
		notify_ready(notify);
		loop_run(service->loop);
		notify_close(notify);
	}
	tear_down(service);
	free(service);
	return fine;
}
