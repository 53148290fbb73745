#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Printers in trouble: jammed, open, out of paper, with other paper, switched off, exchanged for another
one, killed in the middle of a sheet. Each time the floor says what and what to do, at the printer, at the
job and to the order service; other jobs go on; nothing prints twice; and it goes on when the cause is gone."""
import os
import time

import tap
import conf
import trouble

HERE = os.path.dirname(os.path.abspath(__file__))


def printer_row(floor, name):
    rows = (floor.platenctl("printers") or {}).get("printers", [])
    return next((row for row in rows if row["name"] == name), {})


def told(floor, name):
    """The printer's events at the order service, short names."""
    found = floor.service.call("GET", f"/v1/admin/events?subject=printer/{name}&limit=500")["events"]
    return [e["type"].split(".")[2] for e in found]


def wait_printer(t, floor, name, state, *words):
    floor.wait(state, lambda: printer_row(floor, name).get("state") == state)
    row = printer_row(floor, name)
    missing = [word for word in words if word.lower() not in row.get("fault", "").lower()]
    t.ok(row.get("state") == state and not missing, f"{name} is {state} and says {', '.join(words) or 'so'}", row)


def order(floor, sku="4x6-glossy", copies=1):
    return floor.order(floor.upload(floor.picture(time.monotonic())), sku, copies)


def is_offered(floor, name, sku):
    """The order service has heard that the printer could make it now."""
    offers = [row["offer"] for row in floor.service.call("GET", "/v1/admin/floors")["floors"]]
    return any(printer["id"] == name and printer["state"] == "idle" and sku in printer["skus"]
               for offer in offers if offer for printer in offer["printers"])


def order_in_line(floor, sku="4x6-glossy"):
    """Leased under an offer that still stands, and waiting: P1 is paused before it can begin."""
    floor.wait("an offer of it", lambda: is_offered(floor, "P1", sku))
    asset = floor.upload(floor.picture(time.monotonic()))
    floor.platenctl("printer", "P1", "pause")
    job = floor.order(asset, sku)
    floor.wait("leased", lambda: floor.here(job).get("stage") == "queued")
    return job


def check_done(t, floor, job, name, copies=1, seconds=20):
    done = floor.wait(name, lambda: floor.there(job)["state"] == "printed", seconds)
    fine = done and floor.printed_once(job, copies) and floor.in_order(job)
    t.ok(fine, name, (floor.there(job), floor.reason(job), floor.outputs(), floor.names(job)))


def check_waits(t, floor, job, name, *needles):
    """It waits, says why and what to do, and no sheet of it is out."""
    floor.wait(name, lambda: not floor.unclear(job, *needles))
    fault = floor.unclear(job, *needles)
    fine = not fault and floor.printed_once(job, 0) and floor.there(job)["state"] in ("leased", "permitted")
    t.ok(fine, name, (fault, floor.there(job)))


def set_file(printer, name, text=None):
    path = os.path.join(printer.home, name)
    if text is None:
        os.unlink(path)
        return
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(path + ".new", path)


def restart(floor, printer, papers=None, called=None):
    floor.crew.stop("printer-" + printer.name)
    printer.papers, printer.called = papers or printer.papers, called or printer.called
    printer.start()
    printer.wait()


def only(floor, name):
    """Only this IPP printer takes jobs."""
    for other in ("P1", "P2"):
        floor.platenctl("printer", other, "resume" if other == name else "pause")


def jam(t, floor, p1):
    jam_file = os.path.join("received-documents", "jam")
    set_file(p1, jam_file, "")
    only(floor, "P1")
    stuck = order(floor)
    wait_printer(t, floor, "P1", "needs_you", "jam")
    only(floor, "P2")
    floor.platenctl("printer", "P1", "resume")
    check_done(t, floor, order(floor), "P1 is jammed: other jobs go to P2")
    t.ok("jam" in told(floor, "P1"), "the order service hears of the jam", told(floor, "P1"))
    t.ok(floor.printed_once(stuck, 0), "the stuck sheet is not said to be out", floor.there(stuck))
    set_file(p1, jam_file)
    check_done(t, floor, stuck, "cleared, the stuck sheet comes out, once")
    wait_printer(t, floor, "P1", "idle")


def dye_sub(t, floor, d1):
    set_file(d1, "script", "media-end 1\n")
    job = order(floor, "6x8-glossy", 3)
    wait_printer(t, floor, "D1", "needs_you", "paper")
    set_file(d1, "load", conf.GLOSSY_6X8 + "\n")
    check_done(t, floor, job, "out of paper after one of three: loaded, it goes on by itself", 3)
    set_file(d1, "script", "cover-open open\n")
    set_file(d1, "open", "")
    wait_printer(t, floor, "D1", "needs_you", "cover")
    set_file(d1, "open")
    set_file(d1, "script", "refuse-format\n")
    check_done(t, floor, order(floor, "6x8-glossy"), "a format that is refused once: tried again, printed once")
    set_file(d1, "script", "lose-start\n")
    check_done(t, floor, order(floor, "6x8-glossy"), "a start that is lost: proven not taken, printed once")


def wrong_paper(t, floor, p1):
    only(floor, "P1")
    job = order_in_line(floor)
    restart(floor, p1, papers=[conf.LUSTRE_5X7])
    floor.platenctl("printer", "P1", "resume")
    check_waits(t, floor, job, "other paper is loaded: it waits and names the paper and the printer", "load", "P1")
    t.ok(floor.here(job).get("kind") == "waiting", "as waiting, not as needing a person", floor.here(job).get("kind"))
    restart(floor, p1, papers=[conf.GLOSSY_4X6, conf.LUSTRE_5X7])
    check_done(t, floor, job, "loaded, it goes by itself")


def absent(t, floor, p1, p2):
    job = order_in_line(floor)
    floor.crew.stop("printer-P1")
    floor.platenctl("printer", "P1", "resume")
    wait_printer(t, floor, "P1", "offline", "P1")
    check_waits(t, floor, job, "switched off: it waits and says for whom", "P1", "answer")
    p1.start()
    p1.wait()
    check_done(t, floor, job, "switched on, it goes by itself")
    floor.crew.stop("printer-P2")
    floor.platenctl("printer", "P2", "resume")
    wait_printer(t, floor, "P2", "offline", "P2")
    known = len(told(floor, "P2"))
    p2.start()
    p2.wait()
    wait_printer(t, floor, "P2", "idle")
    floor.crew.stop("printer-P2")
    wait_printer(t, floor, "P2", "offline")
    floor.wait("told", lambda: told(floor, "P2")[known:] == ["online", "offline"], 10)
    t.ok(told(floor, "P2")[known:] == ["online", "offline"], "the order service hears of both", told(floor, "P2"))


def exchanged(t, floor, p1):
    job = order_in_line(floor)
    before = len(p1.received())
    restart(floor, p1, called="Somebody else's")
    floor.platenctl("printer", "P1", "resume")
    wait_printer(t, floor, "P1", "needs_you", "another printer")
    check_waits(t, floor, job, "another printer answers there: it waits and says so", "another printer", "new uuid in platen.conf")
    t.ok("switched" not in str(floor.reason(job)) and "connected" not in str(floor.reason(job)),
         "and does not send anybody to look for its switch", floor.reason(job))
    time.sleep(2)
    t.ok(len(p1.received()) == before, "not one document went to it", p1.received())
    restart(floor, p1, called="P1")
    check_done(t, floor, job, "the right one is back: it goes by itself")


def killed(t, floor, p1):
    """Its history is lost with it: nobody can know, so a person looks in the tray."""
    jobs = []
    for answer in ("--printed", "--not-printed"):
        p1.pause_ms = 1000
        restart(floor, p1)
        job = order(floor)
        jobs.append(job)
        floor.wait("at the printer", lambda: floor.here(job).get("stage") == "accepted")
        floor.crew.kill("printer-P1")
        time.sleep(1.2)  # what was inside comes out all the same
        p1.pause_ms = 0
        p1.start()
        p1.wait()
        floor.wait("held", lambda: floor.here(job).get("stage") == "held-unknown", 25)
        fault = floor.unclear(job, "tray", "--printed")
        t.ok(not fault and floor.there(job)["state"] == "held", "killed amid a sheet: may have printed", fault)
        seen = 1 if floor.printed_once(job) else 0
        words = ("--printed", str(seen)) if answer == "--printed" else ("--not-printed",)
        floor.platenctl("resolve", job, *words, "--reason", "looked")
        done = floor.wait("printed", lambda: floor.there(job)["state"] == "printed")
        t.ok(done and "resolved" in floor.names(job), f"a person says {answer}: the job ends",
             (floor.there(job), floor.reason(job), floor.names(job)))
        if answer == "--printed":
            t.ok(floor.printed_once(job), "with one sheet, and no second one", floor.outputs())


def cancelled(t, floor):
    job = order_in_line(floor)
    floor.service.call("POST", f"/v1/admin/jobs/{job}:cancel", {"by": "shop", "reason": "paid twice"})
    floor.wait("cancelled", lambda: floor.there(job)["state"] == "cancelled")
    t.ok(floor.there(job)["state"] == "cancelled" and floor.here(job).get("stage") == "cancelled"
         and floor.names(job)[-1] == "cancelled", "cancelled before it printed: ends so on both sides",
         (floor.there(job), floor.reason(job)))
    floor.platenctl("printer", "P1", "resume")
    late = order(floor, "6x8-glossy", 12)
    floor.wait("printing", lambda: floor.here(late).get("delivered", 0) >= 2)
    floor.service.call("POST", f"/v1/admin/jobs/{late}:cancel", {"by": "shop", "reason": "too late"})
    floor.wait("over", lambda: floor.there(late)["state"] == "cancelled")
    row = floor.there(late)
    t.ok("cancel_too_late" in floor.names(late) and floor.names(late)[-1] == "cancelled" and floor.in_order(late),
         "cancelled while sheets come out: said to be too late for those, then stopped", floor.names(late))
    t.ok(2 <= row["printed"] < 12 and floor.printed_once(late, row["printed"]),
         "the order service knows how many came out", (row, floor.outputs()))
    t.ok(floor.printed_once(job, 0), "of the cancelled one nothing came out")


def test(t, folder):
    floor = trouble.Floor(folder, jobs=0, ipp={"P1": ("photo-ipp", [conf.GLOSSY_4X6, conf.LUSTRE_5X7]),
                                               "P2": ("photo-ipp", [conf.GLOSSY_4X6])}, poll="500 ms")
    floor.heartbeat = "1 s"
    try:
        floor.begin(through_proxy=False)
        p1, p2, d1 = floor.printers
        p1.command = os.path.join(HERE, "jamming-command")
        restart(floor, p1)
        jam(t, floor, p1)
        dye_sub(t, floor, d1)
        wrong_paper(t, floor, p1)
        absent(t, floor, p1, p2)
        exchanged(t, floor, p1)
        killed(t, floor, p1)
        cancelled(t, floor)
    finally:
        floor.end()


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
