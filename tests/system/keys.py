#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A floor with a printer that encrypts and wants a password: its key is pinned at first sight; another key stops
it, also over a restart and also when the right one is back, while its work goes elsewhere; a person accepts; a
password that is refused is tried once and read again when its file was corrected. What reached the printer is
told by what stands before it (tests/drivers/front.py)."""
import os
import subprocess
import sys
import time

import tap
import conf
import procs
import trouble

FRONT = os.path.join(tap.ROOT, "tests", "drivers", "front.py")
RIGHT, WRONG = "right", "wrong-word-of-a-test"


class Floor(trouble.Floor):
    def start_printers(self):
        super().start_printers()
        self.guarded = self.printers[0]
        self.folder_of_front = os.path.join(self.run, "front")
        os.makedirs(self.folder_of_front)
        subprocess.run([sys.executable, "-B", FRONT, "make", self.folder_of_front], check=True)
        self.mode("key=a digest")
        self.crew.start("front", [sys.executable, "-B", FRONT, self.folder_of_front, str(self.guarded.port)])
        said = self.crew.log_of("front")
        procs.wait_for("the front listening", 10, lambda: os.path.exists(said) and open(said).read().strip(), self.crew)
        port = int(open(said).read().split()[0])
        self.guarded.uri = lambda: f"ipps://localhost:{port}/ipp/print"
        self.password_file = os.path.join(self.run, "P1.password")
        self.password(RIGHT)
        self.guarded.more_conf = f'\tuser = lab\n\tpassword_file = "{self.password_file}"\n'

    def password(self, text):
        with open(self.password_file + ".new", "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text + "\n")
        os.rename(self.password_file + ".new", self.password_file)

    def mode(self, words):
        for name, text in (("mode.new", words), ("seen", "")):
            with open(os.path.join(self.folder_of_front, name), "w", encoding="ascii") as file:
                file.write(text)
        os.rename(os.path.join(self.folder_of_front, "mode.new"), os.path.join(self.folder_of_front, "mode"))

    def seen(self, *words):
        with open(os.path.join(self.folder_of_front, "seen"), encoding="utf-8") as file:
            return sum(line.startswith(words) for line in file)

    def row(self):
        rows = (self.platenctl("printers") or {}).get("printers", [])
        return next((row for row in rows if row["name"] == "P1"), {})

    def submit(self, number):
        path = self.file(f"picture-{number}.jpg", self.picture(number))
        return self.platenctl("submit", path, "--product", "4x6-glossy", "--copies", "1")["jobs"][0]["id"]

    def done_at(self, job):
        """The printer that proved it; "" when it is not done in time."""
        done = self.wait("done", lambda: self.here(job).get("kind") == "done", 30)
        return self.here(job)["sheets"][-1]["printer"] if done else ""

    def trail(self, what):
        rows = (self.platenctl("audit") or {}).get("rows", [])
        return [row for row in rows if row["what"] == what]

    def restart_platend(self):
        self.crew.stop("platend")
        self.start_platend(False)


def first_sight(t, floor):
    at = floor.done_at(floor.submit(1))
    key = floor.row().get("tls_key", "")
    t.ok(at == "P1" and key.startswith("sha256//"), "encrypted and by its password it prints, and its key is remembered",
         (at, floor.row()))
    t.ok([key in row["reason"] for row in floor.trail("key pinned")] == [True], "with one row in the trail", floor.trail("key pinned"))
    return key


def another_key(t, floor, key):
    floor.mode("key=b digest")
    floor.wait("alarm", lambda: floor.row().get("tls_offered"))
    row = floor.row()
    other = row["tls_offered"]
    t.ok(row["state"] == "needs_you" and row["tls_key"] == key and key in row["fault"] and other in row["fault"],
         "another key: it needs somebody, and both fingerprints are named", row)
    cards = [card for card in floor.platenctl("holds")["holds"] if card["printer"] == "P1"]
    t.ok(cards and cards[0]["choices"] == ["accept_key"] and f"accept-key {other}" in cards[0]["action"],
         "the card says what to do", cards)
    floor.platenctl("printer", "P2", "pause")
    job = floor.submit(2)
    floor.wait("waits", lambda: not floor.unclear(job, "another key"), 20)
    fault = floor.unclear(job, "P1", "another key", "accept-key")
    t.ok(not fault, "a job that only it could make waits and says why", fault)
    floor.platenctl("printer", "P2", "resume")
    t.ok(floor.done_at(job) == "P2", "and goes elsewhere as soon as it can", floor.reason(job))
    t.ok(floor.seen("connection") > 1 and floor.seen("request", "digest", "told") == 0,
         "no request and no password went to that key", open(os.path.join(floor.folder_of_front, "seen")).read())
    t.ok(len(floor.trail("key changed")) == 1, "one row of the trail, however often it is met", floor.trail("key changed"))
    return other


def stays_stopped(t, floor, key, other):
    floor.mode("key=a digest")
    floor.restart_platend()
    floor.wait("asked", lambda: floor.seen("request") > 1)
    time.sleep(1)
    row = floor.row()
    t.ok(row["state"] == "needs_you" and row["tls_offered"] == other and row["tls_key"] == key,
         "after a restart, and with the right key back, it still waits for a person", row)


def accepted(t, floor, key, other):
    floor.mode("key=b digest")
    code, said = floor.ctl("printer", "P1", "accept-key", key[:-4] + "AAA=")
    t.ok(code == 65 and other in said, "a fingerprint that it does not prove is refused", (code, said))
    code, said = floor.ctl("printer", "P1", "accept-key", "yes")
    t.ok(code == 65 and "whole" in said, "and so is what is none", (code, said))
    code, said = floor.ctl("printer", "P1", "accept-key", other, "--reason", "new certificate")
    t.ok(code == 0 and other in said, "accepted by its fingerprint", (code, said))
    floor.wait("ready", lambda: floor.row().get("state") == "idle")
    floor.platenctl("printer", "P2", "pause")
    t.ok(floor.done_at(floor.submit(3)) == "P1", "it prints again", floor.row())
    rows = floor.trail("accept-key")
    t.ok(len(rows) == 1 and key in rows[0]["reason"] and "new certificate" in rows[0]["reason"], "who accepted is in the trail", rows)
    code, said = floor.ctl("printer", "P1", "accept-key", other)
    t.ok(code == 65 and "nothing to accept" in said, "once is enough", (code, said))


def known_one_kept(t, floor, known):
    """Another key was met, the known one is back: a person says that it is the right one."""
    def told():
        with open(floor.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
            return sum("P1" in line and "can print again" in line for line in file)
    floor.mode("key=a digest")
    floor.wait("alarm", lambda: floor.row().get("tls_offered"))
    floor.mode("key=b digest")
    floor.wait("asked", lambda: floor.seen("request") > 1)
    time.sleep(1)
    before = told()
    code, said = floor.ctl("printer", "P1", "accept-key", known)
    t.ok(code == 0 and floor.row()["state"] == "idle", "the known key is kept by its fingerprint, and it is ready", (code, said, floor.row()))
    t.ok(floor.wait("told", lambda: told() > before), "which is told", (before, told()))


def wrong_password(t, floor):
    floor.password(WRONG)
    floor.mode("key=b digest")
    floor.restart_platend()
    floor.wait("refused", lambda: "password" in floor.row().get("fault", ""))
    time.sleep(2)
    row = floor.row()
    t.ok(row["state"] == "needs_you" and "user lab" in row["fault"], "a password that is refused needs somebody", row)
    t.ok(floor.seen("digest bad") == 1, "and is not tried again at each look", floor.seen("digest bad"))
    floor.password(RIGHT)
    t.ok(floor.wait("ready", lambda: floor.row().get("state") == "idle"), "corrected, it goes on by itself", floor.row())
    with open(floor.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
        log = file.read()
    t.ok(WRONG not in log and "lab:" not in log, "no password stands in the log")


def test(t, folder):
    floor = Floor(folder, jobs=0, ipp={name: ("photo-ipp", [conf.GLOSSY_4X6]) for name in ("P1", "P2")}, fakes={},
                  poll="500 ms")
    try:
        floor.begin(cloud=False)
        floor.platenctl("printer", "P2", "pause")
        key = first_sight(t, floor)
        floor.platenctl("printer", "P2", "resume")
        other = another_key(t, floor, key)
        stays_stopped(t, floor, key, other)
        accepted(t, floor, key, other)
        known_one_kept(t, floor, other)
        wrong_password(t, floor)
    finally:
        floor.end()


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
