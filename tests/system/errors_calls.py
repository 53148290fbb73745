#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The order service goes mad, call by call: no answer, 500s, half answers, JSON of every bad kind, a lower
epoch, answers about other jobs, a permit refused; then it is away for a while. The floor keeps what it has,
goes on with what is cleared, and when the service is sane again every job prints once, its events 1..n."""
import json
import math
import time

import tap
import proxy
import trouble

ALWAYS = math.inf
SICK_S = 0.5  # how long each sickness lasts after it was met

GARBAGE = {
    "nothing": b"", "half an object": b'{"leases": [{"job": "j-1", "ep', "not JSON": b"<html>502 Bad Gateway</html>",
    "a list": b"[]", "a number": b"17", "null": b"null", "a text": b'"leases"', "an empty object": b"{}",
    "leases that are no list": b'{"leases": {"job": 1}}', "leases of nonsense": b'{"leases": [1, null, "x", [], {}]}',
    "a lease of numbers": b'{"leases": [{"job": 5, "epoch": "one", "revision": {}, "pages": 7}]}',
    "twice the same key": b'{"leases": [], "leases": []}', "a NUL in a text": b'{"leases": [{"job": "a\\u0000b"}]}',
    "bad UTF-8": b'{"leases": [{"job": "\xff\xfe"}]}', "a lone surrogate": b'{"leases": [{"job": "\\ud800"}]}',
    "too deep": b'{"leases": ' + b"[" * 5000 + b"]" * 5000 + b"}", "a huge number": b'{"leases": [{"epoch": 1e999}]}',
    "two megabytes": b'{"leases": [], "x": "' + b"a" * (2 << 20) + b'"}', "rubbish behind": b'{"leases": []} }',
    "a path for an id": b'{"leases": [{"job": "../../etc/passwd", "epoch": 1, "revision": 1, "ttl_s": 60}]}',
}


def hang_up(handler, _):
    handler.close_connection = True


def half(handler, answer):
    handler.head(answer, len(answer.body) + 50)
    handler.wfile.write(answer.body)


def lower_epoch(seen):
    """Hands out again, under a lower epoch, what was handed out before."""
    def alter(answer):
        if answer.status == 200:
            seen.extend(answer.json()["leases"])
            return answer
        if not seen:
            return answer
        old = [{**lease, "epoch": max(1, lease["epoch"] - 1)} for lease in seen]
        return proxy.raw(200, json.dumps({"leases": old}))
    return alter


def strange(value):
    def alter(answer):
        return answer.put(value(answer.json())) if answer.status == 200 else answer
    return alter


def about_others(body):
    return {"jobs": [{"job": "j-somebody-elses", "epoch": 9, "verdict": "granted", "ttl_s": 60, "action": "cancel"}]}


def unknown_word(body):
    return {"jobs": [{**row, "verdict": "maybe", "action": "dance"} for row in body.get("jobs", [])]}


def sicknesses():
    """(name, what to match, what is done)"""
    yield "no call is answered", "POST|PUT", {"send": hang_up}
    yield "every call is answered 500", "POST|PUT", {"instead": lambda _: proxy.raw(500, "oops", "text/plain")}
    yield "every call is answered 503", "POST|PUT", {"instead": lambda _: proxy.problem(503, "busy")}
    yield "every answer is cut short", "POST|PUT", {"send": half}
    yield "permits by an unknown word", "POST /v1/jobs:start", {"alter": strange(unknown_word)}
    yield "permits for other jobs", "POST /v1/jobs:start", {"alter": strange(about_others)}
    yield "an extend with an unknown action", "POST /v1/leases:extend", {"alter": strange(unknown_word)}
    yield "an extend about other jobs", "POST /v1/leases:extend", {"alter": strange(about_others)}
    yield "a lower epoch", "POST /v1/leases:acquire", {"alter": lower_epoch([])}
    yield "events answered about others", "POST /v1/events", {"alter": strange(
        lambda _: {"events": [{"id": "01J", "fate": "accepted"}], "acked": [{"subject": "x", "sequence": 999}]})}
    yield "events answered by an unknown word", "POST /v1/events", {"alter": strange(
        lambda body: {**body, "events": [{**e, "fate": "eaten"} for e in body["events"]]})}
    yield "the session is lost", "POST /v1/leases|PUT", {"instead": lambda _: proxy.problem(412, "session-unknown")}


def be_sick(floor, match, times=ALWAYS, seconds=SICK_S, **kinds):
    fault = floor.proxy.fault(match, times, **kinds)
    jobs = [floor.order(floor.upload(floor.picture(time.monotonic()))) for _ in range(2)]
    floor.wait("met", lambda: fault.hits > 0, 60)  # a growing wait after the sickness before
    time.sleep(seconds)
    floor.crew.check()
    floor.proxy.quiet()
    return fault, jobs


def all_printed(floor, jobs):
    return all(floor.there(job)["state"] == "printed" for job in jobs)


def check_jobs(t, floor, jobs, name, seconds=25, copies=1):
    done = floor.wait(name, lambda: all_printed(floor, jobs), seconds)
    faults = [] if done else [f"{job}: {floor.there(job)['state']}, {json.dumps(floor.reason(job))}" for job in jobs]
    faults += [f"{job} came out not exactly once" for job in jobs if not floor.printed_once(job, copies)]
    faults += [f"{job}: events {floor.names(job)}" for job in jobs
               if not floor.in_order(job) or floor.names(job)[-1:] != ["printed"]]
    t.ok(not faults, name, "\n".join(faults))


def call_by_call(t, floor):
    everything = []
    for name, match, kinds in sicknesses():
        fault, jobs = be_sick(floor, match, **kinds)
        t.ok(fault.hits > 0, f"{name}: it was met", floor.proxy.calls[-20:])
        everything += jobs
    return everything


def garbage(t, floor):
    everything, met = [], []
    kinds = list(GARBAGE)

    def next_answer(_):
        met.append(kinds[len(met) % len(kinds)])
        return proxy.raw(200, GARBAGE[met[-1]])

    for call in ("leases:acquire", "leases:extend", "jobs:start", "events", "sessions"):
        before = len(met)
        if call == "sessions":  # only opened again when the old one is lost
            floor.proxy.fault("POST /v1/leases:extend", 1, instead=lambda _: proxy.problem(412, "session-unknown"))
        _, jobs = be_sick(floor, f"POST /v1/{call}", instead=next_answer, seconds=2.5)
        everything += jobs
        t.ok(len(met) > before, f"{call} answered with {', '.join(met[before:])[:300]}: it was met")
    for _ in range(8):  # how often each was asked is the floor's own back-off
        if set(met) == set(kinds):
            break
        everything += be_sick(floor, "POST /v1/leases:acquire|POST /v1/events", instead=next_answer, seconds=1.5)[1]
    t.ok(set(met) == set(kinds), "every kind of garbage was met", set(kinds) - set(met))
    return everything


def away(t, floor):
    jobs = [floor.order(floor.upload(floor.picture(f"away {n}")), copies=3) for n in range(4)]
    t.ok(floor.wait("cleared", lambda: all(floor.there(job)["state"] in ("permitted", "printed") for job in jobs), 10),
         "four jobs are cleared to print")
    floor.proxy.is_away = True
    begin = time.monotonic()
    before = [job for job in jobs if floor.there(job)["state"] == "printed"]
    t.ok(floor.wait("printed", lambda: all(floor.here(job).get("delivered") == 3 for job in jobs), 19),
         "the order service is away: what was cleared prints on", [floor.reason(job) for job in jobs])
    t.ok(len(before) < len(jobs), "some of it did after it went away", before)
    time.sleep(max(0, 20 - (time.monotonic() - begin)))
    status = floor.platenctl("status") or {}
    t.ok(status.get("cloud", {}).get("connected") is False, "that it is away can be seen", status)
    floor.proxy.is_away = False
    check_jobs(t, floor, jobs, "after 20 s it is back and hears of all, in order, each print once", 40, 3)


def test(t, folder):
    floor = trouble.Floor(folder, jobs=0, pause_ms=300)
    floor.heartbeat = "1 s"
    try:
        floor.begin()
        drip = floor.upload(floor.picture("drip"))
        floor.proxy.fault(f"GET /v1/assets/{drip}", 1, send=proxy.drip)
        slow = floor.order(drip)
        floor.wait("dripping", lambda: floor.proxy.count(f"GET /v1/assets/{drip}") > 0)
        jobs = call_by_call(t, floor) + garbage(t, floor)
        check_jobs(t, floor, jobs, "after all that every job prints once, its events in order", 50)
        check_jobs(t, floor, [slow], "a download that drips was given up, taken up again, and printed once")
        away(t, floor)
    finally:
        floor.end()


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
