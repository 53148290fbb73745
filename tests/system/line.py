# SPDX-License-Identifier: Apache-2.0
"""A bad line between a floor and its order service: plain TCP, below TLS, so it sees bytes and no calls. A
Spell says what becomes of each connection made while it lasts, and knows how often it struck:

  Reset(up, k)     the connection is reset once k bytes went up (or down); k - 1 of them were delivered
  HalfClose(up, k) after k bytes that way is closed, the other one goes on
  Lose()           all that was said goes up, the first word of the answer resets it instead
  Late(ms)         every piece comes late
  Drip(n)          every piece in crumbs of n bytes
  Hole()           it is taken, and nothing ever comes out at the other end
  Refuse()         nobody takes it"""
import socket
import struct
import threading
import time

PIECE = 65536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Spell:
    def __init__(self):
        self.hits = 0

    def piece(self, link, upward, before, data):
        """What becomes of a piece that comes after `before` bytes that way: False ends the pump."""
        link.forward(upward, data)
        return True


class Reset(Spell):
    def __init__(self, upward, at):
        super().__init__()
        self.upward, self.at = upward, at

    def piece(self, link, upward, before, data):
        if upward != self.upward or before + len(data) < self.at:
            return super().piece(link, upward, before, data)
        link.forward(upward, data[:self.at - before - 1])
        self.hits += 1
        link.reset()
        return False


class HalfClose(Reset):
    def piece(self, link, upward, before, data):
        if upward != self.upward or before + len(data) < self.at:
            return Spell.piece(self, link, upward, before, data)
        link.forward(upward, data[:self.at - before])
        self.hits += 1
        link.shut(upward)
        return False


class Lose(Spell):
    """Spares the handshake: only what is said in a second answer, or later, is lost."""

    def piece(self, link, upward, before, data):
        if upward or link.turns < 3:
            return super().piece(link, upward, before, data)
        self.hits += 1
        link.reset()
        return False


class Late(Spell):
    def __init__(self, ms):
        super().__init__()
        self.ms = ms

    def piece(self, link, upward, before, data):
        time.sleep(self.ms / 1000)
        self.hits += 1
        return super().piece(link, upward, before, data)


class Drip(Spell):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def piece(self, link, upward, before, data):
        for at in range(0, len(data), self.n):
            link.forward(upward, data[at:at + self.n])
            time.sleep(0.001)
        self.hits += 1
        return True


class Hole(Spell):
    def piece(self, link, upward, before, data):
        self.hits += 1
        return True


class Refuse(Spell):
    pass


class Link:
    """One connection: two sockets, a pump each way."""

    def __init__(self, line, near, far, spell):
        self.line, self.near, self.far, self.spell = line, near, far, spell
        self.passed = {True: 0, False: 0}
        self.turns, self.last_upward = 0, False
        for sock in (near, far):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for upward in (True, False):
            threading.Thread(target=self.pump, args=(upward,), daemon=True).start()

    def forward(self, upward, data):
        if data:
            (self.far if upward else self.near).sendall(data)

    def shut(self, upward):
        (self.far if upward else self.near).shutdown(socket.SHUT_WR)

    def reset(self):
        for sock in (self.near, self.far):
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                sock.shutdown(socket.SHUT_RD)  # wakes the other pump
            except OSError:
                pass
            sock.close()
        self.line.forget(self)

    def note_turn(self, upward):
        """A turn begins whenever the other side speaks."""
        if upward != self.last_upward:
            self.turns += upward
            self.last_upward = upward

    def pump(self, upward):
        source = self.near if upward else self.far
        try:
            while True:
                data = source.recv(PIECE)
                if not data:
                    self.shut(upward)
                    return
                self.note_turn(upward)
                goes_on = self.spell.piece(self, upward, self.passed[upward], data)
                self.passed[upward] += len(data)
                self.line.note(upward, len(data))
                if not goes_on:
                    return
        except OSError:
            self.reset()  # either side has gone


class Line:
    def __init__(self, port, upstream):
        self.port, self.upstream = port, upstream
        self.spell, self.links, self.lock = Spell(), set(), threading.Lock()
        self.connections, self.bytes = 0, {True: 0, False: 0}
        self.door, self.open = None, True
        self.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def listen(self):
        self.door = socket.create_server(("127.0.0.1", self.port), reuse_port=True, backlog=64)

    def serve(self):
        while self.open:
            door = self.door
            if door is None:
                time.sleep(0.01)
                continue
            try:
                near, _ = door.accept()
                self.connect(near)
            except OSError:
                continue  # it was closed, or the service is away

    def connect(self, near):
        try:
            far = socket.create_connection(("127.0.0.1", self.upstream))
        except OSError:
            near.close()
            return
        with self.lock:
            self.connections += 1
            self.links.add(Link(self, near, far, self.spell))

    def note(self, upward, n):
        with self.lock:
            self.bytes[upward] += n

    def forget(self, link):
        with self.lock:
            self.links.discard(link)

    def drop_all(self):
        with self.lock:
            links = list(self.links)
        for link in links:
            link.reset()

    def cast(self, spell):
        """From here on; what is open is reset, so that it is soon met."""
        refuses, was = isinstance(spell, Refuse), isinstance(self.spell, Refuse)
        self.spell = spell
        if refuses and not was:
            door, self.door = self.door, None
            door.shutdown(socket.SHUT_RDWR)
            door.close()
        if was and not refuses:
            self.listen()
        self.drop_all()
        return spell

    def heal(self):
        self.cast(Spell())

    def close(self):
        self.open = False
        self.cast(Refuse())
