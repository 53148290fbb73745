#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""At rest with eight printers platend itself uses under 0.5 % of a core and under 40 MiB resident."""
import time

import tap
import conf
import lab
from costs import cpu_seconds, resident_mib

SECONDS = 20
PRINTERS = {f"P{i}": ("photo-ipp", [conf.GLOSSY_4X6]) for i in range(1, 8)}


def test(t, folder):
    floor = lab.Lab(folder, jobs=0, ipp=PRINTERS, poll="5 s")
    try:
        floor.start_world()
        floor.start_platend()
        pid = floor.crew.running["platend"].pid
        time.sleep(5)
        begin, before = time.monotonic(), cpu_seconds(pid)
        time.sleep(SECONDS)
        share = (cpu_seconds(pid) - before) / (time.monotonic() - begin) * 100
        memory = resident_mib(pid)
        known = floor.platenctl("printers") or {"printers": []}
    finally:
        floor.stop()
    tap.note(f"{share:.2f} % of a core over {SECONDS} s, {memory:.1f} MiB resident")
    idle = [row["name"] for row in known["printers"] if row["state"] == "idle"]
    t.ok(len(idle) == 8, "all eight printers are watched and idle", known)
    t.ok(share < 0.5, "platend at rest uses under 0.5 % of a core", f"{share:.2f} %")
    t.ok(memory < 40, "platend at rest is under 40 MiB resident", f"{memory:.1f} MiB")


tap.need("ippeveprinter", "openssl")
tap.run(test)
