/* SPDX-License-Identifier: Apache-2.0
 *
 * Hearing of USB devices that come and go.
 *
 *  1. A netlink socket takes the kernel's events and those that udev passes on when it is done.
 *  2. One that names USB sets a short timer, within which a burst becomes one call.
 *  3. Without any, a slow timer calls: nobody may send events, and some may be lost.
 *
 * Nothing of an event is believed: whatever it says, the hearer looks for itself. So it does not
 * matter who sent it, and none is decoded.
 *
 * Ways it fails: no such socket (a container without it): the slow timer is left.
 */
#include "ports/usb_watch.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "ports/loop_uv.h"
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define KERNEL_GROUP 1u
#define UDEV_GROUP   2u
#define SOON_MS      250 /* udev sets the rights of a new node meanwhile */
#define RESCAN_MS    5000
#define EVENT_MAX    8192

struct usb_watch {
	loop_call *changed;
	void *context;
	struct loop_timer *soon, *slow;
	int fd;
	uv_poll_t poll;
};

static bool names_usb(const char *event, size_t len)
{
	static const char line[] = "SUBSYSTEM=usb";
	return memmem(event, len, line, sizeof line) != NULL; /* with its end */
}

/* All that has come; false when the socket is of no use any more. More than could be kept is
 * ENOBUFS, told once. */
static bool take_events(struct usb_watch *watch, bool *about_usb)
{
	char event[EVENT_MAX];
	for (;;) {
		ssize_t n = recv(watch->fd, event, sizeof event, MSG_DONTWAIT);
		if (n < 0 && errno != ENOBUFS) {
			return errno == EAGAIN || errno == EINTR;
		}
		*about_usb = *about_usb || n < 0 || names_usb(event, (size_t)n);
	}
}

/* libuv stops at what poll calls an error (ENOBUFS is one), so it is started again. */
static void on_event(uv_poll_t *poll, int status, int events)
{
	struct usb_watch *watch = poll->data;
	bool about_usb = false;
	(void)events;
	if (!take_events(watch, &about_usb)) {
		uv_poll_stop(poll);
	} else if (status < 0) {
		uv_poll_start(poll, UV_READABLE, on_event);
	}
	if (about_usb) {
		loop_timer_start(watch->soon, SOON_MS);
	}
}

static void on_soon(void *context)
{
	struct usb_watch *watch = context;
	watch->changed(watch->context);
}

static void on_slow(void *context)
{
	struct usb_watch *watch = context;
	loop_timer_start(watch->slow, RESCAN_MS);
	watch->changed(watch->context);
}

static int open_events(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP | UDEV_GROUP};
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		fd_close(fd);
		fd = -1;
	}
	return fd;
}

struct usb_watch *usb_watch_start(struct loop *loop, loop_call *changed, void *context)
{
	struct usb_watch *watch = mem_new(1, sizeof *watch);
	*watch = (struct usb_watch){.changed = changed, .context = context, .fd = open_events()};
	watch->soon = loop_timer_create(loop, on_soon, watch);
	watch->slow = loop_timer_create(loop, on_slow, watch);
	loop_timer_start(watch->slow, RESCAN_MS);
	if (watch->fd >= 0 && uv_poll_init(loop_uv(loop), &watch->poll, watch->fd) != 0) {
		fd_close(watch->fd);
		watch->fd = -1;
	}
	if (watch->fd >= 0) {
		watch->poll.data = watch;
		uv_poll_start(&watch->poll, UV_READABLE, on_event);
	} else {
		log_warn("usb",
			"no word from the kernel when a device is plugged in: it is found "
			"within %d s",
			RESCAN_MS / 1000);
	}
	return watch;
}

static void on_closed(uv_handle_t *handle)
{
	struct usb_watch *watch = handle->data;
	fd_close(watch->fd);
	free(watch);
}

void usb_watch_stop(struct usb_watch *watch)
{
	if (watch == NULL) {
		return;
	}
	loop_timer_destroy(watch->soon);
	loop_timer_destroy(watch->slow);
	if (watch->fd < 0) {
		free(watch);
		return;
	}
	uv_poll_stop(&watch->poll);
	uv_close((uv_handle_t *)&watch->poll, on_closed);
}
