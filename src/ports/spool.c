/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool's folders and files.
 *
 *  1. spool_open: root and folders, sweep of incoming, reserve.
 *  2. Files are made in incoming, and leave it only through spool_keep.c.
 *  3. What was kept is read, listed, poisoned, removed.
 *
 * Ways it fails: the root is unfit (FATAL), the disk is full (RETRY), a file is gone (REDO).
 */
#include "ports/spool_own.h"
#include "base/log.h"
#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB INT64_C(1048576)

static const char *const names[] = {"incoming", "assets", "rasters", "poison"};

const char *spool_folder_name(enum spool_folder folder)
{
	return names[folder];
}

static const char *cure_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return "free space on its disk, then start again";
	case EIO:
	case EROFS:
		return "check its disk, then start again";
	default:
		return "it must be a folder that platend owns, on one file system";
	}
}

static bool unfit(struct err *err, const char *root, const char *what, int error)
{
	return err_set(err, REMEDY_FATAL, "spool", "spool %s: %s: %s: %s", root, what,
		strerror(error), cure_of(error));
}

bool spool_fault(
	const struct spool *spool, int error, struct err *err, const char *doing, const char *name)
{
	if (error == ENOSPC || error == EDQUOT) {
		return err_set(err, REMEDY_RETRY, "disk-full",
			"%s %.12s: the disk of %s is full: free space on it, work goes on by "
			"itself",
			doing, name, spool->root);
	}
	if (error == EIO || error == EROFS) {
		return err_set(err, REMEDY_FATAL, "spool",
			"%s %.12s in %s: %s: check the disk, then start again", doing, name,
			spool->root, strerror(error));
	}
	return err_set(err, REMEDY_RETRY, "spool", "%s %.12s in %s: %s", doing, name, spool->root,
		strerror(error));
}

bool spool_name_is_fine(const char *name, struct err *err)
{
	return hash_is_hex(name) || err_set(err, REMEDY_REJECT, "spool-name",
					    "a file's name must be 64 hexadecimal digits");
}

static DIR *open_listing(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = own < 0 ? NULL : fdopendir(own);
	if (listing == NULL && own >= 0) {
		close(own);
	}
	return listing;
}

/* Half-received and half-rendered files of an earlier run: no row speaks of them. */
static bool sweep(int fd)
{
	DIR *listing = open_listing(fd);
	if (listing == NULL) {
		return false;
	}
	bool fine = true;
	for (struct dirent *at; (at = readdir(listing)) != NULL;) {
		bool dots = strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0;
		fine = fine && (dots || unlinkat(fd, at->d_name, 0) == 0);
	}
	int error = errno;
	closedir(listing);
	errno = error;
	return fine;
}

static bool open_folder(struct spool *spool, enum spool_folder which, struct err *err)
{
	struct stat root, stat;
	struct folder *folder = &spool->folders[which];
	folder->spool = spool;
	if (mkdirat(spool->root_fd, names[which], 0700) != 0 && errno != EEXIST) {
		return unfit(err, spool->root, names[which], errno);
	}
	folder->fd = openat(
		spool->root_fd, names[which], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd < 0 || fchmod(folder->fd, 0700) != 0 || fstat(folder->fd, &stat) != 0 ||
		fstat(spool->root_fd, &root) != 0 ||
		faccessat(folder->fd, ".", W_OK | X_OK, 0) != 0) {
		return unfit(err, spool->root, names[which], errno);
	}
	return stat.st_dev == root.st_dev || unfit(err, spool->root, names[which], EXDEV);
}

static bool open_root(struct spool *spool, struct err *err)
{
	if (mkdir(spool->root, 0700) != 0 && errno != EEXIST) {
		return unfit(err, spool->root, "making it", errno);
	}
	spool->root_fd = open(spool->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->root_fd < 0) {
		return unfit(err, spool->root, "opening it", errno);
	}
	for (int i = 0; i < SPOOL_FOLDERS; i++) {
		if (!open_folder(spool, (enum spool_folder)i, err)) {
			return false;
		}
	}
	if (!sweep(spool->folders[SPOOL_INCOMING].fd)) {
		return unfit(err, spool->root, "sweeping incoming", errno);
	}
	/* the folders themselves must outlive a power cut before anything in them is relied on */
	return fsync(spool->root_fd) == 0 || unfit(err, spool->root, "syncing it", errno);
}

/* The lesser of both where both are given: 5 % of a big disk would be a waste. */
static int64_t reserve_of(const struct spool *spool, int64_t bytes, int32_t percent)
{
	struct statvfs disk;
	int64_t share = -1;
	bytes = bytes < 0 ? SPOOL_RESERVE_BYTES : bytes;
	percent = percent < 0 ? SPOOL_RESERVE_PERCENT : percent;
	if (fstatvfs(spool->root_fd, &disk) == 0) {
		share = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize / 100 * percent;
	}
	return share >= 0 && share < bytes ? share : bytes;
}

void spool_free(struct spool *spool)
{
	for (int i = 0; i < SPOOL_FOLDERS; i++) {
		if (spool->folders[i].fd >= 0) {
			close(spool->folders[i].fd);
		}
	}
	if (spool->root_fd >= 0) {
		close(spool->root_fd);
	}
	free(spool->root);
	free(spool);
}

struct spool *spool_open(struct loop *loop, const char *root, int64_t reserve_bytes,
	int32_t reserve_percent, struct err *err)
{
	struct spool *spool = mem_new(1, sizeof *spool);
	spool->loop = loop;
	spool->root = mem_text(root);
	spool->root_fd = -1;
	for (int i = 0; i < SPOOL_FOLDERS; i++) {
		spool->folders[i].fd = -1;
	}
	if (!open_root(spool, err)) {
		spool_free(spool);
		return NULL;
	}
	spool->reserve_bytes = reserve_of(spool, reserve_bytes, reserve_percent);
	spool_keep_init(spool);
	return spool;
}

int64_t spool_free_bytes(const struct spool *spool)
{
	struct statvfs disk;
	return fstatvfs(spool->root_fd, &disk) == 0
		       ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize
		       : -1;
}

int64_t spool_reserve_bytes(const struct spool *spool)
{
	return spool->reserve_bytes;
}

bool spool_is_fit(const struct spool *spool, struct err *err)
{
	if (spool->unfit) {
		*err = spool->fault;
	}
	return !spool->unfit;
}

bool spool_has_room(const struct spool *spool, int64_t need_bytes, struct err *err)
{
	if (!spool_is_fit(spool, err)) {
		return false;
	}
	int64_t free_bytes = spool_free_bytes(spool);
	if (free_bytes < 0 || free_bytes - spool->reserve_bytes >= need_bytes) {
		return true; /* a file system that does not say: the write itself will tell */
	}
	int64_t short_bytes = need_bytes + spool->reserve_bytes - free_bytes;
	return err_set(err, REMEDY_RETRY, "disk-full",
		"the disk of %s has %lld MiB free; %lld MiB are needed beside the reserve of %lld "
		"MiB: free at least %lld MiB, work goes on by itself",
		spool->root, (long long)(free_bytes / MIB), (long long)(need_bytes / MIB),
		(long long)(spool->reserve_bytes / MIB), (long long)(short_bytes / MIB + 1));
}

static int open_plain(const struct folder *folder, const char *name, int flags)
{
	/* O_NONBLOCK: a fifo of that name must not stop the loop; plain files don't care */
	int fd = openat(folder->fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat stat;
	if (fd >= 0 && (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int spool_incoming(struct spool *spool, const char *name, int64_t expect_bytes, int64_t *have_bytes,
	struct err *err)
{
	if (!spool_name_is_fine(name, err)) {
		return -1;
	}
	int fd = open_plain(&spool->folders[SPOOL_INCOMING], name, O_RDWR | O_CREAT);
	int64_t have = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (have < 0) {
		spool_fault(spool, errno, err, "receiving", name);
	} else if (spool_has_room(spool, expect_bytes > have ? expect_bytes - have : 0, err)) {
		/* allotted now, the disk cannot run full half way; where the file system can't do
		 * it the writes will tell */
		bool full = expect_bytes > have &&
			    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, expect_bytes) != 0 &&
			    (errno == ENOSPC || errno == EDQUOT);
		if (!full) {
			*have_bytes = have;
			return fd;
		}
		spool_fault(spool, ENOSPC, err, "receiving", name);
	}
	if (fd >= 0) {
		close(fd);
	}
	if (have == 0) {
		spool_drop(spool, name);
	}
	return -1;
}

int spool_new_raster(struct spool *spool, const char *name, struct err *err)
{
	if (!spool_name_is_fine(name, err) || !spool_has_room(spool, 0, err)) {
		return -1;
	}
	spool_drop(spool, name);
	int fd = open_plain(&spool->folders[SPOOL_INCOMING], name, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0) {
		spool_fault(spool, errno, err, "making raster", name);
	}
	return fd;
}

void spool_drop(struct spool *spool, const char *name)
{
	int fd = spool->folders[SPOOL_INCOMING].fd;
	if (hash_is_hex(name) && unlinkat(fd, name, 0) != 0 && errno != ENOENT) {
		log_warn("spool", "incoming file stays name=%.12s error=%s", name, strerror(errno));
	}
}

int spool_read(
	const struct spool *spool, enum spool_folder folder, const char *name, struct err *err)
{
	if (!spool_name_is_fine(name, err)) {
		return -1;
	}
	int fd = open_plain(&spool->folders[folder], name, O_RDONLY);
	if (fd >= 0) {
		return fd;
	}
	if (errno != ENOENT) {
		spool_fault(spool, errno, err, "reading", name);
		return -1;
	}
	err_set(err, REMEDY_REDO, folder == SPOOL_RASTERS ? "raster-missing" : "asset-missing",
		"%s/%.12s… is not in the spool any more: it is made again", names[folder], name);
	return -1;
}

bool spool_has(
	const struct spool *spool, enum spool_folder folder, const char *name, int64_t *bytes)
{
	struct stat stat;
	if (!hash_is_hex(name) ||
		fstatat(spool->folders[folder].fd, name, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISREG(stat.st_mode)) {
		return false;
	}
	if (bytes != NULL) {
		*bytes = stat.st_size;
	}
	return true;
}

bool spool_remove(struct spool *spool, enum spool_folder folder, const char *name, struct err *err)
{
	if (!spool_name_is_fine(name, err)) {
		return false;
	}
	if (unlinkat(spool->folders[folder].fd, name, 0) != 0) {
		return errno == ENOENT || spool_fault(spool, errno, err, "removing", name);
	}
	spool_sync_folder(spool, folder);
	return true;
}

/* Between assets and poison; both folders are synced. */
static bool move(struct spool *spool, const char *name, enum spool_folder from,
	enum spool_folder to, const char *doing, struct err *err)
{
	if (!spool_name_is_fine(name, err)) {
		return false;
	}
	if (renameat(spool->folders[from].fd, name, spool->folders[to].fd, name) != 0) {
		return errno == ENOENT ? err_set(err, REMEDY_REDO, "asset-missing",
						 "%s/%.12s… is not in the spool any more",
						 names[from], name)
				       : spool_fault(spool, errno, err, doing, name);
	}
	spool_sync_folder(spool, to);
	spool_sync_folder(spool, from);
	return true;
}

bool spool_poison(struct spool *spool, const char *name, struct err *err)
{
	return move(spool, name, SPOOL_ASSETS, SPOOL_POISON, "putting aside", err);
}

bool spool_unpoison(struct spool *spool, const char *name, struct err *err)
{
	return move(spool, name, SPOOL_POISON, SPOOL_ASSETS, "bringing back", err);
}

struct spool_listing {
	DIR *stream;
	int fd; /* the folder's, borrowed */
};

struct spool_listing *spool_listing_open(
	const struct spool *spool, enum spool_folder folder, struct err *err)
{
	int fd = spool->folders[folder].fd;
	DIR *stream = open_listing(fd);
	if (stream == NULL) {
		spool_fault(spool, errno, err, "listing", names[folder]);
		return NULL;
	}
	struct spool_listing *listing = mem_new(1, sizeof *listing);
	*listing = (struct spool_listing){.stream = stream, .fd = fd};
	return listing;
}

bool spool_listing_next(
	struct spool_listing *listing, int32_t most, spool_seen *seen, void *context)
{
	for (int32_t n = 0; n < most; n++) {
		struct stat stat;
		struct dirent *at = readdir(listing->stream);
		if (at == NULL) {
			return false;
		}
		if (hash_is_hex(at->d_name) &&
			fstatat(listing->fd, at->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(stat.st_mode) &&
			!seen(context, at->d_name, stat.st_size,
				(int64_t)stat.st_mtim.tv_sec * 1000 +
					stat.st_mtim.tv_nsec / 1000000)) {
			return false;
		}
	}
	return true;
}

void spool_listing_close(struct spool_listing *listing)
{
	if (listing != NULL) {
		closedir(listing->stream);
		free(listing);
	}
}

bool spool_list(const struct spool *spool, enum spool_folder folder, spool_seen *seen,
	void *context, struct err *err)
{
	struct spool_listing *listing = spool_listing_open(spool, folder, err);
	if (listing == NULL) {
		return false;
	}
	while (spool_listing_next(listing, INT32_MAX, seen, context)) {
	}
	spool_listing_close(listing);
	return true;
}
