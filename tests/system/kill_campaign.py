#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a running floor: platend itself, a device worker, the render server, an IPP
printer (which then has forgotten its jobs). After each kill the floor must end with every sheet printed
once, or with a hold that says what may have printed; then a person counts the tray and says so. The judge
counts complete pages at the printers. KILLS says how many (default 6), SEED repeats a run;
`make long-check IPP_KILLS=100` is the full campaign."""
import os
import random
import signal
import time

import tap
import judge
import lab
import procs
import summary

KILLS = int(os.environ.get("KILLS") or 6)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
TARGETS = ["platend", "platend", "device", "render", "printer"]
ROUND = ["4x6-glossy", "5x7-lustre", "6x8-glossy"]
PATIENCE_S = 60


def order_more(floor, round_number, chance):
    """Three more jobs, one for each product."""
    new = []
    for sku in ROUND:
        photo = chance.choice(floor.photos)
        new.append({"sku": sku, "pages": [photo], "copies": 2, "job": ""})
    floor.plan += new
    floor.seed(per_order=len(new))
    return new


def kill_one(floor, target, chance):
    """Kills the target; what was hit."""
    pid = floor.crew.running["platend"].pid
    if target == "platend":
        floor.crew.kill("platend")
        floor.start_platend()
        return "platend"
    if target == "printer":
        printer = chance.choice([printer for printer in floor.printers if not printer.exclusive])
        floor.crew.kill("printer-" + printer.name)
        printer.start()
        printer.wait()
        return printer.name
    found = [(child, line) for child, line in procs.children_of(pid)
             if f"platen-worker {target}" in line or f"worker-{target}" in line]
    if not found:
        return ""
    child, line = chance.choice(found)
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return line[-60:]


def count_the_tray(floor, job):
    """What a person does at a hold: counts the finished prints, and says how many there are."""
    came_out = judge.sheets_by_job(floor).get(job["job"], 0)
    known = floor.platenctl("job", job["job"]) or {}
    ledger = known.get("ledger", known.get("job", {}).get("ledger", []))
    delivered = sum(1 for row in ledger if row["state"] == "delivered")
    found = max(0, came_out - delivered)
    words = ["--printed", str(found)] if found else ["--not-printed"]
    return floor.platenctl("resolve", job["job"], *words, "--reason", "counted the tray")


def settle(floor, faults, holds):
    """Waits for the end of all jobs, answering holds; then compares with the printers' books."""
    for _ in range(8):
        jobs = judge.wait_until_over(floor, PATIENCE_S, held_too=True)
        held = [job for job in jobs if job["state"] == "held"]
        if not held:
            break
        for job in held:
            holds.append(job["job"])
            count_the_tray(floor, job)
        time.sleep(1)
    came_out = judge.sheets_by_job(floor)
    for job in jobs:
        wanted, have = floor.sheets_of(job["job"]), came_out.get(job["job"], 0)
        if have != wanted or job["state"] != "printed":
            faults.append(f"{job['job']} is {job['state']} {job.get('reason') or ''}: "
                          f"{have} complete sheets at the printers, {wanted} ordered")


def campaign(floor, chance):
    faults, holds, hits = [], [], {}
    typical = 3.0
    for number in range(KILLS):
        begin = time.monotonic()
        new = order_more(floor, number, chance)
        target = chance.choice(TARGETS)
        time.sleep(chance.uniform(0, typical))
        hit = kill_one(floor, target, chance)
        before = len(faults)
        settle(floor, faults, holds)
        took = time.monotonic() - begin
        hits[target if hit else "missed"] = hits.get(target if hit else "missed", 0) + 1
        tap.note(f"kill {number + 1}: {hit or 'nothing (no ' + target + ')'}, over after {took:.1f} s, "
                 f"jobs {', '.join(job['job'] for job in new)}")
        if len(faults) > before:
            tap.note("; ".join(faults[before:]))
            break
        typical = 0.7 * typical + 0.3 * min(took, 6.0)
    return faults, holds, hits


def test(t, folder):
    chance = random.Random(SEED)
    tap.note(f"SEED={SEED} KILLS={KILLS}")
    floor = lab.Lab(folder, jobs=0, pause_ms=150)
    begin = time.monotonic()
    try:
        floor.make_photos()
        floor.start_world()
        floor.start_platend()
        faults, holds, hits = campaign(floor, chance)
        told = summary.events_of(floor.jobs_with_events())
    finally:
        floor.stop()
    killed = sum(n for target, n in hits.items() if target != "missed")
    t.ok(killed > 0, "something was killed", hits)
    t.ok(not faults, "every sheet came out once, or a hold asked a person", "\n".join(faults))
    unordered = [job["job"] for job, events in told if not summary.in_order(events)]
    t.ok(not unordered, "events of every job are 1..n and end in printed", "\n".join(unordered))
    t.figures = {"kills": killed, "hits": hits, "holds": len(holds), "jobs": len(told), "seed": SEED,
                 "faults": len(faults), "seconds": round(time.monotonic() - begin)}


tap.need("ippeveprinter", "djpeg", "vips", "openssl")
tap.run(test)
