#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes to a terminal and what doesn't: colours only where they are wanted and seen, a line of progress
only for long work, and after Ctrl-C the prompt stands on a line of its own. The floor behind the socket is a
slow one of our own making, so that long work is long."""
import json
import os
import pty
import re
import select
import socketserver
import struct
import subprocess
import threading
import time
import zlib

import tap
import lab

SOURCE = os.environ.get("PLATEN_SRC", lab.ROOT)
STATUS = {"floor": "probe", "needs_you": 1, "printers": [], "jobs": {}, "counts": {}}
HOLDS = {"holds": [{"job": "L-1", "order": "L-1", "words": "printed?", "next": "look", "kind": "needs_you",
                    "since": "2026-11-29T10:00:00Z", "reason": "x", "text": "may have printed"}],
         "jobs": [{"id": "L-1", "kind": "needs_you", "stage": "held-unknown", "state": "may have printed",
                   "prints": 1, "delivered": 0, "copies": 1}]}
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
LINE = b"\r\x1b[K"


class Floor(socketserver.ThreadingUnixStreamServer):
    """Answers everything, and takes photos by 64 KiB in 30 ms."""
    daemon_threads = True

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                more = self.rfile.read(1)
                if not more:
                    return
                head += more
            size = re.search(rb"(?i)content-length: (\d+)", head)
            if b"100-continue" in head.lower():
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            left = int(size.group(1)) if size else 0
            while left > 0:
                part = self.rfile.read(min(left, 65536))
                if not part:
                    return
                left -= len(part)
                time.sleep(0.03)
            body = json.dumps({**STATUS, **HOLDS, "id": "L-1", "job": {"id": "L-1"}}).encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def __init__(self, path):
        super().__init__(path, self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def at_terminal(words, more=None, interrupt_at=None, cwd="/"):
    """What the program writes to a terminal, and its exit status; Ctrl-C once it has written that."""
    environment = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **(more or {})}
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(words[0], words, environment)
    said, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([fd], [], [], 1)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
            if interrupt_at is not None and interrupt_at in said:
                os.write(fd, b"\x03")
                interrupt_at = None
    os.close(fd)
    return said, os.waitpid(pid, 0)[1]


def colours(t, ctl):
    said, _ = at_terminal([*ctl, "jobs"])
    t.ok(COLOUR.search(said), "platenctl shows colours on a terminal", said)
    for more, where in (({"NO_COLOR": "1"}, "with NO_COLOR"), ({"TERM": "dumb"}, "on a dumb terminal"),
                        ({"TERM": ""}, "on an unknown terminal")):
        said, _ = at_terminal([*ctl, "jobs"], more)
        t.ok(b"\x1b" not in said and b"L-1" in said, f"it shows none {where}", said)
    said, _ = at_terminal([*ctl, "jobs"], {"NO_COLOR": ""})
    t.ok(COLOUR.search(said), "an empty NO_COLOR says nothing", said)
    done = subprocess.run([*ctl, "jobs"], stdout=subprocess.PIPE, check=False, env={**os.environ, "TERM": "xterm"})
    t.ok(b"\x1b" not in done.stdout and b"L-1" in done.stdout, "nor into a pipe", done.stdout)


def progress(t, ctl, folder):
    files = []
    for i in range(3):
        files.append(os.path.join(folder, f"photo-{i}.jpg"))
        with open(files[-1], "wb") as file:
            file.write(bytes([i]) * (2 << 20))
    order = [*ctl, "submit", *files, "--product", "4x6-glossy"]
    said, status = at_terminal(order)
    steps = re.findall(rb"(\d) of 3: [^\r]*photo-\d.jpg, (\d+) %", said)
    t.ok(status == 0 and len(steps) > 5 and {part for part, _ in steps} == {b"1", b"2", b"3"},
         "a slow upload of three photos says how far it is", said[-400:])
    left = [line.rsplit(LINE, 1)[-1] for line in said.split(b"\r\n")]
    t.ok(all(b"%" not in line for line in left), "what stays on the terminal is the result alone", left)
    for words, more, where in ((order + ["--json"], None, "with --json"), (order, {"TERM": "dumb"}, "on a dumb terminal")):
        said, status = at_terminal(words, more)
        t.ok(status == 0 and b"%" not in said and b"\x1b" not in said, f"no progress {where}", said[-400:])
    said, _ = at_terminal(order, {"NO_COLOR": "1"})
    t.ok(LINE in said and not COLOUR.search(said), "NO_COLOR leaves the progress, without colours", said[-400:])
    said, status = at_terminal(order, interrupt_at=b"2 of 3")
    t.ok(os.WIFSIGNALED(status) and os.WTERMSIG(status) == 2 and said.endswith(LINE),
         "Ctrl-C ends it, and takes the line away", said[-100:])


def huge_picture(path):
    """A PNG of 15,000 x 13,000 pixels: with a poster as its product, rendering takes ten seconds."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    pack, row = zlib.compressobj(1), bytes(1 + 3 * 15000)
    data = b"".join(pack.compress(row) for _ in range(13000)) + pack.flush()
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 15000, 13000, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def rendering(t, folder):
    work = os.path.join(folder, "render")
    os.makedirs(work)
    huge_picture(os.path.join(folder, "huge.png"))
    words = [lab.Lab.program(None, "platen-worker"), "render-file", "--catalog", os.path.join(SOURCE, "profiles"),
             "--product", "24x36-lustre", "--model", "wide-ipp", "-o", os.path.join(work, "out.pwg"), "huge.png"]
    said, status = at_terminal(words, interrupt_at=b" s", cwd=folder)
    t.ok(os.WIFSIGNALED(status) and re.search(rb"huge.png, \d+ s", said) and said.endswith(LINE) and not os.listdir(work),
         "rendering says since when; Ctrl-C leaves neither a line nor a file", (said[-200:], status, os.listdir(work)))


def test(t, folder):
    path = os.path.join(folder, "floor.sock")
    floor = Floor(path)
    ctl = [lab.Lab.program(None, "platenctl"), "--socket", path]
    colours(t, ctl)
    progress(t, ctl, folder)
    rendering(t, folder)
    floor.shutdown()


tap.run(test)
