# SPDX-License-Identifier: Apache-2.0
"""Reads the documents that printers received, and asks an outside colour engine (ArgyllCMS) what their
patches should be. Nothing here shares a line with platen."""
import math
import os
import struct
import subprocess
import tempfile


def unpack_page(data, at, line_bytes, pixel_bytes, height):
    """The pixels of one page of packed lines."""
    lines = []
    while len(lines) < height:
        repeat = data[at] + 1
        at += 1
        line = bytearray()
        while len(line) < line_bytes:
            code = data[at]
            at += 1
            if code < 128:
                line += data[at:at + pixel_bytes] * (code + 1)
                at += pixel_bytes
            else:
                n = (257 - code) * pixel_bytes
                line += data[at:at + n]
                at += n
        lines += [bytes(line)] * repeat
    return b"".join(lines)


def read_pwg(data):
    """(width, height, RGB bytes, head) of the first page."""
    width, height = struct.unpack_from(">II", data, 4 + 372)
    line_bytes = struct.unpack_from(">I", data, 4 + 392)[0]
    head = {"dpi": struct.unpack_from(">II", data, 4 + 276), "copies": struct.unpack_from(">I", data, 4 + 340)[0],
            "pages": struct.unpack_from(">I", data, 4 + 452)[0],
            "size_name": data[4 + 1732:4 + 1796].rstrip(b"\0").decode()}
    return width, height, unpack_page(data, 4 + 1796, line_bytes, 3, height), head


def read_ppm(data):
    words = data.split(None, 4)[:4]
    head = len(data) - int(words[1]) * int(words[2]) * 3
    return int(words[1]), int(words[2]), data[head:]


def read_document(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == b"RaS2":
        return read_pwg(data)
    done = subprocess.run(["djpeg", "-ppm", path], stdout=subprocess.PIPE, check=True)
    return (*read_ppm(done.stdout), {})


def mean_of(document, x, y, radius):
    """The mean colour of a square around a point."""
    width, height, pixels, _ = document
    sums, n = [0, 0, 0], 0
    for line in range(max(0, y - radius), min(height, y + radius + 1)):
        left, right = max(0, x - radius), min(width, x + radius + 1)
        row = pixels[(line * width + left) * 3:(line * width + right) * 3]
        for channel in range(3):
            sums[channel] += sum(row[channel::3])
        n += right - left
    return [s / n for s in sums]


def xicclu(profile, rows, *options):
    """Looks colours up in a profile: one row in, one row out."""
    text = "\n".join(" ".join(f"{v:.6f}" for v in row) for row in rows) + "\n"
    done = subprocess.run(["xicclu", *options, profile], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=True)
    answers = []
    for line in done.stdout.splitlines():
        if "->" in line:
            answers.append([float(word) for word in line.rsplit("->", 1)[1].split("[")[0].split()])
    if len(answers) != len(rows):
        raise RuntimeError(f"xicclu answered {len(answers)} of {len(rows)} colours: {done.stdout[-300:]}")
    return answers


def expected_device(rows, source_profile, printer_profile, intent):
    """What the outside engine would send to the printer, in 16 bit; `intent` is its letter (p, r, s, a)."""
    with tempfile.TemporaryDirectory() as folder:
        ppm, before, after = (os.path.join(folder, name) for name in ("in.ppm", "in.tif", "out.tif"))
        with open(ppm, "wb") as file:
            file.write(b"P6\n%d 1\n65535\n" % len(rows))
            file.write(b"".join(struct.pack(">3H", *(round(v * 257) for v in row)) for row in rows))
        run("vips", "copy", ppm, before)
        run("cctiff", "-N", "-p", "-i" + intent, source_profile, "-i" + intent, printer_profile, before, after)
        run("vips", "copy", after, ppm)
        with open(ppm, "rb") as file:
            numbers = struct.unpack(f">{3 * len(rows)}H", file.read()[-6 * len(rows):])
    return [[n / 257 for n in numbers[i:i + 3]] for i in range(0, len(numbers), 3)]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()[-300:]}")


def printed_lab(rows, printer_profile):
    return xicclu(printer_profile, rows, "-ff", "-ir", "-pl", "-s255")


def ciede2000(one, two):
    """The colour difference of two Lab values (Sharma, Wu and Dalal 2005)."""
    l1, a1, b1 = one
    l2, a2, b2 = two
    c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - math.sqrt(c7 / (c7 + 25 ** 7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    dh = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc = l2 - l1, c2 - c1
    dhh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = h1 + h2 if c1 * c2 == 0 else (h1 + dh / 2) % 360
    t = (1 - 0.17 * math.cos(math.radians(hm - 30)) + 0.24 * math.cos(math.radians(2 * hm))
         + 0.32 * math.cos(math.radians(3 * hm + 6)) - 0.20 * math.cos(math.radians(4 * hm - 63)))
    sl = 1 + 0.015 * (lm - 50) ** 2 / math.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rc = 2 * math.sqrt(cm ** 7 / (cm ** 7 + 25 ** 7)) if cm else 0
    rt = -math.sin(math.radians(60 * math.exp(-((hm - 275) / 25) ** 2))) * rc
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dhh / sh) ** 2 + rt * (dc / sc) * (dhh / sh))
