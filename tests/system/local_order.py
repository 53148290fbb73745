#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The embedded default: with no cloud configured, `platenctl submit` walks the very same path to a proven
print."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

import tap
import lab
import service


def wait_for_jobs(floor, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        floor.crew.check()
        jobs = (floor.platenctl("jobs") or {}).get("jobs", [])
        if jobs and all(job["kind"] == "done" for job in jobs):
            return jobs
        time.sleep(0.2)
    raise RuntimeError(f"not done after {seconds} s: {jobs}")


def reload(floor, formats):
    """SIGHUP after `limits.formats` was rewritten; seconds until the daemon has read it."""
    with open(floor.conf) as conf:
        text = conf.read()
    text = re.sub(r"(?m)^limits \{.*\}\n", "", text)
    with open(floor.conf, "w") as conf:
        conf.write(text + "limits { formats = { %s } }\n" % ", ".join('"image/%s"' % f for f in formats))
    start, log = time.monotonic(), floor.crew.log_of("platend")
    before = open(log).read().count("read again")
    floor.crew.running["platend"].send_signal(signal.SIGHUP)
    while open(log).read().count("read again") == before and time.monotonic() < start + 10:
        time.sleep(0.05)
    return time.monotonic() - start


def drop_and_take(t, floor, photo):
    """A TIFF prints; while TIFF is switched off it is refused, and JPEG goes on; then it prints again."""
    tiff = os.path.join(floor.folder, "photo.tif")
    subprocess.run(["vips", "copy", photo, tiff], check=True)
    submit = ("--product", "4x6-glossy", "--copies", "1")
    t.ok((floor.platenctl("submit", tiff, *submit) or {}).get("jobs"), "a TIFF is taken")
    wait_for_jobs(floor, 60)
    spent = reload(floor, ["jpeg", "png"])
    refused = subprocess.run([floor.program("platenctl"), "--socket", floor.socket, "submit", tiff, *submit],
                             capture_output=True, text=True)
    t.ok(spent < 5 and refused.returncode != 0 and "switched off" in refused.stderr,
         f"dropped by SIGHUP within 5 s ({spent:.1f} s), it is refused by its name", refused.stderr)
    t.ok((floor.platenctl("submit", photo, *submit) or {}).get("jobs"), "a JPEG is taken all the same")
    jobs = wait_for_jobs(floor, 60)
    t.ok(all(job["delivered"] == job["prints"] for job in jobs), "and printed", jobs)
    reload(floor, ["jpeg", "png", "tiff"])
    t.ok((floor.platenctl("submit", tiff, *submit) or {}).get("jobs"), "taken again, the TIFF is, too")
    jobs = wait_for_jobs(floor, 60)
    t.ok(all(job["delivered"] == job["prints"] for job in jobs), "and printed", jobs)


class Socket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def pages_of_one_job(t, floor, asset):
    """The same photo three times in one order, each page with wishes of its own."""
    wishes = [{}, {"rotate_degrees": 180}, {"crop": {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}, "fit": "fit"}]
    before = floor.sheets_at_printers()
    door = Socket(floor.socket)
    door.request("POST", "/v1/orders", json.dumps({"token": service.ulid(), "product": "4x6-glossy", "copies": 2, "pages": [
        {"asset": asset, "options": wish} for wish in wishes]}), {"Content-Type": "application/json"})
    made = json.load(door.getresponse())
    wait_for_jobs(floor, 60)
    told = floor.platenctl("job", made["id"])
    recipes = [page["manifest"]["recipe"] for page in told["page_list"]]
    t.ok([(r["rotate_degrees"], r["fit"], "crop" in r) for r in recipes]
         == [(-1, "fill", False), (180, "fill", False), (-1, "fit", True)], "each page is made by its own wishes", recipes)
    t.ok(len({page["raster"]["sha256"] for page in told["page_list"]}) == 3, "so each is another raster", told)
    rows = sorted((row["page"], row["copy"], row["state"]) for row in told["ledger"])
    t.ok(len(rows) == 6 and all(state == "delivered" for _, _, state in rows) and len({row[:2] for row in rows}) == 6,
         "every copy of every page stands in the ledger as delivered", rows)
    t.ok(floor.sheets_at_printers() - before == 6, "and the printer made them", floor.outputs())


def test(t, folder):
    floor = lab.Lab(folder, jobs=0)
    try:
        floor.make_photos()
        floor.start_printers()
        floor.start_platend(cloud=False)
        photos = [os.path.join(floor.photo_folder, photo["file"]) for photo in floor.photos[:3]]
        one = floor.platenctl("submit", photos[0], "--product", "4x6-glossy", "--copies", "2")
        many = floor.platenctl("submit", *photos[1:], "--product", "6x8-glossy", "--copies", "1", "--together")
        t.ok(one is not None and many is not None, "local orders are taken", (one, many))
        jobs = wait_for_jobs(floor, 60)
        t.ok(len(jobs) == 2, "two jobs came of them", jobs)
        t.ok(all(job["id"].startswith("L-") and job["local"] for job in jobs), "they are known as local", jobs)
        t.ok(all(job["delivered"] == job["prints"] for job in jobs), "all their prints are delivered", jobs)
        t.ok(floor.sheets_at_printers() == 4, "the printers made exactly what was ordered", floor.outputs())
        ledgers = [row for job in jobs for row in (floor.platenctl("job", job["id"]) or {}).get("ledger", [])]
        t.ok(len(ledgers) == 4 and all(row["evidence"] in ("impressions", "counter") for row in ledgers),
             "each print has evidence", ledgers)
        events = (floor.platenctl("events", "--after", "0") or {}).get("events", [])
        kinds = [event["type"] for event in events if event["subject"] == jobs[0]["id"]]
        t.ok(kinds[:1] == ["platen.job.leased.v1"] and kinds[-1:] == ["platen.job.printed.v1"],
             "their events tell the same story as a leased job's", kinds)
        pages_of_one_job(t, floor, floor.platenctl("job", jobs[0]["id"])["page_list"][0]["asset"]["sha256"])
        refused = floor.platenctl("submit", photos[0], "--product", "no-such", "--copies", "1")
        t.ok(refused is None or "code" in refused, "an unknown product is refused", refused)
        drop_and_take(t, floor, photos[0])
    finally:
        floor.stop()


tap.need("ippeveprinter", "djpeg", "vips")
tap.run(test)
