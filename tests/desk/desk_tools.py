# SPDX-License-Identifier: Apache-2.0
"""Orders and changes over the local API, for the tests of the desk."""
import hashlib

from realfloor import png, until

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
number = [0]


def token():
    number[0] += 1
    return "01J" + "".join(ALPHABET[number[0] >> shift & 31] for shift in (20, 15, 10, 5, 0)).rjust(23, "0")


def put(floor, data):
    name = hashlib.sha256(data).hexdigest()
    status, answer = floor.ask("PUT", "/v1/assets/" + name, data)
    assert status in (200, 201) and answer == {"sha256": name, "bytes": len(data)}, (status, answer)
    return name


def order(floor, copies=1, product="4x6-glossy", picture=None, **more):
    name = put(floor, picture or png(1000, 700, number[0]))
    status, answer = floor.ask("POST", "/v1/orders", {
        "token": token(), "product": product, "copies": copies, "pages": [{"asset": name}], **more})
    assert status == 201, (status, answer)
    return answer["id"]


def job(floor, id):
    return floor.get("/v1/jobs/" + id)


def until_kind(floor, id, kind):
    def look():
        found = job(floor, id)
        return found if found["kind"] == kind else None
    return until(look)


def change(floor, path, **body):
    return floor.ask("POST", path, {"token": token(), **body})
