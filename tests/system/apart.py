# SPDX-License-Identifier: Apache-2.0
"""Work done by several processes at once, each in a folder of its own; what each returned, or how it
failed."""
import ctypes
import json
import os
import signal
import sys
import traceback

PR_SET_PDEATHSIG = 1


def give_up(*_):
    sys.exit(1)  # by way of every `finally`


def child(work, folder, number):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, give_up)
    try:
        said = {"fine": work(folder, number)}
    except Exception:  # whatever it is, the parent says so
        said = {"error": traceback.format_exc()}
    with open(os.path.join(folder, "said"), "w", encoding="utf-8") as file:
        json.dump(said, file)


def start(work, folder, number):
    os.makedirs(folder)
    pid = os.fork()
    if pid == 0:
        try:
            child(work, folder, number)
        finally:
            os._exit(0)
    return pid


def run(work, folder, count=2):
    """[what work(folder, number) returned]; raises when one of them did not end well."""
    sys.stdout.flush()
    folders = [os.path.join(folder, f"part-{n}") for n in range(count)]
    pids = [start(work, part, number) for number, part in enumerate(folders)]
    for pid in pids:
        os.waitpid(pid, 0)
    results = []
    for part in folders:
        try:
            with open(os.path.join(part, "said"), encoding="utf-8") as file:
                said = json.load(file)
        except OSError as error:
            raise RuntimeError(f"{part}: ended without a word") from error
        if "error" in said:
            raise RuntimeError(f"{part}:\n{said['error']}")
        results.append(said["fine"])
    return results
