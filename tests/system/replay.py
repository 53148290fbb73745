#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a real ippeveprinter says, with an empty tray and while it is away, is recorded; then a floor whose printer is that
recording sees the same history. Recording that printer, too, gives the same lines."""
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import tap

tap.need("ippeveprinter")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "desk"))
import printers
import realfloor
from realfloor import RealFloor, until

PAPER = "na_index-4x6_4x6in:10160:15240:photographic-glossy"


class Crew:
    """ippeveprinter alone."""

    def __init__(self):
        self.process = None

    def start(self, name, argv, env):
        self.process = subprocess.Popen(argv, env={**os.environ, **env}, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def check(self):
        assert self.process.poll() is None, "ippeveprinter ended"


def fill_tray(device, sheets):
    urllib.request.urlopen("http://localhost:%d/media?size0=na_index-4x6_4x6in&type0=photographic-glossy&level0=%d"
                           % (device.port, sheets), timeout=10).read()


def record(floor, name, file, seconds):
    words = [realfloor.BUILD + "/platenctl", "--socket", floor.socket, "printer", name, "record", file, "--for", "%ds" % seconds]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def add_printer(floor, name, model, uri):
    floor.stop()
    with open(floor.folder + "/platen.conf", "a") as conf:
        conf.write('printer %s { model = "%s" uri = "%s" poll = "500 ms" }\n' % (name, model, uri))
    floor.start()
    until(lambda: next(one for one in floor.get("/v1/printers")["printers"] if one["name"] == name)["state"] != "unknown")


def lines_of(file):
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def history(file):
    """What was said, in its order, without the times."""
    told = []
    for line in lines_of(file)[1:-1]:
        line.pop("at_ms")
        line.get("status", {}).pop("up_time_s", None)
        told.append(line)
    return told


def take_down(t, floor, folder, crew):
    device = printers.IppPrinter(crew, folder, "P1", "photo-ipp", [PAPER], printers.build_noavahi(folder))
    device.start()
    device.wait()
    fill_tray(device, 100)
    add_printer(floor, "P1", "photo-ipp", device.uri())
    file = folder + "/P1.ndjson"
    recorder = record(floor, "P1", file, 60)
    time.sleep(3)
    fill_tray(device, 0)
    time.sleep(2.5)
    fill_tray(device, 100)
    time.sleep(2.5)
    crew.stop()
    time.sleep(2.5)
    recorder.send_signal(signal.SIGINT)
    said = recorder.communicate(timeout=10)[0]
    lines = lines_of(file)
    t.ok(recorder.returncode == 0 and lines[0]["platen_recording"] == 1 and lines[0]["printer"] == "P1" and
         lines[-1]["end"], "a recording that is ended by hand is whole", (said, lines[-1:]))
    told = history(file)
    words = [",".join(line["status"]["reasons"]) if "status" in line else line["err"]["code"] for line in told]
    words = [word for n, word in enumerate(words) if n == 0 or word != words[n - 1]]  # a tray's level may change by itself
    t.ok(len(words) == 4 and "media-empty" in words[1] and words[0] == words[2] == "" and words[3] == "printer-absent",
         "it says that the tray was empty, then filled, then that the printer was away", words)
    again = floor.ctl("printer", "P1", "record", file)
    t.ok(again.returncode == 73 and "is there already" in again.stderr, "no recording is written over", again)
    unknown = floor.ctl("printer", "P9", "record", folder + "/P9")
    t.ok(unknown.returncode == 66 and not os.path.exists(folder + "/P9"), "of no printer there is none", unknown)
    return file, told


def play(t, floor, folder, file, told):
    add_printer(floor, "R1", "recorded", "replay:" + file)
    copy = folder + "/R1.ndjson"
    recorder = record(floor, "R1", copy, 12)
    shown = until(lambda: next((one for one in floor.get("/v1/printers")["printers"] if one["name"] == "R1" and
                                one["conditions"]), None), 12)
    t.ok(shown["state"] == "needs_you" and "media-empty" in shown["conditions"][0]["keyword"],
         "a floor shows what the recording says, in its words", shown)
    recorder.wait(30)
    again = history(copy)
    t.ok(again[:len(told)] == told, "played again, it is the same history",
         [line.get("status", {}).get("reasons", line.get("err")) for line in again])


def refuse(t, floor, folder):
    bad = folder + "/bad.ndjson"
    with open(bad, "w") as file:
        file.write('{"platen_recording":1,"printer":"P1"}\n{"at_ms":0,"status":{}}\n')
    add_printer(floor, "B1", "recorded", "replay:" + bad)
    shown = next(one for one in floor.get("/v1/printers")["printers"] if one["name"] == "B1")
    t.ok(shown["state"] == "needs_you" and "line 2" in shown["fault"], "a file that is none is named by its line", shown["fault"])


def test(t, folder):
    floor, crew = RealFloor(own_profiles=True), Crew()
    try:
        with open(realfloor.SRC + "/profiles/models/photo-ipp.conf") as model:
            text = model.read().replace("driver = ipp", "driver = replay")
        with open(floor.folder + "/profiles/models/recorded.conf", "w") as model:
            model.write(text)
        file, told = take_down(t, floor, folder, crew)
        play(t, floor, folder, file, told)
        refuse(t, floor, folder)
    finally:
        crew.stop()
        status = floor.close()
    t.ok(status == 0, "the floor ends in order", status)


tap.run(test)
