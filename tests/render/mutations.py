# SPDX-License-Identifier: Apache-2.0
#
# Whole pictures of every kind, and what can be done to a file. All by a number: the same seed makes
# the same files.
import random
import struct
import zlib

import pictures as make
from bombs_coded import heic_grid

SIDE = 64


def seeds(work, icc):
    """(name, media type, bytes): small, whole, with what files carry besides pixels."""
    chance = random.Random(5)
    rows = make.patches([tuple(chance.randrange(256) for _ in range(3)) for _ in range(64)], 8, 8)
    deep = [[tuple(257 * v for v in c) for c in row] for row in rows]
    inks = [[c + (30,) for c in row] for row in rows]
    ycc = [[make.to_ycc(*c) for c in row] for row in rows]
    webp = [make.webp_pixels(make.vips(work, rows, "s.webp[%s]" % how))
            for how in ("lossless", "Q=80")]
    heic = make.heic_coded(make.vips(work, rows, "s.heic[strip]"))
    files = [
        ("jpeg", make.jpeg(ycc, icc=icc, orientation=6)),
        ("jpeg", make.jpeg(inks, adobe=0)),
        ("jpeg", make.with_metadata(make.vips(work, rows, "s.jpg[interlace,strip]"), orientation=3)),
        ("jpeg", make.vips(work, rows, "t.jpg[strip]")),
        ("png", make.png(rows, icc=icc, orientation=5)),
        ("png", make.png(deep, 16, frames=3)),
        ("png", make.vips(work, rows, "s.png[interlace,palette]")),
        ("tiff", make.tiff(rows, icc=icc, orientation=7, rows_per_strip=7)),
        ("tiff", make.tiff(deep, 16, ">", packing=8, pages=3)),
        ("tiff", make.tiff(inks, planes=True)),
        ("tiff", make.vips(work, rows, "s.tif[compression=lzw,tile,tile-width=16,tile-height=16]")),
        ("tiff", make.vips(work, rows, "t.tif[compression=packbits,predictor=none]")),
        ("webp", make.webp(webp[0], SIDE, SIDE, icc, 2)),
        ("webp", make.webp(webp[1], SIDE, SIDE)),
        ("webp", make.webp(None, SIDE, SIDE, frames=webp)),
        ("heic", make.heic(heic, SIDE, SIDE, icc, orientation=8, more=[heic])),
        ("heic", heic_grid(heic, SIDE, 2, 2, 2 * SIDE, 2 * SIDE)),
    ]
    return [("%s %d" % (kind, i), "image/" + kind, data) for i, (kind, data) in enumerate(files)]


# ---- what is done: each takes (bytes, chance, another seed's bytes) ----

def flip_bits(data, chance, other):
    out = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 40))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def write_run(data, chance, other):
    at, n = chance.randrange(len(data)), chance.randrange(1, 64)
    return data[:at] + bytes((chance.choice((0, 255, chance.randrange(256))),)) * n + data[at + n:]


def swap_blocks(data, chance, other):
    n = chance.randrange(1, max(2, len(data) // 4))
    a, b = sorted(chance.randrange(0, len(data) - n + 1) for _ in range(2))
    b = max(b, a + n)
    return data[:a] + data[b:b + n] + data[a + n:b] + data[a:a + n] + data[b + n:]


def change_number(data, chance, other):
    """Something that may be a length, a count, an offset: one more, one less, none, all."""
    size = chance.choice((1, 2, 4))
    code = chance.choice("<>") + {1: "B", 2: "H", 4: "I"}[size]
    at = chance.randrange(min(len(data), chance.choice((64, 512, len(data)))) - size)
    most = (1 << 8 * size) - 1
    old = struct.unpack_from(code, data, at)[0]
    new = chance.choice((0, 1, most, most >> 1, (most >> 1) + 1, old + 1, old - 1, old * 2)) & most
    return data[:at] + struct.pack(code, new) + data[at + size:]


def cut_and_fill(data, chance, other):
    at = chance.randrange(1, len(data))
    return data[:at] + chance.randbytes(chance.randrange(0, 400))


def repeat_part(data, chance, other):
    a = chance.randrange(len(data))
    b = min(len(data), a + chance.choice((4, 12, 64, 600)))
    return data[:b] + data[a:b] * chance.choice((1, 2, 200)) + data[b:]


def leave_out(data, chance, other):
    a = chance.randrange(len(data))
    return data[:a] + data[a + chance.randrange(1, 64):]


def splice(data, chance, other):
    at = chance.randrange(16, len(data))
    return data[:at] + other[chance.randrange(len(other)):]


def random_window(data, chance, other):
    at, n = chance.randrange(12, len(data)), chance.randrange(1, 256)
    return data[:at] + chance.randbytes(n) + data[at + n:]


WAYS = [flip_bits, write_run, swap_blocks, change_number, cut_and_fill, repeat_part, leave_out,
        splice, random_window]


def mend_png(data):
    """The check sums put right, so that what was changed gets past them."""
    out, at = data[:8], 8
    while at + 12 <= len(data):
        size = struct.unpack_from(">I", data, at)[0]
        if size > len(data) - at - 12:
            return out + data[at:]
        body = data[at + 4:at + 8 + size]
        out += data[at:at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + size
    return out + data[at:]


def mutations(files, seed, n):
    """n of (name, media type, bytes), each way and each file equally often."""
    for i in range(n):
        chance = random.Random("%s %d" % (seed, i))
        name, media_type, data = files[i % len(files)]
        way = WAYS[i // len(files) % len(WAYS)]
        changed = data
        for _ in range(chance.choice((1, 1, 1, 3))):
            changed = way(changed, chance, chance.choice(files)[2]) or data[:20]
        if media_type == "image/png" and chance.random() < 0.9:
            changed = mend_png(changed)
        yield "%s %s (number %d)" % (name, way.__name__, i), media_type, changed
