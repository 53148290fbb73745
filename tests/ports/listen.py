#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What ports/listen promises, asked over real sockets of tests/ports/listen_peer."""
import http.client, json, os, shutil, signal, socket, ssl, stat, subprocess, sys, tempfile, time

PEER = os.path.join(os.environ["PLATEN_BUILD"], "tests/ports/listen_peer")
tests = []


def test(function):
    tests.append(function)
    return function


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


class Peer:
    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(prefix="platen-listen.")
        with open(self.folder + "/file", "wb") as file:
            file.write(bytes(range(256)) * 1000)
        self.process = subprocess.Popen([PEER, self.folder, *(arguments or ("none",))],
                                        stdout=subprocess.PIPE)
        self.ports = json.loads(self.process.stdout.readline())
        self.tcp, self.tls = self.ports["tcp"], self.ports["tls"]

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        shutil.rmtree(self.folder)
        assert fault[0] or status == 0, "the peer ended with %d" % status

    def http(self):
        return http.client.HTTPConnection("127.0.0.1", self.tcp, timeout=10)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.tcp), 10)

    def ask(self, method, path, body=None):
        line = self.http()
        line.request(method, path, body)
        answer = line.getresponse()
        return answer.status, answer.read()

    def counts(self):
        return json.loads(self.ask("GET", "/counts")[1])


def until(predicate, patience=5):
    end = time.monotonic() + patience
    while not predicate():
        assert time.monotonic() < end, "it did not happen in %d s" % patience
        time.sleep(0.02)


def all_of(connection):
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return data
        data += piece


@test
def one_connection_carries_many_requests(peer):
    line = peer.http()
    line.connect()
    first = line.sock
    for i in range(50):
        line.request("POST", "/echo", b"%d" % i)
        answer = line.getresponse()
        assert answer.status == 200 and answer.read() == b"%d" % i
        assert answer.getheader("x-echo") == "yes"
    assert line.sock is first


@test
def pipelined_requests_are_answered_in_order(peer):
    with peer.socket() as line:
        ask = b"".join(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % (path, i)
                       for i, path in enumerate([b"/later", b"/echo", b"/later", b"/echo"]))
        line.sendall(ask + b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        data = all_of(line)
    bodies = [part.split(b"\r\n\r\n", 1)[1] for part in data.split(b"HTTP/1.1 ")[1:]]
    assert bodies == [b"later", b"1", b"later", b"3", b"none"], bodies


@test
def an_answer_may_come_in_a_later_turn(peer):
    line = peer.http()
    line.request("GET", "/wait")
    time.sleep(0.1)
    assert peer.ask("GET", "/answer") == (200, b"found")
    assert line.getresponse().read() == b"waited"
    assert peer.ask("GET", "/answer") == (200, b"gone")


@test
def a_client_that_leaves_while_waiting_is_told_of(peer):
    before = peer.counts()["gone"]
    line = peer.http()
    line.request("GET", "/wait")
    time.sleep(0.1)
    line.close()
    until(lambda: peer.counts()["gone"] == before + 1)
    assert peer.ask("GET", "/answer") == (200, b"gone")


@test
def path_and_query_are_decoded_and_split(peer):
    shown = json.loads(peer.ask("GET", "/show/a%20b?q=%C3%A9%26&x")[1])
    assert shown == {"parts": 2, "last": "a b", "query": "é&", "from": "127.0.0.1", "peer": False,
                     "uid": 0, "pid": 0, "client": ""}, shown


@test
def a_unix_socket_tells_who_asks_and_is_closed_to_others(peer):
    path = peer.folder + "/socket"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    line = Unix(path)
    line.request("GET", "/show")
    shown = json.loads(line.getresponse().read())
    assert shown["peer"] and shown["uid"] == os.getuid() and shown["pid"] == os.getpid(), shown
    assert shown["from"] == "unix"


@test
def a_living_servers_socket_is_not_taken_over_and_a_stale_one_is(peer):
    second = subprocess.run([PEER, peer.folder, "none"], capture_output=True, timeout=10)
    assert second.returncode == 1 and b"socket-taken" in second.stderr, second.stderr
    line = Unix(peer.folder + "/socket")
    line.request("GET", "/show")
    assert line.getresponse().status == 200
    with Peer() as other:
        other.process.kill()
        other.process.wait()
        third = subprocess.Popen([PEER, other.folder, "none"], stdout=subprocess.PIPE)
        assert json.loads(third.stdout.readline())["tcp"] > 0
        third.terminate()
        assert third.wait(10) == 0
        assert not os.path.exists(other.folder + "/socket")
        other.process.returncode = 0


@test
def a_body_over_the_limit_is_refused_before_it_is_read(peer):
    with peer.socket() as line:
        line.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n")
        data = all_of(line)
    assert data.startswith(b"HTTP/1.1 413 ") and b"body-too-large" in data, data
    assert peer.ask("POST", "/echo", b"x" * 100000) == (200, b"x" * 100000)


@test
def a_body_can_be_taken_in_pieces(peer):
    before = peer.counts()["piece_bytes"]
    status, body = peer.ask("POST", "/upload", b"u" * 5000000)
    assert status == 200 and json.loads(body)["piece_bytes"] == before + 5000000
    assert peer.ask("POST", "/upload?stop=1", b"u" * 1000000) == (409, b"stopped")
    with peer.socket() as line:
        line.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 8388609\r\n\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 413 ")


@test
def the_head_alone_can_be_refused(peer):
    with peer.socket() as line:
        line.sendall(b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 403 ")
    for _ in range(20):
        assert peer.ask("POST", "/refuse", b"small bodies are read all the same")[0] == 403


@test
def doubtful_heads_are_refused(peer):
    cases = [
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", b"400"),
        (b"Transfer-Encoding: chunked\r\n", b"411"),
        (b"Content-Length: 1\r\nContent-Length: 2\r\n", b"400"),
        (b"Content-Length: -1\r\n", b"400"),
        (b"Content-Length: 99999999999999999999999\r\n", b"4"),
        (b"X: 1\r\n" * 101, b"431"),
        (b"X: " + b"y" * 17000 + b"\r\n", b"431"),
        (b"X: " + b"y" * 80000 + b"\r\n", b"431"),
    ]
    for head, status in cases:
        with peer.socket() as line:
            try:
                line.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head +
                             b"\r\n")
            except (ConnectionResetError, BrokenPipeError):
                pass
            data = all_of(line)
            assert data.startswith(b"HTTP/1.1 " + status), (head[:60], data[:200])
    for path in (b"/a%2fb", b"/a%00b", b"/a%2F..%2Fb", b"x/y"):
        with peer.socket() as line:
            line.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert all_of(line).startswith(b"HTTP/1.1 400 "), path
    with peer.socket() as line:
        line.sendall(b"GET /" + b"a/" * 20 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 414 ")


@test
def a_head_that_drips_is_cut_off(peer):
    for start in (b"", b"GET /show HTTP/1.1\r\n"):
        with peer.socket() as line:
            begun = time.monotonic()
            try:
                line.sendall(start)
                for _ in range(100):
                    line.sendall(b"X")
                    time.sleep(0.1)
                raise AssertionError("it could drip for 10 s")
            except (BrokenPipeError, ConnectionResetError):
                pass
            assert 1.4 < time.monotonic() - begun < 5


@test
def an_idle_connection_is_closed(peer):
    with peer.socket() as line:
        begun = time.monotonic()
        assert all_of(line) == b"" and 1.4 < time.monotonic() - begun < 4


@test
def two_hundred_idle_connections_slow_nobody(peer):
    lines = [peer.socket() for _ in range(200)]
    slowest = 0
    for _ in range(50):
        begun = time.monotonic()
        assert peer.ask("GET", "/show")[0] == 200
        slowest = max(slowest, time.monotonic() - begun)
    for line in lines:
        line.close()
    assert slowest < 0.25, slowest


@test
def connections_over_the_limit_of_an_address_are_closed_and_others_served(peer):
    time.sleep(0.2)
    lines = [peer.socket() for _ in range(260)]
    time.sleep(0.3)
    dead = 0
    for line in lines:
        line.setblocking(False)
        try:
            dead += line.recv(1) == b""
        except BlockingIOError:
            pass
        except ConnectionResetError:
            dead += 1
    unix = Unix(peer.folder + "/socket")
    unix.request("GET", "/show")
    assert unix.getresponse().status == 200
    for line in lines:
        line.close()
    time.sleep(0.3)
    assert 10 <= dead <= 60, dead


@test
def ranges_of_a_file_are_sent(peer):
    whole = bytes(range(256)) * 1000
    cases = [(None, 200, whole), ("bytes=10-19", 206, whole[10:20]), ("bytes=-5", 206, whole[-5:]),
             ("bytes=255990-", 206, whole[255990:]), ("bytes=0-999999", 206, whole),
             ("bytes=256000-", 416, None), ("bytes=5-4", 416, None), ("bytes=1-2,4-5", 200, whole),
             ("bytes=x-", 200, whole), ("lines=1-2", 200, whole), ("bytes=-0", 416, None)]
    for text, status, body in cases:
        line = peer.http()
        line.request("GET", "/file", headers={"Range": text} if text else {})
        answer = line.getresponse()
        data = answer.read()
        assert answer.status == status and (body is None or data == body), (text, answer.status)
        if status == 206:
            assert answer.getheader("content-range").endswith("/256000")
    line = peer.http()
    line.request("HEAD", "/file")
    answer = line.getresponse()
    assert answer.getheader("content-length") == "256000" and answer.read() == b""


@test
def a_stream_brings_what_is_sent_and_beats_when_quiet(peer):
    line = peer.http()
    line.request("GET", "/stream")
    answer = line.getresponse()
    assert answer.getheader("content-type") == "text/event-stream"
    assert answer.read(13) == b"data: first\n\n"
    begun = time.monotonic()
    peer.ask("POST", "/publish", b"data: two\n\n")
    assert answer.read(11) == b"data: two\n\n" and time.monotonic() - begun < 0.3
    assert answer.read(3) == b":\n\n"
    peer.ask("POST", "/finish")
    assert answer.read() in (b"", b":\n\n")


@test
def a_streams_departure_is_noticed(peer):
    before = peer.counts()["gone"]
    lines = [peer.http() for _ in range(20)]
    for line in lines:
        line.request("GET", "/stream")
        line.getresponse().read(5)
    assert peer.counts()["streams"] == 20
    for line in lines:
        line.sock and line.sock.close()
        line.close()
    del lines, line
    until(lambda: peer.counts()["streams"] == 0)
    assert peer.counts()["gone"] == before + 20


@test
def a_stream_that_is_not_read_is_dropped(peer):
    with peer.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: peer.counts()["streams"] == 1)
        for _ in range(200):
            peer.ask("POST", "/publish", b"data: " + b"z" * 90000 + b"\n\n")
            if peer.counts()["streams"] == 0:
                return
        raise AssertionError("18 MB were kept for a client that does not read")


@test
def closing_ends_what_waits(peer):
    with Peer() as other:
        waiting, stream = other.http(), other.http()
        waiting.request("GET", "/wait")
        stream.request("GET", "/stream")
        stream.getresponse().read(13)
        until(lambda: other.counts()["streams"] == 1)
        begun = time.monotonic()
        other.process.send_signal(signal.SIGTERM)
        assert other.process.wait(5) == 0 and time.monotonic() - begun < 2


class Certificates:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="platen-certs.")
        for ca in ("ca", "wrong-ca"):
            self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-subj", "/CN=" + ca, "-keyout", ca + ".key", "-out", ca + ".pem",
                     "-days", "2")
        self.sign("server", "ca", "subjectAltName=IP:127.0.0.1")
        self.sign("floor-7", "ca", "extendedKeyUsage=clientAuth")
        self.sign("stranger", "wrong-ca", "extendedKeyUsage=clientAuth")
        self.sign("not-a-client", "ca", "extendedKeyUsage=serverAuth")

    def run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name, ca, extension):
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                 "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr")
        with open(self.folder + "/ext", "w") as file:
            file.write(extension + "\n")
        self.run("x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key",
                 "-CAcreateserial", "-out", name + ".pem", "-days", "1", "-extfile", "ext")

    def path(self, name):
        return os.path.join(self.folder, name)

    def peer(self, client):
        return Peer(client, self.path("server.pem"), self.path("server.key"), self.path("ca.pem"))

    def ask(self, peer, name, path="/show", version=None):
        context = ssl.create_default_context(cafile=self.path("ca.pem"))
        if version:
            context.maximum_version = version
        if name:
            context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        line = http.client.HTTPSConnection("127.0.0.1", peer.tls, timeout=5, context=context)
        line.request("GET", path)
        return line.getresponse().read()


def refused(call):
    try:
        call()
    except (ssl.SSLError, ConnectionError, http.client.HTTPException):
        return True
    return False


@test
def client_certificates_are_judged_in_the_handshake(peer):
    certificates = Certificates()
    versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    with certificates.peer("required") as tls:
        for version in versions:
            shown = json.loads(certificates.ask(tls, "floor-7", version=version))
            assert shown["client"] == "floor-7", shown
            for name in (None, "stranger", "not-a-client"):
                assert refused(lambda: certificates.ask(tls, name, version=version)), name
        assert certificates.ask(tls, "floor-7", "/later") == b"later"
        assert certificates.ask(tls, "floor-7", "/file") == bytes(range(256)) * 1000
    with certificates.peer("optional") as tls:
        assert json.loads(certificates.ask(tls, None))["client"] == ""
        assert json.loads(certificates.ask(tls, "floor-7"))["client"] == "floor-7"
        assert refused(lambda: certificates.ask(tls, "stranger"))
    with certificates.peer("none") as tls:
        assert json.loads(certificates.ask(tls, "floor-7"))["client"] == ""
    shutil.rmtree(certificates.folder)


@test
def missing_certificate_files_are_named(peer):
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run([PEER, folder, "required", "/nowhere/c", "/nowhere/k", "/nowhere/a"],
                               capture_output=True, timeout=10)
    assert found.returncode == 1 and b"/nowhere/c" in found.stderr, found.stderr


def main():
    failed = 0
    print("1..%d" % len(tests), flush=True)
    with Peer() as peer:
        for number, function in enumerate(tests, 1):
            try:
                function(peer)
                print("ok %d - %s" % (number, function.__name__), flush=True)
            except Exception as fault:
                failed += 1
                print("not ok %d - %s" % (number, function.__name__))
                print("# %s: %s" % (type(fault).__name__, fault), flush=True)
    return failed != 0


sys.exit(main())
