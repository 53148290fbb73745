#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sensors that lie, stall, send rubbish and vanish, over TCP and over a serial line: their figures go stale with a
reason and come back without a flood of questions, the others are read all the same, printing goes on, and what
was used is kept with every sheet. SENSORS_SHARE=1 measures what 32 sensors on 4 buses cost instead."""
import http.client
import json
import os
import socket
import struct
import subprocess
import time
import zlib

import tap
import lab
import modbus
import procs

PAPER = "na_index-4x6_4x6in photographic-glossy 10160 15240 600"
POLL = 0.2
CONF = """
sensor_bus hall { uri = "modbus-tcp://127.0.0.1:%d" poll = "200 ms" answer_within = "250 ms" }
sensor_bus line { uri = "modbus-rtu:%s?baud=115200" poll = "200 ms" answer_within = "250 ms" }
sensor warmth { bus = hall register = 0 scale = 0.1 measures = temperature low = -10 high = 60 with_sheets = yes
	pause_above = 32 stale_after = "1 s" }
sensor damp { bus = hall register = 1 type = uint16 scale = 0.1 measures = humidity low = 0 high = 100
	with_sheets = yes near = { D1 } stale_after = "1 s" }
sensor meter { bus = hall unit = 2 function = input register = 10 type = float32 order = swapped measures = energy
	low = 0 high = 1000000 rate_max = 60000 }
sensor nothing { bus = hall unit = 2 register = 500 measures = level low = 0 high = 100 }
sensor tank { bus = line unit = 5 register = 7 measures = level low = 0 high = 100 stale_after = "1 s" }
sensor lamp { bus = line unit = 6 register = 0 measures = lamp low = 0 high = 1 stale_after = "1 s" }
"""


def png(width, height):
    """A picture of stripes: quickly made, no two lines alike."""
    line = bytes((x * 3 & 255) ^ (c * 85) for x in range(width) for c in range(3))
    rows = b"".join(b"\0" + line[y % 64:] + line[:y % 64] for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Floor:
    def __init__(self, folder):
        self.units, self.lab = modbus.Units(), lab.Lab(folder, jobs=0, ipp={}, fakes={"D1": ("virtual-dyesub", PAPER)})
        self.tcp = modbus.TcpServer(self.units, procs.free_port())
        self.serial = modbus.SerialLine(self.units, os.path.join(folder, "tty"))
        self.lab.more_conf = CONF % (self.tcp.port, self.serial.path)
        self.photo = os.path.join(folder, "photo.png")
        with open(self.photo, "wb") as file:
            file.write(png(1200, 1800))
        self.units.put(1, 3, 0, 225, 480)
        self.units.put_float(2, 4, 10, 1234.5)
        self.units.put(5, 3, 7, 66)
        self.units.put(6, 3, 0, 1)

    def get(self, path):
        """As platenctl asks, without starting one each time."""
        door = http.client.HTTPConnection("localhost", timeout=10)
        door.sock = socket.socket(socket.AF_UNIX)
        try:
            door.sock.connect(self.lab.socket)
            door.request("GET", path)
            return json.load(door.getresponse())
        finally:
            door.close()

    def look(self, name):
        rows = self.get("/v1/sensors")["sensors"]
        return next((row for row in rows if row["name"] == name), {"state": "?", "say": "", "figure": None})

    def until(self, name, state, seconds=5):
        """Waits for the state; the last look either way."""
        end = time.monotonic() + seconds
        while True:
            seen = self.look(name)
            if seen["state"] == state or time.monotonic() > end:
                return seen
            time.sleep(0.05)

    def submit(self):
        made = self.lab.platenctl("submit", self.photo, "--product", "4x6-glossy", "--copies", "1")
        return made["jobs"][0]["id"] if made and made.get("jobs") else None

    def job(self, job, kind, seconds=20):
        end = time.monotonic() + seconds
        while True:
            seen = self.get(f"/v1/jobs/{job}")
            if seen.get("kind") == kind or time.monotonic() > end:
                return seen
            time.sleep(0.1)


def is_near(row, figure):
    return row["state"] == "fresh" and row["figure"] is not None and abs(row["figure"] - figure) < 0.001


def figures_are_read(t, floor):
    for name, figure in (("warmth", 22.5), ("damp", 48), ("meter", 1234.5), ("tank", 66), ("lamp", 1)):
        row = floor.until(name, "fresh")
        t.ok(is_near(row, figure) and row["source"] == "sensor", f"{name} says {figure}", row)
    row = floor.look("nothing")
    t.ok(row["state"] == "silent" and "refuses holding register 500" in row["say"],
         "a register that is none is told as such", row)


def others_stay_fresh(t, floor, names, why):
    rows = [floor.look(name) for name in names]
    t.ok(all(row["state"] == "fresh" for row in rows), f"{why}: {', '.join(names)} are read all the same", rows)


def one_unit_fails(t, floor, mood, words):
    """Unit 2 of the gateway goes bad; then it is well again."""
    begin, accepted = time.monotonic(), floor.tcp.accepted
    floor.units.moods[2] = mood
    row = floor.until("meter", "stale")
    t.ok(row["state"] == "stale" and words in row["say"] and row["figure"] is None,
         f"{mood}: the figure goes stale and says why", row)
    others_stay_fresh(t, floor, ("warmth", "damp", "tank"), mood)
    time.sleep(0.5)
    asked, seconds = floor.units.count(2, begin), time.monotonic() - begin
    t.ok(asked < 2 * seconds / POLL * 0.75 and floor.tcp.accepted - accepted <= asked + 2,
         f"{mood}: it is asked less often ({asked} questions in {seconds:.1f} s)", floor.tcp.accepted - accepted)
    floor.units.moods[2] = "fine"
    begin = time.monotonic()
    row = floor.until("meter", "fresh", 8)
    t.ok(is_near(row, 1234.5), f"{mood}: it comes back by itself ({time.monotonic() - begin:.1f} s)", row)
    comes_without_a_flood(t, floor, 2, 2, mood)


def comes_without_a_flood(t, floor, unit, sensors, why):
    """What is asked in the second after it answered again, against what its pace allows."""
    begin = time.monotonic()
    time.sleep(3 * POLL)
    asked, most = floor.units.count(unit, begin), sensors * (3 + 2)
    t.ok(sensors <= asked <= most, f"{why}: no flood on its return ({asked} questions in three rounds)", most)


def a_bus_vanishes(t, floor, bus, gone, stay, words):
    bus.vanish()
    rows = [floor.until(name, "stale") for name in gone]
    t.ok(all(row["state"] == "stale" and words in row["say"] for row in rows),
         f"out of reach: {', '.join(gone)} go stale and say why", rows)
    others_stay_fresh(t, floor, stay, "out of reach")
    job = floor.submit()
    seen = floor.job(job, "done")
    t.ok(seen.get("kind") == "done", "printing goes on meanwhile", seen)
    room = {row["sensor"]: row for row in seen.get("sheets", [{"room": []}])[0]["room"]}
    bus.start()
    rows = [floor.until(name, "fresh", 12) for name in gone]
    t.ok(all(row["state"] == "fresh" for row in rows), "back in reach, they are read again", rows)
    return room


def lies_are_not_believed(t, floor):
    floor.units.put(1, 3, 0, 900)
    row = floor.until("warmth", "implausible")
    t.ok(row["state"] == "implausible" and row["figure"] is None and "90 °C, which can't be" in row["say"],
         "a forged 90 °C is not believed", row)
    others_stay_fresh(t, floor, ("damp", "meter"), "a lie")
    floor.units.put(1, 3, 0, 225)
    floor.until("warmth", "fresh")
    floor.units.put_float(2, 4, 10, 999999)
    row = floor.until("meter", "implausible")
    t.ok(row["state"] == "implausible" and "faster than" in row["say"], "nor a jump", row)
    floor.units.put_float(2, 4, 10, float("nan"))
    time.sleep(3 * POLL)
    row = floor.look("meter")
    t.ok(row["state"] == "implausible" and "no number" in row["say"], "nor what is no number", row)
    floor.units.put_float(2, 4, 10, 1234.5)
    floor.until("meter", "fresh")


def a_hot_room_holds_back(t, floor):
    floor.units.put(1, 3, 0, 350)
    end = time.monotonic() + 5
    while not floor.look("warmth")["pauses"] and time.monotonic() < end:
        time.sleep(0.05)
    job = floor.submit()
    seen = floor.job(job, "waiting", 10)
    printer = floor.get("/v1/printers")["printers"][0]
    t.ok(seen.get("kind") == "waiting" and "warmth says 35 °C, more than 32 °C" in printer["fault"],
         "beyond its limit no sheet is begun, and it says why", (seen, printer))
    t.ok(floor.lab.platenctl("printer", "D1", "pause") is not None, "a person pauses the printer, too")
    floor.lab.platenctl("sensor", "warmth", "lying", "--reason", "beside the dryer")
    time.sleep(0.5)
    printer = floor.get("/v1/printers")["printers"][0]
    t.ok(floor.look("warmth")["state"] == "lying" and printer["state"] == "paused",
         "a sensor never lets go on what a person paused", printer)
    floor.lab.platenctl("printer", "D1", "resume")
    seen = floor.job(job, "done")
    t.ok(seen.get("kind") == "done", "without a figure to use printing goes on", seen)
    room = {row["sensor"]: row for row in seen["sheets"][0]["room"]}
    t.ok(room["warmth"]["state"] == "lying" and room["warmth"]["figure"] is None, "its sheet says so", room)


def a_person_is_believed_and_named(t, floor):
    row = floor.lab.platenctl("sensor", "warmth", "simulate", "21.5", "--reason", "by the wall")
    t.ok(row and row["figure"] == 21.5 and row["source"] == "person", "a simulated figure says that it is one", row)
    job = floor.submit()
    seen = floor.job(job, "done")
    room = {row["sensor"]: row for row in seen["sheets"][0]["room"]}
    t.ok(room["warmth"]["state"] == "simulated" and room["warmth"]["figure"] == 21.5 and
         room["damp"]["state"] == "fresh" and abs(room["damp"]["figure"] - 48) < 0.01 and "meter" not in room,
         "every sheet keeps the room it was printed in, and what was measured of it", room)
    refused = subprocess.run([floor.lab.program("platenctl"), "--socket", floor.lab.socket, "sensor", "warmth",
                              "simulate", "61"], capture_output=True, text=True, check=False)
    t.ok(refused.returncode == 65 and "outside" in refused.stderr, "one that can't be is refused", refused)
    floor.lab.crew.kill("platend")
    floor.lab.start_platend(cloud=False)
    row = floor.until("warmth", "simulated")
    t.ok(row["state"] == "simulated" and row["figure"] == 21.5, "it outlives a kill", row)
    row = floor.lab.platenctl("sensor", "warmth", "trusted")
    t.ok(row and row["state"] in ("silent", "fresh"), "trusted again", row)
    rows = (floor.lab.platenctl("audit") or {}).get("rows", [])
    told = [(row["what"], row["reason"]) for row in rows if row["subject"] == "warmth"]
    t.ok(told == [("lying", "beside the dryer"), ("simulated", "21.5: by the wall"), ("trusted", "")],
         "the audit trail has all three", told)


def a_worker_dies(t, floor):
    pid = next(pid for pid, line in procs.children_of(floor.lab.crew.running["platend"].pid)
               if "platen-worker sensor" in line.replace("\0", " "))
    os.kill(pid, 9)
    time.sleep(0.5)
    rows = [floor.until(name, "fresh") for name in ("warmth", "meter", "tank", "lamp")]
    t.ok(all(row["state"] == "fresh" for row in rows), "a worker that is killed comes back", rows)


def test(t, folder):
    floor = Floor(folder)
    try:
        floor.lab.start_printers()
        floor.tcp.start()
        floor.serial.start()
        floor.lab.start_platend(cloud=False)
        figures_are_read(t, floor)
        one_unit_fails(t, floor, "stall", "does not answer within 250 ms")
        for mood in ("rubbish", "late", "drip", "slam", "pour"):
            floor.units.moods[2] = mood
            row = floor.until("meter", "stale")
            t.ok(row["state"] == "stale" and row["say"], f"{mood}: stale, with a reason", row)
            others_stay_fresh(t, floor, ("warmth", "damp", "lamp"), mood)
            floor.units.moods[2] = "fine"
            t.ok(is_near(floor.until("meter", "fresh", 8), 1234.5), f"{mood}: and back, with the right figure")
        floor.units.moods[5] = "rubbish"
        row = floor.until("tank", "stale")
        t.ok(row["state"] == "stale" and "unit 5" in row["say"], "rubbish on the serial line is told", row)
        others_stay_fresh(t, floor, ("lamp", "warmth"), "rubbish on the line")
        floor.units.moods[5] = "fine"
        t.ok(is_near(floor.until("tank", "fresh", 8), 66), "and it comes back, too")
        room = a_bus_vanishes(t, floor, floor.tcp, ("warmth", "damp", "meter"), ("tank", "lamp"), "refused")
        t.ok(room["warmth"]["figure"] is None and room["warmth"]["state"] == "stale",
             "its sheet keeps that nothing was known, not an old figure", room)
        comes_without_a_flood(t, floor, 1, 2, "the gateway")
        a_bus_vanishes(t, floor, floor.serial, ("tank", "lamp"), ("warmth", "meter"), "is the adapter plugged in?")
        comes_without_a_flood(t, floor, 5, 1, "the line")
        lies_are_not_believed(t, floor)
        a_hot_room_holds_back(t, floor)
        a_person_is_believed_and_named(t, floor)
        a_worker_dies(t, floor)
        t.ok(not floor.units.violations, "nothing was ever asked but to read registers", floor.units.violations)
    finally:
        floor.lab.stop()
        floor.tcp.vanish()
        floor.serial.vanish()


# ---- what it costs ----

def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(t, folder):
    units, floor = modbus.Units(), lab.Lab(folder, jobs=0, ipp={}, fakes={"D1": ("virtual-dyesub", PAPER)})
    servers = [modbus.TcpServer(units, procs.free_port()) for _ in range(4)]
    try:
        for number, server in enumerate(servers):
            server.start()
            floor.more_conf += f'sensor_bus b{number} {{ uri = "modbus-tcp://127.0.0.1:{server.port}" }}\n'
            for at in range(8):
                units.put(1, 3, at, 200 + at)
                floor.more_conf += (f"sensor s{number}-{at} {{ bus = b{number} register = {at} scale = 0.1 "
                                    "measures = temperature low = 0 high = 50 }\n")
        floor.start_printers()
        floor.start_platend(cloud=False)
        time.sleep(5)
        daemon = floor.crew.running["platend"].pid
        pids = [daemon] + [pid for pid, line in procs.children_of(daemon)
                           if "platen-worker sensor" in line.replace("\0", " ")]
        before, begin, asked = [cpu_seconds(pid) for pid in pids], time.monotonic(), len(units.asked)
        time.sleep(60)
        seconds = time.monotonic() - begin
        shares = [(cpu_seconds(pid) - was) / seconds * 100 for pid, was in zip(pids, before)]
        tap.note(f"platend {shares[0]:.2f} %, {len(pids) - 1} workers {sum(shares[1:]):.2f} % of a core, "
                 f"{(len(units.asked) - asked) / seconds:.1f} questions a second over {seconds:.0f} s")
        t.ok(len(pids) == 5 and all(row["state"] == "fresh" for row in floor.platenctl("sensors")["sensors"]),
             "32 sensors are fresh")
    finally:
        floor.stop()
        for server in servers:
            server.vanish()


tap.run(share if os.environ.get("SENSORS_SHARE") else test)
