#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Sinfonia S2145 with the whole daemon, its worker in its cage and libusb; only the printer is emulated
(docs/usb-rig.md). What comes out is proven without a person, whatever happens to cable and programs in the middle of
a picture; nothing comes out twice."""
import os
import re
import signal

import tap
import quick
import usb_rig

PRINT_MS = 700


class Floor(usb_rig.Floor):
    """One printer, whose model says how quick this one is."""
    patience_s = 10

    def __init__(self, folder, rig):
        super().__init__(folder, rig, usb_rig.Printer("B1", "sinfonia-s2145", "usb://10ce:000e/S1"),
                         print_time=f'"{PRINT_MS} ms"', counter_lag='"500 ms"')

    def submit(self, picture, copies=1, product="4x6-glossy"):  # picture: a seed
        return super().submit(quick.png(picture, 1240, 1844), copies, product)

    def prints(self, job, seconds=20):
        return self.printed(job, seconds)

    def worker(self):
        return next(iter(self.workers()), None)


def prints_and_proves(t, floor):
    floor.until(lambda: floor.row().get("state") == "idle")
    t.ok("CHC-S2145" in floor.row().get("title", ""), "it is found, and says who it is", floor.row())
    job = floor.submit("one", 2)
    done = floor.prints(job)
    ledger = [row.get("evidence") for row in floor.platenctl("job", job).get("ledger", [])]
    t.ok(done and ledger == ["counter", "counter"] and floor.figure("sheets") == 2,
         "two copies come out, each proven by its counter", (floor.platenctl("job", job), floor.rig.report(1)))
    sheets = [line for line in floor.rig.report(1) if line.startswith("sheet ")]
    t.ok(all(re.search(r"1844x1240 media 0 coat 2 method 0 ", line) for line in sheets),
         "of the size and coat that were asked for", sheets)


def broken_in_a_picture(t, floor):
    sheets = floor.figure("sheets")
    floor.rig.cut(1, 3000000)
    job = floor.submit("cut")
    lost = floor.until(lambda: floor.row().get("fault", "") != "", 20)
    t.ok(lost is not None and floor.figure("sheets") == sheets, "unplugged in a picture: nothing comes out", floor.row())
    floor.rig.plug(1)
    t.ok(floor.prints(job, 30) and floor.figure("sheets") == sheets + 1,
         "plugged in, it comes out once, and nobody is asked", (floor.platenctl("job", job), floor.rig.report(1)))


def killed_in_a_picture(t, floor):
    sheets = floor.figure("sheets")
    floor.rig.slow(1, 2000000)
    job = floor.submit("kill")
    floor.until(lambda: floor.stage(job) == "sending", 20)
    os.kill(floor.worker(), signal.SIGKILL)
    floor.until(lambda: floor.worker() is not None)
    floor.rig.slow(1, 0)
    t.ok(floor.prints(job, 30) and floor.figure("sheets") == sheets + 1,
         "its worker killed in a picture: the printer, which takes all for pixels, is freed, and it comes out once",
         (floor.platenctl("job", job), floor.rig.report(1)))


def killed_while_it_prints(t, floor):
    sheets = floor.figure("sheets")
    job = floor.submit("floor", 3)
    floor.until(lambda: floor.figure("sheets") == sheets + 1, 20)
    floor.crew.kill("platend")
    floor.start_platend(cloud=False)
    t.ok(floor.prints(job, 30) and floor.figure("sheets") == sheets + 3,
         "all of platend killed while it prints: three of three, by its counter", (floor.platenctl("job", job), floor.rig.report(1)))


def troubles(t, floor):
    sheets = floor.figure("sheets")
    job = floor.submit("jam", 2)
    floor.until(lambda: floor.figure("sheets") == sheets + 1, 20)
    floor.rig.tell(1, "jam")
    said = floor.until(lambda: floor.says("paper jam", "clear it"))
    floor.rig.tell(1, "fix")
    t.ok(said is not None and floor.prints(job) and floor.figure("sheets") == sheets + 2,
         "a jam is told; cleared, it goes on by itself", (floor.row(), floor.rig.report(1)))
    floor.rig.tell(1, "media 5x7 100")
    floor.until(lambda: "131" in str(floor.row().get("ready", floor.row())))
    job = floor.submit("paper")
    waits = floor.until(lambda: floor.stage(job) == "queued", 20)
    t.ok(waits is not None and floor.figure("sheets") == sheets + 2, "other paper in it: the job waits",
         (floor.platenctl("job", job), floor.row()))
    floor.rig.tell(1, "media 4x6 100")
    t.ok(floor.prints(job) and floor.figure("sheets") == sheets + 3, "its paper back, it is printed",
         (floor.platenctl("job", job), floor.row()))


def test(t, folder):
    floor = Floor(folder, RIG)
    try:
        floor.start_platend(cloud=False)
        prints_and_proves(t, floor)
        broken_in_a_picture(t, floor)
        killed_in_a_picture(t, floor)
        killed_while_it_prints(t, floor)
        troubles(t, floor)
    finally:
        floor.stop()


RIG = usb_rig.enter(f"s2145 serial=S1 life=100 print_ms={PRINT_MS}")
tap.run(test)
