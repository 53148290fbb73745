#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the printers received, held against what was ordered: every document of the right size to the
pixel, the orientation mark in the right place for all eight EXIF orientations, and patches of known
colour within a CIEDE2000 of 1.0 of the answer that ArgyllCMS gives for the same profiles."""
import os
import re

import tap
import documents
import judge
import lab

INTENTS = {"perceptual": "p", "relative": "r", "saturation": "s", "absolute": "a"}
PROFILES = os.path.join(tap.ROOT, "profiles")
LIMIT = 1.0


def read_conf(kind, name):
    """The plain keys of one file in profiles/, and its sections as {"media NAME": text}."""
    with open(os.path.join(PROFILES, kind, name + ".conf"), encoding="utf-8") as file:
        text = file.read()
    sections = {f"{a} {b}": body for a, b, body in re.findall(r"^(\w+) (\S+) \{([^}]*)\}", text, re.M)}
    return dict(re.findall(r'^(\w+) = "?([^"\n]*?)"?$', text, re.M)), sections


def pixels(length, dpi):
    number, unit = length.split() if " " in length else (length, "mm")
    return round(float(number) * (1 if unit == "in" else 1 / 25.4) * dpi)


class Sheet:
    """The size of a raster and the box of the picture in it, from the product and the media alone."""

    def __init__(self, sku, dpi):
        product, _ = read_conf("products", sku)
        media_name = product["media"].strip("{ }").split(",")[0].strip()
        media, _ = read_conf("media", media_name)
        self.media, self.intent = media_name, INTENTS[product.get("intent", "perceptual")]
        self.size = [pixels(media[key], dpi) for key in ("width", "height")]
        grow = pixels(product.get("bleed", "0"), dpi) if "border" not in product else -pixels(product["border"], dpi)
        self.box = []
        for sheet, key in zip(self.size, ("width", "height")):
            trim = pixels(product[key], dpi)
            start, end = (sheet - trim) // 2 - grow, (sheet - trim) // 2 + trim + grow
            self.box.append((max(0, start), min(sheet, end) - max(0, start)))

    def place(self, photo, x, y):
        """Where a point of the upright picture lies on the sheet: filled, centred, and turned a quarter
        clockwise when the picture lies and the box stands."""
        width, height = photo["width"], photo["height"]
        (left, box_width), (top, box_height) = self.box
        if (width > height) != (box_width > box_height) and width != height and box_width != box_height:
            x, y, width, height = height - y, x, height, width
        scale = max(box_width / width, box_height / height)
        return (round(left + box_width / 2 + (x - width / 2) * scale),
                round(top + box_height / 2 + (y - height / 2) * scale), scale)


def middle(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def luminance(rgb):
    return 0.3 * rgb[0] + 0.6 * rgb[1] + 0.1 * rgb[2]


def sample(document, sheet, photo, box):
    x, y, scale = sheet.place(photo, *middle(box))
    return documents.mean_of(document, x, y, max(2, round(box[2] * scale / 6)))


def profile_of(printer_model, media):
    _, sections = read_conf("models", printer_model)
    name = re.search(r'profile = "?([^"\s]+)', sections["media " + media]).group(1)
    return os.path.join(PROFILES, "icc", name)


def check_one(floor, row, faults):
    """Adds what is wrong with one document; returns the patch differences."""
    job, photo = row["plan"], row["plan"]["pages"][row["page"]]
    name = f"{row['printer']} {job['sku']} {photo['file']}"
    sheet = Sheet(job["sku"], 300)
    document = documents.read_document(row["path"])
    if list(document[:2]) != sheet.size:
        faults["size"].append(f"{name}: {document[0]} x {document[1]}, not {sheet.size[0]} x {sheet.size[1]}")
        return []
    mark = luminance(sample(document, sheet, photo, photo["mark"]))
    dark = [luminance(sample(document, sheet, photo, box)) for box in photo["dark"]]
    if mark < 200 or max(dark) > 110:
        faults["mark"].append(f"{name}: mark {mark:.0f}, the others {[round(v) for v in dark]}")
        return []
    printer_profile = profile_of(floor.model_of(row["printer"]), sheet.media)
    source = os.path.join(floor.photo_folder, photo["space"] + ".icc")
    wanted = documents.expected_device([p["rgb"] for p in photo["patches"]], source, printer_profile, sheet.intent)
    got = [sample(document, sheet, photo, p["box"]) for p in photo["patches"]]
    labs = documents.printed_lab(wanted + got, printer_profile)
    differences = [documents.ciede2000(a, b) for a, b in zip(labs[:len(got)], labs[len(got):])]
    for patch, want, have, difference in zip(photo["patches"], wanted, got, differences):
        if difference > LIMIT:
            faults["colour"].append(f"{name}: patch {patch['rgb']}: {difference:.2f}, "
                                    f"sent {[round(v) for v in have]}, expected {[round(v) for v in want]}")
    return differences


def test(t, folder):
    floor = lab.Lab(folder, jobs=24, copies=1)
    try:
        floor.make_photos()
        floor.start_world()
        floor.seed()
        floor.start_platend()
        judge.wait_until_over(floor, 120)
        rows = judge.documents(floor)
    finally:
        floor.stop()
    t.ok(len(rows) == floor.sheets, "as many documents arrived as sheets were ordered",
         f"{len(rows)} of {floor.sheets}")
    seen = {row["plan"]["pages"][row["page"]]["orientation"] for row in rows}
    t.ok(seen == set(range(1, 9)), "all eight EXIF orientations are among them", seen)
    faults, differences = {"size": [], "mark": [], "colour": []}, []
    for row in rows:
        differences += check_one(floor, row, faults)
    t.ok(not faults["size"], "every document has its size to the pixel", "\n".join(faults["size"]))
    t.ok(not faults["mark"], "the orientation mark is in the right corner", "\n".join(faults["mark"]))
    t.ok(len(differences) >= 4 * len(rows) and not faults["colour"],
         f"patches are within {LIMIT} of ArgyllCMS's answer", "\n".join(faults["colour"]))
    if differences:
        tap.note(f"{len(differences)} patches: mean {sum(differences) / len(differences):.2f}, "
                 f"greatest {max(differences):.2f}")


tap.need("ippeveprinter", "xicclu", "cctiff", "djpeg", "vips")
tap.run(test)
