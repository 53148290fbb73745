#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The other side of the cloud's door, and every way it can misbehave.

cloud_peer.py DIR: makes a throw-away CA and certificates in DIR, listens on loopback, prints
"ready API ASSETS WRONGNAME FOREIGN" (ports), and serves until its standard input ends.

What an API call gets is said by its Idempotency-Key ("status.503.ra7"); what an asset gets, by its path
("/cut/BYTES/AT/tag"). All that arrives is written to DIR/log, one JSON object a line.
"""
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time

DIR = sys.argv[1]
LOCK = threading.Lock()
SEEN = {}
TOKENS = 0


def run(*words):
    subprocess.run(words, cwd=DIR, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(name):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def make_cert(ca, name, common, names):
    with open(os.path.join(DIR, f"{name}.ext"), "w") as f:
        f.write(f"subjectAltName={names}\n")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common}",
        "-keyout", f"{name}.key", "-out", f"{name}.csr")
    run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
        "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def note(**what):
    with LOCK, open(os.path.join(DIR, "log"), "a") as f:
        f.write(json.dumps(what) + "\n")


def count(key):
    with LOCK:
        SEEN[key] = SEEN.get(key, 0) + 1
        return SEEN[key]


def content(n):
    block = bytes((i * 31 + i // 251) & 255 for i in range(65536))
    return (block * (n // 65536 + 1))[:n]


class Base(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body, headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if length != "none":
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(2)


LEASE = {"job": "j-1", "epoch": 1, "revision": 1, "ttl_s": 120, "product": {"sku": "4x6", "copies": 1},
         "pages": [{"asset": {"id": "a-1", "sha256": "0" * 64, "bytes": 5, "media_type": "image/jpeg"}}],
         "order": {"id": "o-1"}}
GOOD = {
    "/v1/sessions": {"session": "s-77", "ttl_s": 120, "heartbeat_s": 30, "poll_wait_s": 25, "batch_events": 100,
                     "jobs": [{"job": "j-1", "verdict": "keep"}, {"job": "j-2", "verdict": "odd"}]},
    "/v1/offer": {"etag": "\"e1\""},
    "/v1/leases:acquire": {"leases": [LEASE, {"job": "j-9", "epoch": 4}]},
    "/v1/leases:extend": {"jobs": [{"job": "j-1", "epoch": 2, "ttl_s": 120, "action": "cancel"}]},
    "/v1/leases:release": {"jobs": [{"job": "j-1", "epoch": 2, "verdict": "ok"}]},
    "/v1/jobs:start": {"jobs": [{"job": "j-1", "epoch": 2, "verdict": "granted"}]},
    "/v1/assets:sign": {"url": "https://a.example/x", "expires_in_s": 900},
    "/v1/events": {"events": [{"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "fate": "accepted"}], "acked": []},
}


class Api(Base):
    def do_PUT(self):
        self.do_POST()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        peer = self.connection.getpeercert()
        names = [value for part in (peer or {}).get("subject", ()) for key, value in part if key == "commonName"]
        path = self.path.split("?")[0]
        note(side="api", method=self.command, path=self.path, body=body.decode(), common=names,
             tls=self.connection.version(), headers={k.lower(): v for k, v in self.headers.items()})
        word, *rest = self.headers.get("Idempotency-Key", "none").split(".")
        if path == "/v1/token":
            return self.token()
        getattr(self, "do_" + word, self.do_ok)(path, rest)

    def token(self):
        global TOKENS
        TOKENS += 1
        if os.path.exists(os.path.join(DIR, "no-token")):
            return self.send(503, b'{"code":"busy","detail":"no tokens today"}', [("Retry-After", "9")])
        self.send(200, json.dumps({"token": f"t{TOKENS}", "token_type": "Bearer", "expires_in_s": 60}).encode())

    def do_ok(self, path, rest):
        headers = [("ETag", '"e1"')] if path == "/v1/offer" else []
        self.send(200, json.dumps(GOOD[path]).encode(), headers)

    def do_stale(self, path, rest):
        self.send(200, b'{"jobs":[{"job":"j-1","epoch":2,"verdict":"stale"}]}')

    def do_none(self, path, rest):
        self.send(204, b"", length="none")

    def do_status(self, path, rest):
        headers, problem = [], {}
        for word in rest[1:]:
            if word.startswith("ra") and word[2:].isdigit():
                headers.append(("Retry-After", word[2:]))
            elif word.startswith("body") and word[4:].isdigit():
                problem["retry_after_s"] = int(word[4:])
            else:
                problem.update(code=word, detail="because")
        self.send(int(rest[0]), json.dumps(problem).encode() if problem else b"<html>oops</html>", headers)

    def do_garbage(self, path, rest):
        self.send(200, b"<html>sign in to the hotel network</html>")

    def do_array(self, path, rest):
        self.send(200, b"[1,2]")

    def do_empty(self, path, rest):
        self.send(200, b"")

    def do_huge(self, path, rest):
        self.send(200, b'{"jobs":[' + b'"' + b"x" * (3 << 20) + b'"]}')

    def do_wrong(self, path, rest):
        self.send(200, b'{"jobs":{},"session":7,"leases":7,"events":7,"url":7}')

    def do_close(self, path, rest):
        self.cut()

    def do_half(self, path, rest):
        self.send(200, b'{"jobs":[', length=1000)
        self.cut()

    def do_silence(self, path, rest):
        time.sleep(30)

    def do_drip(self, path, rest):
        self.send(200, b'{"jobs":[', length=100000)
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def do_later(self, path, rest):
        time.sleep(float(rest[0]) / 1000)
        self.do_ok(path, rest)

    def do_needtoken(self, path, rest):
        if self.headers.get("Authorization") is None:
            return self.send(401, b'{"code":"token-needed","detail":"ask for one"}')
        self.do_ok(path, rest)

    def do_oldtoken(self, path, rest):
        if self.headers.get("Authorization") != f"Bearer t{TOKENS}" or count("/".join(rest)) == 1:
            return self.send(401, b'{"code":"token-refused"}')
        self.do_ok(path, rest)


class Assets(Base):
    def do_GET(self):
        note(side="assets", path=self.path, certificate=bool(self.connection.getpeercert()),
             headers={k.lower(): v for k, v in self.headers.items()})
        word, size, *rest = self.path.strip("/").split("/")
        start = 0
        if self.headers.get("Range"):
            start = int(self.headers["Range"].split("=")[1].rstrip("-"))
        getattr(self, "do_" + word)(content(int(size)), start, count(self.path), rest)

    def part(self, data, start, until=None):
        headers = [("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")] if start else []
        self.send(206 if start else 200, data[start:until], headers, length=len(data) - start)

    def do_ok(self, data, start, times, rest):
        self.part(data, start)

    def do_slow(self, data, start, times, rest):
        time.sleep(float(rest[0]) / 1000)
        self.part(data, start)

    def do_shorter(self, data, start, times, rest):
        self.send(200, data[:-5])

    def do_shorterchunked(self, data, start, times, rest):
        self.chunked(data[:-5])

    def do_longer(self, data, start, times, rest):
        self.send(200, data + b"12345")

    def do_longerchunked(self, data, start, times, rest):
        self.chunked(data + b"12345")

    def do_endless(self, data, start, times, rest):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            self.close_connection = True

    def chunked(self, data):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n")

    def do_wrong(self, data, start, times, rest):
        self.send(200, data[:-1] + bytes([data[-1] ^ 1]))

    def do_encoded(self, data, start, times, rest):
        self.send(200, data, [("Content-Encoding", rest[0])])

    def do_zero(self, data, start, times, rest):
        self.send(200, b"")

    def do_status(self, data, start, times, rest):
        self.send(int(rest[0]), b"no", [("Location", f"https://localhost:{PORTS[1]}/ok/{len(data)}")])

    def do_cut(self, data, start, times, rest):
        if times == 1:
            self.part(data, 0, int(rest[0]))
            return self.cut()
        self.part(data, start)

    def do_cutchunked(self, data, start, times, rest):
        if times > 1:
            return self.part(data, start)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n" % len(data) + data[:int(rest[0])])
        self.cut()

    def do_cutall(self, data, start, times, rest):
        self.part(data, start, start + int(rest[0]))
        self.cut()

    def do_norange(self, data, start, times, rest):
        if times == 1:
            self.part(data, 0, int(rest[0]))
            return self.cut()
        self.send(200, data)

    def do_badrange(self, data, start, times, rest):
        if times == 1:
            self.part(data, 0, int(rest[0]))
            return self.cut()
        if start == 0:
            return self.part(data, 0)
        self.send(206, data[start - 1:], [("Content-Range", f"bytes {start - 1}-{len(data) - 1}/{len(data)}")])

    def do_no416(self, data, start, times, rest):
        if times == 1:
            self.part(data, 0, int(rest[0]))
            return self.cut()
        if start:
            return self.send(416, b"")
        self.part(data, 0)

    def do_drip(self, data, start, times, rest):
        self.send(200, data[:1], length=len(data))
        try:
            for i in range(1, len(data)):
                self.wfile.write(data[i:i + 1])
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def do_silence(self, data, start, times, rest):
        time.sleep(30)

    def do_close(self, data, start, times, rest):
        self.cut()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass

    def finish_request(self, request, address):
        # the handshake here, in the thread of the connection: a silent peer stops nobody else
        try:
            request.do_handshake()
        except OSError:
            return
        super().finish_request(request, address)


def serve(handler, cert, client):
    server = Server(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(DIR, f"{cert}.pem"), os.path.join(DIR, f"{cert}.key"))
    context.load_verify_locations(os.path.join(DIR, "ca.pem"))
    context.verify_mode = client
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


make_ca("ca")
make_ca("stranger")
make_cert("ca", "server", "localhost", "DNS:localhost,IP:127.0.0.1")
make_cert("ca", "elsewhere", "elsewhere.example", "DNS:elsewhere.example")
make_cert("stranger", "foreign", "localhost", "DNS:localhost,IP:127.0.0.1")
make_cert("ca", "floor", "lab-1", "DNS:lab-1")
make_cert("stranger", "impostor", "lab-1", "DNS:lab-1")
PORTS = [serve(Api, "server", ssl.CERT_REQUIRED), serve(Assets, "server", ssl.CERT_OPTIONAL),
         serve(Assets, "elsewhere", ssl.CERT_OPTIONAL), serve(Assets, "foreign", ssl.CERT_OPTIONAL)]
print("ready", *PORTS, flush=True)
sys.stdin.read()
