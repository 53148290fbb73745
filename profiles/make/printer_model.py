#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Photo printers that never existed, as spectra: what a chart would measure on them.

Reads a .ti1 of Argyll's targen (RGB patches), writes a .ti3 with the reflectance of each patch from
380 to 730 nm. The physics is simple and whole: tone curve, dye amount, spectral density, paper, surface.

    dyesub-gloss     continuous tone: densities of three dyes add up (Beer-Lambert) on bright paper
    inkjet-…         halftone: eight Neugebauer primaries by Demichel's shares, Yule-Nielsen n = 1.8;
                     gloss, lustre and matte differ in paper, ink density, dot gain and surface
"""

import math
import sys

BANDS = range(380, 731, 10)


def bump(nm, peak, left, right):
    """A dye's absorption: a bell with two widths, as real dyes are skewed."""
    width = left if nm < peak else right
    return math.exp(-0.5 * ((nm - peak) / width) ** 2)


def dye(lobes):
    return [sum(h * bump(nm, p, l, r) for p, l, r, h in lobes) for nm in BANDS]


def paper(top, blue_fall, glow):
    """Reflectance of bare paper: falls off in the violet, with a brightener's glow at 440 nm."""
    return [
        top / (1.0 + math.exp(-(nm - 398.0) / blue_fall)) + glow * bump(nm, 440.0, 14.0, 22.0)
        for nm in BANDS
    ]


PRINTERS = {
    "dyesub-gloss": {
        # peak, width to the left and right, height; unwanted absorptions included
        "dyes": [
            dye([(655.0, 62.0, 44.0, 1.0), (420.0, 40.0, 60.0, 0.10), (590.0, 36.0, 36.0, 0.22)]),
            dye([(546.0, 40.0, 28.0, 1.0), (510.0, 30.0, 30.0, 0.24), (400.0, 40.0, 40.0, 0.16)]),
            dye([(446.0, 38.0, 36.0, 1.0), (400.0, 30.0, 40.0, 0.30)]),
        ],
        "paper": paper(0.90, 7.0, 0.045),
        "dmax": [2.45, 1.90, 1.98],
        "tone": [1.80, 2.10, 1.94],
        "knee": 0.10,
        "surface": 0.0045,
    },
    "inkjet-lustre": {
        "dyes": [
            dye([(640.0, 58.0, 48.0, 1.0), (600.0, 30.0, 40.0, 0.30), (410.0, 36.0, 50.0, 0.14)]),
            dye([(552.0, 36.0, 26.0, 1.0), (520.0, 26.0, 30.0, 0.40), (420.0, 40.0, 50.0, 0.12)]),
            dye([(440.0, 44.0, 42.0, 1.0)]),
        ],
        "paper": paper(0.87, 8.5, 0.060),
        "dmax": [1.95, 1.52, 1.65],
        "tone": [1.02, 1.34, 1.12],
        "knee": 0.0,
        "gain": 0.16,
        "surface": 0.0080,
    },
}
PRINTERS["inkjet-gloss"] = PRINTERS["inkjet-lustre"] | {
    "paper": paper(0.89, 8.0, 0.070),
    "dmax": [2.15, 1.70, 1.85],
    "gain": 0.14,
    "surface": 0.0050,
}
PRINTERS["inkjet-matte"] = PRINTERS["inkjet-lustre"] | {
    "paper": paper(0.86, 9.0, 0.020),
    "dmax": [1.45, 1.15, 1.25],
    "gain": 0.20,
    "surface": 0.0160,
}


def amounts(model, rgb):
    """How much of each dye: the firmware's tone curve; a knee where the head saturates."""
    out = []
    for value, tone in zip(rgb, model["tone"]):
        want = 1.0 - value
        amount = want**tone
        out.append(amount * (1.0 + model["knee"]) / (1.0 + model["knee"] * amount))
    return out


def layer(model, dyes):
    density = [
        sum(a * d * shape[i] for a, d, shape in zip(dyes, model["dmax"], model["dyes"]))
        for i in range(len(BANDS))
    ]
    return [p * 10.0**-d for p, d in zip(model["paper"], density)]


def continuous(model, rgb):
    return layer(model, amounts(model, rgb))


def halftone(model, rgb):
    cover = []
    for a in amounts(model, rgb):
        cover.append(min(1.0, a + 4.0 * model["gain"] * a * (1.0 - a)))  # dots spread
    n = 1.8  # light scatters sideways in the paper
    total = [0.0] * len(BANDS)
    for corner in range(8):
        on = [float(corner >> k & 1) for k in range(3)]
        share = math.prod(c if o else 1.0 - c for c, o in zip(cover, on))
        for i, reflectance in enumerate(layer(model, on)):
            total[i] += share * reflectance ** (1.0 / n)
    return [t**n for t in total]


def measure(name, rgb):
    model = PRINTERS[name]
    ink = halftone(model, rgb) if "gain" in model else continuous(model, rgb)
    s = model["surface"]  # the air-paper surface mirrors a little of everything
    return [s + (1.0 - s) * r for r in ink]


def read_patches(path):
    """RGB percents of the first table of a .ti1."""
    fields, rows, inside = [], [], ""
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[:1] and words[0] in ("BEGIN_DATA_FORMAT", "BEGIN_DATA"):
                inside = words[0]
            elif words[:1] and words[0] in ("END_DATA_FORMAT", "END_DATA"):
                if words[0] == "END_DATA":
                    break
                inside = ""
            elif inside == "BEGIN_DATA_FORMAT":
                fields += words
            elif inside == "BEGIN_DATA" and words:
                rows.append(words)
    at = [fields.index(f"RGB_{c}") for c in "RGB"]
    return [[float(row[k]) for k in at] for row in rows]


def write_ti3(name, patches, out):
    spectral = [f"SPEC_{nm}" for nm in BANDS]
    out.write("CTI3\n\n")
    out.write(f'DESCRIPTOR "Synthetic measurement of {name}"\nORIGINATOR "platen printer_model"\n')
    out.write('DEVICE_CLASS "OUTPUT"\nCOLOR_REP "RGB_XYZ"\n')
    out.write(f'SPECTRAL_BANDS "{len(spectral)}"\n')
    out.write(f'SPECTRAL_START_NM "{BANDS[0]}.0"\nSPECTRAL_END_NM "{BANDS[-1]}.0"\n\n')
    fields = ["SAMPLE_ID", "RGB_R", "RGB_G", "RGB_B", "XYZ_X", "XYZ_Y", "XYZ_Z"] + spectral
    out.write(f"NUMBER_OF_FIELDS {len(fields)}\nBEGIN_DATA_FORMAT\n{' '.join(fields)}\n")
    out.write(f"END_DATA_FORMAT\n\nNUMBER_OF_SETS {len(patches)}\nBEGIN_DATA\n")
    for number, rgb in enumerate(patches, 1):
        spectrum = measure(name, [c / 100.0 for c in rgb])
        figures = rgb + [0.0, 0.0, 0.0] + [100.0 * r for r in spectrum]
        out.write(f"{number} " + " ".join(f"{v:.4f}" for v in figures) + "\n")
    out.write("END_DATA\n")


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in PRINTERS:
        sys.exit(f"usage: printer_model.py {'|'.join(PRINTERS)} chart.ti1 measured.ti3")
    with open(sys.argv[3], "w", encoding="ascii") as out:
        write_ti3(sys.argv[1], read_patches(sys.argv[2]), out)


if __name__ == "__main__":
    main()
