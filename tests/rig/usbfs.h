/* SPDX-License-Identifier: Apache-2.0
 *
 * usbfs, as programs meet it at /dev/bus/usb: nodes that can be opened, read (the descriptors),
 * polled, and asked by ioctl. What an ioctl does is in ioctl.c; claims, URBs and calls that wait
 * have a file each.
 */
#pragma once
#include "base/list.h"
#include "tests/rig/bus.h"
#include "tests/rig/fuse.h"

#define USBFS_FOLDER "/dev/bus/usb"

struct usbfs {
	struct fuse fuse;
	struct bus *bus;
	bool no_scatter_gather; /* as an older host controller */
	struct link files;      /* struct open_file */
	int64_t urb_bytes;      /* of all URBs that were not reaped yet */
	int64_t now_ms;         /* of this turn */
};

struct open_file {
	struct link link; /* the usbfs's */
	struct usbfs *usbfs;
	struct device *device; /* not to be looked at when gone */
	bool is_gone;          /* that plugging-in is over */
	bool may_write;
	uint32_t claimed;      /* interfaces, a bit each */
	uint32_t broken_chain; /* bulk endpoints whose continuations are refused; as `halted` */
	struct link submitted, completed; /* struct urb */
	struct link reapers, calls;       /* requests that are answered later */
	uint64_t poll_handle;
	bool is_polled; /* somebody waits for a wake-up */
};

/* One ioctl. */
struct request {
	uint64_t id;      /* FUSE's, for the answer */
	uint64_t address; /* the argument, in the memory of the thread */
	pid_t thread;
};

#define ANSWERED_LATER 1000000 /* larger than any result */

must_use bool usbfs_open(struct usbfs *usbfs, struct bus *bus, struct err *err);
void usbfs_close(struct usbfs *usbfs);
void usbfs_serve(struct usbfs *usbfs, int64_t now_ms); /* requests that are there */
/* Calls that waited long enough end. */
void usbfs_turn(struct usbfs *usbfs, int64_t now_ms);
/* A device was unplugged (struct bus). */
void usbfs_gone(void *usbfs, const struct device *device);
void usbfs_wake(struct open_file *file); /* when it has something to say */

/* tree.c: names and attributes. The inode of a node is its address and that. */
#define INODE_DEVICES 100
void tree_lookup(struct usbfs *usbfs, const struct fuse_in_header *request);
void tree_getattr(struct usbfs *usbfs, const struct fuse_in_header *request);
void tree_opendir(struct usbfs *usbfs, const struct fuse_in_header *request);
void tree_readdir(struct usbfs *usbfs, const struct fuse_in_header *request);
void tree_statfs(struct usbfs *usbfs, const struct fuse_in_header *request);

/* ioctl.c: the result, -errno, or ANSWERED_LATER. */
int ioctl_do(struct open_file *file, unsigned command, const struct request *request);

/* claims.c: 0 or -errno. */
int claims_take(struct open_file *file, unsigned interface);
int claims_release(struct open_file *file, unsigned interface);
void claims_release_all(struct open_file *file);
/* The kernel claims on first use. */
int claims_check_endpoint(struct open_file *file, uint8_t endpoint);
int claims_check_control(struct open_file *file, const uint8_t setup[8]);
/* "usbfs", the kernel's driver, or NULL. */
const char *claims_driver(const struct open_file *file, unsigned interface);
/* Takes the interface from the kernel's driver, or gives it back. */
int claims_disconnect(struct open_file *file, unsigned interface);
int claims_connect(struct open_file *file, unsigned interface);

/* urb.c */
int urb_submit(struct open_file *file, const struct request *request);
int urb_discard(struct open_file *file, const struct request *request);
int urb_reap(struct open_file *file, const struct request *request);
int urb_reap_later(struct open_file *file, const struct request *request); /* blocks */
bool urb_interrupt(struct open_file *file, uint64_t request);
void urb_on_gone(struct open_file *file);
void urb_close(struct open_file *file);

/* call.c: control and bulk, blocking */
int call_control(struct open_file *file, const struct request *request);
int call_bulk(struct open_file *file, const struct request *request);
bool call_interrupt(struct open_file *file, uint64_t request);
void call_expire(struct open_file *file, int64_t now_ms);
void call_close(struct open_file *file);
