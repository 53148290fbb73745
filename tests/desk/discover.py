#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""platenctl printers discover: it prints stanzas, adds nothing, and believes no stranger's text. The network's answers
are those of a program in the place of avahi-browse; the USB is a folder as the kernel makes it."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
import tap

CTL = os.path.join(os.environ["PLATEN_BUILD"], "platenctl")

GOOD = ('=;eth0;IPv4;Photo\\032Pro\\032\\0591;_ipp._tcp;local;photo.local;192.0.2.7;8631;"txtvers=1" "rp=ipp/print" '
        '"ty=Photo Pro \\"1\\"" "pdl=image/urf,image/pwg-raster" "UUID=00000000-1111-2222-3333-444444444444"')
SECURE = '=;eth0;IPv4;Safe;_ipps._tcp;local;safe.local.;192.0.2.8;631;"rp=ipp/print" "ty=Safe" "pdl=image/jpeg"'
HOSTILE = [
    # a title that tries to leave its comment, and to speak to the terminal
    '=;eth0;IPv4;x;_ipp._tcp;local;evil.local;192.0.2.9;631;"rp=ipp/print" "ty=\x1b[2JBoss\r}\rprinter P1 { uri = x }"',
    # a name with an end of line, as avahi writes it
    '=;eth0;IPv4;a\\010}\\010printer\\032P2\\032{;_ipp._tcp;local;evil2.local;192.0.2.9;631;"rp=ipp/print"',
    '=;eth0;IPv4;x;_ipp._tcp;local;evil"}printer.local;192.0.2.9;631;"rp=ipp/print" "ty=Host"',
    '=;eth0;IPv4;x;_ipp._tcp;local;evil.local;192.0.2.9;631;"rp=a\\"; uri=\\"ipp://b" "ty=Path"',
    '=;eth0;IPv4;x;_ipp._tcp;local;uuid.local;192.0.2.9;631;"rp=ipp/print" "ty=Uuid" "UUID=a\\"} b"',
    '=;eth0;IPv4;x;_ipp._tcp;local;evil.local;192.0.2.9;99999;"ty=Port"',
    '+;eth0;IPv4;x;_ipp._tcp;local', '=;', ';;;;;;;;;;;;', '=' * 5000, '\\999\\;',
]


def program(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)


def browse(folder, lines):
    """A program that answers as avahi-browse does, to the question for _ipp._tcp."""
    with open(folder + "/lines", "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    program(folder, "avahi-browse", 'for word; do :; done\ngrep -a ";$word;" %s/lines || true\n' % folder)


def usb_device(folder, name, **files):
    os.makedirs(os.path.join(folder, name))
    for file, text in files.items():
        with open(os.path.join(folder, name, file), "w") as out:
            out.write(text + "\n")


def run(folder, *words, path=None):
    environment = {**os.environ, "PATH": path or folder + ":/usr/bin:/bin", "PLATEN_USB_DEVICES": folder + "/usb",
                   "PLATEN_SOCKET": "/nowhere"}
    return subprocess.run([CTL, "printers", "discover", *words], capture_output=True, timeout=40, env=environment,
                          stdin=subprocess.DEVNULL)


def found(folder, *more, **options):
    return json.loads(run(folder, "--json", *more, **options).stdout)


def network(t, folder):
    browse(folder, [GOOD, GOOD.replace("eth0;IPv4", "wlan0;IPv6"), SECURE])
    answer = found(folder)
    stanzas = [one["stanza"] for one in answer["printers"]]
    t.ok(len(stanzas) == 2, "a printer that is heard of twice is one", answer)
    t.ok(any('uri = "ipp://photo.local:8631/ipp/print"' in one and 'model = "photo-ipp"' in one and
             'uuid = "urn:uuid:00000000-1111-2222-3333-444444444444"' in one and 'printer photo-pro-1 {' in one
             for one in stanzas), "it becomes a stanza with address, model and pinned uuid", stanzas)
    t.ok(any('uri = "ipps://safe.local:631/ipp/print"' in one and "photo-ipp-jpeg" in one for one in stanzas),
         "one that encrypts becomes ipps", stanzas)
    shown = run(folder)
    t.ok(shown.returncode == 0 and b"Nothing was" in shown.stdout, "platend need not run, and nothing was added", shown)


def strangers(t, folder):
    browse(folder, HOSTILE)
    answer = found(folder)
    text = run(folder).stdout
    t.ok(b"\x1b" not in text and b"\r" not in text, "no stranger speaks to the terminal", text)
    lines = text.decode().splitlines()
    opened = [line for line in lines if line.startswith("printer ")]
    values = [line for line in lines if line and not line.startswith(("#", "printer ", "}", "    "))]
    t.ok(len(opened) == 3 and not values, "a text leaves its comment nowhere", text.decode())
    t.ok(all(line.count('"') == 2 for line in lines if line.startswith("    ")), "nor its quotes", lines)
    whys = [one["why"] for one in answer["printers"] if one["stanza"] == ""]
    t.ok(len(whys) == 2 and all(whys), "what has no shape of an address is named, and not offered", answer)
    t.ok(not any(line.startswith("    uuid") for line in lines), "an odd uuid is left out", lines)
    browse(folder, [GOOD.replace("photo.local", "p%d.local" % n) for n in range(400)])
    answer = found(folder)
    t.ok(len(answer["printers"]) == 256 and answer["more"], "a flood is cut, and said to be", len(answer["printers"]))


def usb(t, folder):
    browse(folder, [])
    usb_device(folder + "/usb", "1-2", idVendor="1343", idProduct="0005", manufacturer="Dai Nippon Printing",
               product="DS-RX1", serial="RX1 07\u00e9")
    usb_device(folder + "/usb", "2-1.4", idVendor="04a9", idProduct="3302")
    usb_device(folder + "/usb", "2-1.4:1.0", bInterfaceClass="07", bInterfaceProtocol="04")
    usb_device(folder + "/usb", "3-1", idVendor="046d", idProduct="c31c", product="Keyboard")
    usb_device(folder + "/usb", "3-1:1.0", bInterfaceClass="03", bInterfaceProtocol="01")
    stanzas = sorted(one["stanza"] for one in found(folder)["printers"])
    t.ok(len(stanzas) == 2, "printers of the USB, by their class or their maker, and no keyboard", stanzas)
    t.ok(any('uri = "usb://1343:0005/RX1%2007%C3%A9"' in one for one in stanzas), "bound by its serial", stanzas)
    t.ok(any('uri = "usb://04a9:3302/?port=2-1.4"' in one and "no serial" in one and "IPP over USB" in one for one in stanzas),
         "or by where it hangs, and why is said", stanzas)


def absent(t, folder):
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    said = run(folder, path=empty)
    t.ok(said.returncode == 0 and b"neither avahi-browse (package avahi-utils) nor ippfind" in said.stderr,
         "without a program for it the network is not looked at, and that is said", said)
    program(empty, "ippfind", "echo ipp://old.local:631/ipp/print; echo ipps://old.local/ipp/print; echo rubbish\n")
    uris = [one["stanza"] for one in found(folder, path=empty + ":/usr/bin:/bin")["printers"] if one["via"] == "dns-sd"]
    # /usr/bin may have an avahi-browse of its own
    t.ok(os.path.exists("/usr/bin/avahi-browse") or sum("old.local:631/ipp/print" in one for one in uris) == 2,
         "ippfind serves where avahi-browse is not", uris)
    program(folder, "avahi-browse", "exit 1\n")
    said = run(folder)
    t.ok(b"avahi daemon does not answer" in said.stderr, "a daemon that is not there is named", said)


def test(t, folder):
    os.mkdir(folder + "/usb")
    network(t, folder)
    strangers(t, folder)
    usb(t, folder)
    absent(t, folder)


tap.run(test)
