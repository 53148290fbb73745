/* SPDX-License-Identifier: Apache-2.0
 *
 * Ways into the hot folder and into what was dropped there. Strangers write in it while we look, so
 * each step is made relative to the folder before, and no link is ever followed.
 *
 * Ways it fails: the folder is away (a network that is down, a disk that was pulled), a file may
 * not be read, a name leads to something else than a file. All of it is RETRY: people mend it.
 */
#include "ports/hot_own.h"
#include "base/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_FILES_MAX 20000
#define TREE_DEPTH_MAX 8

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
/* not blocking: a fifo, or a lease that somebody holds on the file, must not stop us */
#define FILE_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static const char *cure_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return ": let platend's group read files and read and write folders there "
		       "(docs/operating.md)";
	case ELOOP:
	case ENOTDIR:
		return ": links are not followed, put the thing itself there";
	case ENOSPC:
	case EDQUOT:
		return ": free space on its disk, it goes on by itself";
	default:
		return "";
	}
}

static bool is_of_the_place(int error)
{
	static const int of_the_place[] = {ENOSPC, EDQUOT, EIO, ESTALE, EROFS, EMFILE, ENFILE,
		ENOMEM, ENOTCONN, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENXIO, ENODEV};
	for (size_t i = 0; i < sizeof of_the_place / sizeof of_the_place[0]; i++) {
		if (error == of_the_place[i]) {
			return true;
		}
	}
	return false;
}

bool hot_fault(struct err *err, const char *doing, const char *name, int error)
{
	return err_set(err, REMEDY_RETRY, is_of_the_place(error) ? "hot-place" : "hot-folder",
		"%s %.100s: %s%s", doing, name, strerror(error), cure_of(error));
}

bool hot_place_fault(struct err *err, const char *doing, const char *name, int error)
{
	return err_set(err, REMEDY_RETRY, "hot-place", "%s %.100s: %s%s", doing, name,
		strerror(error), cure_of(error));
}

struct drop_print hot_print_of(const struct stat *stat)
{
	const int64_t second_ns = INT64_C(1000000000);
	return (struct drop_print){.files = 1,
		.inode = (int64_t)stat->st_ino,
		.bytes = stat->st_size,
		.modified_ns = stat->st_mtim.tv_sec * second_ns + stat->st_mtim.tv_nsec,
		.changed_ns = stat->st_ctim.tv_sec * second_ns + stat->st_ctim.tv_nsec};
}

int hot_open_folder(const struct hot_folder *hot, const char *name, struct err *err)
{
	/* the way to it is the person's who configured it, and may be a link */
	int root = open(hot->conf.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		int error = errno;
		hot_place_fault(err, "opening", hot->conf.folder, error);
		errno = error;
		return -1;
	}
	int folder = name[0] == '\0' ? root : openat(root, name, FOLDER_FLAGS);
	int error = errno;
	if (folder < 0) {
		hot_place_fault(err, "opening the folder", name, error);
	}
	if (folder != root) {
		close(root);
	}
	errno = error;
	return folder;
}

int hot_open_place(const struct hot_folder *hot, const struct drop *drop, struct err *err)
{
	char taken[sizeof HOT_TAKING + ULID_MAX];
	snprintf(taken, sizeof taken, HOT_TAKING "/%s", drop->key);
	return hot_open_folder(hot, drop->key[0] != '\0' ? taken : drop->sku, err);
}

int hot_open_file(int folder, const char *name, struct err *err)
{
	struct stat about;
	int fd = openat(folder, name, FILE_FLAGS);
	if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
		return fd;
	}
	if (fd >= 0) {
		close(fd);
		err_set(err, REMEDY_RETRY, "hot-folder", "%.100s is no file", name);
	} else if (errno == EWOULDBLOCK) {
		err_set(err, REMEDY_RETRY, "being-written", "another program holds it");
	} else {
		hot_fault(err, "opening", name, errno);
	}
	return -1;
}

/* What stands in the folder under that name, in whatever case; false when there is none, or more
 * than one. */
static bool find_name(int folder, const char *part, char found[DROP_NAME_MAX])
{
	struct stat about;
	if (fstatat(folder, part, &about, AT_SYMLINK_NOFOLLOW) == 0) {
		return text_copy(found, DROP_NAME_MAX, part);
	}
	DIR *listing = hot_list(folder, ".");
	if (listing == NULL) {
		return false;
	}
	int n = 0;
	for (struct dirent *at; (at = readdir(listing)) != NULL;) {
		if (strcasecmp(at->d_name, part) == 0) {
			n++;
			text_copy(found, DROP_NAME_MAX, at->d_name);
		}
	}
	closedir(listing);
	if (n != 1) {
		errno = n == 0 ? ENOENT : ENOTUNIQ;
	}
	return n == 1;
}

int hot_open_path(int folder, const char *path, struct err *err)
{
	char part[DROP_NAME_MAX], name[DROP_NAME_MAX];
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	if (at < 0) {
		hot_fault(err, "opening", path, errno);
	}
	for (const char *rest = path; at >= 0;) {
		size_t len = strcspn(rest, "/");
		snprintf(part, sizeof part, "%.*s", (int)len, rest);
		rest += len;
		bool last = *rest == '\0';
		bool found = find_name(at, part, name);
		int next = !found ? -1
			   : last ? hot_open_file(at, name, err)
				  : openat(at, name, FOLDER_FLAGS);
		if (next < 0 && (!found || !last)) {
			hot_fault(err, "opening", path, errno);
		}
		int error = errno;
		close(at);
		errno = error;
		if (last) {
			return next;
		}
		at = next;
		rest++;
	}
	return -1;
}

DIR *hot_list(int parent, const char *name)
{
	int fd = openat(parent, name, FOLDER_FLAGS);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	if (listing == NULL) {
		fd_close(fd);
	}
	return listing;
}

bool hot_is_being_written(int fd)
{
	/* should a writer come while the lease stands, its signal is one that nobody hears: SIGIO
	 * would end us */
	if (fcntl(fd, F_SETSIG, SIGURG) != 0) {
		return false;
	}
	bool written = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return written;
}

struct walk_tree {
	struct drop_print *sums;
	int64_t n;
	struct err *err;
};

static bool print_folder(struct walk_tree *walk, int parent, const char *name, int depth);

static bool print_entry(struct walk_tree *walk, int folder, const char *name, int depth)
{
	struct stat about;
	if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
		return errno == ENOENT || hot_fault(walk->err, "looking at", name, errno);
	}
	if (++walk->n > TREE_FILES_MAX) {
		return err_set(walk->err, REMEDY_RETRY, "hot-folder",
			"it has more than %d files: drop a part of it", TREE_FILES_MAX);
	}
	struct drop_print print = hot_print_of(&about);
	drop_add(walk->sums, &print);
	return !S_ISDIR(about.st_mode) || print_folder(walk, folder, name, depth + 1);
}

static bool print_folder(struct walk_tree *walk, int parent, const char *name, int depth)
{
	if (depth > TREE_DEPTH_MAX) {
		return err_set(walk->err, REMEDY_RETRY, "hot-folder",
			"its folders are nested more than %d deep", TREE_DEPTH_MAX);
	}
	DIR *listing = hot_list(parent, name);
	if (listing == NULL) {
		return hot_fault(walk->err, "opening the folder", name, errno);
	}
	bool fine = true;
	for (struct dirent *at; fine && (at = readdir(listing)) != NULL;) {
		bool dots = strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0;
		fine = dots || print_entry(walk, dirfd(listing), at->d_name, depth);
	}
	closedir(listing);
	return fine;
}

bool hot_print_tree(int folder, const char *name, struct drop_print *tree, struct err *err)
{
	struct walk_tree walk = {.sums = tree, .err = err};
	*tree = (struct drop_print){0};
	return print_folder(&walk, folder, name, 0);
}

/* ---- small files and folders of ours ---- */

bool hot_changed(struct err *err)
{
	return err_set(err, REMEDY_RETRY, "changed", "it is still being written");
}

bool hot_read_text(int fd, size_t most, struct buf *buf)
{
	char piece[16384];
	for (ssize_t n; buf->len <= most;) {
		n = read(fd, piece, sizeof piece);
		if (n <= 0) {
			return n == 0;
		}
		buf_add(buf, piece, (size_t)n);
	}
	errno = EFBIG;
	return false;
}

bool hot_write_file(
	int folder, const char *name, const char *text, enum hot_write how, struct err *err)
{
	/* not blocking: a fifo of that name must not stop us */
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(folder, name, flags | (how == HOT_WRITE_NEW ? O_EXCL : O_TRUNC), 0660);
	size_t len = strlen(text);
	bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len &&
		    fchmod(fd, 0660) == 0 && /* whatever the umask: its group reads it */
		    (how != HOT_WRITE_LASTING || fsync(fd) == 0);
	int error = errno;
	fd_close(fd);
	if (fd >= 0 && !fine && how == HOT_WRITE_NEW) {
		unlinkat(folder, name, 0);
	}
	return fine || hot_place_fault(err, "writing", name, error);
}

bool hot_move(int from, const char *name, int to, const char *as)
{
	struct stat about;
	if (renameat2(from, name, to, as, RENAME_NOREPLACE) == 0) {
		return true;
	}
	if (errno != EINVAL) {
		return false;
	}
	/* this file system can't do both in one: seen first, then moved */
	if (fstatat(to, as, &about, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return errno == ENOENT && renameat(from, name, to, as) == 0;
}

bool hot_sync_folder(int folder, const char *name, struct err *err)
{
	return fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP ||
	       hot_place_fault(err, "syncing the folder", name, errno);
}

void hot_unmake(int taking, int own, const char *key)
{
	unlinkat(own, HOT_TICKET, 0);
	unlinkat(own, HOT_TICKET ".new", 0);
	unlinkat(taking, key, AT_REMOVEDIR);
}

/* Whoever has it open still writes into it, and whoever was quick has put another in its place. */
bool hot_is_other_now(const struct hot_work *work, int own)
{
	const struct drop *drop = &work->drop;
	struct stat about;
	struct drop_print now;
	struct err ignored;
	if (drop->is_card) {
		return !hot_print_tree(own, drop->name, &now, &ignored) ||
		       !drop_is_same_content(&now, &drop->print);
	}
	if (fstatat(own, drop->name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
		return true;
	}
	now = hot_print_of(&about);
	return !drop_is_same_content(&now, &drop->print);
}

bool hot_open_to_group(int folder, const char *name)
{
	/* a unit that forbids setgid bits (RestrictSUIDSGID) still lets the group in */
	return fchmodat(folder, name, 02770, 0) == 0 || fchmodat(folder, name, 0770, 0) == 0;
}
