#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# What a good photo's rendering takes while bombs are decoded beside it, against what it takes alone:
# rounds of one and the other in turn, each server at a core of its own. A shared machine is
# noisy, so what must hold is bounded generously; the figures are printed (ROUNDS=N for better ones).
import os
import select
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bombs
import bombs_coded
import pictures as make
from server import Server

ROUNDS = int(os.environ.get("ROUNDS") or 3)
PHOTOS = 20
MOST = float(os.environ.get("MOST") or 1.5)  # of the median, with bombs over without
SIDE = 600


def photo():
    rows = [[make.to_ycc((x * y) % 256, (x + y) % 256, (x ^ y) % 256) for x in range(SIDE)]
            for y in range(SIDE)]
    return make.jpeg(rows)


class Pair:
    """Two servers, each at its core where there are two: the kernel then has nothing to decide."""

    def __init__(self):
        cores = sorted(os.sched_getaffinity(0))[-2:]
        self.good, self.bad = (Server(1200, 1800, 1, "fill", measured=True,
                                      before=("taskset", "-c", str(core))) for core in cores)
        self.good.spent()
        self.bombs = [("image/jpeg", bombs_coded.progressive(bombs.SIDE, bombs.SIDE, 90, 1)),
                      ("image/png", bombs.png_zeros(bombs.SIDE, bombs.SIDE)),
                      ("image/webp", make.riff([bombs_coded.lossless(8400, 8300)])),
                      ("image/tiff", bombs.tiff_shared(bombs.SIDE, bombs.SIDE, 8,
                                                       bombs.zeros_packed(bombs.SIDE * 3)))]
        self.n, self.photo = 0, photo()

    def keep_busy(self):
        if not self.bad.open:
            self.bad.ask(*self.bombs[self.n % len(self.bombs)], inspect=True)
            self.n += 1

    def drain(self):
        while self.bad.open:
            self.bad.answer()

    def round(self, with_bombs):
        """Seconds of waiting, seconds of computing, of each photo."""
        walls, cpus = [], []
        for _ in range(PHOTOS):
            if with_bombs:
                if self.bad.open and self.readable():
                    self.bad.answer()
                self.keep_busy()
            begin = time.monotonic()
            self.good.ask("image/jpeg", self.photo)
            assert self.good.answer()[1]["fine"]
            walls.append(time.monotonic() - begin)
            cpus += [seconds for seconds, _ in self.good.spent()]
        self.drain()
        return walls, cpus

    def readable(self):
        return bool(select.select([self.bad.link], [], [], 0)[0])


def p99(values):
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]


def main():
    if len(os.sched_getaffinity(0)) < 2:
        print("1..0 # SKIP one core: there are no neighbours")
        sys.exit(77)
    pair = Pair()
    pair.round(False)
    ratios = {"p50 of waiting": [], "p99 of waiting": [], "p50 of computing": []}
    for _ in range(ROUNDS):
        alone, among = pair.round(False), pair.round(True)
        ratios["p50 of waiting"].append(statistics.median(among[0]) / statistics.median(alone[0]))
        ratios["p99 of waiting"].append(p99(among[0]) / p99(alone[0]))
        ratios["p50 of computing"].append(statistics.median(among[1]) / statistics.median(alone[1]))
    middle = {name: statistics.median(values) for name, values in ratios.items()}
    for name, values in ratios.items():
        print("# %s, with bombs over without: %.2f (%s)" % (
            name, middle[name], " ".join("%.2f" % v for v in values)))
    fine = middle["p50 of computing"] < MOST
    print("%sok 1 - a photo beside bombs takes less than %.1f of the computing it takes alone" % (
        "" if fine else "not ", MOST))
    print("1..1")
    pair.good.close()
    pair.bad.close()
    return 0 if fine else 1


sys.exit(main())
