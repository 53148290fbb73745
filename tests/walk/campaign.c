/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten thousand seeds that nobody has run before, in two processes; what they have to show is judged
 * at the end. SEEDS=N in the environment runs that many, PLATEN_SEED=N begins there: the first one
 * is always said, so that any that fails can be run again alone (tests/walk/seeds).
 */
#include "tests/walk/seed.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEEDS         1000 /* in ./bootstrap check; ten thousand and more by make long-check */
#define PROCESSES     2
#define TWICE_EVERY   50
#define FAILURES_SAID 20
#define KEEP_BYTES    (256 << 20)

struct failure {
	uint64_t seed;
	char words[200];
};

struct total {
	int64_t seeds, failed, twice, differ;
	double cpu_s;
	struct sim_tally tally;
	struct failure failures[FAILURES_SAID];
};

static void add_settled(struct sim_settled *to, const struct sim_settled *from)
{
	to->n += from->n;
	to->by_counter += from->by_counter;
	to->by_impressions += from->by_impressions;
	to->by_its_word += from->by_its_word;
	to->by_person += from->by_person;
	to->wrongly += from->wrongly;
	to->by_policy += from->by_policy;
}

static void add_tally(struct sim_tally *to, const struct sim_tally *from)
{
	to->virtual_ms += from->virtual_ms;
	to->sheets += from->sheets;
	to->spoiled += from->spoiled;
	to->elsewhere += from->elsewhere;
	to->crashes += from->crashes;
	for (int i = 0; i < SIM_WITNESSES; i++) {
		add_settled(&to->settled[i], &from->settled[i]);
	}
}

static void add_failure(struct total *total, uint64_t seed, const char *words)
{
	if (total->failed < FAILURES_SAID) {
		struct failure *failure = &total->failures[total->failed];
		failure->seed = seed;
		text_copy(failure->words, sizeof failure->words, words);
	}
	total->failed++;
}

/* ---- one process ---- */

static void run_seed(struct total *total, uint64_t seed)
{
	struct seed_report report;
	seed_run(seed, &report);
	total->seeds++;
	add_tally(&total->tally, &report.tally);
	if (!report.fine) {
		add_failure(total, seed, report.words);
	}
	if (seed % TWICE_EVERY == 0) {
		char first[HASH_HEX_MAX];
		memcpy(first, report.hash, sizeof first);
		seed_run(seed, &report);
		add_tally(&total->tally, &report.tally);
		total->twice++;
		total->differ += strcmp(first, report.hash) != 0;
	}
}

static int run_share(uint64_t first, uint64_t n, int share, int out)
{
	static struct total total;
	for (uint64_t i = (uint64_t)share; i < n; i += PROCESSES) {
		run_seed(&total, first + i);
	}
	total.cpu_s = (double)clock() / CLOCKS_PER_SEC;
	return write(out, &total, sizeof total) == (ssize_t)sizeof total ? 0 : 1;
}

/* ---- all of them ---- */

static void add_total(struct total *to, const struct total *from)
{
	for (int64_t i = 0; i < from->failed && i < FAILURES_SAID; i++) {
		add_failure(to, from->failures[i].seed, from->failures[i].words);
	}
	to->failed += from->failed > FAILURES_SAID ? from->failed - FAILURES_SAID : 0;
	to->seeds += from->seeds;
	to->twice += from->twice;
	to->differ += from->differ;
	to->cpu_s += from->cpu_s;
	add_tally(&to->tally, &from->tally);
}

static bool run_all(uint64_t first, uint64_t n, struct total *all)
{
	static struct total total;
	int pipes[PROCESSES][2];
	for (int share = 0; share < PROCESSES; share++) {
		if (pipe(pipes[share]) != 0) {
			return false;
		}
		pid_t child = fork();
		if (child == 0) {
			_exit(run_share(first, n, share, pipes[share][1]));
		}
		close(pipes[share][1]);
		if (child < 0) {
			return false;
		}
	}
	bool fine = true;
	for (int share = 0; share < PROCESSES; share++) {
		size_t got = 0;
		ssize_t len;
		while ((len = read(pipes[share][0], (char *)&total + got, sizeof total - got)) >
			0) {
			got += (size_t)len;
		}
		close(pipes[share][0]);
		fine = fine && got == sizeof total;
		if (got == sizeof total) {
			add_total(all, &total);
		}
	}
	while (wait(NULL) > 0) {
	}
	return fine;
}

/* ---- what they show ---- */

static int facts;
static int bad;

static void fact(bool fine, const char *name)
{
	printf("%s %d - %s\n", fine ? "ok" : "not ok", ++facts, name);
	bad += !fine;
}

static void say_settled(const char *name, const struct sim_settled *settled)
{
	printf("# ambiguous hand-overs, %s: %lld; by counter %lld, by impressions %lld, by its "
	       "word %lld, by a person %lld (%.3f %%), wrongly %lld; by policy besides %lld\n",
		name, (long long)settled->n, (long long)settled->by_counter,
		(long long)settled->by_impressions, (long long)settled->by_its_word,
		(long long)settled->by_person,
		settled->n == 0 ? 0.0 : 100.0 * (double)settled->by_person / (double)settled->n,
		(long long)settled->wrongly, (long long)settled->by_policy);
}

/* No more than one in so many need a person, as far as so few seeds can tell: twice the square root
 * of what is expected may be chance. */
static bool settles(const struct sim_settled *settled, int64_t one_in)
{
	int64_t over = settled->by_person * one_in - settled->n;
	return settled->n > 0 && (over <= 0 || over * over <= 4 * settled->n * one_in);
}

static int64_t wrongly(const struct sim_tally *tally)
{
	int64_t n = 0;
	for (int i = 0; i < SIM_WITNESSES; i++) {
		n += tally->settled[i].wrongly;
	}
	return n;
}

static void say(const struct total *all, int64_t seconds)
{
	const struct sim_tally *tally = &all->tally;
	double hours = (double)tally->virtual_ms / 3600000.0;
	printf("# %lld seeds in %lld s, %.0f virtual hours: %.0f a minute a core; %lld sheets, "
	       "%lld wasted, %lld on the other floor; %lld ends of the daemon\n",
		(long long)all->seeds, (long long)seconds, hours, hours * 60.0 / all->cpu_s,
		(long long)tally->sheets, (long long)tally->spoiled, (long long)tally->elsewhere,
		(long long)tally->crashes);
	say_settled("counters", &tally->settled[SIM_COUNTS]);
	say_settled("IPP only", &tally->settled[SIM_IPP_ONLY]);
	say_settled("nothing that proves", &tally->settled[SIM_NO_WITNESS]);
	for (int64_t i = 0; i < all->failed && i < FAILURES_SAID; i++) {
		printf("# PLATEN_SEED=%llu: %s\n", (unsigned long long)all->failures[i].seed,
			all->failures[i].words);
	}
}

static void judge(const struct total *all, uint64_t n)
{
	const struct sim_tally *tally = &all->tally;
	fact(all->failed == 0 && all->seeds == (int64_t)n,
		"no_sheet_comes_out_twice_no_job_is_lost_no_event_is_lost_doubled_or_out_of_order");
	fact(all->differ == 0 && all->twice > 0, "a_seed_that_is_run_twice_gives_the_same_trace");
	fact(settles(&tally->settled[SIM_COUNTS], 1000),
		"with_counters_999_of_1000_ambiguous_hand_overs_need_no_person");
	fact(settles(&tally->settled[SIM_IPP_ONLY], 100),
		"with_ipp_only_99_of_100_ambiguous_hand_overs_need_no_person");
	fact(wrongly(tally) == 0, "no_ambiguous_hand_over_is_settled_wrongly");
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
	static struct total all;
	/* each run makes and drops the same few megabytes: given back to the system each time, a
	 * quarter of the time would go into page faults */
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_TOP_PAD, KEEP_BYTES / 16);
	uint64_t first = number_of("PLATEN_SEED", seed_fresh());
	uint64_t n = number_of("SEEDS", SEEDS);
	time_t start = time(NULL);
	printf("1..5\n# seeds from %llu on\n", (unsigned long long)first);
	fflush(stdout);
	bool ran = run_all(first, n, &all);
	int64_t seconds = time(NULL) - start;
	if (!ran) {
		printf("# a process of the campaign ended early\n");
		all.failed++;
	}
	say(&all, seconds);
	judge(&all, n);
	return bad > 0 ? 1 : 0;
}
