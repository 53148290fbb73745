# SPDX-License-Identifier: Apache-2.0
#
# Pictures that are small to send and large to open, or that lead their reader about. All are made
# here, by writers that share no code with the product's readers; sizes are those of the limits a
# floor starts with (100 MiB, 200 million pixels, sides of 30,000).
import struct
import zlib

import pictures as make

SIDE = 14142  # its square is just below 200 million
ENDS = None   # printed or refused, as it likes; never a death
# A bomb is (name, writer, how it ends: ENDS, "fine" or a code; True where it takes seconds).


# ---- deflate without deflating: one packed block of zeros, many times ----

BLOCK = 1 << 20


def zeros_packed(n):
    """zlib's stream of n zero bytes, in the time it takes to write it down."""
    def packed(size):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(n, BLOCK)
    sum_32 = (n % 65521) << 16 | 1
    return (b"\x78\xDA" + packed(BLOCK) * whole + packed(rest) + b"\x03\0" +
            struct.pack(">I", sum_32))


# ---- PNG ----

def png_head(width, height, bits=8, kind=2, interlaced=0):
    return b"\x89PNG\r\n\x1a\n" + make.png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced))


PNG_END = make.png_chunk(b"IEND", b"")


def png_zeros(width, height, bits=8, kind=2, interlaced=0, before=b"", pieces=1, length=None):
    """All black; `pieces` IDAT chunks of about equal length."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    if interlaced:
        n = 0
        for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                             (1, 0, 2, 2), (0, 1, 1, 2)):
            columns, rows = (width - x + dx - 1) // dx, (height - y + dy - 1) // dy
            n += rows * (1 + (columns * channels * bits + 7) // 8) if columns else 0
    else:
        n = height * (1 + (width * channels * bits + 7) // 8)
    body = zeros_packed(n if length is None else length)
    step = max(1, len(body) // pieces)
    parts = b"".join(make.png_chunk(b"IDAT", body[i:i + step]) for i in range(0, len(body), step))
    return png_head(width, height, bits, kind, interlaced) + before + parts + PNG_END


def png_bombs(icc):
    small = {"width": 64, "height": 64}
    palette = make.png_chunk(b"PLTE", bytes(768))
    text = make.png_chunk(b"zTXt", b"Comment\0\0" + zeros_packed(90 << 20))
    itext = make.png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros_packed(1 << 30))
    chunk = make.png_chunk
    yield "30,000 x 30,000 zeros", lambda: png_zeros(30000, 30000, 1, 0), "asset-limits"
    yield "2^31-1 square", lambda: png_head(2 ** 31 - 1, 2 ** 31 - 1) + chunk(
        b"IDAT", zeros_packed(100)) + PNG_END, "asset-limits"
    yield "zeros at the limit", lambda: png_zeros(SIDE, SIDE), "fine", True
    yield "zeros at the limit, 16 bits RGBA", lambda: png_zeros(SIDE, SIDE, 16, 6), "fine", True
    yield "zeros at the limit, interlaced", lambda: png_zeros(
        SIDE, SIDE, interlaced=1), "fine", True
    yield "zeros at the limit, interlaced, 16 bits RGBA", lambda: png_zeros(
        SIDE, SIDE, 16, 6, 1), "asset-limits"
    yield "1 bit at the limit", lambda: png_zeros(SIDE, SIDE, 1, 0), "fine", True
    yield "30,000 x 1", lambda: png_zeros(30000, 1), "fine"
    yield "1 x 30,000", lambda: png_zeros(1, 30000), "fine"
    yield "in 100,000 pieces", lambda: png_zeros(3000, 3000, pieces=100000), "fine"
    yield "in a million empty pieces", lambda: png_zeros(
        before=b"", **small)[:-12] + chunk(b"IDAT", b"") * 10 ** 6 + PNG_END, ENDS, True
    yield "a hundred times more data than pixels", lambda: png_zeros(
        64, 64, length=1 << 30), "asset-damaged"
    yield "data for one row of 20,000", lambda: png_zeros(
        9000, 20000, length=27001), "asset-damaged"
    yield "zTXt of 90 MiB", lambda: png_zeros(before=text, **small), ENDS
    yield "zTXt of 90 MiB, twenty times", lambda: png_zeros(
        before=text * 20, **small), "asset-limits"
    yield "iTXt of 1 GiB", lambda: png_zeros(before=itext, **small), ENDS, True
    yield "iCCP of 1 GiB", lambda: png_zeros(
        before=chunk(b"iCCP", b"x\0\0" + zeros_packed(1 << 30)), **small), ENDS
    yield "iCCP that says 4 GiB", lambda: png_zeros(before=chunk(
        b"iCCP", b"x\0\0" + zlib.compress(b"\xFF\xFF\xFF\xFF" + icc[4:])), **small), ENDS
    yield "100,000 text chunks", lambda: png_zeros(
        before=chunk(b"tEXt", b"a\0b") * 100000, **small), ENDS
    yield "a million unknown chunks", lambda: png_zeros(
        before=chunk(b"quIz", b"") * 10 ** 6, **small), ENDS, True
    yield "1,000 palettes", lambda: png_zeros(
        before=palette * 1000, kind=3, **small), ENDS
    yield "an animation of 2^31 frames", lambda: png_zeros(
        before=chunk(b"acTL", struct.pack(">II", 2 ** 31 - 1, 0)), **small), "fine"


# ---- TIFF ----

def tiff_file(tags, data=b"", order="<", link=0):
    """data stands at 8; tags: (tag, type, count, value as 4 bytes or a number), sorted here."""
    start = 8 + len(data) + len(data) % 2
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start) + data
    out += bytes(len(data) % 2) + struct.pack(order + "H", len(tags))
    for tag, kind, n, value in sorted(tags, key=lambda t: t[0]):
        if isinstance(value, int):
            packed = struct.pack(order + ("HH" if kind == 3 else "I"), *(
                (value, 0) if kind == 3 else (value,)))
        else:
            packed = value
        out += struct.pack(order + "HHI", tag, kind, n) + packed
    return out + struct.pack(order + "I", link)


def lzw_zeros(n):
    """TIFF's LZW of n zeros: codes of growing runs, cleared when the table is full."""
    bits, out = [], 0
    done, width, code, run = 0, 9, 258, 0
    bits.append((256, 9))
    while done < n:
        if run == 0:
            bits.append((0, width))
            run, step = 1, 1
        else:
            step = run + 1  # the code being made just now: one more than the last run
            bits.append((code, width))
            code, run = code + 1, step
        done += step
        width = 9 if code < 511 else 10 if code < 1023 else 11 if code < 2047 else 12
        if code >= 4093:
            bits.append((256, width))
            width, code, run = 9, 258, 0
    bits.append((257, width))
    text = "".join(format(c, "0%db" % w) for c, w in bits)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def tiff_shared(width, height, packing, part, rows=1, bits=8, channels=3, tile=None, n=None,
                more=(), lengths=None):
    """Every strip or tile is the same few bytes of the file."""
    if tile:
        n = n or -(-width // tile) * -(-height // tile)
    n = n or -(-height // rows)
    places = struct.pack("<I", 8) * n
    sizes = struct.pack("<I", lengths or len(part)) * n
    depth = struct.pack("<H", bits) * channels
    part += bytes(len(part) % 2)
    data = part + places + sizes + depth + bytes(len(depth) % 2)
    at_places = 8 + len(part)
    at_depth = at_places + 8 * n
    one = n == 1
    tags = [(256, 4, 1, width), (257, 4, 1, height), (259, 3, 1, packing),
            (262, 3, 1, {1: 1, 3: 2, 4: 2}[channels]), (277, 3, 1, channels),
            (258, 3, channels, bits if channels == 1 else at_depth.to_bytes(4, "little"))]
    tags += [(324 if tile else 273, 4, n, 8 if one else at_places),
             (325 if tile else 279, 4, n, (lengths or len(part)) if one else at_places + 4 * n)]
    tags += [(322, 4, 1, tile), (323, 4, 1, tile)] if tile else [(278, 4, 1, rows)]
    tags += [(338, 3, 1, 2)] if channels == 4 else []
    names = {t[0] for t in more}
    return tiff_file([t for t in tags if t[0] not in names] + list(more), data)


def packbits_zeros(n):
    return b"\x81\0" * (n // 128) + (bytes((257 - n % 128, 0)) if n % 128 > 1 else
                                     b"\0\0" * (n % 128))


def tiff_bombs(icc):
    row = SIDE * 3
    plain = tiff_shared(64, 64, 1, bytes(64 * 64 * 3), 64)
    yield "deflate at the limit, rows share their bytes", lambda: tiff_shared(
        SIDE, SIDE, 8, zeros_packed(row)), "fine", True
    yield "LZW at the limit, rows share their bytes", lambda: tiff_shared(
        SIDE, SIDE, 5, lzw_zeros(row)), ENDS, True
    yield "PackBits at the limit, rows share their bytes", lambda: tiff_shared(
        SIDE, SIDE, 32773, packbits_zeros(row)), "fine", True
    yield "16 bits RGBA at the limit", lambda: tiff_shared(
        SIDE, SIDE, 8, zeros_packed(SIDE * 8), bits=16, channels=4), ENDS, True
    yield "one strip of 600 MB", lambda: tiff_shared(
        SIDE, SIDE, 8, zeros_packed(row * SIDE), SIDE), ENDS, True
    yield "one strip of 600 MB, LZW that ends at once", lambda: tiff_shared(
        SIDE, SIDE, 5, lzw_zeros(1000), SIDE), "asset-damaged"
    yield "one strip of 1.6 GB", lambda: tiff_shared(
        SIDE, SIDE, 8, zeros_packed(1000), SIDE, bits=16, channels=4), ENDS
    yield "tiles at the limit that share their bytes", lambda: tiff_shared(
        SIDE, SIDE, 8, zeros_packed(3 << 16), tile=256), ENDS, True
    yield "tiles of 16", lambda: tiff_shared(
        8000, 8000, 8, zeros_packed(768), tile=16), ENDS, True
    yield "one tile of 65,536 x 65,536", lambda: tiff_shared(
        100, 100, 8, zeros_packed(1000), tile=65536), ENDS
    yield "one tile of 20,000 x 20,000 for 100 x 100", lambda: tiff_shared(
        100, 100, 8, zeros_packed(20000 * 20000 * 3), tile=20000), ENDS
    yield "ten million strips", lambda: tiff_shared(
        64, 64, 1, bytes(192), n=10 ** 7), ENDS, True
    yield "rows per strip 2^32-1", lambda: tiff_shared(
        64, 64, 1, bytes(64 * 64 * 3), 64, more=[(278, 4, 1, 2 ** 32 - 1)]), ENDS
    yield "strips of 2^31 bytes", lambda: tiff_shared(
        64, 64, 1, bytes(192), lengths=2 ** 31), "asset-truncated"
    yield "strips over each other and over the folder", lambda: tiff_shared(
        64, 64, 1, bytes(192), n=64, lengths=700), ENDS
    yield "a folder of 65,535 entries", lambda: plain[:4] + struct.pack("<I", len(plain)) + plain[
        8:] + struct.pack("<H", 65535) + struct.pack("<HHII", 65000, 4, 1, 0) * 65535 + bytes(
            4), "asset-truncated"
    yield "a folder of 1,000 values of a megabyte", lambda: tiff_shared(
        64, 64, 1, bytes(64 * 64 * 3), 64, more=[
            (i, 1, 10000, 8) for i in range(40000, 40900)]), ENDS
    yield "a folder that leads to itself", lambda: plain[:-4] + plain[4:8], ENDS
    yield "two folders in a circle", lambda: plain[:-4] + struct.pack(
        "<I", len(plain)) + plain[struct.unpack_from("<I", plain, 4)[0]:], ENDS
    yield "a million folders in each other's bytes", lambda: tiff_shared(
        64, 64, 1, bytes(192), n=64, more=[(330, 4, 60000, 8)]), ENDS
    yield "a first folder at byte 2", lambda: plain[:4] + struct.pack(
        "<I", 2) + plain[8:], "asset-truncated"
    yield "a profile of 2^32-1 bytes", lambda: tiff_shared(
        64, 64, 1, bytes(64 * 64 * 3), 64, more=[(34675, 7, 2 ** 32 - 1, 8)]), "asset-truncated"
    yield "EXIF folders that lead to each other", lambda: tiff_shared(
        64, 64, 1, bytes(64 * 64 * 3), 64, more=[(34665, 4, 1, 8 + 64 * 64 * 3 + 14)]), ENDS
    yield "BigTIFF", lambda: b"II\x2B\0\x08\0\0\0" + bytes(64), ENDS
    yield "old JPEG in TIFF", lambda: tiff_shared(64, 64, 6, bytes(192)), "asset-type"
    yield "JPEG in TIFF", lambda: tiff_shared(64, 64, 7, bytes(192)), "asset-type"
    yield "predictor of nothing", lambda: tiff_shared(
        64, 64, 8, zeros_packed(192), more=[(317, 3, 1, 65535)]), ENDS
    yield "planes of which there is one", lambda: tiff_shared(
        64, 64, 8, zeros_packed(192), more=[(284, 3, 1, 2)]), ENDS


# ---- profiles, in a TIFF, which takes any ----

def icc_profile(tags, size=None, space=b"RGB ", kind=b"mntr"):
    """tags: (signature, bytes or (offset, length)); bytes are put in place."""
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        if isinstance(data, tuple):
            table += name + struct.pack(">II", *data)
            continue
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I", size or at + len(body)) + b"\0\0\0\0\x02\x40\0\0" + kind + space
    head += b"XYZ " + bytes(12) + b"acsp" + bytes(28) + struct.pack(">III", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + body


def profile_bombs():
    xyz = b"XYZ \0\0\0\0" + struct.pack(">III", 0x6000, 0x4000, 0x2000)
    curve = b"curv\0\0\0\0"
    description = b"desc\0\0\0\0\0\0\0\1\0" + bytes(78)

    def matrix(red):
        return [(b"rXYZ", xyz), (b"gXYZ", xyz), (b"bXYZ", xyz), (b"wtpt", xyz), (b"rTRC", red),
                (b"gTRC", red), (b"bTRC", red), (b"desc", description), (b"cprt", description)]

    def table(inputs, outputs, points, entries, body=b""):
        return (b"mft2\0\0\0\0" + bytes((inputs, outputs, points, 0)) + struct.pack(
            ">9I", *[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x10000]) + struct.pack(
                ">HH", entries, entries) + body)

    def carry(data, channels=3):
        return lambda: make.tiff([[(9, 99, 199)] * 16] * 16, icc=data)
    mluc = b"mluc\0\0\0\0" + struct.pack(">II", 0x10000000, 12) + bytes(4000)
    full = b"mluc\0\0\0\0" + struct.pack(">II", 40000, 12) + struct.pack(
        ">HHII", 0x656E, 0x5553, 480016, 60000) * 40000 + bytes(60000)
    yield "a profile of 4 MiB of one curve", carry(icc_profile(matrix(
        curve + struct.pack(">I", 65535) + bytes(131070)) + [
            (b"A2B0", bytes((4 << 20) - 500000))])), ENDS
    yield "a profile of more than 4 MiB", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233)) + [(b"xxxx", bytes(5 << 20))])), ENDS
    yield "a profile with a curve of 2^32-1 points", carry(icc_profile(matrix(
        curve + b"\xFF\xFF\xFF\xFF" + bytes(64)))), ENDS
    yield "a profile with a table of 16 channels", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233)) + [
            (b"A2B0", table(16, 3, 16, 2, bytes(40000)))])), ENDS
    yield "a profile with a table of 3 channels and 255 points", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233)) + [
            (b"A2B0", table(3, 3, 255, 4096, bytes(40000)))])), ENDS
    yield "a profile with a table of 85 points, whole", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233)) + [(b"A2B0", table(
            3, 3, 85, 2, bytes(12 + 85 ** 3 * 6 + 12)))])), ENDS
    yield "a profile with names in 2^28 languages", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233))[:-2] + [(b"desc", mluc), (b"cprt", mluc)])), ENDS
    yield "a profile with one name in 40,000 languages", carry(icc_profile(matrix(
        curve + struct.pack(">IH", 1, 0x233))[:-2] + [(b"desc", full), (b"cprt", full)])), ENDS
    yield "a profile whose 100 tags are the same bytes", carry(icc_profile(
        matrix(curve + struct.pack(">IH", 1, 0x233)) + [
            (b"x%03d" % i, (132, 1000)) for i in range(90)])), ENDS
    yield "a profile of 2^32-1 tags", carry(icc_profile([])[:128] + b"\xFF" * 4 + bytes(500)), ENDS
    yield "a profile of parametric curves that overflow", carry(icc_profile(matrix(
        b"para\0\0\0\0\0\4\0\0" + b"\x7F\xFF\xFF\xFF" * 7))), ENDS
