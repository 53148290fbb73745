#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A store that was put back from an old copy, with no order service to notice: the floor notices by itself,
prints nothing, and goes on only after a person's named word, print by print."""
import os, shutil, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_tools import change, job, order, until_kind
from realfloor import RealFloor, until

facts = []


def fact(function):
    facts.append(function)
    return function


def copy_store(source, target):
    os.makedirs(target, exist_ok=True)
    for name in os.listdir(target):
        if name.startswith("platen.db"):
            os.unlink(target + "/" + name)
    for name in os.listdir(source):
        if name.startswith("platen.db"):
            shutil.copyfile(source + "/" + name, target + "/" + name)


def put_back(floor):
    floor.stop(9)
    copy_store(floor.folder + "/kept", floor.folder + "/state")
    floor.start()


@fact
def stops_kills_and_missing_marks_are_no_old_copy(floor):
    until_kind(floor, order(floor), "done")
    for at, signal in enumerate((15, 9, 9, 15)):
        floor.stop(signal)
        if at == 2:
            os.unlink(floor.folder + "/state/high-water")
            with open(floor.folder + "/spool/high-water", "w") as file:
                file.write("torn")
        floor.start()
    assert floor.get("/v1/doctor")["checks"][0]["state"] == "ok", floor.get("/v1/doctor")["checks"][0]
    until_kind(floor, order(floor), "done")


@fact
def what_an_old_copy_would_print_again_is_not_begun(floor):
    change(floor, "/v1/printers/D1:pause")
    floor.id = order(floor)
    until_kind(floor, floor.id, "waiting")
    floor.stop(15)
    copy_store(floor.folder + "/state", floor.folder + "/kept")
    floor.start()
    change(floor, "/v1/printers/D1:resume")
    until_kind(floor, floor.id, "done")
    put_back(floor)
    change(floor, "/v1/printers/D1:resume")
    found = until(lambda: (job(floor, floor.id)["reason"] or {}).get("code") == "store-rollback" and job(floor, floor.id))
    assert "accept-store" in found["reason"]["action"], found["reason"]
    card = floor.get("/v1/holds")["holds"][0]
    assert card["choices"] == ["accept"] and "old copy" in card["text"], card
    assert floor.get("/v1/doctor")["checks"][0]["state"] == "bad"


@fact
def starts_later_it_is_still_known(floor):
    for _ in range(3):
        floor.stop(9)
        floor.start()
    time.sleep(2)
    assert job(floor, floor.id)["delivered"] == 0, job(floor, floor.id)
    assert floor.get("/v1/holds")["holds"][0]["choices"] == ["accept"]


@fact
def a_person_accepts_it_and_decides_print_by_print(floor):
    assert change(floor, "/v1/store:accept")[0] == 400
    assert change(floor, "/v1/store:accept", reason="compared all trays")[0] == 200
    found = until_kind(floor, floor.id, "needs_you")
    assert found["reason"]["code"] == "old-copy", found["reason"]
    assert change(floor, "/v1/jobs/%s:release" % floor.id, reason="not there")[0] == 200
    until_kind(floor, floor.id, "done")
    assert change(floor, "/v1/store:accept", reason="again")[0] == 409
    floor.stop(9)
    floor.start()
    assert floor.get("/v1/doctor")["checks"][0]["state"] == "ok"
    until_kind(floor, order(floor), "done")


def main():
    failed = 0
    print("1..%d" % len(facts), flush=True)
    floor = RealFloor()
    for at, function in enumerate(facts, 1):
        try:
            function(floor)
            print("ok %d - %s" % (at, function.__name__), flush=True)
        except Exception as fault:
            failed += 1
            print("not ok %d - %s" % (at, function.__name__))
            print("# %s: %s" % (type(fault).__name__, str(fault)[:1500]), flush=True)
    return failed + (floor.close() != 0)


sys.exit(main())
