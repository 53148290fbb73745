# SPDX-License-Identifier: Apache-2.0
"""Stands between a floor and its order service, over HTTPS at both sides, and does to calls and answers
what the test asks for: a Fault is a path to match, how often, and what to do instead of just forwarding."""
import http.client
import http.server
import json
import os
import re
import socketserver
import ssl
import threading
import time

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host", "expect"}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def put(self, value):
        self.body = json.dumps(value).encode()
        return self


def raw(status, body, kind="application/json"):
    return Answer(status, [("Content-Type", kind)], body if isinstance(body, bytes) else body.encode())


def problem(status, code, detail="made up by the test", **more):
    return raw(status, json.dumps({"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail,
                                   "retryable": status >= 500, **more}), "application/problem+json")


class Fault:
    """Of the calls that match, the first `times`: `instead(call)` answers for the service, or
    `alter(answer)` changes what it said (None: this one does not count), or `send(handler, answer)`
    writes it in its own way, or it is made `again`: a second time, with these headers beside its own."""

    def __init__(self, match, times=1, instead=None, alter=None, send=None, again=None):
        self.match, self.left, self.hits = re.compile(match), times, 0
        self.instead, self.alter, self.send, self.again = instead, alter, send, again

    def take(self):
        self.left -= 1
        self.hits += 1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def forward(self, body, more=()):
        proxy = self.server.proxy
        upstream = http.client.HTTPSConnection("localhost", proxy.upstream, timeout=60, context=proxy.client)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            headers.update(more)
            upstream.request(self.command, self.path, body=body, headers=headers)
            got = upstream.getresponse()
            kept = [(k, v) for k, v in got.getheaders() if k.lower() not in HOP]
            return Answer(got.status, kept, got.read())
        finally:
            upstream.close()

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        proxy = self.server.proxy
        proxy.calls.append((time.monotonic(), self.command, self.path))
        proxy.floors_serial = (self.connection.getpeercert() or {}).get("serialNumber", proxy.floors_serial)
        self.close_connection = proxy.closes
        if proxy.is_away:
            self.close_connection = True
            return
        fault = proxy.armed(f"{self.command} {self.path}")
        if fault and fault.instead:
            fault.take()
            self.send(fault.instead(self), fault)
            return
        try:
            answer = self.forward(body)
            if fault and fault.again is not None:
                fault.take()
                answer = self.forward(body, fault.again())
        except OSError:
            self.close_connection = True
            return
        if fault and fault.alter:
            changed = fault.alter(answer)
            if changed is not None:
                fault.take()
                answer = changed
        elif fault and fault.send:
            fault.take()
        self.send(answer, fault if fault and fault.send else None)

    def send(self, answer, fault):
        try:
            if fault and fault.send:
                fault.send(self, answer)
                self.close_connection = True
            else:
                self.head(answer, len(answer.body))
                self.wfile.write(answer.body)
        except OSError:
            self.close_connection = True

    def head(self, answer, length):
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    do_GET = do_POST = do_PUT = serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a peer that went away


class Proxy:
    def __init__(self, lab, port):
        self.pki = lab.pki
        self.upstream, self.calls, self.faults, self.is_away = lab.service_port, [], [], False
        self.lock = threading.Lock()
        self.floors_serial, self.closes = "", False  # of its certificate; every connection after one call
        self.client = ssl.create_default_context(cafile=os.path.join(lab.pki, "ca.pem"))
        self.client.load_cert_chain(os.path.join(lab.pki, "floor.pem"), os.path.join(lab.pki, "floor.key"))
        self.context = context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=os.path.join(lab.pki, "ca.pem"))
        context.load_cert_chain(os.path.join(lab.pki, "server.pem"), os.path.join(lab.pki, "server.key"))
        context.verify_mode = ssl.CERT_OPTIONAL
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.proxy = self
        # each handshake in its connection's own thread
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def show(self, name):
        """Shows this certificate of the lab's from the next connection on."""
        self.context.load_cert_chain(os.path.join(self.pki, name + ".pem"), os.path.join(self.pki, name + ".key"))

    def armed(self, call):
        with self.lock:
            return next((f for f in self.faults if f.left > 0 and f.match.search(call)), None)

    def fault(self, *args, **kinds):
        fault = Fault(*args, **kinds)
        with self.lock:
            self.faults.append(fault)
        return fault

    def quiet(self):
        with self.lock:
            self.faults.clear()

    def count(self, match, since=0.0):
        pattern = re.compile(match)
        return sum(1 for at, method, path in self.calls if at >= since and pattern.search(f"{method} {path}"))

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# what may be done to a download


def cut(handler, answer):
    """Promises all, sends the first half, hangs up."""
    handler.head(answer, len(answer.body))
    handler.wfile.write(answer.body[:len(answer.body) // 2])


def stretch(handler, answer):
    """Sends far more than the lease says."""
    body = answer.body + bytes(1 << 20)
    handler.head(answer, len(body))
    handler.wfile.write(body)


def endless(handler, answer):
    """Says no length, and sends as long as anybody listens."""
    handler.send_response(answer.status)
    handler.send_header("Content-Type", "image/jpeg")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(answer.body)
    for _ in range(20000):
        handler.wfile.write(bytes(65536))


def drip(handler, answer):
    """A byte now and then, for ever."""
    handler.head(answer, len(answer.body))
    for byte in answer.body:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.2)
