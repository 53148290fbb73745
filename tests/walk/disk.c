/* SPDX-License-Identifier: Apache-2.0
 *
 * One scripted day on a disk that fails: each call by which the store or the spool changes it (and
 * each read and open of the store) fails once, or from then on until somebody mends the disk in the
 * evening; and the power fails in each of the store's calls. Whatever happens, the floor ends or
 * waits with a reason that says what to do, prints nothing twice, loses no event, never syncs again
 * what failed to sync, and is through with the day's work after the disk is well, by itself.
 *
 * PLATEN_DISK_SHARE=N takes every N-th call only; PLATEN_DISK_FAULT=KIND:N one alone (as a failure
 * prints it), PLATEN_SHOW=1 with its trace.
 */
#include "tests/walk/story.h"
#include "tests/walk/syscalls.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* sanitizers make it four times as long */
#if defined(__SANITIZE_ADDRESS__)
#define SHARE_MORE 8
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHARE_MORE 8
#endif
#endif
#ifndef SHARE_MORE
#define SHARE_MORE 2 /* make long-check takes every call */
#endif

#define LOOK_S    10 /* how often Anna looks at the page */
#define DAY_S     300
#define EVENING_S (60 * 60) /* the disk is well again: by then all is over */

static struct sim *floor_sim;

static int64_t floor_life(void)
{
	return sim_life(floor_sim);
}

/* ---- the day ---- */

static void order(const char *job, const char *sku, int32_t copies, int32_t pages, int32_t ppi)
{
	sim_order(floor_sim,
		&(struct sim_order){
			.job = job, .sku = sku, .copies = copies, .n_pages = pages, .ppi = ppi});
}

static void morning(void)
{
	order("J1", "4x6-glossy", 3, 1, 300);
	order("J2", "5x7-lustre", 1, 2, 300);
	order("J3", "4x6-glossy", 1, 1, 80); /* too few pixels: a person looks at it */
	sim_printer(floor_sim, "P1")->jam_after = 1;
}

static void noon(void)
{
	order("J4", "4x6-glossy", 4, 1, 300);
}

static void outage(void)
{
	sim_cloud_outage(floor_sim, true);
}

static void restart(void)
{
	sim_restart(floor_sim);
}

static void outage_ends(void)
{
	sim_cloud_outage(floor_sim, false);
}

/* A job whose fate nobody knows: a person counts what lies in the tray. */
static void doubt(void)
{
	struct sim_machine *printer = sim_printer(floor_sim, "P2");
	printer->no_counter = printer->no_impressions = printer->no_history = true;
	order("J5", "5x7-lustre", 1, 1, 300);
}

static const struct {
	int at_s;
	void (*happens)(void);
} script[] = {
	{0, morning},
	{100, noon},
	{110, outage},
	{120, restart},
	{200, outage_ends},
	{210, doubt},
};

static void decide(const struct job *job)
{
	struct err err;
	bool fine = true;
	if (job->stage == AT_HELD_UNKNOWN) {
		int32_t found = sim_tray(floor_sim, job->id);
		found = found > job->unknown ? job->unknown : found;
		fine = sim_resolve(floor_sim, job->id, found, &err);
	} else if (job->stage == AT_HELD_OPERATOR) {
		fine = farm_release(sim_farm(floor_sim), job->id, "anna", "", &err);
	}
	(void)fine; /* where it is refused she comes again */
}

static void look_after_printers(void)
{
	size_t n;
	struct err err;
	if (sim_printer(floor_sim, "P1")->jammed) {
		sim_printer(floor_sim, "P1")->jammed = false;
		sim_printer_go_on(floor_sim, "P1");
	}
	const struct printer *printers = farm_printers(sim_farm(floor_sim), &n);
	for (size_t i = 0; i < n; i++) {
		if (printers[i].parked) {
			said(farm_printer_resume(sim_farm(floor_sim), printers[i].conf->name,
				     "anna", "looked at it", &err),
				&err);
		}
	}
}

/* Anna looks at the page, if there is one. True: no work is left. */
static bool people(void)
{
	static const char *const jobs[] = {"J1", "J2", "J3", "J4", "J5"};
	bool over = sim_farm(floor_sim) != NULL;
	if (over) {
		look_after_printers();
	}
	for (size_t i = 0; i < 5 && sim_farm(floor_sim) != NULL; i++) {
		struct job job;
		bool here = store_job_find(sim_store(floor_sim), jobs[i], &job);
		if (here) {
			decide(&job);
		}
		over = over && here && stage_is_final(job.stage);
	}
	return over;
}

/* ---- a disk that fails ---- */

enum where { STORE, SPOOL };

struct kind { /* of fault */
	const char *name;
	enum where where;
	unsigned calls; /* of the store */
	enum vfs_how how;
	int error; /* of the spool's calls */
	bool for_ever;
	int share; /* every that-many-th in make check */
};

static const struct kind kinds[] = {
	{"store-change-eio-once", STORE, VFS_CHANGES, VFS_EIO, 0, false, 16},
	{"store-change-eio-for-ever", STORE, VFS_CHANGES, VFS_EIO, 0, true, 16},
	{"store-write-full-once", STORE, VFS_WRITE, VFS_FULL, 0, false, 40},
	{"store-write-full-for-ever", STORE, VFS_WRITE, VFS_FULL, 0, true, 40},
	{"store-write-short-once", STORE, VFS_WRITE, VFS_SHORT, 0, false, 40},
	{"store-write-short-for-ever", STORE, VFS_WRITE, VFS_SHORT, 0, true, 40},
	{"store-sync-eio-once", STORE, VFS_SYNC, VFS_EIO, 0, false, 1},
	{"store-sync-eio-for-ever", STORE, VFS_SYNC, VFS_EIO, 0, true, 4},
	{"store-read-eio-once", STORE, VFS_READ | VFS_OPEN, VFS_EIO, 0, false, 8},
	{"store-read-eio-for-ever", STORE, VFS_READ | VFS_OPEN, VFS_EIO, 0, true, 16},
	{"power-at-sync", STORE, VFS_SYNC, VFS_OFF, 0, false, 1},
	{"power-at-change", STORE, VFS_CHANGES, VFS_OFF, 0, false, 16},
	{"spool-eio-once", SPOOL, 0, VFS_EIO, EIO, false, 1},
	{"spool-eio-for-ever", SPOOL, 0, VFS_EIO, EIO, true, 4},
	{"spool-full-once", SPOOL, 0, VFS_EIO, ENOSPC, false, 1},
	{"spool-full-for-ever", SPOOL, 0, VFS_EIO, ENOSPC, true, 4},
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

static void break_disk(const struct kind *kind, int64_t nth)
{
	struct vfs_fault store = {
		.calls = kind->calls, .nth = nth, .for_ever = kind->for_ever, .how = kind->how};
	struct syscalls_fault spool = {.error = kind->error, .for_ever = kind->for_ever};
	if (kind->where == STORE) {
		vfs_break(sim_disk(floor_sim), &store);
	} else {
		spool.nth = nth;
	}
	syscalls_count(&spool, floor_life);
}

static void mend_disk(void)
{
	vfs_break(sim_disk(floor_sim), NULL);
	syscalls_mend();
}

/* ---- what must hold ---- */

/* A daemon that ends or does not start, and a job that waits for the disk, say what to do. */
static bool says_what_to_do(const char *line)
{
	static const char *const tells[] = {": the daemon ends: ", ": the daemon does not start: "};
	static const char *const remedies[] = {"check the disk", "check its disk",
		"free space on it", "check that its folder is there",
		"it must be a folder that platend owns"};
	bool is_end = false;
	bool says = false;
	for (size_t i = 0; i < sizeof tells / sizeof tells[0]; i++) {
		is_end = is_end || strstr(line, tells[i]) != NULL;
	}
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++) {
		says = says || strstr(line, remedies[i]) != NULL;
	}
	return !is_end || says;
}

static bool judge_trace(char words[512])
{
	const char *const *lines;
	size_t n = sim_trace(floor_sim, &lines);
	for (size_t i = 0; i < n; i++) {
		if (!says_what_to_do(lines[i])) {
			snprintf(words, 512, "it says not what to do: %s", lines[i]);
			return false;
		}
	}
	return true;
}

static bool judge(bool over, char words[512])
{
	if (!over) {
		snprintf(words, 512, "an hour after the disk was mended not all is over");
		return false;
	}
	if (!sim_judge(floor_sim, true, words, 512) || !judge_trace(words)) {
		return false;
	}
	if (vfs_sync_was_retried(sim_disk(floor_sim)) || syscalls_sync_was_retried()) {
		snprintf(words, 512, "a sync that had failed was made again in the same life");
		return false;
	}
	return true;
}

/* ---- a day with the n-th call failing ---- */

struct day {
	int64_t calls, struck; /* of that kind, until the evening */
	int32_t printed;       /* whole sheets that came out */
	bool fine;
	char words[512];
};

static void play(const struct kind *kind, int64_t nth, struct day *day)
{
	bool over = false;
	size_t next = 0;
	floor_sim = story_begin_with(
		(struct sim_conf){.seed = 5 + (uint64_t)nth, .checks_store = true});
	int64_t before = vfs_calls(sim_disk(floor_sim), kind->calls);
	break_disk(kind, nth);
	for (int at_s = 0; at_s < DAY_S; at_s += LOOK_S) {
		while (next < sizeof script / sizeof script[0] && script[next].at_s <= at_s) {
			script[next++].happens();
		}
		sim_run(floor_sim, LOOK_S * SECONDS);
		over = people();
	}
	bool store = kind->where == STORE;
	day->calls =
		store ? vfs_calls(sim_disk(floor_sim), kind->calls) - before : syscalls_counted();
	day->struck = store ? vfs_struck(sim_disk(floor_sim)) : syscalls_struck();
	mend_disk();
	for (int at_s = 0; at_s < EVENING_S && !over; at_s += LOOK_S) {
		sim_run(floor_sim, LOOK_S * SECONDS);
		over = people();
	}
	day->fine = judge(over, day->words);
	day->printed = sim_sheets(floor_sim, "J1", -1, -1) + sim_sheets(floor_sim, "J2", -1, -1) +
		       sim_sheets(floor_sim, "J3", -1, -1) + sim_sheets(floor_sim, "J4", -1, -1) +
		       sim_sheets(floor_sim, "J5", -1, -1);
	syscalls_off();
	story_close(floor_sim);
}

static int share_of(const struct kind *kind)
{
	const char *share = getenv("PLATEN_DISK_SHARE");
	return share != NULL ? atoi(share) : kind->share * SHARE_MORE;
}

/* Call by call until there is no n-th one any more. */
static void fail_each(void **state)
{
	const struct kind *kind = *state;
	int64_t runs = 0;
	int64_t calls = 0;
	int bad = 0;
	struct day day = {.calls = 1};
	for (int64_t n = 1; n <= day.calls || day.struck > 0; n += share_of(kind), runs++) {
		play(kind, n, &day);
		if (!day.fine) {
			print_error("%s:%lld: %s\n", kind->name, (long long)n, day.words);
			bad++;
		}
		calls = day.calls > calls ? day.calls : calls;
	}
	print_message("# %s: %lld of %lld calls\n", kind->name, (long long)runs, (long long)calls);
	assert_int_equal(bad, 0);
}

static int fail_one(const char *fault)
{
	struct day day;
	const char *number = strchr(fault, ':');
	for (int i = 0; number != NULL && i < KINDS; i++) {
		if (strncmp(kinds[i].name, fault, (size_t)(number - fault)) == 0 &&
			kinds[i].name[number - fault] == '\0') {
			play(&kinds[i], strtoll(number + 1, NULL, 10), &day);
			printf("# %s: %s\n", fault, day.fine ? "fine" : day.words);
			return !day.fine;
		}
	}
	printf("# no such fault: %s\n", fault);
	return 1;
}

static void a_day_on_a_sound_disk_ends_with_all_printed(void **state)
{
	(void)state;
	struct day day;
	play(&(struct kind){.name = "none", .where = SPOOL}, 0, &day);
	if (!day.fine) {
		fail_msg("%s", day.words);
	}
	assert_int_equal(day.struck, 0);
	assert_int_equal(day.printed, 11); /* one more was spoilt in the jam */
}

int main(void)
{
	struct CMUnitTest tests[KINDS + 1] = {
		cmocka_unit_test(a_day_on_a_sound_disk_ends_with_all_printed),
	};
	const char *fault = getenv("PLATEN_DISK_FAULT");
	if (fault != NULL) {
		return fail_one(fault);
	}
	for (int i = 0; i < KINDS; i++) {
		tests[1 + i] = (struct CMUnitTest){
			kinds[i].name, fail_each, NULL, NULL, (void *)(uintptr_t)&kinds[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
