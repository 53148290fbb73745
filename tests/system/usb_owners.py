#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two floors at one printer on USB, and a daemon that is killed in the middle of a page: who has it is named, the
page is printed anew and once, and whoever waits has it as soon as it is free. The host can't gather, so every
transfer goes in pieces of 16 KiB."""
import os

import tap
import usb_rig

PRINTER = usb_rig.Printer("U1", "usb-printer", "usb://1209:0c1a/AB12")
SLOW_BYTES_PER_S = 40000


def floor_of(folder, name):
    return usb_rig.Floor(os.path.join(folder, name), RIG, PRINTER, print_time='"300 ms"', x_dpi=100)


def figure(name):
    return int(RIG.figures(1)[name])


def is_ready(floor):
    return floor.until(lambda: floor.row().get("state") == "idle") is not None


def prints(floor, job):
    """Printed, as a person says who has counted the tray."""
    taken = floor.until(lambda: floor.stage(job) == "held-unknown")
    floor.platenctl("resolve", job, "--printed", "1", "--reason", "counted")
    return taken is not None and floor.until(lambda: floor.stage(job) in ("printed", "reported")) is not None


def killed_in_a_page(t, one):
    RIG.slow(1, SLOW_BYTES_PER_S)
    before = figure("bytes")
    job = one.submit(usb_rig.noise("one"))
    begun = one.until(lambda: figure("bytes") > before + 10000)
    one.crew.kill("platend")
    t.ok(begun is not None and figure("sheets") == 0, "a daemon is killed in the middle of a page", RIG.report(1))
    RIG.slow(1, 0)
    one.start_platend(cloud=False)
    done = prints(one, job)
    t.ok(done and figure("sheets") == 1 and figure("spoiled") == 1,
         "started again, it makes the printer forget what it had, and prints the page anew: whole, and once",
         (RIG.report(1), one.platenctl("job", job)))


def one_after_the_other(t, one, other):
    other.start_platend(cloud=False)
    t.ok(other.until(lambda: other.says("another platend")) is not None,
         "to another floor it is said who has it", other.row())
    other.platenctl("printer", "U1", "load", "4x6-glossy")
    job = other.submit(usb_rig.noise("other"))
    other.until(lambda: other.stage(job) == "queued")
    t.ok(figure("sheets") == 1 and other.stage(job) == "queued", "whose page waits", other.platenctl("job", job))
    one.stop()
    t.ok(prints(other, job) and figure("sheets") == 2 and figure("spoiled") == 1,
         "until it is free", (RIG.report(1), other.row()))


def test(t, folder):
    one, other = floor_of(folder, "one"), floor_of(folder, "other")
    try:
        one.start_platend(cloud=False)
        t.ok(is_ready(one), "a floor has the printer", one.row())
        one.platenctl("printer", "U1", "load", "4x6-glossy")
        killed_in_a_page(t, one)
        one_after_the_other(t, one, other)
    finally:
        one.stop()
        other.stop()


RIG = usb_rig.enter("printer-class serial=AB12", scatter_gather=False)
tap.run(test)
