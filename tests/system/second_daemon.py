#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second platend on the same store must go away within a second, say why, and disturb nothing."""
import subprocess
import time

import tap
import lab


def test(t, folder):
    floor = lab.Lab(folder, jobs=0)
    try:
        floor.start_world()
        floor.start_platend()
        begin = time.monotonic()
        second = subprocess.run([floor.program("platend"), "--config", floor.conf], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10, check=False,
                                text=True)
        seconds = time.monotonic() - begin
        t.ok(second.returncode > 0, "a second platend is refused", second)
        t.ok(seconds < 1, "within a second", f"{seconds:.2f} s")
        t.ok("another" in second.stdout.lower() or "in use" in second.stdout.lower(), "it says why", second.stdout)
        t.ok(floor.platenctl("status") is not None, "the first one still answers")
        floor.crew.kill("platend")
        floor.start_platend()
        t.ok(floor.platenctl("status") is not None, "after kill -9 of the first the store opens again")
    finally:
        floor.stop()


tap.need("ippeveprinter", "openssl")
tap.run(test)
