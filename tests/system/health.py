#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What printers say of their health, with a real printer's software and a cheap one that can say anything:
a cause that is gone lets the line go on by itself within 10 s; what changes behind our back is noticed
within 15 s and told once, also over a restart; alerts name their tray; maintenance that is due and blocks
is a reason with a next step until somebody signs it off."""
import datetime
import os
import socket
import time

import tap
import cheap
import conf

TRAYS = ["type=sheetFeedAutoRemovableTray;maxcapacity=100;level=40;status=0;name=Cassette 1;",
         "type=sheetFeedAutoRemovableTray;maxcapacity=100;level=0;status=16;name=Cassette 2;"]
MAINTENANCE = """
maintenance heads {
	printer = P1
	what = "Clean the head"
	guide = "with a dry cloth"
	every_prints = 1
	blocks = yes
}
"""


def row_of(floor, name):
    rows = (floor.platenctl("printers") or {}).get("printers", [])
    return next((row for row in rows if row["name"] == name), {})


def seconds_until(floor, ready, most=20):
    """None when it did not come to pass."""
    begin = time.monotonic()
    while time.monotonic() < begin + most:
        floor.crew.check()
        if ready():
            return time.monotonic() - begin
        time.sleep(0.25)
    return None


def noticed(floor, name):
    return " | ".join(notice["say"] for notice in row_of(floor, name).get("notices", []))


def set_paper(port, level):
    """Somebody at the printer fills its tray, or empties it."""
    query = "&".join(f"size{at}=na_index-4x6_4x6in&type{at}=photographic-glossy&level{at}={level}" for at in range(2))
    with socket.create_connection(("localhost", port), 5) as door:
        door.sendall(f"GET /media?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        door.shutdown(socket.SHUT_WR)  # else it keeps the connection for half a minute
        while door.recv(65536):
            pass


def in_trail(floor, words):
    rows = (floor.platenctl("audit", "--limit", "1000") or {}).get("rows", [])
    return sum(row["what"] == "noticed" and words in row["reason"] for row in rows)


def alerts(t, floor, h1):
    h1.say(trays=TRAYS, reasons=["media-empty-error"], alert_texts=["Fach 2 leer"],
           alerts=["code=inputMediaSupplyEmpty;severity=critical;group=input;groupindex=2"])
    seconds_until(floor, lambda: row_of(floor, "H1").get("alerts"))
    row = row_of(floor, "H1")
    alert = (row.get("alerts") or [{}])[0]
    t.ok(alert.get("where") == "Cassette 2" and alert.get("severity") == "critical"
         and alert.get("text") == "Fach 2 leer", "an alert names its tray", row)
    t.ok([tray["say"] for tray in row["trays"]] == ["40 of 100 sheets left", "empty"], "trays say their levels", row)
    t.ok("(Cassette 2)" in row["fault"], "the reason why it does not print names the tray", row)


def change(h1):
    h1.say(firmware="2.0", formats=["image/jpeg"], media=["na_index-4x6_4x6in"], reasons=["paused"])
    return time.time()


def last_noticed(floor, name):
    stamps = [notice["at"] for notice in row_of(floor, name).get("notices", [])]
    return max(datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() for at in stamps)


def changes(t, floor, since):
    wanted = ("firmware (2.0", "takes no image/pwg-raster", "na_5x7_5x7in", "was paused")
    there = seconds_until(floor, lambda: all(word in noticed(floor, "H1") for word in wanted))
    spent = last_noticed(floor, "H1") - since if there is not None else None
    t.ok(spent is not None and spent < 15,
         "other firmware, a format and a size gone, and a pause at the printer are noticed within 15 s",
         (spent, noticed(floor, "H1")))
    return spent


def recovers(t, floor, p1, photo):
    """Out of paper before it begins; then filled, and nothing else is done."""
    set_paper(p1.port, 0)
    empty = seconds_until(floor, lambda: "paper" in row_of(floor, "P1").get("fault", ""))
    floor.platenctl("submit", photo, "--product", "4x6-glossy", "--copies", "1")
    waits = seconds_until(floor, lambda: any(job["kind"] == "waiting" for job in
                                             (floor.platenctl("jobs") or {}).get("jobs", [])))
    t.ok(empty is not None and waits is not None, "out of paper: the job waits, and its printer says why",
         (row_of(floor, "P1"), floor.platenctl("jobs")))
    set_paper(p1.port, 100)
    spent = seconds_until(floor, lambda: len(p1.received()) == 1)
    t.ok(spent is not None and spent < 10, "filled: it comes out within 10 s without a hand", (spent, p1.received()))
    return spent


def exchanged(t, floor, h1):
    h1.say(uuid="urn:uuid:0badcafe", reasons=["none"])
    spent = seconds_until(floor, lambda: "another machine" in noticed(floor, "H1"))
    t.ok(spent is not None and spent < 15, "another machine at its address is noticed within 15 s",
         (spent, noticed(floor, "H1")))
    return spent


def maintained(t, floor):
    seconds_until(floor, lambda: row_of(floor, "P1").get("state") == "needs_you")
    row, holds = row_of(floor, "P1"), floor.platenctl("holds")["holds"]
    said = next((hold for hold in holds if hold["printer"] == "P1"), {})
    t.ok("Clean the head" in row["fault"] and "platenctl maintenance done heads P1" in row["fault"],
         "maintenance that is due stops its printer and says the next step", row)
    t.ok("maintenance" in said.get("action", ""), "so does what needs somebody", said)
    done = floor.platenctl("maintenance", "done", "heads", "P1", "--by", "anna", "--note", "spotless")
    last = (done or {}).get("last") or {}
    t.ok(last.get("who") == "anna" and last.get("note") == "spotless" and done["state"] == "ok",
         "signed off, it says by whom", done)
    ready = seconds_until(floor, lambda: row_of(floor, "P1").get("state") == "idle")
    t.ok(ready is not None, "and the printer goes on", row_of(floor, "P1"))


def told_once(t, floor):
    words = ("firmware", "no image/pwg-raster", "na_5x7_5x7in", "was paused", "another machine")
    before = [in_trail(floor, word) for word in words]
    floor.crew.stop("platend")
    floor.start_platend(cloud=False)
    seconds_until(floor, lambda: row_of(floor, "H1").get("state") == "needs_you")
    after = [in_trail(floor, word) for word in words]
    t.ok(before == after == [1] * 5, "each was told once, also over a restart", (before, after))
    upkeep = (floor.platenctl("maintenance") or {}).get("maintenance", [{}])[0]
    t.ok((upkeep.get("last") or {}).get("who") == "anna" and upkeep.get("prints") == 0,
         "who did the maintenance is known after a restart", upkeep)


def test(t, folder):
    floor = cheap.Floor(folder, jobs=0, ipp={"P1": ("photo-ipp", [conf.GLOSSY_4X6, conf.GLOSSY_4X6])}, fakes={},
                        poll="5 s")  # as where the configuration says nothing
    floor.more_conf = MAINTENANCE
    try:
        floor.make_photos()
        photo = os.path.join(floor.photo_folder, floor.photos[0]["file"])
        floor.begin(1)
        p1, h1 = floor.printers
        seconds_until(floor, lambda: all(row_of(floor, name).get("state") == "idle" for name in ("P1", "H1")))
        alerts(t, floor, h1)
        since = change(h1)  # noticed while the other one recovers
        seconds_until(floor, lambda: "was paused" in noticed(floor, "H1"))  # it takes no job of that one
        spent = [recovers(t, floor, p1, photo), changes(t, floor, since), exchanged(t, floor, h1)]
        tap.note(f"line went on, changes noticed, exchange noticed after {spent} s at a poll of 5 s")
        maintained(t, floor)
        told_once(t, floor)
    finally:
        floor.stop()


tap.need("ippeveprinter", "djpeg", "vips")
tap.run(test)
