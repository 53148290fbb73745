#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# The command `platen-worker render-file` as people use it: what it says, what it leaves behind, how
# it exits. And, where real photographs are at hand (PLATEN_PHOTOS, or Debian's
# lomiri-wallpapers-16.04), that they print whole and that none prints cut off.
import glob
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = os.environ.get("PLATEN_BUILD", ".")
SOURCE = os.environ.get("PLATEN_SRC", "..")
WORKER = os.path.join(BUILD, "platen-worker")
PHOTOS = sorted(glob.glob(os.path.join(os.environ.get("PLATEN_PHOTOS", "/usr/share/backgrounds"),
                                       "*_by_*.jpg")))
CUTS = 20
number, failed = 0, 0


def tell(fine, name):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, orientation=1):
    """Left half red, right half blue, with an eXIf chunk."""
    row = b"\0" + b"\xE0\x10\x10" * (width // 2) + b"\x10\x10\xE0" * (width - width // 2)
    exif = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHHI", 0x0112, 3, 1, orientation, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"eXIf", exif) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


def run(*words):
    return subprocess.run([WORKER, "render-file", "--catalog", os.path.join(SOURCE, "profiles")] +
                          list(words), capture_output=True, text=True)


def render(out, source, *words):
    return run("--product", "4x6-glossy", "--model", "photo-ipp", "-o", out, "--json", *words,
               source)


def main(work):
    photo, out = work + "/photo.png", work + "/page"
    open(photo, "wb").write(png(300, 200))

    tell(run("--help").returncode == 0, "help is no error")
    tell(run().returncode == 64 and run("--product", "x", photo).returncode == 64,
         "half a command is a usage error")
    seen = run("--product", "nosuch", "--model", "photo-ipp", "-o", out, photo)
    tell(seen.returncode == 64 and "nosuch" in seen.stderr, "an unknown product is named")
    seen = run("--product", "4x6-glossy", "--model", "photo-ipp", "--media", "5x7-glossy", "-o",
               out, photo + ".missing")
    tell(seen.returncode == 66 and "photo.png.missing" in seen.stderr, "a missing file is named")
    seen = render(out, photo, "--options", '{"fit":"stretch"}')
    tell(seen.returncode == 64 and "stretch" in seen.stderr, "a wrong wish is named")

    seen = render(out, photo)
    manifest = json.loads(seen.stdout) if seen.returncode == 0 else {}
    tell(manifest.get("raster", {}).get("width_px") == 1200 and
         manifest["raster"]["height_px"] == 1800 and
         manifest["raster"]["bytes"] == os.path.getsize(out), "a page is made, and its manifest")
    tell(any("ppi" in note for note in manifest["notes"]) and
         manifest["raster"]["effective_ppi"] == 50, "a low resolution is noted")
    tell(glob.glob(work + "/*.part") == [], "nothing half done is left")

    turned = work + "/turned.png"
    open(turned, "wb").write(png(300, 200, 6))
    facts = json.loads(run("--inspect", turned).stdout)
    tell((facts["width_px"], facts["height_px"], facts["orientation"]) == (200, 300, 6),
         "a PNG's own EXIF turns it")

    upright = json.loads(render(work + "/a", photo, "--options", '{"rotate_degrees":90}').stdout)
    itself = json.loads(render(work + "/b", photo).stdout)
    tell(upright["raster"]["pixels_sha256"] == itself["raster"]["pixels_sha256"] and
         upright["recipe_name"] != itself["recipe_name"],
         "a lying photo turns a quarter clockwise by itself")

    seen = render(work + "/page.jpg", photo, "--format", "jpeg")
    tell(seen.returncode == 0 and open(work + "/page.jpg", "rb").read(3) == b"\xFF\xD8\xFF",
         "a page can be a JPEG")

    os.unlink(out)
    cut = work + "/cut.png"
    open(cut, "wb").write(png(300, 200)[:-20])
    seen = render(out, cut)
    tell(seen.returncode == 65 and "cut off" in seen.stderr and not os.path.exists(out) and
         not os.path.exists(out + ".part"), "a photo that is cut off leaves no page")


def real(work):
    out, cut = work + "/real", work + "/cut.jpg"
    whole = sum(render(out, photo).returncode == 0 for photo in PHOTOS)
    tell(whole == len(PHOTOS), "%d of %d real photos print" % (whole, len(PHOTOS)))
    refused = tried = 0
    for photo in PHOTOS:
        data = open(photo, "rb").read()
        for i in range(1, CUTS + 1):
            open(cut, "wb").write(data[:len(data) * i // (CUTS + 1)])
            tried += 1
            refused += run("--inspect", cut).returncode == 65
    tell(refused == tried, "%d of %d cuts of real photos are refused" % (refused, tried))


with tempfile.TemporaryDirectory() as folder:
    main(folder)
    if PHOTOS:
        real(folder)
    else:
        print("# no real photos here: those two tests are left out")
print("1..%d" % number)
sys.exit(1 if failed else 0)
