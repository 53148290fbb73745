/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms of the farm share. Included by farm/ only.
 */
#pragma once
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "farm/farm.h"
#include "farm/table.h"
#include "rules/face.h"
#include "rules/path.h"

#define INSPECT_MS (150 * SECOND_MS) /* the server ends it before that */

struct floor_job { /* a job in memory */
	struct job job;
	enum work due;        /* asked after the commit; overwritten within the turn */
	struct link due_link; /* on farm.due */
	enum work in_line;    /* DO_PLACE, DO_PERMIT or DO_PREPARE: waits for its place in line;
				 DO_FETCH, DO_RENDER: until a session is open, or a server warm */
	bool line_fresh;      /* came into it after the last look */
	bool permit_asked;
	int32_t permit_refusals; /* of calls for it alone, in a row */
	bool gone;               /* the cloud has it elsewhere, and said so already */
	bool revoke_told;        /* answered already */
	bool paused;             /* the cloud said: no permit for now */
	bool witness_asked;
	int64_t wake_ms; /* 0: none */
	bool wake_is_late;
	int32_t progress;      /* copies of the attempt that came out so far */
	bool blameless;        /* the attempt broke for a reason that is not the printer's */
	int32_t link_tries;    /* how often the asset's link was refreshed */
	char *urls[PAGES_MAX]; /* short-lived links; memory only */
	struct recipe recipe;  /* of the page that is being rendered */
	char attempt_key[ATTEMPT_KEY_MAX]; /* being prepared */
	int32_t page, first_copy, copies;  /* of that attempt */
};

/* What is done by itself, each with its own next time. */
enum chore {
	CHORE_SESSION,
	CHORE_CLOSED,
	CHORE_OFFER,
	CHORE_ACQUIRE,
	CHORE_EXTEND,
	CHORE_START,
	CHORE_EVENTS,
	CHORE_RELEASE,
	CHORE_RETENTION,
	CHORE_HOT_FOLDER,
	CHORE_SENSORS,
	CHORES
};

struct call { /* a call to the cloud; one of its kind is under way at a time */
	bool busy;
	bool unheard; /* nobody answered the last try */
	int32_t tries;
	int32_t session;       /* in which it was made */
	int64_t not_before_ms; /* refused or unheard: whatever is new, it waits until then */
	char key[ULID_MAX];    /* "" = make a new one; kept until the call is answered */
};

#define STARTS_MAX 50
#define EVENTS_MAX 100
struct floor_printer { /* beside each struct printer */
	char pinned[65];
	bool swept, sweeping;
	struct err said;                  /* why its last answer was none; "" = it was one */
	bool key_asked;                   /* its worker waits to hear which key is pinned */
	char outcomes[OUTCOMES_KEPT + 1]; /* as printer_row's */
	int64_t test_row;                 /* the job of a test print that is under way; 0: none */
	struct face face;                 /* as it was seen last */
	struct notice notices[NOTICES_KEPT]; /* newest first */
	size_t n_notices;
};

#define CACHE_BUCKETS 256
struct cache {
	int64_t bytes;                     /* of all rasters that have a row */
	struct link making[CACHE_BUCKETS]; /* struct making: what the crew was asked for, by name */
};

enum sweep_phase { SWEEP_NONE, SWEEP_ROWS, SWEEP_ASSETS, SWEEP_STRAYS };
struct sweep { /* of old files, in pieces: retention.c */
	enum sweep_phase phase;
	bool whole; /* else only until the quota is kept */
	struct raster_row row;
	struct spool_listing *listing;
	int64_t before_ms; /* what was used before may go */
	int32_t removed;
	int64_t due_ms, trim_ms; /* the next whole one; no other before that */
};

struct farm {
	const struct catalog *catalog;
	struct farm_conf conf;
	struct ports ports;
	struct table jobs; /* struct floor_job by row and by id */
	struct printer *printers;
	struct floor_printer *beside;
	struct stock_floor *stock; /* paper, by printer: stock.c */
	size_t n_printers;
	struct floor_sensor *sensors;
	size_t n_sensors;
	struct link due;
	int64_t next_wake_ms; /* the least of all wake_ms and chores; 0: none */
	int64_t chore_ms[CHORES];
	struct call calls[CHORES];
	int64_t trail_due_ms; /* when the head of the audit trail is told next */
	bool line_due;        /* somebody's place in line may have changed */
	bool chores_due;
	bool keys_due;           /* some worker waits for a key */
	bool line_all;           /* and not only of those in front: printers, papers, the service */
	uint32_t stages_reached; /* bits: by some job, in the open transaction */
	bool open, draining, fatal;
	struct err fatal_err;

	/* the cloud */
	int32_t session_number;
	bool session_heard;          /* it was asked for and answered, well or not */
	bool rolled_back;            /* the cloud says that this store is an old copy */
	bool session_open, extended; /* extended: an extend succeeded in this boot */
	char boot_id[CLOCK_BOOT_ID_MAX];
	int64_t floor_ahead_ms; /* floor time, less boot time */
	int64_t heartbeat_ms, poll_wait_s;
	int32_t batch_events, batch_most; /* of events in a call: now, and as the service said */
	int32_t batch_sent;               /* in the one under way */
	char batch_first[ULID_MAX];
	int32_t letters; /* dead ones in a row, with nothing accepted between */
	char cloud_fault[ERR_TEXT_MAX];
	char etag[65];
	char offer_hash[HASH_HEX_MAX]; /* of the offer that the cloud has */
	char offer_sent[HASH_HEX_MAX]; /* of the one under way */
	struct acquire_ask acquire;    /* the one that is under way or unanswered */
	bool comparing;                /* the closed jobs are being named: no leases meanwhile */
	struct closed_place closed_at, closed_next; /* how far; once that page was heard */
	struct start_ask starts[STARTS_MAX];
	size_t n_starts;
	bool starts_alone; /* a call for several was refused: whose fault is it? */

	struct hot_floor *hot; /* NULL: this floor has no hot folder */
	bool hot_due;          /* orders of it were stored */

	char engine[RECIPE_ENGINE_MAX];
	char font[RECIPE_FONT_MAX]; /* for labels; "": there is none */
	struct cache cache;
	struct farm_upkeep *upkeeps; /* maintenance.c: each routine at each of its printers */
	size_t n_upkeeps;
	int64_t upkeep_look_ms; /* when it is judged next what is due */
	struct sweep sweep;
	struct {
		void (*call)(void *context);
		void *context;
	} on_commit[2];
	size_t n_on_commit;
};

/* farm.c */
int64_t farm_now(const struct farm *farm);
uint64_t farm_chance(const struct farm *farm);
void farm_key(const struct farm *farm, char key[ULID_MAX]);
struct floor_job *farm_find(const struct farm *farm, int64_t row);
struct floor_job *farm_find_id(const struct farm *farm, const char *id);
struct floor_job *farm_add(struct farm *farm, const struct job *job);
void farm_remove(struct farm *farm, struct floor_job *floor_job);
void farm_wake_job(struct farm *farm, struct floor_job *floor_job, int64_t at_ms);
void farm_due(struct farm *farm, struct floor_job *floor_job, enum work work);
void farm_stop(struct farm *farm, const struct err *err);
/* base/point.h; struck, the floor stops at the end of this turn. */
void farm_point(struct farm *farm, const char *place, const char *detail);
/* Next time of a chore: at once, at a time, or not at all. An earlier time stands. */
void chore_now(struct farm *farm, enum chore chore);
void chore_at(struct farm *farm, enum chore chore, int64_t at_ms);

/* hub.c */
void walk_tell(struct farm *farm, int64_t row, const struct event *event);
void walk_simple(struct farm *farm, int64_t row, enum event_kind kind, const struct err *err);
/* The reason on the screen while it waits in line; saved when it changed. */
void walk_reason(struct farm *farm, struct floor_job *floor_job, const struct err *err);

/* walk.c */
void walk_ask(struct farm *farm, struct floor_job *floor_job, enum work work);
/* Its turn at that printer has come. */
void walk_prepare(struct farm *farm, struct floor_job *floor_job, struct printer *printer);
/* An event of the job was acknowledged. */
void walk_reported(struct farm *farm, const char *job_id);

/* walk_make.c */
void make_ask_fetch(struct farm *farm, struct floor_job *floor_job);
void make_ask_inspect(struct farm *farm, struct floor_job *floor_job);
void make_ask_render(struct farm *farm, struct floor_job *floor_job);
void make_on_sign(void *farm, int64_t row, int32_t page, const struct sign_answer *answer,
	const struct err *err);
void make_on_fetch(void *farm, int64_t row, int32_t page, const struct err *err);
void make_on_rendered(void *farm, int64_t row, int32_t page, enum render_do what,
	const char *raster_name, const struct render_result *result);
void make_on_engine(void *farm, const char *engine, const char *font);
/* Files whose links must be signed anew can be asked for. */
void make_on_session(struct farm *farm);

/* cache.c */
void cache_create(struct farm *farm);
void cache_open(struct farm *farm);
void cache_destroy(struct farm *farm);
/* The raster of that name is here: the result as if it had been made now; counts as a hit. */
bool cache_get(struct farm *farm, const char *name, struct render_result *result);
/* Somebody makes it already: whoever waits in line with DO_RENDER is asked again at its end. */
bool cache_waits(struct farm *farm, const char *name);
void cache_begin(struct farm *farm, const char *name);
/* The crew has answered, well or not. */
void cache_ended(struct farm *farm, const char *name, const struct render_result *result);
/* It is handed over. */
void cache_used(struct farm *farm, const char *name);
/* The file of the page that was to be printed is not what was made: it goes. */
void cache_changed(struct farm *farm, const struct job *job, const struct err *err);
/* Row and file; false: the file can't be removed. */
bool cache_drop(struct farm *farm, const char *name);

/* poison.c */
/* The file is known to hurt its readers under this engine: err says so. */
bool poison_is_known(
	struct farm *farm, const struct job *job, const struct page *page, struct err *err);
/* A worker died of that page, or refused it; err becomes the verdict. */
void poison_judge(struct farm *farm, struct job *job, int32_t page, enum render_do what,
	const struct render_result *result, struct err *err);
/* A person lets a quarantined job be tried once more. */
bool poison_release(struct farm *farm, const struct job *job, const char *who, const char *reason,
	struct err *err);

/* making.c */
/* A page's row; false after having stopped the floor: a missing one is damage. */
bool making_page(struct farm *farm, const struct job *job, int32_t at, struct page *page);
/* The recipe of the job's present page; with the first page the model and media are chosen. */
must_use bool making_recipe(struct farm *farm, struct job *job, const struct page *page,
	struct recipe *recipe, struct err *err);
/* Whether the page was made by what is set up now: product, paper, profile. A newer engine or font
 * makes no difference. */
bool making_agrees(struct farm *farm, const struct job *job, int32_t at, const struct page *page);
/* What this floor can't make: gives the job back; a local one, or one cleared to print, waits for a
 * person. */
void making_refuse(struct farm *farm, struct floor_job *floor_job, const struct err *err);
/* The caller frees. */
char *making_manifest(struct farm *farm, const struct job *job, const struct recipe *recipe,
	const struct render_result *result);
/* Holds the job when a page has too few pixels for its size. */
void making_judge(struct farm *farm, int64_t row);

/* marking.c */
/* Puts the label into the recipe of the job's present page. ATTEND, "label-font": it has to wait.
 */
must_use bool marking_label(struct farm *farm, const struct job *job, const struct product *product,
	const struct media *media, const struct model_media *on, struct recipe *recipe,
	struct err *err);
/* The lines for the back of the page that is about to be handed over, as far as the model goes. */
void marking_back(const struct farm *farm, const struct job *job, const struct model *model,
	struct device_send *send);

/* formats.c */
/* False with REJECT, "format-disabled". Types that nobody prints pass: inspecting names them. */
must_use bool formats_take(const struct farm *farm, const char *media_type, struct err *err);
const struct render_limits *formats_limits(const struct farm *farm, const char *media_type);

/* line.c */
void line_up(struct farm *farm);

/* printers.c */
struct printer *printer_find(const struct farm *farm, const char *name);
struct floor_printer *printer_beside(const struct farm *farm, const struct printer *printer);
void printers_open(struct farm *farm);
void printer_save(struct farm *farm, const struct printer *printer);
/* Able to take a sheet of somebody: also one that is stopped, while a test print is under way. */
bool printer_is_open(const struct farm *farm, const struct printer *printer);
/* The attempt at it is over. NULL when it was not taken by that job. */
struct printer *printer_free(struct farm *farm, const char *name, int64_t job_row);
/* It has nothing of ours in hand any more. */
void printer_release(struct farm *farm, struct printer *printer);
/* Our left-overs in it are cancelled before anything else is begun there. */
void printer_clear(struct farm *farm, const char *name);
/* A person's change: stored, in the trail, and whoever waits looks again. */
must_use bool printer_need(
	const struct farm *farm, const char *name, struct printer **printer, struct err *err);
void printer_changed(struct farm *farm, struct printer *printer, const char *who, const char *what,
	const char *detail);
/* How a printer stands, as people and cloud are told: what ends by itself (it warms up) is no
 * trouble, and only said here. */
struct standing {
	bool is_ready, needs_hands;
	struct err why;
};
struct standing printer_standing(const struct printer *printer);
/* Tells people and cloud when a printer stops being able to print, and when it can again. */
void printer_tell_change(
	struct farm *farm, const struct printer *printer, const struct standing *before);
void printer_told(struct farm *farm, const struct printer *printer, const char *type,
	const char *code, const char *reason);
void printers_on_status(
	void *farm, const char *name, const struct device_status *status, const struct err *err);
/* ---- printer_key.c ---- */
void printer_key_open(struct printer *printer);
void printers_on_key(void *farm, const char *name, const char *tls_key);
/* Once what is pinned is stored: tells the workers that wait for it. */
void printers_tell_keys(struct farm *farm);

/* ---- printers.c ---- */
void printers_on_swept(void *farm, const char *name, int32_t swept, const struct err *err);
const struct product *product_of(const struct farm *farm, const struct job *job);
/* Milliseconds of printing that the job still needs at this model. */
int64_t work_ms(const struct job *job, const struct model *model);

/* rollback.c */
void rollback_open(struct farm *farm);
void rollback_told(struct farm *farm, bool rolled_back);
/* Whether this store is an old copy: nothing may be begun. err says why and what to do. */
bool rollback_forbids(const struct farm *farm, struct err *err);

/* notice.c */
void notice_open(struct farm *farm, const struct printer *printer);
/* After each status that is its own: tells once what has changed behind our back. */
void notice_look(struct farm *farm, const struct printer *printer);
/* It can't be asked, and why: another machine at its address is told once, too. */
void notice_fault(struct farm *farm, const struct printer *printer, const struct err *err);

/* maintenance.c */
void maintenance_open(struct farm *farm);
void maintenance_fini(struct farm *farm);
/* Judges what is due, now and then; called with each status. */
void maintenance_look(struct farm *farm);
/* It has printed, or met with a fault. */
void maintenance_count(
	struct farm *farm, const struct printer *printer, int64_t prints, int64_t faults);

/* breaker.c */
enum attempt_end { ATTEMPT_FINE, ATTEMPT_FAILED, ATTEMPT_BLAMELESS /* for the printer */ };
/* Counts how an attempt ended; stops the printer after too many failures. */
void breaker_count(
	struct farm *farm, struct printer *printer, enum attempt_end end, const char *why);
/* After each status: one that says it is broken is stopped, too. */
void breaker_look(struct farm *farm, struct printer *printer);
/* Takes it out of "stopped after failures"; all is forgotten. */
void breaker_reset(struct farm *farm, struct printer *printer);

/* test_print.c */
/* A test print has no file until it is asked for: it is drawn from what the job's row says. */
void test_print_fetch(struct farm *farm, struct floor_job *floor_job, const struct page *page);
/* After each step of a test print: when it came out, its printer prints again by itself. */
void test_print_told(struct farm *farm, const struct job *job, const struct receipt *receipt);

/* calls.c */
/* What each chore does when its time has come. */
extern void (*const lease_chores[CHORES])(struct farm *farm);
const char *call_begin(struct farm *farm, enum chore chore);
/* As the order API names it; NULL for a chore that calls nobody. */
const char *call_name(enum chore chore);
/* A call was answered: busy ends; on failure the chore comes again after a wait and the key stays.
 */
void call_answered(
	struct farm *farm, enum chore chore, const struct err *err, int64_t retry_after_ms);

/* leases.c */
void leases_ask_session(struct farm *farm);
void leases_on_session(void *farm, const struct session_answer *answer, const struct err *err,
	int64_t retry_after_ms);
void leases_ask_acquire(struct farm *farm);
void leases_on_acquire(void *farm, const struct acquire_answer *answer, const struct err *err,
	int64_t retry_after_ms);
void leases_ask_extend(struct farm *farm);
void leases_on_extend(void *farm, const struct extend_answer *answer, const struct err *err,
	int64_t retry_after_ms);
/* One more answer of leases can still be named in a heartbeat. */
bool leases_have_room(const struct farm *farm);

/* reconcile.c */
/* A session was opened: what the service believes to be here and is not, and what ended here. */
void reconcile_begin(struct farm *farm, const struct session_answer *answer);
void reconcile_ask_closed(struct farm *farm);
void reconcile_on_closed(void *farm, const struct closed_answer *answer, const struct err *err,
	int64_t retry_after_ms);

/* offer.c */
void offer_ask(struct farm *farm);
void offer_on_answer(void *farm, const char *etag, const struct err *err, int64_t retry_after_ms);
void offer_changed(struct farm *farm);
/* Seconds of work that the floor would like to have more; 0: nothing now. */
int64_t offer_want_s(const struct farm *farm);

/* permits.c */
/* Asks for the right to print it at that printer. */
void permit_want(struct farm *farm, struct floor_job *floor_job, const char *printer);
void permit_ask(struct farm *farm);
void permit_on_answer(void *farm, const struct start_answer *answer, const struct err *err,
	int64_t retry_after_ms);

/* outbox.c */
void outbox_job(
	struct farm *farm, const struct job *job, const char *name, const struct receipt *receipt);
void outbox_printer(struct farm *farm, const char *printer, const char *name, json_t *data);
void outbox_release(struct farm *farm, const struct job *job);
void outbox_refuse(struct farm *farm, const char *job, int64_t epoch, const struct err *err);
/* A lease that this floor never stored, or lost: somebody may have it at once. */
void outbox_disown(struct farm *farm, const char *job, int64_t epoch);
/* dead_letter.c: the service can't read a batch: it is halved until the event is found that is to
 * blame, and that one is put aside, with an incident. */
void batch_refused(struct farm *farm, const struct err *err);
/* After an event that was put aside the service takes none of that subject. */
bool batch_follows_dead(struct farm *farm, const char *subject, int64_t expected);
void outbox_send_events(struct farm *farm);
void outbox_send_release(struct farm *farm);
void outbox_on_events(void *farm, const struct events_answer *answer, const struct err *err,
	int64_t retry_after_ms);
void outbox_on_release(void *farm, const char *key, const char *job, const struct err *err,
	int64_t retry_after_ms);

/* Tells of an incident: under its printer, or the floor where it is of none ("printer" is ""). */
void outbox_incident(struct farm *farm, const char *printer, json_t *data);
/* Of the store room. */
void outbox_stock(struct farm *farm, json_t *data);
/* Tells the head of the audit trail where it has moved since it was told last. */
void outbox_trail(struct farm *farm);

/* incident.c */
/* Something does not add up; a person shall look. `printer` "" and `job` NULL where it is of none;
 * `text`: one sentence that ends with what to do. The same (code, printer, job) is raised once as
 * long as it is open. */
void incident_raise(struct farm *farm, const char *printer, const struct job *job, const char *code,
	const char *text);
/* Its counter was seen to be wrong, and nobody has looked yet: it proves nothing. */
bool incident_doubts_counter(struct farm *farm, const char *printer);
/* An attempt is over: compares counters, receipt and what was known of that printer. */
void incident_look(struct farm *farm, const struct job *job, const struct receipt *receipt);

/* intake.c */
/* Inserts a taken or refused lease; urls are kept in memory. */
void intake_lease(struct farm *farm, const struct lease *lease);
/* The job of a lease as it begins; not stored yet. */
struct job intake_job(struct farm *farm, const struct lease *lease);
/* Stores it and begins its walk, or lets it end or wait at once with its reason. */
void intake_take(struct farm *farm, struct job *job, const struct lease *lease,
	enum lease_verdict verdict, const struct err *err);
/* A local order under that key ("L-" and the key is its id, and must be new), of that order. */
must_use bool intake_local(struct farm *farm, const struct local_order *order, const char *key,
	const char *order_id, const char *who, char id[TEXT_ID_MAX], struct err *err);

/* hot_folder.c */
void hot_open(struct farm *farm);
void hot_free(struct farm *farm);
void hot_chore(struct farm *farm);
/* What was ordered stands: it goes on with that. */
void hot_after_commit(struct farm *farm);
void hot_on_inspected(struct farm *farm, int64_t id, const struct render_result *result);

/* sensors.c */
void sensors_open(struct farm *farm);
/* What grew old meanwhile. */
void sensors_chore(struct farm *farm);
void sensors_on_measured(void *farm, const char *name, const uint16_t *words, int32_t n_words,
	const struct err *err);
/* Keeps the room with the job's attempt, which was just opened. */
void sensors_note(struct farm *farm, const struct job *job);

/* retention.c */
void retention_open(struct farm *farm);
void retention_fini(struct farm *farm);
void retention_run(struct farm *farm);
/* There are more rasters than the quota allows: some go soon. */
void retention_trim(struct farm *farm);
/* Final, and the cloud knows everything: leaves memory. */
void retention_close(struct farm *farm, struct floor_job *floor_job);
