/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing a document to the fake printer, as to a dye-sub over USB: the planes first, which print
 * nothing by themselves; then, once COMMITTED is stored, START.
 */
#include "drivers/fake.h"
#include "drivers/media.h"
#include "rules/condition.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * 1024)

static bool machine_is_ready(struct fake *fake, const struct document *document, struct err *err)
{
	const char *name = fake->device->printer;
	const struct fake_state *state = &fake->state;
	struct device_status status;
	fake_status_of(fake, &status);
	if (!condition_lets_print(name, &status, err)) {
		return false;
	}
	bool refuses;
	if (!mishap_at_send(fake, "refuse-format", &refuses, err)) {
		return false;
	}
	if (refuses) {
		return err_set(err, REMEDY_REJECT, "format-refused",
			"printer %s: it does not take %s", name,
			format_media_type(document->format));
	}
	const struct ready_media *tray;
	if (!media_is_loaded(fake->device, &status, document, &tray, err)) {
		return false;
	}
	return state->n_jobs < FAKE_BUFFERS || err_set(err, REMEDY_RETRY, "printer-busy",
						       "printer %s: both buffers are full", name);
}

static bool copy_planes(
	struct fake *fake, const struct document *document, int out, struct err *err)
{
	static char bytes[CHUNK_BYTES];
	struct device *device = fake->device;
	for (int64_t at = 0; at < document->bytes;) {
		int64_t left = document->bytes - at;
		size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		ssize_t n = pread(document->fd, bytes, want, at);
		if (n <= 0) {
			return err_set(err, REMEDY_REDO, "raster-unreadable",
				"printer %s: the rendered page is shorter than it was or can't be "
				"read",
				device->printer);
		}
		if (device->must_stop(device->host)) {
			return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop",
				device->printer);
		}
		if (write(out, bytes, (size_t)n) != n) {
			return fake_fault(fake, "planes.new", err);
		}
		at += n;
	}
	return true;
}

static bool send_planes(struct fake *fake, const struct document *document, struct err *err)
{
	char path[512];
	fake_path(fake, "planes.new", path, sizeof path);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0) {
		return fake_fault(fake, "planes.new", err);
	}
	bool fine = copy_planes(fake, document, out, err);
	if (close(out) != 0 && fine) {
		fine = fake_fault(fake, "planes.new", err);
	}
	return fine;
}

/* What the machine shall write on the back of each print of these planes. */
static bool send_back(struct fake *fake, const struct document *document, struct err *err)
{
	char path[512];
	fake_path(fake, "back.new", path, sizeof path);
	if (document->n_back_print == 0) {
		fake_remove(fake, "back.new"); /* of planes that were never started */
		return true;
	}
	FILE *file = fopen(path, "we");
	bool fine = file != NULL;
	for (int32_t i = 0; fine && i < document->n_back_print; i++) {
		fine = fprintf(file, "%s\n", document->back_print[i]) > 0;
	}
	if (file != NULL) {
		fine = fclose(file) == 0 && fine;
	}
	return fine || fake_fault(fake, "back.new", err);
}

/* planes.new becomes planes-N, and back.new back-N. */
static bool number(struct fake *fake, const char *what, struct err *err)
{
	char from[512];
	char to[512];
	char name[40];
	snprintf(name, sizeof name, "%s.new", what);
	fake_path(fake, name, from, sizeof from);
	snprintf(name, sizeof name, "%s-%lld", what, (long long)fake->state.planes);
	fake_path(fake, name, to, sizeof to);
	return rename(from, to) == 0 || fake_fault(fake, name, err);
}

static void add_job(
	struct fake *fake, const struct attempt *attempt, const struct document *document)
{
	struct fake_state *state = &fake->state;
	if (state->n_jobs == FAKE_JOBS_MAX) {
		return;
	}
	int32_t ms = fake->device->model.ms_per_print;
	struct fake_job job = {.page = attempt->page,
		.first_copy = attempt->first_copy,
		.copies = attempt->copies,
		.format = document->format,
		.ms_per_print = ms,
		.due_ms = clock_boot_ms() + ms,
		.planes = state->planes};
	text_copy(job.key, sizeof job.key, attempt->key);
	if (state->n_jobs > 0) { /* behind what is printing */
		const struct fake_job *last = &state->jobs[state->n_jobs - 1];
		job.due_ms = last->due_ms +
			     (int64_t)last->ms_per_print * (last->copies - last->done - 1) + ms;
	}
	state->jobs[state->n_jobs++] = job;
}

/* The moment of START: the state with the job in it replaces the one without. */
static bool start(struct fake *fake, const struct attempt *attempt, const struct document *document,
	struct err *err)
{
	bool lost;
	bool twice;
	bool mute;
	if (!mishap_at_send(fake, "lose-start", &lost, err) ||
		!mishap_at_send(fake, "answer-twice", &twice, err) ||
		!mishap_at_send(fake, "lose-answer", &mute, err)) {
		return false;
	}
	if (lost) {
		return true;
	}
	fake->state.planes++;
	if (document->n_back_print == 0) { /* of a hand-over that was cut off here */
		char stale[40];
		snprintf(stale, sizeof stale, "back-%lld", (long long)fake->state.planes);
		fake_remove(fake, stale);
	}
	if ((document->n_back_print > 0 && !number(fake, "back", err)) ||
		!number(fake, "planes", err)) {
		return false;
	}
	add_job(fake, attempt, document);
	if (twice) { /* the machine takes an answer that came twice for two orders */
		add_job(fake, attempt, document);
	}
	if (!fake_save(fake, err)) {
		return false;
	}
	return !mute || err_set(err, REMEDY_RETRY, "printer-silent",
				"printer %s: no answer to START", fake->device->printer);
}

static bool told_to_stop(const struct fake *fake, const struct attempt *attempt, struct err *err)
{
	return err_set(err, REMEDY_DROP, "stopped", "printer %s: told to stop before %s had gone",
		fake->device->printer, attempt->key);
}

bool fake_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct fake *fake = device->own;
	if (!fake_look(fake, err)) {
		return false;
	}
	bool refused = false;
	bool fine = machine_is_ready(fake, document, err) &&
		    mishap_at_send(fake, "refuse", &refused, err);
	fake_leave(fake);
	if (!fine) {
		return false;
	}
	if (!hooks->sending(hooks->host)) {
		return told_to_stop(fake, attempt, err);
	}
	if (!send_planes(fake, document, err) || !send_back(fake, document, err)) {
		return false;
	}
	if (refused) {
		return err_set(err, REMEDY_RETRY, "printer-refused",
			"printer %s: it refused the planes", device->printer);
	}
	if (!hooks->committed(hooks->host)) {
		return told_to_stop(fake, attempt, err);
	}
	fine = fake_look(fake, err);
	if (fine) {
		fine = start(fake, attempt, document, err);
		fake_leave(fake);
	}
	if (!fine) {
		char why[ERR_TEXT_MAX];
		text_copy(why, sizeof why, err->text);
		err_set(err, REMEDY_UNSURE, "unsure", "after START of %s: %.240s", attempt->key,
			why);
	}
	return fine;
}
