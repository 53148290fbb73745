# SPDX-License-Identifier: Apache-2.0
"""A Modbus unit for tests, over TCP and over a pseudo-terminal: strict in what it takes (anything but a whole
read of registers is kept as a violation), and as bad as it is told to be in what it answers."""
import os
import pty
import select
import socket
import struct
import threading
import time
import tty


def crc_of(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class Units:
    """Registers of units; `mood` of each: "fine", "stall", "rubbish", "late" (after a second), "drip" (a byte each
    0.2 s), "slam" (ends the connection), "pour" (bytes without end, for a while)."""

    def __init__(self):
        self.registers, self.moods = {}, {}
        self.asked, self.violations = [], []  # (time, unit); texts

    def put(self, unit, function, register, *words):
        for at, word in enumerate(words):
            self.registers[unit, function, register + at] = word & 0xFFFF

    def put_float(self, unit, function, register, number):
        high, low = struct.unpack(">HH", struct.pack(">f", number))
        self.put(unit, function, register, low, high)  # the low word first

    def count(self, unit, since):
        return sum(1 for at, asked in self.asked if asked == unit and at >= since)

    def answer(self, unit, pdu):
        """The answer's PDU, or None: nothing."""
        if len(pdu) != 5 or pdu[0] not in (3, 4):
            self.violations.append(f"unit {unit}: {pdu.hex()}")
            return bytes([pdu[0] | 0x80, 1]) if pdu else None
        function, register, count = struct.unpack(">BHH", pdu)
        self.asked.append((time.monotonic(), unit))
        if self.moods.get(unit) == "stall":
            return None
        words = [self.registers.get((unit, function, register + at)) for at in range(count)]
        if None in words:
            return bytes([function | 0x80, 2])
        return struct.pack(">BB", function, 2 * count) + struct.pack(f">{count}H", *words)


class TcpServer:
    def __init__(self, units, port):
        self.units, self.port, self.lines, self.accepted = units, port, set(), 0
        self.listener = None

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(8)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def vanish(self):
        """The cable is out: nobody listens, and what was open ends."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for line in list(self.lines):
            self.end(line)

    def end(self, line):
        self.lines.discard(line)
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        line.close()

    def accept(self, listener):
        try:
            while True:
                line, _ = listener.accept()
                self.accepted += 1
                self.lines.add(line)
                threading.Thread(target=self.serve, args=(line,), daemon=True).start()
        except OSError:
            pass

    def serve(self, line):
        data = b""
        try:
            while True:
                piece = line.recv(4096)
                if not piece:
                    break
                data += piece
                while len(data) >= 7:
                    number, protocol, length, unit = struct.unpack(">HHHB", data[:7])
                    if protocol != 0 or length != 6:
                        self.units.violations.append(f"head {data[:7].hex()}")
                        return
                    if len(data) < 6 + length:
                        break
                    pdu, data = data[7:6 + length], data[6 + length:]
                    self.reply(line, number, unit, pdu)
        except OSError:
            pass
        finally:
            self.end(line)

    def reply(self, line, number, unit, pdu):
        mood, answer = self.units.moods.get(unit, "fine"), self.units.answer(unit, pdu)
        if answer is None:
            return
        whole = struct.pack(">HHHB", number, 0, len(answer) + 1, unit) + answer
        if mood == "rubbish":
            line.sendall(b"\x00\xff" * 20)
        elif mood == "late":
            time.sleep(1)
            line.sendall(whole)
        elif mood == "drip":
            for byte in whole:
                line.sendall(bytes([byte]))
                time.sleep(0.2)
        elif mood == "slam":
            self.end(line)
        elif mood == "pour":
            end = time.monotonic() + 1
            while time.monotonic() < end:
                line.sendall(os.urandom(4096))
        else:
            line.sendall(whole)


class SerialLine:
    """A pseudo-terminal that `path` leads to."""

    def __init__(self, units, path):
        self.units, self.path, self.master, self.slave = units, path, -1, -1

    def start(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.symlink(os.ttyname(self.slave), self.path)
        threading.Thread(target=self.serve, args=(self.master,), daemon=True).start()

    def vanish(self):
        """The adapter is pulled out."""
        if self.master >= 0:
            os.unlink(self.path)
            master, self.master = self.master, -1
            os.close(self.slave)
            os.close(master)

    def serve(self, master):
        data, heard = b"", 0
        while self.master == master:
            try:
                if not select.select([master], [], [], 0.05)[0]:
                    continue
                piece = os.read(master, 256)
            except (OSError, ValueError):
                return
            now = time.monotonic()
            data = piece if now - heard > 0.05 else data + piece  # silence ends a frame
            heard = now
            while len(data) >= 8:
                frame, data = data[:8], data[8:]
                self.reply(master, frame)

    def reply(self, master, frame):
        unit, mood = frame[0], self.units.moods.get(frame[0], "fine")
        if crc_of(frame[:6]) != frame[6:]:
            self.units.violations.append(f"checksum of {frame.hex()}")
            return
        answer = self.units.answer(unit, frame[1:6])
        if answer is None:
            return
        whole = bytes([unit]) + answer
        whole += crc_of(whole)
        try:
            if mood == "rubbish":
                os.write(master, os.urandom(12))
            elif mood == "late":
                time.sleep(1)
                os.write(master, whole)
            else:
                os.write(master, whole)
        except OSError:
            pass
