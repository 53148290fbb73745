# SPDX-License-Identifier: Apache-2.0
"""System tests with emulated USB devices (docs/usb-rig.md). The whole test runs inside the rig, with its
platend, service and printers: enter() starts it again in there. Everything else is as on any floor."""
import os
import random
import socket
import struct
import sys
import time
import zlib

import tap
import lab
import procs
import trouble

PROGRAM = os.path.join(lab.BUILD, "tests", "rig", "usbrig")
CONTROL = "PLATEN_USBRIG"
REPORT_MAX = 1 << 20


def enter(*plugs, scatter_gather=True):
    """The rig around this process: devices 1, 2, … are plugged in as said ("sink serial=A1"). Call it first
    of all: outside of a rig it does not return, but runs the program again inside, or skips it."""
    if CONTROL in os.environ:
        return Rig(os.environ[CONTROL])
    if not os.access(PROGRAM, os.X_OK):
        tap.skip(f"{PROGRAM} is not built")
    words = [PROGRAM] + ([] if scatter_gather else ["--no-sg"])
    for plug in plugs:
        words += ["--plug", plug]
    sys.stdout.flush()
    os.execv(PROGRAM, words + ["--", sys.executable, *sys.argv])


class Rig:
    """What happens at the machines; a device is known by its number."""

    def __init__(self, path):
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.connect(path)

    def say(self, *words):
        """The report, or "". Raises RuntimeError with the rig's reason."""
        line = " ".join(str(word) for word in words)
        self.line.send(line.encode())
        answer = self.line.recv(REPORT_MAX).decode()
        if answer != "ok" and not answer.startswith("ok\n"):
            raise RuntimeError(f"{line}: {answer}")
        return answer[3:]

    def make(self, number, model, **arguments):
        """A new device of that number, plugged in; what was of that number before is forgotten."""
        self.say("plug", number, model, *(f"{key}={value}" for key, value in arguments.items()))

    def plug(self, number):
        self.say("plug", number)

    def unplug(self, number):
        self.say("unplug", number)

    def move(self, number, port):
        self.say("port", number, port)

    def tell(self, number, words):
        """The model's own words: "jam"."""
        self.say("dev", number, words)

    def cut(self, number, after_bytes):
        self.say("cut", number, after_bytes)

    def slow(self, number, bytes_per_s):
        """0: as fast as it takes them."""
        self.say("slow", number, bytes_per_s)

    def report(self, number):
        """What the device did, line by line."""
        return self.say("report", number).splitlines()

    def figures(self, number):
        """Of a report whose lines are KEY=VALUE."""
        return dict(line.split("=", 1) for line in self.report(number) if "=" in line)


def noise(seed, width=400, height=600):
    """A picture that no page format makes small: there is time to do something in the middle of it."""
    chance = random.Random(seed)
    rows = b"".join(b"\0" + chance.randbytes(width * 3) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Printer:
    """A printer on USB, as demo/conf.py writes it into the configuration."""
    exclusive = True

    def __init__(self, name, model, uri):
        self.name, self.model, self.address = name, model, uri

    def uri(self):
        return self.address

    def received(self):
        return []  # the rig's report says it


class Floor(trouble.Floor):
    """A floor with one printer on USB, whose model has some keys of its own (print_time)."""
    patience_s = 15

    def __init__(self, folder, rig, printer, **keys):
        super().__init__(folder, jobs=0, ipp={}, fakes={}, poll="500 ms")
        self.rig, self.printers = rig, [printer]
        self.root = self.quick_profiles(printer.model, keys)

    def row(self):
        return ((self.platenctl("printers") or {}).get("printers") or [{}])[0]

    def says(self, *words):
        return all(word in self.row().get("fault", "") for word in words)

    def submit(self, picture, copies=1, product="4x6-glossy"):
        path = self.file("submitted.png", picture)
        made = self.platenctl("submit", path, "--product", product, "--copies", str(copies))
        return ((made or {}).get("jobs") or [{}])[0].get("id")

    def stage(self, job):
        return (self.platenctl("job", job) or {}).get("stage")

    def figure(self, name):
        return int(self.rig.figures(1)[name])

    def printed(self, job, seconds=30):
        return self.until(lambda: self.stage(job) in ("printed", "reported"), seconds) is not None

    def workers(self):
        return [pid for pid, line in procs.children_of(self.crew.running["platend"].pid) if "worker device" in line]

    def until(self, holds, seconds=None):
        """How long that took, in seconds; None when it did not come."""
        seconds = self.patience_s if seconds is None else seconds
        start = time.monotonic()
        while not holds():
            if time.monotonic() > start + seconds:
                return None
            time.sleep(0.05)
        return time.monotonic() - start
