# SPDX-License-Identifier: Apache-2.0
"""Runs inside the container that unit.py boots: sets a floor up as docs/operating.md says, starts its unit,
and says what holds, a line a fact."""
import grp
import os
import pwd
import re
import signal
import socket
import stat
import struct
import subprocess
import time
import zlib

CONF = """floor = probe
console { listen = "127.0.0.1:0" }
spool { reserve = 0 }
printer P1 {
	model = virtual-dyesub
	uri = "fake:/var/lib/platen/P1"
	exclusive = yes
	poll = "500 ms"
}
"""
CONF_PATH = "/etc/platen/platen.conf"
SOCKET = "/run/platen/platend.sock"
DROP_IN = "[Service]\nRestartSec=100ms\nWatchdogSec=3s\nStandardOutput=append:/probe/log\nStandardError=inherit\n"
USERS = "u lab -\nm lab platen\nu stranger -\n"


def ok(holds, name, why=""):
    print("ok" if holds else "not ok", "-", name, flush=True)
    if not holds:
        for line in str(why).splitlines():
            print("#", line, flush=True)
    return holds


def run(*words, seconds=40):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=seconds)
    return done.returncode, done.stdout


def put(path, text, mode=0o644, group=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    if group:
        os.chown(path, 0, grp.getgrnam(group).gr_gid)


def show(what, unit="platend"):
    return run("systemctl", "show", "-P", what, unit)[1].strip()


def main_pid():
    return int(show("MainPID") or 0)


def ctl(user, *words):
    return run("setpriv", "--reuid", user, "--regid", user, "--init-groups", "platenctl", *words)


def wait_for(seconds, holds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def owner_of(path):
    about = os.stat(path)
    return (pwd.getpwuid(about.st_uid).pw_name, grp.getgrgid(about.st_gid).gr_name, oct(stat.S_IMODE(about.st_mode)))


def log():
    try:
        with open("/probe/log", encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]
    except OSError as error:
        return str(error)


def set_up():
    """As docs/operating.md says."""
    said = run("systemd-sysusers") + run("systemd-tmpfiles", "--create", "platen.conf")
    put("/run/sysusers.d/probe.conf", USERS)
    said += run("systemd-sysusers")
    ok(owner_of("/etc/platen") == ("root", "platen", "0o750"), "the folder of the configuration is root's, "
       "to be read by platen alone", said)
    put(CONF_PATH, CONF, 0o640, "platen")
    put("/run/systemd/system/platend.service.d/probe.conf", DROP_IN)
    run("systemctl", "daemon-reload")


def starts():
    status, said = run("systemctl", "start", "platend")
    ok(status == 0 and show("ActiveState") == "active", "the unit starts and says that it is ready", said + log())
    ok(owner_of(SOCKET) == ("platen", "platen", "0o660"), "its socket is for the group platen", owner_of(SOCKET))
    ok(owner_of("/var/lib/platen/platen.db")[:2] == ("platen", "platen")
       and owner_of("/var/lib/platen")[2] == "0o700", "its store is nobody else's", owner_of("/var/lib/platen"))
    status, said = ctl("lab", "status")
    ok(status == 0, "who is in the group asks it without being root", said)
    status, said = ctl("stranger", "status")
    ok(status == 77 and "join its group" in said, "who is not is refused, and told how", said)


def picture(path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row = b"\0" + bytes(x * 255 // 1200 for x in range(1200))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1200, 800, 8, 0, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(row * 800)) + chunk(b"IEND", b""))


def prints():
    picture("/tmp/photo.png")
    status, said = ctl("lab", "submit", "/tmp/photo.png", "--product", "4x6-glossy", "--copies", "1")
    done = wait_for(30, lambda: '"kind":"done"' in ctl("lab", "--json", "jobs")[1].replace(" ", ""))
    ok(status == 0 and done, "an order is rendered and printed within all locks",
       said + ctl("lab", "holds")[1] + log())
    said = ctl("lab", "audit")[1]
    ok(re.search(r"\blab\b", said), "the audit trail knows who ordered", said)


def is_locked():
    with open(f"/proc/{main_pid()}/status", encoding="ascii") as file:
        facts = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    ok(facts["NoNewPrivs"] == "1" and int(facts["CapBnd"], 16) == 0 and facts["Seccomp"] == "2",
       "platend has no capability, no new privileges, and a filter of calls", facts)


# what a taken-over platend would try, run with all the locks of its unit; prints what it could do
CANARY = r'''
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def write(path):
    with open(path, "w"): pass
def call(number, *words):
    if libc.syscall(number, *words) < 0: raise OSError(ctypes.get_errno(), "")
tries = {
    "write /etc": lambda: write("/etc/platen/x"),
    "write /usr": lambda: write("/usr/x"),
    "write /var/lib": lambda: write("/var/lib/x"),
    "read /home": lambda: os.listdir("/home/lab"),
    "read /root": lambda: os.listdir("/root"),
    "read shadow": lambda: open("/etc/shadow").read(),
    "see others": lambda: open("/proc/1/cmdline").read(),
    "user namespace": lambda: call(272, 0x10000000),
    "mount namespace": lambda: call(272, 0x20000),
    "network namespace": lambda: call(272, 0x40000000),
    "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "ptrace": lambda: call(101, 16, 1, 0, 0),
    "mount": lambda: call(165, 0, b"/mnt", b"tmpfs", 0, 0),
    "set clock": lambda: call(227, 0, (ctypes.c_long * 2)(1, 1)),
    "load module": lambda: call(175, b"", 0, b""),
    "reboot": lambda: call(169, 0, 0, 0, 0),
    "become root": lambda: os.setuid(0),
    "set-uid file": lambda: (write("/var/lib/platen/s"), os.chmod("/var/lib/platen/s", 0o4755)),
    "code in memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC),
    "bpf": lambda: call(321, 0, 0, 0),
    "kernel settings": lambda: write("/proc/sys/kernel/core_pattern"),
    "kernel log": lambda: call(103, 3, 0, 0),
    "devices": lambda: os.open("/dev/mem", os.O_RDONLY),
    "host name": lambda: socket.sethostname("x"),
    "store": lambda: write("/var/lib/platen/canary"),
    "Landlock": lambda: call(444, 0, 0, 1),
    "boot id": lambda: open("/proc/sys/kernel/random/boot_id").read(),
}
for name, attempt in tries.items():
    try:
        attempt()
        print(name)
    except Exception:
        pass
'''
MAY = ["store", "Landlock", "boot id"]


def is_shut():
    """platend's own unit, with another program in it."""
    path = show("FragmentPath")
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"(?m)^(Exec|Restart|WatchdogSec|Type=|StartLimit|WantedBy).*\n", "", file.read())
    put("/probe/canary.py", CANARY)
    put("/run/systemd/system/canary.service", text.replace(
        "[Service]\n", "[Service]\nType=oneshot\nStandardOutput=file:/probe/canary\nStandardError=inherit\n"
        "ExecStart=/usr/bin/python3 -B /probe/canary.py\n"))
    os.makedirs("/home/lab", exist_ok=True)
    run("systemctl", "daemon-reload")
    status, said = run("systemctl", "start", "canary")
    with open("/probe/canary", encoding="utf-8") as file:
        could = file.read().splitlines()
    ok(status == 0 and could == MAY, "with its locks a program writes its store and locks itself down further; of "
       "25 other things it can do none", f"{said} {could}")


def reloads():
    put(CONF_PATH, CONF + 'limits { formats = { "image/jpeg" } }\n', 0o640, "platen")
    status, said = run("systemctl", "reload", "platend")
    taken = wait_for(5, lambda: "read again" in log())
    ok(status == 0 and taken, "reload takes formats anew", said + log())
    put(CONF_PATH, CONF + "nonsense = 1\n", 0o640, "platen")
    status, said = run("systemctl", "reload", "platend")
    ok(status != 0 and show("ActiveState") == "active" and "nonsense" in log(),
       "a file with faults fails the reload, names the fault and stops nothing", said + log())
    put(CONF_PATH, CONF, 0o640, "platen")


def comes_back(how, number, seconds):
    pid = main_pid()
    os.kill(pid, number)
    back = wait_for(seconds, lambda: main_pid() not in (0, pid) and ctl("lab", "status")[0] == 0)
    ok(back, how, f"{show('ActiveState')} {show('Result')} {log()}")


def of_platen():
    return run("ps", "-u", "platen", "-o", "args=")[1]


def stops():
    status, said = run("systemctl", "stop", "platend")
    ok(status == 0 and show("Result") == "success" and of_platen().strip() == "",
       "it stops when told and leaves nobody behind", said + show("Result") + of_platen())
    ok(not os.path.exists("/run/platen") and os.path.exists("/var/lib/platen/platen.db"),
       "its socket goes, its store stays")
    put(CONF_PATH, CONF + "nonsense = 1\n", 0o640, "platen")
    status, said = run("systemctl", "start", "platend")
    time.sleep(0.5)
    ok(status != 0 and show("ActiveState") == "failed" and show("NRestarts") == "0",
       "with faults in the configuration it fails and is not tried again", said + show("ActiveState"))


def credentials():
    """A key that only root can read reaches the floor as docs/operating.md says."""
    key, certificate = "/etc/platen/floor.key", "/etc/platen/floor.pem"
    make_certificate(key, certificate)
    os.chmod(key, 0o600)
    put("/run/systemd/system/platend.service.d/key.conf", f"[Service]\nLoadCredential=floor.key:{key}\n")
    put(CONF_PATH, CONF + f'cloud {{\n url = "https://127.0.0.1:9"\n ca = "{certificate}"\n certificate = "{certificate}"\n'
        ' key = "/run/credentials/platend.service/floor.key"\n}\n', 0o640, "platen")
    run("systemctl", "daemon-reload")
    status, said = run("systemctl", "start", "platend")
    ok(status == 0, "a key that is root's alone is handed over by systemd", said + log())
    run("systemctl", "stop", "platend")


def make_certificate(key, certificate):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate)


def orders():
    """The order service with a certificate of its own making."""
    home = "/etc/platen-orders"
    run("systemd-tmpfiles", "--create", "platen-orders.conf")
    make_certificate(home + "/server.key", home + "/server.pem")
    os.chmod(home + "/server.key", 0o640)
    os.chown(home + "/server.key", 0, grp.getgrnam("platen-orders").gr_gid)
    put(home + "/platen-orders.conf", f'data = "/var/lib/platen-orders"\nlisten = "127.0.0.1:8443"\n'
        f'cert = "{home}/server.pem"\nkey = "{home}/server.key"\nca = "{home}/server.pem"\n', 0o640, "platen-orders")
    status, said = run("systemctl", "start", "platen-orders")
    try:
        socket.create_connection(("127.0.0.1", 8443), 5).close()
        served = True
    except OSError as error:
        served, said = False, said + str(error)
    ok(status == 0 and served, "the unit of the order service starts and serves", said)
    status, said = run("systemctl", "stop", "platen-orders")
    ok(status == 0 and show("Result", "platen-orders") == "success", "and stops when told", said)


set_up()
starts()
prints()
is_locked()
is_shut()
reloads()
comes_back("killed, it comes back", signal.SIGKILL, 20)
comes_back("standing still, it is ended by the watchdog and comes back", signal.SIGSTOP, 30)
stops()
credentials()
orders()
print("end", flush=True)
