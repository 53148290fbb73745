#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real platen-orders as the other side of the cloud's door.

cloud_orders_peer.py DIR: starts it with a throw-away CA, orders two photos, copies what the floor lab-1 needs
to DIR, prints "ready PORT PORT 0 0", and serves until its standard input ends.
"""
import os
import shutil
import sys

sys.dont_write_bytecode = True  # the source tree may be read-only
sys.path.insert(0, os.path.join(os.environ.get("PLATEN_SRC", ".."), "tests", "orders"))
from service import Client, Service, png  # noqa: E402

service = Service()
try:
    shop = Client(service, service.admin_pair)
    for seed in (1, 2):
        asset = shop.post("/v1/admin/assets", png(160, 120, seed), kind="image/png").json["asset"]["id"]
        answer = shop.post("/v1/admin/orders", {"ref": f"A-{seed}", "jobs": [
            {"product": {"sku": "4x6-glossy", "copies": 2}, "pages": [{"asset": asset}]}]})
        assert answer.status == 201, answer.raw
    cert, key = service.ca.issue("lab-1")
    for source, name in ((service.ca.cert, "ca.pem"), (cert, "floor.pem"), (key, "floor.key")):
        shutil.copy(source, os.path.join(sys.argv[1], name))
    print("ready", service.port, service.port, 0, 0, flush=True)
    sys.stdin.read()
finally:
    service.stop()
    service.remove()
