#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages say what the programs say: every command and every option of --help stands in its page,
every configuration key in platen.conf.5; groff has nothing to say about them; the completion knows the
commands."""
import os
import re
import subprocess

import tap
import lab

SOURCE = os.environ.get("PLATEN_SRC", lab.ROOT)
PAGES = {"platenctl": "docs/man/platenctl.1", "platend": "docs/man/platend.8",
         "platen-orders": "docs/man/platen-orders.8", "platen-worker": "docs/man/platen-worker.8"}


def find(path):
    """A page of the sources, or one that the build made."""
    return next(p for p in (os.path.join(lab.BUILD, path), os.path.join(SOURCE, path)) if os.path.exists(p))


def text_of(path):
    with open(find(path), encoding="utf-8") as file:
        return file.read().replace("\\-", "-")


def run(*words, **kinds):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **kinds)


def help_of(program):
    path = lab.Lab.program(None, program)
    said = run(path, "--help").stdout
    if program == "platenctl":
        commands = [word for word in re.findall(r"^  ([a-z-]+) ", said, re.M) if word != program]
        return commands, said + "".join(run(path, command, "--help").stdout for command in commands)
    if program == "platen-worker":
        said = run(path, "render-file", "--help").stdout
    return [], said


def options_are_there(t, program, page):
    commands, said = help_of(program)
    text = text_of(page)
    options = sorted(set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", said)))
    missing = [o for o in options if not re.search(rf"(?<![a-z-])-{o}(?![a-z-])", text)]
    t.ok(not missing and len(options) > 1, f"{page} has every option of {program} --help", missing)
    lost = [c for c in commands if not re.search(rf"^\.It Cm.* ?{c}\b", text, re.M)]
    t.ok(not lost, f"{page} has every command of {program}", lost)


def keys_are_there(t):
    with open(os.path.join(SOURCE, "docs", "platen.conf.example"), encoding="utf-8") as file:
        keys = set(re.findall(r"^\s*#? ?([a-z_]+) = ", file.read(), re.M))
    text = text_of("docs/man/platen.conf.5")
    missing = [key for key in sorted(keys) if not re.search(rf"\b{key} = ", text)]
    t.ok(not missing and "@EXAMPLE@" not in text, "platen.conf.5 has every key of the example", missing)


def pages_are_well_formed(t):
    for page in [*PAGES.values(), "docs/man/platen.conf.5"]:
        done = run("groff", "-k", "-mdoc", "-ww", "-z", "-Tutf8", find(page))
        t.ok(done.returncode == 0 and not done.stdout.strip(), f"groff takes {page} without a word", done.stdout)


def completion_knows_the_commands(t):
    script = """
PATH=$1:$PATH
. "$2"
COMP_WORDS=(platenctl "$3") COMP_CWORD=1
_platenctl
echo "${COMPREPLY[*]}"
COMP_WORDS=(platenctl resolve --) COMP_CWORD=2
_platenctl
echo "${COMPREPLY[*]}"
"""
    folder = os.path.dirname(lab.Lab.program(None, "platenctl"))
    done = run("bash", "-c", script, "bash", folder, os.path.join(SOURCE, "docs/completion/platenctl"), "re")
    first, second = (done.stdout.splitlines() + ["", ""])[:2]
    t.ok(set(first.split()) == {"render", "resolve", "release"},
         "the completion of \"re\" are the commands that begin so", done.stdout)
    t.ok({"--printed", "--not-printed", "--give-back", "--reason"} <= set(second.split()),
         "the completion of an option are those of the command", done.stdout)


def test(t, _):
    for program, page in PAGES.items():
        options_are_there(t, program, page)
    keys_are_there(t)
    pages_are_well_formed(t)
    completion_knows_the_commands(t)


tap.need("groff", "bash")
tap.run(test)
