/* SPDX-License-Identifier: Apache-2.0
 *
 * The words. A shop that speaks another language translates this file and rules/hold.c.
 */
#include "desk/words.h"
#include "base/buf.h"
#include "rules/hold.h"
#include <stdio.h>
#include <string.h>

static const char *const kinds[KIND_COUNT] = {
	[KIND_PREPARING] = "preparing",
	[KIND_READY] = "ready",
	[KIND_PRINTING] = "printing",
	[KIND_WAITING] = "waiting",
	[KIND_NEEDS_YOU] = "needs_you",
	[KIND_DONE] = "done",
	[KIND_ENDED] = "ended",
};

static const struct {
	enum job_kind kind;
	const char *say;
} by_stage[STAGE_COUNT] = {
	[AT_LEASED] = {KIND_PREPARING, "fetching the picture"},
	[AT_FETCHED] = {KIND_PREPARING, "checking the picture"},
	[AT_INSPECTED] = {KIND_PREPARING, "getting it print-ready"},
	[AT_RENDERED] = {KIND_PREPARING, "choosing a printer"},
	[AT_QUEUED] = {KIND_READY, "in line"},
	[AT_PERMITTED] = {KIND_READY, "cleared to print"},
	[AT_PREPARED] = {KIND_PRINTING, "starting"},
	[AT_OPENED] = {KIND_PRINTING, "starting"},
	[AT_SENDING] = {KIND_PRINTING, "sending to the printer"},
	[AT_COMMITTED] = {KIND_PRINTING, "sending to the printer"},
	[AT_ACCEPTED] = {KIND_PRINTING, "printing"},
	[AT_PRINTED] = {KIND_DONE, "came out"},
	[AT_REPORTED] = {KIND_DONE, "came out"},
	[AT_HELD_UNKNOWN] = {KIND_NEEDS_YOU, "may have printed: look in the tray"},
	[AT_HELD_OPERATOR] = {KIND_NEEDS_YOU, "needs you"},
	[AT_QUARANTINED] = {KIND_ENDED, "bad file"},
	[AT_RELEASED] = {KIND_ENDED, "given back"},
	[AT_CANCELLED] = {KIND_ENDED, "cancelled"},
	[AT_LOST] = {KIND_ENDED, "taken back by the cloud"},
};

static const char *const by_print[] = {
	[PRINT_PLANNED] = "to be printed",
	[PRINT_SENT] = "on its way",
	[PRINT_ACCEPTED] = "printing",
	[PRINT_DELIVERED] = "came out",
	[PRINT_SPOILED] = "waste",
	[PRINT_UNKNOWN] = "may have printed: look in the tray",
};

struct pair {
	const char *key, *text;
};

static const struct pair waits[] = {
	{"media-missing", "waiting for paper"},
	{"printer-paused", "waiting: the printer is paused"},
	{"room-climate", "waiting: the room is not fit for printing"},
	{"printer-parked", "waiting: the printer stopped after failures"},
	{"printer-absent", "waiting for the printer"},
	{"printer-key-changed", "waiting: the printer proves another key"},
	{"printer-auth", "waiting: the printer wants a password"},
	{"printer-stopped", "waiting for the printer"},
	{"printer-rejecting", "waiting for the printer"},
};

static const struct pair printers[] = {
	{"idle", "ready"},
	{"printing", "printing"},
	{"needs_you", "needs you"},
	{"waiting", "getting ready"},
	{"paused", "paused"},
	{"stopped", "stopped after failures"},
	{"offline", "not answering"},
	{"unknown", "not heard of yet"},
};

static const struct pair events[] = {
	{"leased", "The job came in."},
	{"asset_ready", "The picture is here and is what was promised."},
	{"rendered", "The picture was checked and made print-ready."},
	{"queued", "A printer was chosen."},
	{"started", "It was sent to the printer."},
	{"accepted", "The printer has taken it."},
	{"printed", "All prints came out."},
	{"retry", "The printer did not take it; it is tried again."},
	{"may_have_printed", "It may have printed: somebody must look in the tray."},
	{"interrupted", "It stopped part-way."},
	{"resolved", "The doubt was settled without a person."},
	{"released", "It was given back."},
	{"quarantined", "The file is bad: it was put aside and given back."},
	{"cancelled", "It was cancelled."},
	{"cancel_too_late", "It was cancelled too late: prints had begun to come out."},
};

static const struct pair page[] = {
	{"title", "Floor"},
	{"needs_you", "Needs you"},
	{"nothing_needs_you", "Nothing needs you"},
	{"printers", "Printers"},
	{"no_printers", "No printer yet: add one to platen.conf"},
	{"jobs", "Jobs"},
	{"no_jobs", "No jobs yet"},
	{"waiting", "Waiting"},
	{"hot_folder", "Hot folder"},
	{"today", "Today"},
	{"came_out", "came out"},
	{"spoiled", "waste"},
	{"jobs_done", "jobs done"},
	{"may_have_printed", "may have printed"},
	{"in_line", "in line"},
	{"of", "of"},
	{"lot", "lot"},
	{"sheets_left", "sheets left"},
	{"no_paper", "no paper known"},
	{"also_loaded", "also"},
	{"order", "order"},
	{"what", "What"},
	{"why", "Why"},
	{"do", "Do now"},
	{"since", "since"},
	{"preparing", "preparing"},
	{"ready", "ready"},
	{"printing", "printing"},
	{"done", "came out"},
	{"ended", "over"},
	{"live", "live"},
	{"reconnecting", "Connection lost. Trying again …"},
	{"reports_waiting", "reports on their way"},
	{"cloud", "Cloud"},
	{"theme", "Light or dark"},
	{"skip", "Skip to what needs you"},
	{"prints", "prints"},
	{"picture", "picture of"},
	{"no_picture", "no picture"},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *find(const struct pair *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(pairs[i].key, key) == 0) {
			return pairs[i].text;
		}
	}
	return NULL;
}

const char *kind_name(enum job_kind kind)
{
	return kinds[kind];
}

bool kind_from_name(const char *name, enum job_kind *kind)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kinds[i], name) == 0) {
			*kind = (enum job_kind)i;
			return true;
		}
	}
	return false;
}

enum job_kind kind_of(enum stage stage, enum reason_kind reason, const char *reason_code)
{
	enum job_kind kind = by_stage[stage].kind;
	bool may_wait = kind == KIND_PREPARING || kind == KIND_READY;
	/* in line behind others is no wait that anybody could end */
	bool is_in_line = strcmp(reason_code, "printer-busy") == 0;
	return may_wait && reason == REASON_WAIT && !is_in_line ? KIND_WAITING : kind;
}

const char *words_job(enum stage stage, enum reason_kind reason, const char *reason_code)
{
	if (kind_of(stage, reason, reason_code) != KIND_WAITING) {
		return by_stage[stage].say;
	}
	const char *wait = find(waits, COUNT(waits), reason_code);
	return wait != NULL ? wait : "waiting";
}

const char *words_print(enum print_state state)
{
	return by_print[state];
}

const char *words_printer(const char *state)
{
	const char *text = find(printers, COUNT(printers), state);
	return text != NULL ? text : state;
}

const char *words_supply(const struct supply *supply)
{
	if (supply->left_percent == LEFT_SOME) {
		return supply->is_waste ? "room left" : "some left";
	}
	if (supply->left_percent < 0) {
		return "not known";
	}
	if (supply->is_waste) {
		return supply->is_low ? "almost full: have it emptied" : "room left";
	}
	return supply->is_low ? "low: have one at hand" : "enough";
}

const char *words_event(const char *type)
{
	char name[65];
	const char prefix[] = "platen.job.";
	size_t skip = sizeof prefix - 1;
	if (strncmp(type, prefix, skip) != 0 || strlen(type) - skip >= sizeof name) {
		return "";
	}
	strcpy(name, type + skip);
	name[strcspn(name, ".")] = '\0';
	const char *text = find(events, COUNT(events), name);
	return text != NULL ? text : "";
}

json_t *words_deed(const char *who, const char *what, const char *reason)
{
	static const struct pair deeds[] = {
		{"submit", "ordered it here"},
		{"held", "held it"},
		{"released", "let it go on"},
		{"cancelled", "cancelled it"},
		{"given back", "gave it back"},
		{"resolved", "looked in the tray"},
	};
	if (strcmp(what, "permit") == 0) {
		return json_sprintf("It was cleared to print on %s.", reason);
	}
	if (strcmp(what, "raster changed") == 0) {
		return json_string("The disk gave its page back changed: it was made anew, nothing "
				   "was printed of the changed one.");
	}
	if (strcmp(who, "platen") == 0) {
		return NULL; /* an event or an incident tells it */
	}
	const char *did = find(deeds, COUNT(deeds), what);
	bool why = reason[0] != '\0' && strcmp(what, "submit") != 0;
	return json_sprintf(
		"%s %s%s%s.", who, did != NULL ? did : what, why ? ": " : "", why ? reason : "");
}

const char *words_duration(int64_t ms, char words[DURATION_WORDS_MAX])
{
	long long s = ms / 1000;
	if (ms < 10000) {
		snprintf(words, DURATION_WORDS_MAX, "%lld.%lld s", s, (long long)(ms % 1000 / 100));
	} else if (s < 60) {
		snprintf(words, DURATION_WORDS_MAX, "%lld s", s);
	} else if (s < 3600) {
		snprintf(words, DURATION_WORDS_MAX, "%lld min %02lld s", s / 60, s % 60);
	} else if (s < 86400) {
		snprintf(words, DURATION_WORDS_MAX, "%lld h %02lld min", s / 3600, s / 60 % 60);
	} else {
		snprintf(words, DURATION_WORDS_MAX, "%lld d %lld h", s / 86400, s / 3600 % 24);
	}
	return words;
}

json_t *words_page(void)
{
	json_t *words = json_object();
	for (size_t i = 0; i < COUNT(page); i++) {
		json_object_set_new(words, page[i].key, json_string(page[i].text));
	}
	return words;
}

json_t *words_action(const char *action, const char *job, const char *printer, bool is_local)
{
	const struct {
		const char *from, *to;
	} rows[] = {
		{HOLD_GIVE_BACK, is_local ? HOLD_CANCEL : NULL},
		{"JOB", job},
		{"NAME", printer[0] != '\0' ? printer : NULL},
	};
	struct buf words = {0}, next = {0};
	buf_text(&words, action);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *at = buf_get(&words);
		for (const char *hit;
			rows[i].to != NULL && (hit = strstr(at, rows[i].from)) != NULL;
			at = hit + strlen(rows[i].from)) {
			buf_add(&next, at, (size_t)(hit - at));
			buf_text(&next, rows[i].to);
		}
		buf_text(&next, at);
		buf_clear(&words);
		buf_text(&words, buf_get(&next));
		buf_clear(&next);
	}
	json_t *text = json_string(buf_get(&words));
	buf_fini(&words);
	buf_fini(&next);
	return text;
}
