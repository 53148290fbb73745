#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts: state and spool lie on a file system of their own, which is shut down without flushing its
log, at named points (`platend --points`) and at random moments, under a floor that always has work. The
world goes on: printers print what they have, the order service knows what it was told. After each cut the
store must be sound; in the end every sheet came out once, no job is lost, all events are there, in order.
Two floors at once. CUTS says how many (100 in ./bootstrap check, 200 in make long-check), SEED repeats the
choices (not the timing)."""
import contextlib
import os
import random
import re
import signal
import subprocess
import time

import tap
import apart
import lab
import mounts
import quick
import stores

CUTS = int(os.environ.get("CUTS") or 100)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
FLOORS = 2
OPEN_JOBS = 4        # at any time
LIFE_S = 0.7         # most that a life lasts once the service knows of it
STILL_S = 30         # a floor in peace of which no job ends for so long has come to a stand
ARMED = 6            # points at which a life may end, those first where fewest did
# off the path that a plain job takes, or (the heartbeat) beyond such a short life
SELDOM = ("cancel", "extend", "release", "held", "lost", "quarantined", "released", "answering")


def points():
    done = subprocess.run([os.path.join(lab.BUILD, "platend"), "--points"], stdout=subprocess.PIPE, check=True, text=True)
    return [point for point in done.stdout.split() if not any(word in point for word in SELDOM)]


class Campaign:
    def __init__(self, folder, number, kind):
        self.disk = mounts.Disk(folder, kind, 320)
        self.floor = quick.Floor(os.path.join(folder, "lab"))
        self.floor.state, self.floor.spool = os.path.join(self.disk.at, "state"), os.path.join(self.disk.at, "spool")
        self.chance = random.Random(SEED * FLOORS + number)
        self.struck = dict.fromkeys(points(), 0)
        self.cuts, self.faults = 0, []

    def order(self):
        """As many jobs as there should be at any time."""
        for _ in range(0 if self.floor.has_ended() else OPEN_JOBS - len(self.floor.open_at_service())):
            self.floor.order_new(f"{self.floor.run} {len(self.floor.ordered)}", copies=self.chance.choice((1, 1, 2, 3)))

    def start(self, armed=()):
        self.floor.environment = {"PLATEN_POINTS": " ".join(f"{point}:1:kill" for point in armed)}
        if self.floor.try_start():
            self.floor.meet_service()

    def live(self):
        """A life, up to the moment of the cut: every other one up to one of its points."""
        chance = self.chance.random if self.cuts > 4 else int  # at first in order: there is no store yet
        seldom = sorted(self.struck, key=lambda point: (self.struck[point], chance()))
        armed = seldom[:ARMED] if self.cuts % 2 == 0 else []
        since = self.floor.log_size()
        self.start(armed)
        self.order()
        end = time.monotonic() + (LIFE_S if armed else self.chance.uniform(0, 1.5 * LIFE_S))
        while time.monotonic() < end and not self.floor.has_ended():
            time.sleep(0.005)
        for line in self.floor.said(since) if armed else []:
            met = re.match(r"<4>point: (\S+) struck", line)
            if met:
                self.struck[met.group(1)] += 1

    def stand_still(self):
        """No call of platend's is under way any more: a disk that loses its power does not answer a sync that
        is, but a file system that is shut down in the middle of one might."""
        process = self.floor.crew.running.get("platend")
        if process is None or process.poll() is not None:
            return None
        process.send_signal(signal.SIGSTOP)
        end, tasks = time.monotonic() + 5, f"/proc/{process.pid}/task"
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError):
                states = [open(f"{tasks}/{task}/stat", encoding="ascii").read().rsplit(") ", 1)[1][0] for task in os.listdir(tasks)]
                if set(states) <= set("TZX"):
                    break
            time.sleep(0.001)
        return process

    def cut(self):
        """The disk loses its power a moment before the processes do."""
        process = self.stand_still()
        self.disk.cut()
        if process is not None:
            process.send_signal(signal.SIGCONT)
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0, 0.05))  # so some see its calls fail
        self.floor.stop_platend_hard()
        self.disk.unmount()
        self.disk.mount()
        self.cuts += 1
        self.faults += stores.faults(os.path.join(self.floor.state, "platen.db"))

    def settle(self):
        """Left in peace, it gets everything done."""
        self.start()
        least, end = float("inf"), time.monotonic() + STILL_S
        while (left := len(self.floor.open_at_service())) and time.monotonic() < end:
            if left < least:
                least, end = left, time.monotonic() + STILL_S
            self.floor.crew.check()
            time.sleep(0.1)
        self.faults += self.floor.faults()

    def run(self, cuts):
        self.disk.mount()
        self.floor.start_world()
        while self.cuts < cuts and not self.faults:
            self.live()
            self.cut()
        self.settle()

    def close(self):
        self.floor.stop()
        self.disk.close()


def campaign(folder, number, kind):
    mounts.part_mounts()
    run = Campaign(folder, number, kind)
    try:
        run.run(CUTS // FLOORS)
    finally:
        run.close()
    return {"kind": kind, "cuts": run.cuts, "struck": sorted(point for point, times in run.struck.items() if times), "jobs": len(run.floor.ordered),
            "sheets": run.floor.sheets_at_printers(), "faults": run.faults}


def test(t, folder):
    tap.note(f"SEED={SEED} CUTS={CUTS}")
    reason = mounts.can_cut(os.path.join(folder, "probe"))
    if reason:
        tap.skip(reason)
    begin = time.monotonic()
    kinds = mounts.kinds()
    parts = apart.run(lambda part, number: campaign(part, number, kinds[number % len(kinds)]),
                      os.path.join(folder, "floors"), FLOORS)
    faults = [line for part in parts for line in part["faults"]]
    struck = {point for part in parts for point in part["struck"]}
    cuts = sum(part["cuts"] for part in parts)
    t.ok(not faults, "every sheet once, every job ended, events 1..n, the store sound after every cut", "\n".join(faults))
    t.ok(cuts == CUTS // FLOORS * FLOORS, f"the power was cut {CUTS} times", cuts)
    wanted = min(len(points()), CUTS // 2) // 4  # a slow machine comes to fewer in so short a life
    t.ok(len(struck) >= wanted, "named points of all kinds saw a cut", f"{wanted} wanted, not: {sorted(set(points()) - struck)}")
    t.figures = {"cuts": cuts, "points": f"{len(struck)} of {len(points())}", "jobs": sum(part["jobs"] for part in parts),
                 "sheets": sum(part["sheets"] for part in parts), "kinds": sorted({part["kind"] for part in parts}),
                 "faults": len(faults), "seed": SEED, "seconds": round(time.monotonic() - begin)}


tap.need("openssl", "mkfs.ext4")
tap.run(test)
