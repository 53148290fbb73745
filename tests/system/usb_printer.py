#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A printer on USB, with the whole daemon, its worker in its cage and libusb: found by its serial, fed, asked;
unplugged and plugged in elsewhere, also in the middle of a page; taken by the kernel; doubled; off. Only the
device is emulated (docs/usb-rig.md). It never prints twice, never claims a print, and says what to do."""
import time

import tap
import usb_rig

SERIAL = "AB12"
PRINTER = usb_rig.Printer("U1", "usb-printer", f"usb://1209:0c1a/{SERIAL}")


def figure(name):
    return int(RIG.figures(1)[name])


def submit(floor, seed):
    return floor.submit(usb_rig.noise(seed))


def prints_and_claims_nothing(t, floor):
    took = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(took is not None and "Class Printer" in floor.row().get("title", ""),
         "it is found by its serial, and says who it is", floor.row())
    floor.platenctl("printer", "U1", "load", "4x6-glossy")
    job = submit(floor, "one")
    floor.until(lambda: floor.stage(job) == "held-unknown", 20)
    t.ok(figure("sheets") == 1 and floor.stage(job) == "held-unknown",
         "a page comes out, and a person is asked whether it did", (RIG.report(1), floor.platenctl("job", job)))
    floor.platenctl("resolve", job, "--printed", "1", "--reason", "counted")
    floor.until(lambda: floor.stage(job) in ("printed", "reported"))
    told = floor.platenctl("job", job) or {}
    t.ok([row.get("evidence") for row in told.get("ledger", [])] == ["operator"],
         "who counted it is the only evidence", told)


def out_and_in(t, floor):
    """Its health is asked once a minute here: it is the kernel's word that is heard."""
    floor.poll = "60 s"
    floor.start_platend(cloud=False)
    floor.until(lambda: floor.row().get("state") == "idle")
    RIG.unplug(1)
    gone = floor.until(lambda: floor.says("switch it on"))
    t.ok(gone is not None and gone < 3, f"unplugged, that is said at once ({gone} s), and what to do", floor.row())
    RIG.move(1, "1-7")
    RIG.plug(1)
    back = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(back is not None and back < 3, f"at another port it is the same printer at once ({back} s)", floor.row())
    floor.stop()
    floor.poll = "500 ms"


def cut_off_in_a_page(t, floor):
    sheets = figure("sheets")
    RIG.cut(1, 300000)
    job = submit(floor, "two")
    lost = floor.until(lambda: floor.says("switch it on"), 20)
    time.sleep(0.5)
    t.ok(lost is not None and figure("sheets") == sheets, "unplugged in the middle of a page, no page is out",
         (floor.row(), RIG.report(1)))
    RIG.plug(1)
    floor.until(lambda: floor.stage(job) == "held-unknown", 30)
    t.ok(figure("sheets") == sheets + 1 and figure("spoiled") == 1,
         "plugged in again, the page is printed anew, whole and once", (RIG.report(1), floor.platenctl("job", job)))
    floor.platenctl("resolve", job, "--printed", "1", "--reason", "counted")


def never_stops_for_lack_of_proof(t, floor):
    sheets = figure("sheets")
    jobs = [submit(floor, n) for n in range(3)]
    floor.until(lambda: all(floor.stage(job) == "held-unknown" for job in jobs), 30)
    t.ok(figure("sheets") == sheets + 3 and floor.row().get("state") == "idle",
         "that nothing is proven is no failure: it prints on", (floor.row(), RIG.report(1)))


def out_of_paper(t, floor):
    RIG.tell(1, "paper 0")
    empty = floor.until(lambda: floor.says("out of paper", "load some"))
    t.ok(empty is not None, "out of paper, it says so", floor.row())
    RIG.tell(1, "paper 100")
    floor.until(lambda: floor.row().get("state") == "idle")


def someone_else_has_it(t, floor):
    RIG.make(1, "printer-class", serial=SERIAL, driver="usblp")
    taken = floor.until(lambda: floor.says("usblp", "modprobe -r usblp"))
    t.ok(taken is not None, "taken by a driver of the kernel, that is named with what frees it", floor.row())
    RIG.make(2, "printer-class", serial=SERIAL)
    alike = floor.until(lambda: floor.says("the same serial", "?port="))
    t.ok(alike is not None, "two with its serial are not confused, and how to tell them apart is said", floor.row())
    RIG.unplug(2)
    RIG.make(1, "printer-class", serial=SERIAL)
    back = floor.until(lambda: floor.row().get("state") == "idle")
    t.ok(back is not None, "and it goes on by itself", floor.row())


def without_a_serial(t, floor):
    RIG.make(1, "printer-class")
    silent = floor.until(lambda: floor.says("says no serial", "?port="))
    t.ok(silent is not None, "one that says no serial is not taken for it, and what to do is said", floor.row())


def test(t, folder):
    floor = usb_rig.Floor(folder, RIG, PRINTER, print_time='"300 ms"', x_dpi=100)
    try:
        out_and_in(t, floor)
        floor.start_platend(cloud=False)
        prints_and_claims_nothing(t, floor)
        cut_off_in_a_page(t, floor)
        never_stops_for_lack_of_proof(t, floor)
        out_of_paper(t, floor)
        someone_else_has_it(t, floor)
        without_a_serial(t, floor)
        with open(floor.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
            dead = [line.strip() for line in file if "worker ended" in line]
        t.ok(not dead, "no worker has died in its cage", dead)
    finally:
        floor.stop()


RIG = usb_rig.enter(f"printer-class serial={SERIAL}")
tap.run(test)
