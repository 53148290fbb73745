# SPDX-License-Identifier: Apache-2.0
#
# The render server as the daemon drives it: tasks and descriptors in, results out. With `measured`
# each photo's process is written down as it ends: computing time and largest memory.
import hashlib
import json
import os
import socket
import subprocess

BUILD = os.path.abspath(os.environ.get("PLATEN_BUILD", "."))
SOURCE = os.environ.get("PLATEN_SRC", "..")
DEVICE = os.path.join(SOURCE, "profiles", "icc", "synthetic-dyesub-gloss.icc")
HELLO, TASK, RESULT, CANCEL = 1, 2, 3, 4
CHANNEL, NOTES = 3, 198  # descriptors of the server: to the daemon; where measured.so writes
# as docs/platen.conf.example has them
LIMITS = {"file_bytes": 100 << 20, "pixels": 200 * 10 ** 6, "side_px": 30000, "cpu_seconds": 30,
          "memory_bytes": 1536 << 20}


def memory_file(data):
    fd = os.memfd_create("test")
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left):]
    return fd


class Server:
    """`platen-worker render` at the other end of descriptor 3."""

    def __init__(self, width, height, at_once=4, fit="none", measured=False,
                 preload=None, before=()):
        """before: words in front of the command, `taskset -c 1`."""
        ours, theirs = socket.socketpair()
        self.notes = os.memfd_create("notes")

        def arrange():  # all others are closed on exec
            os.dup2(self.notes, NOTES)
            os.dup2(theirs.fileno(), CHANNEL)
            os.set_inheritable(CHANNEL, True)
        environment = dict(os.environ)
        if measured:
            preload = os.path.join(BUILD, "tests", "render", "measured.so")
        if preload:
            environment["LD_PRELOAD"] = preload
        self.process = subprocess.Popen(
            [*before, os.path.join(BUILD, "platen-worker"), "render", str(at_once)],
            close_fds=False, preexec_fn=arrange, env=environment)
        theirs.close()
        self.width, self.height, self.fit, self.at_once = width, height, fit, at_once
        self.link, self.open, self.n, self.limits = ours, {}, 0, dict(LIMITS)
        self.engine = self.receive()[1]["engine"]
        self.use(DEVICE)

    def receive(self):
        head = self.link.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            raise EOFError("the render server has ended")
        size, kind = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:6], "little")
        return kind, json.loads(self.link.recv(size, socket.MSG_WAITALL))

    def use(self, path, document="image/pwg-raster"):
        """From now on for the printer of that profile, in that kind of document."""
        with open(path, "rb") as device:
            self.path, self.device, self.document = path, device.read(), document

    def recipe(self, sha256, turn=0):
        return {"asset_sha256": sha256, "sku": "patches", "product_version": 1,
                "width_px": self.width, "height_px": self.height, "x_dpi": 300, "y_dpi": 300,
                "picture_x_px": 0, "picture_y_px": 0, "picture_width_px": self.width,
                "picture_height_px": self.height, "bleed_px": 0, "fit": self.fit,
                "rotate_degrees": turn, "intent": "relative", "black_point": False,
                "sharpen_percent": 0, "profile": os.path.basename(self.path),
                "profile_sha256": hashlib.sha256(self.device).hexdigest(),
                "format": self.document, "engine": self.engine}

    def ask(self, media_type, data, sha256=None, inspect=False, turn=0):
        self.n += 1
        task = {"id": self.n, "do": "inspect" if inspect else "render", "media_type": media_type,
                "limits": self.limits}
        fds = [memory_file(data)]
        if not inspect:
            task["recipe"] = self.recipe(sha256 or hashlib.sha256(data).hexdigest(), turn)
            fds += [memory_file(b""), memory_file(self.device)]
        body = json.dumps(task).encode()
        head = len(body).to_bytes(4, "little") + TASK.to_bytes(2, "little") + b"\1\0"
        socket.send_fds(self.link, [head + body], fds)
        self.open[self.n] = fds
        return self.n

    def answer(self):
        """The next one: id, result, the page's bytes."""
        kind, result = self.receive()
        assert kind == RESULT
        fds, page = self.open.pop(result["id"]), b""
        if result["fine"] and len(fds) > 1:
            page = os.pread(fds[1], os.fstat(fds[1]).st_size, 0)
        for fd in fds:
            os.close(fd)
        return result["id"], result, page

    def run(self, asks, judge):
        """asks: (key, media type, bytes, keywords of ask); judge(key, result, page)."""
        asks, keys = iter(asks), {}
        while True:
            while len(keys) < self.at_once:
                one = next(asks, None)
                if one is None:
                    break
                keys[self.ask(one[1], one[2], **one[3])] = one[0]
            if not keys:
                return
            number, result, page = self.answer()
            judge(keys.pop(number), result, page)

    def spent(self):
        """Of the processes that ended since the last call: (computing seconds, most bytes)."""
        size = os.fstat(self.notes).st_size
        lines = os.pread(self.notes, size, 0).decode().splitlines()
        os.ftruncate(self.notes, 0)
        return [(int(us) / 1e6, int(kib) << 10) for us, kib in map(str.split, lines)]

    def state(self):
        """What could leak: open descriptors, resident bytes, children that are dead or alive."""
        own = "/proc/%d" % self.process.pid
        with open(own + "/status", encoding="ascii") as status:
            lines = dict(line.split(":", 1) for line in status)
        with open("%s/task/%d/children" % (own, self.process.pid), encoding="ascii") as children:
            return (len(os.listdir(own + "/fd")), int(lines["VmRSS"].split()[0]) << 10,
                    len(children.read().split()))

    def close(self):
        self.link.close()
        os.close(self.notes)
        return self.process.wait(10)
