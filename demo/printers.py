# SPDX-License-Identifier: Apache-2.0
"""The demo's printers. IPP ones are Debian's ippeveprinter, one process each, on a loopback port, with a
personality (papers) and a print command that counts what really came out; the dye-sub is platen's own
fake printer, a folder (docs/fake-printer.md)."""
import json
import os
import re
import shutil
import subprocess
import sys

import procs

HERE = os.path.dirname(os.path.abspath(__file__))


def build_noavahi(folder):
    """The preload that lets ippeveprinter start without D-Bus."""
    library = os.path.join(folder, "noavahi.so")
    source = os.path.join(HERE, "noavahi.c")
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(source):
        new = f"{library}.{os.getpid()}"  # whole or not there, whoever else makes it now
        subprocess.run(["gcc", "-shared", "-fPIC", "-O", "-o", new, source], check=True)
        os.rename(new, library)
    return library


def program():
    """ippeveprinter lies in sbin, which is not in everybody's path."""
    path = shutil.which("ippeveprinter", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise RuntimeError("ippeveprinter is missing: install the package cups-ipp-utils")
    return path


class IppPrinter:
    exclusive = False

    def __init__(self, crew, folder, name, model, papers, library, pause_ms=0):
        self.crew, self.name, self.model, self.papers, self.library = crew, name, model, papers, library
        self.pause_ms, self.called = pause_ms, name
        self.command = os.path.join(HERE, "print-command")
        self.home = os.path.join(folder, name)
        self.out = os.path.join(self.home, "received-documents")
        self.port = procs.free_port()

    def uri(self):
        return f"ipp://localhost:{self.port}/ipp/print"

    def start(self):
        for sub in ("keys", "spool", "received-documents"):
            os.makedirs(os.path.join(self.home, sub), exist_ok=True)
        attributes = os.path.join(self.home, "attributes")
        with open(attributes, "w", encoding="ascii") as file:
            subprocess.run([sys.executable, "-B", os.path.join(HERE, "personality.py"), "Photo 300", *self.papers],
                           stdout=file, check=True)
        if procs.accepts(self.port):
            raise RuntimeError(f"port {self.port} for printer {self.name} is taken by another program")
        # nothing but the preload differs from how a person would start it
        self.crew.start("printer-" + self.name,
                        [program(), "-r", "off", "-n", "localhost", "-p", str(self.port), "-v",
                         "-K", os.path.join(self.home, "keys"), "-d", os.path.join(self.home, "spool"),
                         "-a", attributes, "-c", self.command, self.called],
                        env={"LD_PRELOAD": self.library, "DEVICE_OUT": self.out,
                             "DEVICE_PAUSE_MS": str(self.pause_ms)})

    def wait(self):
        procs.wait_for(f"printer {self.name} listening", 10, lambda: procs.accepts(self.port), self.crew)

    def received(self):
        """One row per document that arrived, also for those that were cut off."""
        try:
            with open(os.path.join(self.out, "received"), encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.strip()]
        except OSError:
            return []


class FakePrinter:
    """Nothing runs: whoever drives it lets it print. `paper` is a line of its file "load"."""
    exclusive = True
    PRINT = re.compile(r"^(\d+)_(.+)_page-(\d+)_copy-(\d+)\.(pwg|jpg)$")

    def __init__(self, folder, name, model, paper):
        self.name, self.model = name, model
        self.home = os.path.join(folder, name)
        self.out = os.path.join(self.home, "out")
        os.makedirs(self.out)
        with open(os.path.join(self.home, "load"), "w", encoding="ascii") as file:
            file.write(paper + "\n")

    def uri(self):
        return "fake:" + self.home

    def received(self):
        """One row per print that fell out."""
        rows = []
        for name in sorted(os.listdir(self.out)):
            match = self.PRINT.match(name)
            if match:
                rows.append({"job": match.group(2), "page": int(match.group(3)) - 1, "copy": int(match.group(4)) - 1,
                             "sheets": 1, "whole": True, "file": name})
        return rows
