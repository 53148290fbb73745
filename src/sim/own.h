/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the simulator share.
 */
#pragma once
#include "base/log.h"
#include "base/mem.h"
#include "sim/index.h"
#include "sim/sim.h"

#define SIM_FAULTS_MAX 64
#define SIM_PRODUCTS   2

typedef void sim_act(struct sim *sim, void *data);

struct sim_event { /* something that will happen */
	int64_t at_ms;
	uint64_t number; /* of two at one time the older is first */
	sim_act *act;
	void (*drop)(void *data);
	void *data;
	bool mortal; /* dies with the daemon */
};

struct sim_row { /* one asked-for fault */
	struct sim_fault fault;
	int32_t wait, left;
};

struct sim_met { /* how a call goes */
	enum sim_how how;
	bool wrong; /* else it goes well */
	int64_t late_ms;
	struct err err;
};

/* ---- the order service ---- */
enum sim_state {
	JOB_WAITING,
	JOB_LEASED,
	JOB_STARTED,
	JOB_PRINTED,
	JOB_HELD,
	JOB_RELEASED,
	JOB_QUARANTINED,
	JOB_CANCELLED,
	JOB_ELSEWHERE
};

struct sim_job {
	char id[TEXT_ID_MAX], sku[NAME_MAX_LEN], media_type[33];
	int32_t copies, n_pages, priority, ppi, due_in_s;
	enum duplicates duplicates;
	enum trust trust;
	bool bad_bytes;
	enum sim_poison poison;
	int32_t deaths; /* of it */
	enum sim_state state;
	int64_t epoch;
	int64_t granted;    /* the last epoch that was cleared to print */
	int64_t send_epoch; /* an old epoch to be offered again; 0: none */
	bool cancel, revoke, paused;
	bool again;       /* the service offers it once more, printed or not */
	bool not_here;    /* this floor has declined it */
	int64_t heard_ms; /* when the floor last said that it has it; before: when it came */
	int32_t listed;   /* in which session it was named last */
	int32_t authorised;
	char acquired_by[ULID_MAX]; /* key of the call that leased it */
	/* as the oracle saw it last */
	enum stage stage;
	int64_t decisions, last_epoch, last_attempt;
};

struct sim_subject {
	char name[80];
	int64_t last;
	char (*ids)[ULID_MAX];
	char (*words)[65];
	size_t room;
};

/* ---- the printers ---- */
enum machine_state {
	MACHINE_OPEN,      /* made, and empty */
	MACHINE_RECEIVING, /* its document is on the way */
	MACHINE_HELD,      /* all of it is there; waits for Release-Job */
	MACHINE_QUEUED,    /* prints, or will */
	MACHINE_DONE,
	MACHINE_ENDED
};

struct machine_job {
	struct machine_job *next;
	char key[ATTEMPT_KEY_MAX]; /* "": somebody else's */
	char uuid[65];
	int32_t id, page, first_copy, copies, done;
	enum machine_state state;
	int64_t ended_ms;
	bool half;     /* an incomplete sheet came out */
	bool stopping; /* cancelled: ends after the sheet under way */
};

struct machine {
	struct sim_machine open; /* what a story may change */
	int32_t at;
	char uuid[65];
	int64_t since_ms; /* of its last start */
	int64_t life;
	int32_t last_id, starts;
	int32_t run;                  /* sheets since it rested last */
	int64_t rests_ms;             /* cools down until then */
	struct machine_job *jobs;     /* oldest first */
	struct machine_job *printing; /* a sheet of it is under way */
	struct machine_job *lost;     /* forgotten while a sheet was under way */
};

struct sheet {                 /* one piece of paper that came out */
	char job[TEXT_ID_MAX]; /* "": somebody else's */
	char key[ATTEMPT_KEY_MAX];
	int32_t page, copy;
	int32_t at; /* printer; ELSEWHERE: of another floor */
	int64_t at_ms;
	bool spoiled, counted;
	size_t before; /* the sheet of that job before this one, plus 1; 0: none */
};
#define ELSEWHERE (-1)

struct hand { /* the device worker of one printer */
	bool sending, waits_go;
	bool gone_on;    /* past COMMITTED: a complete print may exist */
	int32_t worker;  /* counts its lives */
	int64_t back_ms; /* there is none until then */
	struct print_ask ask;
	int step;
	int64_t number; /* of the hand-over; events of an earlier one are void */
};

struct move { /* a change of stage, as the hub logged it */
	char job[TEXT_ID_MAX];
	enum stage to;
	int64_t wall_ms;
	char words[64];
};

struct doubt { /* a hand-over whose answer nobody heard */
	char key[ATTEMPT_KEY_MAX];
	enum sim_witness witness;
};

struct watch {
	struct move *moves; /* in order; those from n_stored on are of the turn under way */
	size_t n_moves, n_stored, room_moves;
	struct doubt *doubts;
	size_t n_doubts, room_doubts;
	bool called; /* the order service, in this life */
	bool owes_question[SIM_PRINTERS_MAX];
	struct index rasters; /* by recipe and input: the hash of what was made */
};

struct sim {
	struct sim_conf conf;
	char store_uri[128], spool_path[512];
	struct vfs *disk; /* the store's */
	int64_t now_ms;
	int64_t booted_ms, born_ms; /* of the machine, of the daemon */
	int64_t wall_at_zero_ms;    /* the wall clock when now_ms was 0, as it is set */
	uint64_t random, story_random, point_random;
	struct sim_event *events; /* a heap: the next is the first */
	size_t n_events, room_events;
	uint64_t events_made;
	int64_t wake_ms, life;
	bool dying;
	struct farm *farm; /* NULL: it can't start */
	struct store *store;
	struct spool *spool;
	struct farm_conf farm_conf;
	struct catalog catalog;
	struct product products[SIM_PRODUCTS];
	struct media media[SIM_PRODUCTS];
	struct model model;
	struct printer_conf printers[SIM_PRINTERS_MAX];
	struct hash *trace;
	char **lines; /* of it, where they are kept */
	size_t n_lines, room_lines;
	struct sim_row faults[SIM_FAULTS_MAX];
	size_t n_faults;
	struct sim_job *jobs; /* moves when an order comes */
	size_t n_jobs, room_jobs;
	size_t n_settled; /* of them, from the first on: nothing is leased any more */
	struct index jobs_by_id, jobs_by_asset;
	struct sim_subject *subjects; /* moves when there is a new one */
	size_t n_subjects, room_subjects;
	struct index subjects_by_name;
	bool outage, session;
	int32_t sessions, offers;
	char offer[ULID_MAX]; /* etag of the newest; "": none yet */
	int32_t offered[SIM_PRINTERS_MAX], offered_sheets[SIM_PRINTERS_MAX]; /* by the floor */
	struct machine machines[SIM_PRINTERS_MAX];
	struct hand hands[SIM_PRINTERS_MAX];
	struct sheet *sheets;
	size_t n_sheets, room_sheets;
	struct index sheets_by_job; /* the last of each, plus 1 */
	struct watch watch;
	char wrong[512]; /* the first broken promise that was seen while running */
};

/* sim.c */
void sim_blame(struct sim *sim, const char *format, ...) formats(2, 3);
uint64_t sim_random(uint64_t *state);

/* time.c */
extern const struct clock_ops sim_clock_ops;
void sim_later(struct sim *sim, int64_t delay_ms, bool mortal, sim_act *act, void (*drop)(void *),
	void *data);
int64_t sim_jitter(struct sim *sim, int64_t ms);
/* There is one. */
struct sim_event sim_take_next(struct sim *sim);
/* What dies with the daemon, or all. */
void sim_drop_events(struct sim *sim, bool only_mortal);

/* fault.c */
struct sim_met sim_meet(struct sim *sim, enum sim_call call);
void sim_arm_points(struct sim *sim);
void sim_disarm_points(const struct sim *sim);

/* catalog.c */
void sim_floor(struct sim *sim);
const struct printer_conf *sim_printer_conf(const struct sim *sim, int32_t at);

/* cloud.c, cloud_ops.c */
extern const struct cloud_ops sim_cloud_ops;
struct sim_job *sim_cloud_job(const struct sim *sim, const char *id);
/* The job that a file belongs to; NULL: none. */
const struct sim_job *sim_asset_job(const struct sim *sim, const char *sha256, char text[128]);
struct sim_subject *sim_cloud_subject(struct sim *sim, const char *name);
void sim_asset(const struct sim_job *job, int32_t page, char text[128]);
void cloud_session(
	struct sim *sim, const struct held_job *held, size_t n, struct session_answer *answer);
void cloud_closed(
	struct sim *sim, const struct held_job *held, size_t n, struct closed_answer *answer);
bool cloud_acquire(struct sim *sim, const char *key, const struct acquire_ask *ask,
	struct acquire_answer *answer);
void cloud_lapse(struct sim *sim, struct sim_job *job);
void cloud_extend(
	struct sim *sim, const struct held_job *held, size_t n, struct extend_answer *answer);
void cloud_start(
	struct sim *sim, const struct start_ask *asks, size_t n, struct start_answer *answer);
void cloud_release(struct sim *sim, const struct release_ask *ask);
void cloud_events(
	struct sim *sim, const struct event_row *events, size_t n, struct events_answer *answer);

/* elsewhere.c */
void elsewhere_open(struct sim *sim);
void elsewhere_take(struct sim *sim, struct sim_job *job);

/* crew.c, device.c */
extern const struct crew_ops sim_crew_ops;
void crew_start(struct sim *sim);
void crew_render(void *self, const struct render_ask *ask);
void crew_render_cancel(void *self, int64_t job_row);
/* handover.c */
void handover_print(void *self, const struct print_ask *ask);
void handover_go(void *self, const char *printer, const char *key);
void handover_end(struct sim *sim, int32_t at, const struct err *err);
/* The worker is gone: cut off where it was, and nobody is told. */
void handover_kill(struct sim *sim, int32_t at);

/* device.c: the life of a device worker */
void worker_die(struct sim *sim, int32_t at, const char *how);
int64_t worker_wait_ms(const struct sim *sim, int32_t at); /* until there is one */

/* watch.c */
void watch_line(struct sim *sim, const char *subject, const char *text);
void watch_stored(struct sim *sim);
void watch_birth(struct sim *sim);
void watch_called(struct sim *sim);
void watch_asked(struct sim *sim, int32_t at);
void watch_print(struct sim *sim, const struct print_ask *ask);
void watch_mark(struct sim *sim, const char *key, enum phase least);
void watch_raster(
	struct sim *sim, const struct recipe *recipe, const char *name, const char *sha256);
void watch_free(struct watch *watch);
void doubt_add(struct sim *sim, const char *key, const struct machine *machine);

/* oracle*.c: the rules, by their names in docs/simulator.md */
void v1_no_sheet_twice(struct sim *sim);
void v3_every_job_has_one_end(struct sim *sim, const struct sim_job *at, bool ended);
void v4_events_are_counted_through(struct sim *sim, const struct sim_job *at, bool ended);
void v5_each_change_has_its_event(struct sim *sim, const struct sim_job *job);
void v7_rows_grow(struct sim *sim);
void v8_files_are_there(struct sim *sim);
void v10_the_ledger_is_true(struct sim *sim, const struct sim_job *at);
void v10_claims_have_evidence(struct sim *sim);
/* Prints of the job in that state. */
int32_t oracle_count(struct sim *sim, const char *job, const char *state);
/* Whether the paper agrees with a verdict on an attempt. */
bool oracle_is_true(const struct sim *sim, const char *key, enum verdict verdict, int32_t copies,
	int32_t completed);
/* "platen.job.printed.v1" → "printed" */
void event_word(const char *type, char word[65]);

/* paper.c */
/* The job's id; returns its epoch. "" is nobody's. */
int64_t attempt_job(const char *key, char id[TEXT_ID_MAX]);
void sheet_add(struct sim *sim, const struct sheet *sheet);
/* The job's sheets, the last first: begin with NULL. */
const struct sheet *sheet_next(const struct sim *sim, const char *job, const struct sheet *sheet);

int32_t machine_at(const char *name);

/* machine.c */
struct machine_job *machine_find(struct machine *machine, const char *key);
/* As a driver finds it: by the stored number, if its uuid fits; else by uuid or name. */
struct machine_job *machine_record(struct machine *machine, const struct attempt *attempt);
/* In the words of the printer, which may be early. */
bool machine_says_over(const struct machine *machine, const struct machine_job *job);
struct machine_job *machine_add(struct machine *machine, const struct attempt *attempt);
void machine_free(struct machine *machine);
void machine_kick(struct sim *sim, struct machine *machine);
/* The sender is gone before the tail. */
void machine_cut(struct sim *sim, struct machine *machine, const char *key);
void machine_cancel(struct sim *sim, struct machine *machine, struct machine_job *job);
void machine_status(
	const struct sim *sim, const struct machine *machine, struct device_status *out);
void machine_witness(const struct sim *sim, const struct machine *machine, struct witness *out);
int32_t machine_active(const struct machine *machine);
bool machine_is_idle(const struct machine *machine);
bool machine_is_dye(const struct machine *machine);

/* confirm.c, confirm_dye.c: what an honest driver says of an attempt. A counter that stands below
 * the copies is read twice: false asks to be called again after the model's counter_lag_ms. */
struct inquiry {
	struct sim *sim;
	struct machine *machine;
	const struct attempt *attempt;
	struct receipt *receipt;
	bool again;     /* the second look */
	int64_t *first; /* what the counter had moved at the first */
};
must_use bool confirm_ipp(struct inquiry *inquiry);
must_use bool confirm_dye(struct inquiry *inquiry);
void conclude(struct receipt *receipt, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *text);
