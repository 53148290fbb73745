#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One product of each kind that is shipped, rendered by the files in profiles/: its page is as large as the written
rule says, to the pixel; and the largest, a roll poster, keeps within a floor's limits of time and memory."""
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = os.environ.get("PLATEN_BUILD", ".")
SOURCE = os.environ.get("PLATEN_SRC", "..")
WORKER = os.path.join(BUILD, "platen-worker")
CPU_S, MEMORY_MIB = 30, 1536  # limits.cpu_time and limits.memory of platen.conf
WAYS = [  # product, model, media, format; page, box of the (first) picture; tiles, cut marks
    ("2x6-strips-glossy", "photo-ipp", None, "pwg", (1200, 1800), (0, 0, 600, 1800), (2, 1), False),
    ("2x6-strips-glossy", "dyesub-cups-strips", None, "pwg", (1200, 1800), (0, 0, 600, 1800), (2, 1), False),
    ("wallet-4up-glossy", "photo-ipp", None, "pwg", (1200, 1800), (33, 37, 555, 851), (2, 2), True),
    ("pano-8x24-lustre", "minilab-ipp", None, "pwg", (2400, 7200), (0, 0, 2400, 7200), None, False),
    ("4x6-border-glossy", "photo-ipp", None, "jpeg", (1200, 1800), (35, 35, 1130, 1730), None, False),
    ("a4-matte", "photo-ipp-grey", None, "pwg", (2480, 3508), (0, 0, 2480, 3508), None, False),
    ("5x5-glossy", "virtual-dyesub", None, "pwg", (1500, 1500), (0, 0, 1500, 1500), None, False),
    ("postcard-glossy", "postcard-airprint", None, "urf", (1181, 1748), (0, 0, 1181, 1748), None, False),
    ("24x36-lustre", "wide-ipp", "roll-24in-lustre", "pwg", (7200, 10800), (0, 0, 7200, 10800), None, False),
]
LARGE = ("pano-8x24-lustre", "24x36-lustre")
with open(os.path.join(BUILD, "config.h"), encoding="ascii") as config:
    SANITIZED = "#define PLATEN_SANITIZED 1" in config.read()  # it takes too long then; and other limits
number, failed = 0, 0


def tell(fine, name, seen=""):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s%s" % ("" if fine else "not ", number, name, "" if fine else f"  # {seen}"), flush=True)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(path, width, height):
    row = b"\0" + b"".join(bytes((x * 7 % 256, x * x % 251, x // 9 % 256)) for x in range(width))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(row * height, 1)) + chunk(b"IEND", b""))


def render(photo, out, product, model, media, form):
    words = [WORKER, "render-file", "--catalog", os.path.join(SOURCE, "profiles"), "--product", product, "--model",
             model, "--format", form, "-o", out, "--json"] + (["--media", media] if media else []) + [photo]
    made = subprocess.run(words, capture_output=True, text=True)
    return json.loads(made.stdout) if made.returncode == 0 else {"err": made.stderr}


def size_of_page(path, form):
    with open(path, "rb") as file:
        head = file.read(400)
    if form == "pwg":
        return struct.unpack_from(">II", head, 4 + 372)
    if form == "urf":
        return struct.unpack_from(">II", head, 12 + 12)
    return None


def main(work):
    photo, out = work + "/photo.png", work + "/page"
    png(photo, 3000, 2000)
    for product, model, media, form, page, box, tiles, marked in WAYS:
        if SANITIZED and product in LARGE:
            continue
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        manifest = render(photo, out, product, model, media, form)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        recipe = manifest.get("recipe", {})
        seen = tuple(recipe.get(f"picture_{key}_px") for key in ("x", "y", "width", "height"))
        layout = recipe.get("tiles")
        fine = ((recipe.get("width_px"), recipe.get("height_px")) == page and seen == box
                and size_of_page(out, form) in (page, None)
                and (layout and (layout["across"], layout["down"])) == tiles and ("cut" in recipe) == marked)
        tell(fine, f"{product} by {model} as {form}: {page[0]} x {page[1]} pixels", (seen, manifest))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rss = after.ru_maxrss / 1024
    if not SANITIZED:
        print(f"# 24 x 36 in: {cpu:.1f} s of computing, {rss:.0f} MiB at most")
        tell(cpu < CPU_S and rss < MEMORY_MIB, "a roll poster keeps within a floor's limits", (cpu, rss))
    print("1..%d" % number)
    return failed != 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(folder))
