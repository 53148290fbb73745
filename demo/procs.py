# SPDX-License-Identifier: Apache-2.0
"""The processes of one demo or test: started with a log each, noted in a file, and all ended again,
in the reverse order, whatever happens."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1


def start_time(pid):
    """When a process began, in ticks; "" when it is gone. Tells a reused pid from ours."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds, ready, crew=None):
    """Polls until `ready()` is true; fails early when a process of the crew has ended."""
    end = time.monotonic() + seconds
    while not ready():
        if crew:
            crew.check()
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


def accepts(port, host="127.0.0.1"):
    try:
        with socket.create_connection((host, port), 1):
            return True
    except OSError:
        return False


def children_of(pid):
    """[(pid, command line)] of all processes below one."""
    found, below = [], {pid}
    rows = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
                with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                    rows.append((int(entry), parent, file.read().replace("\0", " ").strip()))
            except OSError:
                continue
    grown = True
    while grown:
        grown = False
        for child, parent, line in rows:
            if parent in below and child not in below:
                below.add(child)
                found.append((child, line))
                grown = True
    return found


class Crew:
    """pids_file names every process with its start time, so that a later run can end leftovers."""

    def __init__(self, folder, survive=False):
        self.logs = os.path.join(folder, "log")
        self.pids_file = os.path.join(folder, "pids")
        self.survive = survive
        self.running = {}
        os.makedirs(self.logs, exist_ok=True)

    def log_of(self, name):
        return os.path.join(self.logs, name + ".log")

    def start(self, name, argv, env=None, cwd=None):
        libc = ctypes.CDLL(None) if not self.survive else None

        def before_exec():
            if libc:
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        with open(self.log_of(name), "ab") as log:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
                                       env={**os.environ, **(env or {})}, start_new_session=True,
                                       preexec_fn=before_exec)
        self.running[name] = process
        self.note()
        return process

    def note(self):
        rows = [{"name": name, "pid": p.pid, "start": start_time(p.pid)} for name, p in self.running.items()]
        with open(self.pids_file, "w", encoding="utf-8") as file:
            json.dump(rows, file)

    def check(self):
        for name, process in self.running.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended by itself ({how(process.returncode)}); "
                                   f"its last words: {last_words(self.log_of(name))}")

    def stop(self, name, patience=5, first=signal.SIGTERM):
        process = self.running.pop(name, None)
        if process and process.poll() is None:
            process.send_signal(first)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                kill_group(process.pid)
                process.wait()
        if process:
            kill_group(process.pid)
            self.note()
        return process.returncode if process else None

    def kill(self, name):
        """As a crash would: this one process, at once, none of its children."""
        process = self.running.pop(name)
        process.kill()
        process.wait()
        self.note()

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.stop(name)


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def how(code):
    return f"exit {code}" if code >= 0 else f"signal {-code}"


def last_words(path, lines=3):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return " | ".join(file.read().strip().splitlines()[-lines:]) or "none"
    except OSError:
        return "none"


def stop_leftovers(folder):
    """Ends what an earlier run noted and left running; how many that were."""
    path, ended = os.path.join(folder, "pids"), 0
    try:
        with open(path, encoding="utf-8") as file:
            rows = json.load(file)
    except (OSError, ValueError):
        return 0
    alive = [row for row in reversed(rows) if row["start"] and start_time(row["pid"]) == row["start"]]
    for row in alive:
        os.kill(row["pid"], signal.SIGTERM)
        end = time.monotonic() + 5
        while start_time(row["pid"]) == row["start"] and time.monotonic() < end:
            time.sleep(0.05)
        kill_group(row["pid"])
        ended += 1
    os.unlink(path)
    return ended
