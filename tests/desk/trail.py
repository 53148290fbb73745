#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Incidents, decisions and the audit trail on a real platend: what a person sees and is asked, and that any edit of
the trail made with plain sqlite3 is found, by platenctl and by the recipe of docs/audit.md alike."""
import contextlib, fcntl, hashlib, json, os, pty, re, select, shutil, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_tools import change, job, order, until_kind
from realfloor import BUILD, SRC, RealFloor, until

CTL = BUILD + "/platenctl"
tests = []


def test(function):
    tests.append(function)
    return function


def store_of(floor):
    return floor.folder + "/state/platen.db"


@contextlib.contextmanager
def stopped(floor):
    """platend stopped, its store for a person with sqlite3."""
    assert floor.stop() == 0
    try:
        yield store_of(floor)
    finally:
        floor.start()


def by_hand(store, sql):
    return subprocess.run(["sqlite3", "-bail", store, sql], capture_output=True, text=True)


def move_counter(floor, by):
    """Somebody prints at the fake printer without platen."""
    with open(floor.printer + "/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(floor.printer + "/state.json") as file:
            state = json.load(file)
        state["life"] += by
        with open(floor.printer + "/.by_hand", "w") as file:
            json.dump(state, file)
        os.rename(floor.printer + "/.by_hand", floor.printer + "/state.json")


def on_terminal(floor, *words, answers=()):
    """platenctl at a terminal; each answer is typed when a question ("?" or "]") stands there."""
    pid, line = pty.fork()
    if pid == 0:
        os.environ["NO_COLOR"] = "1"
        os.execv(CTL, [CTL, "--socket", floor.socket, *words])
    seen, typed, end = "", list(answers), time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([line], [], [], 0.3)[0]:
            if typed and re.search(r"[?\]] ?$", seen):
                os.write(line, (typed.pop(0) + "\n").encode())
            continue
        try:
            part = os.read(line, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part.decode()
    os.close(line)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


# ---- incidents ----

@test
def a_counter_that_moved_by_itself_is_shown_until_a_person_says_what_it_was(floor):
    until_kind(floor, order(floor), "done")
    assert floor.get("/v1/incidents") == {"incidents": []}
    move_counter(floor, 2)
    id = order(floor)
    until_kind(floor, id, "done")
    incident = floor.get("/v1/incidents")["incidents"][0]
    assert incident["code"] == "counter-moved-between" and incident["job"] == id, incident
    assert incident["printer"] == "D1" and incident["open"] and incident["title"], incident
    hold = [hold for hold in floor.get("/v1/holds")["holds"] if hold.get("incident")][0]
    assert hold["choices"] == ["close"] and "incidents ack 1" in hold["action"], hold
    assert "thing needs you" in floor.get("/v1/status")["say"]
    doctor = {check["name"]: check for check in floor.get("/v1/doctor")["checks"]}
    assert doctor["incidents"]["state"] == "warn" and doctor["audit trail"]["state"] == "ok", doctor
    said = floor.ctl("incidents").stdout
    assert "moved from" in said and "ack" not in said.split("\n")[0] and "do " in said, said
    assert floor.ctl("incidents", "ack", "1").returncode == 64
    assert floor.ctl("incidents", "ack", "7", "--note", "x").returncode == 66
    assert floor.ctl("incidents", "ack", "1", "--note", "the technician's test").returncode == 0
    assert floor.ctl("incidents", "ack", "1", "--note", "again").returncode == 66
    assert floor.get("/v1/incidents")["incidents"] == []
    closed = floor.get("/v1/incidents?all=1")["incidents"][0]
    assert closed["note"] == "the technician's test" and not closed["open"] and closed["who"], closed
    assert "the technician's test" in floor.ctl("incidents", "--all").stdout
    assert "None is open" in floor.ctl("incidents").stdout
    why = floor.ctl("why", id).stdout
    assert "Does not add up (incident 1): D1's life counter moved from" in why, why
    assert "has looked at incident 1: the technician's test." in why, why


@test
def why_says_all_of_it_on_one_screen_also_by_the_orders_reference(floor):
    id = order(floor, copies=2, ref="A-17", label="Miller")
    until_kind(floor, id, "done")
    out = floor.ctl("why", "A-17").stdout
    for text in (id + ": came out", "Order    A-17, Miller", "Wanted   2 × Print 4 × 6 in, glossy", "PNG, ",
                 "1000 × 700 pixels", "SHA-256 " + job(floor, id)["page_list"][0]["asset"]["sha256"],
                 "recipe " + job(floor, id)["page_list"][0]["manifest"]["recipe_name"][:12], "D1, paper 4x6-glossy",
                 "2 wanted: 2 came out, proven by the printer's counter", "until its first try", "to D1 on 4x6-glossy",
                 "its counter stood at", "Came out: life counter rose by 2", "now:  came out", "next: Nothing"):
        assert text in out, (text, out)
    assert len(out.splitlines()) < 40, "more than one screen"
    answer = json.loads(floor.ctl("--json", "why", id).stdout)
    assert answer["job"]["id"] == id and answer["incidents"] == [] and answer["facts"], answer
    assert answer["story"][-1]["after"].endswith(" s"), answer["story"]
    other = order(floor, ref="A-17")
    until_kind(floor, other, "done")
    both = floor.ctl("why", "A-17").stdout
    assert id in both and other in both and "ask for one" in both, both
    assert floor.ctl("why", "A-18").returncode == 66


# ---- asking ----

def in_doubt(floor, copies=2):
    floor.script("answer-twice\n")
    id = order(floor, copies=copies)
    until_kind(floor, id, "needs_you")
    floor.script("# nothing more\n")
    return id


@test
def resolve_at_a_terminal_asks_what_lies_in_the_tray(floor):
    id = in_doubt(floor)
    status, seen = on_terminal(floor, "resolve", id, answers=["5", "two", "1", "looked twice", "y"])
    assert status == 0, (status, seen)
    for words in ("to D1 on 4x6-glossy", "2 prints may have come out", "How many of these lie in the tray? [0-2]",
                  "A number from 0 to 2", "How do you know?", "1 came out, 1 print again"):
        assert words in seen, (words, seen)
    assert re.search(r"stood at \d+ before and at \d+ afterwards.\s+It stands at \d+ now", seen), seen
    done = until_kind(floor, id, "done")
    assert sorted(print_["evidence"] for print_ in done["ledger"]) == ["counter", "operator"], done["ledger"]
    story = json.dumps(floor.get("/v1/jobs/%s/why" % id)["story"])
    assert "looked in the tray: looked twice. (1 came out, 1 printed again)" in story, story


@test
def resolve_that_is_not_confirmed_changes_nothing(floor):
    id = in_doubt(floor)
    status, seen = on_terminal(floor, "resolve", id, answers=["2", "", "n"])
    assert status == 64 and "nothing was changed" in seen, (status, seen)
    assert job(floor, id)["stage"] == "held-unknown"
    found = floor.ctl("resolve", id)
    assert found.returncode == 64 and "--printed K" in found.stderr, found
    status, seen = on_terminal(floor, "--json", "resolve", id)
    assert status == 64 and "--printed K" in seen, (status, seen)
    assert floor.ctl("resolve", id, "--printed", "2", "--reason", "both there").returncode == 0
    until_kind(floor, id, "done")


@test
def a_jam_asks_how_many_are_good_and_prints_the_others_again(floor):
    floor.script("jam 1\n")
    id = order(floor, copies=2)
    until(lambda: "media-jam" in json.dumps(floor.get("/v1/printers")))
    open(floor.printer + "/clear", "w").close()
    found = until_kind(floor, id, "needs_you")
    assert found["reason"]["code"] == "interrupted" and found["delivered"] == 1, found
    assert "--good" in found["reason"]["action"], found["reason"]
    assert change(floor, "/v1/jobs/%s:release" % id, good=3)[0] == 400
    status, seen = on_terminal(floor, "release", id, answers=["0", "y"])
    assert status == 0 and "says that 1 of 2 came out" in seen and "0 are good, 2 print again" in seen, seen
    floor.ctl("printer", "D1", "resume", "--reason", "it was told to misbehave")
    done = until_kind(floor, id, "done")
    assert (done["delivered"], done["spoiled"]) == (2, 1), done
    states = [(print_["state"], print_["again"]) for print_ in done["ledger"]]
    assert states == [("spoiled", False), ("delivered", True), ("delivered", False)], states
    sheets = [(sheet["attempt"], sheet["state"], sheet["evidence"], sheet["counter_after"] - sheet["counter_before"])
              for sheet in done["sheets"]]
    assert sheets == [(1, "spoiled", "none", 1), (1, "unused", "none", 1), (2, "delivered", "counter", 2),
                      (2, "delivered", "counter", 2)], sheets
    decision = done["sheets"][0]["decisions"][0]
    assert (decision["was"], decision["state"]) == ("delivered", "spoiled") and "counted" in decision["what"], decision
    assert "counted 0 good of 1" in floor.ctl("job", id).stdout
    why = floor.ctl("why", id).stdout
    assert "counted 0 good of 1 and released. (1 waste and printed again)" in why and "Again    1 print was" in why, why
    floor.script("# nothing more\n")


# ---- the trail ----

def recipe():
    text = open(SRC + "/docs/audit.md").read()
    return re.search(r"```sh\n(.*?)```", text, re.S).group(1)


def by_recipe(store):
    """What a stranger with sqlite3 and sha256sum finds."""
    script = recipe().replace("db=platen.db", "db=" + store)
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)


def head_of(floor):
    return re.search(r"head: (\d+:[0-9a-f]{64})", floor.ctl("audit", "verify").stdout).group(1)


@test
def the_trail_lists_who_did_what_and_is_sound(floor):
    rows = floor.get("/v1/audit")["rows"]
    deeds = {row["what"] for row in rows}
    for what in ("start", "submit", "permit", "incident", "looked at", "resolved"):
        assert what in deeds, (what, deeds)
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    of_job = floor.ctl("audit", "--job", rows[-2]["subject"]).stdout
    assert rows[-2]["what"] in of_job, of_job
    assert "start" in floor.ctl("audit", "--since", "2h").stdout
    assert "start" not in floor.ctl("audit", "--since", "0m").stdout
    assert floor.ctl("audit", "--since", "soon").returncode == 64
    assert "start" not in floor.ctl("audit", "--since", "2999-01-01").stdout
    found = floor.ctl("audit", "verify")
    assert found.returncode == 0 and found.stdout.startswith("sound: %d rows" % len(rows)), found
    assert json.loads(floor.ctl("--json", "audit", "verify").stdout)["sound"] is True
    assert floor.ctl("audit", "verify", "--head", head_of(floor)).returncode == 0
    assert floor.ctl("audit", "verify", "--head", "1:" + "0" * 64).returncode == 65
    assert floor.ctl("audit", "verify", "--head", "9999:" + "0" * 64).returncode == 65
    assert floor.ctl("audit", "verify", "--head", "nonsense").returncode == 64


@test
def starts_and_stops_stand_in_the_trail(floor):
    with stopped(floor):
        pass
    what = [row["what"] for row in floor.get("/v1/audit?subject=platen/0.1.0")["rows"]]
    assert what[-2:] == ["stop", "start"], what


@test
def a_stranger_checks_it_with_sqlite3_and_sha256sum_alone(floor):
    with stopped(floor) as store:
        found = by_recipe(store)
        assert found.returncode == 0, found
        rows, hash_ = by_hand(store, "SELECT value FROM meta WHERE key='audit_head'").stdout.split()
        assert found.stdout.strip() == "%s rows, head %s" % (rows, hash_), (found.stdout, rows, hash_)
    assert floor.ctl("audit", "verify", "--head", "%s:%s" % (rows, hash_)).returncode == 0


@test
def the_store_itself_refuses_an_edit(floor):
    with stopped(floor) as store:
        for sql in ("UPDATE audit SET who='nobody' WHERE row=2", "DELETE FROM audit WHERE row=2",
                    "INSERT INTO audit SELECT 3, at, who, what, subject, reason, hash FROM audit WHERE row=2",
                    "REPLACE INTO audit SELECT 2, at, 'x', what, subject, reason, hash FROM audit WHERE row=2"):
            found = by_hand(store, sql)
            assert found.returncode != 0 and "audit trail" in found.stderr, (sql, found)
        assert by_recipe(store).returncode == 0


FREE = "".join("DROP TRIGGER IF EXISTS audit_%s; " % name for name in ("appends", "stays", "keeps"))
EDITS = [
    ("who", "UPDATE audit SET who='nobody' WHERE row=3", 3),
    ("what", "UPDATE audit SET what=what||' ' WHERE row=3", 3),
    ("subject", "UPDATE audit SET subject='J-0' WHERE row=3", 3),
    ("reason", "UPDATE audit SET reason=reason||char(0)||'x' WHERE row=3", 3),
    ("at", "UPDATE audit SET at=at+1 WHERE row=3", 3),
    ("hash", "UPDATE audit SET hash=replace(hash, substr(hash,1,1), 'z') WHERE row=3", 3),
    ("row", "UPDATE audit SET row=100000 WHERE row=3", 3),
    ("the first", "UPDATE audit SET who='x' WHERE row=1", 1),
    ("deleted", "DELETE FROM audit WHERE row=3", 3),
    ("the first deleted", "DELETE FROM audit WHERE row=1", 1),
    ("inserted", "UPDATE audit SET row=-row WHERE row>3; UPDATE audit SET row=1-row WHERE row<0;"
     " INSERT INTO audit SELECT 4, at, who, what, subject, reason, hash FROM audit WHERE row=3", 4),
    ("reordered", "UPDATE audit SET row=-3 WHERE row=3; UPDATE audit SET row=3 WHERE row=4;"
     " UPDATE audit SET row=4 WHERE row=-3", 3),
    ("texts swapped between columns", "UPDATE audit SET who=what, what=who WHERE row=3", 3),
    ("the store's id", "UPDATE meta SET value='01J0000000000000000000000A' WHERE key='store_id'", 1),
]


def put_back(store, kept):
    for tail in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(store + tail)
    shutil.copy(kept, store)


def edits(floor, cases):
    """Each edit in turn on the same store: its case, the recipe's word, platenctl's, and the open incidents."""
    kept = floor.folder + "/kept.db"
    with stopped(floor) as store:
        shutil.copy(store, kept)
    for case in cases:
        with stopped(floor) as store:
            put_back(store, kept)
            found = by_hand(store, "PRAGMA foreign_keys=OFF; " + FREE + case[1])
            assert found.returncode == 0, (case, found)
            stranger = by_recipe(store)
        yield case, stranger, floor.ctl("--json", "audit", "verify"), floor.get("/v1/incidents")["incidents"]
    with stopped(floor) as store:
        put_back(store, kept)


@test
def every_edit_is_found_and_its_row_named(floor):
    for (name, _, row), stranger, mine, _ in edits(floor, EDITS):
        assert stranger.returncode == 1 and re.search(r"^row %d " % row, stranger.stdout), (name, stranger)
        assert mine.returncode == 65, (name, mine)
        found = json.loads(mine.stdout)
        assert not found["sound"] and found["bad_row"] == row and "row %d" % row in found["fault"], (name, found)
    assert floor.ctl("audit", "verify").returncode == 0, "the test has put the store back"


@test
def an_end_that_was_cut_off_calls_a_person(floor):
    cut = ("cut off", "DELETE FROM audit WHERE row>(SELECT max(row)-2 FROM audit)")
    for _, stranger, _, incidents in edits(floor, [cut]):
        assert stranger.returncode == 0, "nothing in the rows that are left tells of it"
        assert incidents[0]["code"] == "trail-edited" and incidents[0]["printer"] == "", incidents


def forge(store, from_row):
    """The whole chain made anew from an edited row on, and the noted head with it."""
    with contextlib.closing(sqlite3.connect(store)) as db:
        db.executescript(FREE)
        before = db.execute("SELECT value FROM meta WHERE key='store_id'").fetchone()[0]
        for row in db.execute("SELECT * FROM audit ORDER BY row").fetchall():
            n, at, *texts, hash_ = row
            if n == from_row:
                texts[0] = "nobody"
                db.execute("UPDATE audit SET who='nobody' WHERE row=?", (n,))
            text = "|".join([before, str(n), str(at)] + [t.encode().hex().upper() for t in texts])
            before = hashlib.sha256(text.encode()).hexdigest()
            db.execute("UPDATE audit SET hash=? WHERE row=?", (before, n))
        db.execute("UPDATE meta SET value=? WHERE key='audit_head'", ("%d %s" % (n, before),))
        db.commit()


@test
def a_chain_made_anew_is_found_by_a_head_known_elsewhere(floor):
    head = head_of(floor)
    with stopped(floor) as store:
        forge(store, 3)
        assert by_recipe(store).returncode == 0
    assert floor.ctl("audit", "verify").returncode == 0
    found = floor.ctl("audit", "verify", "--head", head)
    assert found.returncode == 65 and "made anew" in found.stdout, found


@test
def a_chain_made_anew_is_found_by_the_heads_that_were_told(floor):
    row, hash_ = head_of(floor).split(":")
    with stopped(floor) as store:
        told = json.dumps({"row": int(row), "hash": hash_})
        found = by_hand(store, "INSERT INTO event(subject, sequence, id, type, epoch, attempt, time, traceparent, data,"
                        " acked) VALUES('floor/F-desk', 1, 'E1', 'platen.floor.trail.v1', 0, 0,"
                        " '2026-01-31T10:00:00.000Z', '', '%s', 1)" % told)
        assert found.returncode == 0, found
    found = floor.ctl("audit", "verify")
    assert found.returncode == 0 and "1 heads told to the order service fit" in found.stdout, found
    with stopped(floor) as store:
        forge(store, 2)
    found = floor.ctl("audit", "verify")
    assert found.returncode == 65 and "told to the order service (2026-01-31" in found.stdout, found


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
