# SPDX-License-Identifier: Apache-2.0
"""The shop's side: a client of the admin calls of docs/order-api.md section 10, for seeding orders and
for asking what became of them."""
import http.client
import json
import os
import secrets
import ssl
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid():
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


class Refused(RuntimeError):
    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', '')}")
        self.status, self.problem = status, problem


class Service:
    def __init__(self, port, pki, who="admin"):
        self.port = port
        self.context = ssl.create_default_context(cafile=os.path.join(pki, "ca.pem"))
        self.context.load_cert_chain(os.path.join(pki, who + ".pem"), os.path.join(pki, who + ".key"))
        self.connection = None

    def call(self, method, path, body=None, kind="application/json", headers=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        sent = {"User-Agent": "platen-demo", "Idempotency-Key": ulid(), **(headers or {})}
        if data is not None:
            sent["Content-Type"] = kind
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context)
            try:
                self.connection.request(method, path, body=data, headers=sent)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        value = json.loads(text) if text else {}
        if answer.status >= 300:
            raise Refused(answer.status, value)
        return value

    def upload(self, path, media_type):
        with open(path, "rb") as file:
            return self.call("POST", "/v1/admin/assets", file.read(), media_type)["asset"]["id"]

    def order(self, body):
        return self.call("POST", "/v1/admin/orders", body)

    def orders(self):
        found, after = [], ""
        while True:
            page = self.call("GET", "/v1/admin/orders?limit=500" + (f"&after={after}" if after else ""))
            found += page["orders"]
            after = page.get("next")
            if not after:
                return found

    def look(self, order):
        return self.call("GET", f"/v1/admin/orders/{order}")

    def job(self, job):
        return self.call("GET", f"/v1/admin/jobs/{job}")
