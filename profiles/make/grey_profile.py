#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A printer profile for grey, by hand: ICC version 2, one tone curve. grey_profile.py FILE

The curve is that of an ink whose dots spread by 16 % on matte paper, from its black of 4 % reflectance to paper
white. Nothing of the time of making is in it: the same file every time."""
import struct
import sys

STEPS, BLACK, GAIN, NAME = 256, 0.04, 0.16, b"Virtual inkjet, grey, matte (synthetic)"


def luminance(value):
    ink = 1.0 - value
    cover = min(1.0, ink + 4.0 * GAIN * ink * (1.0 - ink))
    return (1.0 - cover) * (1.0 - BLACK) + cover * BLACK


def curve():
    low, high = luminance(0.0), luminance(1.0)
    points = [round(65535 * (luminance(i / (STEPS - 1)) - low) / (high - low)) for i in range(STEPS)]
    return b"curv" + bytes(4) + struct.pack(f">I{STEPS}H", STEPS, *points)


def text(words):
    return b"text" + bytes(4) + words + b"\0"


def description(words):
    return (b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + b"\0" + bytes(8) + bytes(3 + 67))


def xyz(x, y, z):
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * v) for v in (x, y, z)))


def profile():
    white = (0.9642, 1.0, 0.8249)
    tags = {b"desc": description(NAME), b"cprt": text(b"Apache-2.0, synthetic"), b"wtpt": xyz(*white), b"kTRC": curve()}
    table, data, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        body += bytes(-len(body) % 4)
        table += name + struct.pack(">II", at + len(data), len(body))
        data += body
    size = 128 + len(table) + len(data)
    date = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    head = (struct.pack(">I4sI", size, bytes(4), 0x02400000) + b"prtrGRAYXYZ " + date + b"acsp" + bytes(4)
            + bytes(4) + bytes(8) + bytes(8) + bytes(4) + struct.pack(">3i", *(round(65536 * v) for v in white)))
    return head + bytes(128 - len(head)) + table + data


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(profile())
