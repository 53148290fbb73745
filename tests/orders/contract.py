#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of docs/order-api.md, held against the real program over TLS: sessions, offers, polls, keys.
Nothing here knows more than that document says."""
import threading
import time
import uuid

from players import Floor, OFFER, PRINTER, Play
from service import Ca, Client, png

play = Play()
service, shop, nobody = play.service, play.shop, play.nobody
ok, same, refused = play.tap.ok, play.tap.same, play.tap.refused


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
    same(floor.open([floor.held(lease, epoch=0)]).json["jobs"][0]["verdict"], "drop",
         "another epoch: drop")
    missed = {"job": lease["job"], "epoch": 1, "state": "leased", "seq": 0}
    same(floor.open().json["missed"], [missed], "its own job that it did not name is missed")
    same(floor.open([floor.held(lease)]).json["missed"], [], "one that it named is not")
    floor.send(floor.job_event(lease, "leased"), floor.job_event(lease, "asset_ready"))
    refused(floor.ask_session([floor.held(lease, seq=1)]), 409, "store-rollback",
            "more events here than the floor knows: its store is an old copy")
    same(floor.ask_session([floor.held(lease, seq=2)]).status, 200, "as many events: fine")
    floor.generation = 5
    floor.open()
    refused(floor.ask_session(store_generation=4), 409, "store-rollback",
            "a generation that goes backwards: 409")
    same(floor.ask_session(store_generation=5).status, 200, "the same generation: fine")
    refused(floor.ask_session(store_id="st-new", store_generation=1), 409, "session-conflict",
            "another store while this one's heart beats: a second platend, refused")
    ok(0 < floor.ask_session(store_id="st-new").json["retry_after_s"] <= 91, "and told when to ask again")
    floor.open()
    same(floor.link.post("/v1/leases:extend", {"jobs": []}).status, 200, "the first one goes on undisturbed")
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


play.run(test_identity, test_sessions, test_offer, test_acquire, test_long_poll, test_keys)
