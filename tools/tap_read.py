# SPDX-License-Identifier: Apache-2.0
"""Reads the logs of test programs (tap_read.py BUILD TEST...) and prints one line a fact:
"ok<TAB>test: name", "not ok<TAB>..." or "skip<TAB>...". A program that ended badly without saying
which fact failed, left no log, or ran fewer facts than it planned is a failed fact by itself."""
import os
import re
import sys

LINE = re.compile(r"^\s*(ok|not ok)\b\s*(\d*)\s*-?\s*(.*)$")
PLAN = re.compile(r"^\s*1\.\.(\d+)\s*(#\s*SKIP\b.*)?", re.I)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def facts_of(log):
    found, planned, skipped = [], 0, False
    for line in log.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned += int(plan.group(1))
            skipped = skipped or bool(plan.group(2))
            continue
        match = LINE.match(line)
        if match:
            word, name = match.group(1), match.group(3) or "fact " + match.group(2)
            directive = re.search(r"#\s*skip\b\s*", name, re.I)  # cmocka says "not ok 3 # SKIP name"
            if directive:
                word, name = "skip", (name[:directive.start()] + name[directive.end():]).strip() or name
            found.append((word, name))
    return found, planned, skipped


def result_of(build, test):
    """What automake noted: PASS, FAIL, SKIP, ERROR; None when it did not run."""
    trs = read(os.path.join(build, test + ".trs"))
    match = re.search(r"^:test-result: (\w+)", trs or "", re.M)
    return match.group(1) if match else None


def judge(build, test):
    log = read(os.path.join(build, test + ".log"))
    result = result_of(build, test)
    if log is None or result is None:
        return [("not ok", "did not run to its end")]
    found, planned, skipped = facts_of(log)
    if result == "SKIP":
        return found or [("skip", "whole program")]
    if not found:
        return [("ok" if result == "PASS" else "not ok", "exit status")]
    if planned > len(found):
        found.append(("not ok", f"ran {len(found)} of {planned} planned facts"))
    if result != "PASS" and all(word != "not ok" for word, _ in found):
        found.append(("not ok", f"ended with {result} after its facts"))
    return found


def main():
    build = sys.argv[1]
    for test in sys.argv[2:]:
        for word, name in judge(build, test):
            print(f"{word}\t{test}: {name}")


if __name__ == "__main__":
    main()
