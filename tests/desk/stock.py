#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Paper on a real floor: a roll from the store room, its figure, a roll that was changed without a
word, a count, the ledger; by platenctl, as people do it."""
import json, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_tools import change, order, until_kind
from realfloor import RealFloor, until

tests = []


def test(function):
    tests.append(function)
    return function


def ctl(floor, *words, status=0):
    found = floor.ctl(*words)
    assert found.returncode == status, (words, found.returncode, found.stdout, found.stderr)
    return found.stdout if status == 0 else found.stderr


def stock(floor):
    return floor.get("/v1/printers")["printers"][0]["stock"]


def lay(floor, sheets):
    """What somebody puts into the machine."""
    with open(floor.printer + "/load.new", "w") as file:
        file.write("na_index-4x6_4x6in photographic-glossy 10160 15240 %d\n" % sheets)
    os.rename(floor.printer + "/load.new", floor.printer + "/load")


@test
def without_a_roll_it_says_what_to_do(floor):
    assert stock(floor) is None
    assert "nobody has said which roll is in it: platenctl printer D1 load" in ctl(floor, "stock")


@test
def a_roll_comes_from_the_store_room_and_is_counted_down(floor):
    out = ctl(floor, "stock", "add", "4x6-glossy", "3", "--lot", "A1", "--sheets", "200")
    assert "A1" in out and "3" in out and "200" in out, out
    lay(floor, 200)
    until(lambda: floor.get("/v1/printers")["printers"][0]["sheets_left"] == 200)
    out = ctl(floor, "printer", "D1", "load", "4x6-glossy", "--lot", "A1")
    assert "200 ± " in out and "test sheet" in out, out
    until_kind(floor, order(floor, copies=3), "done")
    found = until(lambda: stock(floor)["sheets_left"] == 197 and stock(floor))
    assert found["lot"] == "A1" and found["of"] == 200 and found["share"] > 0.5, found
    assert found["used"] == {"prints": 3, "spoiled": 0, "may_have_printed": 0, "under_way": 0}, found
    assert "ledger" in found["why"] and "count of sheets left" in found["why"], found
    room = floor.get("/v1/stock")["room"]
    assert [(row["media"], row["lot"], row["rolls"], row["sheets"]) for row in room] == [
        ("4x6-glossy", "A1", 2, 200)], room
    said = [event["type"] for event in floor.get("/v1/events?after=0&limit=1000")["events"]
            if event["subject"] in ("printer/D1", "floor/local", "floor/F-desk")]
    assert "platen.printer.stock_changed.v1" in said and "platen.floor.stock.v1" in said, said


@test
def a_roll_changed_without_a_word_asks_for_a_count_which_settles_it(floor):
    ctl(floor, "printer", "D1", "count", "40")
    assert stock(floor)["sheets_left"] == 40 and not stock(floor)["recount"]
    assert "the printer's count of sheets left (was far off at the last count)" in stock(floor)["why"]
    lay(floor, 150)
    until(lambda: stock(floor)["read"]["counter"] == 150)
    ctl(floor, "printer", "D1", "count", "150")
    assert stock(floor)["sheets_left"] == 150, stock(floor)
    lay(floor, 60)
    until(lambda: stock(floor)["read"]["counter"] == 60)
    for _ in range(3):
        until_kind(floor, order(floor, copies=4), "done")
    found = until(lambda: stock(floor)["recount"] and stock(floor))
    holds = [h for h in floor.get("/v1/holds")["holds"] if h["title"] == "Count the paper"]
    assert len(holds) == 1 and "platenctl printer D1 count N" in holds[0]["text"], holds
    out = ctl(floor, "status")
    assert "D1: count the sheets that are left" in out, out
    ctl(floor, "printer", "D1", "count", "48")
    assert not stock(floor)["recount"] and stock(floor)["sheets_left"] == 48, (found, stock(floor))
    assert not [h for h in floor.get("/v1/holds")["holds"] if h["title"] == "Count the paper"]


@test
def a_source_can_be_marked_as_lying_and_believed_again(floor):
    assert "reason" in ctl(floor, "printer", "D1", "distrust", "counter", status=65)
    ctl(floor, "printer", "D1", "distrust", "counter", "--reason", "it sticks")
    assert stock(floor)["lying"] == ["counter"] and "marked as lying" in stock(floor)["why"]
    ctl(floor, "printer", "D1", "trust", "counter")
    assert stock(floor)["lying"] == [] and "marked as lying" not in stock(floor)["why"]
    ctl(floor, "printer", "D1", "distrust", "nose", "--reason", "x", status=65)


@test
def more_work_than_paper_says_when_it_runs_out(floor):
    assert change(floor, "/v1/printers/D1:pause", reason="to look")[0] == 200
    ctl(floor, "printer", "D1", "count", "3")
    ids = [order(floor, copies=4) for _ in range(2)]
    found = until(lambda: stock(floor)["forecast"]["short_by"] == 5 and stock(floor)["forecast"])
    assert "5 prints short of today's due work" in found["say"] and found["runs_out"], found
    assert "paper    D1 runs out " in ctl(floor, "status")
    assert "runs out " in ctl(floor, "stock")
    for id in ids:
        assert change(floor, "/v1/jobs/%s:cancel" % id, reason="enough seen")[0] == 200
    until(lambda: not stock(floor)["forecast"]["runs_out"])
    assert change(floor, "/v1/printers/D1:resume", reason="seen")[0] == 200


@test
def the_ledger_says_what_became_of_a_roll(floor):
    ctl(floor, "printer", "D1", "load", "4x6-glossy", "--lot", "B2", "--sheets", "400", "--left", "2")
    roll = floor.get("/v1/stock")["rolls"][0]
    assert (roll["lot"], roll["of"], roll["left"], roll["left_said"], roll["prints"]) == (
        "A1", 200, 2, 1, 15), roll
    assert roll["expected"] == 198 and roll["used"] == 15, roll
    assert roll["unexplained"] == 198 - 15 - (roll["set_up"] or 0), roll
    out = ctl(floor, "stock", "rolls")
    assert "A1" in out and "198" in out, out
    assert ctl(floor, "stock", "count", "4x6-glossy", "7") and floor.get("/v1/stock")["room"]
    assert sum(row["rolls"] for row in floor.get("/v1/stock")["room"]) == 7
    trail = [row["what"] for row in floor.get("/v1/audit?limit=1000")["rows"]]
    for what in ("stock add", "stock count", "load", "count", "distrust", "trust"):
        assert what in trail, (what, trail)


@test
def what_can_t_be_is_refused(floor):
    ctl(floor, "stock", "add", "papyrus", "3", status=65)
    ctl(floor, "stock", "add", "4x6-glossy", "many", status=64)
    ctl(floor, "stock", "burn", status=64)
    ctl(floor, "printer", "D1", "count", "few", status=64)
    ctl(floor, "printer", "D9", "count", "3", status=66)
    assert change(floor, "/v1/stock/4x6-glossy:add", rolls=-1)[0] == 400
    assert json.loads(ctl(floor, "stock", "--json"))["printers"][0]["name"] == "D1"


def main():
    failed = 0
    print("1..%d" % (len(tests) + 1), flush=True)
    floor = RealFloor()
    for at, function in enumerate(tests, 1):
        try:
            function(floor)
            print("ok %d - %s" % (at, function.__name__), flush=True)
        except Exception as fault:
            failed += 1
            print("not ok %d - %s" % (at, function.__name__))
            print("# %s: %s" % (type(fault).__name__, str(fault)[:1500]), flush=True)
    status = floor.close()
    print("%s %d - it_stops_when_told" % ("ok" if status == 0 else "not ok", len(tests) + 1))
    return failed != 0 or status != 0


sys.exit(main())
