#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of docs/order-api.md, held against the real program over TLS: links, the admin side, malformed bodies, a restart.
Nothing here knows more than that document says."""
import hashlib
import uuid

from players import Floor, Play
from service import png

play = Play()
service, shop, nobody = play.service, play.shop, play.nobody
ok, same, refused = play.tap.ok, play.tap.same, play.tap.refused


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
    shop.order(sku="unmade")
    shop.order(sku="unmade")
    before = shop.link.get("/v1/admin/orders?limit=1").json
    ok("next" in before and len(before["orders"]) == 1, "orders come in pages", before)
    after = shop.link.get(f"/v1/admin/orders?limit=1&after={before['next']}").json["orders"]
    ok(after and after[0]["id"] != before["orders"][0]["id"], "one after the other")
    job = shop.order(sku="unmade")["jobs"][0]
    same(shop.verb(job, "cancel").json["job"]["state"], "cancelled", "a waiting job is cancelled at once")
    refused(shop.verb(job, "resume"), 409, "too-late", "and then nothing can be done to it")
    Floor(service, "lab-f")
    floors = shop.link.get("/v1/admin/floors").json["floors"]
    ok(any(f["floor"] == "lab-f" and f["agent"] == "test/1" for f in floors), "floors are listed")
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


play.run(test_assets, test_admin, test_bodies, test_restart)
