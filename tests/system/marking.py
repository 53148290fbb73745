#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Marking end to end: a local order of a product with a label in its border and lines on its back, printed by the
fake printer. What is written is what the order says, and nothing of it is on the picture."""
import os
import re
import time

import tap
import documents
import lab

REF = "A-1042\u202e{job}%n"  # the override is shown, all else is text
SHOWN = "A-1042\ufffd{job}%n"
FOLDED = "A-1042?{job}%n"  # as the printer's own characters have it


def wait_until_printed(floor, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        floor.crew.check()
        jobs = (floor.platenctl("jobs") or {}).get("jobs", [])
        if jobs and all(job["kind"] == "done" for job in jobs):
            return jobs
        time.sleep(0.2)
    raise RuntimeError(f"not done after {seconds} s: {jobs}")


def dark(page, left, top, right, bottom):
    width, _, pixels, _ = page
    return sum(max(pixels[at:at + 3]) < 128 for y in range(top, bottom)
               for at in range((y * width + left) * 3, (y * width + right) * 3, 3))


def judge_sheet(t, path):
    """6 x 8 in at 300 dpi with a border of 8 mm, which is 94 pixels."""
    page = documents.read_document(path)
    t.ok(page[:2] == (1800, 2400), "the raster is the sheet", page[:2])
    t.ok(dark(page, 94, 2306, 1706, 2400) > 500, "the border below the picture has a label")
    beside = dark(page, 0, 0, 1800, 94) + dark(page, 0, 94, 94, 2400) + dark(page, 1706, 94, 1800, 2400)
    t.ok(beside == 0, "and nothing else of the border has anything", beside)
    t.ok(dark(page, 94, 2388, 1706, 2400) == 0, "it keeps clear of the cut")


def test(t, folder):
    floor = lab.Lab(folder, jobs=0, ipp={})
    try:
        floor.make_photos()
        floor.start_printers()
        floor.start_platend(cloud=False)
        photos = [os.path.join(floor.photo_folder, photo["file"]) for photo in floor.photos[:2]]
        t.ok(floor.platenctl("submit", *photos, "--product", "6x8-proof-glossy", "--copies", "2", "--together",
                             "--ref", REF, "--label", "J\u00f6rg"), "the order is taken")
        job = wait_until_printed(floor, 60)[0]
        printer = floor.printers[0]
        prints = printer.received()
        t.ok(len(prints) == 4, "two pages, two copies", prints)
        day = ""
        for row in prints:
            back = os.path.join(printer.home, "back", os.path.splitext(row["file"])[0] + ".txt")
            lines = open(back, encoding="utf-8").read().splitlines() if os.path.exists(back) else []
            day = day or lines[-1].split()[0]
            t.ok(re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day) and
                 lines == [f"{FOLDED} {row['page'] + 1}/2 J\u00f6rg", f"{day} 6x8-proof-glossy"],
                 f"the back of {row['file']} says whose it is", lines)
        pages = (floor.platenctl("job", job["id"]) or {}).get("page_list", [])
        labels = [((page.get("manifest") or {}).get("recipe") or {}).get("label") or {} for page in pages]
        t.ok([label.get("text") for label in labels] ==
             [f"{SHOWN}  {page}/2  J\u00f6rg  {day}" for page in (1, 2)], "the recipe keeps what is in the label", labels)
        t.ok(all("DejaVuSansMono " in label.get("font", "") for label in labels), "and the font it is set in", labels)
        judge_sheet(t, os.path.join(printer.out, prints[0]["file"]))
        checks = {check["name"]: check for check in (floor.platenctl("doctor") or {}).get("checks", [])}
        t.ok(checks.get("label font", {}).get("state") == "ok", "the doctor finds the font", checks)
    finally:
        floor.stop()


tap.need("vips")
tap.run(test)
