/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine itself: prints fall out at their due times, whether anybody looks or not; mishaps of
 * the script happen on the way. Each finished print is a file in out/, numbered by the life
 * counter, so that a look that is killed half-way and repeated makes the same file, not a second
 * one.
 */
#include "drivers/fake.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool copy_bytes(int from, int to)
{
	char bytes[65536];
	ssize_t n;
	while ((n = read(from, bytes, sizeof bytes)) > 0) {
		if (write(to, bytes, (size_t)n) != n) {
			return false;
		}
	}
	return n == 0;
}

static bool copy_file(const char *from, const char *temp, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool fine = in >= 0 && out >= 0 && copy_bytes(in, out);
	if (in >= 0) {
		close(in);
	}
	if (out >= 0) {
		fine = close(out) == 0 && fine;
	}
	return fine && rename(temp, to) == 0;
}

/* One side of a print: a copy of planes-N in out/, of back-N in back/. */
static bool deliver_side(struct fake *fake, const struct fake_job *job, const char *side,
	const char *folder, const char *ending, struct err *err)
{
	char name[200];
	char from[512];
	char temp[512];
	char to[512];
	snprintf(name, sizeof name, "%s-%lld", side, (long long)job->planes);
	fake_path(fake, name, from, sizeof from);
	snprintf(name, sizeof name, "%s/.print", folder);
	fake_path(fake, name, temp, sizeof temp);
	snprintf(name, sizeof name, "%s/%08lld_%s_page-%d_copy-%d.%s", folder,
		(long long)fake->state.life + 1, job->key, (int)job->page + 1,
		(int)(job->first_copy + job->done) + 1, ending);
	fake_path(fake, name, to, sizeof to);
	return copy_file(from, temp, to) || fake_fault(fake, name, err);
}

/* One print falls out. */
static bool deliver(struct fake *fake, const struct fake_job *job, struct err *err)
{
	static const char *const endings[FORMAT_COUNT] = {
		[FORMAT_PWG] = "pwg", [FORMAT_JPEG] = "jpg", [FORMAT_URF] = "urf"};
	char back[40];
	snprintf(back, sizeof back, "back-%lld", (long long)job->planes);
	return (!fake_has_file(fake, back) ||
		       deliver_side(fake, job, "back", "back", "txt", err)) &&
	       deliver_side(fake, job, "planes", "out", endings[job->format], err);
}

static void drop_first(struct fake_state *state)
{
	state->n_jobs--;
	memmove(&state->jobs[0], &state->jobs[1], (size_t)state->n_jobs * sizeof state->jobs[0]);
}

/* The next job, if any, starts when the one before it is through. */
static void start_next(struct fake_state *state, int64_t at_ms)
{
	if (state->n_jobs > 0 && state->jobs[0].due_ms < at_ms + state->jobs[0].ms_per_print) {
		state->jobs[0].due_ms = at_ms + state->jobs[0].ms_per_print;
	}
}

static bool print_one(struct fake *fake, struct err *err)
{
	struct fake_state *state = &fake->state;
	struct fake_job *job = &state->jobs[0];
	if (!deliver(fake, job, err)) {
		return false;
	}
	int64_t at_ms = job->due_ms;
	memmove(&state->recent_ms[1], &state->recent_ms[0],
		(FAKE_RECENT_MAX - 1) * sizeof state->recent_ms[0]);
	state->recent_ms[0] = at_ms;
	state->life++;
	state->left--;
	state->armed -= state->armed > 0;
	job->done++;
	job->due_ms += job->ms_per_print;
	if (job->done == job->copies) {
		drop_first(state);
		start_next(state, at_ms);
	}
	return true;
}

/* ---- mishaps ---- */

static void happen_at_once(struct fake *fake, const struct mishap *mishap, int64_t now_ms)
{
	struct fake_state *state = &fake->state;
	if (strcmp(mishap->verb, "cover-open") == 0) {
		if (fake_has_file(fake, mishap->word)) {
			text_copy(state->cover, sizeof state->cover, mishap->word);
			state->halt = FAKE_COVER;
		}
	} else if (strcmp(mishap->verb, "hang") == 0) {
		state->silent_until_ms = now_ms + mishap->number;
	} else if (strcmp(mishap->verb, "vanish") == 0) {
		state->absent_until_ms = now_ms + mishap->number;
	} else if (strcmp(mishap->verb, "lag") == 0) {
		state->lag_ms = mishap->number;
		state->lag_from_ms = now_ms;
	} else if (strcmp(mishap->verb, "serial") == 0) {
		text_copy(state->serial, sizeof state->serial, mishap->word);
	} else { /* power-cycle */
		state->n_jobs = 0;
		state->started_ms = now_ms;
		state->halt = FAKE_RUNS;
	}
}

static void happen_now(struct fake *fake, const struct mishap *mishap)
{
	struct fake_state *state = &fake->state;
	if (strcmp(mishap->verb, "abort") == 0) {
		state->n_jobs = 0;
	} else if (strcmp(mishap->verb, "media-end") == 0) {
		state->left = 0;
	} else { /* jam, jam-resume: the print in work is lost, its piece of media is waste */
		state->halt = FAKE_JAMMED;
		state->resumes = strcmp(mishap->verb, "jam-resume") == 0;
		state->left -= state->left > 0;
	}
}

static bool take_mishaps(struct fake *fake, int64_t now_ms, struct err *err)
{
	struct mishap mishap;
	for (;;) {
		if (!mishap_next(fake, &mishap, err)) {
			return false;
		}
		if (mishap.when == MISHAP_AFTER_PRINTS && fake->state.armed == COUNT_UNKNOWN) {
			fake->state.armed = mishap.number;
		}
		if (mishap.when != MISHAP_AT_ONCE) {
			return true;
		}
		happen_at_once(fake, &mishap, now_ms);
		mishap_done(fake);
	}
}

/* ---- people at the machine ---- */

/* load: SIZE TYPE WIDTH HEIGHT LEFT */
static void take_load(struct fake *fake)
{
	struct fake_state *state = &fake->state;
	char text[256];
	char size[65];
	char type[65];
	int width;
	int height;
	long long left;
	if (!fake_read(fake, "load", text, sizeof text)) {
		return;
	}
	if (sscanf(text, "%64s %64s %d %d %lld", size, type, &width, &height, &left) == 5 &&
		width > 0 && height > 0 && left >= 0) {
		text_copy(state->size_name, sizeof state->size_name, size);
		text_copy(state->type, sizeof state->type, type);
		state->width_hmm = width;
		state->height_hmm = height;
		state->left = left;
	}
	fake->took_load = true;
}

static void clear_halt(struct fake *fake, int64_t now_ms)
{
	struct fake_state *state = &fake->state;
	bool cleared = false;
	switch (state->halt) {
	case FAKE_RUNS:
		return;
	case FAKE_JAMMED:
		cleared = !fake->took_clear && fake_has_file(fake, "clear");
		if (cleared) {
			fake->took_clear = true;
			state->n_jobs = state->resumes ? state->n_jobs : 0;
		}
		break;
	case FAKE_COVER:
		cleared = !fake_has_file(fake, state->cover);
		break;
	case FAKE_NO_MEDIA:
		cleared = state->left > 0;
		break;
	}
	if (cleared) {
		state->halt = FAKE_RUNS;
		if (state->n_jobs > 0) {
			state->jobs[0].due_ms = now_ms + state->jobs[0].ms_per_print;
		}
	}
}

/* The documents of jobs that are through, and one whose START never came. */
void fake_sweep_planes(const struct fake *fake, const struct fake_state *before)
{
	for (int32_t i = 0; i < before->n_jobs; i++) {
		bool kept = false;
		for (int32_t k = 0; k < fake->state.n_jobs; k++) {
			kept = kept || fake->state.jobs[k].planes == before->jobs[i].planes;
		}
		if (!kept) {
			char name[40];
			snprintf(name, sizeof name, "planes-%lld",
				(long long)before->jobs[i].planes);
			fake_remove(fake, name);
			snprintf(name, sizeof name, "back-%lld", (long long)before->jobs[i].planes);
			fake_remove(fake, name);
		}
	}
}

static bool run_until(struct fake *fake, int64_t now_ms, struct err *err)
{
	struct fake_state *state = &fake->state;
	struct mishap mishap;
	for (;;) {
		if (!take_mishaps(fake, now_ms, err)) {
			return false;
		}
		clear_halt(fake, now_ms);
		if (state->halt != FAKE_RUNS || state->n_jobs == 0 ||
			state->jobs[0].due_ms > now_ms) {
			return true;
		}
		if (state->left == 0) {
			state->halt = FAKE_NO_MEDIA;
		} else if (state->armed == 0) {
			if (!mishap_next(fake, &mishap, err)) {
				return false;
			}
			happen_now(fake, &mishap);
			mishap_done(fake);
		} else if (!print_one(fake, err)) {
			return false;
		}
	}
}

bool fake_run(struct fake *fake, struct err *err)
{
	struct fake_state before = fake->state;
	fake->took_load = fake->took_clear = false;
	take_load(fake);
	if (!run_until(fake, clock_boot_ms(), err)) {
		return false;
	}
	if (memcmp(&before, &fake->state, sizeof before) != 0 && !fake_save(fake, err)) {
		return false;
	}
	/* Only now: what was taken from these files is kept. */
	if (fake->took_load) {
		fake_remove(fake, "load");
	}
	if (fake->took_clear) {
		fake_remove(fake, "clear");
	}
	fake_sweep_planes(fake, &before);
	return true;
}

int64_t fake_shown_life(const struct fake *fake)
{
	const struct fake_state *state = &fake->state;
	int64_t shown = state->life;
	int64_t now_ms = clock_boot_ms();
	for (int i = 0; i < FAKE_RECENT_MAX && state->lag_ms > 0; i++) {
		shown -= state->recent_ms[i] > state->lag_from_ms &&
			 state->recent_ms[i] + state->lag_ms > now_ms;
	}
	return shown;
}
