/* SPDX-License-Identifier: Apache-2.0
 *
 * The minilab's folder: names, and every call to a file system that may be another machine's (its
 * mark: minilab_mark.c). Whatever fails there is told with what to do about it; nothing fails
 * silently.
 */
#include "drivers/minilab.h"
#include "base/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PREFIX      "platen-"
#define PART        ".part"
#define ENTRIES_MAX 20000

/* What a call's failure means; a row with number 0 is for all others. */
static const struct {
	int number;
	enum remedy remedy;
	const char *code, *advice;
} faults[] = {
	{ENOENT, REMEDY_RETRY, "printer-absent", "is the share mounted?"},
	{ENOTDIR, REMEDY_RETRY, "printer-absent", "is the share mounted?"},
	{ENODEV, REMEDY_RETRY, "printer-absent", "is the share mounted?"},
	{ESTALE, REMEDY_RETRY, "printer-absent", "the share must be mounted anew"},
	{EIO, REMEDY_RETRY, "printer-silent", "look at the minilab's computer and the network"},
	{ETIMEDOUT, REMEDY_RETRY, "printer-silent",
		"look at the minilab's computer and the network"},
	{EHOSTDOWN, REMEDY_RETRY, "printer-silent",
		"look at the minilab's computer and the network"},
	{EHOSTUNREACH, REMEDY_RETRY, "printer-silent",
		"look at the minilab's computer and the network"},
	{ENOTCONN, REMEDY_RETRY, "printer-silent",
		"look at the minilab's computer and the network"},
	{ENOSPC, REMEDY_ATTEND, "folder-full", "make room on its disk"},
	{EDQUOT, REMEDY_ATTEND, "folder-full", "make room, or raise the quota"},
	{EFBIG, REMEDY_ATTEND, "folder-full", "no file of that size can be kept there"},
	{EACCES, REMEDY_ATTEND, "folder-denied",
		"let platen's user read, write and remove files there"},
	{EPERM, REMEDY_ATTEND, "folder-denied",
		"let platen's user read, write and remove files there"},
	{EROFS, REMEDY_ATTEND, "folder-denied", "it is mounted for reading only"},
	{0, REMEDY_RETRY, "folder", "look at the folder and the share behind it"},
};

bool minilab_fault(const struct minilab *lab, const char *doing, int number, struct err *err)
{
	size_t at = 0;
	while (faults[at].number != 0 && faults[at].number != number) {
		at++;
	}
	return err_set(err, faults[at].remedy, faults[at].code, "printer %s: %.100s: %s: %s; %s",
		lab->device->printer, lab->folder, doing, strerror(number), faults[at].advice);
}

/* ---- names ---- */

/* A colon may stand in a key, but in no file name of Windows; an equals sign in no key. */
static void swap_signs(char *text, char from, char to)
{
	for (; *text != '\0'; text++) {
		if (*text == from) {
			*text = to;
		}
	}
}

static const char *suffix_of(const struct minilab *lab, enum minilab_file file)
{
	bool is_picture = file == FILE_PICTURE || file == FILE_PICTURE_PART;
	return is_picture ? "jpg" : lab->device->model.folder.suffix;
}

void minilab_name(const struct minilab *lab, const char *key, enum minilab_file file,
	char name[MINILAB_NAME_MAX])
{
	bool is_part = file == FILE_PICTURE_PART || file == FILE_TICKET_PART;
	snprintf(name, MINILAB_NAME_MAX, PREFIX "%.96s.%.8s%s", key, suffix_of(lab, file),
		is_part ? PART : "");
	swap_signs(name, ':', '=');
}

void minilab_path(const struct minilab *lab, const char *name, char path[MINILAB_PATH_MAX])
{
	snprintf(path, MINILAB_PATH_MAX, "%s/%s", lab->folder, name);
}

static bool ends_in(const char *text, size_t len, const char *tail)
{
	size_t n = strlen(tail);
	return len >= n && memcmp(text + len - n, tail, n) == 0;
}

bool minilab_key_of(const struct minilab *lab, const char *name, enum minilab_file *file, char *key)
{
	size_t skip = sizeof PREFIX - 1;
	if (strncmp(name, PREFIX, skip) != 0 || strchr(name, ':') != NULL) {
		return false;
	}
	size_t len = strlen(name);
	bool is_part = ends_in(name, len, PART);
	len -= is_part ? sizeof PART - 1 : 0;
	for (int at = FILE_PICTURE; at <= FILE_TICKET; at++) {
		char tail[16];
		snprintf(tail, sizeof tail, ".%.8s", suffix_of(lab, (enum minilab_file)at));
		size_t end = len - strlen(tail);
		if (!ends_in(name, len, tail) || end <= skip || end - skip >= ATTEMPT_KEY_MAX) {
			continue;
		}
		memcpy(key, name + skip, end - skip);
		key[end - skip] = '\0';
		swap_signs(key, '=', ':');
		*file = (enum minilab_file)(at + (is_part ? FILE_PICTURE_PART : 0));
		return true;
	}
	return false;
}

/* ---- files ---- */

bool minilab_has(const struct minilab *lab, const char *sub, const char *key,
	enum minilab_file file, bool *has, struct err *err)
{
	char name[MINILAB_NAME_MAX];
	char path[MINILAB_PATH_MAX];
	struct stat found;
	minilab_name(lab, key, file, name);
	snprintf(path, sizeof path, "%s/%s%s%s", lab->folder, sub, sub[0] == '\0' ? "" : "/", name);
	*has = lstat(path, &found) == 0;
	return *has || errno == ENOENT || minilab_fault(lab, "looking for a file", errno, err);
}

bool minilab_remove(const struct minilab *lab, const char *key, enum minilab_file file, bool *was,
	struct err *err)
{
	char name[MINILAB_NAME_MAX];
	char path[MINILAB_PATH_MAX];
	minilab_name(lab, key, file, name);
	minilab_path(lab, name, path);
	*was = unlink(path) == 0;
	return *was || errno == ENOENT || minilab_fault(lab, name, errno, err);
}

bool minilab_remove_all(
	const struct minilab *lab, const char *key, bool *had_ticket, struct err *err)
{
	static const enum minilab_file order[] = {
		FILE_TICKET_PART, FILE_TICKET, FILE_PICTURE_PART, FILE_PICTURE};
	*had_ticket = false;
	for (size_t i = 0; i < FILE_COUNT; i++) {
		bool was;
		if (!minilab_remove(lab, key, order[i], &was, err)) {
			return false;
		}
		*had_ticket = *had_ticket || (was && order[i] == FILE_TICKET);
	}
	return true;
}

bool minilab_rename(const struct minilab *lab, const char *key, enum minilab_file from,
	enum minilab_file to, struct err *err)
{
	char name[MINILAB_NAME_MAX];
	char old[MINILAB_PATH_MAX];
	char new[MINILAB_PATH_MAX];
	minilab_name(lab, key, from, name);
	minilab_path(lab, name, old);
	minilab_name(lab, key, to, name);
	minilab_path(lab, name, new);
	return rename(old, new) == 0 || minilab_fault(lab, "naming a file", errno, err);
}

bool minilab_sync(const struct minilab *lab, struct err *err)
{
	int fd = open(lab->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;
	fd_close(fd);
	/* a file system of a network that knows no such thing has done it with the rename */
	return fine || (fd >= 0 && (errno == EINVAL || errno == ENOTSUP)) ||
	       minilab_fault(lab, "syncing the folder", errno, err);
}

bool minilab_each(const struct minilab *lab, const char *sub,
	bool (*call)(void *context, enum minilab_file file, const char *key), void *context,
	struct err *err)
{
	char path[MINILAB_PATH_MAX];
	minilab_path(lab, sub, path);
	DIR *folder = opendir(path);
	if (folder == NULL) {
		return (sub[0] != '\0' && errno == ENOENT) ||
		       minilab_fault(lab, "listing it", errno, err);
	}
	int32_t n = 0;
	bool goes_on = true;
	const struct dirent *entry;
	while (goes_on && n++ < ENTRIES_MAX && (errno = 0, entry = readdir(folder)) != NULL) {
		enum minilab_file file;
		char key[ATTEMPT_KEY_MAX];
		if (minilab_key_of(lab, entry->d_name, &file, key)) {
			goes_on = call(context, file, key);
		}
	}
	int number = n > ENTRIES_MAX ? 0 : errno;
	closedir(folder);
	return number == 0 || minilab_fault(lab, "listing it", number, err);
}

static bool count_one(void *context, enum minilab_file file, const char *key)
{
	struct minilab_contents *contents = context;
	(void)key;
	contents->n_tickets += file == FILE_TICKET;
	contents->n_pictures += file == FILE_PICTURE;
	return true;
}

bool minilab_count(const struct minilab *lab, struct minilab_contents *contents, struct err *err)
{
	const char *error = lab->device->model.folder.error;
	struct minilab_contents refused = {0};
	*contents = (struct minilab_contents){0};
	if (!minilab_each(lab, "", count_one, contents, err) ||
		(error[0] != '\0' && !minilab_each(lab, error, count_one, &refused, err))) {
		return false;
	}
	contents->n_refused =
		refused.n_tickets > refused.n_pictures ? refused.n_tickets : refused.n_pictures;
	return true;
}

int64_t minilab_free_bytes(const struct minilab *lab)
{
	struct statvfs space;
	return statvfs(lab->folder, &space) == 0 && space.f_blocks > 0
		       ? (int64_t)space.f_bavail * (int64_t)space.f_frsize
		       : COUNT_UNKNOWN;
}
