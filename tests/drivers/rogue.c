/* SPDX-License-Identifier: Apache-2.0
 *
 * The IPP driver against a printer that misbehaves (rogue.py), one process a misbehaviour: every
 * call ends in time, in success or in a sentence; no photo goes to a printer that can't say who and
 * how it is; nothing is called printed on the word of a liar. Prints TAP.
 */
#include "drivers/host.h"
#include "drivers/server.h"
#include "base/clock.h"
#include "drivers/list.h"
#include "wire/task.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_MS 9000 /* the longest question may take 5 s; the machine is shared */
#define SEND_MS 6000 /* then a hand-over is ended; an early answer is heard for 2 s */

static const struct mode {
	const char *name;
	const char *status;  /* code of its error; "" = well understood */
	const char *send;    /* code of its error; "" = handed over; NULL = as it comes */
	const char *verdict; /* of a committed attempt; NULL = an error or as it comes */
} modes[] = {
	{"honest", "", "", "done"},
	{"jobs-2000", "", "", "done"},
	{"jobs-of-others", "", "", "done"},
	{"tail-garbage", "", "", "done"},
	{"http-two-answers", "", "", "done"},
	{"http-garbage", "printer-answer", "printer-answer", NULL},
	{"http-404", "printer-answer", "printer-answer", NULL},
	{"http-500", "printer-answer", "printer-answer", NULL},
	{"http-401", "printer-auth", "printer-auth", NULL},
	{"http-426", "printer-elsewhere", "printer-elsewhere", NULL},
	{"http-redirect", "printer-elsewhere", "printer-elsewhere", NULL},
	{"http-redirect-file", "printer-elsewhere", "printer-elsewhere", NULL},
	{"http-09", "printer-answer", "printer-answer", NULL},
	{"http-html", "printer-answer", "printer-answer", NULL},
	{"http-no-type", "printer-answer", "printer-answer", NULL},
	{"http-empty", "printer-answer", "printer-answer", NULL},
	{"http-cut", "printer-answer", "printer-answer", NULL},
	{"http-short-length", "printer-answer", "printer-answer", NULL},
	{"http-negative-length", "printer-answer", "printer-answer", NULL},
	{"http-gzip", "", "", "done"},
	{"http-drip", "printer-silent", "printer-silent", NULL},
	{"http-endless-chunks", "printer-answer", "printer-answer", NULL},
	{"http-endless-body", "printer-answer", "printer-answer", NULL},
	{"http-endless-head", "printer-answer", "printer-answer", NULL},
	{"http-endless-line", "printer-answer", "printer-answer", NULL},
	{"http-continue-storm", "printer-answer", "printer-answer", NULL},
	{"http-close", "printer-answer", "printer-answer", NULL},
	{"silent", "printer-silent", "printer-silent", NULL},
	{"other-request-id", "printer-answer", "printer-answer", NULL},
	{"version-9", "printer-answer", "printer-answer", NULL},
	{"no-end-tag", "printer-answer", "printer-answer", NULL},
	{"status-7fff", "printer-refused", "printer-refused", NULL},
	{"status-refused", "printer-refused", "printer-refused", NULL},
	{"state-as-text", "printer-answer", "printer-answer", NULL},
	{"state-99", "printer-answer", "printer-answer", NULL},
	{"state-negative", "printer-answer", "printer-answer", NULL},
	{"state-missing", "printer-answer", "printer-answer", NULL},
	{"state-short", "printer-answer", "printer-answer", NULL},
	{"state-as-range", "printer-answer", "printer-answer", NULL},
	{"reasons-as-integers", "", "", "done"},
	{"thousand-reasons", "", "", "done"},
	{"long-reason", "", "", "done"},
	{"uuid-as-integer", "", "", "done"},
	{"uuid-changes", "", "printer-changed", NULL},
	{"hostile-text", "", "", "done"},
	{"long-text", "", "", "done"},
	{"ready-as-integer", "", "", "done"},
	{"ready-negative", "", "media-not-loaded", "done"},
	{"ready-huge", "", "media-not-loaded", "done"},
	{"ready-as-text", "", "media-not-loaded", "done"},
	{"ready-thousands", "", "", "done"},
	{"ready-twice", "", "", "done"},
	{"ready-roll", "", "", "done"},
	{"ready-roll-too-short", "", "media-not-loaded", "done"},
	{"ready-roll-backwards", "", "media-not-loaded", "done"},
	{"ready-empty-collection", "", "media-not-loaded", "done"},
	{"supplies-as-text", "", "", "done"},
	{"supplies-hostile", "", "", "done"},
	{"supplies-garbage", "", "", "done"},
	{"alerts-as-text", "", "", "done"},
	{"alerts-hostile", "", "", "done"},
	{"trays-hostile", "", "", "done"},
	{"media-hostile", "", "", "done"},
	{"up-time-negative", "", "", "done"},
	{"impressions-negative", "", "", "done"},
	{"accepting-as-7", "", NULL, "done"},
	{"hundred-thousand-attributes", "printer-answer", "printer-answer", NULL},
	{"nested-20000", "printer-answer", "printer-answer", NULL},
	{"collection-unclosed", "printer-answer", "printer-answer", NULL},
	{"collection-overclosed", "printer-answer", "printer-answer", NULL},
	{"group-in-collection", "printer-answer", "printer-answer", NULL},
	{"extension-tag", "printer-answer", "printer-answer", NULL},
	{"group-zero", "printer-answer", "printer-answer", NULL},
	{"length-past-end", "printer-answer", "printer-answer", NULL},
	{"name-too-long", "printer-answer", "printer-answer", NULL},
	{"member-outside", NULL, NULL, NULL},
	{"job-id-negative", "", "printer-answer", "unknown"},
	{"job-id-missing", "", "printer-answer", "unknown"},
	{"job-id-of-another", "", "", "done"}, /* found by its uuid in the list */
	{"job-uri-elsewhere", "", "", "done"},
	{"job-state-77", "", "", "pending"},
	{"job-state-as-text", "", "", "pending"},
	{"job-state-missing", "", "", "pending"},
	{"job-impressions-negative", "", "", "unknown"},
	{"job-impressions-huge", "", "", "unknown"},
	{"job-of-other-uuid", "", "", "unknown"},
	{"job-name-long", "", NULL, "unknown"},
	{"job-unreadable", "", NULL, NULL}, /* of all its answers, this one can't be had */
	{"jobs-unreadable", "", NULL, NULL},
	{"create-busy", "", "printer-busy", "done"},
	{"send-refused", "", "unsure", "done"},
	{"send-resets", "", "printer-answer", "done"},
	{"send-never-reads", "", "stopped", "done"},
	{"send-early-yes", "", "printer-answer", "done"},
	{"send-no-answer", "", "unsure", "done"},
	{"send-drop-after", "", "unsure", "done"},
};
#define MODES (sizeof modes / sizeof modes[0])

static bool wrong(const struct mode *mode, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool wrong(const struct mode *mode, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	fprintf(stderr, "# %s: ", mode->name);
	vfprintf(stderr, format, words);
	fputc('\n', stderr);
	va_end(words);
	return false;
}

/* In time, and with a sentence when it failed. */
static bool is_clean(const struct mode *mode, const char *call, int64_t since_ms, int64_t most_ms,
	bool fine, const struct err *err)
{
	int64_t took_ms = clock_boot_ms() - since_ms;
	if (took_ms > most_ms) {
		return wrong(mode, "%s took %lld ms", call, (long long)took_ms);
	}
	if (!fine && (err->code[0] == '\0' || strstr(err->text, "P1") == NULL)) {
		if (strcmp(err->code, "unsure") != 0) {
			return wrong(mode, "%s failed without a sentence: %s", call, err->text);
		}
	}
	for (const char *at = fine ? "" : err->text; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20) {
			return wrong(mode, "%s: control bytes in its error", call);
		}
	}
	return true;
}

static bool is_expected(const struct mode *mode, const char *call, const char *code, bool fine,
	const struct err *err)
{
	if (code == NULL || strcmp(code, fine ? "" : err->code) == 0) {
		return true;
	}
	return wrong(mode, "%s: expected \"%s\", got \"%s\": %s", call, code, fine ? "" : err->code,
		fine ? "" : err->text);
}

/* What a worker says of it, the daemon reads: nothing of a printer's may get in the way. */
static bool survives_the_wire(const struct device_status *status)
{
	static struct device_status back;
	struct err err;
	json_t *json = device_status_to_json(status);
	bool fine = device_status_from_json(json, &back, &err);
	json_decref(json);
	return fine && back.n_alerts == status->n_alerts && back.n_trays == status->n_trays &&
	       back.n_media == status->n_media;
}

static bool try_status(const struct mode *mode, struct device *device)
{
	struct device_status status = {.state = DEVICE_UNKNOWN};
	struct err err = {.text = ""};
	int64_t since_ms = clock_boot_ms();
	bool fine = device->driver->status(device, &status, &err);
	for (int32_t i = 0; fine && i < status.n_ready; i++) {
		if (status.ready[i].width_hmm < 1 || status.ready[i].height_hmm < 1) {
			return wrong(mode, "a tray of %d hmm", (int)status.ready[i].width_hmm);
		}
	}
	if (fine && !survives_the_wire(&status)) {
		return wrong(mode, "the daemon could not read this status");
	}
	return is_clean(mode, "status", since_ms, CALL_MS, fine, &err) &&
	       is_expected(mode, "status", mode->status, fine, &err);
}

static bool try_send(const struct mode *mode, struct device *device, struct host *host,
	const struct document *document)
{
	struct attempt attempt = {.key = "R1.1.1", .copies = 1};
	struct send_hooks hooks;
	struct err err = {.text = ""};
	host_hooks(host, &hooks);
	int64_t since_ms = clock_boot_ms();
	host->stop_after_ms = strncmp(mode->name, "send-", 5) == 0 ? since_ms + SEND_MS : 0;
	bool fine = device->driver->send(device, &attempt, document, &hooks, &err);
	host->stop_after_ms = 0;
	if (!fine && host->phase < PHASE_COMMITTED && err.remedy == REMEDY_UNSURE) {
		return wrong(mode, "unsure, though nothing was committed");
	}
	if (!fine && host->phase >= PHASE_COMMITTED && err.remedy != REMEDY_UNSURE) {
		return wrong(mode, "committed, and not unsure: %s", err.text);
	}
	return is_clean(mode, "send", since_ms, 2 * CALL_MS, fine, &err) &&
	       is_expected(mode, "send", mode->send, fine, &err);
}

static bool try_confirm(const struct mode *mode, struct device *device)
{
	struct attempt attempt = {.key = "R1.1.1",
		.copies = 1,
		.device_job = 1,
		.device_job_uuid = "urn:uuid:99999999-2222-3333-4444-555555555555",
		.phase = PHASE_COMMITTED,
		.before = {.read = true,
			.up_time_s = 400,
			.impressions = COUNT_UNKNOWN,
			.life_count = COUNT_UNKNOWN,
			.media_left = COUNT_UNKNOWN}};
	struct receipt receipt = {.verdict = VERDICT_UNKNOWN};
	struct err err = {.text = ""};
	int64_t since_ms = clock_boot_ms();
	bool fine = device->driver->confirm(device, &attempt, &receipt, &err);
	if (!is_clean(mode, "confirm", since_ms, 2 * CALL_MS, fine, &err)) {
		return false;
	}
	if (mode->verdict == NULL) {
		return !fine || receipt.verdict == VERDICT_UNKNOWN || mode->status == NULL ||
		       wrong(mode, "confirm says %s", verdict_name(receipt.verdict));
	}
	return (fine && strcmp(verdict_name(receipt.verdict), mode->verdict) == 0) ||
	       wrong(mode, "confirm: expected %s, got %s: %s", mode->verdict,
		       fine ? verdict_name(receipt.verdict) : err.code,
		       fine ? receipt.text : err.text);
}

static bool try_rest(const struct mode *mode, struct device *device)
{
	struct attempt attempt = {.key = "R1.1.1", .copies = 1, .device_job = 1};
	struct witness witness;
	struct err err = {.text = ""};
	int32_t swept = 0;
	int64_t since_ms = clock_boot_ms();
	bool fine = device->driver->witness(device, &witness, &err);
	if (!is_clean(mode, "witness", since_ms, 2 * CALL_MS, fine, &err)) {
		return false;
	}
	since_ms = clock_boot_ms();
	fine = device->driver->cancel(device, &attempt, &err);
	if (!is_clean(mode, "cancel", since_ms, 2 * CALL_MS, fine, &err)) {
		return false;
	}
	since_ms = clock_boot_ms();
	fine = device->driver->sweep(device, NULL, 0, &swept, &err);
	return is_clean(mode, "sweep", since_ms, 2 * CALL_MS, fine, &err);
}

static bool try_mode(const struct mode *mode, int port, const struct document *document)
{
	char uri[128];
	struct host host = {.port = port};
	struct device device;
	struct err err;
	snprintf(uri, sizeof uri, "ipp://localhost:%d/%s", port, mode->name);
	host_device(&host, "ipp", uri, &device);
	if (!device.driver->open(&device, &err)) {
		return wrong(mode, "open: %s", err.text);
	}
	bool fine = try_status(mode, &device) && try_send(mode, &device, &host, document) &&
		    try_confirm(mode, &device) && try_rest(mode, &device);
	device.driver->close(&device);
	return fine;
}

/* No document to a printer whose state could not be read; no visit to where it lured us. */
static bool log_is_clean(const char *path)
{
	char line[200];
	char name[100];
	bool clean = true;
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		if (strstr(line, "elsewhere") != NULL && strstr(line, "job-uri") == NULL) {
			fprintf(stderr, "# went elsewhere\n");
			clean = false;
		}
		if (sscanf(line, "%99s document", name) != 1) {
			continue;
		}
		for (size_t i = 0; i < MODES; i++) {
			if (strcmp(modes[i].name, name) == 0 && modes[i].status != NULL &&
				modes[i].status[0] != '\0') {
				clean = wrong(&modes[i], "it got a document: %s", line);
			}
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return clean;
}

int main(int argc, char **argv)
{
	char log[] = "/tmp/platen-rogue-XXXXXX";
	struct document document;
	int port = 0;
	int failed = 0;
	pid_t pids[MODES];
	const char *only = argc > 1 ? argv[1] : NULL;
	signal(SIGPIPE, SIG_IGN);
	close(mkstemp(log));
	host_document(&document, 1200, 1800);
	pid_t server = server_start(log, &port);
	printf("1..%zu\n", MODES + 1);
	fflush(stdout);
	for (size_t i = 0; i < MODES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			bool skip = only != NULL && strcmp(only, modes[i].name) != 0;
			bool fine = skip || try_mode(&modes[i], port, &document);
			close(document.fd);
			exit(fine ? 0 : 1);
		}
	}
	for (size_t i = 0; i < MODES; i++) {
		int how = -1;
		waitpid(pids[i], &how, 0);
		failed += how != 0;
		printf("%s %zu - rogue_printer_%s_is_survived%s\n", how == 0 ? "ok" : "not ok",
			i + 1, modes[i].name, WIFSIGNALED(how) ? " (crashed)" : "");
	}
	bool clean = port > 0 && log_is_clean(log);
	failed += !clean;
	printf("%s %zu - no_document_went_to_a_liar\n", clean ? "ok" : "not ok", MODES + 1);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(log);
	return failed == 0 ? 0 : 1;
}
