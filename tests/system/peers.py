#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A whole floor over servers that are not ippeveprinter: a queue of a private cupsd and a PAPPL printer. An
order of the service and local ones walk to proven prints; the queue does not say what is loaded, so it waits
for a person's word."""
import json
import os
import subprocess
import time

import tap
import lab
import procs

BUILD = os.environ.get("PLATEN_BUILD", os.path.join(tap.ROOT, "build"))
RIGS = os.path.join(tap.ROOT, "tests", "drivers")
PAPPL = os.path.join(BUILD, "tests", "drivers", "papplprinter")


class Peer:
    model, exclusive = "photo-ipp", True

    def __init__(self, crew, folder, name, path):
        self.crew, self.name, self.path = crew, name, path
        self.home, self.port = os.path.join(folder, name), procs.free_port()
        self.out = os.path.join(self.home, "out")
        for sub in ("out", "spool"):
            os.makedirs(os.path.join(self.home, sub))

    def uri(self):
        return f"ipp://localhost:{self.port}{self.path}"

    def start(self, *argv):
        self.crew.start("printer-" + self.name, argv)
        procs.wait_for(f"{self.name} listening", 10, lambda: procs.accepts(self.port), self.crew)

    def received(self):
        try:
            with open(os.path.join(self.out, "received"), encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.strip()]
        except OSError:
            return []


class Floor(lab.Lab):
    def start_printers(self):
        queue = Peer(self.crew, self.run, "C1", "/printers/tray")
        queue.start(os.path.join(RIGS, "cupsd.sh"), queue.home, str(queue.port))
        subprocess.run(["lpadmin", "-h", f"localhost:{queue.port}", "-p", "tray", "-v", "tray:/one", "-m", "raw",
                        "-E"], check=True, stderr=subprocess.DEVNULL)
        pappl = Peer(self.crew, self.run, "A1", "/ipp/print/photo")
        pappl.start(PAPPL, str(pappl.port), pappl.home)
        self.printers = [queue, pappl]


def wait_for_done(floor, n, seconds=45):
    end, jobs = time.monotonic() + seconds, []
    while time.monotonic() < end:
        floor.crew.check()
        jobs = (floor.platenctl("jobs") or {}).get("jobs", [])
        if len(jobs) >= n and all(job["kind"] == "done" for job in jobs):
            return jobs
        time.sleep(0.2)
    raise RuntimeError(f"not done after {seconds} s: {json.dumps(jobs)[:1500]}")


def test(t, folder):
    floor = Floor(folder, jobs=2)
    try:
        floor.make_photos()
        photos = [os.path.join(floor.photo_folder, photo["file"]) for photo in floor.photos[:3]]
        for job, sku in zip(floor.plan, ("4x6-glossy", "4x6-glossy")):
            job["sku"] = sku
        floor.start_world()
        floor.seed()
        floor.start_platend()
        ordered = floor.sheets
        jobs = wait_for_done(floor, 2)
        t.ok(all(job["delivered"] == job["prints"] for job in jobs), "the service's order came out", jobs)
        counts = {name: sheets for name, sheets, _ in floor.outputs()}
        t.ok(counts == {"C1": 0, "A1": ordered},
             "all of it on PAPPL: nobody has said what the queue has loaded", counts)
        heard = [job["state"] for job in floor.jobs()]
        procs.wait_for("the service hearing of it", 20,
                       lambda: all(job["state"] == "printed" for job in floor.jobs()), floor.crew)
        t.ok(len(heard) == 2, "the service heard of both", heard)

        floor.platenctl("printer", "A1", "pause")
        made = floor.platenctl("submit", photos[0], "--product", "4x6-glossy", "--copies", "2")
        t.ok(made is not None and "code" not in made, "a local order is taken", made)
        time.sleep(2)
        t.ok(floor.sheets_at_printers() == ordered, "it waits for paper", floor.outputs())
        said = floor.platenctl("printer", "C1", "load", "4x6-glossy")
        t.ok(said is not None and "code" not in said, "a person says what the queue has loaded", said)
        jobs = wait_for_done(floor, 3)
        counts = {name: sheets for name, sheets, _ in floor.outputs()}
        t.ok(counts == {"C1": 2, "A1": ordered}, "then it comes out of the queue, once", counts)
        local = [job for job in jobs if job["local"]]
        rows = [row for job in local for row in (floor.platenctl("job", job["id"]) or {}).get("ledger", [])]
        t.ok(len(rows) == 2 and all(row["evidence"] == "impressions" for row in rows), "each with evidence", rows)
    finally:
        floor.stop()


tap.need("cupsd", "lpadmin", "djpeg", "vips")
if not os.access(PAPPL, os.X_OK):
    tap.skip("papplprinter was not built (package libpappl-dev)")
tap.run(test)
