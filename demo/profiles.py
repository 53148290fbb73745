# SPDX-License-Identifier: Apache-2.0
"""Writes the three working-space profiles of the demo's photos: sRGB, Display P3 and Adobe RGB
(1998) as small ICC version 2 matrix profiles, made from their published primaries and curves."""
import struct

D50 = (0.9642, 1.0, 0.8249)
D65_XY = (0.3127, 0.3290)
SPACES = {
    "srgb": ("sRGB of the demo", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), "srgb"),
    "display-p3": ("Display P3 of the demo", ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), "srgb"),
    "adobe-rgb": ("Adobe RGB (1998) of the demo", ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), "gamma"),
}
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def times(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(len(b[0]))] for i in range(3)]


def inverse(m):
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [
        [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
        [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
        [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
    ]


def xyz_of(x, y):
    return [x / y, 1.0, (1 - x - y) / y]


def colorants(primaries):
    """The columns of RGB -> XYZ, adapted from D65 to D50."""
    white = xyz_of(*D65_XY)
    columns = [xyz_of(*p) for p in primaries]
    plain = [[columns[j][i] for j in range(3)] for i in range(3)]
    scale = times(inverse(plain), [[w] for w in white])
    scaled = [[plain[i][j] * scale[j][0] for j in range(3)] for i in range(3)]
    cone_from = times(BRADFORD, [[w] for w in white])
    cone_to = times(BRADFORD, [[w] for w in D50])
    gain = [[cone_to[i][0] / cone_from[i][0] if i == j else 0 for j in range(3)] for i in range(3)]
    adapt = times(inverse(BRADFORD), times(gain, BRADFORD))
    return times(adapt, scaled)


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def tag_xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(fixed(v) for v in values)


def tag_curve(kind):
    if kind == "gamma":
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256))
    points = []
    for i in range(1024):
        v = i / 1023
        linear = v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        points.append(round(linear * 65535))
    return b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *points)


def tag_text(text):
    return b"text\0\0\0\0" + text.encode() + b"\0"


def tag_description(text):
    raw = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(raw)) + raw + bytes(8 + 3 + 67)


def make(name):
    title, primaries, curve = SPACES[name]
    matrix = colorants(primaries)
    tags = [
        (b"desc", tag_description(title)),
        (b"cprt", tag_text("No copyright: made from published numbers")),
        (b"wtpt", tag_xyz(D50)),
        (b"rXYZ", tag_xyz([row[0] for row in matrix])),
        (b"gXYZ", tag_xyz([row[1] for row in matrix])),
        (b"bXYZ", tag_xyz([row[2] for row in matrix])),
        (b"rTRC", tag_curve(curve)),
    ]
    table, body, offset = b"", b"", 128 + 4 + 12 * (len(tags) + 2)
    for sign, data in tags:
        data += bytes(-len(data) % 4)
        table += sign + struct.pack(">II", offset + len(body), len(data))
        body += data
    shared = table[-8:]
    table += b"gTRC" + shared + b"bTRC" + shared
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s6H4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ",
                       2026, 1, 1, 0, 0, 0, b"acsp")
    head = head.ljust(64, b"\0") + struct.pack(">I", 0) + b"".join(fixed(v) for v in D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags) + 2) + table + body
