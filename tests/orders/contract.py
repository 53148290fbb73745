#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of docs/order-api.md, held against the real program over TLS: every call, its good answer and
its refusals. Nothing here knows more than that document says."""
import hashlib
import json
import sys
import threading
import time
import uuid

from service import Ca, Client, Service, Tap, png

tap = Tap()
ok, same, refused = tap.ok, tap.same, tap.refused

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


service = Service()
shop = Shop(service)
nobody = Client(service)


def test_identity():
    refused(nobody.get("/v1/meta"), 401, "certificate-needed", "no certificate: 401")
    refused(nobody.post("/v1/sessions", {}), 401, "certificate-needed", "no certificate: no session")
    stranger = Client(service, Ca(service.folder, "other").issue("lab-1"))
    try:
        answer = stranger.get("/v1/meta")
        ok(answer.status == 401, "a certificate of another CA is refused", answer.status)
    except OSError:
        ok(True, "a certificate of another CA is refused")
    floor = service.floor("lab-0")
    refused(floor.get("/v1/admin/orders"), 403, "wrong-certificate", "a floor is no admin")
    refused(shop.link.post("/v1/sessions", {}), 403, "wrong-certificate", "the admin is no floor")
    refused(floor.post("/v1/admin/assets", png(4, 4), kind="image/png"), 403, "wrong-certificate",
            "a floor can't upload")
    body = {"floor": "lab-9", "store_id": "s1", "store_generation": 1}
    refused(floor.post("/v1/sessions", body), 403, "wrong-floor", "the body can't name another floor")
    meta = floor.get("/v1/meta")
    ok(meta.status == 200 and meta.json["api"] == "v1" and meta.json["limits"]["leases"] == 50,
       "meta tells versions and limits", meta.raw)
    token = floor.post("/v1/token", {}, key=None).json
    ok(token["token_type"] == "Bearer" and 0 < token["expires_in_s"] <= 3600, "a token lives an hour")
    bearer = {"Authorization": "Bearer " + token["token"]}
    same(floor.get("/v1/meta", headers=bearer).status, 200, "its token is taken")
    refused(service.floor("lab-8").get("/v1/meta", headers=bearer), 401, "token-refused",
            "a token of another certificate is refused")
    refused(floor.get("/v1/meta", headers={"Authorization": "Bearer 9-x"}), 401, "token-refused",
            "a made-up token is refused")


def test_sessions():
    floor = Floor(service, "lab-1")
    answer = floor.open()
    ok(answer.status == 200 and {"session", "ttl_s", "heartbeat_s", "poll_wait_s", "batch_events",
                                 "jobs"} <= set(answer.json), "a session has its parameters",
       answer.raw)
    session = floor.link.session
    floor.link.session = None
    refused(floor.link.post("/v1/leases:extend", {"jobs": []}), 428, "session-needed",
            "a call without session: 428")
    floor.link.session = "s-old"
    refused(floor.link.post("/v1/leases:extend", {"jobs": []}), 412, "session-unknown",
            "a call with a strange session: 412")
    floor.link.session = session
    floor.open()
    new, floor.link.session = floor.link.session, session
    refused(floor.link.post("/v1/leases:extend", {"jobs": []}), 412, "session-unknown",
            "a new session ends the one before")
    floor.link.session = new
    unknown = {"job": "j-none", "epoch": 1, "state": "queued", "seq": 0, "printed": 0}
    same(floor.open([unknown]).json["jobs"], [{"job": "j-none", "verdict": "unknown"}],
         "a job never heard of: unknown")
    floor.put_offer(OFFER)
    shop.order()
    lease = floor.lease()
    same(floor.open([floor.held(lease)]).json["jobs"][0]["verdict"], "keep", "its own job: keep")
    same(floor.open([floor.held(lease, seq=3)]).json["jobs"],
         [{"job": lease["job"], "verdict": "resend", "resend_from": 1}],
         "fewer events here than the floor made: resend")
    same(floor.open([floor.held(lease, epoch=7)]).json["jobs"][0]["verdict"], "drop",
         "another epoch: drop")
    floor.send(floor.job_event(lease, "leased"), floor.job_event(lease, "asset_ready"))
    refused(floor.ask_session([floor.held(lease, seq=1)]), 409, "store-rollback",
            "more events here than the floor knows: its store is an old copy")
    same(floor.ask_session([floor.held(lease, seq=2)]).status, 200, "as many events: fine")
    floor.generation = 5
    floor.open()
    refused(floor.ask_session(store_generation=4), 409, "store-rollback",
            "a generation that goes backwards: 409")
    same(floor.ask_session(store_generation=5).status, 200, "the same generation: fine")
    same(floor.ask_session(store_id="st-new", store_generation=1).status, 200,
         "a new store may begin at 1")
    refused(floor.ask_session(store_generation="7"), 400, "field", "a generation as text: 400")


def test_offer():
    floor = Floor(service, "lab-2")
    first = floor.etag
    same(floor.put_offer(OFFER).headers["etag"], first, "the same offer has the same ETag")
    refused(floor.link.call("PUT", "/v1/offer", OFFER, headers={"If-Match": '"x"'}), 412,
            "offer-unknown", "If-Match of another offer: 412")
    same(floor.put_offer({**OFFER, "want_jobs": 3}, **{"If-Match": first}).status, 200,
         "If-Match of this offer: replaced")
    ok(floor.etag != first, "another offer has another ETag")
    floor.etag = first
    refused(floor.acquire(), 412, "offer-unknown", "acquire with an old ETag: 412")
    bad = {**OFFER, "printers": [{**PRINTER, "skus": [1]}]}
    refused(floor.link.call("PUT", "/v1/offer", bad), 400, "field", "a sku that is no text: 400")
    floor.put_offer({**OFFER, "want_jobs": 0})
    shop.order()
    same(floor.acquire().status, 204, "want_jobs 0 gets nothing")
    floor.put_offer({**OFFER, "printers": [{**PRINTER, "skus": ["other"]}]})
    same(floor.acquire().status, 204, "a job of a product that is not makeable is not handed out")
    floor.put_offer({**OFFER, "max_bytes": 100})
    same(floor.acquire().status, 204, "nor one whose photo is over max_bytes")
    floor.put_offer({**OFFER, "formats": ["image/jpeg"]})
    same(floor.acquire().status, 204, "nor one of another format")
    floor.put_offer(OFFER)
    same(floor.acquire().status, 200, "but now it is")


def test_acquire():
    floor = Floor(service, "lab-3")
    order = shop.order(3, ref="A-1042", leave_by_in_s=7200, handover="ship", floor="lab-3")
    lease = floor.lease(max_jobs=1)
    same(lease["job"], order["jobs"][0], "the oldest first, max_jobs honoured")
    ok(lease["epoch"] == 1 and lease["revision"] == 1 and lease["ttl_s"] == 120 and
       lease["product"] == {"sku": "4x6-glossy", "copies": 2} and
       lease["order"]["id"] == order["order"]["id"] and lease["order"]["ref"] == "A-1042" and
       lease["order"]["jobs_total"] == 3 and 7190 < lease["order"]["leave_by_in_s"] <= 7200 and
       lease["order"]["handover"] == "ship" and lease["order"]["private"] is False and
       lease["pages"][0]["options"] == {"fit": "fill"} and lease["priority"] == 50,
       "a lease is whole", lease)
    asset = lease["pages"][0]["asset"]
    ok({"id", "sha256", "bytes", "media_type", "url", "expires_in_s"} <= set(asset) and
       asset["media_type"] == "image/png", "with its asset", asset)
    same(floor.acquire(exclude=order["jobs"][1:]).status, 204, "excluded jobs are not handed out")
    size = asset["bytes"]
    same(len(floor.acquire(max_bytes=size).json["leases"]), 1, "max_bytes honoured")
    same([x["job"] for x in floor.acquire().json["leases"]], order["jobs"][2:], "the rest")
    low = shop.order(priority=10, floor="lab-3")["jobs"][0]
    high = shop.order(priority=90, floor="lab-3")["jobs"][0]
    same([x["job"] for x in floor.acquire().json["leases"]], [high, low], "higher priority first")
    shop.order(floor="lab-elsewhere")
    same(floor.acquire().status, 204, "an order for another floor is not handed out")
    refused(floor.acquire(wait=26), 400, "field", "wait over 25: 400")
    refused(floor.acquire(max_jobs=0), 400, "field", "max_jobs 0: 400")
    refused(floor.acquire(max_jobs=51), 400, "field", "max_jobs 51: 400")


def in_background(call):
    result = {}

    def run():
        began = time.monotonic()
        result["answer"] = call()
        result["seconds"] = time.monotonic() - began

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.4)
    return thread, result


def test_long_poll():
    floor = Floor(service, "lab-4")
    key = uuid.uuid4().hex
    thread, result = in_background(lambda: floor.acquire(wait=20, key=key))
    ok(thread.is_alive(), "a poll waits")
    refused(floor.acquire(wait=20, key=key), 409, "in-flight", "the same key while it waits: 409")
    same(shop.link.get("/v1/meta").status, 200, "others are answered meanwhile")
    job = shop.order(floor="lab-4")["jobs"][0]
    added = time.monotonic()
    thread.join(10)
    ok(time.monotonic() - added < 1.0 and result["answer"].json["leases"][0]["job"] == job,
       "it is answered at once when an order comes in", result)
    again = floor.acquire(wait=20, key=key)
    ok(again.raw == result["answer"].raw and again.headers.get("idempotent-replayed") == "true",
       "its key gives the same leases again")
    key, body = uuid.uuid4().hex, {"max_jobs": 5, "offer_etag": floor.etag}
    try:
        floor.link.post("/v1/leases:acquire?wait=20", body, key=key, lose=True)
    except ConnectionError:
        time.sleep(0.3)
    job = shop.order(floor="lab-4")["jobs"][0]
    time.sleep(0.2)
    same([lease["job"] for lease in floor.link.post("/v1/leases:acquire?wait=20", body, key=key)
          .json["leases"]], [job], "a poll whose line broke gives its leases when asked again")
    began = time.monotonic()
    ok(floor.acquire(wait=1).status == 204 and 0.8 < time.monotonic() - began < 4,
       "an empty poll ends after its wait with 204")
    thread, result = in_background(lambda: floor.acquire(wait=20))
    floor.acquire(wait=0)
    thread.join(5)
    ok(not thread.is_alive() and result["answer"].status == 204, "a second poll ends the first")
    thread, result = in_background(lambda: floor.acquire(wait=20))
    floor.put_offer({**OFFER, "want_jobs": 4})
    thread.join(5)
    ok(not thread.is_alive() and result["answer"].status == 204, "a changed offer ends a poll")
    thread, result = in_background(lambda: floor.acquire(wait=20))
    floor.ask_session()
    thread.join(5)
    ok(not thread.is_alive() and result["answer"].status == 204, "a new session ends a poll")


def test_keys():
    floor = Floor(service, "lab-5")
    shop.order(2, floor="lab-5")
    refused(floor.acquire(key=None), 400, "key-missing", "no key: 400")
    refused(floor.acquire(key="a b"), 400, "key-missing", "a key that is none: 400")
    key = uuid.uuid4().hex
    first = floor.acquire(key=key, max_jobs=1)
    again = floor.acquire(key=key, max_jobs=1)
    same((again.status, again.raw), (first.status, first.raw), "a repeat: the same bytes")
    same(again.headers.get("idempotent-replayed"), "true", "and says that it is one")
    refused(floor.acquire(key=key, max_jobs=2), 422, "key-reused", "another body: 422")
    refused(floor.link.post("/v1/leases:extend", {"jobs": []}, key=key), 422, "key-reused",
            "another call: 422")
    same(floor.acquire(max_jobs=1).status, 200, "only one job went by the key")
    key = uuid.uuid4().hex
    refused(floor.acquire(key=key, max_jobs=0), 400, "field", "a refusal …")
    same(floor.acquire(key=key).status, 204, "… does not use up its key")
    other = Floor(service, "lab-5b")
    same(other.acquire(key=key).status, 204, "keys of two floors are apart")
    body = {"ref": "K-1", "jobs": [{"product": {"sku": "none", "copies": 1},
                                    "pages": [{"asset": shop.photo()["id"]}]}]}
    one = shop.link.post("/v1/admin/orders", body, key="order-1")
    two = shop.link.post("/v1/admin/orders", body, key="order-1")
    ok(one.status == 201 and one.raw == two.raw and
       len(shop.link.get("/v1/admin/orders?ref=K-1").json["orders"]) == 1,
       "an order that is sent twice is one order")
    # all answers of all calls, byte for byte
    lease = Floor(service, "lab-5c")
    job = shop.order(floor="lab-5c")["jobs"][0]
    held = lease.lease()
    calls = [("/v1/leases:extend", {"jobs": [lease.held(held)]}),
             ("/v1/jobs:start", {"jobs": [{**lease.held(held), "revision": 1, "printer": "P1"}]}),
             ("/v1/assets:sign", {"asset": held["pages"][0]["asset"]["id"], "job": job, "epoch": 1}),
             ("/v1/remakes", {"remakes": [{"job": job, "page": 1, "copies": 1, "cause": "scratch",
                                           "payer": "lab", "by": "anna"}]}),
             ("/v1/leases:release", {"jobs": [{"job": job, "epoch": 1, "reason": "x",
                                               "retry": "later"}]})]
    for path, body in calls:
        key = uuid.uuid4().hex
        one, two = (lease.link.post(path, body, key=key) for _ in range(2))
        ok(one.status == 200 and one.raw == two.raw, f"a repeat of {path}: the same bytes",
           one.raw, two.raw)
    batch, key = [lease.event("printer/P1", "platen.printer.jam.v1")], uuid.uuid4().hex
    one, two = (lease.send(*batch, key=key) for _ in range(2))
    ok(one.status == 200 and one.raw == two.raw, "a repeat of /v1/events: the same bytes")
    key = uuid.uuid4().hex
    one, two = (lease.link.call("PUT", "/v1/offer", OFFER, key=key) for _ in range(2))
    ok(one.raw == two.raw and one.headers["etag"] == two.headers["etag"],
       "a repeat of PUT /v1/offer: the same bytes and ETag")


def test_permits():
    floor, other = Floor(service, "lab-6"), Floor(service, "lab-6b")
    shop.order(6, floor="lab-6")
    a, b, c, d, e, f = floor.acquire(max_jobs=6).json["leases"]
    same(floor.verdict(a, epoch=9), "superseded", "another epoch gets no permit")
    same(other.verdict(a), "superseded", "nor another floor")
    same(floor.verdict({**a, "job": "j-none"}), "superseded", "nor an unknown job")
    same(floor.verdict(a), "granted", "its floor does")
    same(shop.job(a["job"])["state"], "permitted", "and the job is pinned")
    same(floor.verdict(a, printer="P2"), "granted", "again, for another printer: the same verdict")
    shop.verb(b["job"], "pause")
    same(floor.extend(b)[0]["action"], "hold", "a paused job: hold")
    same(floor.verdict(b), "paused", "and no permit")
    shop.verb(b["job"], "resume")
    same([floor.extend(b)[0]["action"], floor.verdict(b)], ["none", "granted"], "until it is resumed")
    shop.verb(c["job"], "cancel", by="anna", reason="changed her mind")
    same(floor.extend(c)[0]["action"], "cancel", "a cancelled job: cancel")
    same(floor.verdict(c), "cancelled", "and no permit")
    same(floor.verdict(c), "cancelled", "nor when asked again")
    shop.verb(d["job"], "revise", product={"sku": "4x6-glossy", "copies": 5})
    same(floor.verdict(d), "revised", "a revised job: no permit")
    same(floor.verdict(d), "revised", "nor when asked again")
    new = floor.lease()
    ok(new["job"] == d["job"] and new["epoch"] == 2 and new["revision"] == 2 and
       new["product"]["copies"] == 5, "it comes again as it is now", new)
    shop.verb(e["job"], "cancel")
    floor.link.post("/v1/leases:extend", {"jobs": [floor.held(e)]})
    same(floor.fates(floor.job_event(e, "cancelled", data={"by": "cloud"})), ["accepted"],
         "the floor says that it stopped")
    same(shop.job(e["job"])["state"], "cancelled", "and the job is cancelled")
    shop.verb(a["job"], "cancel")
    same(floor.extend(a)[0]["action"], "cancel", "also a permitted job is asked to stop")
    floor.fates(floor.job_event(a, "cancel_too_late", data={"state": "sending"}))
    same(floor.extend(a)[0]["action"], "none", "until the floor says that it can't")
    same(shop.verb(f["job"], "revoke").status, 200, "a lease can be asked back")
    same(floor.extend(f)[0]["action"], "revoke", "by the next extend")
    same(floor.release(f, "later", reason="revoked").json["jobs"][0]["verdict"], "ok", "given back")
    refused(shop.verb(a["job"], "revise", product={"sku": "x", "copies": 1}), 409, "too-late",
            "a permitted job can't be revised")
    refused(shop.verb(a["job"], "free"), 400, "field", "freeing a permit wants a name and a reason")
    same(shop.verb(a["job"], "free", by="anna", reason="fire").json["job"]["duplicate_risk"], True,
         "and is marked as a risk")
    same(floor.extend(a)[0]["action"], "gone", "the floor hears that it is gone")
    same(floor.fates(floor.job_event(a, "printed", data={"copies": 2})), ["accepted"],
         "a freed job nobody else has yet: its print is still of that epoch")


def test_release():
    floor, other = Floor(service, "lab-7"), Floor(service, "lab-7b")
    shop.order()
    lease = floor.lease()
    same(other.release(lease, "never").json["jobs"][0]["verdict"], "stale", "another floor's: stale")
    same(floor.release(lease, "elsewhere").json["jobs"][0]["verdict"], "ok", "elsewhere: ok")
    same(floor.acquire().status, 204, "this floor is not given it again")
    lease = other.lease()
    same(lease["epoch"], 2, "the other one is, with the next epoch")
    same(floor.release(lease, "never").json["jobs"][0]["verdict"], "stale", "stale when not its own")
    other.release(lease, "later", later_s=3600)
    same(other.acquire().status, 204, "later: not before that time")
    shop.verb(lease["job"], "cancel")
    shop.order(floor="lab-7")
    lease = floor.lease()
    floor.release(lease, "never", reason="poison", detail="this file kills its readers")
    job = shop.job(lease["job"])
    same((job["state"], job["reason"]), ("error", "poison"), "never: a person must look")
    same(shop.verb(lease["job"], "retry").json["job"]["state"], "waiting", "and may offer it again")
    same(floor.lease()["epoch"], 2, "so that it is granted again")
    refused(floor.release(lease, "sometime"), 400, "field", "an unknown retry word: 400")
    same(floor.extend({"job": "j-none", "epoch": 1})[0],
         {"job": "j-none", "epoch": 1, "action": "gone", "ttl_s": 0}, "extend of an unknown job: gone")


def test_events():
    floor, other = Floor(service, "lab-8"), Floor(service, "lab-8b")
    order = shop.order(2, floor="lab-8", ref="EV-1")
    lease, second = floor.acquire().json["leases"]
    one, two = floor.job_event(lease, "leased"), floor.job_event(lease, "asset_ready")
    answer = floor.send(one, two).json
    same([e["fate"] for e in answer["events"]], ["accepted", "accepted"], "in sequence: accepted")
    same(answer["acked"], [{"subject": lease["job"], "sequence": 2}], "and acknowledged")
    same(floor.fates(one), ["duplicate"], "the same id again: duplicate")
    ahead = floor.job_event(lease, "queued", sequence=5)
    after = floor.job_event(lease, "started", sequence=6)
    answer = floor.send(ahead, after).json["events"]
    same([(e["fate"], e["expected"]) for e in answer], [("gap", 3), ("gap", 3)],
         "a hole: gap, and what was expected")
    reused = floor.job_event(lease, "queued", sequence=2)
    answer = floor.send(reused).json["events"][0]
    same((answer["fate"], answer["code"]), ("rejected", "sequence-reused"),
         "a sequence of another event: rejected")
    answer = floor.send(floor.event("j-none", "platen.job.leased.v1", 1)).json["events"][0]
    same((answer["fate"], answer["code"]), ("rejected", "unknown-job"), "an unknown job: rejected")
    answer = other.send(other.job_event(lease, "leased")).json["events"][0]
    same((answer["fate"], answer["code"]), ("rejected", "wrong-floor"), "of another floor's job, too")
    floor.verdict(lease)
    same(floor.fates(floor.job_event(lease, "may_have_printed", data={"reason": "cable"})),
         ["accepted"], "may have printed")
    same(shop.job(lease["job"])["state"], "held", "the job is held")
    floor.fates(floor.job_event(lease, "resolved", data={"choice": "not_printed", "by": "anna"}))
    same(shop.job(lease["job"])["state"], "permitted", "resolved: it is permitted again")
    floor.fates(floor.job_event(lease, "printed", data={"copies": 2, "evidence": "impressions"}))
    same(shop.job(lease["job"])["state"], "printed", "printed: the end")
    same(floor.extend(lease)[0]["action"], "none", "a floor that has not heard it yet may go on")
    refused(shop.verb(lease["job"], "cancel"), 409, "too-late", "a printed job can't be cancelled")
    floor.release(second, "later")
    again = floor.lease()
    same(floor.fates(floor.job_event(second, "printed", data={"copies": 2})), ["stale_epoch"],
         "an old epoch: late evidence")
    job = shop.job(second["job"])
    same((job["state"], job["duplicate_risk"]), ("leased", True), "state stays, risk is marked")
    same(floor.fates(floor.job_event(again, "leased")), ["accepted"],
         "the sequence goes on under the new epoch")
    same(floor.fates(floor.event("printer/P1", "platen.printer.jam.v1", data={"reason": "jam"})),
         ["accepted"], "printers have their own sequence")
    order_id = "order/" + order["order"]["id"]
    same(floor.fates(floor.event(order_id, "platen.order.assembled.v1")), ["accepted"],
         "and orders")
    same(floor.fates(floor.job_event(again, "new_fangled", data={"x": [1, {"y": None}]})),
         ["accepted"], "an unknown type is kept")
    seen = shop.link.get("/v1/admin/orders/EV-1").json
    for subject in (lease["job"], second["job"]):
        numbers = [e["sequence"] for e in seen["events"]
                   if e["subject"] == subject and e["source"].startswith("/floors/lab-8/")]
        same(numbers, list(range(1, len(numbers) + 1)), "an order shows the events of a job as 1..n")
    ok(any(e["type"] == "platen.service.permitted.v1" for e in seen["events"]),
       "and what the service did between them")
    jams = shop.link.get("/v1/admin/events?subject=printer/P1").json["events"]
    ok(jams and jams[-1]["data"] == {"reason": "jam"}, "events of printers are shown", jams)
    for what, change in {"no specversion": {"specversion": None}, "sequence 0": {"sequence": 0},
                         "sequence as text": {"sequence": "1"}, "no id": {"id": None},
                         "a subject with a slash too many": {"subject": "a/b"},
                         "data as a list": {"data": [1]}, "no epoch": {"epoch": None},
                         "data over 16 KiB": {"data": {"x": "y" * 17000}}}.items():
        bad = {**floor.job_event(again, "queued", sequence=99), **change}
        refused(floor.send(bad), 400, "field", f"an event with {what}: 400")
    bad = {**floor.job_event(again, "queued", sequence=99), "source": "/floors/lab-9/stores/x"}
    refused(floor.send(bad), 400, "source", "an event of another source: 400")
    many = [floor.event("printer/P9", "platen.printer.jam.v1", sequence=n + 1) for n in range(501)]
    refused(floor.send(*[{"id": n} for n in range(501)]), 413, "too-large", "501 events: 413")
    same(set(floor.fates(*many[:300])), {"accepted"}, "300 events in one batch")
    big = [floor.event("printer/P8", "platen.printer.jam.v1", data={"x": "y" * 15000})
           for _ in range(40)]
    refused(floor.send(*big), 413, "too-large", "over 512 KiB: 413")
    refused(floor.link.post("/v1/events", [], kind="application/json"), 415, "media-type",
            "events as plain JSON: 415")


def follow(url, who=None, **headers):
    return (who or nobody).get(url.split(str(service.port), 1)[1], headers=headers)


def test_assets():
    floor = Floor(service, "lab-a")
    body = png(60, 50, 200)
    first = shop.link.post("/v1/admin/assets", body, kind="image/png", key=None)
    asset = first.json["asset"]
    ok(first.status == 201 and asset["sha256"] == hashlib.sha256(body).hexdigest() and
       asset["bytes"] == len(body), "an upload is known by its hash", asset)
    again = shop.link.post("/v1/admin/assets", body, kind="image/png", key=None)
    same(again.json["asset"]["id"], asset["id"], "the same bytes are the same asset")
    refused(shop.link.post("/v1/admin/assets", b"%PDF", kind="application/pdf"), 415, "media-type",
            "no photo: 415")
    refused(shop.link.post("/v1/admin/assets", b"", kind="image/png"), 400, "field", "nothing: 400")
    shop.link.post("/v1/admin/orders", {"floor": "lab-a", "jobs": [
        {"product": {"sku": "5x7", "copies": 1}, "pages": [{"asset": asset["id"]}]}]})
    lease = floor.lease()
    url = lease["pages"][0]["asset"]["url"]
    answer = follow(url)
    ok(answer.status == 200 and answer.raw == body and
       answer.headers["content-type"] == "image/png" and
       answer.headers["content-length"] == str(len(body)) and
       answer.headers["accept-ranges"] == "bytes" and "content-encoding" not in answer.headers and
       answer.headers["etag"] == f'"{asset["sha256"]}"', "a link gives the file, to anybody",
       answer.headers)
    answer = follow(url, Range="bytes=100-")
    ok(answer.status == 206 and answer.raw == body[100:] and
       answer.headers["content-range"] == f"bytes 100-{len(body) - 1}/{len(body)}",
       "and its rest", answer.headers)
    answer = follow(url, Range="bytes=10-19")
    ok(answer.status == 206 and answer.raw == body[10:20], "and a part of it", answer.status)
    refused(follow(url, Range=f"bytes={len(body)}-"), 416, "range", "nothing beyond its end: 416")
    same(follow(url, Range="bytes=0-1,5-6").raw, body, "several ranges: all of it")
    broken = url[:-1] + ("0" if url[-1] != "0" else "1")
    refused(follow(broken), 403, "link-refused", "a changed signature: 403")
    refused(follow(url.replace("exp=", "exp=9")), 403, "link-refused", "a changed expiry: 403")
    refused(follow(url.split("?")[0]), 403, "link-refused", "no signature: 403")
    refused(follow(url.replace(asset["id"], "a-other")), 403, "link-refused", "another file: 403")
    ask = {"asset": asset["id"], "job": lease["job"], "epoch": lease["epoch"]}
    fresh = floor.link.post("/v1/assets:sign", ask).json
    ok(fresh["expires_in_s"] > 0 and follow(fresh["url"]).raw == body, "a fresh link works", fresh)
    refused(floor.link.post("/v1/assets:sign", {**ask, "epoch": 9}), 409, "stale-epoch",
            "no link for another epoch")
    refused(floor.link.post("/v1/assets:sign", {**ask, "job": "j-none"}), 404, "unknown-job",
            "nor for an unknown job")
    refused(floor.link.post("/v1/assets:sign", {**ask, "asset": shop.photo()["id"]}), 404,
            "unknown-asset", "nor for a photo of another job")
    same(shop.link.post("/v1/admin/links:rotate", {}).status, 200, "the key of links is changed")
    refused(follow(url), 403, "link-refused", "then old links are void")
    same(floor.extend(lease)[0]["action"], "refresh-links", "and floors are told")
    same(floor.extend(lease)[0]["action"], "none", "once")
    same(follow(floor.link.post("/v1/assets:sign", ask).json["url"]).raw, body, "new ones work")
    head = nobody.call("HEAD", floor.link.post("/v1/assets:sign", ask).json["url"].split(
        str(service.port), 1)[1])
    same((head.status, head.raw), (200, b""), "HEAD works, too")


def test_remakes():
    floor = Floor(service, "lab-r")
    shop.order(floor="lab-r")
    lease = floor.lease()
    floor.verdict(lease)
    floor.fates(floor.job_event(lease, "printed", data={"copies": 2}))

    def remake(**more):
        item = {"job": lease["job"], "page": 1, "copies": 1, "cause": "scratch", "payer": "lab",
                "by": "anna", **more}
        return floor.link.post("/v1/remakes", {"remakes": [item]})

    made = remake().json["remakes"][0]
    ok(made["verdict"] == "granted" and made["lease"]["parent"] == lease["job"] and
       made["lease"]["product"]["copies"] == 1 and made["lease"]["epoch"] == 1 and
       made["lease"]["order"]["id"] == lease["order"]["id"], "a remake is a new job", made)
    same(floor.verdict(made["lease"]), "granted", "which gets its permit like any other")
    same(shop.job(lease["job"])["state"], "printed", "the first job stays as it was")
    same(remake(page=2).json["remakes"][0]["code"], "unknown-page", "of a page that is not there")
    same(remake(copies=3).json["remakes"][0]["code"], "copies", "of more than were ordered")
    same(remake(job="j-none").json["remakes"][0]["code"], "unknown-job", "of an unknown job")
    refused(remake(payer="nobody"), 400, "field", "an unknown payer: 400")


def test_admin():
    refused(shop.link.get("/v1/admin/orders/none"), 404, "unknown-order", "an unknown order: 404")
    refused(shop.link.get("/v1/admin/jobs/none"), 404, "unknown-job", "an unknown job: 404")
    refused(shop.link.get("/v1/other"), 404, "no-such-call", "an unknown call: 404")
    refused(shop.link.call("DELETE", "/v1/admin/orders"), 405, "method", "a wrong method: 405")
    photo = shop.photo()["id"]
    good = {"product": {"sku": "x", "copies": 1}, "pages": [{"asset": photo}]}
    refused(shop.link.post("/v1/admin/orders", {"jobs": [{**good, "pages": [{"asset": "a-no"}]}]}), 404,
            "unknown-asset", "an order of an unknown asset: 404")
    page = {"asset": photo}
    for what, job in {
            "no product": {"pages": [page]}, "no pages": {"product": good["product"]},
            "an empty list of pages": {**good, "pages": []},
            "33 pages": {**good, "pages": [page] * 33},
            "0 copies": {**good, "product": {"sku": "x", "copies": 0}},
            "10000 copies": {**good, "product": {"sku": "x", "copies": 10000}},
            "a crop past the edge": {**good, "pages": [{**page, "options": {
                "crop": {"x": 0.5, "y": 0, "width": 0.6, "height": 1}}}]},
            "a turn by 45": {**good, "pages": [{**page, "options": {"rotate_degrees": 45}}]},
            "an unknown fit": {**good, "pages": [{**page, "options": {"fit": "squeeze"}}]},
            "an unknown policy": {**good, "product": {"sku": "x", "copies": 1,
                                                      "duplicates_policy": "maybe"}},
            "a label over 64 bytes": {**good, "label": "x" * 65}}.items():
        refused(shop.link.post("/v1/admin/orders", {"jobs": [job]}), 400, "field",
                f"an order with {what}: 400")
    refused(shop.link.post("/v1/admin/orders", {"jobs": []}), 400, "field", "an order of nothing: 400")
    before = shop.link.get("/v1/admin/orders?limit=1").json
    ok("next" in before and len(before["orders"]) == 1, "orders come in pages", before)
    after = shop.link.get(f"/v1/admin/orders?limit=1&after={before['next']}").json["orders"]
    ok(after and after[0]["id"] != before["orders"][0]["id"], "one after the other")
    job = shop.order(sku="unmade")["jobs"][0]
    same(shop.verb(job, "cancel").json["job"]["state"], "cancelled", "a waiting job is cancelled at once")
    refused(shop.verb(job, "resume"), 409, "too-late", "and then nothing can be done to it")
    floors = shop.link.get("/v1/admin/floors").json["floors"]
    ok(any(f["floor"] == "lab-1" and f["agent"] == "test/1" for f in floors), "floors are listed")
    floor = Floor(service, "lab-d")
    shop.order(2, floor="lab-d")
    lease = floor.lease(max_jobs=1)
    same(shop.link.post("/v1/admin/floors/lab-d:disable", {}).json,
         {"floor": "lab-d", "disabled": True}, "a floor can be disabled")
    refused(floor.acquire(), 403, "floor-disabled", "it gets no new leases")
    refused(floor.start(lease), 403, "floor-disabled", "and no permits")
    same(floor.extend(lease)[0]["action"], "none", "but may extend")
    same(floor.fates(floor.job_event(lease, "leased")), ["accepted"], "and report")
    shop.link.post("/v1/admin/floors/lab-d:enable", {})
    same(floor.verdict(lease), "granted", "until it is enabled")


def test_bodies():
    """Malformed bodies of many kinds, to several calls: always a problem, never a crash."""
    floor = Floor(service, "lab-b")
    texts = {"nothing": b"", "no JSON": b"{", "a list": b"[]", "a number": b"7", "a text": b'"x"',
             "null": b"null", "two values": b"{} {}", "a key twice": b'{"jobs":[],"jobs":[]}',
             "bad UTF-8": b'{"jobs":"\xff"}', "a NUL": b'{"jobs":"\\u0000"}',
             "40 levels": b'{"jobs":' + b"[" * 40 + b"]" * 40 + b"}",
             "20000 values": b'{"jobs":[' + b"1," * 20000 + b"1]}",
             "a huge number": b'{"jobs":[],"max_jobs":1e999}',
             "a number over 64 bits": b'{"max_jobs":99999999999999999999,"jobs":[]}',
             "items that are no objects": b'{"jobs":[1,"x",null]}',
             "items without members": b'{"jobs":[{}]}',
             "a job id with a slash": b'{"jobs":[{"job":"a/b","epoch":1}]}',
             "an endless id": b'{"jobs":[{"job":"' + b"x" * 5000 + b'","epoch":1}]}',
             "a negative epoch": b'{"jobs":[{"job":"a","epoch":-1}]}',
             "an epoch as real": b'{"jobs":[{"job":"a","epoch":1.5}]}',
             "jobs as an object": b'{"jobs":{}}'}
    paths = ["/v1/leases:extend", "/v1/leases:release", "/v1/jobs:start"]
    for what, text in texts.items():
        answers = [floor.link.post(path, text) for path in paths]
        ok(all(a.status == 400 and a.code in ("json", "field") and a.json["detail"]
               for a in answers), f"{what}: 400 and a reason", *[a.raw for a in answers])
    for path in ["/v1/sessions", "/v1/leases:acquire", "/v1/assets:sign", "/v1/remakes"]:
        answers = [floor.link.post(path, text) for text in texts.values()]
        ok(all(a.status == 400 for a in answers), f"all of them at {path}: 400",
           [a.status for a in answers])
    answers = [floor.link.post("/v1/events", text, kind="application/cloudevents-batch+json")
               for what, text in texts.items() if what != "a list"]
    ok(all(a.status == 400 for a in answers), "all of them at /v1/events: 400")
    answers = [floor.link.call("PUT", "/v1/offer", text) for text in texts.values()]
    ok(all(a.status == 400 for a in answers), "all of them at /v1/offer: 400")
    answers = [shop.link.post("/v1/admin/orders", text) for text in texts.values()]
    ok(all(a.status == 400 for a in answers), "all of them at /v1/admin/orders: 400")
    refused(floor.link.post("/v1/leases:extend", b"{}", kind="text/plain"), 415, "media-type",
            "a body of another type: 415")
    refused(floor.link.post("/v1/leases:extend", b" " * (1024 * 1024 + 1)), 413, "too-large",
            "a body over 1 MiB: 413")
    extra = {"jobs": [], "new_member": {"deep": [1, 2]}}
    same(floor.link.post("/v1/leases:extend", extra).status, 200, "unknown members are ignored")
    answer = floor.link.post("/v1/leases:extend", {"jobs": [], "x": None})
    same(answer.status, 200, "null is as absent")
    same(shop.link.get("/v1/meta").status, 200, "after all that the service still answers")


def test_restart():
    floor = Floor(service, "lab-s")
    shop.order(2, floor="lab-s", ref="RESTART")
    one, two = floor.acquire().json["leases"]
    floor.verdict(one)
    key = uuid.uuid4().hex
    first = floor.link.post("/v1/leases:extend", {"jobs": [floor.held(one)]}, key=key)
    service.stop(9)
    service.start()
    again = floor.link.post("/v1/leases:extend", {"jobs": [floor.held(one)]}, key=key)
    same(again.raw, first.raw, "after kill -9 a key gives the same answer")
    same([j["state"] for j in shop.link.get("/v1/admin/orders/RESTART").json["jobs"]],
         ["permitted", "leased"], "and jobs are as they were")
    same([j["action"] for j in floor.extend(one, two)], ["none", "none"], "and still its floor's")
    same(floor.verdict(one), "granted", "the permit stands")


for test in (test_identity, test_sessions, test_offer, test_acquire, test_long_poll, test_keys,
             test_permits, test_release, test_events, test_assets, test_remakes, test_admin,
             test_bodies, test_restart):
    print("# " + test.__name__[5:].replace("_", " "))
    try:
        test()
    except Exception as fault:  # a call broke off, an answer lacks a member: it fails, the rest runs
        ok(False, f"{test.__name__} runs to its end", f"{type(fault).__name__}: {fault}")
same(service.child.poll(), None, "the service never died")
same(service.stop(), 0, "and stops when asked, with 0")
if tap.failed:
    with open(service.log, encoding="utf8", errors="replace") as log:
        print("".join("# log: " + line for line in log.readlines()[-15:]))
service.remove()
sys.exit(tap.end())
