#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One call after the other of platend's that changes a file fails, once or from then on: fsync, write, the
making of a file, rename and unlink, with EIO, ENOSPC, EROFS, or half a write. Each time platend must end
with a sentence that names the file and the cure (after a failed fsync within a second, and never with a
second fsync of that file), or go on and say what it waits for; and when the disk is well again, all that
was taken must come out, once, without anybody's help.

A life is: start, a job of the service, a local order, the fault, the disk is well, what was left is done.
CALLS says how many lives (default 50, evenly over the calls of each kind), "all" is every call; SEED repeats."""
import os
import random
import re
import shutil
import time

import tap
import apart
import judge
import quick
import stores

SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
CALLS = os.environ.get("CALLS") or "50"
LIBRARY = os.path.join(os.environ.get("PLATEN_BUILD", os.path.join(tap.ROOT, "build")), "tests/system/failing_disk.so")
# kind: (its share of the lives, in which ways a call of it fails)
FAULTS = {"sync": (0.4, ["EIO:once", "EIO:ever"]),
          "write": (0.3, ["EIO:once", "EIO:ever", "ENOSPC:once", "ENOSPC:ever", "short:once"]),
          "make": (0.15, ["EIO:once", "ENOSPC:ever", "EROFS:ever"]),
          "move": (0.15, ["EIO:once", "EROFS:ever"])}
CURE = re.compile(r"free space|check (the|its) disk|start again|make room|goes on by itself|writable")
SICK_S = 2.0     # how long a fault that lasts is watched
STOP_S = 1.0     # from a failed fsync to the end of the process
PATIENCE_S = 25  # for what is left, once the disk is well


class Life:
    def __init__(self, floor, number, fault):
        self.floor, self.fault, self.faults = floor, fault, []
        self.disk_log = os.path.join(floor.run, f"disk-{number}")
        self.gate = os.path.join(floor.run, "sick")
        self.said_from = floor.log_size()
        self.locals, self.end_ms = {}, 0

    def calls(self):
        """(ms, kind, n, call, path, end) of each call so far."""
        try:
            with open(self.disk_log, encoding="utf-8") as file:
                rows = [line.split() for line in file if line.count(" ") == 5]
        except OSError:
            return []
        return [(int(ms), kind, int(n), call, path, end) for ms, kind, n, call, path, end in rows]

    def hits(self):
        return [row for row in self.calls() if row[5] != "ok"]

    def has_ended(self):
        if self.floor.has_ended():
            self.end_ms = self.end_ms or time.monotonic() * 1000
        return self.floor.has_ended()

    def said(self, levels="0-4"):
        return self.floor.said(self.said_from, levels)

    # the life

    def start(self, sick):
        floor = self.floor
        floor.environment = {} if not sick else {
            "LD_PRELOAD": LIBRARY, "DISK_LOG": self.disk_log, "DISK_WHILE": self.gate,
            "DISK_UNDER": f"{floor.run}/platend/state:{floor.run}/platend/spool",
            **({"DISK_FAIL": self.fault} if self.fault else {})}
        if floor.try_start():
            floor.meet_service()

    def is_over(self, cloud_job):
        """Whether all that was taken came out."""
        if self.floor.there(cloud_job)["state"] not in ("printed", "error"):
            return False
        return all((self.floor.here(job) or {}).get("kind") == "done" for job in self.locals)

    def watch(self, cloud_job):
        """Until it ended, or all came out, or a fault that lasts has lasted long enough."""
        struck, end = 0, time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not self.has_ended() and not self.is_over(cloud_job):
            now = time.monotonic()
            struck = struck or (now if self.fault.endswith("ever") and self.hits() else 0)
            if struck and now - struck > SICK_S:
                return
            time.sleep(0.02)

    def recover(self, cloud_job):
        """What the service manager does: it is started again. Nobody else does anything."""
        if os.path.exists(self.gate):
            os.unlink(self.gate)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.has_ended():
                self.look_into_store()
                self.start(sick=False)
            if not self.has_ended() and self.is_over(cloud_job):
                return
            time.sleep(0.1)
        rest = [self.floor.there(cloud_job)] + [self.floor.here(job) for job in self.locals]
        self.faults.append(f"not all came out after the disk was well: {rest}")

    def look_into_store(self):
        self.faults += stores.faults(os.path.join(self.floor.run, "platend", "state", "platen.db"))

    def wait_for_stop(self):
        end = time.monotonic() + 2 * STOP_S
        while any(hit[1] == "sync" for hit in self.hits()) and not self.has_ended() and time.monotonic() < end:
            time.sleep(0.005)

    def judge_syncs(self):
        calls = self.calls()
        for at, (ms, kind, _, call, path, end) in enumerate(calls):
            before = calls[:at]
            if kind != "sync" or end == "ok":
                continue
            made = any(row[4].endswith("-wal") for row in before)
            synced = any(row[3:] == ("fsync", path, "ok") for row in calls)
            if call == "fdatasync" and path.endswith("/state") and (synced or not made):
                continue  # SQLite keeps this to itself; platend syncs that folder once the log is in it, and looks
            if self.end_ms == 0:
                self.faults.append(f"it went on after the fsync of {path} had failed")
            elif self.end_ms - ms > STOP_S * 1000:
                self.faults.append(f"{self.end_ms - ms:.0f} ms from the failed fsync to the end")
            if not made:
                continue  # no store yet: SQLite takes back its beginning, with a sync
            later = [row for row in calls[at + 1:] if row[1] == "sync" and row[4] == path]
            if later:
                self.faults.append(f"{path} was synced again after that had failed: {calls[at]} {later[0]}")

    def judge_words(self, cloud_job):
        ended = self.has_ended()
        said = self.said() if ended else self.said("0-6")
        waits = not ended and any(self.floor.here(job).get("kind", "done") != "done" for job in [cloud_job, *self.locals])
        if (ended or waits) and not any(self.floor.run in line and CURE.search(line) for line in said):
            self.faults.append(("it ended" if ended else "it waits") + f" without a clear word: {said[-5:]}")

    def run(self):
        """How it went: ended, went on, or missed: there was no such call in this life."""
        floor = self.floor
        with open(self.gate, "w", encoding="ascii"):
            pass
        self.start(sick=True)
        cloud_job = floor.order_new(f"cloud {self.disk_log}", copies=2)
        job = None if self.has_ended() else floor.submit_new(f"local {self.disk_log}")
        self.locals = {job: 1} if job else {}
        self.watch(cloud_job)
        self.wait_for_stop()
        self.judge_words(cloud_job)
        self.judge_syncs()
        self.recover(cloud_job)
        floor.stop_platend_hard()
        self.faults += [f"{job}: {came} prints, not {want}" for job, want, came in self.book(cloud_job) if came != want]
        self.look_into_store()
        return "missed" if not self.hits() else "ended" if self.end_ms else "went on"

    def book(self, cloud_job):
        came = judge.sheets_by_job(self.floor)
        return [(job, want, came.get(job, 0)) for job, want in [(cloud_job, 2), *self.locals.items()]]


def count_calls(folder):
    """{kind: calls} of a life without a fault."""
    floor = quick.Floor(folder)
    try:
        floor.start_world()
        life = Life(floor, 0, "")
        life.run()
        kinds = [row[1] for row in life.calls()]
        life.faults += [] if life.locals else ["the local order was not taken"]
        return {kind: kinds.count(kind) for kind in FAULTS}, life.faults
    finally:
        floor.stop()


def plan(counts):
    """The faults of all lives: every call in every way, or a sample, even within each kind."""
    chance, chosen = random.Random(SEED), []
    for kind, (share, ways) in FAULTS.items():
        every = [f"{kind}:{n}:{way}" for way in ways for n in range(1, counts[kind] + 1)]
        wanted = len(every) if CALLS == "all" else min(len(every), round(int(CALLS) * share))
        first = chance.random()
        chosen += [every[int((i + first) * len(every) / wanted)] for i in range(wanted)]
    chance.shuffle(chosen)
    return chosen


def live(folder, number, faults):
    """All lives of one of two floors; every fourth begins with nothing on its disk."""
    floor, told = quick.Floor(folder), []
    try:
        floor.start_world()
        for n, fault in list(enumerate(faults))[number::2]:
            if n // 2 % 4 == 0:
                shutil.rmtree(os.path.join(floor.run, "platend"), ignore_errors=True)
            life = Life(floor, n + 1, fault)
            how = life.run()
            hit = [row[1:5] for row in life.hits()][:1]
            told.append({"fault": fault, "kind": fault.split(":")[0], "how": how, "hit": hit, "faults": life.faults,
                         "words": life.said()[:1]})
        return told, floor.faults()
    finally:
        floor.stop()


def test(t, folder):
    tap.note(f"SEED={SEED} CALLS={CALLS}")
    begin = time.monotonic()
    counts, faults = count_calls(os.path.join(folder, "count"))
    t.ok(not faults and all(counts.values()), "a day without a fault is counted", (counts, faults))
    faults = plan(counts)
    parts = apart.run(lambda part, number: live(part, number, faults), os.path.join(folder, "lives"))
    told = sorted((row for rows, _ in parts for row in rows), key=lambda row: row["fault"])
    for row in told:
        tap.note(f"{row['fault']}: {row['how']} {row['hit']} {row['words']}"[:400].replace(folder, "…"))
    for kind, (_, ways) in FAULTS.items():
        rows = [row for row in told if row["kind"] == kind]
        bad = [f"{row['fault']}, {row['how']}, {row['hit']}: " + "; ".join(row["faults"]) for row in rows if row["faults"]]
        t.ok(not bad, f"{kind}: {len(rows)} of {counts[kind] * len(ways)} faults: a defined state, a clear word, all "
             "came out once", "\n".join(bad))
    wrong = [line for _, lines in parts for line in lines]
    t.ok(not wrong, "in the books of printers and service: every sheet once, events 1..n", "\n".join(wrong))
    hows = [row["how"] for row in told]
    t.figures = {"calls": counts, "lives": len(told), "seed": SEED, "seconds": round(time.monotonic() - begin),
                 **{how: hows.count(how) for how in ("ended", "went on", "missed")}}


tap.need("openssl")
tap.run(test)
