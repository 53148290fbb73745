/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading small files and listing folders.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(struct err *err, const char *path, const char *why)
{
	return err_set(err, REMEDY_FATAL, "file", "%.200s: can't be read: %s", path, why);
}

static bool read_all(int fd, size_t most, struct buf *buf)
{
	char piece[16384];
	size_t total = 0;
	ssize_t n;
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return false;
		}
		total += (size_t)n;
		if (total > most) {
			errno = EFBIG;
			return false;
		}
		buf_add(buf, piece, (size_t)n);
	}
	return true;
}

/* -1 unless it is a regular file. */
static int open_regular(const char *path, struct stat *facts, struct err *err)
{
	/* not blocking: a pipe in the file's place must not stop the start */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		refuse(err, path, strerror(errno));
		return -1;
	}
	const char *why = NULL;
	if (fstat(fd, facts) != 0) {
		why = strerror(errno);
	} else if (!S_ISREG(facts->st_mode)) {
		why = "it is not a regular file";
	}
	if (why != NULL) {
		refuse(err, path, why);
		close(fd);
		return -1;
	}
	return fd;
}

bool file_read(const char *path, size_t most, struct buf *buf, struct err *err)
{
	struct stat facts;
	int fd = open_regular(path, &facts, err);
	if (fd < 0) {
		return false;
	}
	bool fine = read_all(fd, most, buf) || refuse(err, path, strerror(errno));
	close(fd);
	return fine;
}

static bool is_shut(const char *path, const struct stat *facts, struct err *err)
{
	return (facts->st_mode & (S_IRWXO | S_IWGRP)) == 0 ||
	       err_set(err, REMEDY_FATAL, "file",
		       "%.200s: others may read or change this secret (mode %04o): chmod 0600",
		       path, (unsigned)(facts->st_mode & 07777));
}

bool file_check(const char *path, bool secret, struct err *err)
{
	struct stat facts;
	int fd = open_regular(path, &facts, err);
	if (fd < 0) {
		return false;
	}
	close(fd);
	return !secret || is_shut(path, &facts, err);
}

/* The bytes before the first line end; nothing but line ends may follow. */
static bool take_line(
	const char *path, const char *bytes, size_t len, char *out, size_t size, struct err *err)
{
	size_t line = strcspn(bytes, "\r\n");
	if (line == 0 || line >= size || line + strspn(bytes + line, "\r\n") != len) {
		return err_set(err, REMEDY_FATAL, "file",
			"%.200s: must hold one line of 1 to %zu bytes", path, size - 1);
	}
	if (!text_is_utf8(bytes, line)) {
		return err_set(err, REMEDY_FATAL, "file",
			"%.200s: must be UTF-8 text: save it in that encoding", path);
	}
	memcpy(out, bytes, line);
	out[line] = '\0';
	return true;
}

bool file_secret(const char *path, char *out, size_t size, struct err *err)
{
	char bytes[512];
	struct stat facts;
	int fd = open_regular(path, &facts, err);
	if (fd < 0) {
		return false;
	}
	ssize_t len = read(fd, bytes, sizeof bytes - 1);
	close(fd);
	bytes[len < 0 ? 0 : len] = '\0';
	bool fine = is_shut(path, &facts, err) &&
		    take_line(path, bytes, len < 0 ? 0 : (size_t)len, out, size, err);
	explicit_bzero(bytes, sizeof bytes);
	return fine;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool folder_names(const char *folder, const char *suffix, struct names *names, struct err *err)
{
	*names = (struct names){0};
	DIR *dir = opendir(folder);
	if (dir == NULL) {
		return refuse(err, folder, strerror(errno));
	}
	size_t tail = strlen(suffix);
	const struct dirent *entry;
	while ((entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || len <= tail ||
			strcmp(entry->d_name + len - tail, suffix) != 0) {
			continue;
		}
		names->name = mem_resize(names->name, names->n + 1, sizeof *names->name);
		char *name = mem_text(entry->d_name);
		name[len - tail] = '\0';
		names->name[names->n++] = name;
	}
	closedir(dir);
	if (names->n > 0) {
		qsort(names->name, names->n, sizeof *names->name, by_name);
	}
	return true;
}

void names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		free(names->name[i]);
	}
	free(names->name);
	*names = (struct names){0};
}
