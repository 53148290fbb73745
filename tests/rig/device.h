/* SPDX-License-Identifier: Apache-2.0
 *
 * One emulated device as a host controller has it: transfers wait at its endpoints until the model
 * takes or gives bytes. Standard requests are answered here, all else by the model. It can be
 * slowed down, and taken away at a byte. Nothing blocks; `device_turn` lets time pass.
 */
#pragma once
#include "base/list.h"
#include "tests/rig/descriptors.h"
#include "tests/rig/model.h"

#define DEVICE_PORT_MAX   16
#define DEVICE_DRIVER_MAX 32
#define NEVER_CUT         (-1)

enum transfer_kind { TRANSFER_CONTROL, TRANSFER_BULK, TRANSFER_INTERRUPT };

struct transfer {
	struct link link; /* the device's, while it waits */
	enum transfer_kind kind;
	uint8_t endpoint; /* with the direction in bit 7; 0 for control */
	uint8_t setup[8];
	uint8_t *bytes;
	int n, moved; /* bytes: room or length, and what has gone over the line */
	int status;   /* 0 or -errno, as an URB says it */
	/* Once, when it is over; the transfer is its owner's again. May be called by submit. */
	void (*on_end)(struct transfer *transfer);
};

struct device {
	const struct rig_model *model;
	void *own; /* the model's */
	struct rig_descriptors descriptors;
	char port[DEVICE_PORT_MAX]; /* "1-3", as the kernel names it */
	int address;                /* of this plugging-in; a new one each time */
	bool is_plugged;
	bool has_left; /* of itself or cut off: whoever owns it unplugs it */
	int configuration;
	uint8_t alternates[INTERFACES_MAX];
	char driver[DEVICE_DRIVER_MAX]; /* the kernel's, which binds when it is plugged in; "" */
	uint32_t bound;                 /* interfaces that driver has, a bit each */
	uint32_t halted;                /* endpoints, by number; IN from bit 16 */
	struct link waiting;            /* transfers, in the order they came */
	int64_t out_bytes;              /* taken by the model since it was made */
	int64_t cut_at_bytes;           /* of out_bytes; or NEVER_CUT */
	int64_t slow_bytes_per_s;       /* 0: as fast as the model takes them */
	int64_t credit_bytes, credit_ms;
};

/* NULL when the model does not understand the arguments. */
struct device *device_create(const struct rig_model *model, const char *arguments);
void device_destroy(struct device *device); /* nothing may wait */
void device_plug(struct device *device, int address, int64_t now_ms);
/* All that waits ends as on a port that lost its device. */
void device_unplug(struct device *device);
void device_submit(struct device *device, struct transfer *transfer, int64_t now_ms);
/* What it has moved so far stays counted in `moved`. */
void device_cancel(struct transfer *transfer, int status);
/* Time has passed, or something has happened at the machine: all that waits is tried again. */
void device_turn(struct device *device, int64_t now_ms);
/* A port reset. */
void device_reset(struct device *device, int64_t now_ms);
void device_clear_halt(struct device *device, uint8_t endpoint);
bool device_is_halted(const struct device *device, uint8_t endpoint);
/* So many bytes of bulk OUT from here on, and it is gone. */
void device_cut(struct device *device, int64_t after_bytes);
void device_slow(struct device *device, int64_t bytes_per_s, int64_t now_ms);

#define NO_STANDARD_REQUEST (-3) /* standard.c: ask the model */
/* Bytes given, RIG_STALL, or NO_STANDARD_REQUEST. */
int device_standard(struct device *device, const uint8_t setup[8], uint8_t *bytes, int n);
