# SPDX-License-Identifier: Apache-2.0
"""Derives the demo's customer photos from a folder of real photographs (photos.py SOURCES OUT).

24 files in all: JPEG in every EXIF orientation and PNG; untagged, and with embedded sRGB, Display P3
and Adobe RGB profiles, their pixels really converted. Each upright picture carries a white square
near its top-left corner, dark ones near the other three, and four patches of known colour, so that
what a printer received can be judged. OUT/manifest.json says all of it."""
import concurrent.futures
import hashlib
import json
import os
import struct
import subprocess
import sys
import zlib

import profiles

COUNT = 24
WHITE, DARK = (255, 255, 255), (24, 24, 24)
COLOURS = [(128, 128, 128), (188, 92, 80), (80, 140, 84), (64, 92, 168),
           (224, 188, 160), (60, 52, 48), (212, 180, 60), (150, 80, 140)]
SPACES = ["", "srgb", "display-p3", "adobe-rgb"]
SHAPES = [(1824, 1216), (1600, 2400), (2048, 1536), (2128, 1520), (1472, 1840), (2560, 1600)]  # of 16 each
# how the stored pixels come from the upright ones, so that the EXIF orientation turns them back
STORED = {1: None, 2: ["-flip", "horizontal"], 3: ["-rotate", "180"], 4: ["-flip", "vertical"],
          5: ["-transpose"], 6: ["-rotate", "270"], 7: ["-transverse"], 8: ["-rotate", "90"]}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f"photos: {' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def read_ppm(data):
    """(width, height, offset of the pixels) of a binary PPM of depth 8."""
    words, at = [], 0
    while len(words) < 4:
        end = at
        while data[end:end + 1] not in (b" ", b"\n", b"\t"):
            end += 1
        if data[at:at + 1] == b"#":
            end = data.index(b"\n", at)
        elif end > at:
            words.append(data[at:end])
        at = end + 1
    if words[0] != b"P6" or words[3] != b"255":
        raise SystemExit("photos: no 8 bit colour PPM")
    return int(words[1]), int(words[2]), at


def fill(pixels, width, offset, box, colour):
    x, y, w, h = box
    row = bytes(colour) * w
    for line in range(y, y + h):
        at = offset + (line * width + x) * 3
        pixels[at:at + len(row)] = row


def layout(width, height, index):
    """Boxes in pixels of the upright picture: the mark, the three dark corners, the patches."""
    unit = min(width, height) / 100
    near, side = round(15 * unit), round(10 * unit)
    right, low = width - near - side, height - near - side
    mark = (near, near, side, side)
    dark = [(right, near, side, side), (near, low, side, side), (right, low, side, side)]
    step, size = round(10 * unit), round(8 * unit)
    left = round(width / 2 - 2 * step)
    patches = [((left + i * step, low, size, size), COLOURS[(index * 3 + i) % len(COLOURS)]) for i in range(4)]
    return mark, dark, patches


def middle(pixels, width, offset, box):
    """The mean colour of the inner half of a box."""
    x, y, w, h = box
    sums, n = [0, 0, 0], 0
    for line in range(y + h // 4, y + 3 * h // 4):
        at = offset + (line * width + x + w // 4) * 3
        row = pixels[at:at + (w // 2) * 3]
        for channel in range(3):
            sums[channel] += sum(row[channel::3])
        n += w // 2
    return [round(s / n, 3) for s in sums]


def exif_orientation(orientation):
    """The payload of an Exif block that says nothing but the orientation."""
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)


def with_exif(jpeg, orientation):
    body = b"Exif\0\0" + exif_orientation(orientation)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def write_jpeg(out, ppm, icc, orientation, index):
    sampling = "1x1" if index % 2 else "2x2"
    embed = ["-icc", icc] if icc else []
    jpeg = run("cjpeg", "-quality", "95", "-sample", sampling, *embed, input=ppm)
    decoded = run("djpeg", input=jpeg)
    if STORED[orientation]:
        jpeg = run("jpegtran", "-perfect", "-copy", "all", *STORED[orientation], input=jpeg)
    if orientation != 1 or index % 3 == 0:
        jpeg = with_exif(jpeg, orientation)
    with open(out, "wb") as file:
        file.write(jpeg)
    return decoded


def write_png(out, ppm, icc):
    width, height, offset = read_ppm(ppm)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + ppm[offset + y * width * 3:offset + (y + 1) * width * 3] for y in range(height))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    if icc:
        with open(icc, "rb") as file:
            png += chunk(b"iCCP", b"profile\0\0" + zlib.compress(file.read()))
    png += chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    with open(out, "wb") as file:
        file.write(png)
    return ppm


def derive(source, out, index):
    space = SPACES[index % 4]
    png = index % 6 == 5
    orientation = 1 if png else (index - index // 6) % 8 + 1
    width, height = SHAPES[(index // 2) % len(SHAPES)]
    icc = os.path.join(out, space + ".icc") if space else ""
    work = os.path.join(out, f"work-{index}.ppm")
    srgb = os.path.join(out, "srgb.icc")
    run("vips", "thumbnail", source, work + "[strip]", str(width), "--height", str(height), "--crop", "attention",
        "--import-profile", srgb, "--export-profile", icc or srgb)
    with open(work, "rb") as file:
        ppm = bytearray(file.read())
    os.unlink(work)
    width, height, offset = read_ppm(ppm)
    mark, dark, patches = layout(width, height, index)
    fill(ppm, width, offset, mark, WHITE)
    for box in dark:
        fill(ppm, width, offset, box, DARK)
    for box, colour in patches:
        fill(ppm, width, offset, box, colour)
    name = f"photo-{index:02d}-{space or 'untagged'}-{orientation}." + ("png" if png else "jpg")
    path = os.path.join(out, name)
    ppm = bytes(ppm)
    decoded = write_png(path, ppm, icc) if png else write_jpeg(path, ppm, icc, orientation, index)
    _, _, offset = read_ppm(decoded)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {"file": name, "sha256": digest, "source": os.path.basename(source),
            "media_type": "image/png" if png else "image/jpeg",
            "space": space or "srgb", "embedded": bool(space), "orientation": orientation,
            "width": width, "height": height, "mark": mark, "dark": dark,
            "patches": [{"box": box, "rgb": middle(decoded, width, offset, box)} for box, _ in patches]}


def main():
    sources, out = sys.argv[1:3]
    os.makedirs(out, exist_ok=True)
    for space in profiles.SPACES:
        with open(os.path.join(out, space + ".icc"), "wb") as file:
            file.write(profiles.make(space))
    found = sorted(os.path.join(sources, name) for name in os.listdir(sources) if name.endswith(".jpg"))
    if not found:
        raise SystemExit(f"photos: no JPEG files in {sources}")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(lambda i: derive(found[i % len(found)], out, i), range(COUNT)))
    with open(os.path.join(out, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
