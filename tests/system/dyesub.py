#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A dye-sub on USB, with the whole daemon, its worker in its cage and libusb: copies, jams, wrong paper, cables
pulled in the middle of a plane, workers killed. What was ordered comes out once, proven by the printer's own
counter, and no person is asked. Only the device is emulated (tests/rig/dnp.c)."""
import os
import random
import signal
import time

import tap
import usb_rig
from quick import png

SERIAL = "RX1A01"
DEVICE = (f"dnp vid=1343 pid=0005 title=DS-RX1 firmware=2.06 media=300 left=600 serial={SERIAL} "
          "print_ms=300 lag_ms=300 start_ms=50")


class Floor(usb_rig.Floor):
    """One dye-sub, whose counter is late by a second at most."""
    patience_s = 20

    def __init__(self, folder, rig):
        super().__init__(folder, rig, usb_rig.Printer("D1", "dnp-rx1hs", f"usb://1343:0005/{SERIAL}"),
                         print_time='"300 ms"', counter_lag='"1 s"')

    def submit(self, picture, copies=1, product="4x6-glossy"):  # picture: a seed
        return super().submit(png(picture), copies, product)

    def sheets(self, what):
        return sum(line.split()[2:3] == [what] for line in self.rig.report(1) if line.startswith("sheet "))

    def tale(self, job):
        return self.row(), self.rig.report(1)[-8:], self.platenctl("job", job)

    def kill_worker(self):
        for child in self.workers():
            os.kill(child, signal.SIGKILL)


def prints_and_proves(t, floor):
    floor.until(lambda: floor.row().get("state") == "idle")
    t.ok("DNP DS-RX1" in floor.row().get("title", ""), "it is found by its serial, and says who it is", floor.row())
    job = floor.submit("five", copies=5)
    done = floor.printed(job)
    told = floor.platenctl("job", job) or {}
    t.ok(done and floor.sheets("done") == 5, "five copies come out", floor.tale(job))
    t.ok({row.get("evidence") for row in told.get("ledger", [])} == {"counter"},
         "and each is proven by its counter", told)


def a_jam_ends_by_itself(t, floor):
    done = floor.sheets("done")
    floor.rig.tell(1, "jam")
    job = floor.submit("jam")
    seen = floor.until(lambda: "media-jam" in floor.row().get("reasons", []))
    time.sleep(0.5)
    t.ok(seen is not None and floor.sheets("done") == done, "a jam is said", floor.tale(job))
    floor.rig.tell(1, "clear")
    t.ok(floor.printed(job) and floor.sheets("done") == done + 1 and floor.sheets("spoiled") == 1,
         "cleared, the printer finishes the sheet, and it is not sent again", floor.tale(job))


def other_paper_waits(t, floor):
    done = floor.sheets("done")
    floor.rig.tell(1, "media 210 300")
    job = floor.submit("paper")
    # permitted, where the printer was not asked yet since its paper was changed
    waits = floor.until(lambda: floor.stage(job) in ("queued", "permitted") and
                        "media-missing" in str(floor.platenctl("job", job)))
    t.ok(waits is not None and floor.sheets("done") == done, "with other paper in it, the job waits", floor.tale(job))
    floor.rig.tell(1, "media 300 600")
    t.ok(floor.printed(job) and floor.sheets("done") == done + 1, "and goes on by itself", floor.tale(job))


def cables_are_pulled(t, floor):
    chance = random.Random(8)
    wrong = []
    for n in range(2):
        done = floor.sheets("done")
        floor.rig.cut(1, chance.randrange(2000, 7100000))
        job = floor.submit(f"cut{n}")
        floor.until(lambda: "unplugged" in str(floor.row()) or "switch it on" in str(floor.row()), 40)
        floor.rig.plug(1)
        if not floor.printed(job) or floor.sheets("done") != done + 1:
            wrong.append(floor.tale(job))
    t.ok(not wrong, "pulled in the middle of a plane and plugged in again, each comes out once", wrong)


def workers_are_killed(t, floor):
    wrong = []
    floor.rig.slow(1, 8000000)
    for n, after_s in enumerate((0.2, 0.7)):
        done = floor.sheets("done")
        job = floor.submit(f"kill{n}")
        floor.until(lambda: floor.stage(job) in ("sending", "committed", "accepted", "printed"))
        time.sleep(after_s)
        floor.kill_worker()
        if not floor.printed(job) or floor.sheets("done") != done + 1:
            wrong.append(floor.tale(job))
    floor.rig.slow(1, 0)
    t.ok(not wrong, "its worker killed in the middle of a page, each comes out once", wrong)


def test(t, folder):
    floor = Floor(folder, RIG)
    try:
        floor.start_platend(cloud=False)
        prints_and_proves(t, floor)
        a_jam_ends_by_itself(t, floor)
        cables_are_pulled(t, floor)
        other_paper_waits(t, floor)
        t.ok(floor.printed(floor.submit("four", copies=4)), "a printer that works again is trusted again", floor.row())
        workers_are_killed(t, floor)
    finally:
        floor.stop()


RIG = usb_rig.enter(DEVICE)
tap.run(test)
