#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bombs and good photos in one queue: every good one is printed once, no bomb is, and the floor answers
all the while. What a mutated file has to pass to be printed is INSPECT, as any other."""
import os
import sys
import threading
import time

import tap
import quick

sys.path.insert(0, os.path.join(tap.ROOT, "tests", "render"))
import bombs
import bombs_coded

GOOD = 12
ANSWERS_WITHIN_S = 1.0
PATIENCE_S = 240


def hostile():
    """(name, bytes): refused by their head, refused in their middle, and long to decode."""
    whole = bombs_coded.jpeg_zeros(3000, 2000)
    return [
        ("b1.png", bombs.png_zeros(30000, 30000, 1, 0)),
        ("b2.jpg", bombs_coded.progressive(bombs.SIDE, bombs.SIDE, 1000, 1)),
        ("b3.jpg", whole[:len(whole) // 2] + b"\xFF\xD9"),
        ("b4.tif", bombs.tiff_shared(bombs.SIDE, bombs.SIDE, 5, bombs.lzw_zeros(1000), bombs.SIDE)),
        ("b5.png", bombs.png_zeros(9000, 20000, length=27001)),
        ("b6.tif", bombs.tiff_shared(64, 64, 1, bytes(192), lengths=2 ** 31)),
    ]


class Listener(threading.Thread):
    """Asks for the floor's state ten times a second and keeps what the answers took."""

    def __init__(self, floor):
        super().__init__(daemon=True)
        self.floor, self.took, self.silent, self.done = floor, [], 0, False

    def run(self):
        while not self.done:
            begin = time.monotonic()
            self.silent += self.floor.platenctl("status") is None
            self.took.append(time.monotonic() - begin)
            time.sleep(0.1)


def wait_for(floor, ids):
    end, jobs = time.monotonic() + PATIENCE_S, {}
    while time.monotonic() < end:
        floor.crew.check()
        jobs = {job["id"]: job for job in (floor.platenctl("jobs") or {}).get("jobs", [])}
        if all(id in jobs and jobs[id]["kind"] == "done" for id in ids):
            return jobs
        time.sleep(0.2)
    return jobs


def submit(floor, name, data):
    made = floor.platenctl("submit", floor.file(name, data), "--product", "4x6-glossy", "--copies", "1")
    return ((made or {}).get("jobs") or [{}])[0].get("id")


def test(t, folder):
    floor = quick.Floor(folder)
    try:
        floor.begin(cloud=False)
        good, bad = [], []
        listener = Listener(floor)
        listener.start()
        for name, data in hostile():
            bad.append(submit(floor, name, data))
            good += [floor.submit_new(f"{name} {i}") for i in range(GOOD // 6)]
        bad = [id for id in bad if id is not None]
        jobs = wait_for(floor, good)
        listener.done = True
        listener.join()
        printed = [id for id in good if jobs.get(id, {}).get("delivered") == 1]
        t.ok(None not in good and len(printed) == GOOD, f"{GOOD} good orders among {len(bad)} bombs are printed",
             [jobs.get(id) for id in good])
        t.ok(floor.sheets_at_printers() == GOOD, "and nothing else is", floor.sheets_at_printers())
        t.ok(all(jobs.get(id, {}).get("delivered", 0) == 0 for id in bad), "no bomb is printed",
             [jobs.get(id) for id in bad])
        slow = sorted(listener.took)[len(listener.took) * 99 // 100]
        t.ok(listener.silent == 0 and sorted(listener.took)[len(listener.took) // 2] < ANSWERS_WITHIN_S,
             "the floor answers all the while", (listener.silent, slow))
        tap.note(f"{len(listener.took)} questions, 99 of 100 answered within {slow * 1000:.0f} ms")
    finally:
        floor.stop()


tap.run(test)
