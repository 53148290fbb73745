#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many cheap IPP printers in one process, on loopback: ipp_printers.py FOLDER N FROZEN. They say who and
how they are and take no documents. The last FROZEN of them are as a machine that hangs: the kernel
accepts the connection, nobody answers. Prints its ports as JSON, serves until SIGTERM, then writes the
times at which each was asked to FOLDER/asked.json. What FOLDER/I.json holds replaces what printer I says:
title, firmware, uuid, state, formats, media, reasons, trays, alerts, alert_texts."""
import asyncio
import json
import os
import signal
import socket
import struct
import sys
import time

GET_PRINTER, GET_JOBS = 0x0B, 0x0A
BUSY = 0x0507
INTEGER, BOOLEAN, ENUM, OCTETS, TEXT, KEYWORD, URI, MIME = 0x21, 0x22, 0x23, 0x30, 0x41, 0x44, 0x45, 0x49


def values(tag, name, *items):
    """One attribute; nothing where there is no value."""
    out = b""
    for at, item in enumerate(items):
        data = item if isinstance(item, bytes) else item.encode()
        key = b"" if at else name.encode()
        out += bytes([tag]) + struct.pack(">H", len(key)) + key + struct.pack(">H", len(data)) + data
    return out


def number(name, value, tag=INTEGER):
    return values(tag, name, struct.pack(">i", value))


def collection(members):
    """A media-col with its size."""
    def member(name, tag, data):
        return values(0x4A, "", name) + values(tag, "", data)
    size = b"".join(member(name, INTEGER, struct.pack(">i", side)) for name, side in members.items())
    return (values(0x34, "media-col-ready", b"") + member("media-size", 0x34, b"") + size + values(0x37, "", b"")
            + member("media-type", KEYWORD, "photographic-glossy") + values(0x37, "", b""))


class Printer:
    def __init__(self, folder, at):
        self.path, self.at, self.stamp, self.asked = os.path.join(folder, f"{at}.json"), at, None, []
        self.begun = time.monotonic()
        self.said, self.fixed = {}, b""
        self.read()

    def read(self):
        try:
            stamp = os.stat(self.path).st_mtime_ns
        except OSError:
            stamp = 0
        if stamp == self.stamp:
            return
        if stamp:
            with open(self.path, encoding="utf-8") as file:
                self.said = json.load(file)
        self.stamp = stamp
        self.fixed = self.make()

    def make(self):
        say = {"title": "Cheap 1", "firmware": "1.0", "uuid": f"urn:uuid:{self.at:032x}", "state": 3,
               "formats": ["image/jpeg", "image/pwg-raster"], "reasons": ["none"], "trays": [], "alerts": [],
               "alert_texts": [], "media": ["na_index-4x6_4x6in", "na_5x7_5x7in"], **self.said}
        return (number("printer-state", say["state"], ENUM) + values(KEYWORD, "printer-state-reasons", *say["reasons"])
                + values(BOOLEAN, "printer-is-accepting-jobs", b"\x01") + values(URI, "printer-uuid", say["uuid"])
                + values(TEXT, "printer-make-and-model", say["title"])
                + values(TEXT, "printer-firmware-string-version", say["firmware"])
                + values(MIME, "document-format-supported", *say["formats"])
                + collection({"x-dimension": 10160, "y-dimension": 15240})
                + values(OCTETS, "printer-input-tray", *say["trays"]) + values(OCTETS, "printer-alert", *say["alerts"])
                + values(TEXT, "printer-alert-description", *say["alert_texts"])), values(KEYWORD, "media-supported", *say["media"])

    def answer(self, request):
        operation, request_id = struct.unpack(">HI", request[2:8])
        status = 0 if operation in (GET_PRINTER, GET_JOBS) else BUSY
        out = (b"\x02\x00" + struct.pack(">HI", status, request_id) + b"\x01"
               + values(0x47, "attributes-charset", "utf-8") + values(0x48, "attributes-natural-language", "en"))
        if operation == GET_PRINTER:
            self.asked.append(time.monotonic())
            self.read()
            said, media = self.fixed
            up_time = number("printer-up-time", int(time.monotonic() - self.begun) + 100)
            out += b"\x04" + said + up_time + (media if b"media-supported" in request else b"")
        return out + b"\x03"

    async def talk(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                              if line.lower().startswith(b"content-length"))
                body = self.answer(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: "
                             + str(len(body)).encode() + b"\r\n\r\n" + body)
        except (asyncio.IncompleteReadError, ConnectionError, StopIteration):
            writer.close()


def listen():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(64)
    return server


async def serve(folder, n, frozen):
    printers = [Printer(folder, at) for at in range(n)]
    sockets = [listen() for _ in range(n)]
    for printer, server in list(zip(printers, sockets))[:n - frozen]:
        await asyncio.start_server(printer.talk, sock=server)
    print(json.dumps([server.getsockname()[1] for server in sockets]), flush=True)
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    await end.wait()
    with open(os.path.join(folder, "asked.json"), "w", encoding="utf-8") as file:
        json.dump([printer.asked for printer in printers], file)
    os._exit(0)  # whoever is still connected is not waited for


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
