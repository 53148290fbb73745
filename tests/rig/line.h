/* SPDX-License-Identifier: Apache-2.0
 *
 * A line in memory: an emulated device (model.h) as a device language sees it (drivers/usb.h), in
 * virtual time and without USB. One thread; time passes only while the language waits: for a device
 * that takes or gives nothing, or in the host's pause. A language that counts its pauses instead of
 * reading a clock runs hours in a moment.
 *
 * Endpoints reach the model by their address with the direction bit (0x02, 0x81); strings[i] is the
 * string of index i.
 */
#pragma once
#include "drivers/driver.h"
#include "tests/rig/model.h"

#define RIG_PLANS_MAX 8

enum rig_at {
	RIG_AT_OUT_BYTE, /* when so many bytes of bulk OUT have been taken in all */
	RIG_AT_CALL,     /* before the call of that number, from 1, of any function of the line */
	RIG_AT_MS,       /* when it is that late, or later */
};

struct rig_plan { /* happens once */
	enum rig_at at;
	int64_t count;
	char words[64];
};

struct rig_line {
	const struct rig_model *model;
	void *own; /* the model's */
	struct rig_descriptors descriptors;
	const char *printer; /* for texts */
	char port[32];       /* what the identity says; "1-2" at first */
	char pinned[65];     /* the serial that must be there; "": any */
	bool plugged, must_stop;
	bool is_open;   /* the language holds the line */
	int64_t now_ms; /* of the device; 1,000,000 at first */
	struct rig_plan plans[RIG_PLANS_MAX];
	int n_plans;
	/* what was seen, for facts */
	int64_t out_bytes, in_bytes; /* bulk, since it was made */
	int64_t calls, resets, opens;
	/* rig_line_hooks: how many bytes of bulk OUT the device had at each step; -1: not called */
	int64_t at_opened, at_sending, at_committed;
	bool refuse_sending, refuse_committed; /* as a cancelled attempt */
	bool saw_any;                          /* the driver has said a health of its own accord */
	struct device_status saw;
};

/* A plugged-in device of that model; NULL when the model does not understand the arguments. */
struct rig_line *rig_line_create(const struct rig_model *model, const char *arguments);
void rig_line_destroy(struct rig_line *rig);
/* All that a worker offers a driver, of this device. Its pinned serial is held as the daemon does
 * it: another one is ATTEND "usb-serial". Connecting to a host fails. */
void rig_line_serve(struct rig_line *rig, struct device *device);
/* The hooks of send; the steps are noted above. */
struct send_hooks rig_line_hooks(struct rig_line *rig);
/* Plans what happens then: "unplug", "plug" (after a power cycle), "stop" (must_stop from then on),
 * "go" (not any more), or the model's own words. */
void rig_line_plan(struct rig_line *rig, enum rig_at at, int64_t count, const char *words);
/* The same at once. A model that does not understand the words ends the test. */
void rig_line_do(struct rig_line *rig, const char *words);
void rig_line_pass(struct rig_line *rig, int64_t ms);
/* What the device did, as it says it; to be freed. */
char *rig_line_report(const struct rig_line *rig);
