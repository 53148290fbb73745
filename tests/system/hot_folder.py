#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The hot folder: what is dropped there is printed, each thing once, however badly it was copied and however
often platend was killed meanwhile. What came out is read from the pages in the printers' trays.
DROPS says how many files are copied at random speeds (default 100), SEED repeats the choices."""
import collections
import json
import os
import random
import shutil
import threading
import time

import tap
import documents
import hot_pictures
import procs
import quick

DROPS = int(os.environ.get("DROPS") or 100)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
SETTLE_S, PATIENCE_S = 0.4, 4
SKU = "4x6-glossy"


class Floor(quick.Floor):
    def __init__(self, folder):
        super().__init__(folder, n_printers=8)
        self.drop = os.path.join(self.run, "orders")
        self.read = {}
        os.makedirs(self.drop)
        self.more_conf = (f'hot_folder {{ folder = "{self.drop}" settle = "{int(SETTLE_S * 1000)} ms"'
                          f' patience = "{PATIENCE_S} s" }}\n'
                          "ceilings { copies_per_job = 100 copies_per_hour = 1000000 }\nrender { workers = 2 }\n")

    def at(self, *parts):
        return os.path.join(self.drop, *parts)

    def listed(self, *parts):
        return sorted(os.listdir(self.at(*parts)))

    def kill_and_start(self):
        self.stop_platend_hard()
        self.start_platend(cloud=False)

    def tray(self):
        """How often each number came out; what is no whole page of ours counts as None."""
        count = collections.Counter()
        for printer, row in self.received():
            key = (printer.name, row["file"])
            if key not in self.read:
                self.read[key] = hot_pictures.number_of(documents.read_document(os.path.join(printer.out, row["file"])))
            count[self.read[key]] += 1
        return dict(count)

    def waits(self, name):
        """Why that lies there, as a person reads it."""
        told = (self.platenctl("status") or {}).get("hot_folder") or {}
        return next((why["say"] for why in told.get("why", []) if why["what"].endswith(name)), "")

    def write(self, data, *parts):
        os.makedirs(os.path.dirname(self.at(*parts)), exist_ok=True)
        with open(self.at(*parts) + ".part", "wb") as file:
            file.write(data)
        os.rename(self.at(*parts) + ".part", self.at(*parts))


def came_out(floor, wanted, seconds):
    """Until the tray holds at least that; then what it holds."""
    total = sum(wanted.values())
    floor.wait("all that was dropped", lambda: len(floor.received()) >= total and not in_hand(floor), seconds)
    return floor.tray()


def in_hand(floor):
    return [name for name in floor.listed(".taking") if name != "floor"] or floor.listed(SKU)


def mrk(*jobs):
    text = "[HDR]\r\nGEN REV=01.10\r\nGEN CRT=\"A CAMERA\" -01.00\r\n"
    for n, (kind, copies, path) in enumerate(jobs):
        text += (f"\r\n[JOB]\r\nPRT PID={n + 1:03}\r\nPRT TYP={kind}\r\nPRT QTY={copies:03}\r\nIMG FMT=EXIF2 -J\r\n"
                 f"<IMG SRC=\"{path}\">\r\n")
    return text.encode()


def names_and_sidecars(t, floor):
    chance = random.Random(SEED)
    floor.write(hot_pictures.png(7001, b"a"), SKU, "plain.png")
    floor.write(hot_pictures.png(7002, b"b"), SKU, "three_x3.png")
    floor.write(b'{"copies": 2, "order": "K-77"}', SKU, "side.png.json")
    floor.write(hot_pictures.png(7003, b"c"), SKU, "side.png")
    twice = hot_pictures.png(7004, chance.randbytes(2000))
    floor.write(twice, SKU, "same.png")
    floor.write(twice, SKU, "same again.png")
    floor.write(b'{"copys": 2}', SKU, "wrong.png.json")
    floor.write(hot_pictures.png(7005, b"d"), SKU, "wrong.png")
    wanted = {7001: 1, 7002: 3, 7003: 2, 7004: 2}
    found = came_out(floor, wanted, 30)
    t.ok(found == wanted, "copies come from the name or the sidecar; the same picture twice is two orders", found)
    refused = floor.listed("refused")
    reason = open(floor.at("refused", "wrong.png.txt")).read() if "wrong.png.txt" in refused else ""
    t.ok(refused == ["wrong.png", "wrong.png.json", "wrong.png.txt"] and "copys" in reason,
         "a wish that is not known is refused by its name, nothing is printed of it", (refused, reason))
    jobs = (floor.platenctl("jobs") or {}).get("jobs", [])
    t.ok(any(job["order"]["ref"] == "K-77" and job["label"] == "side.png" for job in jobs),
         "the order's number is the sidecar's, its label the file's name", jobs)
    return wanted


def cards(t, floor, wanted):
    """A card whose order comes before its pictures; names in another case, as FAT has them."""
    card = (SKU, "CARD 1")
    floor.write(mrk(("STD", 2, "../DCIM/100ABCDE/IMG_1.PNG"), ("STD", 1, "../DCIM/100ABCDE/IMG_2.PNG")),
                *card, "MISC", "AUTPRINT.MRK")
    floor.write(hot_pictures.png(7101, b"x"), *card, "dcim", "100ABCDE", "img_1.png")
    time.sleep(3 * SETTLE_S)
    t.ok("IMG_2" in floor.waits("CARD 1") and len(floor.received()) == sum(wanted.values()),
         "a card waits until all its pictures are there, and says for which", floor.waits("CARD 1"))
    floor.write(hot_pictures.png(7102, b"y"), *card, "dcim", "100ABCDE", "img_2.png")
    floor.write(hot_pictures.png(7103, b"z"), *card, "dcim", "100ABCDE", "not ordered.png")
    index = (SKU, "CARD 2")
    floor.write(hot_pictures.png(7104, b"i"), *index, "DCIM", "A.PNG")
    floor.write(mrk(("STD", 1, "../DCIM/A.PNG"), ("IDX", 1, "../DCIM/A.PNG")), *index, "MISC", "AUTPRINT.MRK")
    outside = (SKU, "CARD 3")
    floor.write(mrk(("STD", 1, "../../plain.png"),), *outside, "MISC", "AUTPRINT.MRK")
    linked = (SKU, "CARD 4")
    floor.write(mrk(("STD", 1, "../DCIM/A.PNG"),), *linked, "MISC", "AUTPRINT.MRK")
    os.makedirs(floor.at(*linked, "DCIM"))
    os.symlink(os.path.join(floor.run, "secret.png"), floor.at(*linked, "DCIM", "A.PNG"))
    wanted.update({7101: 2, 7102: 1})
    floor.wait("all of the card", lambda: len(floor.received()) >= sum(wanted.values()), 30)
    floor.wait("cards refused", lambda: len(floor.listed("refused")) >= 9, PATIENCE_S + 10)
    found, refused = floor.tray(), floor.listed("refused")
    t.ok(found == wanted, "a card prints what was ordered of it, and no more", found)
    said = {n: open(floor.at("refused", f"CARD {n}.txt")).read() if f"CARD {n}.txt" in refused else "" for n in (2, 3, 4)}
    t.ok("index print" in said[2] and "not on the card" in said[3] and "links are not followed" in said[4],
         "index prints, paths out of the card and links are refused with their reasons", said)


def part_of_a_card(t, floor, wanted):
    """A card of which two orders stand is found in the working folder, as after a kill."""
    done = next(f for f in floor.listed("done") if "CARD 1" in floor.listed("done", f))
    floor.stop_platend_hard()
    own = (".taking", done[2:])
    os.rename(floor.at("done", done), floor.at(*own))
    with open(floor.at(*own, ".ticket.json")) as file:
        ticket = json.load(file)
    half = hot_pictures.png(7105, b"q" * 5000)[:-700]
    more = {"letter.png": b"%PDF-1.7\nno photo", "half.png": half, "late.png": hot_pictures.png(7106, b"l")}
    for name, data in more.items():
        floor.write(data, *own, "CARD 1", name)
        ticket["pages"].append({"path": name, "copies": 1})
    with open(floor.at(*own, ".ticket.json"), "w") as file:
        json.dump(ticket, file)
    floor.start_platend(cloud=False)
    wanted.update({7106: 1})
    found = came_out(floor, wanted, PATIENCE_S + 30)
    told = open(floor.at("done", done, "NOT-ORDERED.txt")).read() if "NOT-ORDERED.txt" in floor.listed("done", done) else ""
    t.ok(found == wanted and "letter.png" in told and "half.png" in told and "late.png" not in told,
         "once a part of a card is ordered the rest is printed, and what can't be is named in done", (found, told))


def never_taken(t, floor, wanted):
    """What is no picture of its own lies there, and a person reads why."""
    secret = floor.file("secret.png", hot_pictures.png(7999, b"s"))
    os.symlink(secret, floor.at(SKU, "link.png"))
    os.mkfifo(floor.at(SKU, "pipe.png"))
    os.makedirs(floor.at(SKU, "some folder"))
    os.makedirs(floor.at("5x7-glosy"))
    floor.write(hot_pictures.png(7998, b"h"), SKU, ".hidden.png")
    shutil.copy(secret, floor.at(SKU, "photo.png.crdownload"))
    shutil.copy(secret, floor.at(SKU, "~photo.png"))
    shutil.copy(secret, floor.at(SKU, "Thumbs.db"))
    half = hot_pictures.png(7997, b"q" * 5000)
    floor.write(half[:-700], SKU, "half.png")
    floor.write(b"%PDF-1.7\nnothing for a printer of photos", SKU, "letter.pdf")
    floor.wait("half.png to be looked into", lambda: "cut off" in floor.waits("half.png"), 10)
    say = {name: floor.waits(name) for name in ("link.png", "pipe.png", "some folder", "5x7-glosy", "half.png")}
    t.ok("link" in say["link.png"] and "device" in say["pipe.png"] and "AUTPRINT.MRK" in say["some folder"]
         and "no product" in say["5x7-glosy"] and "cut off" in say["half.png"],
         "links, fifos, other folders and half files wait, each with its reason", say)
    code, said = floor.ctl("status")
    t.ok(code == 0 and "hot folder" in said and "link.png" in said, "platenctl status names them", said)
    code, said = floor.ctl("doctor")
    t.ok("hot folder" in said, "and platenctl doctor", said)
    floor.wait("half.png refused", lambda: "half.png" in floor.listed("refused"), PATIENCE_S + 10)
    refused = floor.listed("refused")
    t.ok({"half.png", "half.png.txt", "letter.pdf", "letter.pdf.txt"} <= set(refused),
         "a half file is refused when nothing comes any more, what is no picture at once", refused)
    for name in ("link.png", "pipe.png", "photo.png.crdownload", "~photo.png", "Thumbs.db", ".hidden.png"):
        os.unlink(floor.at(SKU, name))
    os.rmdir(floor.at(SKU, "some folder"))
    os.rmdir(floor.at("5x7-glosy"))
    found = floor.tray()
    t.ok(found == wanted, "none of them was printed", found)


def slow_writers(t, floor, wanted):
    """One holds its descriptor over a long pause, one writes on after the file was taken."""
    data = hot_pictures.tiff(7201)
    with open(floor.at(SKU, "held.tif"), "wb", buffering=0) as file:
        file.write(data[:PIECE])
        time.sleep(3 * SETTLE_S)
        t.ok("open for writing" in floor.waits("held.tif"), "who writes is seen by the lease", floor.waits("held.tif"))
        file.write(data[PIECE:])
    whole = hot_pictures.png(7202, b"w" * 3000)
    with open(floor.at(SKU, "appended.png"), "wb") as file:
        file.write(whole)
    wanted.update({7201: 1, 7202: 1})
    floor.wait("it in done", lambda: "appended.png" in [n for f in floor.listed("done") for n in floor.listed("done", f)], 20)
    found = came_out(floor, wanted, 20)
    t.ok(found == wanted, "both are printed once, whole", found)


PIECE = 40 * hot_pictures.PAGE


# ---- many, at random speeds

class Drops:
    def __init__(self, floor, seed, n):
        self.chance, self.floor = random.Random(seed), floor
        self.todo, self.wanted, self.lock = [], {}, threading.Lock()
        for number in range(1, n + 1):
            data, ending = hot_pictures.picture(number, self.chance)
            dice = self.chance.random()
            copies = 2 if dice < 0.06 else 1
            name = f"drop {number:04}{'_x2' if dice < 0.03 else ''}.{ending}"
            self.todo.append((name, data, copies if 0.03 <= dice < 0.06 else 0))
            self.wanted[number] = copies
        self.copiers = [hot_pictures.Copier(floor.at(SKU), seed + k, SETTLE_S) for k in range(16)]

    def work(self, copier):
        while True:
            with self.lock:
                if not self.todo:
                    return
                name, data, sidecar = self.todo.pop()
            if sidecar:
                copier.at_once(os.path.join(copier.folder, name + ".json"), json.dumps({"copies": sidecar}).encode())
            copier.copy(name, data)
            copier.wait(0)

    def run(self):
        threads = [threading.Thread(target=self.work, args=(copier,)) for copier in self.copiers]
        for thread in threads:
            thread.start()
        return threads


def campaign(t, folder):
    tap.note(f"SEED={SEED} DROPS={DROPS}")
    floor = Floor(folder)
    try:
        floor.start_printers()
        floor.start_platend(cloud=False)
        floor.wait("folders", lambda: os.path.isdir(floor.at(SKU)), 10)
        drops = Drops(floor, SEED, DROPS)
        begin = time.monotonic()
        copying, kills = drops.run(), 0
        wanted_kills = max(3, DROPS // 100)
        while any(thread.is_alive() for thread in copying) or kills < wanted_kills:
            time.sleep(drops.chance.uniform(0.3, 1.5 if kills < wanted_kills else 0.5))
            if kills < wanted_kills:
                floor.kill_and_start()
                kills += 1
        copied = time.monotonic() - begin
        total = sum(drops.wanted.values())
        floor.wait("all taken", lambda: not in_hand(floor), 60 + DROPS)
        taken = time.monotonic() - begin
        floor.wait("all", lambda: len(floor.received()) >= total and not in_hand(floor), 60 + DROPS)
        took = time.monotonic() - begin
        time.sleep(2 * SETTLE_S)
        found = floor.tray()
        wrong = {n: (found.get(n, 0), drops.wanted.get(n, 0)) for n in set(found) | set(drops.wanted)
                 if found.get(n, 0) != drops.wanted.get(n, 0)}
        t.ok(not wrong, f"{DROPS} files copied at random speeds: each was printed once, whole (came out, wanted)",
             f"{wrong}\n{floor.platenctl('status')}\n{floor.listed('refused')}")
        done = sum(len([n for n in floor.listed("done", f) if n.endswith((".png", ".tif"))]) for f in floor.listed("done"))
        t.ok(done == DROPS and not in_hand(floor) and not floor.listed("refused"),
             "all lie in done, nothing is left and nothing was refused", (done, in_hand(floor), floor.listed("refused")))
        pauses = sum(copier.pauses for copier in drops.copiers)
        tap.note(f"{DROPS} files, {total} prints: copied in {copied:.0f} s with {pauses} pauses longer than settle, "
                 f"all taken after {taken:.0f} s, all out after {took:.0f} s; {kills} kills; {len(found)} pictures told apart in the trays")
    finally:
        floor.stop()


def ways(t, folder):
    floor = Floor(os.path.join(folder, "ways"))
    try:
        floor.start_printers()
        floor.start_platend(cloud=False)
        t.ok(floor.wait("folders", lambda: os.path.isdir(floor.at(SKU)), 10), "a folder is made for each product")
        wanted = names_and_sidecars(t, floor)
        cards(t, floor, wanted)
        part_of_a_card(t, floor, wanted)
        never_taken(t, floor, wanted)
        slow_writers(t, floor, wanted)
    finally:
        floor.stop()


def test(t, folder):
    ways(t, folder)
    campaign(t, os.path.join(folder, "many"))


tap.run(test)
