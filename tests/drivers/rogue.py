#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An IPP printer that misbehaves, on loopback: the path of a request names the misbehaviour.
rogue.py LOG: prints its port, serves until killed, and writes to LOG "MODE document BYTES" for every
document byte that reached it and "MODE elsewhere" for every visit to where it tried to lure us.
The modes hold* are a printer that holds jobs until they are released: "MODE printed" tells that one was; "hold-claimed" only says so, and prints what it gets."""
import socket
import socketserver
import struct
import sys
import threading
import time

LOG = sys.argv[1]
LOCK = threading.Lock()
GET_PRINTER, CREATE, SEND, CANCEL, GET_JOB, GET_JOBS, RELEASE = 0x0B, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0D
KEY = b"R1.1.1"


def note(text):
    with LOCK, open(LOG, "a", encoding="ascii") as file:
        file.write(text + "\n")


# ---- IPP, by hand, so that anything can be said ----

def value(tag, name, data):
    name = name.encode() if isinstance(name, str) else name
    data = data.encode() if isinstance(data, str) else data
    return bytes([tag]) + struct.pack(">H", len(name)) + name + struct.pack(">H", len(data)) + data


def integer(name, number, tag=0x21):
    return value(tag, name, struct.pack(">i", number))


def keyword(name, *words):
    return b"".join(value(0x44, name if i == 0 else "", word) for i, word in enumerate(words))


def member(name, tag, data):
    return value(0x4A, "", name) + value(tag, "", data)


def collection(name, inner):
    return value(0x34, name, b"") + inner + value(0x37, "", b"")


def media(name, width=10160, height=15240, kind="photographic-glossy", size_tag=0x21):
    def side(name, length):
        if isinstance(length, tuple):  # rangeOfInteger
            return member(name, 0x33, struct.pack(">ii", *length))
        return member(name, size_tag, struct.pack(">i", length) if size_tag == 0x21 else str(length))
    size = side("x-dimension", width) + side("y-dimension", height)
    return collection(name, value(0x4A, "", "media-size") + value(0x34, "", b"") + size + value(0x37, "", b"")
                      + member("media-type", 0x44, kind))


PRINTER = {
    "state": integer("printer-state", 3, 0x23),
    "reasons": keyword("printer-state-reasons", "none"),
    "uuid": value(0x45, "printer-uuid", "urn:uuid:11111111-2222-3333-4444-555555555555"),
    "title": value(0x41, "printer-make-and-model", "Rogue 1"),
    "up": integer("printer-up-time", 500),
    "impressions": integer("printer-impressions-completed", 40),
    "ready": media("media-col-ready"),
    "formats": value(0x49, "document-format-supported", "image/pwg-raster"),
    "accepting": value(0x22, "printer-is-accepting-jobs", b"\x01"),
}
JOB = {
    "id": integer("job-id", 1),
    "uuid": value(0x45, "job-uuid", "urn:uuid:99999999-2222-3333-4444-555555555555"),
    "name": value(0x42, "job-name", KEY),
    "user": value(0x42, "job-originating-user-name", "platen"),
    "state": integer("job-state", 9, 0x23),
    "reasons": keyword("job-state-reasons", "job-completed-successfully"),
    "impressions": integer("job-impressions-completed", 1),
}
START = value(0x47, "attributes-charset", "utf-8") + value(0x48, "attributes-natural-language", "en")

nested = b"".join(value(0x34, "media-col-ready" if i == 0 else "", b"") + value(0x4A, "", "m") for i in range(20000))

# what the printer says of itself, changed
PRINTER_LIES = {
    "state-as-text": {"state": value(0x41, "printer-state", "idle")},
    "state-99": {"state": integer("printer-state", 99, 0x23)},
    "state-negative": {"state": integer("printer-state", -3, 0x23)},
    "state-missing": {"state": b""},
    "state-short": {"state": value(0x23, "printer-state", b"\x00\x03")},
    "state-as-range": {"state": value(0x33, "printer-state", struct.pack(">ii", 3, 3))},
    "reasons-as-integers": {"reasons": integer("printer-state-reasons", 7)},
    "thousand-reasons": {"reasons": keyword("printer-state-reasons", *[f"reason-{i}" for i in range(1000)])},
    "long-reason": {"reasons": keyword("printer-state-reasons", "x" * 1000)},
    "uuid-as-integer": {"uuid": integer("printer-uuid", 5)},
    "hostile-text": {"title": value(0x41, "printer-make-and-model", b"\x1b[2J\xff\xfe\n<6>forged"),
                     "message": value(0x41, "printer-state-message", b"\x00\x01%s%n\xc0\x80")},
    "long-text": {"title": value(0x41, "printer-make-and-model", b"\xc3\xa9" * 16000)},
    "ready-as-integer": {"ready": integer("media-col-ready", 4)},
    "ready-negative": {"ready": media("media-col-ready", -10160, -15240)},
    "ready-huge": {"ready": media("media-col-ready", 2147483647, 2147483647)},
    "ready-as-text": {"ready": media("media-col-ready", size_tag=0x41)},
    "ready-thousands": {"ready": b"".join(media("media-col-ready" if i == 0 else "", 10160 + i) for i in range(900))},
    "ready-twice": {"ready2": media("media-col-ready", 1, 1)},
    "ready-roll": {"ready": media("media-col-ready", 10160, (-1, 2147483647))},
    "ready-roll-too-short": {"ready": media("media-col-ready", 10160, (1, 15000))},
    "ready-roll-backwards": {"ready": media("media-col-ready", 10160, (20000, 10000))},
    "ready-empty-collection": {"ready": collection("media-col-ready", b"")},
    "supplies-as-text": {"more": value(0x41, "marker-levels", "full") + integer("marker-names", 3)},
    "supplies-hostile": {"more": b"".join(integer("marker-levels" if i == 0 else "", -2147483648 + i) for i in range(500))
                         + value(0x42, "marker-names", b"\x1b]0;\xff" * 400)},
    "supplies-garbage": {"more": b"".join(value(0x30, "printer-supply" if i == 0 else "", text) for i, text in enumerate(
        [b"type=" + b"A" * 900, b"\x00\xff;level=9", b"=;=;level==;type=;", b"type=ink;level=-99999999999999"]))},
    "alerts-as-text": {"more": value(0x41, "printer-alert", "coverOpen;severity=critical")
                       + integer("printer-alert-description", 3)},
    "alerts-hostile": {"more": b"".join(value(0x30, "printer-alert" if i == 0 else "", text) for i, text in enumerate(
        [b"code=" + b"A" * 900, b"\x00\xff;code=jam", b"code=\xff\xfe;group=input;groupindex=-1",
         b"code=jam;group=input;groupindex=2147483647", b"code=jam;group=markerSupplies;groupindex=1"] * 200))},
    "trays-hostile": {"more": b"".join(value(0x30, "printer-input-tray" if i == 0 else "", text) for i, text in enumerate(
        [b"name=" + b"N" * 900, b"type=\xc3;level=5", b"type=" + b"\xc3\x84" * 16 + b";level=-99999999999",
         b"level=2147483648;maxcapacity=-2147483648;status=99999", b""] * 200)) + integer("printer-output-tray", 7)},
    "media-hostile": {"more": keyword("media-supported", *(["m" * 255] * 900)) + keyword("media-supported", "twice")},
    "up-time-negative": {"up": integer("printer-up-time", -1)},
    "impressions-negative": {"impressions": integer("printer-impressions-completed", -2147483648)},
    "accepting-as-7": {"accepting": value(0x22, "printer-is-accepting-jobs", b"\x07")},
    "hundred-thousand-attributes": {"more": b"".join(integer(f"a{i}", i) for i in range(60000))},
    "nested-20000": {"ready": nested},
    "collection-unclosed": {"ready": value(0x34, "media-col-ready", b"")},
    "collection-overclosed": {"ready": value(0x37, "media-col-ready", b"") * 3},
    "group-in-collection": {"ready": value(0x34, "media-col-ready", b"") + b"\x02"},
    "extension-tag": {"more": value(0x7F, "x", b"\x40\x00\x00\x00abc")},
    "group-zero": {"more": b"\x00"},
    "length-past-end": {"more": b"\x44\x00\x03abc\xff\xff"},
    "name-too-long": {"more": value(0x44, b"n" * 60000, "v")},
    "member-outside": {"more": value(0x4A, "", "loose")},
}
# what it says of a job, changed
JOB_LIES = {
    "job-id-negative": {"id": integer("job-id", -5)},
    "job-id-missing": {"id": b""},
    "job-id-of-another": {"id": integer("job-id", 77)},
    "job-uri-elsewhere": {"uri": value(0x45, "job-uri", "ipp://localhost:PORT/elsewhere/1")},
    "job-state-77": {"state": integer("job-state", 77, 0x23)},
    "job-state-as-text": {"state": value(0x41, "job-state", "completed")},
    "job-state-missing": {"state": b""},
    "job-impressions-negative": {"impressions": integer("job-impressions-completed", -1)},
    "job-impressions-huge": {"impressions": integer("job-impressions-completed", 2147483647)},
    "job-of-other-uuid": {"uuid": value(0x45, "job-uuid", "urn:uuid:00000000-0000-0000-0000-00000000dead"),
                          "name": value(0x42, "job-name", "not-ours")},
    "job-name-long": {"name": value(0x42, "job-name", b"n" * 30000), "uuid": b""},
}
HELD = {}  # mode: its job, where jobs are held


def holding(operation, mode, body):
    """What a printer with held jobs says after its operation group."""
    job = HELD.setdefault(mode, {"state": 7, "held": False})
    if operation == GET_PRINTER:
        said = b"".join(PRINTER.values()) + keyword("job-hold-until-supported", "no-hold", "indefinite")
        return b"\x04" + said + b"".join(integer("operations-supported" if i == 0 else "", n, 0x23)
                                         for i, n in enumerate((CREATE, SEND, CANCEL, GET_JOB, GET_JOBS, RELEASE)))
    if operation == CREATE:
        job.update(state=4, held=b"job-hold-until" in body and mode != "hold-ignored")
    if (operation == SEND and (not job["held"] or mode == "hold-claimed")) or (operation == RELEASE and job["state"] == 4):
        job["state"] = 9
        note(f"{mode} printed")
    if operation == CANCEL and job["state"] == 4:
        job["state"] = 7
    refused = b"\x05" + value(0x10, "job-hold-until", b"") if operation == CREATE and mode == "hold-ignored" else b""
    said = dict(JOB, state=integer("job-state", job["state"], 0x23),
                impressions=integer("job-impressions-completed", 1 if job["state"] == 9 else 0))
    if job["held"] and job["state"] == 4:
        said["hold"] = keyword("job-hold-until", "indefinite")
    return refused + b"\x02" + b"".join(said.values())

def groups(operation, mode, port, body):
    """The attributes of an answer after its operation group."""
    if mode.startswith("hold"):
        return holding(operation, mode, body)
    if operation == GET_PRINTER:
        said = dict(PRINTER, **PRINTER_LIES.get(mode, {}))
        if mode == "uuid-changes":
            said["uuid"] = value(0x45, "printer-uuid", f"urn:uuid:{time.monotonic_ns():032x}")
        return b"\x04" + b"".join(said.values())
    if operation in (CREATE, GET_JOB, GET_JOBS):
        said = dict(JOB, **JOB_LIES.get(mode, {}))
        if "uri" in said:
            said["uri"] = value(0x45, "job-uri", f"ipp://localhost:{port}/elsewhere/1")
        times = 2000 if mode == "jobs-2000" and operation == GET_JOBS else 1
        if mode == "jobs-of-others" and operation == GET_JOBS:
            said.update(name=value(0x42, "job-name", "holiday.jpg"), user=value(0x42, "job-originating-user-name", "eve"),
                        uuid=value(0x45, "job-uuid", "urn:uuid:eve"))
        return (b"\x02" + b"".join(said.values())) * times
    return b""


def answer(operation, request_id, mode, port, body):
    status = {"status-7fff": 0x7FFF, "status-refused": 0x0400}.get(mode, 0)
    if mode == "send-refused" and operation == SEND:
        status = 0x040B
    if mode == "create-busy" and operation == CREATE:
        status = 0x0507
    if (mode, operation) in (("job-unreadable", GET_JOB), ("jobs-unreadable", GET_JOBS)):
        status = 0x0500
    version = b"\x09\x00" if mode == "version-9" else b"\x02\x00"
    request_id += 1 if mode == "other-request-id" else 0
    end = b"" if mode == "no-end-tag" else b"\x03"
    tail = b"\x00garbage" * 50 if mode == "tail-garbage" else b""
    return (version + struct.pack(">HI", status, request_id) + b"\x01" + START + groups(operation, mode, port, body)
            + end + tail)


# ---- HTTP, by hand ----

def head(status=b"200 OK", length=None, extra=b""):
    text = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/ipp\r\n" + extra
    if length is not None:
        text += b"Content-Length: %d\r\n" % length
    return text + b"\r\n"


def http_lie(mode, good):
    """The bytes of a whole answer, or a generator of pieces; None: this mode is honest about HTTP."""
    def drip():
        for byte in head(length=len(good)) + good:
            yield bytes([byte])
            time.sleep(0.3)

    def endless(start, piece):
        yield start
        while True:
            yield piece

    lies = {
        "http-garbage": b"\x00\xff\x13garbage\r\n\r\n" * 20,
        "http-404": head(b"404 Not Found", 0),
        "http-500": head(b"500 Oops", 5) + b"oops!",
        "http-401": head(b"401 Unauthorized", 0, b"WWW-Authenticate: Basic realm=\"x\"\r\n"),
        "http-426": head(b"426 Upgrade Required", 0, b"Upgrade: TLS/1.2\r\n"),
        "http-redirect": head(b"302 Found", 0, b"Location: /elsewhere/2\r\n"),
        "http-redirect-file": head(b"301 Moved", 0, b"Location: file:///etc/passwd\r\n"),
        "http-09": good,
        "http-html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        "http-no-type": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(good) + good,
        "http-empty": head(length=0),
        "http-cut": head(length=len(good) + 100) + good,
        "http-short-length": head(length=10) + good,
        "http-negative-length": head(extra=b"Content-Length: -5\r\n") + good,
        "http-gzip": head(length=len(good), extra=b"Content-Encoding: gzip\r\n") + good,
        "http-two-answers": head(length=len(good)) + good + head(length=len(good)) + good,
        "http-drip": drip(),
        "http-endless-chunks": endless(head(extra=b"Transfer-Encoding: chunked\r\n"), b"4000\r\n" + b"\x41" * 0x4000 + b"\r\n"),
        "http-endless-body": endless(head(length=10 ** 15), b"\x41" * 65536),
        "http-endless-head": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * 1000 + b"\r\n"),
        "http-endless-line": endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"y" * 65536),
        "http-continue-storm": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "http-close": b"",
    }
    return lies.get(mode)


class Talk(socketserver.BaseRequestHandler):
    def read_head(self):
        while b"\r\n\r\n" not in self.bytes:
            piece = self.request.recv(65536)
            if not piece:
                return None
            self.bytes += piece
        text, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        return text.decode("latin-1")

    def read_body(self, length, mode):
        """The message's head; the rest is counted as document when it follows a Send-Document."""
        while len(self.bytes) < min(length, 8):
            self.bytes += self.request.recv(65536)
        operation, request_id = struct.unpack(">HI", self.bytes[2:8])
        if operation == SEND and mode == "send-never-reads":
            time.sleep(600)
        if operation == SEND and mode == "send-resets":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise ConnectionError
        if operation == SEND and mode == "send-early-yes":
            return operation, request_id, b""
        body, got = self.bytes, len(self.bytes)
        while got < length:
            piece = self.request.recv(65536)
            if not piece:
                break
            got += len(piece)
            body = body + piece if operation != SEND else b""
        self.bytes = b""
        if operation == SEND:
            note(f"{mode} document {got}")
        if operation == SEND and mode == "send-no-answer":
            time.sleep(600)
        if operation == SEND and mode == "send-drop-after":
            raise ConnectionError
        if operation == RELEASE and mode == "hold-release-lost":
            raise ConnectionError
        return operation, request_id, body

    def handle(self):
        self.bytes = b""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while self.answer_one():
                pass
        except OSError:
            pass

    def answer_one(self):
        text = self.read_head()
        if text is None:
            return False
        mode = text.split(" ")[1].strip("/").split("/")[0]
        if mode == "elsewhere":
            note("- elsewhere")
        length = [int(line.split(":")[1]) for line in text.split("\r\n") if line.lower().startswith("content-length")]
        if mode == "silent":
            time.sleep(600)
        operation, request_id, body = self.read_body(length[0] if length else 0, mode)
        good = answer(operation, request_id, mode, self.server.server_address[1], body)
        lie = http_lie(mode, good)
        if lie is None:
            self.request.sendall(head(length=len(good)) + good)
            return not mode.startswith("keep-not")
        for piece in [lie] if isinstance(lie, bytes) else lie:
            self.request.sendall(piece)
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    with Server(("127.0.0.1", 0), Talk) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


main()
