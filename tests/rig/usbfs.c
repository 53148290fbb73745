/* SPDX-License-Identifier: Apache-2.0
 *
 * Open files, and who answers which request.
 */
#include "tests/rig/usbfs.h"
#include "base/buf.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* So that time passes, and tests are heard, under whatever load. */
#define REQUESTS_A_TURN 64

typedef void handler(struct usbfs *usbfs, const struct fuse_in_header *request);

static void on_init(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_init_in *in = fuse_body(request);
	const struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
		.minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor
							       : FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = in->max_readahead,
		.max_background = 64,
		.congestion_threshold = 48,
		.max_write = 4096,
		.time_gran = 1};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

/* ---- open files ---- */

static struct open_file *file_of(uint64_t handle)
{
	return (struct open_file *)(uintptr_t)handle; /* what on_open gave */
}

static void on_open(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_open_in *in = fuse_body(request);
	int address = (int)(request->nodeid - INODE_DEVICES);
	struct device *device = bus_at(usbfs->bus, address);
	if (device == NULL) {
		/* the root hub is there to be seen only */
		fuse_refuse(
			&usbfs->fuse, request->unique, address == ROOT_ADDRESS ? -EACCES : -ENODEV);
		return;
	}
	struct open_file *file = mem_new(1, sizeof *file);
	file->usbfs = usbfs;
	file->device = device;
	file->may_write = (in->flags & O_ACCMODE) != O_RDONLY;
	list_append(&usbfs->files, &file->link);
	list_init(&file->submitted);
	list_init(&file->completed);
	list_init(&file->reapers);
	list_init(&file->calls);
	const struct fuse_open_out out = {
		.fh = (uint64_t)(uintptr_t)file, .open_flags = FOPEN_DIRECT_IO};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

static void close_file(struct open_file *file)
{
	call_close(file);
	urb_close(file);
	claims_release_all(file);
	list_remove(&file->link);
	free(file);
}

static void on_release(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_release_in *in = fuse_body(request);
	close_file(file_of(in->fh));
	fuse_answer(&usbfs->fuse, request->unique, NULL, 0);
}

static void on_read(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_read_in *in = fuse_body(request);
	struct open_file *file = file_of(in->fh);
	if (file->is_gone) {
		fuse_refuse(&usbfs->fuse, request->unique, -ENODEV);
		return;
	}
	const struct rig_descriptors *own = &file->device->descriptors;
	struct buf all = {0};
	buf_add(&all, own->device, sizeof own->device);
	buf_add(&all, own->configuration, own->n_configuration);
	size_t from = in->offset < all.len ? (size_t)in->offset : all.len;
	size_t n = all.len - from < in->size ? all.len - from : in->size;
	fuse_answer(&usbfs->fuse, request->unique, all.bytes + from, n);
	buf_fini(&all);
}

static unsigned events(const struct open_file *file)
{
	bool has_urbs = file->may_write && !list_is_empty(&file->completed);
	return (has_urbs ? POLLOUT | POLLWRNORM : 0) | (file->is_gone ? POLLHUP | POLLERR : 0);
}

void usbfs_wake(struct open_file *file)
{
	if (file->is_polled && events(file) != 0) {
		file->is_polled = false;
		fuse_wake(&file->usbfs->fuse, file->poll_handle);
	}
}

static void on_poll(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_poll_in *in = fuse_body(request);
	struct open_file *file = file_of(in->fh);
	file->poll_handle = in->kh;
	file->is_polled |= (in->flags & FUSE_POLL_SCHEDULE_NOTIFY) != 0;
	const struct fuse_poll_out out = {.revents = events(file)};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

static void on_ioctl(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_ioctl_in *in = fuse_body(request);
	struct open_file *file = file_of(in->fh);
	const struct request asked = {
		.id = request->unique, .address = in->arg, .thread = (pid_t)request->pid};
	/* a folder has no file of ours */
	int result = file == NULL ? -ENOTTY : ioctl_do(file, in->cmd, &asked);
	if (result != ANSWERED_LATER) {
		fuse_answer_ioctl(&usbfs->fuse, request->unique, result);
	}
}

/* A signal came to a thread that waits. */
static void on_interrupt(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_interrupt_in *in = fuse_body(request);
	list_each(at, &usbfs->files)
	{
		struct open_file *file = list_entry(at, struct open_file, link);
		if (urb_interrupt(file, in->unique) || call_interrupt(file, in->unique)) {
			return;
		}
	}
}

static void on_fine(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	fuse_answer(&usbfs->fuse, request->unique, NULL, 0);
}

static void on_unanswered(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	(void)usbfs;
	(void)request;
}

static handler *const handlers[] = {
	[FUSE_INIT] = on_init,
	[FUSE_LOOKUP] = tree_lookup,
	[FUSE_FORGET] = on_unanswered,
	[FUSE_BATCH_FORGET] = on_unanswered,
	[FUSE_GETATTR] = tree_getattr,
	[FUSE_SETATTR] = tree_getattr,
	[FUSE_ACCESS] = on_fine,
	[FUSE_STATFS] = tree_statfs,
	[FUSE_OPENDIR] = tree_opendir,
	[FUSE_READDIR] = tree_readdir,
	[FUSE_RELEASEDIR] = on_fine,
	[FUSE_OPEN] = on_open,
	[FUSE_READ] = on_read,
	[FUSE_RELEASE] = on_release,
	[FUSE_POLL] = on_poll,
	[FUSE_IOCTL] = on_ioctl,
	[FUSE_INTERRUPT] = on_interrupt,
	[FUSE_DESTROY] = on_fine,
};

/* ---- the whole ---- */

bool usbfs_open(struct usbfs *usbfs, struct bus *bus, struct err *err)
{
	usbfs->bus = bus;
	list_init(&usbfs->files);
	return fuse_mount(&usbfs->fuse, USBFS_FOLDER, err);
}

void usbfs_close(struct usbfs *usbfs)
{
	while (!list_is_empty(&usbfs->files)) {
		close_file(list_entry(usbfs->files.next, struct open_file, link));
	}
	fuse_close(&usbfs->fuse);
}

void usbfs_serve(struct usbfs *usbfs, int64_t now_ms)
{
	const struct fuse_in_header *request;
	usbfs->now_ms = now_ms;
	for (int i = 0; i < REQUESTS_A_TURN && (request = fuse_next(&usbfs->fuse)) != NULL; i++) {
		size_t n = sizeof handlers / sizeof handlers[0];
		handler *handle = request->opcode < n ? handlers[request->opcode] : NULL;
		if (handle == NULL) {
			fuse_refuse(&usbfs->fuse, request->unique, -ENOSYS);
		} else {
			handle(usbfs, request);
		}
	}
}

void usbfs_turn(struct usbfs *usbfs, int64_t now_ms)
{
	usbfs->now_ms = now_ms;
	list_each(at, &usbfs->files)
	{
		call_expire(list_entry(at, struct open_file, link), now_ms);
	}
}

void usbfs_gone(void *host, const struct device *device)
{
	struct usbfs *usbfs = host;
	list_each(at, &usbfs->files)
	{
		struct open_file *file = list_entry(at, struct open_file, link);
		if (file->device == device && !file->is_gone) {
			file->is_gone = true;
			urb_on_gone(file);
			usbfs_wake(file);
		}
	}
}
