#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A minilab's own computer: takes what has a ticket out of its folder, prints it, removes both. minilab.py FOLDER OUT

A print is a file OUT/N_KEY_copy-C, so that prints are counted by counting files."""
import os
import re
import sys
import time


def fields(path):
    with open(path, encoding="ascii") as ticket:
        return dict(line.strip().split("=", 1) for line in ticket if "=" in line)


def take(folder, out, name, number):
    ticket = os.path.join(folder, name)
    says = fields(ticket)
    picture = os.path.join(folder, says["File"])
    with open(picture, "rb") as file:
        pixels = file.read()
    key = re.fullmatch(r"platen-(.*)\.txt", name).group(1).replace("=", ":")
    for copy in range(int(says["Copies"])):
        temp = os.path.join(out, ".print")
        with open(temp, "wb") as file:
            file.write(pixels)
        os.rename(temp, os.path.join(out, "%06d_%s_copy-%d.jpg" % (number, key, copy + 1)))
        number += 1
    for path in (ticket, picture):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass  # taken back meanwhile; it was printed all the same
    return number


def listing(folder):
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []  # its share was taken away


def main():
    folder, out = sys.argv[1:3]
    number = len(os.listdir(out)) + 1
    while os.getppid() != 1:
        for name in listing(folder):
            if name.startswith("platen-") and name.endswith(".txt"):
                try:
                    number = take(folder, out, name, number)
                except FileNotFoundError:
                    pass  # taken back before it was read
        time.sleep(0.01)


if __name__ == "__main__":
    main()
