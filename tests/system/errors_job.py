#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad jobs among good ones, through a service that lies: wrong sizes, wrong hashes, downloads cut, stretched
or without end, links that lead elsewhere, files that are not what they say. Each ends in its right state
at both sides, with a text that says what and what to do; the good ones print once."""
import json
import math
import struct
import zlib

import tap
import proxy
import trouble

ALWAYS = math.inf


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([90, 140, 200]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n" + bytes(2000)


def set_in(path, value):
    """A change of the lease, by a path such as pages.0.asset.sha256."""
    def change(lease):
        *way, last = [int(w) if w.isdigit() else w for w in path.split(".")]
        at = lease
        for step in way:
            at = at[step] if isinstance(at, list) else at.setdefault(step, {})
        at[last] = value
    return change


def redirect(port):
    return lambda _: proxy.Answer(302, [("Location", f"https://localhost:{port}/v1/meta")], b"")


def packed(answer):
    answer.headers.append(("Content-Encoding", "gzip"))
    return answer


# name: (order, lease change, download fault, state at the service, reason at the service, said to people)
def cases(floor):
    good, port = floor.picture, floor.front_port
    gone = {"instead": lambda _: proxy.problem(404, "unknown-asset", "it was deleted"), "times": ALWAYS}
    late = {"instead": lambda _: proxy.problem(403, "link-expired"), "times": 1}
    busy = {"instead": lambda _: proxy.problem(503, "busy"), "times": 2}
    return {
        "a good job": ({}, None, None, "printed", None, []),
        "another size asserted": ({"width_hmm": 12700, "height_hmm": 17780}, None, None, "waiting", "unsupported",
                                  ["12700", "10160"]),
        "another finish asserted": ({"finish": "matte"}, None, None, "waiting", "unsupported", ["matte", "glossy"]),
        "an unknown product": ({}, set_in("product.sku", "no-such"), None, "waiting", "unsupported", ["no-such"]),
        "a wrong hash": ({}, set_in("pages.0.asset.sha256", "0" * 64), None, "error", "asset-hash", []),
        "a file longer than said": ({}, set_in("pages.0.asset.bytes", 5000), None, "error", "asset-size", ["5000"]),
        "a file shorter than said": ({}, set_in("pages.0.asset.bytes", len(good(0)) + 999), None, "error",
                                     "asset-size", []),
        "a stretched download": ({}, None, {"send": proxy.stretch, "times": ALWAYS}, "error", "asset-size", []),
        "a download without end": ({}, None, {"send": proxy.endless, "times": ALWAYS}, "error", "asset-size", []),
        "a download cut twice": ({}, None, {"send": proxy.cut, "times": 2}, "printed", None, []),
        "an expired link": ({}, None, late, "printed", None, []),
        "a busy store of photos": ({}, None, busy, "printed", None, []),
        "a photo that is gone": ({}, None, gone, "error", "asset-gone", []),
        "a link that redirects, twice": ({}, None, {"instead": redirect(port), "times": 2}, "printed", None, []),
        "a packed download, twice": ({}, None, {"alter": packed, "times": 2}, "printed", None, []),
        "a link to a host not allowed": ({}, set_in("pages.0.asset.url", "https://elsewhere.example/a.jpg"), None,
                                         "error", "asset-forbidden", ["elsewhere.example", "asset_host"]),
        "a link to this machine's metadata": ({}, set_in("pages.0.asset.url", "https://169.254.169.254/latest"), None,
                                              "error", "asset-forbidden", ["169.254.169.254"]),
        "a link to another port": ({}, set_in("pages.0.asset.url", "https://localhost:22/"), None, "error",
                                   "asset-forbidden", ["localhost:22"]),
        "a link that is not https": ({}, set_in("pages.0.asset.url", "file:///etc/passwd"), None, "error",
                                     "unreadable", None),
        "an unknown intent": ({}, set_in("pages.0.options.intent", "vivid"), None, "error", "unreadable", None),
        "an unknown fit": ({}, set_in("pages.0.options.fit", "squeeze"), None, "error", "unreadable", None),
        "no copies": ({}, set_in("product.copies", 0), None, "error", "unreadable", None),
        "no pages": ({}, set_in("pages", []), None, "error", "unreadable", None),
        "a crop beyond the picture": ({}, set_in("pages.0.options.crop", {"x": 0.5, "y": 0, "width": 0.9, "height": 1}),
                                      None, "error", "unreadable", None),
    }


def files(floor):
    sound = floor.picture(900)
    return {
        "noise called a JPEG": (bytes((i * 73) & 255 for i in range(5000)), "asset-type", ["jpeg"]),
        "a PNG called a JPEG": (png(1300, 1900), "asset-type", ["png", "jpeg"]),
        "an SVG called a JPEG": (SVG, "asset-type", ["svg", "jpeg"]),
        "a PDF called a JPEG": (PDF, "asset-type", ["pdf", "jpeg"]),
        "a JPEG cut off": (sound[:len(sound) * 2 // 3], "asset-truncated", ["cut off"]),
        "a JPEG without its end": (sound[:-2000], "asset-truncated", ["cut off"]),
        "a picture of too many pixels": (png(5200, 5000), "asset-limits", ["26000000", "25000000"]),
        "two bytes": (b"\xff\xd8", "asset-type", ["jpeg"]),
    }


def send_all(floor):
    """{name: (job, case)}: each with a picture of its own."""
    jobs, changes = {}, {}

    def alter(answer):
        if answer.status == 200:
            value = answer.json()
            for lease in value["leases"]:
                changes.get(lease["pages"][0]["asset"]["id"], lambda _: None)(lease)
            answer.put(value)
        return answer

    floor.proxy.fault("POST /v1/leases:acquire", ALWAYS, alter=alter)
    for number, (name, case) in enumerate(cases(floor).items()):
        asset = floor.upload(floor.picture(number))
        if case[1]:
            changes[asset] = case[1]
        if case[2]:
            floor.proxy.fault(f"GET /v1/assets/{asset}", **case[2])
        jobs[name] = (floor.order(asset, **case[0]), case)
    for name, (data, reason, needles) in files(floor).items():
        kind = "image/png" if "pixels" in name else "image/jpeg"
        jobs[name] = (floor.order(floor.upload(data, kind)), ({}, None, None, "error", reason, needles))
    return jobs


def is_over(floor, job, case):
    row = floor.there(job)
    return row["state"] == case[3] and (case[3] != "waiting" or bool(row.get("reason")))


def judge_one(t, floor, name, job, case):
    row, state, reason, needles = floor.there(job), case[3], case[4], case[5]
    faults = [] if row["state"] == state else [f"is {row['state']}, not {state}"]
    if reason and row.get("reason") != reason:
        faults.append(f"reason is {row.get('reason')}, not {reason}")
    if state != "printed" and not row.get("detail"):
        faults.append("the service was told no detail")
    if not floor.printed_once(job, 1 if state == "printed" else 0):
        faults.append("sheets came out that should not have, or none")
    if not floor.in_order(job):
        faults.append("events have a hole")
    if state != "printed" and needles is not None:
        faults.append(floor.unclear(job, *needles))
    faults = [fault for fault in faults if fault]
    tap.note(f"{name}: {row['state']} {row.get('reason') or ''}: {row.get('detail') or ''}")
    t.ok(not faults, f"{name}: {state}", "\n".join(faults) + "\n" + json.dumps(row))


def held(floor, *jobs):
    """Waits until all are held; the rows that `platenctl holds` shows of them."""
    def rows():
        found = (floor.platenctl("holds") or {}).get("holds", [])
        return [row for row in found if row["kind"] == "needs_you" and (row["job"] or {}).get("id") in jobs]
    floor.wait("held", lambda: len(rows()) == len(jobs))
    return rows()


def ceiling(t, floor):
    asset = floor.upload(floor.picture("ceiling"))
    good, bad = [floor.order(asset, copies=6) for _ in range(2)]
    rows = held(floor, good, bad)
    faults = [floor.unclear(job, "6", "limit of 5", "--give-back") for job in (good, bad)]
    t.ok(len(rows) == 2 and not any(faults), "copies above the ceiling: held, and says so", (rows, faults))
    t.ok(all({"release", "give_back"} <= set(row["choices"]) for row in rows), "a person may do both", rows)
    floor.platenctl("release", good, "--reason", "the customer says so")
    floor.platenctl("resolve", bad, "--give-back", "--reason", "a slip of the pen")
    done = floor.wait("printed", lambda: floor.there(good)["state"] == "printed")
    t.ok(done and floor.printed_once(good, 6), "released it prints, once", (floor.there(good), floor.reason(good)))
    t.ok("tray" not in str(floor.reason(good)["story"]), "its story claims no look in the tray", floor.reason(good))
    row = floor.there(bad)
    t.ok(row["state"] != "leased" and row["floor_state"] in ("", None) and floor.names(bad)[-1] == "released"
         and floor.printed_once(bad, 0), "given back it is released, and nothing printed", (row, floor.names(bad)))


def few_pixels(t, floor):
    job = floor.order(floor.upload(png(200, 300), "image/png"))
    rows = held(floor, job)
    t.ok(len(rows) == 1 and not floor.unclear(job, "50 pixels an inch", "90 wanted"), "too few pixels: held, and says so",
         (rows, floor.reason(job)))
    floor.platenctl("release", job, "--reason", "it is art")
    done = floor.wait("printed", lambda: floor.there(job)["state"] == "printed")
    t.ok(done and floor.printed_once(job), "released it prints as it is", (floor.there(job), floor.reason(job)))


def test(t, folder):
    floor = trouble.Floor(folder, jobs=0)
    floor.more_conf = "limits { pixels = 25000000 }\nceilings { copies_per_job = 5 }\n"
    try:
        floor.begin()
        jobs = send_all(floor)
        floor.wait("all is over", lambda: all(is_over(floor, job, case) for job, case in jobs.values()), 40)
        for name, (job, case) in jobs.items():
            judge_one(t, floor, name, job, case)
        ceiling(t, floor)
        few_pixels(t, floor)
    finally:
        floor.end()


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
