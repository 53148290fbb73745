/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor: owns all jobs that are not closed and all printers, and moves them by the rules
 * through the doors. One struct farm, one thread.
 *
 * A turn: the doors' answers and the people's actions change jobs and the store; then farm_turn (in
 * the loop's prepare phase) commits, and only after that asks for what the changes want.
 */
#pragma once
#include "base/point.h"
#include "ports/ports.h"
#include "ports/spool.h"
#include "ports/store.h"
#include "rules/lease.h"
#include "rules/maintenance.h"
#include "rules/place.h"

struct farm;

struct farm_conf {
	char floor[TEXT_ID_MAX];
	char agent[65]; /* program and version */
	bool has_cloud; /* false: only local orders */
	struct ceilings ceilings;
	struct picture_policy formats[PICTURE_FORMATS];
	int64_t want_s; /* seconds of work to lease ahead, for each printer that can print */
	int64_t permit_ahead_s; /* seconds of work to have cleared, for each printer */
	int64_t offline_s;      /* the same, so that an outage that long stops nothing */
	int64_t keep_ms;        /* files of finished jobs */
	int64_t rasters_bytes;  /* quota; 0: none */
	enum signatures signatures;
	const char *hot_folder; /* for the desk; NULL: none */
	int64_t hot_settle_ms;
};

/* For the doors' constructors. */
extern const struct cloud_hears farm_cloud_hears;
extern const struct crew_hears farm_crew_hears;
extern const struct hot_hears farm_hot_hears;

/* catalog and conf's strings must outlive the farm. The doors are given by farm_open, since they
 * need the farm to be told to. */
struct farm *farm_create(const struct catalog *catalog, const struct farm_conf *conf);
/* Loads what is not closed from the store and takes every job up where it stands. */
void farm_open(struct farm *farm, const struct ports *ports);
/* Deaf from now on: what the closing doors still answer changes nothing. Call after a last turn. */
void farm_close(struct farm *farm);
void farm_destroy(struct farm *farm);

/* Commits and asks. False with FATAL when the store or the machine is unfit: end the process. */
must_use bool farm_turn(struct farm *farm, struct err *err);
/* The clock's wake-up (clock_ops.wake_at). */
void farm_wake(struct farm *farm);
/* No new lease, no new permit, no new sheet; what is at a device is followed to its end. */
void farm_drain(struct farm *farm);
/* What is taken from now on. Jobs in a format that no longer is, and are not rendered yet, are
 * given back; local ones, and those that are cleared to print, wait for a person. */
void farm_set_formats(struct farm *farm, const struct picture_policy formats[PICTURE_FORMATS]);
/* Drained: nothing is at a device. */
bool farm_is_idle(const struct farm *farm);
/* Called after each commit that wrote something. At most 2. */
void farm_on_commit(struct farm *farm, void (*call)(void *context), void *context);

/* ---- for the desk: what there is ---- */
/* Work that is cleared for that printer: what it prints without the order service. */
int64_t farm_cleared_ms(const struct farm *farm, const struct printer *printer);
int32_t farm_progress(const struct farm *farm, int64_t job_row); /* copies out of the attempt */
const struct printer *farm_printers(const struct farm *farm, size_t *n);
const struct catalog *farm_catalog(const struct farm *farm);
const struct farm_conf *farm_conf_of(const struct farm *farm);
struct store *farm_store(const struct farm *farm);
struct spool *farm_spool(const struct farm *farm);
int64_t farm_wall_ms(const struct farm *farm);
/* The time by which jobs are due and the hour's ceiling counts. It is the wall clock as it stood
 * when the machine was booted, and goes on without it: setting the clock decides nothing. */
int64_t farm_floor_ms(const struct farm *farm);

/* What its device said last; false: nothing, and `err` says why not. */
bool farm_printer_said(
	const struct farm *farm, const char *name, struct device_status *status, struct err *err);

struct farm_run { /* what a printer that is counted by hand was given since the last count */
	int32_t jobs, prints;
	int64_t since_wall_ms; /* of the oldest; 0: none */
};
/* All zero for a printer that is not counted by hand. */
void farm_printer_run(const struct farm *farm, const struct printer *printer, struct farm_run *run);

struct farm_state {
	bool draining, cloud_reached;
	char cloud_fault[ERR_TEXT_MAX]; /* why the cloud is not reached */
	char store_fault[ERR_TEXT_MAX]; /* why nothing may be begun with this store; "" */
	int32_t jobs_open;
	char engine[RECIPE_ENGINE_MAX];
	int64_t rasters_bytes;      /* of all rendered pages that are kept */
	char font[RECIPE_FONT_MAX]; /* "": none is there */
};
void farm_state(const struct farm *farm, struct farm_state *state);

struct farm_hot { /* the hot folder as it was seen last */
	bool given, looked, fit;
	const char *folder;
	char fault[ERR_TEXT_MAX]; /* why it can't be used; "" */
	char hold[ERR_TEXT_MAX];  /* why nothing is taken from it now; "" */
	int32_t n_waiting, n_in_hand;
	struct drop_why whys[HOT_WHYS_MAX]; /* of the first that wait */
	size_t n_whys;
};
void farm_hot_folder(const struct farm *farm, struct farm_hot *state);
/* The details of a place where a test may strike (base/point.h): its n-th, or NULL after the last.
 */
const char *farm_point_detail(enum point_detail detail, size_t n);

/* What has changed about that printer behind our back, newest first. */
#define NOTICES_KEPT 5
struct notice {
	int64_t wall_ms;
	char text[193]; /* goes on after the printer's name, and ends with what to do */
};
const struct notice *farm_notices(
	const struct farm *farm, const struct printer *printer, size_t *n);

struct farm_upkeep { /* a maintenance routine at one of its printers */
	const struct routine *routine;
	const char *printer;
	enum due due;
	char words[UPKEEP_WORDS_MAX];
	struct upkeep_row last; /* `who` "": never done since this floor knows it */
};
const struct farm_upkeep *farm_upkeeps(const struct farm *farm, size_t *n);

/* ---- for the desk: what people do; `who` goes into the audit trail. False says why not. ---- */
struct local_page {
	char sha256[HASH_HEX_MAX]; /* in the spool's assets already */
	int64_t bytes;
	char media_type[33];
	struct page_options options;
};
struct local_order {
	char sku[NAME_MAX_LEN];
	char ref[65], label[65];
	int32_t copies, n_pages;
	const struct local_page *pages;
};
/* id: "L-" and a ULID. */
must_use bool farm_submit(struct farm *farm, const struct local_order *order, const char *who,
	char id[TEXT_ID_MAX], struct err *err);
/* A person has looked at an incident and says what it was. */
must_use bool farm_incident_close(
	struct farm *farm, int64_t row, const char *who, const char *note, struct err *err);
must_use bool farm_cancel(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err);
must_use bool farm_hold(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err);
must_use bool farm_release(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err);
/* Of one that stopped part-way: `good` of the prints that were handed over last are fit. */
must_use bool farm_release_counted(struct farm *farm, const char *id, int32_t good, const char *who,
	const char *reason, struct err *err);
must_use bool farm_give_back(
	struct farm *farm, const char *id, const char *who, const char *reason, struct err *err);
/* How many of the prints in doubt lie in the tray: 0 .. unknown. */
must_use bool farm_resolve(struct farm *farm, const char *id, int32_t printed, const char *who,
	const char *reason, struct err *err);
/* The store is an old copy, and somebody has looked: it goes on as a new one, all that it would
 * print is held. */
must_use bool farm_accept_store(
	struct farm *farm, const char *who, const char *reason, struct err *err);
struct farm_load { /* a roll or stack that was put in */
	const char *media, *lot;
	int32_t sheets; /* that are on it; COUNT_UNKNOWN: as the store room or the printer says */
	int32_t left;   /* that were still on the one before; COUNT_UNKNOWN: as the figure says */
};
must_use bool farm_printer_load(struct farm *farm, const char *printer,
	const struct farm_load *load, const char *who, struct err *err);
must_use bool farm_printer_pause(
	struct farm *farm, const char *printer, const char *who, struct err *err);
/* One that was stopped after failures goes on only with a reason; a test print needs none. */
must_use bool farm_printer_resume(struct farm *farm, const char *printer, const char *who,
	const char *reason, struct err *err);
/* The key it proves over TLS is another than before, and a person has compared it: it is believed
 * from now on; or the one that is pinned is said again, and the other was none of its. */
must_use bool farm_printer_accept_key(struct farm *farm, const char *printer, const char *tls_key,
	const char *who, const char *reason, struct err *err);
/* A test sheet at that printer, also when it was stopped after failures: when it came out, the
 * printer goes on by itself. id: of the local job. */
must_use bool farm_printer_test(struct farm *farm, const char *printer, const char *who,
	char id[TEXT_ID_MAX], struct err *err);
/* Somebody (`by`) has done that maintenance of that printer. */
must_use bool farm_maintenance_done(struct farm *farm, const char *routine, const char *printer,
	const char *by, const char *note, const char *who, struct err *err);
/* A person has counted what lies at the exit of a machine that proves nothing: as many as it was
 * given since the last count, so all of that came out. Any other number says nothing of which. */
must_use bool farm_printer_counted(struct farm *farm, const char *printer, int32_t prints,
	const char *who, const char *reason, struct err *err);
