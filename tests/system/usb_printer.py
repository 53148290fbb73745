#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A printer on USB, with the whole daemon, its worker in its cage and libusb: found by its serial, fed, asked;
unplugged and plugged in elsewhere, also in the middle of a page; taken by the kernel; doubled; off. Only the
device is emulated (docs/usb-rig.md). It never prints twice, never claims a print, and says what to do."""
import os
import random
import shutil
import struct
import time
import zlib

import tap
import lab
import quick
import trouble
import usb_rig

SERIAL = "AB12"
PRINT_TIME_MS = 300


class UsbPrinter:
    name, model, exclusive = "U1", "usb-printer", True

    def uri(self):
        return f"usb://1209:0c1a/{SERIAL}"

    def received(self):
        return []


def noise(seed, width=400, height=600):
    """A picture that no page format makes small."""
    chance = random.Random(seed)
    rows = b"".join(b"\0" + chance.randbytes(width * 3) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Floor(trouble.Floor):
    """One printer on USB, whose model is quick and prints at 100 dpi."""

    def __init__(self, folder, rig):
        super().__init__(folder, jobs=0, ipp={}, fakes={}, poll="500 ms")
        self.rig = rig
        self.printers = [UsbPrinter()]
        shutil.copytree(os.path.join(lab.ROOT, "profiles"), os.path.join(self.run, "quick", "profiles"))
        path = os.path.join(self.run, "quick", "profiles", "models", "usb-printer.conf")
        with open(path, encoding="utf-8") as file:
            kept = [line for line in file if line.split(" ")[0] not in ("print_time", "x_dpi")]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(kept + [f'print_time = "{PRINT_TIME_MS} ms"\n', "x_dpi = 100\n"])
        self.root = os.path.join(self.run, "quick")

    def row(self):
        return ((self.platenctl("printers") or {}).get("printers") or [{}])[0]

    def submit(self, seed):
        path = self.file("submitted.png", noise(seed))
        made = self.platenctl("submit", path, "--product", "4x6-glossy", "--copies", "1")
        return ((made or {}).get("jobs") or [{}])[0].get("id")

    def stage(self, job):
        return (self.platenctl("job", job) or {}).get("stage")

    def figure(self, name):
        return int(self.rig.figures(1).get(name, "-1"))

    def until(self, holds, seconds=10):
        """How long that took, in seconds; None when it did not come."""
        start = time.monotonic()
        while not holds():
            if time.monotonic() > start + seconds:
                return None
            time.sleep(0.05)
        return time.monotonic() - start

    def says(self, *words):
        return all(word in self.row().get("fault", "") for word in words)


def prints_and_claims_nothing(t, floor):
    took = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(took is not None and "Class Printer" in floor.row().get("title", ""),
         "it is found by its serial, and says who it is", floor.row())
    floor.platenctl("printer", "U1", "load", "4x6-glossy")
    job = floor.submit("one")
    floor.until(lambda: floor.stage(job) == "held-unknown", 20)
    t.ok(floor.figure("sheets") == 1 and floor.stage(job) == "held-unknown",
         "a page comes out, and a person is asked whether it did", (floor.rig.report(1), floor.platenctl("job", job)))
    floor.platenctl("resolve", job, "--printed", "1", "--reason", "counted")
    floor.until(lambda: floor.stage(job) in ("printed", "reported"))
    told = floor.platenctl("job", job) or {}
    t.ok([row.get("evidence") for row in told.get("ledger", [])] == ["operator"],
         "who counted it is the only evidence", told)


def out_and_in(t, floor):
    floor.rig.unplug(1)
    gone = floor.until(lambda: floor.says("switch it on"))
    t.ok(gone is not None and gone < 2, f"unplugged, that is said at once ({gone} s), and what to do", floor.row())
    floor.rig.move(1, "1-7")
    floor.rig.plug(1)
    back = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(back is not None and back < 2, f"at another port it is the same printer at once ({back} s)", floor.row())


def cut_off_in_a_page(t, floor):
    sheets = floor.figure("sheets")
    floor.rig.cut(1, 300000)
    job = floor.submit("two")
    lost = floor.until(lambda: floor.says("switch it on"), 20)
    time.sleep(0.5)
    t.ok(lost is not None and floor.figure("sheets") == sheets, "unplugged in the middle of a page, no page is out",
         (floor.row(), floor.rig.report(1)))
    floor.rig.plug(1)
    floor.until(lambda: floor.stage(job) == "held-unknown", 30)
    t.ok(floor.figure("sheets") == sheets + 1 and floor.figure("spoiled") == 1,
         "plugged in again, the page is printed anew, whole and once", (floor.rig.report(1), floor.platenctl("job", job)))
    floor.platenctl("resolve", job, "--printed", "1", "--reason", "counted")


def never_stops_for_lack_of_proof(t, floor):
    sheets = floor.figure("sheets")
    jobs = [floor.submit(n) for n in range(3)]
    floor.until(lambda: all(floor.stage(job) == "held-unknown" for job in jobs), 30)
    t.ok(floor.figure("sheets") == sheets + 3 and floor.row().get("state") == "idle",
         "that nothing is proven is no failure: it prints on", (floor.row(), floor.rig.report(1)))


def out_of_paper(t, floor):
    floor.rig.tell(1, "paper 0")
    empty = floor.until(lambda: floor.says("out of paper", "load some"))
    t.ok(empty is not None, "out of paper, it says so", floor.row())
    floor.rig.tell(1, "paper 100")
    floor.until(lambda: floor.row().get("state") == "idle")


def someone_else_has_it(t, floor):
    floor.rig.make(1, "printer-class", serial=SERIAL, driver="usblp")
    taken = floor.until(lambda: floor.says("usblp", "modprobe -r usblp"))
    t.ok(taken is not None, "taken by a driver of the kernel, that is named with what frees it", floor.row())
    floor.rig.make(2, "printer-class", serial=SERIAL)
    alike = floor.until(lambda: floor.says("the same serial", "?port="))
    t.ok(alike is not None, "two with its serial are not confused, and how to tell them apart is said", floor.row())
    floor.rig.unplug(2)
    floor.rig.make(1, "printer-class", serial=SERIAL)
    back = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(back is not None, "and it goes on by itself", floor.row())


def without_a_serial(t, floor):
    floor.rig.make(1, "printer-class")
    silent = floor.until(lambda: floor.says("says no serial", "?port="))
    t.ok(silent is not None, "one that says no serial is not taken for it, and what to do is said", floor.row())


def test(t, folder):
    floor = Floor(folder, RIG)
    try:
        floor.start_platend(cloud=False)
        prints_and_claims_nothing(t, floor)
        out_and_in(t, floor)
        cut_off_in_a_page(t, floor)
        never_stops_for_lack_of_proof(t, floor)
        out_of_paper(t, floor)
        someone_else_has_it(t, floor)
        without_a_serial(t, floor)
        with open(floor.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
            dead = [line.strip() for line in file if "worker ended" in line]
        t.ok(not dead, "no worker has died in its cage", dead)
    finally:
        floor.stop()


RIG = usb_rig.enter(f"printer-class serial={SERIAL}")
tap.run(test)
