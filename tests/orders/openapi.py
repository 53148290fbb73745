#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml can be read, names exactly the calls of the program's route table, all its references lead
somewhere, and real answers fit its schemas."""
import os
import re
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("1..0 # SKIP python3-yaml is not installed")
    sys.exit(77)

from service import PROGRAM, SOURCE, Client, Service, Tap, png

tap = Tap()
with open(os.path.join(SOURCE, "docs", "openapi.yaml"), encoding="utf8") as file:
    api = yaml.safe_load(file)
with open(os.path.join(SOURCE, "docs", "order-api.md"), encoding="utf8") as file:
    words = file.read()


def refs(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def look(ref):
    node = api
    for part in ref.removeprefix("#/").split("/"):
        node = node.get(part) if isinstance(node, dict) else None
    return node


KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
         "number": (int, float), "null": type(None)}


def is_kind(value, kind):
    fits = isinstance(value, KINDS[kind])
    return fits and not (kind in ("integer", "number") and isinstance(value, bool))


def faults(value, schema, at="answer"):
    """The part of JSON Schema that openapi.yaml uses."""
    if "$ref" in schema:
        yield from faults(value, look(schema["$ref"]), at)
        return
    for part in schema.get("allOf", []):
        yield from faults(value, part, at)
    if "oneOf" in schema and all(list(faults(value, part, at)) for part in schema["oneOf"]):
        yield f"{at}: fits none of oneOf"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_kind(value, kind) for kind in kinds):
        yield f"{at}: {value!r} is not {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match"
    if is_kind(value, "number") and value < schema.get("minimum", value):
        yield f"{at}: {value} is too small"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: lacks {name}"
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from faults(value[name], part, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for n, item in enumerate(value):
            yield from faults(item, schema["items"], f"{at}[{n}]")


tap.same(api["openapi"], "3.1.0", "openapi.yaml is OpenAPI 3.1")
table = subprocess.run([PROGRAM, "calls"], capture_output=True, text=True, check=True).stdout
ours = {tuple(line.split()[:2]) for line in table.splitlines()}
theirs = {(method.upper(), path) for path, item in api["paths"].items() for method in item}
tap.same(theirs, ours, "it names exactly the calls of the route table")
lost = [ref for ref in refs(api) if look(ref) is None]
tap.same(lost, [], "all its references lead somewhere")
missing = [path for _, path in ours if path.replace("{id}", "ID") not in words
           and not re.fullmatch(r"/v1/admin/jobs/\{id\}:\w+", path)]
tap.same(missing, [], "order-api.md names them all, too")


def fits(answer, method, path, what):
    schema = api["paths"][path][method]["responses"][str(answer.status)]["content"][
        "application/json"]["schema"]
    found = list(faults(answer.json, schema))
    tap.ok(not found, f"{what} fits its schema", *found[:5])


service = Service()
shop, floor = Client(service, service.admin_pair), service.floor("lab-1")
answer = floor.get("/v1/meta")
fits(answer, "get", "/v1/meta", "meta")
fits(floor.post("/v1/token", {}, key=None), "post", "/v1/token", "a token")
asset = shop.post("/v1/admin/assets", png(9, 9), kind="image/png")
fits(asset, "post", "/v1/admin/assets", "an upload")
asset = asset.json["asset"]["id"]
made = shop.post("/v1/admin/orders", {"ref": "R-1", "handover": "pickup", "leave_by_in_s": 60, "jobs": [
    {"product": {"sku": "4x6", "copies": 2, "duplicates_policy": "hold"}, "due_in_s": 9, "label": "x",
     "pages": [{"asset": asset, "options": {"crop": {"x": 0, "y": 0, "width": 1, "height": 1}}}]}]})
fits(made, "post", "/v1/admin/orders", "a new order")
job = made.json["jobs"][0]
answer = floor.post("/v1/sessions", {"floor": "lab-1", "store_id": "s", "store_generation": 1, "jobs": [
    {"job": "j-x", "epoch": 1}]})
fits(answer, "post", "/v1/sessions", "a session")
floor.session = answer.json["session"]
answer = floor.call("PUT", "/v1/offer", {"printers": [{"id": "P1", "skus": ["4x6"]}], "want_jobs": 9,
                                         "want_s": 99})
fits(answer, "put", "/v1/offer", "an offer")
answer = floor.post("/v1/leases:acquire", {"max_jobs": 5, "offer_etag": answer.json["etag"]})
fits(answer, "post", "/v1/leases:acquire", "a lease")
held = {"job": job, "epoch": 1}
fits(floor.post("/v1/leases:extend", {"jobs": [held]}), "post", "/v1/leases:extend", "an extend")
fits(floor.post("/v1/jobs:start", {"jobs": [{**held, "revision": 1, "printer": "P1"}]}), "post",
     "/v1/jobs:start", "a permit")
fits(floor.post("/v1/assets:sign", {**held, "asset": asset}), "post", "/v1/assets:sign", "a link")
event = {"specversion": "1.0", "id": "e1", "source": "/floors/lab-1/stores/s", "epoch": 1,
         "type": "platen.job.leased.v1", "subject": job, "sequence": 1, "data": {}}
fits(floor.call("POST", "/v1/events", [event, {**event, "id": "e2", "sequence": 9},
                                       {**event, "id": "e3", "subject": "j-none"}],
                kind="application/cloudevents-batch+json"), "post", "/v1/events", "events")
remake = {"job": job, "page": 1, "copies": 1, "cause": "jam", "payer": "lab", "by": "a"}
fits(floor.post("/v1/remakes", {"remakes": [remake, {**remake, "page": 9}]}), "post", "/v1/remakes",
     "remakes")
fits(shop.post(f"/v1/admin/jobs/{job}:pause", {"by": "a"}), "post", "/v1/admin/jobs/{id}:pause",
     "a paused job")
fits(floor.post("/v1/leases:release", {"jobs": [{**held, "reason": "x", "retry": "later"}]}), "post",
     "/v1/leases:release", "a release")
fits(shop.get("/v1/admin/orders"), "get", "/v1/admin/orders", "the list of orders")
fits(shop.get("/v1/admin/orders/R-1"), "get", "/v1/admin/orders/{id}", "an order")
fits(shop.get(f"/v1/admin/jobs/{job}"), "get", "/v1/admin/jobs/{id}", "a job")
fits(shop.get("/v1/admin/events"), "get", "/v1/admin/events", "the list of events")
fits(shop.get("/v1/admin/floors"), "get", "/v1/admin/floors", "the list of floors")
fits(shop.post("/v1/admin/floors/lab-1:disable", {}), "post", "/v1/admin/floors/{id}:disable",
     "a disabled floor")
fits(shop.post("/v1/admin/links:rotate", {}), "post", "/v1/admin/links:rotate", "a new link key")
found = list(faults(floor.post("/v1/leases:extend", {}).json, api["components"]["schemas"]["Problem"]))
tap.same(found, [], "a problem fits its schema")
found = list(faults({"jobs": [{"job": "j", "epoch": 1, "ttl_s": 1, "action": "dance"}]}, api["paths"][
    "/v1/leases:extend"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]))
tap.same(len(found), 1, "and an answer that does not fit is found")
service.stop()
service.remove()
sys.exit(tap.end())
