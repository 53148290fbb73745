#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Signed orders with the real programs: what is changed between the shop and the floor is refused before
anything of it is fetched; keys come and go as files, without a restart."""
import math
import os

import tap
import pki
import trouble


class Forger:
    """Changes each lease on its way, by whatever `how` is now."""

    def __init__(self, floor):
        self.how = None
        floor.proxy.fault(r"POST /v1/leases:acquire", times=math.inf, alter=self.alter)

    def alter(self, answer):
        if answer.status != 200 or self.how is None:
            return None
        body = answer.json()
        for lease in body["leases"]:
            self.how(lease)
        return answer.put(body)


def more_copies(lease):
    lease["product"]["copies"] = 40


def other_picture(lease):
    lease["pages"][0]["asset"]["sha256"] = "0" * 64


def other_crop(lease):
    lease["pages"][0]["options"] = {"crop": {"x": 0, "y": 0, "width": 0.1, "height": 0.1}}


def no_signature(lease):
    lease.pop("signature")


def other_key(lease):
    lease["signature"]["key"] = "stranger"


FORGERIES = {"more copies than were signed": more_copies, "another picture": other_picture,
             "another crop": other_crop, "no signature at all": no_signature, "the name of another key": other_key}


def order_one(floor, number):
    return floor.order(floor.upload(floor.picture(number)))


def incidents(floor):
    events = floor.service.call("GET", "/v1/admin/events?limit=500")["events"]
    return [e["data"]["detail"] for e in events if ".incident." in e["type"]]


def forgeries_are_refused(t, floor):
    forger = Forger(floor)
    for number, (name, how) in enumerate(FORGERIES.items()):
        forger.how = how
        job = order_one(floor, number)
        floor.wait("the end", lambda job=job: floor.there(job)["state"] != "waiting" and
                   floor.there(job)["reason"] == "signature")
        there, fetched = floor.there(job), floor.proxy.count(r"GET /v1/assets/")
        t.ok(there["state"] == "error" and there["reason"] == "signature" and fetched == 0,
             f"{name}: refused, nothing was fetched", (there, fetched))
        t.ok(not floor.unclear(job, "sign", "ask the shop"), f"{name}: a person reads why, and what to do",
             floor.unclear(job, "sign", "ask the shop"))
    forger.how = None
    t.ok(floor.wait("the incidents", lambda: len(incidents(floor)) == len(FORGERIES)) and
         all("refused" in said for said in incidents(floor)), "each is an incident that the shop hears of, too",
         incidents(floor))


def keys_rotate(t, floor):
    keys = os.path.join(floor.pki, "keys")
    job = order_one(floor, 100)
    t.ok(floor.wait("printed", lambda: floor.there(job)["state"] == "printed", 30), "what is as signed is printed",
         floor.there(job))
    code, said = floor.ctl("why", job)
    t.ok(code == 0 and f'with the key "{pki.SHOP}"' in said, "and `platenctl why` says with which key", said)
    away = os.path.join(floor.run, "away.pem")
    os.rename(os.path.join(keys, f"{pki.SHOP}.pem"), away)
    job = order_one(floor, 101)
    t.ok(floor.wait("refused", lambda: floor.there(job)["reason"] == "signature"),
         "a key that was taken away is believed no more, without a restart", floor.there(job))
    os.rename(away, os.path.join(keys, f"{pki.SHOP}.pem"))
    job = order_one(floor, 102)
    t.ok(floor.wait("printed", lambda: floor.there(job)["state"] == "printed", 30), "and is again once it is back",
         floor.there(job))


def test(t, folder):
    floor = trouble.Floor(os.path.join(folder, "lab"), jobs=0)
    floor.believes = "block"
    try:
        floor.begin()
        forgeries_are_refused(t, floor)
        keys_rotate(t, floor)
    finally:
        floor.end()


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
