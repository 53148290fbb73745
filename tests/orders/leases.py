#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What time does to jobs: leases lapse and are granted again with the next epoch, permits stay; links end; the two
brakes. A service whose leases last two seconds, a second one whose brakes are tight."""
import os
import sqlite3
import sys
import time
import uuid

from service import Client, Service, Tap, png

tap = Tap()
ok, same, refused = tap.ok, tap.same, tap.refused


class Floor:
    def __init__(self, service, name):
        self.link = service.floor(name)
        body = {"floor": name, "store_id": "st-" + name, "store_generation": 1}
        self.link.session = self.link.post("/v1/sessions", body).json["session"]
        offer = {"printers": [{"id": "P1", "skus": ["4x6"]}], "want_jobs": 50, "want_s": 900}
        self.etag = self.link.call("PUT", "/v1/offer", offer).json["etag"]

    def acquire(self, wait=0):
        body = {"max_jobs": 50, "offer_etag": self.etag}
        answer = self.link.post(f"/v1/leases:acquire?wait={wait}", body)
        return answer.json["leases"] if answer.status == 200 else []

    def extend(self, lease):
        body = {"jobs": [{"job": lease["job"], "epoch": lease["epoch"]}]}
        return self.link.post("/v1/leases:extend", body).json["jobs"][0]

    def verdict(self, lease):
        body = {"jobs": [{"job": lease["job"], "epoch": lease["epoch"],
                          "revision": lease["revision"], "printer": "P1"}]}
        return self.link.post("/v1/jobs:start", body).json["jobs"][0]["verdict"]


def add(service, jobs):
    shop = Client(service, service.admin_pair)
    asset = shop.post("/v1/admin/assets", png(8, 8, 1), kind="image/png").json["asset"]["id"]
    job = {"product": {"sku": "4x6", "copies": 1}, "pages": [{"asset": asset}]}
    return shop.post("/v1/admin/orders", {"jobs": [job] * jobs}).json["jobs"]


def state(service, job):
    return Client(service, service.admin_pair).get(f"/v1/admin/jobs/{job}").json["job"]


def test_lapse():
    service = Service('lease = "2 s"\nheartbeat = "1 s"\nlinks = "2 s"')
    one, two = Floor(service, "lab-1"), Floor(service, "lab-2")
    pinned, kept, lost = add(service, 3)
    leases = {lease["job"]: lease for lease in one.acquire()}
    same(set(leases), {pinned, kept, lost}, "three jobs are leased")
    same(leases[lost]["ttl_s"], 2, "for two seconds")
    same(one.verdict(leases[pinned]), "granted", "one is permitted")
    began = time.monotonic()
    url = leases[lost]["pages"][0]["asset"]["url"].split(str(service.port), 1)[1]
    same(Client(service).get(url).status, 200, "a link works while it lasts")
    again = []
    while not again and time.monotonic() - began < 8:
        one.extend(leases[kept])
        one.extend(leases[pinned])
        again = two.acquire(wait=1)
    seconds = time.monotonic() - began
    same([(lease["job"], lease["epoch"]) for lease in again], [(lost, 2)],
         "only the one not extended is granted again, with the next epoch")
    ok(1.5 <= seconds <= 4.5, "when its time was over, to a poll that waited", seconds)
    time.sleep(max(0, began + 3.2 - time.monotonic()))  # links end on whole seconds
    refused(Client(service).get(url), 403, "link-expired", "a link ends, too: 403")
    same(one.extend(leases[lost])["action"], "gone", "the first floor hears that it is gone")
    same(one.verdict(leases[lost]), "superseded", "and gets no permit")
    same(two.verdict(again[0]), "granted", "the second does")
    time.sleep(3)
    ok(all(lease["job"] == kept for lease in two.acquire(wait=1)),
       "a permitted job is never granted again, however long nobody speaks of it")
    same(state(service, pinned)["state"], "permitted", "it stays with its floor")
    same(one.verdict(leases[pinned]), "granted", "which may still print it")
    free, = add(service, 1)
    lease, = one.acquire()
    time.sleep(2.5)
    same((lease["job"], one.verdict(lease)), (free, "granted"),
         "a lapsed lease that nobody else was given still gets its permit")
    gone, = add(service, 1)
    one.acquire()
    Client(service, service.admin_pair).post(f"/v1/admin/jobs/{gone}:cancel", {})
    time.sleep(2.5)
    ok(gone not in [lease["job"] for lease in two.acquire()], "a cancelled job is not granted again")
    same(state(service, gone)["state"], "cancelled", "it is cancelled when its lease is over")
    same(service.stop(), 0, "the service stops with 0")
    service.remove()


def test_brakes():
    service = Service('lease = "2 s"\nheartbeat = "1 s"\nregrants_per_minute = 2\ngrants_max = 2')
    one, two = Floor(service, "lab-1"), Floor(service, "lab-2")
    jobs = add(service, 5)
    same(len(one.acquire()), 5, "five jobs are leased to a floor that falls silent")
    while time.clock_gettime(time.CLOCK_BOOTTIME) % 60 > 50:  # the brake counts by the minute
        time.sleep(1)
    time.sleep(2.5)
    first = two.acquire()
    same(len(first), 2, "of five lapsed leases two move within a minute")
    time.sleep(2.5)
    two.acquire()
    spent = [job for job in jobs if state(service, job)["state"] == "error"]
    ok(spent and state(service, spent[0])["reason"] == "grants",
       "a job granted over and over without an end waits for a person", spent)
    same(service.stop(), 0, "the service stops with 0")
    service.remove()


def test_token_needed():
    service = Service("require_token = true")
    link = service.floor("lab-1")
    body = {"floor": "lab-1", "store_id": "s", "store_generation": 1}
    key = uuid.uuid4().hex
    refused(link.post("/v1/sessions", body, key=key), 401, "token-needed", "a token can be demanded")
    token = link.post("/v1/token", {}, key=None).json["token"]
    answer = link.post("/v1/sessions", body, key=key, headers={"Authorization": "Bearer " + token})
    same(answer.status, 200, "with it the same key goes through")
    service.stop()
    service.remove()


def test_keys_end():
    service = Service()
    shop = Client(service, service.admin_pair)
    path = "/v1/admin/floors/lab-1:"
    shop.post(path + "disable", {}, key="old")
    shop.post(path + "disable", {}, key="young")
    service.stop()
    store = sqlite3.connect(service.data + "/orders.db")
    for key, days in (("old", 31), ("young", 29)):
        store.execute("UPDATE idempotency SET added_wall_ms=added_wall_ms-? WHERE key=?", (days * 86400000, key))
    store.commit()
    store.close()
    with open(service.data + "/incoming/01CUTOFF", "wb") as file:
        file.write(b"half a photo")
    service.start()
    refused(shop.post(path + "enable", {}, key="young"), 422, "key-reused", "a key is kept for 29 days")
    same(shop.post(path + "enable", {}, key="old").status, 200, "and forgotten after 30")
    same(os.listdir(service.data + "/incoming"), [], "what a kill cut off is swept at start")
    service.stop()
    service.remove()


for test in (test_lapse, test_brakes, test_token_needed, test_keys_end):
    test()
sys.exit(tap.end())
