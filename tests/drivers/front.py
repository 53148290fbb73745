#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Stands before an IPP printer on loopback, encrypted, and asks who is there. front.py FOLDER PORT: prints its
own port, passes whatever is allowed to the printer at PORT, serves until killed. For each new connection it
reads FOLDER/mode, words in any order:

  plain             no TLS
  key=NAME          proves NAME.key with NAME.pem (made by `front.py make FOLDER`: a, b, a-again, a-expired)
  tls=1.1           speaks nothing newer
  garbage reset stall closes    what it does instead of a handshake
  basic digest digest-sha256 stale   asks for user lab, password "right"; stale: each nonce is good once
  turns             asks for Digest and for Basic in turns, and is never content
  only=5            asks so for that IPP operation only
  426               refuses what is not encrypted
  swallow=5         passes a request of that IPP operation on and closes without its answer

FOLDER/seen gets a line for each connection ("connection") and its orderly end ("goodbye"), for each request that
was read ("request BYTES"), for each of which it kept the answer ("swallowed") and for each password that was told
("basic TEXT", "digest good", "digest bad", "digest stale"); "asked" for each of the turns."""
import base64
import hashlib
import os
import re
import secrets
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time

USER, PASSWORD, REALM = "lab", "right", "printer of a test"
LOCK = threading.Lock()
NONCES = set()
TURNS = []


def make(folder):
    def run(*words):
        subprocess.run(["openssl", *words], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def path(name):
        return os.path.join(folder, name)
    for name in ("a", "b"):
        run("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path(name + ".key"))
    for name, key, days in (("a", "a", "30"), ("b", "b", "30"), ("a-again", "a", "60"), ("a-expired", "a", "0")):
        run("req", "-new", "-key", path(key + ".key"), "-subj", "/CN=" + name, "-out", path("request"))
        run("x509", "-req", "-in", path("request"), "-signkey", path(key + ".key"), "-days", days, "-out", path(name + ".pem"))
        if name != key:
            with open(path(key + ".key"), "rb") as source, open(path(name + ".key"), "wb") as copy:
                copy.write(source.read())


class Front(socketserver.BaseRequestHandler):
    def note(self, text):
        with LOCK, open(os.path.join(FOLDER, "seen"), "a", encoding="utf-8") as file:
            file.write(text + "\n")

    @staticmethod
    def read_mode():
        with open(os.path.join(FOLDER, "mode"), encoding="utf-8") as file:
            return file.read().split()

    def handle(self):
        self.mode = self.read_mode()
        self.note("connection")
        try:
            link = self.shake()
            while link is not None and self.one(link):
                pass
        except (OSError, ValueError):
            pass

    def shake(self):
        """The connection, encrypted unless it is plain; None when there is none."""
        link, words = self.request, self.mode
        link.settimeout(20)
        if "plain" in words:
            return link
        if "garbage" in words:
            link.sendall(b"\x15\x03\x01\x40\x00" + secrets.token_bytes(3000))
        elif "stall" in words:
            time.sleep(20)
        elif "reset" in words:
            link.recv(100)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif "closes" not in words:
            return self.encrypt(link)
        link.close()
        return None

    def encrypt(self, link):
        name = next((word[4:] for word in self.mode if word.startswith("key=")), "a")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(os.path.join(FOLDER, name + end) for end in (".pem", ".key")))
        if "tls=1.1" in self.mode:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context.wrap_socket(link, server_side=True, suppress_ragged_eofs=False)

    def one(self, link):
        head = b""
        while b"\r\n\r\n" not in head:
            more = link.recv(1)
            if not more:
                self.note("goodbye")
                return False
            head += more
            if head == b"\x16":  # a handshake, where none is spoken
                link.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                return False
        if self.read_mode() != self.mode:
            return False  # a kept connection of before: it is asked again on another
        text = head.decode("latin-1")
        length = int(re.search(r"content-length: *(\d+)", text, re.I).group(1))
        begun = self.begin(link, min(length, 4))
        operation = int.from_bytes(begun[2:], "big")
        length -= len(begun)
        only = [word for word in self.mode if word.startswith("only=")]
        challenge = "" if only and f"only={operation}" not in only else self.challenge(text)
        if "426" in self.mode:
            self.drain(link, length)
            link.sendall(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2,HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            return True
        if challenge:
            self.drain(link, length)
            link.sendall(f"HTTP/1.1 401 Unauthorized\r\n{challenge}Content-Length: 0\r\n\r\n".encode())
            return True
        if not begun:  # as printers take what holds no request
            link.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return True
        self.note(f"request {len(begun) + length}")
        return self.forward(link, head, begun, length)

    @staticmethod
    def begin(link, length):
        begun = b""
        while len(begun) < length:
            more = link.recv(length - len(begun))
            if not more:
                raise OSError("cut off")
            begun += more
        return begun

    def drain(self, link, length):
        while length > 0:
            more = link.recv(min(length, 65536))
            if not more:
                raise OSError("cut off")
            length -= len(more)

    def forward(self, link, head, begun, length):
        with socket.create_connection(("localhost", PRINTER)) as printer:
            printer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            head = re.sub(rb"(?i)authorization: [^\r]*\r\n", b"", head)
            printer.sendall(re.sub(rb"(?i)host: [^\r]*", b"Host: localhost:%d" % PRINTER, head) + begun)
            while length > 0:
                more = link.recv(min(length, 65536))
                if not more:
                    return False  # which resets the printer's, as the sender did
                printer.sendall(more)
                length -= len(more)
            file = printer.makefile("rb")
            answer = [file.readline()]
            while answer[-1] not in (b"\r\n", b""):
                answer.append(file.readline())
            head = b"".join(answer)
            body = self.body(file, head.decode("latin-1"))
        if f"swallow={int.from_bytes(begun[2:], 'big')}" in self.mode:
            self.note("swallowed")
            return False
        link.sendall(re.sub(rb"(?i)(transfer-encoding|content-length): [^\r]*\r\n", b"", head)[:-2]
                     + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return True

    @staticmethod
    def body(file, head):
        found = re.search(r"content-length: *(\d+)", head, re.I)
        if found:
            return file.read(int(found.group(1)))
        body = b""
        while True:
            size = int(file.readline() or b"0", 16)
            body += file.read(size)
            file.readline()
            if size == 0:
                return body

    # who is there

    def challenge(self, head):
        """The header lines that ask for a password, or "" when it was told."""
        said = re.search(r"\r\nauthorization: ([^\r]*)", head, re.I)
        said = said.group(1) if said else ""
        if "turns" in self.mode:
            self.note("asked")
            TURNS.append(1)
            return self.ask_digest(False) if len(TURNS) % 2 else self.ask_basic(False)
        for word, check, ask in (("basic", self.basic, self.ask_basic), ("digest", self.digest, self.ask_digest),
                                 ("digest-sha256", self.digest, self.ask_digest)):
            if word in self.mode:
                stale = check(said) if said else False
                return "" if stale is None else ask(stale)
        return ""

    def basic(self, said):
        told = base64.b64decode(said[6:]).decode() if said.startswith("Basic ") else said
        self.note("basic " + told)
        return None if told == f"{USER}:{PASSWORD}" else False

    @staticmethod
    def ask_basic(_):
        return f'WWW-Authenticate: Basic realm="{REALM}"\r\n'

    def digest(self, said):
        """RFC 7616. None: fine; else whether only the nonce was too old."""
        if not said.startswith("Digest "):
            self.note("told " + said)
            return False
        part = {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^, ]+))', said)}
        algorithm = hashlib.sha256 if "digest-sha256" in self.mode else hashlib.md5

        def h(text):
            return algorithm(text.encode()).hexdigest()
        secret = h(f"{USER}:{REALM}:{PASSWORD}")
        want = h(":".join((secret, part["nonce"], part["nc"], part["cnonce"], part["qop"], h("POST:" + part["uri"]))))
        if part["response"] != want or part["username"] != USER:
            self.note("digest bad")
            return False
        with LOCK:
            fresh = part["nonce"] in NONCES
            if "stale" in self.mode:
                NONCES.discard(part["nonce"])
        self.note("digest good" if fresh else "digest stale")
        return None if fresh else True

    def ask_digest(self, stale):
        nonce = secrets.token_hex(16)
        with LOCK:
            NONCES.add(nonce)
        algorithm = "SHA-256" if "digest-sha256" in self.mode else "MD5"
        return (f'WWW-Authenticate: Digest realm="{REALM}", qop="auth", algorithm={algorithm}, nonce="{nonce}"'
                f'{", stale=true" if stale else ""}\r\n')


class Server(socketserver.ThreadingTCPServer):
    daemon_threads, request_queue_size = True, 64

    def handle_error(self, request, client_address):
        pass


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    FOLDER, PRINTER = sys.argv[1], int(sys.argv[2])
    with Server(("127.0.0.1", 0), Front) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
