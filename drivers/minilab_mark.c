/* SPDX-License-Identifier: Apache-2.0
 *
 * By what the minilab's folder is known: a small file in it, which platen left there when it met
 * the folder first. A place to mount at, without its share, does not have it.
 */
#include "drivers/minilab.h"
#include "base/fd.h"
#include "base/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "" in `mark` when there is none. */
static bool read_mark(const struct minilab *lab, char mark[65], struct err *err)
{
	char path[MINILAB_PATH_MAX];
	minilab_path(lab, MINILAB_MARK, path);
	mark[0] = '\0';
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT) {
		struct stat folder;
		return stat(lab->folder, &folder) == 0 || minilab_fault(lab, "looking", errno, err);
	}
	ssize_t n = fd < 0 ? -1 : read(fd, mark, 64);
	fd_close(fd);
	if (n < 0) {
		return minilab_fault(lab, "reading " MINILAB_MARK, errno, err);
	}
	mark[n] = '\0';
	mark[strcspn(mark, "\r\n")] = '\0';
	return text_is_id(mark) ||
	       err_set(err, REMEDY_ATTEND, "printer-changed",
		       "printer %s: %.100s/" MINILAB_MARK
		       " does not hold the name that platen gave "
		       "the folder; write %.64s into it if this is the right folder",
		       lab->device->printer, lab->folder,
		       lab->uuid[0] == '\0' ? "a name of letters and digits" : lab->uuid);
}

static bool write_mark(const struct minilab *lab, const char *mark, struct err *err)
{
	char path[MINILAB_PATH_MAX];
	char line[80];
	minilab_path(lab, MINILAB_MARK, path);
	int len = snprintf(line, sizeof line, "%s\n", mark);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool fine = fd >= 0 && fd_write(fd, line, (size_t)len) && fsync(fd) == 0;
	int number = errno;
	fd_close(fd);
	if (fd >= 0 && !fine) {
		unlink(path); /* half a name would be none */
	}
	return (fine && minilab_sync(lab, err)) ||
	       (!fine && minilab_fault(lab, "writing " MINILAB_MARK, number, err));
}

bool minilab_mark(struct minilab *lab, struct err *err)
{
	char mark[65];
	if (lab->uuid[0] != '\0') {
		return true; /* known before: a look says whether it is the same one */
	}
	if (!read_mark(lab, mark, err)) {
		return false;
	}
	if (mark[0] == '\0') {
		unsigned char chance[8];
		random_bytes(chance, sizeof chance);
		int len = snprintf(mark, sizeof mark, "minilab-");
		for (size_t i = 0; i < sizeof chance; i++) {
			len += snprintf(mark + len, sizeof mark - (size_t)len, "%02x", chance[i]);
		}
		if (!write_mark(lab, mark, err)) {
			return false;
		}
	}
	text_copy(lab->uuid, sizeof lab->uuid, mark);
	return true;
}

bool minilab_look(struct minilab *lab, struct err *err)
{
	char mark[65];
	const char *name = lab->device->printer;
	if (!read_mark(lab, mark, err)) {
		return false;
	}
	if (mark[0] == '\0') {
		return err_set(err, REMEDY_RETRY, "printer-absent",
			"printer %s: %.100s lacks the file " MINILAB_MARK " by which platen knows "
			"it: is the share mounted? If it is the right one, write %.64s into that "
			"file",
			name, lab->folder, lab->uuid);
	}
	return strcmp(mark, lab->uuid) == 0 ||
	       err_set(err, REMEDY_ATTEND, "printer-changed",
		       "printer %s: another folder is at %.100s (%s, expected %.64s); nothing was "
		       "put there. If it was exchanged on purpose, write its name as uuid into "
		       "platen.conf",
		       name, lab->folder, mark, lab->uuid);
}
