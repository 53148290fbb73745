#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/first-hour.md leads a person from the demo to a printer of their own: its commands, taken from the
page itself, are run in its order, against a real ippeveprinter, and print what the page says."""
import json
import os
import re
import signal
import subprocess

import tap
import lab
import photosource
import procs

PAGE = os.path.join(os.environ.get("PLATEN_SRC", lab.ROOT), "docs", "first-hour.md")
PROOF = "2 came out, proven by the printer's count of the job"


def commands_of(page):
    with open(page, encoding="utf-8") as file:
        return re.findall(r"(?ms)^```sh\n(.*?)^```$", file.read())


def script_of(blocks):
    """One shell for all blocks. The build, the photos and the ports are those of this test."""
    for old, new in (("$src/build", lab.BUILD), ("$src/.demo/cache", lab.CACHE),
                     ("8631", str(procs.free_port())), ("8632", str(procs.free_port()))):
        assert any(old in block for block in blocks), f"the page has no {old} any more"
        blocks = [block.replace(old, new) for block in blocks]
    return "set -eu\n" + "\n".join(blocks)


def run(script, home):
    """In a group of its own, so that nothing it started stays. (exit status, what it said)"""
    said = os.path.join(home, "said")
    with open(said, "wb") as out:
        shell = subprocess.Popen(["bash", "-c", script], cwd=lab.ROOT, env={**os.environ, "HOME": home},
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        status = shell.wait(60)
    except subprocess.TimeoutExpired:
        status = "none after 60 s"
    try:
        os.killpg(shell.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    with open(said, encoding="utf-8", errors="replace") as file:
        return status, file.read()


def sheets_of(folder):
    try:
        with open(os.path.join(folder, "received"), encoding="utf-8") as file:
            return sum(json.loads(line)["sheets"] for line in file)
    except OSError:
        return 0


def test(t, folder):
    photosource.make(lab.CACHE)
    blocks = commands_of(PAGE)
    status, said = run(script_of(blocks), folder)
    floor = os.path.join(folder, "platen-lab")
    t.ok(len(blocks) > 6 and status == 0, "every command of the page does what it is there for", f"{status}\n{said}")
    t.ok("fine: floor my-lab" in said, "its configuration is sound", said)
    t.ok(PROOF in said, "why shows the proof in the page's words", said)
    t.ok(sheets_of(os.path.join(floor, "printer", "got")) == 2, "the printer has made two sheets", said)
    t.ok(os.path.exists(os.path.join(floor, "page.pwg")), "render leaves the page", said)


tap.need("ippeveprinter", "gcc", "vips", "bash")
tap.run(test)
