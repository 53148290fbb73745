# SPDX-License-Identifier: Apache-2.0
"""What must hold of a floor that was killed: its printers' books, its store and the order service tell the
same story, and no print came out twice. A fault is one line that begins with its kind in brackets."""
import os
import shutil
import sqlite3

FACTS = (("no sheet came out twice, but where a person said so", "twice"),
         ("no job was lost: each ended, here and at the service", "lost"),
         ("each picture of the hot folder was ordered and printed once", "dropped"),
         ("the ledger says of every print what the printers' books say", "ledger"),
         ("events stand at the service as here, 1..n, each once", "events"),
         ("the store opens whole after every kill", "store"))
ENDS = ("reported", "quarantined", "released", "cancelled")


def unsound(path):
    """What is wrong with a store that nobody has open: looked at in a copy, for a look would repair it."""
    copy = path + ".copy"
    found = []
    if not os.path.exists(path):
        return found
    for end in ("", "-wal"):
        if os.path.exists(path + end):
            shutil.copyfile(path + end, copy + end)
    try:
        with_copy = sqlite3.connect(copy)
        found += [row[0] for row in with_copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [str(row) for row in with_copy.execute("PRAGMA foreign_key_check")]
        with_copy.close()
    except sqlite3.DatabaseError as error:
        found.append(str(error))
    for end in ("", "-wal", "-shm"):
        if os.path.exists(copy + end):
            os.unlink(copy + end)
    return [f"[store] {path}: {fault}" for fault in found]


def stages(floor):
    """{job: the stage of its newest epoch}, as the floor says now; None when it does not answer."""
    told = floor.desk.ask("GET", "/v1/jobs?limit=500")
    if told is None:
        return None
    newest = {}
    for job in told["jobs"]:
        if job["epoch"] >= newest.get(job["id"], (0, ""))[0]:
            newest[job["id"]] = (job["epoch"], job["stage"])
    return {job: stage for job, (_, stage) in newest.items()}


def not_over(floor):
    """The jobs that have not ended, and what else is still to come."""
    here, status = stages(floor), floor.desk.ask("GET", "/v1/status")
    if here is None or status is None:
        return ["it does not answer"]
    for job, plan in floor.ordered.items():  # taken back there, and here it was not, or no more
        if here.get(job, "lost") == "lost" and not plan["gone"] and plan["kind"] != "local":
            plan["gone"] = floor.service.job(job)["job"]["state"] == "cancelled"
    left = [f"{job} {here.get(job, 'not here')}" for job, plan in floor.ordered.items()
            if here.get(job) not in ENDS and not plan["gone"]]
    left += [f"{job} {stage}" for job, stage in here.items() if job not in floor.ordered and stage not in ENDS]
    left += [f"{name} in the hot folder" for name in floor.waits_in_folder()]
    return left + ([f"{status['outbox']} events"] if status["outbox"] else [])


class Books:
    """All that was written down about one floor, by three sides."""

    def __init__(self, floor):
        self.ordered, self.tray = floor.ordered, floor.in_tray()
        self.dropped, self.done = floor.dropped, floor.done()
        store = sqlite3.connect(floor.store)
        self.jobs = {}
        for row, job, stage in store.execute("SELECT row, id, stage FROM job ORDER BY epoch"):
            self.jobs[job] = stage
        self.labels = {}
        for job, label in store.execute("SELECT id, label FROM job WHERE local"):
            self.labels.setdefault(label, []).append(job)
        self.prints = store.execute("SELECT j.id, p.page, p.copy, p.state, p.evidence FROM print p"
                                    " JOIN job j ON j.row=p.job").fetchall()
        self.events = {}
        for subject, sequence, name, kind, acked, refused in store.execute(
                "SELECT subject, sequence, id, type, acked, refused FROM event ORDER BY row"):
            self.events.setdefault(subject, []).append((sequence, name, kind, acked, refused))
        self.calls = store.execute("SELECT job, reason FROM call").fetchall()
        store.close()
        self.told, self.states = {}, {}
        self.read_service(floor)

    def read_service(self, floor):
        after = 0
        while True:
            page = floor.service.call("GET", f"/v1/admin/events?limit=500&after={after}")["events"]
            for event in page:
                if event["source"] != "/service":
                    self.told.setdefault(event["subject"], []).append((event["sequence"], event["id"], event["type"]))
            if not page:
                break
            after = page[-1]["row"]
        for order in floor.orders:
            for job in floor.service.look(order)["jobs"]:
                self.states[job["job"]] = job["state"]

    def wanted(self, job):
        plan = self.ordered[job]
        return {(job, page, copy) for page in range(plan["pages"]) for copy in range(plan["copies"])}


def twice(books):
    """A printer that obeys twice (answer-twice) prints twice under one attempt; more is ours."""
    for sheet, keys in books.tray.items():
        if len(keys) > 1:
            yield f"{sheet} came out under {', '.join(sorted(keys))}"
        if sheet[0] not in books.jobs:
            yield f"{sheet}: nobody ordered it"


def lost(books):
    there = {"reported": ("printed",), "cancelled": ("cancelled",), "quarantined": ("error", "cancelled"),
             "released": ("waiting", "error", "cancelled"), "lost": ("cancelled",)}
    for job, plan in books.ordered.items():
        here = books.jobs.get(job, "")
        state = books.states.get(job)
        if plan["gone"] and state == "cancelled":
            continue
        if state not in there.get(here, ()) and (plan["kind"] != "local" or here not in ENDS):
            yield f"{job} ({plan['kind']}) is {here or 'not here'}, and {state} at the service"
        if here == "reported" and not books.wanted(job) <= set(books.tray):
            yield f"{job} is reported, but {sorted(books.wanted(job) - set(books.tray))} never came out"
    for job, reason in books.calls:
        yield f"{job}: given back for {reason}, which the service has not heard"


def ledger(books):
    delivered = {(job, page, copy) for job, page, copy, state, _ in books.prints if state == "delivered"}
    for sheet in sorted(delivered - set(books.tray)):
        yield f"{sheet} stands as delivered and never came out"
    for sheet in sorted(set(books.tray) - delivered):
        yield f"{sheet} came out and does not stand as delivered"
    for job, page, copy, state, evidence in books.prints:
        if state == "delivered" and evidence not in ("counter", "operator"):
            yield f"{(job, page, copy)} is delivered by evidence {evidence}"
        if state in ("sent", "accepted", "unknown"):
            yield f"{(job, page, copy)} is still {state}"


def events(books):
    for subject in sorted(set(books.events) | set(books.told)):
        here = [(sequence, name, kind) for sequence, name, kind, _, _ in books.events.get(subject, [])]
        there = books.told.get(subject, []) if not subject.startswith("L-") else here  # told to nobody
        if [sequence for sequence, _, _ in here] != list(range(1, len(here) + 1)):
            yield f"{subject}: not 1..n here: {here}"
        if here != there:
            yield f"{subject}: {len(here)} here, {len(there)} at the service: {here} {there}"
        unheard = [row for row in books.events.get(subject, []) if not row[3] or row[4]]
        if unheard:
            yield f"{subject}: not acknowledged: {unheard}"
    for job, stage in books.jobs.items():
        printed = sum(kind == "platen.job.printed.v1" for _, _, kind, _, _ in books.events.get(job, []))
        if printed != (stage == "reported"):
            yield f"{job} is {stage}, and told {printed} times that it was printed"


def dropped(books):
    """By what lies in done and in the trays: one job of each, and all its copies, if nobody called it off."""
    for name, copies in books.dropped.items():
        jobs = books.done.get(name, [])
        if len(jobs) != 1:
            yield f"{name}: lies in done for {jobs}"
        elif books.jobs.get(jobs[0]) == "reported" and not {(jobs[0], 0, copy) for copy in range(copies)} <= set(books.tray):
            yield f"{name}, {jobs[0]}: not all of its {copies} copies came out"
        if len(books.labels.get(name, [])) != 1:
            yield f"{name}: ordered as {books.labels.get(name)}"


def judge(floor):
    """(faults, figures) of a floor that has stopped."""
    faults = unsound(floor.store)
    books = Books(floor)
    for kind in (twice, lost, dropped, ledger, events):
        faults += [f"[{kind.__name__}] {fault}" for fault in kind(books)]
    figures = {"jobs": len(books.ordered), "sheets": sum(sum(keys.values()) for keys in books.tray.values()),
               "events": sum(len(rows) for rows in books.told.values())}
    for stage in ENDS:
        figures[stage] = sum(found == stage for found in books.jobs.values())
    return faults, figures
