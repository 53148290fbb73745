/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling stories. The floor's folder is in memory where the machine has such a place: a story
 * commits hundreds of times.
 */
#include "tests/walk/story.h"
#include "base/mem.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
	(void)stat;
	(void)kind;
	(void)at;
	return remove(path);
}

struct sim *story_begin_with(struct sim_conf conf)
{
	const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(folder, sizeof folder, "%s/platen-walk.XXXXXX", memory);
	assert_non_null(mkdtemp(folder));
	conf.folder = folder;
	return sim_create(&conf);
}

struct sim *story_begin(void)
{
	return story_begin_with((struct sim_conf){.seed = 7});
}

static void show(struct sim *sim)
{
	const char *const *lines;
	size_t n = sim_trace(sim, &lines);
	for (size_t i = 0; i < n; i++) {
		fprintf(stderr, "# %s\n", lines[i]);
	}
}

void story_close(struct sim *sim)
{
	if (getenv("PLATEN_SHOW") != NULL) {
		show(sim);
	}
	sim_destroy(sim);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void story_end(struct sim *sim)
{
	char words[512];
	bool fine = sim_judge(sim, false, words, sizeof words);
	if (!fine) {
		show(sim);
	}
	story_close(sim);
	if (!fine) {
		fail_msg("the oracle says: %s", words);
	}
}

struct sim *story_of_one(void)
{
	struct sim *sim = story_begin();
	sim_order(sim, &(struct sim_order){.job = "J1"});
	return sim;
}

/* A line of the trace without its time; with it where the story gives one. */
static bool is_line(const char *line, const char *wanted)
{
	const char *text = wanted[0] == '[' ? line : strchr(line, ']') + 2;
	return strcmp(text, wanted) == 0;
}

static bool has_line(struct sim *sim, size_t *at, const char *wanted)
{
	const char *const *lines;
	size_t n = sim_trace(sim, &lines);
	while (*at < n) {
		if (is_line(lines[(*at)++], wanted)) {
			return true;
		}
	}
	return false;
}

void story_lines(struct sim *sim, const char *const *lines)
{
	size_t at = 0;
	for (int i = 0; lines[i] != NULL; i++) {
		if (!has_line(sim, &at, lines[i])) {
			show(sim);
			fail_msg("missing, or not in this order: \"%s\"", lines[i]);
		}
	}
}

void never(struct sim *sim, const char *line)
{
	size_t at = 0;
	if (has_line(sim, &at, line)) {
		show(sim);
		fail_msg("must not be there: \"%s\"", line);
	}
}

void until(struct sim *sim, const char *line)
{
	size_t at = 0;
	int64_t end_ms = sim_now(sim) + 30 * MINUTES;
	while (!has_line(sim, &at, line)) {
		if (sim_now(sim) >= end_ms) {
			show(sim);
			fail_msg("not within 30 minutes: \"%s\"", line);
		}
		sim_run(sim, 5);
	}
}

void events_are(struct sim *sim, const char *subject, const char *words)
{
	char is[2048];
	sim_cloud_events(sim, subject, is, sizeof is);
	if (strcmp(is, words) != 0) {
		show(sim);
	}
	assert_string_equal(is, words);
}

void stands(struct sim *sim, const char *job, enum stage stage)
{
	struct job is;
	assert_true(store_job_find(sim_store(sim), job, &is));
	if (is.stage != stage) {
		show(sim);
	}
	assert_string_equal(stage_word(is.stage), stage_word(stage));
}

void fault(struct sim *sim, enum sim_call call, enum sim_how how, enum remedy remedy)
{
	sim_fault(sim, &(struct sim_fault){.call = call, .how = how, .remedy = remedy});
}

void said(bool fine, const struct err *err)
{
	if (!fine) {
		fail_msg("refused: %s", err->text);
	}
}

void came_out(struct sim *sim, const char *job, int32_t sheets, int32_t spoiled)
{
	if (sim_sheets(sim, job, -1, -1) != sheets || sim_spoiled(sim, job) != spoiled) {
		show(sim);
	}
	assert_int_equal(sim_sheets(sim, job, -1, -1), sheets);
	assert_int_equal(sim_spoiled(sim, job), spoiled);
}
