#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Bombs and mutated files through the render server as the daemon asks it: INSPECT, and RENDER of
# what that lets pass. Each is refused or finished within the limits a floor starts with, measured by
# the kernel at each process's end; none dies; the server is at its end what it was at its start.
# BOMBS=all takes those that need seconds each, MUTATIONS=N and SEED=N other files.
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bombs
import bombs_coded
import mutations
from server import BUILD, LIMITS, SOURCE, Server

SEED = os.environ.get("SEED") or "1"
ALL = os.environ.get("BOMBS") == "all"
MUST_END_S, MUST_FIT_BYTES = LIMITS["cpu_seconds"], LIMITS["memory_bytes"]
MAY_GROW_BYTES = 4 << 20
WIDTH, HEIGHT = (1200, 1800) if ALL else (400, 600)
with open(os.path.join(BUILD, "config.h"), encoding="ascii") as config:
    SANITIZED = "#define PLATEN_SANITIZED 1" in config.read()  # other sizes, other times
MANY = int(os.environ.get("MUTATIONS") or (102 if SANITIZED else 306))

number, failed = 0, 0


def tell(fine, name, *why):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)
    for line in ([] if fine else list(why)[:20]):
        print("# %s" % (line,))


class Trial:
    """Asks one after the other, so that what was spent is known for each."""

    def __init__(self):
        self.server = Server(WIDTH, HEIGHT, 2, "fill", measured=not SANITIZED)
        self.server.spent()
        self.most_s, self.most_bytes, self.deaths, self.beyond = (0, ""), (0, ""), [], []
        self.ends = {}

    def ask(self, name, media_type, data, **how):
        self.server.ask(media_type, data, **how)
        result = self.server.answer()[1]
        for seconds, size in self.server.spent():
            self.most_s = max(self.most_s, (seconds, name))
            self.most_bytes = max(self.most_bytes, (size, name))
            if not SANITIZED and (seconds > MUST_END_S or size > MUST_FIT_BYTES):
                self.beyond.append("%s: %.1f s, %d MiB" % (name, seconds, size >> 20))
        if result["died"]:
            self.deaths.append("%s: %s" % (name, result["err"]["text"]))
        return "fine" if result["fine"] else result["err"]["code"]

    def look_and_print(self, name, media_type, data, turn=90):
        end = self.ask(name, media_type, data, inspect=True)
        if end == "fine":
            end = self.ask(name, media_type, data, turn=turn)
        self.ends[end] = self.ends.get(end, 0) + 1
        return end

    def judge(self, what, n):
        tell(not self.deaths, "%d %s: no process died of them" % (n, what), *self.deaths)
        tell(not self.beyond, "%d %s: each within %d s of computing and %d MiB" % (
            n, what, MUST_END_S, MUST_FIT_BYTES >> 20), *self.beyond)
        print("# most: %.1f s (%s); %d MiB (%s)" % (
            *self.most_s, self.most_bytes[0] >> 20, self.most_bytes[1]))
        print("# ends: %s" % ", ".join("%s %d" % e for e in sorted(self.ends.items())))
        self.deaths, self.beyond, self.ends = [], [], {}
        self.most_s, self.most_bytes = (0, ""), (0, "")


def all_bombs(icc, work):
    for kind, few in (("png", bombs.png_bombs(icc)), ("tiff", bombs.tiff_bombs(icc)),
                      ("tiff", bombs.profile_bombs()), ("jpeg", bombs_coded.jpeg_bombs()),
                      ("webp", bombs_coded.webp_bombs()), ("heic", bombs_coded.heic_bombs(work))):
        for name, write, code, *heavy in few:
            if ALL or not heavy:
                yield "%s: %s" % (kind.upper(), name), "image/" + kind, write, code


def main(work):
    with open(os.path.join(SOURCE, "profiles", "icc", "synthetic-dyesub-gloss.icc"), "rb") as file:
        icc = file.read()
    print("# SEED=%s" % SEED)
    trial, wrong, n = Trial(), [], 0
    files = mutations.seeds(work, icc)
    bad = [name for name, media_type, data in files
           if trial.look_and_print(name, media_type, data) != "fine"]
    tell(not bad, "%d whole files are printed" % len(files), *bad)
    before = trial.server.state()
    for name, media_type, write, code in ([] if SANITIZED else all_bombs(icc, work)):
        end = trial.look_and_print(name, media_type, write())
        n += 1
        if code not in (bombs.ENDS, end):
            wrong.append("%s: %s, and not %s" % (name, end, code))
    if not SANITIZED:
        trial.judge("bombs", n)
        tell(not wrong, "%d bombs end as they should" % n, *wrong)
    for name, media_type, data in mutations.mutations(files, SEED, MANY):
        trial.look_and_print(name, media_type, data)
    trial.judge("mutated files", MANY)
    after = trial.server.state()
    tell(before[0] == after[0] and after[2] == 0, "the server holds no descriptor and no process "
         "more than before", before, after)
    tell(SANITIZED or after[1] < before[1] + MAY_GROW_BYTES, "nor memory", before, after)
    good = [trial.look_and_print(*file) for file in files]
    tell(good == ["fine"] * len(files), "and prints what is whole", good)
    tell(trial.server.close() == 0, "it ends when it is told to")


with tempfile.TemporaryDirectory() as folder:
    main(folder)
print("1..%d" % number)
sys.exit(1 if failed else 0)
