# SPDX-License-Identifier: Apache-2.0
"""System tests with emulated USB devices (docs/usb-rig.md). The whole test runs inside the rig, with its
platend, service and printers: enter() starts it again in there. Everything else is as on any floor."""
import os
import socket
import sys

import tap

BUILD = os.environ.get("PLATEN_BUILD", os.path.join(tap.ROOT, "build"))
PROGRAM = os.path.join(BUILD, "tests", "rig", "usbrig")
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

    def swap(self, one, other, ports):
        """Two devices, each at the other one's port."""
        for number in (one, other):
            self.unplug(number)
        for number, port in zip((one, other), reversed(ports)):
            self.move(number, port)
            self.plug(number)

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
