#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# One photo, a sheet of colour patches, in every format × profile × orientation, through the render
# server as the daemon drives it. Every patch must come out at its place, within 1.0 ΔE2000 of what
# ArgyllCMS makes of it; what is assumed or left out must be said. Then the same files cut off,
# changed by a bit and called something else: none may be printed.
import hashlib
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pictures as make
from cmm import SPACES, argyll, de2000, grey_profile, lab_of, profile, read_raster
from server import BUILD, DEVICE, Server

COLUMNS, ROWS, PATCH = 12, 8, 16
WIDTH, HEIGHT = COLUMNS * PATCH, ROWS * PATCH
with open(os.path.join(BUILD, "config.h"), encoding="ascii") as config:
    SANITIZED = "#define PLATEN_SANITIZED 1" in config.read()  # which takes four times as long
CUTS, FLIPS = (4, 4) if SANITIZED else (20, 20)
TURNS = (1, 5, 6) if SANITIZED else range(1, 9)
MOST = 1.0

for tool in ("cctiff", "xicclu", "vips"):
    if shutil.which(tool) is None:
        print("1..0 # SKIP %s is not installed" % tool)
        sys.exit(77)


class Case:
    def __init__(self, name, media_type, data, colours, source, says=None, note=""):
        self.name, self.media_type, self.data = name, media_type, data
        self.colours = colours  # as the file means them, 0..1
        self.source = source    # a profile's path: what they mean
        self.says, self.note = says, note


def scaled(colours, bits=8):
    most = (1 << bits) - 1
    return [tuple(v / most for v in c) for c in colours]


def rgb_cases(work, colours, profiles):
    """profiles: name → (bytes to embed, path of what is meant, the result's word, its note)."""
    deep = [tuple(v * 257 for v in c) for c in colours]
    for turn in TURNS:
        def turned(c):
            return make.stored(make.patches(c, COLUMNS, PATCH), turn)
        rows, deep_rows = turned(colours), turned(deep)
        height, width = len(rows), len(rows[0])
        ycc = [[make.to_ycc(*c) for c in row] for row in rows]
        progressive = make.vips(work, rows, "p.jpg[Q=100,interlace,subsample-mode=off,strip]")
        webp = make.webp_pixels(make.vips(work, rows, "w.webp[lossless,strip]"))
        # a HEIC's coded picture isn't turned by EXIF but by its own boxes
        heic = make.heic_coded(make.vips(work, rows, "h.heic[lossless,strip]"))
        for name, (icc, meant, says, note) in profiles.items():
            by_exif = {"orientation": turn, "adobe_rgb": name == "exif"}
            files = {
                "jpeg": ("image/jpeg", lambda: make.jpeg(ycc, icc=icc, **by_exif)),
                "progressive": ("image/jpeg",
                                lambda: make.with_metadata(progressive, icc=icc, **by_exif)),
                "png": ("image/png", lambda: make.png(rows, icc=icc, orientation=turn)),
                "png16": ("image/png", lambda: make.png(deep_rows, 16, icc=icc, orientation=turn)),
                "tiff": ("image/tiff", lambda: make.tiff(rows, icc=icc, orientation=turn)),
                "tiff16": ("image/tiff", lambda: make.tiff(
                    deep_rows, 16, ">", packing=8, icc=icc, orientation=turn)),
                "webp": ("image/webp", lambda: make.webp(webp, width, height, icc, turn)),
                "heic": ("image/heic", lambda: make.heic(
                    heic, width, height, icc, (12, 13, 6, 0x80) if name == "nclx" else None, turn)),
            }
            kept = {"exif": ("jpeg", "progressive"), "nclx": ("heic",)}.get(name, files)
            for kind in kept:
                media_type, write = files[kind]
                yield Case("%s %s %d" % (kind, name, turn), media_type, write(), scaled(colours),
                           meant, says, note)


def ink_cases(inks, profiles):
    deep = [tuple(v * 257 for v in c) for c in inks]
    for turn in TURNS:
        def turned(c):
            return make.stored(make.patches(c, COLUMNS, PATCH), turn)
        rows = turned(inks)
        inverted = [[tuple(255 - v for v in c) for c in row] for row in rows]
        # Adobe's YCCK: CMY turned as if it were RGB inverted, K inverted
        ycck = [[make.to_ycc(*c[:3]) + (255 - c[3],) for c in row] for row in rows]
        for name, (icc, meant, says, note) in profiles.items():
            files = {
                "cmyk jpeg": ("image/jpeg", lambda: make.jpeg(
                    inverted, adobe=0, icc=icc, orientation=turn)),
                "ycck jpeg": ("image/jpeg", lambda: make.jpeg(
                    ycck, adobe=2, icc=icc, orientation=turn)),
                "cmyk tiff": ("image/tiff", lambda: make.tiff(rows, icc=icc, orientation=turn)),
                "cmyk tiff16": ("image/tiff", lambda: make.tiff(
                    turned(deep), 16, icc=icc, orientation=turn, planes=True)),
            }
            for kind, (media_type, write) in files.items():
                if turn in (1, 6) or name != "broken":
                    yield Case("%s %s %d" % (kind, name, turn), media_type, write(), scaled(inks),
                               meant, says, note)


def grey_cases(greys, profiles):
    deep = [(v[0] * 257,) for v in greys]
    for turn in TURNS:
        def turned(c):
            return make.stored(make.patches(c, COLUMNS, PATCH), turn)
        rows = turned(greys)
        for name, (icc, meant, says, note) in profiles.items():
            files = {
                "grey jpeg": ("image/jpeg", lambda: make.jpeg(rows, icc=icc, orientation=turn)),
                "grey png": ("image/png", lambda: make.png(rows, icc=icc, orientation=turn)),
                "grey tiff": ("image/tiff", lambda: make.tiff(
                    rows, icc=icc, orientation=turn, invert=True)),
                "grey tiff16": ("image/tiff", lambda: make.tiff(
                    turned(deep), 16, icc=icc, orientation=turn)),
            }
            for kind, (media_type, write) in files.items():
                if turn in (1, 5):
                    means = scaled(greys)
                    if says == "assumed-srgb":
                        means = [c * 3 for c in means]
                    yield Case("%s %s %d" % (kind, name, turn), media_type, write(), means, meant,
                               says, note)


def alpha_cases(work, colours, srgb):
    shares = [(i * 37) % 256 for i in range(len(colours))]
    veiled = [c + (a,) for c, a in zip(colours, shares)]
    on_white = [tuple((v * a + 255 * (255 - a)) / 255 / 255 for v in c)
                for c, a in zip(colours, shares)]
    rows = make.patches(veiled, COLUMNS, PATCH)
    deep = make.patches([tuple(v * 257 for v in c) for c in veiled], COLUMNS, PATCH)
    webp = make.webp_pixels(make.vips(work, rows, "a.webp[lossless]"))
    for name, media_type, data in (
            ("alpha png", "image/png", make.png(rows)),
            ("alpha png16", "image/png", make.png(deep, 16)),
            ("alpha tiff", "image/tiff", make.tiff(rows, extra=2)),
            ("alpha webp", "image/webp", make.webp(webp, WIDTH, HEIGHT, alpha=True))):
        yield Case(name, media_type, data, on_white, srgb, "assumed-srgb")
    yield Case("tiff whose fourth channel is nothing said", "image/tiff", make.tiff(rows, extra=0),
               scaled(colours), srgb, "assumed-srgb")


def many_cases(work, colours, srgb):
    """More than one picture in the file: the first is printed, and that is said."""
    other = [tuple(255 - v for v in c) for c in colours]
    rows, others = (make.patches(c, COLUMNS, PATCH) for c in (colours, other))
    frames = [make.webp_pixels(make.vips(work, r, "f.webp[lossless]")) for r in (rows, others)]
    coded = [make.heic_coded(make.vips(work, r, "f.heic[lossless,strip]")) for r in (rows, others)]
    gain = make.heic_coded(make.vips(work, [r[:64] for r in others[:64]], "g.heic[strip]"))
    said = "the first of %d pictures in the file is printed"
    for name, media_type, data, n in (
            ("tiff of three pages", "image/tiff", make.tiff(rows, pages=3), 3),
            ("animated png", "image/png", make.png(rows, frames=5), 5),
            ("animated webp", "image/webp", make.webp(None, WIDTH, HEIGHT, frames=frames), 2),
            ("heic of two", "image/heic", make.heic(coded[0], WIDTH, HEIGHT, more=coded[1:]), 2),
            ("heic with a gain map", "image/heic",
             make.heic(coded[0], WIDTH, HEIGHT, gain_map=(gain, 64, 64)), 1),
            ("heif by its other name", "image/heif",
             make.heic(coded[0], WIDTH, HEIGHT, brand=b"mif1"), 1)):
        yield Case(name, media_type, data, scaled(colours), srgb, "assumed-srgb",
                   said % n if n > 1 else "")


def hostile_files(work, colours):
    """(name, media type, bytes, the code it is refused with; None: any end but a death)."""
    rows = make.patches(colours, COLUMNS, PATCH)
    tiff = make.tiff(rows)
    coded = make.heic_coded(make.vips(work, rows, "e.heic[lossless,strip]"))
    heic = make.heic(coded, WIDTH, HEIGHT)
    lossless = make.webp_pixels(make.vips(work, rows, "e.webp[lossless]"))

    def entry(tag, kind, value):
        """The TIFF with one value of its folder changed."""
        place = tiff.index(struct.pack("<HHI", tag, kind, 1)) + 8
        return tiff[:place] + struct.pack("<I", value) + tiff[place + 4:]

    def instead(old, new, times=1):
        return heic.replace(old, new, times)
    loop = bytearray(tiff)
    loop[-4:] = loop[4:8]  # its next folder is itself
    sides = struct.pack(">II", WIDTH, HEIGHT)
    return [
        ("a TIFF that is 60,000 pixels wide", "image/tiff", entry(256, 4, 60000), "asset-limits"),
        ("a TIFF of 20,000 x 20,000 in a few bytes", "image/tiff",
         entry(256, 4, 20000).replace(struct.pack("<HHII", 257, 4, 1, HEIGHT),
                                      struct.pack("<HHII", 257, 4, 1, 20000)), "asset-limits"),
        ("a TIFF higher than its strips", "image/tiff", entry(257, 4, 9000), "asset-damaged"),
        ("a TIFF whose strip lies past the end", "image/tiff", make.tiff(rows, rows_per_strip=HEIGHT)
         .replace(struct.pack("<HHII", 273, 4, 1, 8), struct.pack("<HHII", 273, 4, 1, 40000)),
         "asset-truncated"),
        ("a TIFF whose folders go in a circle", "image/tiff", bytes(loop), None),
        ("a TIFF of floats", "image/tiff", entry(258 + 26, 3, 1).replace(
            struct.pack("<HHII", 284, 3, 1, 1), struct.pack("<HHII", 339, 3, 1, 3)), "asset-type"),
        ("a TIFF packed as fax", "image/tiff", entry(259, 3, 4), "asset-type"),
        ("a TIFF that says ZIP and isn't", "image/tiff", entry(259, 3, 8), "asset-damaged"),
        ("a TIFF that says LZW and isn't", "image/tiff", entry(259, 3, 5), "asset-damaged"),
        ("a TIFF in Lab", "image/tiff", entry(262, 3, 8), "asset-colour"),
        ("a TIFF of no rows a strip", "image/tiff", entry(278, 4, 0), None),
        ("a WebP whose canvas is a hundred times its picture", "image/webp",
         make.webp(lossless, 7000, 7000), "asset-damaged"),
        ("a WebP of 16,000 frames", "image/webp",
         make.webp(None, WIDTH, HEIGHT, frames=[lossless] * 500), None),
        ("a WebP whose picture is zeros", "image/webp",
         make.riff([(b"VP8L", b"\x2F" + bytes(60))]), "asset-damaged"),
        ("a HEIC that is 40,000 pixels wide", "image/heic",
         instead(sides, struct.pack(">II", 40000, 10)), "asset-limits"),
        ("a HEIC larger than it is coded", "image/heic",
         instead(sides, struct.pack(">II", 9000, 9000)), None),
        ("a HEIC without its main picture", "image/heic",
         instead(b"pitm" + bytes(4) + b"\0\1", b"pitm" + bytes(4) + b"\0\7"), "asset-damaged"),
        ("a HEIC whose item lies past the end", "image/heic", instead(
            struct.pack(">I", len(coded[1])) + b"\0\0", struct.pack(">I", 1 << 30) + b"\0\0")
            if heic.count(struct.pack(">I", len(coded[1])) + b"\0\0") == 1 else
            instead(struct.pack(">II", heic.index(coded[1]), len(coded[1])),
                    struct.pack(">II", heic.index(coded[1]), 1 << 30)), "asset-truncated"),
        ("a HEIC coded as AV1", "image/heic", instead(b"hvc1", b"av01"), "asset-type"),
        ("a HEIC for HDR screens", "image/heic",
         make.heic(coded, WIDTH, HEIGHT, nclx=(9, 16, 9, 0x80)), "asset-colour"),
        ("a HEIC of zeros", "image/heic",
         make.heic((coded[0], bytes(len(coded[1]))), WIDTH, HEIGHT), "asset-damaged"),
        ("a CMYK JPEG with an RGB profile", "image/jpeg", make.jpeg(
            make.patches([c + (9,) for c in colours], COLUMNS, PATCH), adobe=0,
            icc=profile(SPACES["srgb"])), None),
    ]


def refuse_all(server, files):
    wrong = []

    def judge(key, result, page):
        name, code = key
        got = result.get("err", {}).get("code", "")
        if result["died"] or (code is not None and got != code):
            wrong.append("%s: %s" % (name, result.get("err", "printed")))
    server.run((((name, code), media_type, data, {"inspect": True})
                for name, media_type, data, code in files), judge)
    tell(not wrong, "%d files made to do harm end as they should" % len(files), *wrong)


number, failed = 0, 0


def tell(fine, name, *why):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)
    for line in ([] if fine else list(why)[:20]):
        print("# %s" % (line,))


def middles(page):
    width, height, n, rows = read_raster(page)
    assert (width, height) == (WIDTH, HEIGHT), (width, height)
    return [tuple(v / 255 for v in rows[y * PATCH + PATCH // 2][
        n * (x * PATCH + PATCH // 2):n * (x * PATCH + PATCH // 2) + n])
        for y in range(ROWS) for x in range(COLUMNS)]


def print_all(server, work, cases, name):
    """Renders them; each patch against Argyll's. One look-up for each colour, however often."""
    seen, wrong, theirs = {}, [], {}

    def judge(case, result, page):
        if not result["fine"]:
            wrong.append("%s: %s" % (case.name, result["err"]["text"]))
            return
        raster = result["raster"]
        if case.says and raster["source"] != case.says:
            wrong.append("%s: source is %s" % (case.name, raster["source"]))
        # libpng drops a profile that is absurd before we see it
        raster["note"] = raster["note"].replace("unreadable or of another kind", "bad tag table")
        if case.note not in raster["note"] or (case.note == "") != (raster["note"] == ""):
            wrong.append("%s: note is \"%s\"" % (case.name, raster["note"]))
        seen[case] = middles(page)
    server.run(((c, c.media_type, c.data, {}) for c in cases), judge)
    for case in seen:
        key = (case.source, tuple(case.colours))
        if key not in theirs:
            theirs[key] = argyll(work, case.source, server.path, case.colours, "relative")
    every = sorted({c for found in list(seen.values()) + list(theirs.values()) for c in found})
    lab = dict(zip(every, lab_of(every, server.path)))
    worst, total, n = 0, 0, 0
    for case, ours in seen.items():
        off = [de2000(lab[a], lab[b]) for a, b in
               zip(ours, theirs[(case.source, tuple(case.colours))])]
        worst, total, n = max(worst, max(off)), total + sum(off), n + len(off)
        if max(off) > MOST:
            wrong.append("%s: patch %d is off by %.2f" % (case.name, off.index(max(off)), max(off)))
    tell(not wrong, "%s: %d files, %d patches within %.1f of ArgyllCMS" %
         (name, len(cases), n, MOST), *wrong)
    print("# mean %.3f, most %.3f" % (total / max(n, 1), worst))


def damage_all(server, cases):
    wrong, counts = [], {"cut": 0, "flip": 0, "name": 0}
    types = {c.media_type: c for c in cases}

    def asks():
        for case in cases:
            for part in make.cuts(case.data, CUTS) + [case.data[:-1]]:
                yield (case, "cut", len(part)), case.media_type, part, {"inspect": True}
            right = hashlib.sha256(case.data).hexdigest()
            for i, changed in enumerate(make.flips(case.data, FLIPS)):
                yield (case, "flip", i), case.media_type, changed, {"sha256": right}
        for case in types.values():
            for other in types:
                if other.replace("heif", "heic") != case.media_type.replace("heif", "heic"):
                    yield (case, "name", other), other, case.data, {"inspect": True}

    def judge(key, result, page):
        case, what, at = key
        counts[what] += 1
        err = result.get("err", {"code": "", "remedy": "", "text": ""})
        # the last byte alone is missed by our own walk, before any decoder
        last = what == "cut" and at == len(case.data) - 1
        good = {"cut": err["remedy"] == "reject" and err["code"].startswith("asset-") and
                (not last or err["code"] == "asset-truncated"),
                "flip": err["code"] == "asset-hash",
                "name": err["code"] == "asset-type" and "the file is a" in err["text"] and
                        str(at) in err["text"]}[what]
        if result["fine"] or page or not good:
            wrong.append("%s, %s %s: %s" % (case.name, what, at, err))
    server.run(asks(), judge)
    tell(not wrong, "none of %d cut files, %d with a flipped bit, %d of another name is printed" %
         (counts["cut"], counts["flip"], counts["name"]), *wrong)


def main(work):
    chance = random.Random(11)
    colours = make.exact_colours(COLUMNS * ROWS, chance)
    greys = [(round(i * 255 / (COLUMNS * ROWS - 1)),) for i in range(COLUMNS * ROWS)]
    inks = [(255 - r, 255 - g, 255 - b, chance.choice((0, 0, 40, 120, 220))) for r, g, b in colours]
    paths = {}
    for space in SPACES:
        paths[space] = "%s/%s.icc" % (work, space)
        open(paths[space], "wb").write(profile(SPACES[space]))
    subprocess.run([os.path.join(BUILD, "tests", "render", "spaces"), work], check=True)
    paths["coated"] = work + "/coated.icc"
    paths["grey"] = work + "/grey.icc"
    open(paths["grey"], "wb").write(grey_profile(1.8))
    icc = {name: open(path, "rb").read() for name, path in paths.items()}
    broken = bytearray(icc["adobe-rgb"])
    broken[128 + 4 + 4:128 + 4 + 8] = b"\x7F\xFF\xFF\xF0"  # a tag beyond the file
    broken_cmyk = bytearray(icc["coated"])
    broken_cmyk[128 + 4 + 4:128 + 4 + 8] = b"\x7F\xFF\xFF\xF0"
    refused = "embedded profile refused (bad tag table): "
    rgb = {
        "untagged": (None, paths["srgb"], "assumed-srgb", ""),
        "display-p3": (icc["display-p3"], paths["display-p3"], "embedded", ""),
        "adobe-rgb": (icc["adobe-rgb"], paths["adobe-rgb"], "embedded", ""),
        "broken": (bytes(broken), paths["srgb"], "assumed-srgb", refused + "sRGB assumed"),
        "exif": (None, paths["adobe-rgb"], "exif-adobe-rgb", ""),
        "nclx": (None, paths["display-p3"], "heic-display-p3", ""),
    }
    ink = {
        "untagged": (None, paths["coated"], "assumed-cmyk",
                     "CMYK without a profile: coated offset assumed"),
        "tagged": (icc["coated"], paths["coated"], "embedded", ""),
        "broken": (bytes(broken_cmyk), paths["coated"], "assumed-cmyk",
                   refused + "coated offset assumed"),
    }
    grey = {
        "untagged": (None, paths["srgb"], "assumed-srgb", ""),
        "tagged": (icc["grey"], paths["grey"], "embedded", ""),
    }
    start = os.times()
    server = Server(WIDTH, HEIGHT)
    groups = {
        "RGB": list(rgb_cases(work, colours, rgb)),
        "CMYK": list(ink_cases(inks, ink)),
        "grey": list(grey_cases(greys, grey)),
        "alpha on paper white": list(alpha_cases(work, colours, paths["srgb"])),
        "more than one picture": list(many_cases(work, colours, paths["srgb"])),
    }
    for name, cases in groups.items():
        print_all(server, work, cases, name)
    few = [c for c in groups["RGB"] if c.name in ("png untagged 1", "jpeg display-p3 6")]
    few += [c for c in groups["CMYK"] if c.name == "cmyk tiff tagged 8"]
    few += [c for c in groups["grey"] if c.name == "grey png untagged 1"]
    for name, path in (("grey", paths["grey"]), ("CMYK", work + "/inks.icc"), ("RGB", DEVICE)):
        for document in ("image/pwg-raster", "image/urf"):
            server.use(path, document)
            print_all(server, work, few, "%s printer, %s" % (name, document))
    server.use(work + "/inks.icc", "image/jpeg")
    server.run([(0, few[0].media_type, few[0].data, {})], lambda key, result, page: tell(
        not result["fine"] and result["err"]["code"] == "colour-device",
        "no JPEG is made for a CMYK printer", result))
    server.use(DEVICE)
    n = sum(len(cases) for cases in groups.values())
    tell(n >= (50 if SANITIZED else 150), "%d files in all" % n)
    whole = [c for c in groups["RGB"] if c.name.endswith((" untagged 1", " display-p3 6"))]
    whole += [c for c in groups["CMYK"] if c.name.endswith(" untagged 1")]
    whole += groups["more than one picture"]
    damage_all(server, whole)
    refuse_all(server, hostile_files(work, colours))
    tell(server.close() == 0, "the render server lived through all of it")
    spent = sum(os.times()[:4]) - sum(start[:4])
    print("# %.1f s of computing" % spent)


with tempfile.TemporaryDirectory() as folder:
    main(folder)
print("1..%d" % number)
sys.exit(1 if failed else 0)
