#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo as a person runs it: ends with 0 and a summary in which every sheet is printed, with evidence."""
import contextlib
import json
import os
import sqlite3
import subprocess

import tap


def test(t, folder):
    done = subprocess.run([os.path.join(tap.ROOT, "demo", "run"), "--json"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False,
                          env={**os.environ, "PLATEN_DEMO": folder})
    if not t.ok(done.returncode == 0, "the demo ends with 0", done.stderr[-2000:]):
        return
    figures = json.loads(done.stdout.splitlines()[-1])
    tap.note(json.dumps(figures))
    t.ok(set(figures) == {"jobs", "sheets", "printed", "unknown", "evidence", "events_in_order", "seconds"},
         "its last line has the figures that are promised", figures)
    t.ok(figures["jobs"] >= 24 and figures["sheets"] >= 60, "at least 24 jobs and 60 sheets", figures)
    t.ok(figures["printed"] == figures["sheets"] and figures["unknown"] == 0, "all are printed", figures)
    evidence = figures["evidence"]
    t.ok(evidence.get("impressions", 0) > 0 and evidence.get("counter", 0) > 0
         and evidence["impressions"] + evidence["counter"] == figures["sheets"], "each by impressions or counter", evidence)
    t.ok(figures["events_in_order"], "events of each job are 1..n and end in printed", figures)
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "run", "platend", "state", "platen.db"))) as store:
        odd = store.execute("SELECT code, printer, text FROM incident").fetchall()
    t.ok(not odd, "counters, receipts and ledger agree: no incident", odd)


tap.need("ippeveprinter", "djpeg", "vips", "openssl")
tap.run(test)
