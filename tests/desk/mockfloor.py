# SPDX-License-Identifier: Apache-2.0
"""A floor that only answers: the local API's shapes, for tests of its callers. Serves the page's
files, too, so that it can be looked at without a floor:  mockfloor.py PORT"""
import hashlib, json, os, socketserver, sys, threading, time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

NOW = "2026-11-24T23:00:00.000Z"
EVIL = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"


def job(id, kind, stage, say, **more):
    found = {"id": id, "kind": kind, "stage": stage, "say": say, "since": NOW, "product": "4x6-glossy",
             "title": "10 × 15 glossy", "label": "", "order": {"id": "O-9", "ref": "4711"},
             "copies": 2, "pages": 1, "prints": 2, "delivered": 0, "spoiled": 0, "unknown": 0,
             "printer": "", "media": "", "due": None, "local": False, "private": False,
             "reason": None, "thumb": None}
    return {**found, **more}


WAITING = {"code": "media-missing", "title": "Waiting for paper",
           "text": "no printer has glossy-5x7 \x1b[2Jloaded", "action": "Load glossy-5x7; it then goes by itself"}
DOUBT = {"code": "may-have-printed", "title": "May have printed: look in the tray",
         "text": "P2 lost its connection after everything was sent at 14:03",
         "action": "Count the prints in the tray, then say how many"}
JOBS = [
    job("J-31", "printing", "accepted", "printing", printer="P1", delivered=3, prints=8, copies=8,
        label="Miller wedding", thumb="/v1/thumbs/J-31/0"),
    job("J-30", "needs_you", "held-unknown", "may have printed: look in the tray", printer="P2",
        reason=DOUBT, unknown=2, label=EVIL),
    job("J-29", "waiting", "queued", "waiting for paper", reason=WAITING, label="Café \x1b[31mred"),
    job("J-28", "ready", "queued", "ready", label="Okafor"),
    job("J-27", "preparing", "fetched", "checking the picture"),
    job("J-26", "done", "reported", "came out", delivered=2, printer="P1",
        thumb="/v1/thumbs/J-26/0"),
    job("J-25", "ended", "quarantined", "bad file",
        reason={"code": "truncated", "title": "Bad file", "text": "the picture ends at row 812",
                "action": "Nothing to do here: it was given back"}),
]
PRINTERS = [
    {"name": "P1", "model": "generic-4x6", "title": "Ricoh Pro", "state": "printing",
     "say": "printing", "reasons": ["media-low"],
     "conditions": [{"keyword": "media-low", "effect": "soon", "say": "is low on paper", "action": "have some at hand"}],
     "supplies": [{"name": "Cyan", "type": "ink", "waste": False, "left_percent": 8, "low": True,
                   "say": "low: have one at hand"}],
     "message": "", "paused": False, "fault": "",
     "loaded": {"media": "glossy-4x6", "title": "Glossy 10 × 15", "lot": "41"}, "sheets_left": 120,
     "job": {"id": "J-31", "label": "Miller wedding", "title": "10 × 15 glossy", "prints": 8,
             "delivered": 3, "thumb": "/v1/thumbs/J-31/0"},
     "queue": 4, "today": {"came_out": 31, "spoiled": 1}, "uuid": "u-1", "firmware": "1.2"},
    {"name": "P2", "model": "generic-4x6", "title": "Ricoh Pro", "state": "needs_you",
     "say": "needs you", "reasons": ["media-jam"], "message": "Paper jam at the exit",
     "paused": False, "fault": "", "loaded": {"media": "lustre-5x7", "title": "Lustre 13 × 18", "lot": ""},
     "sheets_left": None, "job": None, "queue": 0, "today": {"came_out": 12, "spoiled": 0},
     "uuid": "u-2", "firmware": ""},
    {"name": "D1", "model": "dye-6", "title": "Dye-sub", "state": "idle", "say": "ready",
     "reasons": [], "message": "", "paused": False, "fault": "", "loaded": None,
     "sheets_left": 210, "job": None, "queue": 0, "today": {"came_out": 17, "spoiled": 0},
     "uuid": "u-3", "firmware": ""},
]
HOLDS = [
    {"kind": "needs_you", "job": JOBS[1], "printer": None, "title": DOUBT["title"],
     "text": DOUBT["text"], "action": DOUBT["action"], "choices": ["resolve", "give_back"],
     "since": NOW, "sent": {"printer": "P2", "copies": 2, "at": NOW}},
    {"kind": "needs_you", "job": None, "printer": "P2", "title": "Paper jam",
     "text": "P2 says: Paper jam at the exit", "action": "Open the exit cover, take the sheet out",
     "choices": [], "since": NOW, "sent": None},
    {"kind": "waiting", "job": JOBS[2], "printer": None, "title": WAITING["title"],
     "text": WAITING["text"], "action": WAITING["action"], "choices": ["give_back"], "since": NOW,
     "sent": None},
]
STATUS = {"floor": "F1", "version": "0.1.0", "now": NOW, "started": NOW,
          "cloud": {"configured": True, "connected": True, "say": "connected"},
          "jobs": {"preparing": 1, "ready": 1, "printing": 1, "waiting": 1, "needs_you": 1},
          "today": {"jobs": 12, "came_out": 60, "spoiled": 1, "may_have_printed": 2},
          "outbox": 3, "last_event": 2, "say": "2 things need you"}
EVENTS = [
    {"row": n, "subject": "J-26", "sequence": n, "id": "01J%023d" % n, "type": kind, "time": NOW,
     "epoch": 1, "attempt": 1, "data": {}, "acked": n == 1}
    for n, kind in enumerate(["platen.job.leased.v1", "platen.job.printed.v1"], 1)]
DETAIL = {
    "page_list": [{"page": 0, "asset": {"sha256": "ab" * 32, "bytes": 3211264, "media_type": "image/jpeg"},
                   "options": {}, "facts": {"width_px": 4000, "height_px": 3000},
                   "raster": {"width_px": 1232, "height_px": 1832, "effective_ppi": 480, "note": ""},
                   "manifest": None, "thumb": None}],
    "ledger": [{"page": 0, "copy": n, "state": "delivered", "say": "came out",
                "evidence": "impressions", "again": False, "at": NOW} for n in (0, 1)],
    "attempts": [{"number": 1, "page": 0, "first_copy": 0, "copies": 2, "printer": "P1",
                  "media": "glossy-4x6", "phase": "accepted", "device_job": 12, "before": {},
                  "after": {}, "verdict": "done", "completed": 2, "evidence": "impressions",
                  "words": "printer says job 12 completed, 2 of 2 impressions", "begun": NOW,
                  "ended": NOW}],
    "events": EVENTS}
WHY = {"id": "J-29", "now": "waiting for paper: no printer has glossy-5x7 loaded",
       "next": "Load glossy-5x7; it then goes by itself",
       "facts": [{"what": "Order", "say": "4711, Miller"}],
       "story": [{"at": NOW, "after": "0.0 s", "by": "", "say": "The job came from the cloud."},
                 {"at": NOW, "after": "1 min 05 s", "by": "person", "say": "anna held it."}]}
DOCTOR = {"checks": [{"name": "disk", "state": "ok", "say": "41 GiB free", "do": ""},
                     {"name": "printer P2", "state": "bad", "say": "Paper jam", "do": "Open the cover"}],
          "versions": {"libuv": "1.44.2"}}


class Floor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    page_folder = words = None
    calls = []  # (path, body) of every POST
    tokens = {}
    streams = 0

    def log_message(self, *_):
        pass

    def address_string(self):
        return "somebody"

    def send(self, status, body, kind="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, code, detail):
        self.send(status, {"status": status, "code": code, "detail": detail, "retryable": False},
                  "application/problem+json")

    def do_GET(self):
        url = urlsplit(self.path)
        query = {key: value[0] for key, value in parse_qs(url.query).items()}
        parts = [unquote(part) for part in url.path.split("/")[2:]]
        plain = {"status": STATUS, "printers": {"printers": PRINTERS}, "holds": {"holds": HOLDS},
                 "doctor": DOCTOR}
        if not url.path.startswith("/v1/"):
            return self.send_page(url.path)
        if parts[0] in plain:
            return self.send(200, plain[parts[0]])
        if parts[0] == "words":
            return self.send(200, json.loads(open(self.words).read()))
        if parts[0] == "jobs" and len(parts) == 1:
            kept = [j for j in JOBS if query.get("kind", j["kind"]) == j["kind"]]
            limit = int(query.get("limit", 100))
            return self.send(200, {"jobs": kept[:limit], "more": len(kept) > limit})
        if parts[0] == "jobs":
            found = [j for j in JOBS if j["id"] == parts[1]]
            if not found:
                return self.problem(404, "no-such-job", "no job %s on this floor" % parts[1])
            return self.send(200, WHY if len(parts) == 3 else {**found[0], **DETAIL})
        if parts[0] == "events":
            after = int(query.get("after", 0))
            return self.send(200, {"events": EVENTS[after:], "last": max(after, len(EVENTS))})
        if parts[0] == "stream":
            return self.stream()
        if parts[0] == "thumbs":
            return self.send_thumb()
        return self.problem(404, "no-such-path", "there is no " + url.path)

    def send_thumb(self):
        import struct, zlib
        rows = b"".join(b"\0" + bytes(c for x in range(120) for c in
                                      (60 + x, 90 + y // 2, 160 - x // 2)) for y in range(180))
        chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data +
                                    struct.pack(">I", zlib.crc32(kind + data)))
        self.send(200, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 120, 180, 8, 2, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""), "image/png")

    def send_page(self, path):
        kinds = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
                 "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
        name = "index.html" if path == "/" else path[1:]
        file = os.path.join(self.page_folder or "/nowhere", os.path.basename(name))
        if not os.path.isfile(file):
            return self.problem(404, "no-such-path", "there is no " + path)
        self.send(200, open(file, "rb").read(), kinds[file.rsplit(".", 1)[1]])

    def stream(self):
        Floor.streams += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event, data in (("status", STATUS), ("printers", {"printers": PRINTERS}),
                            ("holds", {"holds": HOLDS}), ("jobs", {"jobs": JOBS, "more": False})):
            self.wfile.write(b"event: %s\ndata: %s\n\n" % (event.encode(), json.dumps(data).encode()))
        self.wfile.flush()
        if self.headers.get("X-Short") is None:
            time.sleep(float(os.environ.get("MOCK_STREAM_S", "3600")))

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self.path.split("/")[3]
        assert hashlib.sha256(body).hexdigest() == name
        self.calls.append(("/v1/assets", len(body)))
        self.send(201, {"sha256": name, "bytes": len(body)})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = [unquote(part) for part in self.path.split("/")[2:]]
        said = json.loads(body)
        self.calls.append((self.path, said))
        if parts == ["orders"]:
            if said["product"] == "nonsense":
                return self.problem(422, "unsupported", "no product nonsense is sold here")
            return self.send(201, {"id": "L-1", "job": job("L-1", "preparing", "fetched", "checking the picture")})
        id, _, verb = parts[1].rpartition(":")
        if parts[0] == "printers":
            return self.send(200, {"printer": next(p for p in PRINTERS if p["name"] == id)})
        if id == "J-26":
            return self.problem(409, "not-now", "J-26 came out already")
        if id == "J-busy":
            return self.problem(503, "busy", "later, please")
        if id == "J-no":
            return self.problem(403, "not-permitted", "you may not")
        if id == "J-fault":
            return self.problem(500, "internal", "broken")
        found = [j for j in JOBS if j["id"] == id]
        if not found:
            return self.problem(404, "no-such-job", "no job %s on this floor" % id)
        return self.send(200, {"job": found[0]})


class Quiet:
    def handle_error(self, request, address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, address)


class UnixServer(Quiet, socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(Quiet, socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    Floor.page_folder = os.path.join(root, "src/desk/page")
    Floor.words = sys.argv[2]
    TcpServer(("127.0.0.1", int(sys.argv[1])), Floor).serve_forever()
