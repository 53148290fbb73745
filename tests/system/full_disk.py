#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The spool's disk runs full in the middle of the work: platend takes no more, says so, loses nothing, and
when there is room again every sheet comes out once. Needs to mount a small file system, so root."""
import ctypes
import os
import time

import tap
import judge
import lab

LIBC = ctypes.CDLL(None, use_errno=True)
SIZE_MIB = 96


def mount_small(folder):
    os.makedirs(folder)
    if LIBC.mount(b"none", folder.encode(), b"tmpfs", 0, f"size={SIZE_MIB}m".encode()) != 0:
        tap.skip("can't mount a small file system here: " + os.strerror(ctypes.get_errno()))


def fill(path):
    """Leaves not one byte free."""
    with open(path, "wb") as file:
        piece = bytes(64 * 1024)
        while piece:
            try:
                os.write(file.fileno(), piece)
            except OSError:
                piece = piece[:len(piece) // 2]


def test(t, folder):
    disk = os.path.join(folder, "disk")
    mount_small(disk)
    floor = lab.Lab(os.path.join(folder, "lab"), jobs=12, copies=1)
    floor.spool = os.path.join(disk, "spool")
    try:
        floor.make_photos()
        floor.start_world()
        ballast = os.path.join(disk, "ballast")
        fill(ballast)
        floor.start_platend()
        floor.seed()
        time.sleep(3)
        floor.crew.check()
        states = {job["state"] for job in floor.jobs()}
        t.ok(states == {"waiting"}, "on a full disk no job is taken", states)
        told = (floor.platenctl("doctor") or {}).get("checks", [])
        t.ok(any(check["state"] != "ok" and "disk" in check["name"] for check in told), "doctor says so", told)
        os.unlink(ballast)
        end = time.monotonic() + 30
        while time.monotonic() < end and all(job["state"] == "waiting" for job in floor.jobs()):
            time.sleep(0.1)
        fill(ballast)
        time.sleep(3)
        floor.crew.check()
        t.ok(floor.platenctl("status") is not None, "platend lives on while its spool is full")
        os.unlink(ballast)
        judge.wait_until_over(floor, 120)
        jobs = floor.jobs()
        t.ok(all(job["state"] == "printed" for job in jobs), "with room again all is printed",
             floor.what_is_stuck(jobs))
        t.ok(floor.sheets_at_printers() == floor.sheets, "every sheet once", floor.outputs())
    finally:
        floor.stop()
        LIBC.umount2(disk.encode(), 2)


tap.need("ippeveprinter", "djpeg", "vips")
tap.run(test)
