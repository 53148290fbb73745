#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the real platend, thousands of times: at every named point (`platend --points`) in turn, and at
random moments; of its workers and of the order service, too. Two floors at once. They print all the time;
customers order, change their minds and take back, people hold, cancel and count trays. After some hundred
deaths a floor is left in peace until all its jobs have ended; then its books are compared (kill_oracle.py).
KILLS says how many deaths (300 in ./bootstrap check, 5000 in make long-check), SEED repeats the choices (not the timing)."""
import multiprocessing
import os
import random
import signal
import subprocess
import time
import traceback

import tap
import kill_floor
import kill_oracle
import lab

KILLS = int(os.environ.get("KILLS") or 300)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
IN_CHECK_S = 0 if os.environ.get("KILLS") else 400  # of the 600 that a test may take; what is missing then, fails
FLOORS = 2
ROUND = 500               # deaths of one store
MIGRATING = 3             # the first lives of a store are killed while it is made
ARMED = 8                 # points at once: those at which it has died least; the first that it meets ends it
PATIENCE = 5              # a life that came to none of them is killed after so many times of what it takes to call
LIFE_MS = (150, 1500)     # the service, but within these
CHASE = 100               # lives more for points that were not met by then
BY_CHANCE = 0.12          # lives that end at any moment
LONG = 0.005              # lives that last for a heartbeat
LONG_POINTS = ("calling/extend", "answered/extend")
LONG_MS = 1600
PREPARING = ("leased", "fetched", "inspected", "rendered", "queued")
STILL_S = 30              # a floor in peace of which no job ends for so long has come to a stand
MUCH = 40                 # jobs under way: more are not ordered for the sake of a point


def points():
    program = os.path.join(lab.BUILD, "platend")
    return subprocess.run([program, "--points"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()


# what must happen so that a job comes to a place where few come by themselves
NEEDS = {
    "quarantined": lambda floor: floor.order("poison"),
    "released": lambda floor: floor.order("unsupported"),
    "release": lambda floor: floor.order("unsupported"),
    "held-operator": lambda floor: floor.order("too-many"),
    "held-unknown": lambda floor: floor.script("answer-twice"),
    "lost": lambda floor: floor.revise(floor.some(*PREPARING)),
    "cancelled": lambda floor: floor.take_back(floor.some("held-operator", *PREPARING)),
    "assets": lambda floor: floor.order(),
    "rasters": lambda floor: floor.order(),
    "leased": lambda floor: floor.order(),
    "hot-read": lambda floor: floor.drop(),
    "hot-taken": lambda floor: floor.drop(),
    "hot-finished": lambda floor: floor.drop(),
}


class Campaign:
    """The lives of one floor after another, each killed `ROUND` times."""

    def __init__(self, folder, seed, kills):
        self.folder, self.kills, self.chance = folder, kills, random.Random(seed)
        self.hits = dict.fromkeys(points(), 0)
        self.count = dict.fromkeys(("deaths", "by_chance", "workers", "service", "holds"), 0)
        self.ready_ms, self.session_ms, self.life_ms, self.faults = [], [], [], []
        self.until = time.monotonic() + IN_CHECK_S if IN_CHECK_S else float("inf")
        self.sums, self.spent = {}, dict.fromkeys(("preparing", "living", "looking", "settling"), 0.0)

    def least_hit(self, among, n):
        return sorted(among, key=lambda point: (self.hits[point], self.chance.random()))[:n]

    def patience_ms(self):
        usual = sorted(self.session_ms[-50:])
        wanted = PATIENCE * usual[len(usual) // 2] if usual else LIFE_MS[1]
        return min(max(wanted, LIFE_MS[0]), LIFE_MS[1])

    def next_strikes(self, number):
        """(points, the pass of each at which it ends, milliseconds until it ends in any case)"""
        dice = self.chance.random()
        if number <= MIGRATING:
            return ["migrating"], number, LIFE_MS[1]
        if dice < LONG:
            return self.least_hit(LONG_POINTS, 1), 1, LONG_MS
        if dice < LONG + BY_CHANCE:
            return [], 1, self.chance.uniform(0, self.patience_ms() / 2)
        usual = [point for point in self.hits if point != "migrating" and point not in LONG_POINTS]
        return self.least_hit(usual, ARMED), 1 + (self.chance.random() < 0.1), self.patience_ms()

    def run(self):
        number = 0
        while self.count["deaths"] < self.kills and not self.is_over():
            number += 1
            deaths = min(ROUND, self.kills - self.count["deaths"])
            floor = kill_floor.Floor(os.path.join(self.folder, str(number)), self.chance)
            try:
                floor.begin()
                for n in range(deaths):
                    if not self.is_over():
                        self.one_life(floor, *self.next_strikes(n + 1))
                self.chase(floor)
                self.settle(floor)
                self.judge(floor, number)
            finally:
                floor.stop()

    def is_over(self):
        return bool(self.faults) or time.monotonic() > self.until

    def chase(self, floor):
        """At the very end: the points at which it has not died yet, with patience."""
        for _ in range(CHASE if self.count["deaths"] >= self.kills else 0):
            missing = [point for point, n in self.hits.items() if n == 0 and point != "migrating"]
            if not missing or self.is_over():
                break
            self.one_life(floor, missing[:ARMED], 1, LONG_MS)

    # one life

    def prepare(self, floor, strikes):
        while len(floor.under_way()) < kill_floor.WORKING:
            floor.order()
        for detail in {point.rpartition("/")[2] for point in strikes}:
            if detail in NEEDS and self.chance.random() < 0.4 and len(floor.under_way()) < MUCH:
                NEEDS[detail](floor)

    def one_life(self, floor, strikes, passes, limit_ms):
        begin = time.monotonic()
        self.prepare(floor, strikes)
        if self.chance.random() < 0.01:
            self.kill_service(floor)
        self.spent["preparing"] += time.monotonic() - begin
        life = kill_floor.Life(floor, " ".join(f"{point}:{passes}:kill" for point in strikes))
        try:
            struck = self.listen(floor, life, strikes, limit_ms)
        finally:
            status = life.end()
            floor.desk.close()
        self.note_death(floor, struck, status)

    def listen(self, floor, life, strikes, limit_ms):
        """Until its death; the point at which it came, if it was one."""
        struck = ""
        worker_ms = self.chance.uniform(20, 150) if self.chance.random() < 0.08 else None
        for line in life.lines(limit_ms):
            subject, word = floor.hear(line)
            if subject == "point":
                struck = word.removesuffix(" struck")
            elif subject == "platend" and word.startswith("ready"):
                self.ready_ms.append(life.age_ms())
                self.people(floor, strikes)
            elif subject == "cloud" and word.startswith("session open"):
                self.session_ms.append(life.age_ms())
            elif word == "prepared" and "asked/cancel" in strikes:
                floor.desk.ask("POST", f"/v1/jobs/{subject}:cancel", {"reason": "campaign"})
            if worker_ms is not None and life.age_ms() > worker_ms:
                worker_ms = self.kill_worker(life)
        self.life_ms.append(life.age_ms())
        self.spent["living"] += life.age_ms() / 1000
        return struck

    def note_death(self, floor, struck, status):
        begin = time.monotonic()
        self.count["deaths"] += 1
        if struck:
            self.hits[struck] += 1
        else:
            self.count["by_chance"] += 1
        if status != -signal.SIGKILL:
            self.faults.append(f"platend ended by itself: {status}, at life {self.count['deaths']} ({struck})")
        self.faults += kill_oracle.unsound(floor.store)
        self.spent["looking"] += time.monotonic() - begin

    def people(self, floor, strikes):
        """Sometimes somebody at the floor does something, as soon as it is there."""
        dice = self.chance.random()
        if "answering" in strikes:
            floor.desk.ask("POST", "/v1/printers/D1:resume", {})
        elif dice < 0.08:
            self.count["holds"] += floor.answer_holds()
        elif dice < 0.1:
            floor.order_here()
        elif dice < 0.13:
            self.person(floor, floor.some("queued", "permitted"), "hold")
        elif dice < 0.15:
            self.person(floor, floor.some("held-operator", "queued", "accepted"), "cancel")

    def person(self, floor, job, verb):
        if job:
            floor.desk.ask("POST", f"/v1/jobs/{job}:{verb}", {"reason": "campaign"})

    def kill_worker(self, life):
        children = life.children()
        if children:
            try:
                os.kill(self.chance.choice(children), signal.SIGKILL)
                self.count["workers"] += 1
            except ProcessLookupError:
                pass
        return None

    def kill_service(self, floor):
        floor.crew.kill("platen-orders")
        floor.start_service()
        self.count["service"] += 1

    # the end of a floor

    def settle(self, floor):
        """Left in peace, with people who answer, until all has ended."""
        begin = moved = time.monotonic()
        life = kill_floor.Life(floor)
        least, left = float("inf"), []
        try:
            while time.monotonic() - moved < STILL_S:
                for line in life.lines(life.age_ms() + 100):
                    floor.hear(line)
                if life.process.poll() is not None:
                    self.faults.append(f"platend ended by itself: {life.process.poll()}")
                    break
                self.count["holds"] += floor.answer_holds()
                left = kill_oracle.not_over(floor)
                if not left:
                    break
                if len(left) < least:
                    least, moved = len(left), time.monotonic()
        finally:
            status = life.end(signal.SIGTERM)
            floor.desk.close()
        self.spent["settling"] += time.monotonic() - begin
        if left:
            self.faults.append(f"{len(left)} not over, nothing moves for {STILL_S} s in peace: {left[:8]}")
        if status != 0:
            self.faults.append(f"platend, told to stop, ended with {status}")

    def judge(self, floor, number):
        faults, sums = kill_oracle.judge(floor)
        self.faults += [f"floor {number} ({floor.folder}): {fault}" for fault in faults]
        for key, value in sums.items():
            self.sums[key] = self.sums.get(key, 0) + value


def of_one_floor(folder, seed, kills, pipe):
    campaign = Campaign(folder, seed, kills)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is ended
    try:
        campaign.run()
    except BaseException:  # whatever it is, the campaign has failed and says why
        campaign.faults.append(traceback.format_exc())
    pipe.send({key: getattr(campaign, key) for key in
               ("hits", "count", "sums", "faults", "ready_ms", "session_ms", "life_ms", "spent")})


def run_floors(folder):
    """What each of the floors came to, when all have ended."""
    fork, running = multiprocessing.get_context("fork"), []
    for n in range(FLOORS):
        ours, theirs = fork.Pipe(False)
        kills = KILLS // FLOORS + (n < KILLS % FLOORS)
        process = fork.Process(target=of_one_floor, args=(os.path.join(folder, f"floor{n}"), SEED + n, kills, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
    try:
        results = [ours.recv() for _, ours in running]
    finally:
        for process, _ in running:
            process.join(None if process.exitcode is not None else 10)
            process.terminate()
    return results


def summed(results, key):
    total = {}
    for result in results:
        for name, value in result[key].items():
            total[name] = total.get(name, 0) + value
    return total


def quantiles(results, key):
    values = sorted(value for result in results for value in result[key])
    if not values:
        return "never"
    return f"p50 {values[len(values) // 2]:.0f} ms, p99 {values[len(values) * 99 // 100]:.0f} ms"


def test(t, folder):
    tap.note(f"SEED={SEED} KILLS={KILLS}")
    begin = time.monotonic()
    results = run_floors(folder)
    took = time.monotonic() - begin
    hits, count, sums = summed(results, "hits"), summed(results, "count"), summed(results, "sums")
    faults = [fault for result in results for fault in result["faults"]]
    t.ok(count["deaths"] >= KILLS, f"platend was killed {KILLS} times, and came back", count)
    missed = sorted(point for point, n in hits.items() if n == 0)
    t.ok(not missed, "it died at every named point", "\n".join(missed))
    for name, kind in kill_oracle.FACTS:
        found = [fault for fault in faults if f"[{kind}]" in fault]
        t.ok(not found, name, "\n".join(found))
    other = [fault for fault in faults if not any(f"[{kind}]" in fault for _, kind in kill_oracle.FACTS)]
    t.ok(not other, "it never ended by itself, and every floor came to its end", "\n".join(other))
    tap.note(f"start to ready {quantiles(results, 'ready_ms')}; start to the first call answered "
             f"{quantiles(results, 'session_ms')}; a life {quantiles(results, 'life_ms')}")
    tap.note(f"{min(hits, key=hits.get)} was hit least: {min(hits.values())} times; seconds in "
             + ", ".join(f"{name} {spent:.0f}" for name, spent in summed(results, "spent").items()))
    tap.note(", ".join(f"{name} {n}" for name, n in sums.items()))
    tap.note(f"{count['deaths']} kills in {took:.0f} s, {count['deaths'] / took:.1f} a second: "
             f"{sum(hits.values())} at {len(hits)} points, {count['by_chance']} at random; {count['workers']} workers, "
             f"{count['service']} order services; {count['holds']} holds")


if __name__ == "__main__":
    tap.need("openssl")
    tap.run(test)
