# SPDX-License-Identifier: Apache-2.0
"""Small file systems of a test's own. A Disk is an image on a loop device whose power can be cut: the
file system is shut down without flushing its log, and what was not synced is gone at the next mount. It
is mounted in a mount namespace of the process, so it goes, with its loop device, when the process does."""
import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2
FS_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1"],
        "xfs": ["mkfs.xfs", "-q", "-f"]}


def kinds():
    """The file systems that can be made here."""
    return [kind for kind, words in MAKE.items() if shutil.which(words[0], path=os.environ["PATH"] + ":/usr/sbin:/sbin")]


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(words)}: {done.stdout.strip()}")


def part_mounts():
    """From here on what this process mounts is seen by it and its children alone."""
    if LIBC.unshare(CLONE_NEWNS) != 0 or LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace of our own: " + os.strerror(ctypes.get_errno()))


class Disk:
    def __init__(self, folder, kind, size_mib):
        self.image, self.at = os.path.join(folder, "disk.img"), os.path.join(folder, "disk")
        os.makedirs(self.at)
        with open(self.image, "wb") as file:
            file.truncate(size_mib << 20)
        run(*MAKE[kind], self.image)

    def mount(self):
        run("mount", "-o", "loop", self.image, self.at)

    def cut(self):
        """The power goes: from here on every call to it fails, and nothing more is written."""
        folder = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def unmount(self):
        end = time.monotonic() + 5
        while LIBC.umount2(self.at.encode(), 0) != 0:
            if time.monotonic() > end:
                raise OSError(ctypes.get_errno(), f"{self.at} stays mounted")
            time.sleep(0.005)  # the last of the killed processes is on its way out

    def close(self):
        LIBC.umount2(self.at.encode(), MNT_DETACH)


def can_cut(folder):
    """Why power can't be cut here; "" when it can."""
    try:
        part_mounts()
        disk = Disk(folder, "ext4", 16)
        disk.mount()
        try:
            disk.cut()
        finally:
            disk.close()
    except OSError as error:
        return f"no loop-mounted file system can be cut off here: {error}"
    return ""
