/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing over to a minilab: the picture first, its ticket last, both written under another name
 * and on the disk before they get their own. The ticket's rename is the point from which prints
 * may exist, so COMMITTED is stored before it.
 */
#include "drivers/media.h"
#include "drivers/minilab.h"
#include "base/fd.h"
#include "rules/condition.h"
#include "rules/job_ticket.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES (256 * 1024)
#define FILE_MODE   0664 /* the machine's user, who is of the folder's group, removes it */

static bool told_to_stop(const struct minilab *lab, struct err *err)
{
	return err_set(
		err, REMEDY_DROP, "stopped", "printer %s: told to stop", lab->device->printer);
}

/* ---- files ---- */

static int begin_file(
	const struct minilab *lab, const char *key, enum minilab_file file, struct err *err)
{
	char name[MINILAB_NAME_MAX];
	char path[MINILAB_PATH_MAX];
	minilab_name(lab, key, file, name);
	minilab_path(lab, name, path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0) {
		minilab_fault(lab, "beginning a file", errno, err);
	} else {
		(void)fchmod(fd, FILE_MODE); /* whatever the umask; not every share knows modes */
	}
	return fd;
}

static bool write_all(
	const struct minilab *lab, int fd, const char *bytes, size_t len, struct err *err)
{
	return fd_write(fd, bytes, len) || minilab_fault(lab, "writing", errno, err);
}

/* Some file systems say only at the end that the bytes did not reach the disk. */
static bool end_file(const struct minilab *lab, int fd, bool fine, struct err *err)
{
	if (fine && fsync(fd) != 0) {
		fine = minilab_fault(lab, "syncing a file", errno, err);
	}
	if (close(fd) != 0 && fine) {
		fine = minilab_fault(lab, "closing a file", errno, err);
	}
	return fine;
}

static bool copy_picture(
	const struct minilab *lab, const struct document *document, int fd, struct err *err)
{
	static char piece[PIECE_BYTES];
	struct device *device = lab->device;
	for (int64_t at = 0; at < document->bytes;) {
		int64_t left = document->bytes - at;
		size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t n = pread(document->fd, piece, want, at);
		if (n <= 0) {
			return err_set(err, REMEDY_REDO, "raster-unreadable",
				"printer %s: the rendered page is shorter than it was or can't be "
				"read",
				device->printer);
		}
		if (device->must_stop(device->host)) {
			return told_to_stop(lab, err);
		}
		if (!write_all(lab, fd, piece, (size_t)n, err)) {
			return false;
		}
		at += n;
	}
	return true;
}

static bool put_picture(const struct minilab *lab, const char *key, const struct document *document,
	struct err *err)
{
	int fd = begin_file(lab, key, FILE_PICTURE_PART, err);
	return fd >= 0 && end_file(lab, fd, copy_picture(lab, document, fd, err), err) &&
	       minilab_rename(lab, key, FILE_PICTURE_PART, FILE_PICTURE, err);
}

/* "photographic-glossy" is "glossy" on a ticket. */
static const char *surface_of(const char *media_type)
{
	static const char photographic[] = "photographic-";
	size_t skip = sizeof photographic - 1;
	return strncmp(media_type, photographic, skip) == 0 ? media_type + skip : media_type;
}

static bool put_ticket(const struct minilab *lab, const struct attempt *attempt,
	const struct document *document, struct err *err)
{
	char name[MINILAB_NAME_MAX];
	minilab_name(lab, attempt->key, FILE_PICTURE, name);
	struct ticket_facts facts = {.file = name,
		.order = document->order,
		.key = attempt->key,
		.surface = surface_of(document->media_type),
		.size = document->media_size,
		.copies = attempt->copies,
		.width_hmm = document->media_width_hmm,
		.height_hmm = document->media_height_hmm};
	struct buf ticket = {0};
	job_ticket_fill(&lab->device->model.folder, &facts, &ticket);
	int fd = begin_file(lab, attempt->key, FILE_TICKET_PART, err);
	bool fine = fd >= 0 &&
		    end_file(lab, fd, write_all(lab, fd, ticket.bytes, ticket.len, err), err);
	buf_fini(&ticket);
	/* it must be there to be taken away: by that it is known that it was never given */
	return fine && minilab_sync(lab, err);
}

/* ---- the hand-over ---- */

static bool is_ready(struct minilab *lab, const struct document *document, struct err *err)
{
	const char *name = lab->device->printer;
	struct minilab_contents contents;
	struct device_status status;
	const struct ready_media *tray;
	if (!minilab_look(lab, err) || !minilab_count(lab, &contents, err)) {
		return false;
	}
	minilab_status_of(lab, &contents, &status);
	if (document->format != FORMAT_JPEG) {
		return err_set(err, REMEDY_REJECT, "format-refused",
			"printer %s: a machine with a folder takes JPEG, not %s", name,
			format_media_type(document->format));
	}
	return condition_lets_print(name, &status, err) &&
	       media_is_loaded(lab->device, &status, document, &tray, err);
}

static bool give_ticket(const struct minilab *lab, const struct attempt *attempt, struct err *err)
{
	if (minilab_rename(lab, attempt->key, FILE_TICKET_PART, FILE_TICKET, err) &&
		minilab_sync(lab, err)) {
		return true;
	}
	char why[ERR_TEXT_MAX];
	text_copy(why, sizeof why, err->text);
	return err_set(
		err, REMEDY_UNSURE, "unsure", "giving the ticket of %s: %.220s", attempt->key, why);
}

/* A hand-over that broke leaves its files: `confirm`, which comes next, knows by them how far it
 * was, and takes them away. */
bool minilab_send(struct device *device, struct attempt *attempt, const struct document *document,
	const struct send_hooks *hooks, struct err *err)
{
	struct minilab *lab = device->own;
	if (!is_ready(lab, document, err)) {
		return false;
	}
	if (!hooks->sending(hooks->host)) {
		return told_to_stop(lab, err);
	}
	if (!put_picture(lab, attempt->key, document, err) ||
		!put_ticket(lab, attempt, document, err)) {
		return false;
	}
	if (!hooks->committed(hooks->host)) {
		return told_to_stop(lab, err);
	}
	return give_ticket(lab, attempt, err);
}
