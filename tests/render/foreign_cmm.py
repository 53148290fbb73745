#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Colours against a CMM that shares no code with ours: ArgyllCMS. Patches go through
# `platen-worker render-file` and through Argyll's cctiff; both results are looked at through the
# printer's own profile (xicclu) and compared in CIEDE2000. Also: the PWG page read by ten lines of
# Python, and the manifest's promises.
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = os.environ.get("PLATEN_BUILD", ".")
SOURCE = os.environ.get("PLATEN_SRC", "..")
WORKER = os.path.join(BUILD, "platen-worker")
PATCH, COLUMNS, ROWS = 40, 16, 20

for tool in ("cctiff", "xicclu"):
    if shutil.which(tool) is None:
        print("1..0 # SKIP " + tool + " (argyll) is not installed")
        sys.exit(77)


def png(path, pixels, width, height, icc=None):
    def chunk(name, body):
        return (struct.pack(">I", len(body)) + name + body +
                struct.pack(">I", zlib.crc32(name + body)))
    rows = b"".join(b"\0" + bytes(pixels[y * width * 3:(y + 1) * width * 3]) for y in range(height))
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        if icc:
            out.write(chunk(b"iCCP", b"source\0\0" + zlib.compress(icc)))
        out.write(chunk(b"IDAT", zlib.compress(rows, 1)))
        out.write(chunk(b"IEND", b""))


def tiff16(path, colours):
    """One row of 16-bit RGB pixels."""
    data = b"".join(struct.pack("<3H", *(c * 257 for c in rgb)) for rgb in colours)
    tags = [(256, 4, 1, len(colours)), (257, 4, 1, 1), (258, 3, 3, 8), (259, 3, 1, 1),
            (262, 3, 1, 2), (273, 4, 1, 14), (277, 3, 1, 3), (278, 4, 1, 1),
            (279, 4, 1, len(data))]
    at = 14 + len(data)
    with open(path, "wb") as out:
        out.write(struct.pack("<2sHI3H", b"II", 42, at, 16, 16, 16))
        out.write(data)
        out.write(struct.pack("<H", len(tags)))
        for tag, kind, n, value in tags:
            out.write(struct.pack("<HHII", tag, kind, n, value))
        out.write(struct.pack("<I", 0))


def read_tiff16(path):
    data = open(path, "rb").read()
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0]
    tags = {}
    for i in range(struct.unpack_from(order + "H", data, at)[0]):
        tag, kind, n = struct.unpack_from(order + "HHI", data, at + 2 + 12 * i)
        size = {3: "H", 4: "I"}.get(kind)
        if size and n == 1:
            tags[tag] = struct.unpack_from(order + size, data, at + 10 + 12 * i)[0]
    assert tags.get(259, 1) == 1, "compressed"
    start, width = tags[273], tags[256]
    samples = struct.unpack_from(order + "%dH" % (3 * width), data, start)
    return [tuple(v / 65535 for v in samples[3 * i:3 * i + 3]) for i in range(width)]


def read_pwg(path):
    data = open(path, "rb").read()
    assert data[:4] == b"RaS2" and data[4:14] == b"PwgRaster\0"
    width, height = struct.unpack_from(">II", data, 4 + 372)
    at, rows = 4 + 1796, []
    while len(rows) < height:
        repeat, row = data[at] + 1, b""
        at += 1
        while len(row) < width * 3:
            code = data[at]
            if code < 128:
                row += data[at + 1:at + 4] * (code + 1)
                at += 4
            else:
                n = (257 - code) * 3
                row += data[at + 1:at + 1 + n]
                at += 1 + n
        rows += [row] * repeat
    assert at == len(data) and len(rows) == height
    return width, height, rows


def lab_of(colours, profile):
    text = "".join("%.6f %.6f %.6f\n" % c for c in colours)
    out = subprocess.run(["xicclu", "-ff", "-ir", "-pl", profile], input=text, text=True,
                         capture_output=True, check=True).stdout
    return [tuple(float(v) for v in line.split("->")[-1].split()[:3])
            for line in out.splitlines() if "->" in line]


def de2000(a, b):
    l1, a1, b1 = a
    l2, a2, b2 = b
    c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - math.sqrt(c7 / (c7 + 25 ** 7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(y, x)) % 360 for x, y in ((a1, b1), (a2, b2)))
    dh = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    big = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh / 2))
    if c1 * c2 == 0:
        h = h1 + h2
    elif abs(h1 - h2) <= 180:
        h = (h1 + h2) / 2
    else:
        h = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    l, c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (1 - 0.17 * math.cos(math.radians(h - 30)) + 0.24 * math.cos(math.radians(2 * h)) +
         0.32 * math.cos(math.radians(3 * h + 6)) - 0.20 * math.cos(math.radians(4 * h - 63)))
    sl = 1 + 0.015 * (l - 50) ** 2 / math.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rt = (-2 * math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) *
          math.sin(math.radians(60 * math.exp(-((h - 275) / 25) ** 2))))
    x, y, z = (l2 - l1) / sl, (c2 - c1) / sc, big / sh
    return math.sqrt(x * x + y * y + z * z + rt * y * z)


assert abs(de2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) - 2.0425) < 1e-4
assert abs(de2000((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864)) - 1.2630) < 1e-4


def profile(space):
    """A matrix profile, version 2, written here and by nobody else."""
    primaries, gamma = space
    white = (0.9642, 1.0, 0.8249)

    def fixed(v):
        return struct.pack(">i", round(v * 65536))
    xyz = [b"XYZ \0\0\0\0" + b"".join(fixed(v) for v in p) for p in (white,) + primaries]
    if gamma:
        curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    else:
        points = [(i / 1023 / 12.92 if i / 1023 <= 0.04045 else
                   ((i / 1023 + 0.055) / 1.055) ** 2.4) for i in range(1024)]
        curve = (b"curv\0\0\0\0" + struct.pack(">I", 1024) +
                 b"".join(struct.pack(">H", round(p * 65535)) for p in points))
    name = b"test source\0"
    desc = (b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(4 + 4 + 2 + 1 + 67))
    desc += bytes(-len(desc) % 4)
    text = b"text\0\0\0\0none\0\0\0\0"
    parts = [(b"desc", desc), (b"cprt", text), (b"wtpt", xyz[0]), (b"rXYZ", xyz[1]),
             (b"gXYZ", xyz[2]), (b"bXYZ", xyz[3]), (b"rTRC", curve), (b"gTRC", curve),
             (b"bTRC", curve)]
    table, body, at = struct.pack(">I", len(parts)), b"", 128 + 4 + 12 * len(parts)
    for mark, part in parts:
        table += mark + struct.pack(">II", at + len(body), len(part))
        body += part
    head = (struct.pack(">I", at + len(body)) + b"none\x02\x20\0\0mntrRGB XYZ " + bytes(12) +
            b"acsp" + bytes(28) + b"".join(fixed(v) for v in white))
    return head + bytes(128 - len(head)) + table + body


SPACES = {  # colorants as seen under D50
    "srgb": (((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)), None),
    "display-p3": (((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419),
                    (0.1571, 0.0666, 0.7841)), None),
    "adobe-rgb": (((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609),
                   (0.1492, 0.0632, 0.7446)), 2.19921875),
}


def catalogue(folder, intent, black_point):
    shutil.copytree(os.path.join(SOURCE, "profiles"), folder)
    shutil.rmtree(os.path.join(folder, "products"))
    os.mkdir(os.path.join(folder, "products"))
    with open(os.path.join(folder, "products", "patches.conf"), "w") as out:
        out.write('title = "Patches"\nversion = 1\nwidth = "4 in"\nheight = "6 in"\n'
                  'finish = glossy\nmedia = { 4x6-glossy }\nfit = none\nsharpen_percent = 0\n'
                  'intent = %s\nblack_point = %s\n' % (intent, black_point))


def patches():
    chance = random.Random(7)
    fixed = [(r, g, b) for r in (0, 128, 255) for g in (0, 128, 255) for b in (0, 128, 255)]
    fixed += [(v, v, v) for v in range(8, 256, 16)]
    while len(fixed) < COLUMNS * ROWS:
        fixed.append(tuple(chance.randrange(256) for _ in range(3)))
    return fixed


def render(folder, source, out):
    run = subprocess.run([WORKER, "render-file", "--catalog", folder, "--product", "patches",
                          "--model", "photo-ipp", "-o", out, "--json",
                          "--options", '{"rotate_degrees":0}', source],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def middles(rows, width, height):
    left, top = (width - COLUMNS * PATCH) // 2, (height - ROWS * PATCH) // 2
    seen = []
    for i in range(COLUMNS * ROWS):
        x = left + (i % COLUMNS) * PATCH + PATCH // 2
        y = top + (i // COLUMNS) * PATCH + PATCH // 2
        seen.append(tuple(v / 255 for v in rows[y][3 * x:3 * x + 3]))
    return seen


def argyll(work, source_icc, device_icc, colours, intent):
    tiff16(work + "/in.tif", colours)
    letter = {"perceptual": "p", "relative": "r"}[intent]
    subprocess.run(["cctiff", "-p", "-N", "-D", "-t", "1", "-i", letter, source_icc, "-i", letter,
                    device_icc, work + "/in.tif", work + "/out.tif"], check=True,
                   capture_output=True)
    return read_tiff16(work + "/out.tif")


number, failed = 0, 0


def tell(fine, name):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)


def compare(work, folder, space, intent):
    icc = profile(SPACES[space])
    colours = patches()
    width, height = COLUMNS * PATCH, ROWS * PATCH
    pixels = bytearray()
    for y in range(height):
        for column in range(COLUMNS):
            pixels += bytes(colours[(y // PATCH) * COLUMNS + column]) * PATCH
    open(work + "/source.icc", "wb").write(icc)
    png(work + "/in.png", pixels, width, height, icc)
    manifest = render(folder, work + "/in.png", work + "/out.pwg")
    device = os.path.join(folder, "icc", manifest["recipe"]["profile"])
    ours = middles(*[read_pwg(work + "/out.pwg")[i] for i in (2, 0, 1)])
    theirs = argyll(work, work + "/source.icc", device, colours, intent)
    off = sorted(de2000(a, b) for a, b in zip(lab_of(ours, device), lab_of(theirs, device)))
    mean, most = sum(off) / len(off), off[-1]
    print("# %s, %s: mean %.3f, 95 %% %.3f, most %.3f" %
          (space, intent, mean, off[len(off) * 95 // 100], most))
    tell(manifest["facts"]["source"] == "embedded" and most <= 1.0 and mean <= 0.3,
         "%s %s is within 1.0 of ArgyllCMS for %d patches" % (space, intent, len(off)))
    return manifest


with tempfile.TemporaryDirectory() as work:
    for intent in ("perceptual", "relative"):
        folder = work + "/" + intent
        catalogue(folder, intent, "no")
        for space in SPACES:
            manifest = compare(work, folder, space, intent)
    catalogue(work + "/bpc", "relative", "yes")
    with_bpc = render(work + "/bpc", work + "/in.png", work + "/bpc.pwg")
    tell(with_bpc["raster"]["pixels_sha256"] != manifest["raster"]["pixels_sha256"] and
         with_bpc["recipe_name"] != manifest["recipe_name"],
         "black point compensation changes pixels and the recipe's name")
    again = render(work + "/bpc", work + "/in.png", work + "/again.pwg")
    tell(again == with_bpc and
         open(work + "/again.pwg", "rb").read() == open(work + "/bpc.pwg", "rb").read(),
         "the same command gives the same bytes and the same manifest")
    tell((with_bpc["raster"]["width_px"], with_bpc["raster"]["height_px"]) == (1200, 1800),
         "4 x 6 in at 300 dpi is 1200 x 1800 pixels")

print("1..%d" % number)
sys.exit(1 if failed else 0)
