# SPDX-License-Identifier: Apache-2.0
"""TAP lines for the system tests, and the way to the demo's modules."""
import json
import os
import shutil
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "demo"))


class Tap:
    def __init__(self):
        self.n, self.failed = 0, 0
        self.figures = None  # printed as JSON in the last line

    def ok(self, holds, name, why=""):
        self.n += 1
        print(f"{'ok' if holds else 'not ok'} {self.n} - {name}", flush=True)
        if not holds:
            self.failed += 1
            for line in str(why).splitlines()[:40]:
                print(f"# {line}", flush=True)
        return holds


def note(text):
    print(f"# {text}", flush=True)


def skip(why):
    print(f"1..0 # SKIP {why}", flush=True)
    sys.exit(77)


def need(*programs):
    """Skips the whole test when a peer program is missing."""
    for program in programs:
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            skip(f"{program} is not installed")


def run(test):
    """Runs test(tap, folder) in a folder of its own, which is kept when something failed."""
    tap, folder = Tap(), tempfile.mkdtemp(prefix="platen-system-")
    try:
        test(tap, folder)
    except Exception:  # whatever it is, the test has failed and says why
        tap.ok(False, "the test ran to its end", traceback.format_exc())
    print(f"1..{tap.n}", flush=True)
    if tap.failed:
        note(f"logs and documents are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if tap.figures is not None:
        print(json.dumps(tap.figures), flush=True)
    sys.exit(1 if tap.failed else 0)
