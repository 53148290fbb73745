#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Canaries in the real workers: canary.so is preloaded before the render server, the worker of small
# pictures and the device workers, and tries from inside their cages what must not come through. Files
# and sockets outside are watched: nothing may have touched them.
import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bombs_coded
from server import BUILD, Server

CANARY = os.path.join(BUILD, "tests", "render", "canary.so")
CAME_THROUGH, SETUP, AT_ONCE = 100, 32, 4
NAMES = """open-read open-write open-own-memory open-others-memory socket-inet socket-unix
socket-netlink socketpair connect exec exec-memory fork vfork ptrace ptrace-me kill-parent kill-group
kill-all tkill tgkill sigqueue pidfd read-others-memory write-others-memory sendto-other unshare setns
mount chroot mkdir link chmod truncate bpf io_uring userfaultfd perf keyctl add_key dumpable ptracer
prlimit-parent shmget msgget memfd signalfd inotify listen bind accept setuid personality init_module
reboot seccomp ioctl i386 x32""".split()
KILLED = {-signal.SIGSYS, "signal %d" % signal.SIGSYS}
# a kernel without that ABI; a stream that has its one peer
ALSO = {"i386": {-signal.SIGSEGV, "signal %d" % signal.SIGSEGV}, "sendto-other": {
    CAME_THROUGH + errno.EISCONN}}
# which a cage answers with an error; all else kills
REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINPROGRESS}
number, failed = 0, 0

with open(os.path.join(BUILD, "config.h"), encoding="ascii") as config:
    if "#define PLATEN_SANITIZED 1" in config.read():
        print("1..0 # SKIP the sanitizers' own functions stand before what is preloaded")
        sys.exit(77)


def tell(fine, name, *why):
    global number, failed
    number += 1
    failed += not fine
    print("%sok %d - %s" % ("" if fine else "not ", number, name), flush=True)
    for line in ([] if fine else list(why)[:20]):
        print("# %s" % (line,))


def judge(what, ends):
    """ends: name → exit code, or the cause of death."""
    loose = {}
    for name, end in ends.items():
        code = int(end.split()[1]) if str(end).startswith("exit") else end
        if end in KILLED or end in ALSO.get(name, ()):
            continue
        if not isinstance(code, int) or code - CAME_THROUGH not in REFUSED:
            loose[name] = end
    killed = sum(end in KILLED for end in ends.values())
    tell(not loose and len(ends) == len(NAMES), "%s: of %d things tried %d kill, %d are refused, none "
         "comes through" % (what, len(ends), killed, len(ends) - killed - len(loose)), loose)


def of_photos():
    server = Server(200, 300, 1, preload=CANARY)
    photo = bombs_coded.jpeg_zeros(64, 64)
    ends = {}

    def asked(name):
        server.ask("image/jpeg", photo + b"\0" * 64 + b"CANARY:" + name.encode(), inspect=True)
        result = server.answer()[1]
        return result["cause"] if result["died"] else "fine"
    for name in NAMES:
        ends[name] = asked(name)
    judge("a photo's process", ends)
    held = asked("descriptors")
    tell(held == "exit %d" % (CAME_THROUGH + 5), "it holds five descriptors: three of the server's, "
         "the photo, its answer", held)
    server.ask("image/jpeg", photo, inspect=True)
    tell(server.answer()[1]["fine"], "a photo without canaries is looked at as ever")
    tell(server.close() == 0, "and the server has lived through all of them")


def start_worker(words, first, environment):
    """It says or hears something once it stands in its cage."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [os.path.join(BUILD, "platen-worker"), *words], close_fds=False, env=environment,
        stderr=subprocess.DEVNULL, preexec_fn=lambda: (
            os.dup2(theirs.fileno(), 3), os.set_inheritable(3, True)))
    theirs.close()
    if first:
        ours.sendall(first)
    return ours, process


def end_of(link, process):
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "it went on"
    finally:
        link.close()


def of_workers(what, words, first):
    ends = {}
    for i in range(0, len(NAMES), AT_ONCE):
        begun = [(name, start_worker(words, first, dict(
            os.environ, LD_PRELOAD=CANARY, CANARY=name))) for name in NAMES[i:i + AT_ONCE]]
        ends.update((name, end_of(*worker)) for name, worker in begun)
    judge(what, ends)


def setup(uri, driver):
    """What the daemon says first."""
    said = subprocess.run([os.path.join(BUILD, "tests", "render", "setup"), uri, driver], check=True,
                          capture_output=True).stdout.strip()
    return struct.pack("<IHH", len(said), SETUP, 1) + said


def they_sing(home):
    """Without a cage they do come through, or the rest would prove nothing."""
    ends = {}
    for name in ("open-read", "open-write", "socket-inet", "socket-unix", "fork", "kill-group",
                 "memfd", "prlimit-parent", "dumpable"):
        environment = dict(os.environ, LD_PRELOAD=CANARY, CANARY=name, CANARY_FREE="1")
        ends[name] = subprocess.run(["/bin/cat", "/dev/null"], env=environment).returncode
    tell(set(ends.values()) == {CAME_THROUGH}, "outside a cage %d of them come through" % len(ends),
         ends)
    os.unlink(os.environ["CANARY_FILE"])


def main(home):
    watched = socket.socket(socket.AF_UNIX)
    os.environ["CANARY_FILE"] = home + "/canary"
    os.environ["CANARY_SOCKET"] = home + "/socket"
    watched.bind(os.environ["CANARY_SOCKET"])
    watched.listen()
    watched.setblocking(False)
    they_sing(home)
    of_photos()
    of_workers("the worker of small pictures", ["thumb"], None)
    of_workers("a network printer's worker", ["device"], setup("ipp://localhost:9/ipp", "ipp"))
    os.mkdir(home + "/printer")
    of_workers("a folder printer's worker", ["device"], setup("fake:" + home + "/printer", "fake"))
    touched = [name for name in os.listdir(home) if name not in ("socket", "printer")]
    try:
        watched.accept()
        touched.append("the socket")
    except BlockingIOError:
        pass
    tell(not touched, "the canary file was not made, nobody has dialled the socket", touched)


with tempfile.TemporaryDirectory() as folder:
    main(folder)
print("1..%d" % number)
sys.exit(1 if failed else 0)
