#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A floor with a minilab that takes its work out of a folder: nothing counts as printed before a person has counted, who
is asked once for all of a run; and kills of the floor while it hands over make no print twice."""
import glob
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "desk"))
import realfloor
import tap
from realfloor import RealFloor, png, until


class Minilab:
    def __init__(self, folder):
        self.share, self.out = folder + "/share", folder + "/out"
        os.makedirs(self.share + "/error")
        os.mkdir(self.out)
        self.process = None

    def switch_on(self):
        self.process = subprocess.Popen([sys.executable, "-B", realfloor.SRC + "/tests/drivers/minilab.py", self.share, self.out])

    def switch_off(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def prints(self):
        return len(os.listdir(self.out))


def set_up(floor, lab):
    """The printer of the folder beside the fake one, which has no paper for it."""
    floor.stop()
    with open(floor.folder + "/platen.conf", "a") as conf:
        conf.write('printer lab { model = "minilab-folder" uri = "hotfolder:%s" poll = "500 ms" }\n' % lab.share)
    floor.start()
    until(lambda: printer(floor)["state"] != "unknown")
    assert floor.ctl("printer", "lab", "load", "8x10-lustre").returncode == 0


def printer(floor):
    return next(one for one in floor.get("/v1/printers")["printers"] if one["name"] == "lab")


def jobs(floor):
    return floor.get("/v1/jobs")["jobs"]


def submit(floor, n, copies, first=0):
    for seed in range(first, first + n):
        path = "%s/photo-%d.png" % (floor.folder, seed)
        with open(path, "wb") as file:
            file.write(png(800, 1000, seed * 7))
        done = floor.ctl("submit", path, "--product", "8x10-lustre", "--copies", str(copies), "--ref", "A-%d" % seed)
        assert done.returncode == 0, done.stderr


def in_doubt(floor, n):
    return lambda: sum(job["stage"] == "held-unknown" for job in jobs(floor)) == n


def a_run_is_counted_once(t, floor, lab):
    submit(floor, 4, 3)
    until(in_doubt(floor, 4), 60)
    t.ok(lab.prints() == 12, "the machine made what was ordered", lab.prints())
    t.ok(all(job["delivered"] == 0 for job in jobs(floor)), "nothing counts as printed yet", jobs(floor))
    t.ok(printer(floor)["state"] == "idle", "that all of it is in doubt is no failure of the printer's", printer(floor))
    holds = [hold for hold in floor.get("/v1/holds")["holds"] if hold["kind"] == "needs_you"]
    t.ok(len(holds) == 1 and holds[0]["printer"] == "lab" and "12 prints of 4 jobs" in holds[0]["text"],
         "one question is asked for all of the run", holds)
    wrong = floor.ctl("printer", "lab", "printed", "11")
    t.ok(wrong.returncode == 65 and "12 prints of 4 jobs" in wrong.stderr and
         all(job["stage"] == "held-unknown" for job in jobs(floor)), "another number changes nothing", wrong)
    right = floor.ctl("printer", "lab", "printed", "12", "--reason", "two stacks")
    until(lambda: all(job["kind"] == "done" for job in jobs(floor)))
    ledger = [row for job in jobs(floor) for row in floor.get("/v1/jobs/" + job["id"])["ledger"]]
    t.ok(right.returncode == 0 and len(ledger) == 12 and all(row["evidence"] == "operator" for row in ledger),
         "the right one ends the doubt of all, by a person's word", ledger)
    trail = floor.get("/v1/audit")["rows"]
    t.ok(any(row["what"] == "count" and row["subject"] == "lab" and "two stacks" in row["reason"] for row in trail),
         "and that stands in the trail", trail[-3:])
    refused = floor.ctl("printer", "lab", "printed", "0")
    t.ok(refused.returncode == 65 and "nothing of lab waits" in refused.stderr, "then nothing is left to count", refused)
    refused = floor.ctl("printer", "D1", "printed", "1")
    t.ok(refused.returncode == 65 and "proves its prints itself" in refused.stderr, "others prove themselves", refused)


def some_are_missing(t, floor, lab):
    submit(floor, 2, 2, first=10)
    until(in_doubt(floor, 2), 60)
    first = next(job["id"] for job in jobs(floor) if job["stage"] == "held-unknown")
    floor.ctl("resolve", first, "--printed", "1")
    until(in_doubt(floor, 2), 60)  # the missing one was made and waits for the count with the other job
    run = printer(floor)["to_count"]
    t.ok(run["jobs"] == 2 and run["prints"] == 3, "what was missing is made again, and counted with the rest", run)
    t.ok(lab.prints() == 12 + 4 + 1, "and once only", lab.prints())
    t.ok(floor.ctl("printer", "lab", "printed", "3").returncode == 0, "the run ends", printer(floor))
    until(lambda: all(job["kind"] == "done" for job in jobs(floor)))


def kills(t, floor, lab, n=4):
    before = lab.prints()
    submit(floor, n, 1, first=20)
    for kill in range(n):
        time.sleep(0.13 * (kill + 1) % 0.7 + 0.05)
        floor.stop(signal.SIGKILL)
        floor.start()
    until(in_doubt(floor, n), 90)
    t.ok(lab.prints() - before == n, "kills of the floor made no print twice and lost none", lab.prints() - before)
    left = glob.glob(lab.share + "/platen-*")
    t.ok(not left, "and left nothing in the folder", left)
    said = floor.ctl("printer", "lab", "printed", str(n))
    t.ok(said.returncode == 0, "one count ends it", said.stderr)


def a_share_that_goes_away(t, floor, lab):
    os.rename(lab.share, lab.share + ".away")
    os.mkdir(lab.share)
    gone = until(lambda: printer(floor) if printer(floor)["state"] == "offline" else None)
    t.ok("is the share mounted?" in gone["fault"], "a place without its share is no folder of the machine's", gone["fault"])
    submit(floor, 1, 1, first=40)
    time.sleep(1)
    t.ok(not os.listdir(lab.share), "and gets nothing", os.listdir(lab.share))
    os.rmdir(lab.share)
    os.rename(lab.share + ".away", lab.share)
    until(in_doubt(floor, 1), 60)
    t.ok(floor.ctl("printer", "lab", "printed", "1").returncode == 0, "once it is back, the job goes by itself")


def test(t, folder):
    floor, lab = RealFloor(), Minilab(folder)
    try:
        set_up(floor, lab)
        lab.switch_on()
        a_run_is_counted_once(t, floor, lab)
        some_are_missing(t, floor, lab)
        kills(t, floor, lab)
        a_share_that_goes_away(t, floor, lab)
    finally:
        lab.switch_off()
        status = floor.close()
    t.ok(status == 0, "the floor ends in order", status)


tap.run(test)
