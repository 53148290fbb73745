# SPDX-License-Identifier: Apache-2.0
"""Writes the attribute file of a photo printer for ippeveprinter -a: what it is and which papers lie
in its trays. personality.py MODEL PAPER... > FILE, a paper as SIZE-NAME:WIDTH:HEIGHT:TYPE with the
lengths in hundredths of a millimetre, e.g. na_index-4x6_4x6in:10160:15240:photographic-glossy; of a
roll the height is a range: roll_max_24x118in:60960:20000-299720:photographic-semi-gloss."""
import sys


def quoted(words):
    return ",".join(f'"{word}"' for word in words)


def collections(name, rows):
    body = "},{\n".join(rows)
    return f"ATTR collection {name} {{\n{body}}}\n"


def side_of(length):
    return f"rangeOfInteger y-dimension {length}" if "-" in length else f"integer y-dimension {length}"


def size_of(paper, indent="    "):
    return (f"{indent}MEMBER collection media-size {{\n"
            f"{indent}    MEMBER integer x-dimension {paper['width']}\n"
            f"{indent}    MEMBER {side_of(paper['height'])}\n{indent}}}\n")


def media_col(paper):
    margins = "".join(f"    MEMBER integer media-{side}-margin 0\n" for side in ("bottom", "left", "right", "top"))
    return (f"    MEMBER keyword media-key \"{paper['size']}_{paper['source']}_{paper['type']}_borderless\"\n"
            + size_of(paper) + f"    MEMBER keyword media-size-name \"{paper['size']}\"\n" + margins
            + f"    MEMBER keyword media-source \"{paper['source']}\"\n"
            + f"    MEMBER keyword media-type \"{paper['type']}\"\n")


def size_only(paper):
    return size_of(paper).replace("    MEMBER collection media-size {\n", "", 1).replace("\n    }\n", "\n")


def read_paper(index, text):
    size, width, height, kind = text.split(":")
    return {"size": size, "width": int(width), "height": height, "type": kind, "source": f"tray-{index + 1}"}


def main():
    model = sys.argv[1]
    papers = [read_paper(i, text) for i, text in enumerate(sys.argv[2:])]
    trays = [f"type=sheetFeedAutoRemovableTray;mediafeed={p['height'].split('-')[-1]};mediaxfeed={p['width']};"
             f"maxcapacity=100;level=100;status=0;name={p['source']}" for p in papers]
    attributes = {
        "textWithoutLanguage printer-make-and-model": f'"{model}"',
        "textWithoutLanguage printer-device-id": f'"MFG:Platen;MDL:{model};CMD:JPEG,PWG;"',
        "mimeMediaType document-format-supported":
            quoted(["application/octet-stream", "image/jpeg", "image/pwg-raster"]),
        "boolean color-supported": "true",
        "integer copies-default": "1",
        "rangeOfInteger copies-supported": "1-99",
        "keyword media-supported": quoted(dict.fromkeys(p["size"] for p in papers)),
        "keyword media-ready": quoted(p["size"] for p in papers),
        "keyword media-default": quoted([papers[0]["size"]]),
        "keyword media-type-supported": quoted(dict.fromkeys(p["type"] for p in papers)),
        "keyword media-source-supported": quoted(p["source"] for p in papers),
        "integer media-bottom-margin-supported": "0",
        "integer media-left-margin-supported": "0",
        "integer media-right-margin-supported": "0",
        "integer media-top-margin-supported": "0",
        "keyword print-color-mode-supported": quoted(["color"]),
        "keyword print-color-mode-default": quoted(["color"]),
        "enum print-quality-supported": "4,5",
        "enum print-quality-default": "4",
        "integer pages-per-minute": "20",
        "integer pages-per-minute-color": "20",
        "resolution printer-resolution-supported": "300x300dpi",
        "resolution printer-resolution-default": "300x300dpi",
        "resolution pwg-raster-document-resolution-supported": "300x300dpi",
        "keyword pwg-raster-document-type-supported": quoted(["srgb_8"]),
        "keyword sides-supported": quoted(["one-sided"]),
        "keyword sides-default": quoted(["one-sided"]),
        "octetString printer-input-tray": quoted(trays),
    }
    for name, value in attributes.items():
        print(f"ATTR {name} {value}")
    print(collections("media-size-supported", [size_only(p) for p in papers]), end="")
    print(collections("media-col-database", [media_col(p) for p in papers]), end="")
    print(collections("media-col-ready", [media_col(p) for p in papers]), end="")
    print(collections("media-col-default", [media_col(papers[0])]), end="")


if __name__ == "__main__":
    main()
