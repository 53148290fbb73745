#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many floors at once on a bad line: answers get lost and are asked for again, floors fall silent and leases lapse,
the service is killed in between. However it goes, each job is permitted once, and events are stored 1..n. The chances
come of a seed (SEED=), the interleaving of course does not."""
import os
import random
import sys
import threading
import time
import uuid

from service import Client, Service, Tap, png

SEED = int(os.environ.get("SEED", "1"))
FLOORS, JOBS, SECONDS = 5, 120, float(os.environ.get("SECONDS", "60"))
tap = Tap()
service = Service('lease = "2 s"\nheartbeat = "1 s"\nregrants_per_minute = 100000\ngrants_max = 1000')
shop = Client(service, service.admin_pair)
granted, printed, lock = {}, {}, threading.Lock()
lost = [0]
done = threading.Event()


class Floor(threading.Thread):
    """Takes jobs, prints them in its mind, reports. Each call may lose its answer and is then repeated with its key."""

    def __init__(self, number):
        super().__init__()
        self.chance = random.Random(SEED * 100 + number)
        self.name = f"lab-{number}"
        self.link = service.floor(self.name)
        self.store, self.generation = "st-" + self.name, 0
        self.sequences, self.fault = {}, None

    def send(self, method, path, body, kind="application/json"):
        key = uuid.uuid4().hex
        while not done.is_set():
            try:
                answer = self.link.call(method, path, body, key=key, kind=kind,
                                        lose=self.chance.random() < 0.2)
                if answer.status in (200, 204):
                    return answer
                if answer.code not in ("in-flight", "session-unknown", "offer-unknown"):
                    raise RuntimeError(f"{path}: {answer.status} {answer.raw[:200]}")
                if answer.code == "session-unknown" or answer.code == "offer-unknown":
                    self.open()
            except (OSError, ValueError):
                with lock:
                    lost[0] += 1
            time.sleep(0.02)
        raise SystemExit

    def open(self):
        self.generation += 1
        body = {"floor": self.name, "store_id": self.store, "store_generation": self.generation}
        self.link.session = self.send("POST", "/v1/sessions", body).json["session"]
        offer = {"printers": [{"id": "P1", "skus": ["4x6"]}], "want_jobs": 50, "want_s": 9000}
        self.etag = self.send("PUT", "/v1/offer", offer).json["etag"]

    def event(self, lease, name):
        number = self.sequences[lease["job"]] = self.sequences.get(lease["job"], 0) + 1
        return {"specversion": "1.0", "id": uuid.uuid4().hex, "subject": lease["job"],
                "source": f"/floors/{self.name}/stores/{self.store}", "sequence": number,
                "type": f"platen.job.{name}.v1", "epoch": lease["epoch"], "data": {"printer": "P1"}}

    def report(self, *events):
        fates = self.send("POST", "/v1/events", list(events),
                          "application/cloudevents-batch+json").json["events"]
        wrong = [f for f in fates if f["fate"] in ("gap", "rejected")]
        if wrong:
            raise RuntimeError(f"events {wrong}")

    def work(self, lease):
        job, epoch = lease["job"], lease["epoch"]
        self.report(self.event(lease, "leased"), self.event(lease, "asset_ready"))
        luck = self.chance.random()
        if luck < 0.1:
            time.sleep(2.5)  # falls silent: the lease lapses, perhaps to somebody else
        elif luck < 0.2:
            self.send("POST", "/v1/leases:release", {"jobs": [
                {"job": job, "epoch": epoch, "reason": "busy", "retry": "later", "later_s": 0}]})
            self.report(self.event(lease, "released"))
            return
        ask = {"jobs": [{"job": job, "epoch": epoch, "revision": 1, "printer": "P1"}]}
        verdict = self.send("POST", "/v1/jobs:start", ask).json["jobs"][0]["verdict"]
        if verdict == "granted":
            with lock:
                granted.setdefault(job, set()).add((self.name, epoch))
                printed[job] = printed.get(job, 0) + 1
            self.report(self.event(lease, "started"), self.event(lease, "printed"))

    def run(self):
        try:
            self.open()
            while not done.is_set():
                body = {"max_jobs": self.chance.randint(1, 4), "offer_etag": self.etag}
                answer = self.send("POST", "/v1/leases:acquire?wait=1", body)
                for lease in answer.json["leases"] if answer.status == 200 else []:
                    self.work(lease)
        except SystemExit:
            pass
        except Exception as fault:
            self.fault = f"{type(fault).__name__}: {fault}"


asset = shop.post("/v1/admin/assets", png(8, 8), kind="image/png").json["asset"]["id"]
job = {"product": {"sku": "4x6", "copies": 1}, "pages": [{"asset": asset}]}
orders = [shop.post("/v1/admin/orders", {"jobs": [job] * 20}).json for _ in range(JOBS // 20)]
floors = [Floor(n) for n in range(FLOORS)]
for floor in floors:
    floor.start()
began = time.monotonic()
for moment in (1.0, 2.5, 4.0):
    time.sleep(max(0, began + moment - time.monotonic()))
    service.stop(9)
    service.start()


def left():
    seen = shop.get("/v1/admin/orders").json["orders"]
    return sum(order["jobs_open"] for order in seen)


while left() > 0 and time.monotonic() - began < SECONDS and not any(f.fault for f in floors):
    time.sleep(0.2)
tap.same(left(), 0, f"all {JOBS} jobs are printed")
done.set()
for floor in floors:
    floor.join(30)
tap.same([floor.fault for floor in floors if floor.fault], [], "no floor met an answer it should not")
tap.same({j: g for j, g in granted.items() if len(g) != 1}, {}, "each job was permitted to one floor, once")
tap.same({j: n for j, n in printed.items() if n != 1}, {}, "and printed once")
wrong = []
for order in orders:
    streams = {}
    for event in shop.get(f"/v1/admin/orders/{order['order']['id']}").json["events"]:
        streams.setdefault((event["source"], event["subject"]), []).append(event["sequence"])
    wrong += [stream for stream in streams.values() if stream != list(range(1, len(stream) + 1))]
tap.same(wrong, [], "events of each source and subject are stored 1..n, in order")
tap.ok(lost[0] > 20, "answers did get lost", lost)
print(f"# {lost[0]} answers lost, {time.monotonic() - began:.1f} s")
tap.same(service.stop(), 0, "the service stops with 0")
service.remove()
sys.exit(tap.end())
