# SPDX-License-Identifier: Apache-2.0
"""Sums facts (tap_sum.py FILE): names what failed and why, ends with "N passed, N failed[, N skipped]".
A fact seen in several builds counts once, and as failed if it failed in any. Exit 0 only if
something ran and nothing failed."""
import sys


def main():
    rank = {"skip": 0, "ok": 1, "not ok": 2}
    worst, remarks = {}, {}
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            word, name, *why = line.rstrip("\n").split("\t")
            remarks.setdefault(name, []).extend(why)
            if name not in worst or rank[word] > rank[worst[name]]:
                worst[name] = word
    count = {word: sum(1 for have in worst.values() if have == word) for word in rank}
    for name, word in worst.items():
        if word == "not ok":
            print(f"FAILED {name}", *(f"    | {remark}" for remark in remarks[name]), sep="\n")
    for name, word in worst.items():
        if word == "skip":
            print(f"skipped {name}")
    tail = f", {count['skip']} skipped" if count["skip"] else ""
    print(f"{count['ok']} passed, {count['not ok']} failed{tail}")
    sys.exit(0 if count["ok"] and not count["not ok"] else 1)


if __name__ == "__main__":
    main()
