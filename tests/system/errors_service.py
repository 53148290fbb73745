#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an order service may do to a floor, one fact each: hear every call twice, refuse with a time to wait, lose
the answer to a call that meanwhile has become another, refuse the floor's token in the middle of a batch, and
show certificates that are over, of another name, or new."""
import math
import os
import time

import tap
import pki
import proxy
import quick

ALWAYS = math.inf
WAIT_S = 2


def all_in(floor, jobs, seconds=20):
    return floor.wait("printed", lambda: all(floor.there(job)["state"] == "printed" for job in jobs), seconds)


def some(floor, name, n=2):
    return [floor.order_new(f"{name} {k}", copies=1 + k % 2) for k in range(n)]


def check(t, floor, jobs, name, seconds=20):
    done = all_in(floor, jobs, seconds)
    t.ok(done and not floor.faults(), name, floor.faults())


def twice(t, floor):
    fault = floor.proxy.fault("POST|PUT", ALWAYS, again=dict)
    jobs = some(floor, "twice", 4)
    check(t, floor, jobs, "every call comes twice: all as if it had come once")
    floor.proxy.quiet()
    t.ok(fault.hits > 10 and all(floor.there(job)["epoch"] == 1 for job in jobs), "nothing was leased twice", fault.hits)
    fault = floor.proxy.fault("POST /v1/events", ALWAYS, again=lambda: {"Idempotency-Key": quick.new_key()})
    check(t, floor, some(floor, "events twice"), "events come twice under two keys: each counts once")
    floor.proxy.quiet()
    t.ok(fault.hits > 0, "they did", fault.hits)


def another_offer(t, floor):
    """The acquire that nobody answered names an offer that is no longer ours."""
    lost = floor.proxy.fault("POST /v1/leases:acquire", ALWAYS, instead=lambda call: proxy.raw(200, b""), send=hang_up)
    jobs = some(floor, "another offer")
    floor.wait("lost", lambda: lost.hits > 0)
    before = floor.proxy.count("PUT /v1/offer")
    floor.platenctl("printer", "D2", "pause")
    floor.wait("another offer", lambda: floor.proxy.count("PUT /v1/offer") > before)
    floor.proxy.quiet()
    check(t, floor, jobs, "an unanswered acquire whose offer is over does not stop the floor from asking")
    floor.platenctl("printer", "D2", "resume")


def hang_up(handler, _):
    handler.close_connection = True


def waits(t, floor, name, answer):
    """Refuses everything with a time to wait: who was refused must not come back before it is over."""
    begin = time.monotonic()
    fault = floor.proxy.fault("POST|PUT", ALWAYS, instead=lambda _: answer())
    jobs = some(floor, name)
    floor.wait("refused", lambda: fault.hits > 0)
    time.sleep(1.5 * WAIT_S)
    floor.proxy.quiet()
    end, seen, early = time.monotonic(), {}, []
    for at, method, path in list(floor.proxy.calls):
        call = f"{method} {path.split('?')[0]}"
        if begin < at < end and not path.endswith("sign"):
            if call in seen and at - seen[call] < WAIT_S - 0.1:
                early.append(f"{call} after {at - seen[call]:.2f} s")
            seen[call] = at
    t.ok(seen and not early, f"{name}: nobody comes back before {WAIT_S} s are over", (early, seen))
    check(t, floor, jobs, f"{name}: then all goes on")


def refused_token(t, floor):
    refusals = floor.proxy.fault("POST /v1/events", 3, instead=lambda _: proxy.problem(401, "token-refused"))
    jobs = some(floor, "token", 3)
    check(t, floor, jobs, "401 in the middle of a batch: no event is dropped")
    t.ok(refusals.hits == 3 and floor.proxy.count("POST /v1/token") > 0, "a new token was asked for", refusals.hits)


def words_of(floor):
    checks = (floor.platenctl("doctor") or {}).get("checks", [])
    return next((c["say"] for c in checks if c["name"] == "cloud" and c["state"] != "ok"), "")


def bad_certificate(t, floor, name, shown):
    """Shown in the middle of a session; what is cleared to print prints on."""
    floor.script_printers("hang 1500")
    jobs = some(floor, name)
    floor.wait("cleared", lambda: all(floor.there(job)["state"] == "permitted" for job in jobs))
    floor.proxy.closes = True
    floor.proxy.show(shown)
    said = floor.wait("refused", lambda: "certificate" in words_of(floor), 15)
    t.ok(said, f"{name}: the floor talks to nobody it can't trust, and says why", words_of(floor))
    tap.note(words_of(floor))
    floor.wait("printed", lambda: all(floor.here(job).get("delivered") for job in jobs))
    t.ok(floor.printed_all(jobs), f"{name}: what was cleared printed on", [floor.here(job) for job in jobs])
    floor.proxy.show("server")
    check(t, floor, jobs, f"{name}: with a good one all is told", 40)
    floor.proxy.closes = False


def rotated(t, floor):
    floor.proxy.closes = True
    pki.make_certificate(floor.pki, "server-2", "localhost", "server")
    floor.proxy.show("server-2")
    before = floor.proxy.floors_serial
    pki.make_certificate(floor.pki, "floor-2", floor.floor, "client")
    for kind in ("key", "pem"):
        os.replace(f"{floor.pki}/floor-2.{kind}", f"{floor.pki}/floor.{kind}")
    check(t, floor, some(floor, "rotated", 4), "both certificates are new in the middle of a session: all goes on")
    t.ok(before and floor.proxy.floors_serial not in ("", before), "the floor shows its new one without a restart",
         (before, floor.proxy.floors_serial))


def test(t, folder):
    floor = quick.Floor(folder)
    floor.lease = "60 s"
    try:
        floor.begin()
        with open(os.path.join(floor.pki, "extensions"), "a", encoding="ascii") as file:
            file.write("[other]\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:other.example\n")
        pki.make_certificate(floor.pki, "over", "localhost", "server", days=-1)
        pki.make_certificate(floor.pki, "other", "other.example", "other")
        twice(t, floor)
        another_offer(t, floor)
        waits(t, floor, "503 with Retry-After", lambda: proxy.Answer(503, [("Retry-After", str(WAIT_S))], b"busy"))
        waits(t, floor, "429 with retry_after_s", lambda: proxy.problem(429, "busy", retry_after_s=WAIT_S))
        refused_token(t, floor)
        bad_certificate(t, floor, "a certificate that is over", "over")
        bad_certificate(t, floor, "a certificate of another name", "other")
        rotated(t, floor)
    finally:
        floor.end()


tap.need("openssl")
tap.run(test)
