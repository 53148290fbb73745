#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`platenctl render` is the very code that the floor uses: the same picture gives the same bytes again, for
any number of threads, and the same that a printer of the floor receives."""
import hashlib
import os
import subprocess
import time

import tap
import conf
import lab

CASES = [(0, "4x6-glossy", "P1"), (3, "5x7-lustre", "P2"), (5, "6x8-glossy", "D1"), (6, "5x7-lustre", "P1")]


def render(floor, photo, sku, printer, threads, out):
    done = subprocess.run([floor.program("platenctl"), "render", photo, "--product", sku, "--printer", printer,
                           "-o", out, "--config", floor.conf], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True, timeout=60,
                          env={**os.environ, "VIPS_CONCURRENCY": str(threads)})
    if done.returncode != 0:
        raise RuntimeError(f"platenctl render: {done.stdout}")
    with open(out, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def printed(floor, photo, seconds=60):
    """What the printers received of a photo ordered here."""
    if floor.platenctl("submit", photo, "--product", "6x8-glossy", "--copies", "1") is None:
        raise RuntimeError("the order was not taken")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        floor.crew.check()
        for printer, row in floor.received():
            with open(os.path.join(printer.out, row["file"]), "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()
        time.sleep(0.2)
    raise RuntimeError(f"nothing was printed within {seconds} s")


def test(t, folder):
    floor = lab.Lab(folder, jobs=0)
    try:
        floor.make_photos()
        floor.start_printers()
        floor.conf = conf.write_platend(floor, cloud=False)
        hashes = {}
        for index, sku, printer in CASES:
            photo = os.path.join(floor.photo_folder, floor.photos[index]["file"])
            found = {render(floor, photo, sku, printer, threads, os.path.join(folder, "out"))
                     for threads in (1, 2, 7, 1)}
            t.ok(len(found) == 1, f"{floor.photos[index]['file']} as {sku} on {printer}: the same bytes four times",
                 found)
            hashes[sku] = (photo, found.pop())
        t.ok(len({digest for _, digest in hashes.values()}) == len(hashes), "other pictures give other bytes")
        floor.start_platend(cloud=False)
        photo, wanted = hashes["6x8-glossy"]
        t.ok(printed(floor, photo) == wanted, "and the floor sends the very same to its printer")
    finally:
        floor.stop()


tap.need("ippeveprinter", "djpeg", "vips")
tap.run(test)
