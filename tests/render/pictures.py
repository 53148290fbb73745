# SPDX-License-Identifier: Apache-2.0
#
# Writers of picture files that share no code with the product's readers: PNG, TIFF and JPEG whole,
# WebP and HEIC as containers around what vips coded. Pixels are rows of tuples, 8 or 16 bits.
import struct
import subprocess
import zlib


def exif(orientation=1, adobe_rgb=False):
    """A block of TIFF's kind: IFD0 {orientation, EXIF folder}, {colour space, interop}, {"R03"}."""
    head = b"MM\0*" + struct.pack(">I", 8)
    top = struct.pack(">HHHIHHHHIII", 2, 0x0112, 3, 1, orientation, 0, 0x8769, 4, 1, 38, 0)
    camera = struct.pack(">HHHIHHHHIII", 2, 0xA001, 3, 1, 65535, 0, 0xA005, 4, 1, 68, 0)
    name = b"R03\0" if adobe_rgb else b"R98\0"
    return head + top + camera + struct.pack(">HHHI", 1, 1, 2, 4) + name + bytes(4)


def flat(rows, bits):
    code = {8: "B", 16: "H"}[bits]
    samples = [s for row in rows for pixel in row for s in pixel]
    return code, samples


# ---- PNG ----

def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(rows, bits=8, icc=None, orientation=None, frames=0):
    height, width, channels = len(rows), len(rows[0]), len(rows[0][0])
    code = {8: "B", 16: "H"}[bits]
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    out = b"\x89PNG\r\n\x1a\n" + png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    if frames:
        out += png_chunk(b"acTL", struct.pack(">II", frames, 0))
        out += png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 10, 0, 0))
    if icc:
        out += png_chunk(b"iCCP", b"source\0\0" + zlib.compress(icc))
    if orientation:
        out += png_chunk(b"eXIf", exif(orientation))
    body = b"".join(b"\0" + struct.pack(">%d%s" % (width * channels, code),
                                        *[s for pixel in row for s in pixel]) for row in rows)
    return out + png_chunk(b"IDAT", zlib.compress(body, 1)) + png_chunk(b"IEND", b"")


# ---- TIFF ----

def tiff(rows, bits=8, order="<", packing=1, icc=None, orientation=1, extra=None, pages=1,
         invert=False, planes=False, rows_per_strip=40):
    """packing: 1 none, 8 ZIP; extra: the value of ExtraSamples; planes: channel by channel."""
    height, width, channels = len(rows), len(rows[0]), len(rows[0][0])
    code = {8: "B", 16: "H"}[bits]
    most = (1 << bits) - 1
    colours = channels - (extra is not None)
    parts = [[[pixel[i:i + 1] for pixel in row] for row in rows]
             for i in range(channels)] if planes else [rows]
    strips = []
    for part in parts:
        for y in range(0, height, rows_per_strip):
            samples = [most - s if invert else s for row in part[y:y + rows_per_strip]
                       for pixel in row for s in pixel]
            raw = struct.pack("%s%d%s" % (order, len(samples), code), *samples)
            strips.append(zlib.compress(raw) if packing == 8 else raw)
    out = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    link = 4
    for page in range(pages):
        places = []
        for strip in strips:
            places.append(len(out))
            out += strip + bytes(len(strip) % 2)
        photometric = {1: 0 if invert else 1, 3: 2, 4: 5}[colours]
        tags = [(254, 4, [0]), (256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels),
                (259, 3, [packing]), (262, 3, [photometric]), (273, 4, places),
                (274, 3, [orientation]), (277, 3, [channels]), (278, 4, [rows_per_strip]),
                (279, 4, [len(s) for s in strips]), (284, 3, [2 if planes else 1])]
        if extra is not None:
            tags.append((338, 3, [extra]))
        if icc:
            tags.append((34675, 7, icc))
        entries = b""
        for tag, kind, values in tags:
            body = (bytes(values) if kind == 7 else
                    struct.pack("%s%d%s" % (order, len(values), {3: "H", 4: "I"}[kind]), *values))
            if len(body) > 4:
                at = len(out)
                out += body + bytes(len(body) % 2)
                body = struct.pack(order + "I", at)
            entries += struct.pack(order + "HHI", tag, kind, len(values)) + body.ljust(4, b"\0")
        struct.pack_into(order + "I", out, link, len(out))
        out += struct.pack(order + "H", len(tags)) + entries
        link = len(out)
        out += bytes(4)
    return bytes(out)


# ---- JPEG, baseline, blocks of one colour: only their DC is coded, exactly ----

def jpeg_segment(mark, body):
    return bytes((0xFF, mark)) + struct.pack(">H", len(body) + 2) + body


def jpeg_metadata(icc=None, orientation=None, adobe_rgb=False):
    out = b""
    if orientation or adobe_rgb:
        out += jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation or 1, adobe_rgb))
    pieces = [icc[i:i + 65000] for i in range(0, len(icc or b""), 65000)]
    for i, piece in enumerate(pieces):
        out += jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes((i + 1, len(pieces))) + piece)
    return out


def jpeg(rows, adobe=None, **metadata):
    """Rows of 1, 3 (YCbCr) or 4 samples as they are to be coded; adobe: the marker's transform."""
    height, width, channels = len(rows), len(rows[0]), len(rows[0][0])
    counts = [0, 0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 6  # the usual table of luma's DC
    sizes = list(range(12))
    codes, code, at = {}, 0, 0
    for length, n in enumerate(counts, 1):
        for _ in range(n):
            codes[sizes[at]] = (code, length)
            code, at = code + 1, at + 1
        code <<= 1
    out = b"\xFF\xD8"
    if adobe is not None:
        out += jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes((adobe,)))
    out += jpeg_metadata(**metadata)
    out += jpeg_segment(0xDB, b"\0" + b"\1" * 64)
    out += jpeg_segment(0xC0, struct.pack(">BHHB", 8, height, width, channels) +
                        b"".join(bytes((i + 1, 0x11, 0)) for i in range(channels)))
    out += jpeg_segment(0xC4, b"\0" + bytes(counts) + bytes(sizes[:at]))
    out += jpeg_segment(0xC4, b"\x10" + b"\1" + bytes(15) + b"\0")  # AC: only "end of block"
    out += jpeg_segment(0xDA, bytes((channels,)) +
                        b"".join(bytes((i + 1, 0)) for i in range(channels)) + b"\0\x3F\0")
    bits, last = [], [0] * channels
    for y in range(0, height, 8):
        for x in range(0, width, 8):
            for i in range(channels):
                dc = 8 * (rows[y][x][i] - 128)
                step, last[i] = dc - last[i], dc
                size = abs(step).bit_length()
                code, length = codes[size]
                bits.append(format(code, "0%db" % length))
                if size:
                    bits.append(format(step if step > 0 else step + (1 << size) - 1,
                                       "0%db" % size))
                bits.append("0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    body = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xFF", b"\xFF\0")
    return out + body + b"\xFF\xD9"


def with_metadata(jpeg_bytes, **metadata):
    return jpeg_bytes[:2] + jpeg_metadata(**metadata) + jpeg_bytes[2:]


def to_ycc(r, g, b):
    return (round(0.299 * r + 0.587 * g + 0.114 * b),
            round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
            round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))


def from_ycc(y, cb, cr):
    return tuple(min(255, max(0, round(v))) for v in (
        y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
        y + 1.772 * (cb - 128)))


# ---- by vips: the coded picture ----

def vips(work, rows, name):
    """name: as vips takes it, "x.webp[lossless]"."""
    with open(work + "/vips.png", "wb") as out:
        out.write(png(rows))
    subprocess.run(["vips", "copy", work + "/vips.png", work + "/" + name], check=True,
                   capture_output=True)
    return open(work + "/" + name.split("[")[0], "rb").read()


# ---- WebP: the chunk of pixels in an extended container ----

def riff(chunks):
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_pixels(data):
    at = 12
    while at < len(data):
        name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name in (b"VP8 ", b"VP8L"):
            return name, data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError("no pixels")


def webp(pixels, width, height, icc=None, orientation=None, alpha=False, frames=None):
    def size24(v):
        return struct.pack("<I", v)[:3]
    flags = (0x20 * bool(icc) | 0x10 * alpha | 0x08 * bool(orientation) | 0x02 * bool(frames))
    chunks = [(b"VP8X", bytes((flags, 0, 0, 0)) + size24(width - 1) + size24(height - 1))]
    if icc:
        chunks.append((b"ICCP", icc))
    if frames:
        chunks.append((b"ANIM", bytes(6)))
        for name, data in frames:
            chunks.append((b"ANMF", size24(0) + size24(0) + size24(width - 1) +
                           size24(height - 1) + size24(100) + b"\2" + name +
                           struct.pack("<I", len(data)) + data + bytes(len(data) % 2)))
    else:
        chunks.append(pixels)
    if orientation:
        chunks.append((b"EXIF", exif(orientation)))
    return riff(chunks)


# ---- HEIC: coded pictures in a container of our own ----

def boxes(data, at=0, end=None):
    end = len(data) if end is None else end
    while at + 8 <= end:
        size = struct.unpack_from(">I", data, at)[0]
        yield data[at + 4:at + 8], at + 8, at + size
        at += size


def heic_coded(data):
    """hvcC and the coded bytes of a file that vips wrote with one picture in it."""
    found = {kind: (start, end) for kind, start, end in boxes(data)}
    start, end = found[b"meta"]
    inner = {kind: (a, b) for kind, a, b in boxes(data, start + 4, end)}
    types = [data[a + 8:a + 12] for kind, a, b in boxes(data, inner[b"iinf"][0] + 6,
                                                        inner[b"iinf"][1])]
    assert types == [b"hvc1"], types
    iprp = {kind: (a, b) for kind, a, b in boxes(data, *inner[b"iprp"])}
    hvcc = next(data[a:b] for kind, a, b in boxes(data, *iprp[b"ipco"]) if kind == b"hvcC")
    place = inner[b"iloc"][0]
    method_bytes = 2 if data[place] > 0 else 0  # by the box's version
    base, _, offset, size = struct.unpack_from(">IHII", data, place + 8 + 2 + method_bytes + 2)
    return hvcc, data[base + offset:base + offset + size]


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


# EXIF's eight as (mirror left and right first, then quarters counterclockwise)
HEIC_TURNS = {1: (False, 0), 2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3),
              7: (True, 3), 8: (False, 1)}


def heic(coded, width, height, icc=None, nclx=None, orientation=1, more=(), gain_map=None,
         brand=b"heic"):
    """more: further whole pictures; gain_map: a coded picture of (coded, width, height)."""
    mirror, quarters = HEIC_TURNS[orientation]
    items = [(coded, width, height)] + [(c, width, height) for c in more]
    if gain_map:
        items.append(gain_map)
    properties, links, payload, refs = [], b"", b"", b""
    for i, ((hvcc, data), w, h) in enumerate(items, 1):
        own = [(box(b"hvcC", hvcc), True), (box(b"ispe", bytes(4) + struct.pack(">II", w, h)), False),
               (box(b"pixi", bytes(4) + b"\3\x08\x08\x08"), False)]
        if i == 1 and icc:
            own.append((box(b"colr", b"prof" + icc), False))
        if i == 1 and nclx:
            own.append((box(b"colr", b"nclx" + struct.pack(">HHHB", *nclx)), False))
        if i == 1 and mirror:
            own.append((box(b"imir", b"\1"), True))
        if i == 1 and quarters:
            own.append((box(b"irot", bytes((quarters,))), True))
        if gain_map and i == len(items):
            own.append((box(b"auxC", bytes(4) + b"urn:com:apple:photo:2020:aux:hdrgainmap\0"), True))
            refs = box(b"iref", bytes(4) + box(b"auxl", struct.pack(">HHH", i, 1, 1)))
        links += struct.pack(">HB", i, len(own))
        for body, needed in own:
            properties.append(body)
            links += bytes((len(properties) | 0x80 * needed,))
    entries = b"".join(box(b"infe", b"\2\0\0\0" + struct.pack(">HH", i, 0) + b"hvc1\0")
                       for i in range(1, len(items) + 1))

    def meta(start):
        places, at = b"", start
        for i, ((_, data), _, _) in enumerate(items, 1):
            places += struct.pack(">HHHHII", i, 0, 0, 1, at, len(data))
            at += len(data)
        return box(b"meta", bytes(4) +
                   box(b"hdlr", bytes(8) + b"pict" + bytes(13)) +
                   box(b"pitm", bytes(4) + struct.pack(">H", 1)) +
                   box(b"iinf", bytes(4) + struct.pack(">H", len(items)) + entries) + refs +
                   box(b"iprp", box(b"ipco", b"".join(properties)) +
                       box(b"ipma", bytes(4) + struct.pack(">I", len(items)) + links)) +
                   box(b"iloc", b"\1\0\0\0\x44\0" + struct.pack(">H", len(items)) + places))
    head = box(b"ftyp", brand + bytes(4) + b"mif1heic")
    start = len(head) + len(meta(0)) + 8
    payload = b"".join(data for ((_, data), _, _) in items)
    return head + meta(start) + box(b"mdat", payload)


# ---- turning rows, by EXIF's own words: how stored rows are shown ----

def stored(rows, orientation):
    """The rows to store so that the orientation shows `rows` upright."""
    def mirrored(r):
        return [row[::-1] for row in r]

    def transposed(r):
        return [list(column) for column in zip(*r)]
    return {1: lambda r: r, 2: mirrored, 3: lambda r: mirrored(r[::-1]), 4: lambda r: r[::-1],
            5: transposed, 6: lambda r: transposed(r)[::-1],
            7: lambda r: mirrored(transposed(r)[::-1]), 8: lambda r: mirrored(transposed(r)),
            }[orientation](rows)


def patches(colours, columns, size):
    """Rows of a picture of square patches."""
    lines = [colours[i:i + columns] for i in range(0, len(colours), columns)]
    return [[c for c in line for _ in range(size)] for line in lines for _ in range(size)]


def exact_colours(n, chance):
    """Colours that survive a turn through 8-bit YCbCr."""
    found = []
    while len(found) < n:
        rgb = tuple(chance.randrange(256) for _ in range(3))
        if from_ycc(*to_ycc(*rgb)) == rgb and rgb not in found:
            found.append(rgb)
    return found


def flips(data, n):
    for i in range(n):
        at = len(data) * i // n
        yield data[:at] + bytes((data[at] ^ (1 << i % 8),)) + data[at + 1:]


def cuts(data, n):
    return [data[:len(data) * i // n] for i in range(n)]


__all__ = [name for name in dir() if not name.startswith("_") and
           name not in ("struct", "subprocess", "zlib")]
