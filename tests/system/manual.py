#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages say what the programs say: every program that is installed has one, with every command and
every option of its --help; every configuration key stands in the page of its file; groff has nothing to say
about them; the completion offers what the help says, and runs nothing that a file's name says."""
import glob
import os
import re
import subprocess

import tap
import lab

SOURCE = os.environ.get("PLATEN_SRC", lab.ROOT)
# what is configured: its page and the text that has every key
FILES = {"docs/man/platen.conf.5": ("docs/platen.conf.example", r"^\s*#? ?([a-z_]+) = "),
         "docs/man/platen-orders.conf.5": ("docs/platen-orders.conf.example", r"^\s*#? ?([a-z_]+) = "),
         "docs/man/platen-profiles.5": ("docs/profiles.md", r"^\| `([a-z_]+)`")}


def pages():
    """By name; those of the sources, and those that the build made of them."""
    return {os.path.relpath(path, top): path for top in (lab.BUILD, SOURCE)
            for path in glob.glob(os.path.join(top, "docs/man/*.[158]"))}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().replace("\\-", "-")


def run(*words, **kinds):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **kinds)


def installed_programs():
    names = set()
    for path in glob.glob(os.path.join(SOURCE, "src/**/room.mk"), recursive=True):
        for line in re.findall(r"(?m)^(?:bin|sbin|pkglibexec)_PROGRAMS \+= (.*)", text_of(path)):
            names |= {os.path.basename(name) for name in line.split()}
    return sorted(names)


def help_of(program):
    """Its commands, and all that it says of itself and of each."""
    path = lab.Lab.program(None, program)
    if program in ("platen-worker", "platen-render"):
        return [], run(path, "render-file", "--help").stdout
    said = run(path, "--help").stdout
    if program == "platenctl":
        commands = [word for word in re.findall(r"^  ([a-z-]+) ", said, re.M) if word != program]
        return commands, said + "".join(run(path, command, "--help").stdout for command in commands)
    heads = re.findall(r"(?m)^  ([a-z].*?)(?:  |$)", said)
    return [word for head in heads for word in re.findall(r"(?:^|, )([a-z]+)(?= [A-Z\[]|$|,)", head)], said


def options_in(text):
    return sorted(set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text)))


def programs_have_pages(t, known):
    for program in installed_programs():
        found = [path for name, path in known.items() if re.fullmatch(rf"docs/man/{program}\.[18]", name)]
        if not t.ok(len(found) == 1, f"{program} has a manual page", found):
            continue
        text = text_of(found[0])
        link = re.fullmatch(r"\.so man\d/(\S+)\n", text)
        text = text_of(known["docs/man/" + link.group(1)]) if link else text
        commands, said = help_of(program)
        options = options_in(said)
        missing = [o for o in options if not re.search(rf"(?<![a-z-])-{o}(?![a-z-])", text)]
        t.ok(not missing and len(options) > 1, f"the page of {program} has every option of its --help", missing)
        lost = [c for c in commands if not re.search(rf"(?m)^\.It Cm.* ?\b{c}\b", text)]
        t.ok(not lost and (program not in ("platenctl", "platen-orders") or len(commands) > 10),
             f"the page of {program} has every command", lost)


def keys_are_there(t, known):
    for page, (source, pattern) in FILES.items():
        text = text_of(known[page]) if page in known else ""
        keys = set(re.findall(pattern, text_of(os.path.join(SOURCE, source)), re.M))
        missing = [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)]
        t.ok(not missing and len(keys) > 9 and "@EXAMPLE@" not in text and "@BODY@" not in text,
             f"{page} has every key of {source}", missing)


def pages_are_well_formed(t, known):
    for name, path in sorted(known.items()):
        done = run("groff", "-k", "-mdoc", "-ww", "-z", "-Tutf8", path, cwd=os.path.dirname(path))
        linked = text_of(path).startswith(".so ")
        t.ok(linked or (done.returncode == 0 and not done.stdout.strip()), f"groff takes {name} without a word",
             done.stdout)


COMPLETE = """
PATH=$1:$PATH
. "$2/docs/completion/$3"
while read -r -a COMP_WORDS; do
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	[ "${COMP_WORDS[COMP_CWORD]}" != EMPTY ] || COMP_WORDS[COMP_CWORD]=""
	"_${3//-/_}"
	echo "${COMPREPLY[*]}"
done
"""


class Completion:
    def __init__(self, program):
        self.program = program
        self.bin = os.path.dirname(lab.Lab.program(None, program))

    def of(self, lines, cwd=None):
        """For each line what is offered for its last word, which EMPTY makes an empty one."""
        done = subprocess.run(["bash", "-c", COMPLETE, "bash", self.bin, SOURCE, self.program], cwd=cwd, text=True,
                              input="".join(f"{self.program} {line}\n" for line in lines), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return [set(row.split()) for row in done.stdout.splitlines()]


def completion_says_the_help(t):
    for program in ("platenctl", "platen-orders"):
        commands, said = help_of(program)
        offered = Completion(program).of(["EMPTY", "-" if program == "platenctl" else "serve --"])
        t.ok(offered and offered[0] >= set(commands), f"the completion of {program} offers every command",
             (commands, offered))
        if program == "platen-orders":
            lost = {"--" + option for option in options_in(said)} - offered[1]
            t.ok(not lost, "and every option", lost)
    ctl = lab.Lab.program(None, "platenctl")
    lost = []
    commands, _ = help_of("platenctl")
    helps = [run(ctl, command, "--help").stdout for command in commands]
    usages = [said.splitlines()[0].partition(f"platenctl {c}")[2] for c, said in zip(commands, helps)]
    offered = Completion("platenctl").of([f"{command} --" for command in commands])
    for command, usage, words in zip(commands, usages, offered):
        lost += [f"{command} --{o}" for o in options_in(usage) if "--" + o not in words]
    t.ok(len(offered) == len(commands) and not lost, "for each command, the completion offers its options", lost)
    offered = Completion("platenctl").of([f"{command} {'P1 ' if 'NAME' in usage else ''}EMPTY"
                                          for command, usage in zip(commands, usages)])
    lost = [f"{command} {word}" for command, usage, words in zip(commands, usages, offered)
            for word in re.findall(r"(?<![\w-])[a-z][a-z-]+(?![\w-])", usage) if word not in words]
    t.ok(len(offered) == len(commands) and not lost, "and the words that may follow", lost)


def completion_runs_nothing(t, folder):
    evil = "x-$(touch${IFS}pwned).jpg"
    with open(os.path.join(folder, evil), "w", encoding="utf-8"):
        pass
    for program, line in (("platenctl", "submit x"), ("platen-orders", "add x")):
        offered = Completion(program).of([line], folder)
        t.ok(offered == [{evil}] and os.listdir(folder) == [evil],
             f"the completion of {program} offers a file and runs nothing that its name says",
             (offered, os.listdir(folder)))


def test(t, folder):
    known = pages()
    programs_have_pages(t, known)
    keys_are_there(t, known)
    pages_are_well_formed(t, known)
    completion_says_the_help(t)
    completion_runs_nothing(t, folder)


tap.need("groff", "bash")
tap.run(test)
