# SPDX-License-Identifier: Apache-2.0
"""Pictures that say their number also when they lie printed in a tray: eighteen bars, the first white, the
last black, between them the number. And programs that copy them as badly as programs do."""
import os
import random
import struct
import time
import zlib

WIDTH, HEIGHT, BARS = 396, 594, 18
PAGE = 4096


def bars_of(number):
    return [1] + [number >> bit & 1 for bit in range(BARS - 2)] + [0]


def line_of(number):
    return b"".join((b"\xff" if bar else b"\0") * (WIDTH // BARS) for bar in bars_of(number))


def png(number, ballast):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress((b"\0" + line_of(number)) * HEIGHT, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0))
            + chunk(b"plTn", ballast) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def tiff(number):
    """Its directory stands in front: by its length alone, a file of zeros is whole."""
    tags = ((256, 4, WIDTH), (257, 4, HEIGHT), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, PAGE), (277, 3, 1),
            (278, 4, HEIGHT), (279, 4, WIDTH * HEIGHT))
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    head += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags) + b"\0\0\0\0"
    return head.ljust(PAGE, b"\0") + line_of(number) * HEIGHT


def picture(number, chance):
    """(bytes, ending)"""
    if number % 4 == 0:
        return tiff(number), "tif"
    return png(number, chance.randbytes(chance.randrange(1, 60000))), "png"


def number_of(document):
    """The number of a printed page, whichever way round it lies; None when it is not one of these, whole."""
    width, height, pixels, _ = document

    def bar(n, across, along):
        x, y = (across, along) if width < height else (along, across)
        x, y = int(x * width) if width < height else int(x * width), int(y * height)
        at = 3 * (y * width + min(x, width - 1))
        return sum(pixels[at:at + 3]) / 765

    found = set()
    for along in (0.1, 0.3, 0.5, 0.7, 0.9):
        row = [bar(n, (n + 0.5) / BARS, along) for n in range(BARS)]
        if any(0.35 < level < 0.65 for level in row):
            return None
        found.add(tuple(int(level > 0.5) for level in row))
    if len(found) != 1:
        return None
    row = found.pop()
    row = row if row[0] == 1 and row[-1] == 0 else row[::-1]
    if row[0] != 1 or row[-1] != 0:
        return None
    return sum(bit << n for n, bit in enumerate(row[1:-1]))


# ---- programs that copy

class Copier:
    """Copies into a folder at random speeds; `pause_s` is longer than a file must rest to be looked into."""

    def __init__(self, folder, seed, pause_s):
        self.folder, self.chance, self.pause_s, self.pauses = folder, random.Random(seed), pause_s, 0

    def wait(self, often):
        dice = self.chance.random()
        if dice < often:
            self.pauses += 1
            time.sleep(self.pause_s * self.chance.uniform(1, 2))
        elif dice < 0.5:
            time.sleep(self.chance.uniform(0, 0.02))

    def pieces(self, data):
        """(offset, bytes) in pages, as a network writes them."""
        size = PAGE * self.chance.choice((1, 2, 4, 16))
        return [(at, data[at:at + size]) for at in range(0, len(data), size)]

    def at_once(self, path, data):
        with open(path, "wb") as file:
            file.write(data)

    def held_open(self, path, data):
        with open(path, "wb", buffering=0) as file:
            for _, piece in self.pieces(data):
                file.write(piece)
                self.wait(0.03)

    def opened_each_time(self, path, data):
        """As from a network: between two pieces nobody has it open."""
        for _, piece in self.pieces(data):
            with open(path, "ab") as file:
                file.write(piece)
            self.wait(0.03)

    def length_first(self, path, data):
        """As file managers do: the length is set, then the pieces come, not in order."""
        pieces = self.pieces(data)
        self.chance.shuffle(pieces)
        with open(path, "wb") as file:
            file.truncate(len(data))
        for at, piece in pieces:
            self.wait(0.03)
            with open(path, "r+b") as file:
                file.seek(at)
                file.write(piece)

    def under_another_name(self, path, data):
        hidden = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{self.chance.randrange(999999)}")
        self.held_open(hidden, data)
        os.rename(hidden, path)

    def copy(self, name, data):
        how = self.chance.choice((self.at_once, self.held_open, self.opened_each_time, self.length_first,
                                  self.under_another_name))
        how(os.path.join(self.folder, name), data)
