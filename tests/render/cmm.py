# SPDX-License-Identifier: Apache-2.0
#
# The other colour manager: ArgyllCMS, which shares no code with Little CMS, driven for the tests;
# profiles written by hand; CIEDE2000; and a reader of raster pages in a few lines.
import math
import struct
import subprocess

from pictures import tiff


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
    n = tags.get(277, 1)
    samples = struct.unpack_from(order + "%dH" % (n * width), data, start)
    return [tuple(v / 65535 for v in samples[n * i:n * i + n]) for i in range(width)]


def read_raster(data):
    """A page of PWG or Apple raster: width, height, samples a pixel, rows of bytes."""
    if data[:4] == b"RaS2":
        assert data[4:14] == b"PwgRaster\0"
        width, height = struct.unpack_from(">II", data, 4 + 372)
        bits, line, space, channels = (struct.unpack_from(">I", data, 4 + at)[0]
                                       for at in (388, 392, 400, 420))
        assert (space, line) == ({1: 18, 3: 19, 4: 6}[channels], width * channels)
        at = 4 + 1796
    else:
        assert data[:12] == b"UNIRAST\0\0\0\0\1"
        bits, space = data[12], data[13]
        width, height = struct.unpack_from(">II", data, 24)
        channels, at = bits // 8, 44
        assert space == {1: 0, 3: 1, 4: 6}[channels]
    assert bits == 8 * channels
    rows = []
    while len(rows) < height:
        repeat, row = data[at] + 1, b""
        at += 1
        while len(row) < width * channels:
            code = data[at]
            if code < 128:
                row += data[at + 1:at + 1 + channels] * (code + 1)
                at += 1 + channels
            else:
                n = (257 - code) * channels
                row += data[at + 1:at + 1 + n]
                at += 1 + n
        rows += [row] * repeat
    assert at == len(data) and len(rows) == height
    return width, height, channels, rows


def lab_of(colours, profile):
    """CIELAB of a printer's colours (0..1), by its own profile."""
    text = "".join(" ".join("%.6f" % v for v in c) + "\n" for c in colours)
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


def assemble(space, parts):
    """A profile, version 2, written here and by nobody else."""
    name = b"test source\0"
    desc = (b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(4 + 4 + 2 + 1 + 67))
    desc += bytes(-len(desc) % 4)
    parts = [(b"desc", desc), (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
             (b"wtpt", xyz(WHITE))] + parts
    table, body, at = struct.pack(">I", len(parts)), b"", 128 + 4 + 12 * len(parts)
    for mark, part in parts:
        table += mark + struct.pack(">II", at + len(body), len(part))
        body += part
    head = (struct.pack(">I", at + len(body)) + b"none\x02\x20\0\0mntr" + space + b"XYZ " +
            bytes(12) + b"acsp" + bytes(28) + b"".join(fixed(v) for v in WHITE))
    return head + bytes(128 - len(head)) + table + body


WHITE = (0.9642, 1.0, 0.8249)


def fixed(v):
    return struct.pack(">i", round(v * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(fixed(v) for v in values)


def power(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def profile(space):
    """Of three primaries and a curve: a power, or sRGB's."""
    primaries, gamma = space
    if gamma:
        curve = power(gamma)
    else:
        points = [(i / 1023 / 12.92 if i / 1023 <= 0.04045 else
                   ((i / 1023 + 0.055) / 1.055) ** 2.4) for i in range(1024)]
        curve = (b"curv\0\0\0\0" + struct.pack(">I", 1024) +
                 b"".join(struct.pack(">H", round(p * 65535)) for p in points))
    return assemble(b"RGB ", [(mark, xyz(p)) for mark, p in
                              zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)] +
                    [(mark, curve) for mark in (b"rTRC", b"gTRC", b"bTRC")])


def grey_profile(gamma):
    return assemble(b"GRAY", [(b"kTRC", power(gamma))])


SPACES = {  # colorants as seen under D50
    "srgb": (((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)), None),
    "display-p3": (((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419),
                    (0.1571, 0.0666, 0.7841)), None),
    "adobe-rgb": (((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609),
                   (0.1492, 0.0632, 0.7446)), 2.19921875),
}


def argyll(work, source_icc, device_icc, colours, intent):
    """What ArgyllCMS makes of colours (0..1): the device's, as finely as its file can say."""
    deep = [tuple(round(v * 65535) for v in c) for c in colours]
    with open(work + "/in.tif", "wb") as out:
        out.write(tiff([deep], 16))
    letter = {"perceptual": "p", "relative": "r"}[intent]
    subprocess.run(["cctiff", "-p", "-N", "-D", "-t", "1", "-i", letter, source_icc, "-i", letter,
                    device_icc, work + "/in.tif", work + "/out.tif"], check=True,
                   capture_output=True)
    return read_tiff16(work + "/out.tif")
