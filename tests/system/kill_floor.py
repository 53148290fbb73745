# SPDX-License-Identifier: Apache-2.0
"""A floor that is killed all the time: its lives, what each of them said, and what people and customers do
meanwhile. Everything printed lies in the books of its printers (docs/fake-printer.md): job, attempt, page
and copy of every sheet."""
import hashlib
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time
import zlib

import conf
import lab
import quick
import service

SAID = re.compile(r"^<\d>(\S+): ([a-z-]+)(.*)$")
TEXT = b"tEXtComment\0"
STAGES = frozenset("leased fetched inspected rendered queued permitted prepared opened sending committed accepted "
                   "printed reported held-unknown held-operator quarantined released cancelled lost".split())
ENDS = frozenset(("reported", "quarantined", "released", "cancelled"))
WORKING = 8          # jobs that are kept under way
COPIES_MAX = 4       # above, a person is asked
MODEL = """title = "Dye-sub of the kill campaign"
driver = fake
x_dpi = 72
formats = { pwg }
print_time = "10 ms"
copies_per_attempt = 2
has_counters = yes
counter_lag = "60 ms"
media 4x6-glossy { profile = "synthetic-dyesub-gloss.icc" }
"""


class Life:
    """platend from its start to its death. Its log is read as it comes."""

    def __init__(self, floor, points=""):
        read, write = os.pipe()
        environment = {**os.environ, "PLATEN_POINTS": points} if points else None
        self.begin = time.monotonic()
        self.process = subprocess.Popen([floor.daemon, "--config", floor.conf], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=write, env=environment)
        os.close(write)
        os.set_blocking(read, False)
        self.log, self.rest = read, b""
        self.pid_fd = os.pidfd_open(self.process.pid)
        self.poll = select.poll()
        self.poll.register(read, select.POLLIN)
        self.poll.register(self.pid_fd, select.POLLIN)

    def age_ms(self):
        return (time.monotonic() - self.begin) * 1000

    def lines(self, until_ms):
        """What it says until that age, line by line; ends early when it dies."""
        while True:
            left = until_ms - self.age_ms()
            found = dict(self.poll.poll(max(0, left))) if left > 0 else {}
            dead = self.pid_fd in found or left <= 0
            try:
                while self.log in found or dead:
                    piece = os.read(self.log, 65536)
                    if not piece:
                        break
                    *whole, self.rest = (self.rest + piece).split(b"\n")
                    for line in whole:
                        yield line.decode(errors="replace")
                    found.pop(self.log, None)
            except BlockingIOError:
                pass
            if dead:
                return

    def children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                return [int(word) for word in file.read().split()]
        except OSError:
            return []

    def end(self, with_signal=signal.SIGKILL):
        """How it ended: a signal's number as negative, or its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        status = self.process.wait(30)
        os.close(self.pid_fd)
        os.close(self.log)
        return status


class Desk(http.client.HTTPConnection):
    """A person at the floor: the local API over its socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        """The answer, or None: refused, or the floor died before it could answer. A file is sent as it is."""
        text = json.dumps({"token": service.ulid(), **body}) if isinstance(body, dict) else body
        try:
            self.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = self.getresponse()
            value = json.loads(answer.read())
            return value if answer.status < 300 else None
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None


class Floor(lab.Lab):
    def __init__(self, folder, chance, name="demo-lab"):
        papers = {f"D{n}": ("kill-dyesub", quick.PAPER) for n in (1, 2)}
        super().__init__(folder, jobs=0, ipp={"none": None}, fakes=papers, poll="500 ms")
        self.ipp, self.chance, self.floor = {}, chance, name
        self.heartbeat, self.lease = "1 s", "3 s"
        self.hot = os.path.join(self.run, "hot")
        self.dropped = {}
        os.makedirs(os.path.join(self.hot, "4x6-glossy"))
        self.more_conf = (f"ceilings {{ copies_per_job = {COPIES_MAX} copies_per_hour = 1000000 }}\n"
                          f'hot_folder {{ folder = "{self.hot}" settle = "50 ms" patience = "1 h" }}\n')
        self.root = self.make_profiles()
        self.daemon, self.desk = self.program("platend"), Desk(self.socket)
        self.stage, self.ordered, self.made, self.pixels = {}, {}, 0, quick.png(folder)
        self.book_of_lines = open(os.path.join(self.run, "platend.log"), "a", encoding="utf-8")

    def make_profiles(self):
        """No more than is printed here: each life reads all of it."""
        home = os.path.join(self.run, "kill")
        with open(os.path.join(self.root, "profiles/products/4x6-glossy.conf"), encoding="utf-8") as file:
            papers = re.search(r"^media = \{(.*)\}", file.read(), re.M).group(1).split(",")
        for file in ("products/4x6-glossy.conf", "icc/synthetic-dyesub-gloss.icc",
                     *(f"media/{paper.strip()}.conf" for paper in papers)):
            to = os.path.join(home, "profiles", file)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copyfile(os.path.join(self.root, "profiles", file), to)
        os.makedirs(os.path.join(home, "profiles", "models"))
        conf.write(os.path.join(home, "profiles", "models", "kill-dyesub.conf"), MODEL)
        return home

    def begin(self):
        self.start_world()
        self.conf = conf.write_platend(self)

    @property
    def store(self):
        return os.path.join(self.run, "platend", "state", "platen.db")

    # customers

    def picture(self, number):
        """A small one that no floor has seen before; some come twice."""
        note = TEXT + f"{self.folder} {number}".encode()
        chunk = struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note))
        return self.pixels[:-12] + chunk + self.pixels[-12:]

    def order(self, kind="plain"):
        """One job of that kind; each is ended by another way (see prepare)."""
        self.made += 1
        copies, pages, product = self.chance.choice((1, 1, 2, 3)), 1, {}
        picture = self.picture(self.made // self.chance.choice((1, 1, 2)))
        if kind == "plain" and self.chance.random() < 0.1:
            copies, pages = 1, 2
        elif kind == "too-many":
            copies = COPIES_MAX + 1
        elif kind == "poison":
            picture = picture[:60] + os.urandom(200)
        elif kind == "unsupported":
            product = {"finish": "matte"}
        asset = self.service.call("POST", "/v1/admin/assets", picture, "image/png")["asset"]["id"]
        body = {"product": {"sku": "4x6-glossy", "copies": copies, **product}, "pages": [{"asset": asset}] * pages}
        made = self.service.order({"jobs": [body]})
        self.orders.append(made["order"]["id"])
        self.ordered[made["jobs"][0]] = {"kind": kind, "copies": copies, "pages": pages, "gone": False}

    def order_here(self):
        """A local order. Once it was answered, it must never be lost."""
        self.made += 1
        picture = self.picture(self.made)
        name, copies = hashlib.sha256(picture).hexdigest(), self.chance.choice((1, 2))
        self.desk.ask("PUT", f"/v1/assets/{name}", picture)
        made = self.desk.ask("POST", "/v1/orders", {"product": "4x6-glossy", "copies": copies, "pages": [{"asset": name}]})
        if made:
            self.ordered[made["id"]] = {"kind": "local", "copies": copies, "pages": 1, "gone": False}

    def drop(self):
        """A picture into the hot folder. Once it lies there, it must never be lost."""
        if self.waits_in_folder():
            return  # one is on its way
        self.made += 1
        copies = self.chance.choice((1, 1, 2))
        name = f"{self.made}_x{copies}.png"
        path = os.path.join(self.hot, "4x6-glossy", name)
        with open(path + ".part", "wb") as file:
            file.write(self.picture(self.made))
        os.rename(path + ".part", path)
        self.dropped[name] = copies

    def waits_in_folder(self):
        return [name for folder in ("4x6-glossy", ".taking") if os.path.isdir(os.path.join(self.hot, folder))
                for name in os.listdir(os.path.join(self.hot, folder)) if name != "floor"]

    def done(self):
        """{name: [the jobs of it]} of what was dropped."""
        home, found = os.path.join(self.hot, "done"), {}
        for job in os.listdir(home) if os.path.isdir(home) else ():
            for name in os.listdir(os.path.join(home, job)):
                found.setdefault(name, []).append(job)
        return found

    def under_way(self):
        return [job for job in self.ordered if self.stage.get(job) not in ENDS and not self.ordered[job]["gone"]]

    def some(self, *stages):
        """A job that, as far as its log tells, is at one of these stages; None when there is none."""
        found = [job for job in self.under_way() if self.stage.get(job) in stages]
        return self.chance.choice(found) if found else None

    def at_service(self, verb, job, body=None):
        if job is None:
            return None
        try:
            return self.service.call("POST", f"/v1/admin/jobs/{job}:{verb}", {"by": "campaign", **(body or {})})["job"]
        except service.Refused:
            return None

    def take_back(self, job):
        told = self.at_service("cancel", job)
        if told and told["state"] == "cancelled":
            self.ordered[job]["gone"] = True

    def revise(self, job):
        """Leased, not yet cleared: the floor loses it, and gets it again with other copies."""
        if self.at_service("revise", job, {"product": {"sku": "4x6-glossy", "copies": 1}}):
            self.ordered[job].update(copies=1, kind="plain")

    # people at the floor

    def script(self, *lines):
        """Mishaps for one of the printers."""
        printer = self.chance.choice(self.printers)
        path = os.path.join(printer.home, "script")
        conf.write(path + ".new", "\n".join(lines) + "\n")
        os.rename(path + ".new", path)

    def in_tray(self):
        """{(job, page, copy): {attempt key: sheets}} of all that came out."""
        book = {}
        for _, row in self.received():
            job, key = row["job"].rsplit(".", 2)[0], row["job"]
            sheets = book.setdefault((job, row["page"], row["copy"]), {})
            sheets[key] = sheets.get(key, 0) + 1
        return book

    def count_the_tray(self, job):
        """What a person does at a hold of prints that may have come out."""
        known = self.desk.ask("GET", f"/v1/jobs/{job}")
        if known is None:
            return None
        book = self.in_tray()
        found = sum(1 for row in known["ledger"] if row["state"] == "unknown" and (job, row["page"], row["copy"]) in book)
        return self.desk.ask("POST", f"/v1/jobs/{job}:resolve",
                             {"reason": "counted", **({"printed": found} if found else {"not_printed": True})})

    def answer_holds(self):
        """How many were answered."""
        answered, holds = 0, (self.desk.ask("GET", "/v1/holds") or {"holds": []})["holds"]
        for hold in holds:
            if hold["job"] is None:
                # without a reason, one that was stopped after failures is not let go on
                self.desk.ask("POST", f"/v1/printers/{hold['printer']}:resume", {"reason": "looked at it"})
            elif hold["job"]["stage"] == "held-unknown":
                answered += self.count_the_tray(hold["job"]["id"]) is not None
            elif "release" in hold["choices"]:
                told = self.desk.ask("POST", f"/v1/jobs/{hold['job']['id']}:release", {"reason": "goes on"})
                answered += told is not None
        return answered

    # what it says

    def hear(self, line):
        """(subject, word) of a line of the log; notes where jobs are."""
        self.book_of_lines.write(line + "\n")
        match = SAID.match(line)
        if not match:
            return "", ""
        subject, word = match.group(1), match.group(2)
        if word in STAGES and subject in self.ordered:
            self.stage[subject] = word
        return subject, word if subject in self.ordered else word + match.group(3)
