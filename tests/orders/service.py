# SPDX-License-Identifier: Apache-2.0
"""A platen-orders to test: a throw-away CA, the real program over TLS on loopback, a client."""
import http.client
import json
import os
import shutil
import signal
import ssl
import struct
import subprocess
import tempfile
import uuid
import zlib

BUILD = os.environ.get("PLATEN_BUILD", ".")
SOURCE = os.environ.get("PLATEN_SRC", ".")
PROGRAM = os.path.join(BUILD, "platen-orders")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def png(width, height, seed=0):
    """A real picture, small, different for each seed."""
    rows = b"".join(
        b"\0" + bytes((x * 7 + y * 3 + seed) & 255 for x in range(width * 3)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(
            ">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) +
            chunk(b"IEND", b""))


class Ca:
    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.cert, self.key = self.path("crt"), self.path("key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.cert)

    def path(self, end):
        return os.path.join(self.folder, f"{self.name}.{end}")

    def issue(self, name, file=None):
        base = os.path.join(self.folder, file or f"{self.name}-{name}")
        with open(base + ".ext", "w", encoding="ascii") as ext:
            ext.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                f"/CN={name}", "-keyout", base + ".key", "-out", base + ".csr")
        openssl("x509", "-req", "-in", base + ".csr", "-CA", self.cert, "-CAkey", self.key,
                "-CAcreateserial", "-days", "2", "-extfile", base + ".ext", "-out", base + ".crt")
        return base + ".crt", base + ".key"


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.raw = response.read()
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        kind = self.headers.get("content-type", "")
        self.json = json.loads(self.raw) if "json" in kind and self.raw else None

    @property
    def code(self):
        return (self.json or {}).get("code")


class Client:
    """One certificate (or none). Each call is a connection of its own."""

    def __init__(self, service, pair=None, timeout=40):
        self.service, self.timeout = service, timeout
        self.session = None
        self.context = ssl.create_default_context(cafile=service.ca.cert)
        if pair:
            self.context.load_cert_chain(*pair)

    def call(self, method, path, body=None, key="new", headers=None, kind="application/json",
             lose=False):
        given = {"User-Agent": "contract-test/1"}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None and kind:
            given["Content-Type"] = kind
        if key and method in ("POST", "PUT"):
            given["Idempotency-Key"] = uuid.uuid4().hex if key == "new" else key
        if self.session:
            given["Platen-Session"] = self.session
        given.update(headers or {})
        given = {k: v for k, v in given.items() if v is not None}
        link = http.client.HTTPSConnection("127.0.0.1", self.service.port, context=self.context,
                                           timeout=self.timeout)
        try:
            link.request(method, path, body=body, headers=given)
            if lose:
                raise ConnectionError("the line broke before the answer came")
            return Answer(link.getresponse())
        finally:
            link.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)


class Service:
    def __init__(self, conf=""):
        self.folder = tempfile.mkdtemp(prefix="platen-orders-test.")
        self.ca = Ca(self.folder, "ca")
        self.cert, self.key = self.ca.issue("localhost", "server")
        self.admin_pair = self.ca.issue("admin")
        self.conf = os.path.join(self.folder, "orders.conf")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.more = conf
        self.port = 0
        self.child = None
        self.start()

    def write_conf(self):
        with open(self.conf, "w", encoding="ascii") as conf:
            conf.write(f'data = "{self.data}"\nlisten = "127.0.0.1:{self.port}"\n'
                       f'cert = "{self.cert}"\nkey = "{self.key}"\nca = "{self.ca.cert}"\n'
                       f'admin_cert = "{self.admin_pair[0]}"\nadmin_key = "{self.admin_pair[1]}"\n'
                       f'{self.more}\n')

    def start(self):
        self.write_conf()
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen([PROGRAM, "serve", "--verbose", "--config", self.conf],
                                          stdout=subprocess.PIPE, stderr=log)
        line = self.child.stdout.readline().decode()
        if "https://" not in line:
            raise RuntimeError("no service: " + open(self.log, encoding="utf8").read())
        self.port = int(line.rsplit(":", 1)[1])
        self.write_conf()

    def stop(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        code = self.child.wait(timeout=20)
        self.child.stdout.close()
        return code

    def run(self, *words):
        """The command line, as a person would type it."""
        return subprocess.run([PROGRAM, *words, "--config", self.conf], capture_output=True,
                              text=True, timeout=60, check=False)

    def floor(self, name):
        return Client(self, self.ca.issue(name))

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Tap:
    """Lines of the Test Anything Protocol; the plan comes last."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, fine, what, *facts):
        self.n += 1
        self.failed += not fine
        print(f"{'ok' if fine else 'not ok'} {self.n} - {what}", flush=True)
        if not fine:
            for fact in facts:
                print(f"# {fact}")
        return fine

    def same(self, got, wanted, what):
        return self.ok(got == wanted, what, f"got    {got!r}", f"wanted {wanted!r}")

    def refused(self, answer, status, code, what):
        fits = (answer.status == status and answer.code == code and
                answer.headers.get("content-type") == "application/problem+json" and
                answer.json.get("status") == status and isinstance(answer.json.get("detail"), str)
                and isinstance(answer.json.get("retryable"), bool))
        return self.ok(fits, what, f"got {answer.status} {answer.raw[:300]!r}",
                       f"wanted {status} {code}")

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0
