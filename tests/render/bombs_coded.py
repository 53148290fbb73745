# SPDX-License-Identifier: Apache-2.0
#
# Bombs whose pixels are coded: JPEG, WebP, HEIC. Streams of zeros stand for pictures of any size.
import struct

import pictures as make
from bombs import ENDS, SIDE


# ---- JPEG ----

def jpeg_head(width, height, frame=0xC0, channels=3, samplings=(0x11, 0x11, 0x11, 0x11)):
    """Tables in which a zero bit is "no change" (DC) and "end of block" (AC)."""
    return b"\xFF\xD8" + make.jpeg_segment(0xDB, b"\0" + b"\1" * 64) + make.jpeg_segment(
        frame, struct.pack(">BHHB", 8, height, width, channels) + b"".join(
            bytes((i + 1, samplings[i], 0)) for i in range(channels))) + make.jpeg_segment(
                0xC4, b"\0\1" + bytes(15) + b"\0") + make.jpeg_segment(
                    0xC4, b"\x10\1" + bytes(15) + b"\0")


def jpeg_scan(channels=(1, 2, 3), first=0, last=63, bits=0):
    return make.jpeg_segment(0xDA, bytes((len(channels),)) + b"".join(
        bytes((c, 0)) for c in channels) + bytes((first, last, bits)))


def blocks_of(width, height):
    return -(-width // 8) * -(-height // 8)


def jpeg_zeros(width, height, channels=3, before=b"", restart=0, **head):
    n = blocks_of(width, height)
    out = jpeg_head(width, height, channels=channels, **head)
    out = out[:2] + before + out[2:]
    if restart:
        out += make.jpeg_segment(0xDD, struct.pack(">H", restart))
    out += jpeg_scan(range(1, channels + 1))
    bits = 2 * channels
    if not restart:
        return out + bytes(-(-n * bits // 8)) + b"\xFF\xD9"
    size = -(-restart * bits // 8)
    body = b"".join(bytes(size) + bytes((0xFF, 0xD0 + i)) for i in range(8))
    full = n // restart
    whole = body * (full // 8) + body[:(full % 8) * (size + 2)]
    return out + (whole[:-2] if n % restart == 0 else whole + bytes(
        -(-(n % restart) * bits // 8))) + b"\xFF\xD9"


def progressive(width, height, scans, channels=3):
    """DC, then `scans` times one coefficient of one channel, in runs of 32,767 empty blocks."""
    n = blocks_of(width, height)
    out = jpeg_head(width, height, 0xC2, channels)
    out += jpeg_scan(range(1, channels + 1), 0, 0) + bytes(-(-n * channels // 8))
    # the one code of that table: 14 bits of a run follow
    out += make.jpeg_segment(0xC4, b"\x10\1" + bytes(15) + b"\xE0")
    bits, left = "", n
    while left > 0:
        run = min(left, 32767)
        if run < 16384:  # the same code says at least 2^14
            bits += "0" + format(0, "014b")
            left = 0
        else:
            bits += "0" + format(run - 16384, "014b")
            left -= run
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xFF", b"\xFF\0")
    for i in range(scans):
        out += jpeg_scan((1 + i % channels,), 1 + i // channels % 63, 1 + i // channels % 63) + body
    return out + b"\xFF\xD9"


def jpeg_bombs():
    def app(mark, body):
        return make.jpeg_segment(mark, body)
    exif = make.exif(6)
    circle = bytearray(exif)
    struct.pack_into(">I", circle, 8 + 2 + 12 + 8, 8)  # its camera folder is the top one
    yield "65,500 x 65,500 progressive", lambda: progressive(65500, 65500, 1), "asset-limits"
    yield "at the limit", lambda: jpeg_zeros(SIDE, SIDE), "fine", True
    yield "at the limit, grey", lambda: jpeg_zeros(SIDE, SIDE, 1), "fine", True
    yield "at the limit, CMYK", lambda: jpeg_zeros(SIDE, SIDE, 4), "fine", True
    yield "at the limit, turned", lambda: jpeg_zeros(
        SIDE, SIDE, before=app(0xE1, b"Exif\0\0" + exif)), "fine", True
    yield "at the limit, a restart mark after every block", lambda: jpeg_zeros(
        SIDE, SIDE, 3, restart=1), "fine", True
    yield "at the limit, progressive", lambda: progressive(SIDE, SIDE, 9), ENDS, True
    yield "at the limit, progressive, grey, 60 scans", lambda: progressive(
        SIDE, SIDE, 60, 1), ENDS, True
    yield "1,000 scans of 200 million pixels", lambda: progressive(
        SIDE, SIDE, 1000, 1), "asset-limits"
    yield "100,000 scans of 16 pixels", lambda: progressive(4, 4, 100000), "asset-limits"
    yield "1,000 scans of 4 million pixels", lambda: progressive(2000, 2000, 1000), "asset-limits"
    yield "30,000 x 1", lambda: jpeg_zeros(30000, 1), "fine"
    yield "1 x 30,000", lambda: jpeg_zeros(1, 30000), "fine"
    yield "1,500 segments of 64 KiB", lambda: jpeg_zeros(
        64, 64, before=app(0xEF, bytes(65000)) * 1500), ENDS, True
    yield "a million small segments", lambda: jpeg_zeros(
        64, 64, before=app(0xFE, b"x") * 10 ** 6), ENDS, True
    yield "50,000 EXIF segments", lambda: jpeg_zeros(
        64, 64, before=app(0xE1, b"Exif\0\0" + exif) * 50000), "asset-limits"
    yield "EXIF that leads to itself", lambda: jpeg_zeros(
        64, 64, before=app(0xE1, b"Exif\0\0" + bytes(circle))), ENDS
    yield "EXIF of 65,535 entries", lambda: jpeg_zeros(64, 64, before=app(
        0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xFF\xFF" + bytes(65000))), ENDS
    yield "255 pieces of a profile of 16 MB", lambda: jpeg_zeros(64, 64, before=b"".join(
        app(0xE2, b"ICC_PROFILE\0" + bytes((i, 255)) + bytes(65000)) for i in range(1, 256))), ENDS, True
    yield "pieces of a profile that say each other's number", lambda: jpeg_zeros(
        64, 64, before=app(0xE2, b"ICC_PROFILE\0\1\xFF" + bytes(65000)) * 255), ENDS
    yield "XMP of 90 MB", lambda: jpeg_zeros(64, 64, before=app(
        0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<a>" * 21000) * 1400), ENDS, True
    yield "no height but a DNL segment", lambda: jpeg_zeros(64, 0)[:-2] + bytes(
        64) + app(0xDC, b"\x75\x30") + b"\xFF\xD9", "asset-damaged"
    yield "arithmetic coded", lambda: jpeg_zeros(64, 64, frame=0xC9), "asset-type"
    yield "lossless", lambda: jpeg_zeros(64, 64, frame=0xC3), "asset-type"
    yield "two frames", lambda: jpeg_head(64, 64) + jpeg_zeros(9000, 9000)[2:], "asset-damaged"
    yield "sampled 4 x 4 against 1 x 1", lambda: jpeg_zeros(
        SIDE, SIDE, samplings=(0x44, 0x11, 0x11)), ENDS, True
    yield "a million tables", lambda: jpeg_zeros(
        64, 64, before=app(0xDB, b"\0" + b"\1" * 64) * 10 ** 6), ENDS, True
    yield "a gigapixel in a thumbnail", lambda: jpeg_zeros(64, 64, before=app(
        0xE1, b"Exif\0\0" + exif + jpeg_zeros(30000, 30000)[:60000])), "fine"
    yield "90 MB behind its end", lambda: jpeg_zeros(64, 64) + bytes(90 << 20), "fine", True
    yield "90 MB of fill bytes", lambda: jpeg_zeros(64, 64)[:-2] + b"\xFF" * (
        90 << 20) + b"\xD9", ENDS, True


# ---- WebP ----

class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, n):
        self.text.append(format(value, "0%db" % n)[::-1] if n else "")

    def bytes(self):
        text = "".join(self.text)
        text += "0" * (-len(text) % 8)
        return bytes(int(text[i:i + 8][::-1], 2) for i in range(0, len(text), 8))


def lossless(width, height, transforms=()):
    """VP8L in which every code has one symbol: no bit is spent on pixels."""
    bits = Bits()
    bits.put(width - 1, 14)
    bits.put(height - 1, 14)
    bits.put(0, 4)
    for kind in transforms:
        bits.put(1, 1)
        bits.put(kind, 2)
        if kind < 2:  # predictor, colours: a picture of blocks
            bits.put(0, 3)
            one_colour(bits)
    bits.put(0, 1)
    one_colour(bits, 0)
    return b"VP8L", b"\x2F" + bits.bytes() + bytes(8)


def one_colour(bits, meta=None):
    bits.put(0, 1)  # no cache
    if meta is not None:
        bits.put(meta, 1)
    for _ in range(5):
        bits.put(1, 1)  # simple
        bits.put(0, 1)  # one symbol
        bits.put(0, 1)  # of one bit
        bits.put(0, 1)


def webp_bombs():
    W, H = 16383, 12207
    tiny = lossless(16, 16)

    def still(pixels, more=(), width=16, height=16, flags=0):
        return make.riff([(b"VP8X", bytes((flags, 0, 0, 0)) + struct.pack("<I", width - 1)[:3] +
                           struct.pack("<I", height - 1)[:3])] + list(more) + [pixels])
    yield "16,383 square in 40 bytes", lambda: make.riff([lossless(16383, 16383)]), "asset-limits"
    yield "at the limit in 40 bytes", lambda: make.riff([lossless(W, H)]), "asset-limits"
    yield "70 million pixels in 40 bytes", lambda: make.riff(
        [lossless(8400, 8300)]), "fine", True
    yield "70 million pixels, transformed", lambda: make.riff(
        [lossless(8400, 8300, (0, 1, 2))]), ENDS, True
    yield "16,384 x 1", lambda: make.riff([lossless(16384, 1)]), ENDS
    yield "1 x 16,384", lambda: make.riff([lossless(1, 16384)]), ENDS
    yield "a canvas of 2^24 square", lambda: still(
        tiny, width=1 << 24, height=1 << 24), "asset-limits"
    yield "a canvas of 30,000 x 2,000 and a picture of 16", lambda: still(
        tiny, width=30000, height=2000), "asset-damaged"
    yield "20,000 frames", lambda: make.webp(None, 16, 16, frames=[tiny] * 20000), ENDS, True
    yield "one frame of 70 million pixels", lambda: make.webp(
        None, 8400, 8300, frames=[lossless(8400, 8300)]), ENDS, True
    yield "50 frames of 70 million pixels", lambda: make.webp(
        None, 8400, 8300, frames=[lossless(8400, 8300)] * 50), ENDS, True
    yield "one frame of 16 pixels on a canvas of 70 million", lambda: make.webp(
        None, 8400, 8300, frames=[tiny]), ENDS, True
    yield "a million chunks", lambda: still(tiny, [(b"quIz", b"")] * 10 ** 6), ENDS, True
    yield "100,000 profiles", lambda: still(tiny, [(b"ICCP", b"")] * 100000, flags=0x20), ENDS
    yield "a profile of 90 MB", lambda: still(tiny, [(b"ICCP", bytes(90 << 20))], flags=0x20), ENDS, True
    yield "EXIF of 90 MB", lambda: still(
        tiny, [(b"EXIF", b"MM\0*\0\0\0\x08\xFF\xFF" + bytes(90 << 20))], flags=8), ENDS, True
    yield "a lossy picture of zeros", lambda: make.riff([(
        b"VP8 ", b"\x10\x40\x06\x9D\x01\x2A" + struct.pack("<HH", 8400, 8300) + bytes(
            60000))]), ENDS, True
    yield "a chunk of 2^32-1", lambda: b"RIFF" + struct.pack(
        "<I", 30) + b"WEBPVP8L" + b"\xFF" * 4 + bytes(20), "asset-damaged"


# ---- HEIC ----

def heic_grid(coded, side, columns, rows, width, height, tiles=1, refs=None, properties=()):
    """A grid of columns x rows; its tiles are `tiles` items that name the same coded bytes."""
    hvcc, data = coded
    grid = b"\0\1" + bytes((rows - 1, columns - 1)) + struct.pack(">II", width, height)
    refs = [2 + i % tiles for i in range(columns * rows)] if refs is None else refs
    entries = make.box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"grid\0")
    entries += b"".join(make.box(b"infe", b"\2\0\0\1" + struct.pack(">HH", 2 + i, 0) + b"hvc1\0")
                        for i in range(tiles))
    own = [make.box(b"hvcC", hvcc), make.box(b"ispe", bytes(4) + struct.pack(">II", side, side)),
           make.box(b"ispe", bytes(4) + struct.pack(">II", width, height)), *properties]
    links = struct.pack(">HB", 1, 1 + len(properties)) + b"\x03" + bytes(
        range(4, 4 + len(properties)))
    links += b"".join(struct.pack(">HB", 2 + i, 2) + b"\x81\x02" for i in range(tiles))

    def meta(start):
        places = struct.pack(">HHHHII", 1, 0, 0, 1, start, len(grid))
        places += b"".join(struct.pack(">HHHHII", 2 + i, 0, 0, 1, start + len(grid), len(data))
                           for i in range(tiles))
        return make.box(b"meta", bytes(4) + make.box(b"hdlr", bytes(8) + b"pict" + bytes(13)) +
                        make.box(b"pitm", bytes(4) + struct.pack(">H", 1)) +
                        make.box(b"iinf", bytes(4) + struct.pack(">H", 1 + tiles) + entries) +
                        make.box(b"iref", bytes(4) + make.box(b"dimg", struct.pack(
                            ">HH", 1, len(refs)) + struct.pack(">%dH" % len(refs), *refs))) +
                        make.box(b"iprp", make.box(b"ipco", b"".join(own)) + make.box(
                            b"ipma", bytes(4) + struct.pack(">I", 1 + tiles) + links)) +
                        make.box(b"iloc", b"\1\0\0\0\x44\0" + struct.pack(
                            ">H", 1 + tiles) + places))
    head = make.box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + make.box(b"mdat", grid + data)


def heic_bombs(work):
    def flat(side):
        return make.heic_coded(make.vips(work, [[(90, 120, 150)] * side] * side,
                                         "b.heic[strip]"))
    tile = flat(64)
    large = flat(512)
    plain = make.heic(tile, 64, 64)

    def instead(old, new):
        assert old in plain, old
        return plain.replace(old, new, 1)

    def inserted(body, name=b"meta"):
        at = plain.index(name) - 4
        return plain[:at] + body + plain[at:]
    nested = b""
    for _ in range(20000):
        nested = make.box(b"moov", nested)
    sides = struct.pack(">II", 64, 64)
    yield "a grid of 27 x 27 tiles of 512 at the limit", lambda: heic_grid(
        large, 512, 27, 27, 13824, 13824), "asset-limits"
    yield "a grid of 25 x 25 tiles of 512, 163 million pixels", lambda: heic_grid(
        large, 512, 25, 25, 12800, 12800), "fine", True
    yield "a grid of 170 x 170 tiles of 64", lambda: heic_grid(
        tile, 64, 170, 170, 10880, 10880), "asset-damaged"
    yield "a grid of 255 x 255 tiles", lambda: heic_grid(
        tile, 64, 255, 255, 16320, 16320), "asset-damaged"
    yield "a grid of 4,000 items", lambda: heic_grid(
        tile, 64, 63, 63, 4032, 4032, tiles=3969), ENDS, True
    yield "a grid of 163 million pixels over one tile of 64", lambda: heic_grid(
        tile, 64, 1, 1, 12800, 12800), "asset-damaged"
    yield "a grid whose tile is the grid", lambda: heic_grid(
        tile, 64, 2, 2, 128, 128, refs=[1, 1, 1, 1]), ENDS
    yield "a grid with fewer tiles than it says", lambda: heic_grid(
        tile, 64, 16, 16, 1024, 1024, refs=[2]), ENDS
    yield "20,000 boxes in each other", lambda: inserted(nested), ENDS
    yield "a million empty boxes", lambda: inserted(make.box(b"free", b"") * 10 ** 6), ENDS, True
    yield "10,000 properties", lambda: plain.replace(
        b"iprp", b"iprp", 1) and heic_grid(tile, 64, 1, 1, 64, 64, properties=[
            make.box(b"colr", b"nclx" + bytes(7))] * 100), ENDS
    yield "ispe of 2^32-1", lambda: instead(sides, b"\xFF" * 8), "asset-limits"
    yield "ispe at the limit over a picture of 64", lambda: instead(
        sides, struct.pack(">II", SIDE, SIDE)), ENDS
    yield "a cut of 2^31", lambda: heic_grid(tile, 64, 1, 1, 64, 64, properties=[make.box(
        b"clap", struct.pack(">8I", 2 ** 31 - 1, 1, 2 ** 31 - 1, 1, 0, 1, 0, 1))]), ENDS
    yield "a cut by zero", lambda: heic_grid(tile, 64, 1, 1, 64, 64, properties=[
        make.box(b"clap", struct.pack(">8I", 64, 0, 64, 0, 0, 0, 0, 0))]), "asset-damaged"
    yield "a hundred quarter turns", lambda: heic_grid(
        large, 512, 4, 4, 2048, 2048, properties=[make.box(b"irot", b"\1")] * 100), "asset-damaged"
    yield "places of 65,535 pieces", lambda: heic_places(tile, 65535), ENDS
    yield "a thousand pieces of the whole file", lambda: heic_places(
        tile, 1000, whole=True), ENDS
    yield "pieces of a profile that is 90 MB", lambda: make.heic(
        tile, 64, 64, icc=bytes(90 << 20)), ENDS, True
    yield "5,000 items", lambda: heic_grid(
        tile, 64, 1, 1, 64, 64, tiles=5000, refs=[2]), "asset-damaged"
    yield "a box of 2^64-1", lambda: inserted(
        b"\0\0\0\1free" + b"\xFF" * 8), "asset-truncated"
    yield "a meta box in itself", lambda: plain[:plain.index(b"meta") + 8] + make.box(
        b"meta", bytes(4)) * 1000 + plain[plain.index(b"meta") + 8:], ENDS


def heic_places(coded, n, whole=False):
    """Its coded bytes in n pieces, all of them the same (or all of the file)."""
    hvcc, data = coded

    def meta(start, end):
        piece = struct.pack(">II", 0 if whole else start, end if whole else len(data))
        return make.box(b"meta", bytes(4) + make.box(b"hdlr", bytes(8) + b"pict" + bytes(13)) +
                        make.box(b"pitm", bytes(4) + struct.pack(">H", 1)) +
                        make.box(b"iinf", bytes(4) + struct.pack(">H", 1) + make.box(
                            b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"hvc1\0")) +
                        make.box(b"iprp", make.box(b"ipco", make.box(b"hvcC", hvcc) + make.box(
                            b"ispe", bytes(4) + struct.pack(">II", 64, 64))) + make.box(
                                b"ipma", bytes(4) + struct.pack(">I", 1) + struct.pack(
                                    ">HB", 1, 2) + b"\x81\x02")) +
                        make.box(b"iloc", b"\1\0\0\0\x44\0" + struct.pack(">H", 1) + struct.pack(
                            ">HHHH", 1, 0, 0, n) + piece * n))
    head = make.box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    start = len(head) + len(meta(0, 0)) + 8
    return head + meta(start, start + len(data)) + make.box(b"mdat", data)
