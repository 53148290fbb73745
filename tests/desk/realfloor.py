# SPDX-License-Identifier: Apache-2.0
"""A real floor for tests: platend with one fake printer, no cloud, in a folder of its own."""
import http.client, json, os, shutil, signal, socket, struct, subprocess, tempfile, time, zlib

BUILD, SRC = os.environ["PLATEN_BUILD"], os.environ["PLATEN_SRC"]


def png(width, height, seed=0):
    rows = b"".join(b"\0" + bytes(c for x in range(width)
                                  for c in ((x + seed) & 255, (y * 2) & 255, (x ^ y) & 255))
                    for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def until(predicate, patience=30):
    end = time.monotonic() + patience
    while True:
        found = predicate()
        if found:
            return found
        assert time.monotonic() < end, "it did not happen in %d s" % patience
        time.sleep(0.1)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class UnixLine(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class RealFloor:
    def __init__(self, own_profiles=False):
        self.folder = tempfile.mkdtemp(prefix="platen-desk.")
        self.socket = self.folder + "/sock"
        self.port = free_port()
        self.printer = self.folder + "/D1"
        profiles = SRC + "/profiles"
        if own_profiles:
            profiles = shutil.copytree(profiles, self.folder + "/profiles")
        with open(self.folder + "/platen.conf", "w") as file:
            file.write("""floor = "F-desk"
state_folder = "%(folder)s/state"
spool_folder = "%(folder)s/spool"
profiles_folder = "%(profiles)s"
socket = "%(folder)s/sock"
worker_program = "%(build)s/platen-worker"
console { listen = "127.0.0.1:%(port)d" }
ceilings { copies_per_job = 4 }
spool { reserve = "1 MiB" }
printer D1 {
	model = virtual-dyesub
	uri = "fake:%(folder)s/D1"
	exclusive = yes
	poll = "500 ms"
}
""" % {"folder": self.folder, "profiles": profiles, "build": BUILD, "port": self.port})
        self.start()

    def start(self):
        self.log = open(self.folder + "/log", "ab")
        self.process = subprocess.Popen([BUILD + "/platend", "--config", self.folder + "/platen.conf"],
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        until(lambda: self.process.poll() is not None or self.answers())
        assert self.process.poll() is None, open(self.folder + "/log").read()[-2000:]

    def answers(self):
        try:
            return self.get("/v1/status")
        except (OSError, http.client.HTTPException):
            return None

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(40)
        self.log.close()
        return status

    def close(self):
        status = self.stop() if self.process.poll() is None else self.process.returncode
        log = open(self.folder + "/log", errors="replace").read()
        if status != 0 or "Sanitizer" in log:
            print("# " + log[-4000:].replace("\n", "\n# "))
        shutil.rmtree(self.folder)
        return status

    def ask(self, method, path, body=None, **headers):
        line = UnixLine(self.socket)
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        line.request(method, path, data, headers)
        answer = line.getresponse()
        text = answer.read()
        line.close()
        return answer.status, json.loads(text) if text[:1] in b"{[" else text

    def get(self, path):
        status, value = self.ask("GET", path)
        assert status == 200, (path, status, value)
        return value

    def ctl(self, *words):
        return subprocess.run([BUILD + "/platenctl", "--socket", self.socket, *words],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def script(self, text):
        with open(self.printer + "/script.new", "w") as file:
            file.write(text)
        os.rename(self.printer + "/script.new", self.printer + "/script")
