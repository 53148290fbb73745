# SPDX-License-Identifier: Apache-2.0
"""Reads the logs of test programs (tap_read.py BUILD TEST...) and prints one line a fact:
"ok<TAB>test: name", "not ok<TAB>..." or "skip<TAB>..."; after a failed one come, each behind a tab, the
first remarks that follow it in the log. A program that ended badly without saying
which fact failed, left no log, or ran fewer facts than it planned is a failed fact by itself."""
import os
import re
import sys

LINE = re.compile(r"^\s*(ok|not ok)\b\s*(\d*)\s*-?\s*(.*)$")
REMARK = re.compile(r"^\s*#\s?(.*)$")
REMARKS, REMARK_CHARS = 6, 300
PLAN = re.compile(r"^\s*1\.\.(\d+)\s*(#\s*SKIP\b.*)?", re.I)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


class Fact:
    def __init__(self, word, name):
        self.word, self.name, self.why = word, name, []

    def line(self, test):
        why = "".join("\t" + remark.replace("\t", " ")[:REMARK_CHARS] for remark in self.why)
        return f"{self.word}\t{test}: {self.name}{why}"


def fact_of(word, name):
    directive = re.search(r"#\s*skip\b\s*", name, re.I)  # cmocka says "not ok 3 # SKIP name"
    if not directive:
        return Fact(word, name)
    return Fact("skip", (name[:directive.start()] + name[directive.end():]).strip() or name)


def facts_of(log):
    found, planned, skipped = [], 0, False
    for line in log.splitlines():
        plan, match, remark = PLAN.match(line), LINE.match(line), REMARK.match(line)
        if plan:
            planned += int(plan.group(1))
            skipped = skipped or bool(plan.group(2))
        elif match:
            found.append(fact_of(match.group(1), match.group(3) or "fact " + match.group(2)))
        elif remark and found and found[-1].word == "not ok" and len(found[-1].why) < REMARKS:
            found[-1].why.append(remark.group(1))
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
        return [Fact("not ok", "did not run to its end")]
    found, planned, skipped = facts_of(log)
    if result == "SKIP":
        return found or [Fact("skip", "whole program")]
    if not found:
        return [Fact("ok" if result == "PASS" else "not ok", "exit status")]
    if planned > len(found):
        found.append(Fact("not ok", f"ran {len(found)} of {planned} planned facts"))
    if result != "PASS" and all(fact.word != "not ok" for fact in found):
        found.append(Fact("not ok", f"ended with {result} after its facts"))
    return found


def main():
    build = sys.argv[1]
    for test in sys.argv[2:]:
        for fact in judge(build, test):
            print(fact.line(test))


if __name__ == "__main__":
    main()
