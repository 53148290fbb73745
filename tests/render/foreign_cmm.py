#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Colours against a CMM that shares no code with ours: ArgyllCMS. Patches go through
# `platen-worker render-file` and through Argyll's cctiff; both results are looked at through the
# printer's own profile (xicclu) and compared in CIEDE2000. Also: the PWG page read by ten lines of
# Python, and the manifest's promises.
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cmm import SPACES, argyll, de2000, lab_of, profile, read_raster
from pictures import patches as patch_rows
from pictures import png as png_of

BUILD = os.environ.get("PLATEN_BUILD", ".")
SOURCE = os.environ.get("PLATEN_SRC", "..")
WORKER = os.path.join(BUILD, "platen-worker")
PATCH, COLUMNS, ROWS = 40, 16, 20

for tool in ("cctiff", "xicclu"):
    if shutil.which(tool) is None:
        print("1..0 # SKIP " + tool + " (argyll) is not installed")
        sys.exit(77)


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


def middles(path):
    width, height, _, rows = read_raster(open(path, "rb").read())
    left, top = (width - COLUMNS * PATCH) // 2, (height - ROWS * PATCH) // 2
    seen = []
    for i in range(COLUMNS * ROWS):
        x = left + (i % COLUMNS) * PATCH + PATCH // 2
        y = top + (i // COLUMNS) * PATCH + PATCH // 2
        seen.append(tuple(v / 255 for v in rows[y][3 * x:3 * x + 3]))
    return seen


number, failed = 0, 0


def tell(fine, name):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)


def compare(work, folder, space, intent):
    icc = profile(SPACES[space])
    colours = patches()
    open(work + "/source.icc", "wb").write(icc)
    with open(work + "/in.png", "wb") as out:
        out.write(png_of(patch_rows(colours, COLUMNS, PATCH), icc=icc))
    manifest = render(folder, work + "/in.png", work + "/out.pwg")
    device = os.path.join(folder, "icc", manifest["recipe"]["profile"])
    ours = middles(work + "/out.pwg")
    theirs = argyll(work, work + "/source.icc", device, [tuple(v / 255 for v in c) for c in colours],
                    intent)
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
