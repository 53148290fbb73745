#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of docs/order-api.md, held against the real program over TLS: permits, releases, events, remakes.
Nothing here knows more than that document says."""
from players import Floor, Play

play = Play()
service, shop, nobody = play.service, play.shop, play.nobody
ok, same, refused = play.tap.ok, play.tap.same, play.tap.refused


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
    other.link.post("/v1/leases:extend", {"jobs": [other.held(lease, state="held_operator")]})
    same(shop.job(lease["job"])["floor_state"], "held_operator", "where it stands on the floor is known")
    other.release(lease, "later", later_s=3600)
    same(shop.job(lease["job"])["floor_state"] or "", "", "given back, it stands nowhere any more")
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
    floor.fates(floor.job_event(lease, "resolved", data={"choice": "go_on", "by": "anna"}))
    same(shop.job(lease["job"])["state"], "leased", "let go on before its permit, it has none")
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
    same(floor.fates(floor.event("floor/F1", "platen.floor.trail.v1", data={"row": 7, "hash": "0" * 64})),
         ["accepted"], "and the floor")
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


def closed(floor, *held):
    return floor.link.post("/v1/jobs:closed", {"jobs": list(held)})


def test_closed():
    """As after a backup that was put back: the service believes less than there was."""
    floor = Floor(service, "lab-9c")
    shop.order(3, floor="lab-9c")
    done, back, new = floor.acquire(max_jobs=3).json["leases"]
    same(closed(floor, {"job": "j-none", "epoch": 1, "state": "reported", "seq": 4}).json["jobs"],
         [{"job": "j-none", "verdict": "keep"}], "a job never heard of: keep")
    same(closed(floor, floor.held(done, state="reported", seq=3)).json["jobs"],
         [{"job": done["job"], "verdict": "resend", "resend_from": 1}], "events are missing: resend")
    floor.verdict(done)
    floor.fates(floor.job_event(done, "leased"), floor.job_event(done, "printed", data={"copies": 2}))
    same(closed(floor, floor.held(done, state="reported", seq=2)).json["jobs"][0]["verdict"], "keep", "all is here: keep")
    refused(closed(floor, floor.held(done, state="reported", seq=1)), 409, "store-rollback",
            "more events here than the floor made: its store is an old copy")
    same(closed(floor, floor.held(back, state="released", seq=0)).json["jobs"],
         [{"job": back["job"], "verdict": "release"}], "given back, but not known here: release once more")
    floor.release(back, "never")
    same(closed(floor, floor.held(back, state="released", seq=0)).json["jobs"][0]["verdict"], "keep", "then: keep")
    floor.release(new, "later")
    same(shop.job(new["job"])["state"], "waiting", "a job waits here")
    same(closed(floor, floor.held(new, epoch=7, state="reported", seq=2)).json["jobs"],
         [{"job": new["job"], "verdict": "resend", "resend_from": 1}],
         "the floor had it under an epoch that this service forgot: it is that floor's, resend")
    same(floor.fates(floor.job_event({**new, "epoch": 7}, "leased"), floor.job_event({**new, "epoch": 7}, "printed")),
         ["accepted", "accepted"], "the events are taken")
    job = shop.job(new["job"])
    same((job["state"], job["epoch"], job["duplicate_risk"]), ("printed", 7, False), "it is printed, and goes to nobody else")
    shop.order(2, floor="lab-9c")
    open_, waiting = floor.acquire(max_jobs=2).json["leases"]
    floor.release(open_, "later")
    same(floor.open([floor.held(open_, epoch=4, state="permitted")]).json["jobs"][0]["verdict"], "keep",
         "an open job under a forgotten epoch is the floor's as well")
    same(shop.job(open_["job"])["state"], "permitted", "and pinned where it may be printing")
    other = Floor(service, "lab-9d")
    same(other.open([other.held(waiting, epoch=9)]).json["jobs"][0]["verdict"], "drop", "not what another floor has")
    refused(floor.link.post("/v1/jobs:closed", {"jobs": [{"epoch": 1}]}), 400, "field", "a job without its name: 400")


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


play.run(test_permits, test_release, test_events, test_closed, test_remakes)
