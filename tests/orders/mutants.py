#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Thousands of bodies that are almost right, to every call that takes one: changed values, lost and doubled members,
flipped bytes. Each is answered by the contract's statuses, never by a 5xx, a broken line or a dead service.
SEED= and ROUNDS= choose others and more."""
import http.client
import json
import os
import random
import sys
import uuid

from service import Client, Service, Tap, png

SEED, ROUNDS = int(os.environ.get("SEED", "1")), int(os.environ.get("ROUNDS", "6000"))
chance = random.Random(SEED)
tap = Tap()
service = Service()
shop, floor = Client(service, service.admin_pair), service.floor("lab-1")

ODD = [None, 0, -1, 1, 2**63 - 1, -2**63, 1.5, 1e308, "", "x" * 70, "x" * 3000, "\x00", "\u202e\U0001f600", [], {},
       [[]], True, "a/b", "../../etc/passwd", "%s%n", "platen.job.printed.v1", [1] * 100, {"a": {"b": 1}}]


def mutate(value):
    if chance.random() < 0.12:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: mutate(item) for key, item in value.items() if chance.random() > 0.05}
    if isinstance(value, list):
        return [mutate(item) for item in value] * chance.choice([1, 1, 1, 2])
    return value


def flip(body):
    body = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


asset = shop.post("/v1/admin/assets", png(8, 8), kind="image/png").json["asset"]["id"]
page = {"asset": asset, "options": {"crop": {"x": 0, "y": 0.1, "width": 1, "height": 0.5}, "fit": "fill"}}
product = {"sku": "4x6", "copies": 1, "finish": "x", "duplicates_policy": "hold"}
job = {"product": product, "label": "é", "pages": [page]}
jobs = shop.post("/v1/admin/orders", {"jobs": [job] * 50}).json["jobs"]
session = {"floor": "lab-1", "store_id": "s", "store_generation": 1, "boot_id": "b", "agent": "x",
           "jobs": [{"job": jobs[0], "epoch": 1, "state": "x", "seq": 3, "printed": 1}]}
floor.session = floor.post("/v1/sessions", {**session, "jobs": []}).json["session"]
offer = {"printers": [{"id": "P", "skus": ["4x6"], "ms_per_print": 1000}], "want_jobs": 100, "want_s": 9000,
         "max_bytes": 9999999, "formats": ["image/png"]}
etag = floor.call("PUT", "/v1/offer", offer).json["etag"]
leases = floor.post("/v1/leases:acquire", {"max_jobs": 20, "offer_etag": etag}).json["leases"]
held = {"job": leases[0]["job"], "epoch": 1}
event = {"specversion": "1.0", "id": "e", "source": "/floors/lab-1/stores/s", "type": "platen.job.printed.v1",
         "subject": leases[1]["job"], "sequence": 1, "epoch": 1, "data": {"printer": "P", "reason": "x", "printed": 1}}
CALLS = [
    (floor, "POST", "/v1/sessions", session), (floor, "PUT", "/v1/offer", offer),
    (floor, "POST", "/v1/leases:acquire", {"max_jobs": 2, "offer_etag": etag, "max_bytes": 9, "exclude": ["a"]}),
    (floor, "POST", "/v1/leases:extend", {"jobs": [{**held, "state": "q", "seq": 1, "printed": 0}]}),
    (floor, "POST", "/v1/leases:release", {"jobs": [{**held, "reason": "x", "detail": "y", "retry": "later"}]}),
    (floor, "POST", "/v1/jobs:start", {"jobs": [{**held, "revision": 1, "printer": "P"}]}),
    (floor, "POST", "/v1/assets:sign", {**held, "asset": asset}), (floor, "POST", "/v1/events", [event]),
    (floor, "POST", "/v1/remakes", {"remakes": [{"job": leases[2]["job"], "page": 1, "copies": 1, "cause": "a",
                                                 "payer": "lab", "by": "b"}]}),
    (shop, "POST", "/v1/admin/orders", {"ref": "r", "floor": "lab-1", "priority": 5, "leave_by_in_s": 9,
                                        "handover": "ship", "private": True, "jobs": [job]}),
    (shop, "POST", f"/v1/admin/jobs/{jobs[40]}:revise", {"product": product, "pages": [page], "by": "a"}),
    (shop, "POST", f"/v1/admin/jobs/{jobs[41]}:cancel", {"by": "a"}),
    (shop, "POST", "/v1/admin/floors/lab-2:enable", {"by": "a"}),
]
MAY = {200, 201, 204, 400, 403, 404, 409, 412, 413, 422}
lines, seen, wrong, broken = {}, {}, [], []


def send(who, method, path, body):
    if who not in lines:
        lines[who] = http.client.HTTPSConnection("127.0.0.1", service.port, context=who.context, timeout=20)
    kind = "application/cloudevents-batch+json" if path == "/v1/events" else "application/json"
    headers = {"Content-Type": kind, "Idempotency-Key": uuid.uuid4().hex, "Platen-Session": floor.session}
    lines[who].request(method, path, body=body, headers=headers)
    answer = lines[who].getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read()


for _ in range(ROUNDS):
    who, method, path, body = chance.choice(CALLS)
    text = json.dumps(mutate(body)).encode()
    text = flip(text) if chance.random() < 0.3 else text
    try:
        status, kind, raw = send(who, method, path, text)
    except (OSError, http.client.HTTPException) as fault:
        broken.append((path, text[:200], repr(fault)))
        lines.pop(who).close()
        continue
    seen[status] = seen.get(status, 0) + 1
    if status not in MAY or (status >= 400 and (kind != "application/problem+json" or not json.loads(raw)["detail"])):
        wrong.append((status, path, text[:200], raw[:200]))
    if path == "/v1/sessions" and status == 200:
        floor.session = json.loads(raw)["session"]
tap.same(wrong[:3], [], f"{ROUNDS} bodies are answered by the contract")
tap.same(broken[:3], [], "no line broke")
tap.ok(all(seen.get(status, 0) > 10 for status in (200, 400)), "some were right, many were not", seen)
print(f"# {dict(sorted(seen.items()))}")
tap.same(service.child.poll(), None, "the service never died")
for line in lines.values():
    line.close()
tap.same(service.stop(), 0, "and stops with 0")
service.remove()
sys.exit(tap.end())
