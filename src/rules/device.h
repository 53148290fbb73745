/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a device and of one attempt at it: the values that drivers report, the wire
 * carries, the store keeps and the rules judge.
 */
#pragma once
#include "rules/alert.h"
#include "rules/catalog.h"
#include "rules/tray.h"

#define ATTEMPT_KEY_MAX    97 /* "JOB.EPOCH.ATTEMPT" */
#define DEVICE_REASONS_MAX 16
#define DEVICE_REASON_MAX  65 /* the longest registered one with its suffix has 49 bytes */
#define DEVICE_READY_MAX   16
#define DEVICE_MEDIA_MAX   96
#define COUNT_UNKNOWN      (-1)

enum device_state { DEVICE_UNKNOWN, DEVICE_IDLE, DEVICE_PROCESSING, DEVICE_STOPPED };

struct ready_media { /* one loaded tray or roll, as the device says */
	char size_name[65];
	char type[65]; /* "" where the device does not say */
	char source[33];
	int32_t width_hmm, height_hmm;           /* the least, where it says a range */
	int32_t width_most_hmm, height_most_hmm; /* of a range (a roll: its lengths); else 0 */
	int32_t sheets_left;                     /* COUNT_UNKNOWN */
};

struct device_status {
	enum device_state state;
	bool accepting;
	char uuid[65];   /* printer-uuid or serial */
	char title[129]; /* make and model */
	char firmware[65];
	char message[129]; /* in the device's own words */
	char reasons[DEVICE_REASONS_MAX]
		    [DEVICE_REASON_MAX]; /* IPP printer-state-reasons keywords, no "none" */
	int32_t n_reasons;
	struct ready_media ready[DEVICE_READY_MAX];
	int32_t n_ready;
	struct supply supplies[DEVICE_SUPPLIES_MAX];
	int32_t n_supplies;
	/* What it prints on at all, loaded or not, by name; a driver may ask that now and then. */
	bool asked_media;
	char media[DEVICE_MEDIA_MAX][65];
	int32_t n_media;
	char tables[65]; /* which tone or colour tables are in it, where a driver reads that; "" */
	int64_t config_changed_s; /* on its own clock, when it was set up differently last;
				   * COUNT_UNKNOWN */
	struct tray trays[DEVICE_TRAYS_MAX];
	int32_t n_trays;
	struct alert alerts[DEVICE_ALERTS_MAX];
	int32_t n_alerts;
	bool says_ready; /* it reports loaded media at all */
	bool takes[FORMAT_COUNT];
	bool can_hold; /* job-hold-until=indefinite and Release-Job */
	int64_t up_time_s;
	int64_t life_count; /* COUNT_UNKNOWN */
};

struct witness {   /* device-side evidence, read before and after an attempt */
	bool read; /* false: nothing below is known */
	char uuid[65];
	int64_t up_time_s;   /* COUNT_UNKNOWN */
	int64_t impressions; /* printer-impressions-completed; COUNT_UNKNOWN */
	int64_t life_count;  /* dye-sub life counter, in prints; COUNT_UNKNOWN */
	int64_t media_left;  /* native prints left; COUNT_UNKNOWN */
	int32_t jobs_active; /* unfinished jobs on the device; COUNT_UNKNOWN */
	bool foreign;        /* a job that is not ours was seen: counters prove nothing. Also set
			      * while an incident says that its counter is wrong */
};

/* How far an attempt got, as stored. The order matters: a later phase includes the earlier ones. */
enum phase { PHASE_PREPARED, PHASE_OPENED, PHASE_SENDING, PHASE_COMMITTED, PHASE_ACCEPTED };

struct attempt {                   /* one hand-over to a device: one page of one job × copies */
	char key[ATTEMPT_KEY_MAX]; /* also the IPP job-name: unique, stored before it is sent */
	enum phase phase;
	int32_t page;       /* 0.. */
	int32_t first_copy; /* 0.. among the page's copies */
	int32_t copies;
	int32_t device_job; /* IPP job-id; 0 = none */
	char device_job_uuid[65];
	struct witness before;
};

enum verdict {
	VERDICT_PENDING,   /* the device has it and is not done: ask again */
	VERDICT_DONE,      /* proven: all copies came out */
	VERDICT_NOT_TAKEN, /* proven: nothing came out and nothing will */
	VERDICT_PARTIAL,   /* proven: `completed` of the copies came out, and no more will */
	VERDICT_SPOILED,   /* cut off below COMMITTED: an incomplete sheet may be waste; print again
			    */
	VERDICT_UNKNOWN,   /* no proof either way */
};

enum evidence { EVIDENCE_NONE, EVIDENCE_OPERATOR, EVIDENCE_IMPRESSIONS, EVIDENCE_COUNTER };

struct receipt { /* what the device says of an attempt */
	enum verdict verdict;
	enum evidence evidence; /* what `completed` rests on */
	int32_t completed;      /* copies that came out */
	struct witness after;
	char text[193]; /* why, for people: "printer says job 12 completed, 2 of 2 impressions" */
};

const char *device_state_name(enum device_state state);
const char *phase_name(enum phase phase);
const char *verdict_name(enum verdict verdict);
const char *evidence_name(enum evidence evidence);
bool device_state_from_name(const char *name, enum device_state *state);
bool phase_from_name(const char *name, enum phase *phase);
bool verdict_from_name(const char *name, enum verdict *verdict);
bool evidence_from_name(const char *name, enum evidence *evidence);
/* Sheets of that width, type ("": any) and of one of those heights can come out of it. */
bool ready_takes(const struct ready_media *ready, int32_t width_hmm, int32_t height_least_hmm,
	int32_t height_most_hmm, const char *type);
/* The device says this keyword, with or without the suffix -report, -warning, -error. */
bool device_has_reason(const struct device_status *status, const char *keyword);
