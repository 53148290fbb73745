#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What make install has put in place is a floor: platend starts on a configuration that names no path of
the programs' own, finds its worker and profiles, and prints a local order on the fake printer. Run by make
installcheck, and so by make distcheck, which says where things are installed."""
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

import tap

CONF = """floor = installed
state_folder = "{0}/state"
spool_folder = "{0}/spool"
socket = "{0}/platend.sock"
console {{ listen = "127.0.0.1:0" }}
spool {{ reserve = 0 }}
printer P1 {{
	model = virtual-dyesub
	uri = "fake:{0}/P1"
	exclusive = yes
	poll = "500 ms"
}}
"""


def place(folder, name):
    return os.environ.get("DESTDIR", "") + os.path.join(os.environ[folder], name)


def picture(path):
    """A PNG of 4x6 in at 200 dpi: a grey wedge."""
    width, height = 1200, 800

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row = b"\0" + bytes(x * 255 // width for x in range(width))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


def say(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=60)


def configure(folder):
    os.makedirs(os.path.join(folder, "P1"))
    path = os.path.join(folder, "platen.conf")
    text = CONF.format(folder)
    if os.environ.get("DESTDIR"):  # then the paths that the programs were built with lead nowhere
        text += f'profiles_folder = "{place("DATADIR", "profiles")}"\n'
        text += f'worker_program = "{place("LIBEXECDIR", "platen-worker")}"\n'
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def wait_for_print(platenctl, seconds):
    said = None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = say(*platenctl, "jobs")
        if '"kind":"done"' in said.stdout.replace(" ", ""):
            return True, ""
        time.sleep(0.2)
    return False, said.stdout


def test(t, folder):
    platend, conf = place("SBINDIR", "platend"), configure(folder)
    done = say(platend, "--config", conf, "--check-config")
    t.ok(done.returncode == 0, "the configuration is fine without any path of the programs' own", done.stdout)
    photo = os.path.join(folder, "photo.png")
    picture(photo)
    platenctl = [place("BINDIR", "platenctl"), "--socket", os.path.join(folder, "platend.sock"), "--json"]
    with open(os.path.join(folder, "log"), "wb") as log:
        daemon = subprocess.Popen([platend, "--config", conf], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 20
        while say(*platenctl, "status").returncode != 0 and time.monotonic() < end and daemon.poll() is None:
            time.sleep(0.1)
        taken = say(*platenctl, "submit", photo, "--product", "4x6-glossy", "--copies", "1")
        t.ok(taken.returncode == 0, "an order is taken", taken.stdout)
        printed, why = wait_for_print(platenctl, 60)
        t.ok(printed, "it comes out", why)
    finally:
        daemon.send_signal(signal.SIGTERM)
        status = daemon.wait(40)
    t.ok(status == 0, "the daemon ends when told", status)


if "SBINDIR" not in os.environ:
    print("1..0 # SKIP run by make installcheck, which says where platen is installed")
    sys.exit(77)
tap.run(test)
