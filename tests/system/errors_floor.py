#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The floor's own troubles: faults in platen.conf, each named by file, line and key; a store's disk that
runs full, where platend ends rather than forgets, and goes on when there is room."""
import ctypes
import os
import re
import subprocess

import tap
import trouble

LIBC = ctypes.CDLL(None, use_errno=True)
CONFIG = 78  # EX_CONFIG of sysexits.h

# what is changed in a sound configuration: (from, to, what the fault must name)
FAULTS = {
    "an unknown key": ('floor = "', 'flor = 3\nfloor = "', ["flor"]),
    "no floor": ('floor = "demo-lab"', "", ["floor"]),
    "a number that is none": ('spool { reserve = "16 MiB" }', 'spool { reserve = "much" }', ["reserve"]),
    "a duration without unit": ('poll = "1 s"', 'poll = "1"', ["poll"]),
    "an unknown printer model": ("model = photo-ipp\n", "model = photo-ip\n", ["model", "photo-ip"]),
    "an address of no kind": ('uri = "fake:', 'uri = "fax:', ["uri", "fake:"]),
    "a service without TLS": ('url = "https:', 'url = "http:', ["url", "https"]),
    "a certificate that is not there": ("/floor.pem", "/flor.pem", ["certificate", "flor.pem"]),
    "a console for everybody": ('listen = "127.0.0.1:', 'listen = "0.0.0.0:', ["listen", "lan"]),
    "a brace too few": ("console {", "console ", ["{"]),
    "a value out of bounds": ("exclusive = no", "exclusive = perhaps", ["exclusive", "yes or no"]),
    "profiles that are not there": ('/profiles"', '/profils"', ["profiles_folder", "profils"]),
    "the same printer twice": ("printer P2 {", "printer P1 {", ["P1"]),
}


def check(floor, path):
    done = subprocess.run([floor.program("platend"), "--config", path, "--check-config"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True, timeout=10)
    return done.returncode, done.stdout


def faults_of_configuration(t, floor):
    with open(floor.conf, encoding="utf-8") as file:
        sound = file.read()
    code, said = check(floor, floor.conf)
    t.ok(code == 0, "a sound configuration is sound", said)
    for name, (old, new, needles) in FAULTS.items():
        broken = floor.file("broken.conf", sound.replace(old, new, 1).encode())
        code, said = check(floor, broken)
        lines = re.findall(r"broken\.conf:\d+: ", said)
        missing = [word for word in needles if word not in said]
        t.ok(old in sound and code == CONFIG and lines and not missing, f"{name}: file, line and key are named",
             f"exit {code}, lacks {missing}\n{said}")
        tap.note(said.strip().replace(floor.run, "…")[:300])
    code, said = check(floor, os.path.join(floor.run, "no-such.conf"))
    t.ok(code == CONFIG and "no-such.conf" in said, "a configuration that is not there is named", (code, said))


def fill(path):
    with open(path, "wb") as file:
        piece = bytes(64 * 1024)
        while piece:
            try:
                os.write(file.fileno(), piece)
            except OSError:
                piece = piece[:len(piece) // 2]


def full_store(t, floor, disk):
    ballast = os.path.join(disk, "ballast")
    fill(ballast)
    jobs = [floor.order(floor.upload(floor.picture(f"full {n}")), copies=2) for n in range(3)]
    ended = False
    for _ in range(3):  # as its service manager would
        process = floor.crew.running["platend"]
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            break
        ended = True
        floor.crew.running.pop("platend")
        try:
            floor.start_platend()
        except RuntimeError:
            pass
    with open(floor.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
        said = [line for line in file if re.match(r"<[0-4]>", line) and "full" in line]
    t.ok(ended and said, "a full store: platend ends, and says what is full", (ended, said))
    tap.note(said[-1].strip() if said else "nothing was said")
    os.unlink(ballast)
    process = floor.crew.running.pop("platend", None)
    if process:
        process.kill()
        process.wait()
    floor.start_platend()
    done = floor.wait("printed", lambda: all(floor.there(job)["state"] == "printed" for job in jobs), 20)
    t.ok(done and all(floor.printed_once(job, 2) and floor.in_order(job) for job in jobs),
         "with room again all prints, once, events in order", [floor.there(job) for job in jobs])

    checks = (floor.platenctl("doctor") or {}).get("checks", [])
    t.ok(any(c["name"] == "reports" and "0 refused" in c["say"] for c in checks),
         "the order service had heard of nothing that was not stored", checks)


def test(t, folder):
    floor = trouble.Floor(os.path.join(folder, "lab"), jobs=0)
    disk = os.path.join(folder, "disk")
    os.makedirs(disk)
    mounted = LIBC.mount(b"none", disk.encode(), b"tmpfs", 0, b"size=24m") == 0
    floor.heartbeat, floor.lease = "1 s", "10 s"  # what was granted and could not be kept is granted again
    floor.state = os.path.join(disk, "state") if mounted else ""
    try:
        floor.begin(through_proxy=False)
        faults_of_configuration(t, floor)
        if mounted:
            full_store(t, floor, disk)
        else:
            tap.note("full store # SKIP a small file system can't be mounted here")
    finally:
        floor.end()
        if mounted:
            LIBC.umount2(disk.encode(), 2)


tap.need("ippeveprinter", "djpeg", "openssl")
tap.run(test)
