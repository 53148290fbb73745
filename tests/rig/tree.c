/* SPDX-License-Identifier: Apache-2.0
 *
 * What names there are: the root, in it the bus, in that a node for each address that is plugged
 * in.
 */
#include "base/buf.h"
#include "base/text.h"
#include "tests/rig/usbfs.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define INODE_ROOT 1
#define INODE_BUS  2
#define BUS_NAME   "001"

static bool is_there(const struct usbfs *usbfs, int address)
{
	return address == ROOT_ADDRESS || bus_at(usbfs->bus, address) != NULL;
}

static uint64_t find(const struct usbfs *usbfs, uint64_t folder, const char *name)
{
	int64_t address = 0;
	if (folder == INODE_ROOT) {
		return strcmp(name, BUS_NAME) == 0 ? INODE_BUS : 0;
	}
	bool is_address = strlen(name) == 3 && text_to_int(name, 1, BUS_ADDRESSES, &address);
	return folder == INODE_BUS && is_address && is_there(usbfs, (int)address)
		       ? INODE_DEVICES + (uint64_t)address
		       : 0;
}

static struct fuse_attr attributes(uint64_t inode)
{
	/* a character device would be opened by the kernel's own driver */
	return (struct fuse_attr){.ino = inode,
		.mode = inode < INODE_DEVICES ? S_IFDIR | 0755 : S_IFREG | 0664,
		.nlink = 1,
		.blksize = 4096};
}

void tree_lookup(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	uint64_t inode = find(usbfs, request->nodeid, fuse_body(request));
	if (inode == 0) {
		fuse_refuse(&usbfs->fuse, request->unique, -ENOENT);
		return;
	}
	const struct fuse_entry_out out = {.nodeid = inode, .attr = attributes(inode)};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

void tree_getattr(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_attr_out out = {.attr = attributes(request->nodeid)};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

void tree_opendir(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_open_out out = {.fh = 0};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}

static void add_entry(struct buf *to, const char *name, uint64_t inode)
{
	static const char padding[sizeof(uint64_t)];
	struct fuse_dirent entry = {.ino = inode,
		.off = inode, /* they rise: where to go on */
		.namelen = (uint32_t)strlen(name),
		.type = inode < INODE_DEVICES ? DT_DIR : DT_REG};
	size_t n = FUSE_NAME_OFFSET + entry.namelen;
	buf_add(to, &entry, FUSE_NAME_OFFSET);
	buf_add(to, name, entry.namelen);
	buf_add(to, padding, FUSE_DIRENT_ALIGN(n) - n);
}

void tree_readdir(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_read_in *in = fuse_body(request);
	struct buf entries = {0};
	if (request->nodeid == INODE_ROOT && in->offset < INODE_BUS) {
		add_entry(&entries, BUS_NAME, INODE_BUS);
	}
	for (int i = 1; request->nodeid == INODE_BUS && i <= BUS_ADDRESSES; i++) {
		uint64_t inode = INODE_DEVICES + (uint64_t)i;
		char name[4];
		if (inode <= in->offset || !is_there(usbfs, i)) {
			continue;
		}
		snprintf(name, sizeof name, "%03d", i % 1000);
		size_t before = entries.len;
		add_entry(&entries, name, inode);
		if (entries.len > in->size) {
			entries.len = before;
			break;
		}
	}
	fuse_answer(&usbfs->fuse, request->unique, entries.bytes, entries.len);
	buf_fini(&entries);
}

void tree_statfs(struct usbfs *usbfs, const struct fuse_in_header *request)
{
	const struct fuse_statfs_out out = {.st.bsize = 4096};
	fuse_answer(&usbfs->fuse, request->unique, &out, sizeof out);
}
