#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""64 IPP printers, 8 of them frozen: the others are asked each second all the same, p99 at most 20 ms
late with the round trip, and platend uses under 2 % of a core. Run by hand or by long-check: it takes
about a minute. SECONDS says how long it measures. On a machine that is busy with other things it measures
those: there, run it as root by `chrt -r 1`."""
import os
import time

import tap
import cheap
import costs

N, FROZEN = 64, 8
SECONDS = int(os.environ.get("SECONDS", "40"))
PERIOD = 1.0


def late_ms(asked, begin, end):
    """Of each question but the first: how much later than a second after the one before it came."""
    times = [at for at in asked if begin <= at <= end]
    return [(b - a - PERIOD) * 1000 for a, b in zip(times, times[1:])], len(times)


def share(row, n):
    return row[min(len(row) - 1, int(len(row) * n))]


def cpu_of(pids):
    return sum(costs.cpu_seconds(pid) for pid in pids)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def test(t, folder):
    floor = cheap.Floor(folder, jobs=0, ipp={}, fakes={}, poll="1 s")
    asked = []
    try:
        floor.begin(N, FROZEN)
        pid = floor.crew.running["platend"].pid
        floor.wait_for_states(N - FROZEN, FROZEN)  # workers have started, the frozen ones were given up
        time.sleep(2)
        workers = children(pid)
        begin, before, theirs = time.monotonic(), costs.cpu_seconds(pid), cpu_of(workers)
        time.sleep(SECONDS)
        end = time.monotonic()
        used = (costs.cpu_seconds(pid) - before) / (end - begin) * 100
        of_workers = (cpu_of(workers) - theirs) / (end - begin) * 100
        memory = costs.resident_mib(pid)
        rows = (floor.platenctl("printers") or {"printers": []})["printers"]
    finally:
        asked = floor.stop()
    late, least = [], SECONDS
    for times in asked[:N - FROZEN]:
        more, n = late_ms(times, begin, end)
        late, least = late + more, min(least, n)
    late.sort()
    t.figures = {"printers": N, "frozen": FROZEN, "seconds": SECONDS, "polls": len(late), "least_of_one": least,
                 "p50_ms": round(share(late, 0.5), 2), "p99_ms": round(share(late, 0.99), 2),
                 "worst_ms": round(late[-1], 2), "platend_percent": round(used, 2),
                 "workers_percent": round(of_workers, 2), "platend_mib": round(memory, 1)}
    tap.note(str(t.figures))
    states = [row["state"] for row in rows]
    t.ok(states.count("idle") == N - FROZEN and "idle" not in states[N - FROZEN:],
         "all but the frozen are known to be idle", states)
    t.ok(least >= SECONDS * 0.95, "each of the others was asked each second", t.figures)
    t.ok(t.figures["p99_ms"] < 20, "p99 of lateness and round trip is under 20 ms", t.figures)
    t.ok(used < 2, "platend uses under 2 % of a core", t.figures)


tap.run(test)
