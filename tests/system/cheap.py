# SPDX-License-Identifier: Apache-2.0
"""A floor over many cheap IPP printers (ipp_printers.py), and the words to change what they say."""
import json
import os
import subprocess
import sys
import time

import lab

HERE = os.path.dirname(os.path.abspath(__file__))


class Cheap:
    model, exclusive = "photo-ipp", False

    def __init__(self, name, folder, at, port):
        self.name, self.path, self.port, self.said = name, os.path.join(folder, f"{at}.json"), port, {}

    def uri(self):
        return f"ipp://localhost:{self.port}/ipp/print"

    def say(self, **what):
        """From its next answer on."""
        self.said.update(what)
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.said, file)
        os.rename(self.path + ".new", self.path)


class Printers:
    def __init__(self, folder, n, frozen=0):
        os.makedirs(folder)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "ipp_printers.py"), folder, str(n), str(frozen)],
            stdout=subprocess.PIPE)
        ports = json.loads(self.process.stdout.readline())
        self.all = [Cheap(f"H{at + 1}", folder, at, port) for at, port in enumerate(ports)]

    def end(self):
        """The times at which each was asked."""
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        try:
            with open(os.path.join(self.folder, "asked.json"), encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return []


class Floor(lab.Lab):
    """IPP printers by ippeveprinter as in the demo, and cheap ones beside them."""
    cheap = None

    def begin(self, n, frozen=0):
        self.start_printers()
        self.cheap = Printers(os.path.join(self.run, "cheap"), n, frozen)
        self.printers += self.cheap.all
        self.start_platend(cloud=False)

    def wait_for_states(self, idle, offline, seconds=90):
        def reached():
            rows = (self.platenctl("printers") or {"printers": []})["printers"]
            states = [row["state"] for row in rows]
            return states.count("idle") == idle and states.count("offline") == offline
        end = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > end:
                raise RuntimeError("the printers are not in their states")
            time.sleep(1)

    def stop(self):
        super().stop()
        if self.cheap:
            return self.cheap.end()
        return []
