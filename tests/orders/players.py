# SPDX-License-Identifier: Apache-2.0
"""Who plays in the contract tests: a floor and a shop, as docs/order-api.md describes them, and the frame that runs
a file of tests against one service."""
import sys
import uuid

from service import Client, Service, Tap, png

PRINTER = {"id": "P1", "model": "m", "state": "idle", "media": "x", "skus": ["4x6-glossy", "5x7"],
           "ms_per_print": 1000, "queue_s": 0}
OFFER = {"printers": [PRINTER], "max_pixels": 200000000, "max_bytes": 100000000, "want_jobs": 20,
         "want_s": 900, "formats": ["image/jpeg", "image/png"]}


class Floor:
    """A floor of the test: certificate, store, session, offer."""

    def __init__(self, service, name, offer=OFFER):
        self.name, self.link = name, service.floor(name)
        self.store, self.generation, self.etag = "st-" + uuid.uuid4().hex[:8], 1, None
        self.sequences = {}
        self.open()
        self.put_offer(offer)

    def ask_session(self, jobs=(), **more):
        body = {"floor": self.name, "store_id": self.store, "store_generation": self.generation,
                "boot_id": "b", "agent": "test/1", "jobs": list(jobs), **more}
        return self.link.post("/v1/sessions", body)

    def open(self, jobs=()):
        answer = self.ask_session(jobs)
        self.link.session = answer.json.get("session", self.link.session)
        return answer

    def put_offer(self, offer, **headers):
        answer = self.link.call("PUT", "/v1/offer", offer, headers=headers)
        if answer.status == 200:
            self.etag = answer.headers["etag"]
        return answer

    def acquire(self, wait=0, key="new", **more):
        body = {"max_jobs": 5, "max_bytes": 0, "offer_etag": self.etag, **more}
        return self.link.post(f"/v1/leases:acquire?wait={wait}", body, key=key)

    def lease(self, **more):
        return self.acquire(**more).json["leases"][0]

    def held(self, lease, **more):
        return {"job": lease["job"], "epoch": lease["epoch"], "state": "queued", "seq": 0,
                "printed": 0, **more}

    def extend(self, *leases):
        return self.link.post("/v1/leases:extend",
                              {"jobs": [self.held(lease) for lease in leases]}).json["jobs"]

    def start(self, lease, key="new", **more):
        item = {"job": lease["job"], "epoch": lease["epoch"], "revision": lease["revision"],
                "printer": "P1", **more}
        return self.link.post("/v1/jobs:start", {"jobs": [item]}, key=key)

    def verdict(self, lease, **more):
        return self.start(lease, **more).json["jobs"][0]["verdict"]

    def release(self, lease, retry, **more):
        item = {"job": lease["job"], "epoch": lease["epoch"], "reason": "unsupported",
                "detail": "no such paper", "retry": retry, **more}
        return self.link.post("/v1/leases:release", {"jobs": [item]})

    def event(self, subject, name, epoch=None, sequence=None, data=None, **more):
        if sequence is None:
            sequence = self.sequences[subject] = self.sequences.get(subject, 0) + 1
        event = {"specversion": "1.0", "id": uuid.uuid4().hex,
                 "source": f"/floors/{self.name}/stores/{self.store}", "type": name,
                 "subject": subject, "time": "2026-01-31T10:00:00.000Z", "sequence": sequence,
                 "datacontenttype": "application/json", "data": data or {}, **more}
        if epoch is not None:
            event["epoch"] = epoch
        return event

    def job_event(self, lease, name, **more):
        return self.event(lease["job"], f"platen.job.{name}.v1", lease["epoch"], **more)

    def send(self, *events, key="new"):
        return self.link.post("/v1/events", list(events), key=key,
                              kind="application/cloudevents-batch+json")

    def fates(self, *events):
        return [event["fate"] for event in self.send(*events).json["events"]]


class Shop:
    """The admin side."""

    def __init__(self, service):
        self.link = Client(service, service.admin_pair)
        self.seed = 0

    def photo(self, size=(40, 30)):
        self.seed += 1
        return self.link.post("/v1/admin/assets", png(*size, self.seed), kind="image/png",
                              key=None).json["asset"]

    def order(self, jobs=1, sku="4x6-glossy", **more):
        body = {"jobs": [{"product": {"sku": sku, "copies": 2},
                          "pages": [{"asset": self.photo()["id"], "options": {"fit": "fill"}}]}
                         for _ in range(jobs)], **more}
        return self.link.post("/v1/admin/orders", body).json

    def job(self, job):
        return self.link.get(f"/v1/admin/jobs/{job}").json["job"]

    def verb(self, job, verb, **body):
        return self.link.post(f"/v1/admin/jobs/{job}:{verb}", body)


class Play:
    """One service, its shop, somebody without a certificate, and TAP."""

    def __init__(self):
        self.tap, self.service = Tap(), Service()
        self.shop, self.nobody = Shop(self.service), Client(self.service)

    def run(self, *tests):
        for test in tests:
            print("# " + test.__name__[5:].replace("_", " "))
            try:
                test()
            except Exception as fault:  # a call broke off, an answer lacks a member: it fails, the rest runs
                self.tap.ok(False, f"{test.__name__} runs to its end", f"{type(fault).__name__}: {fault}")
        self.tap.same(self.service.child.poll(), None, "the service never died")
        self.tap.same(self.service.stop(), 0, "and stops when asked, with 0")
        if self.tap.failed:
            with open(self.service.log, encoding="utf8", errors="replace") as log:
                print("".join("# log: " + line for line in log.readlines()[-15:]))
        self.service.remove()
        sys.exit(self.tap.end())
