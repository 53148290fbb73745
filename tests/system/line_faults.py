#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A line that misbehaves, below TLS, at every byte: connections are reset, cut after the service has acted and
before the floor heard of it, half closed, late, in crumbs, swallowed, refused, one way after another, while two
floors work. When the line is well again all is there: every sheet once, events 1..n, every job ended, and no
job was ever leased a second time, since an unanswered call comes again with its key. SPELLS says how many
(default 80), SEED repeats them (not the timing)."""
import os
import random
import time

import tap
import apart
import line
import quick

SPELLS = int(os.environ.get("SPELLS") or 80)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
FLOORS = 2
OPEN_JOBS = 3
MET_S, LASTS_S = 1.5, 0.3  # at most until a spell is met; how long one goes on that ends no connection
SETTLE_S = 60
# a handshake is some 3000 bytes each way; few connections carry much more before they are cut
MOST_BYTES = 9000


def spells(chance, count):
    """A third of them are resets, evenly over the bytes of handshake, calls and downloads, both ways."""
    def at(n):
        return 1 + int((n + chance.random()) * MOST_BYTES / count)
    ways = [lambda n: line.Reset(True, at(n)), lambda n: line.Reset(False, at(n)), lambda n: line.HalfClose(True, at(n)),
            lambda n: line.Reset(True, at(n)), lambda n: line.Reset(False, at(n)), lambda n: line.HalfClose(False, at(n)),
            lambda _: line.Lose(), lambda _: line.Late(chance.randint(1, 80)), lambda _: line.Lose(),
            lambda _: line.Drip(chance.randint(1, 40)), lambda _: line.Hole(), lambda _: line.Refuse()]
    cast = [ways[n % len(ways)](n) for n in range(count)]
    chance.shuffle(cast)
    return cast


class Floor(quick.Floor):
    """One whose way to the service is a line."""

    def begin(self):
        self.front_port = quick.procs.free_port()
        self.heartbeat, self.lease = "1 s", "120 s"
        self.start_world()
        self.line = line.Line(self.front_port, self.service_port)
        self.start_platend()

    def order_some(self):
        for _ in range(OPEN_JOBS - len(self.open_at_service())):
            self.order_new(f"{self.run} {len(self.ordered)}", copies=1 + len(self.ordered) % 2)

    def endure(self, spell):
        """Under the spell until it was met; whether it was."""
        self.line.cast(spell)
        passes = isinstance(spell, (line.Late, line.Drip))
        end = time.monotonic() + (LASTS_S if isinstance(spell, line.Refuse) else MET_S)
        while time.monotonic() < end and not (spell.hits and not passes):
            time.sleep(0.01)
        self.crew.check()
        return spell.hits > 0 or isinstance(spell, line.Refuse)

    def settle(self):
        self.line.heal()
        self.wait("all over", lambda: not self.open_at_service(), SETTLE_S)
        found = self.faults()
        found += [f"{job} was leased again: epoch {self.there(job)['epoch']}" for job in self.ordered
                  if self.there(job)["epoch"] != 1]
        return found

    def end(self):
        self.stop()
        self.line.close()


def campaign(folder, number):
    floor, met = Floor(folder), {}
    try:
        floor.begin()
        for spell in spells(random.Random(SEED * FLOORS + number), SPELLS // FLOORS):
            floor.order_some()
            name = type(spell).__name__
            was = met.setdefault(name, [0, 0])
            was[0] += floor.endure(spell)
            was[1] += 1
            if len(floor.ordered) % 7 == 0:
                floor.line.heal()
                time.sleep(LASTS_S)
        faults = floor.settle()
    finally:
        floor.end()
    return {"met": met, "faults": faults, "jobs": len(floor.ordered), "connections": floor.line.connections,
            "sheets": floor.sheets_at_printers()}


def test(t, folder):
    tap.note(f"SEED={SEED} SPELLS={SPELLS}")
    begin = time.monotonic()
    parts = apart.run(campaign, os.path.join(folder, "floors"), FLOORS)
    faults = [text for part in parts for text in part["faults"]]
    met = {name: [sum(part["met"].get(name, [0, 0])[i] for part in parts) for i in (0, 1)] for name in parts[0]["met"]}
    t.ok(not faults, "after all that: every sheet once, events 1..n, all ended, nothing leased twice", "\n".join(faults))
    t.ok(all(hit > 0 for hit, _ in met.values()), "every kind of trouble was met", met)
    t.figures = {"spells": met, "jobs": sum(part["jobs"] for part in parts), "seed": SEED,
                 "connections": sum(part["connections"] for part in parts), "faults": len(faults),
                 "sheets": sum(part["sheets"] for part in parts), "seconds": round(time.monotonic() - begin)}


tap.need("openssl")
tap.run(test)
