#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The units under a real systemd: this machine's own files, with platen installed over them in an overlay,
are booted as a container without a network; unit_probe.py says what holds in there. And what systemd-analyze
thinks of the units."""
import os
import re
import shutil
import subprocess

import tap
import lab
import mounts

HERE = os.path.dirname(os.path.abspath(__file__))
SCORES = {"platend": 14, "platen-orders": 11}  # tenths; what keeps them from less stands in the units

# by itself, a container may not
LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
TARGET = "[Unit]\nAllowIsolate=yes\nRequires=probe.service\nAfter=probe.service\n"
PROBE = """[Unit]
DefaultDependencies=no
SuccessAction=poweroff-force
FailureAction=poweroff-force
JobTimeoutSec=90
JobTimeoutAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -B /probe/unit_probe.py
StandardOutput=file:/probe/said
StandardError=file:/probe/error
"""


def run(*words, **kinds):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **kinds)


def overlay(folder):
    """This machine's files, and a place of our own over them."""
    at = os.path.join(folder, "root")
    upper = os.path.join(folder, "upper")
    os.makedirs(at)
    os.makedirs(upper)
    mounts.run("mount", "-t", "tmpfs", "none", upper)
    for name in ("over", "work"):
        os.makedirs(os.path.join(upper, name))
    mounts.run("mount", "-t", "overlay", "overlay", "-o",
               f"lowerdir=/,upperdir={upper}/over,workdir={upper}/work", at)
    return at


def install(root):
    done = run("make", "-s", "-C", lab.BUILD, "install", f"DESTDIR={root}")
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    os.makedirs(os.path.join(root, "probe"))
    shutil.copy(os.path.join(HERE, "unit_probe.py"), os.path.join(root, "probe"))
    units = os.path.join(root, "etc/systemd/system")
    for name, text in (("probe.target", TARGET), ("probe.service", PROBE)):
        with open(os.path.join(units, name), "w", encoding="utf-8") as file:
            file.write(text)


def contain(root, *words):
    """A container of these files; its console goes to a file."""
    with open(os.path.join(root, "console"), "w", encoding="utf-8") as console:
        return subprocess.run(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--link-journal=no",
             "--resolv-conf=off", "--timezone=off", "--console=pipe", "--system-call-filter=" + LANDLOCK, "-D", root,
             *words],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, check=False, timeout=150).returncode


def read(*parts):
    try:
        with open(os.path.join(*parts), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        return str(error)


def tell(t, root):
    """The facts of the probe become ours."""
    rows = re.findall(r"^(ok|not ok) - (.*)\n((?:#.*\n)*)", read(root, "probe/said"), re.M)
    for verdict, name, why in rows:
        t.ok(verdict == "ok", name, why)
    whole = "\nend\n" in read(root, "probe/said")
    t.ok(whole, "the container was probed to the end",
         read(root, "probe/error") + read(root, "console") + read(root, "probe/log"))


def judge(t, root, folder):
    for name, most in SCORES.items():
        path = shutil.copy(os.path.join(folder, "systemd", name + ".service"), root)
        text = re.sub(r"=\S*/(platend|platen-orders)\b.*", "=/bin/true", read(path))
        text = re.sub(r"(?m)^Exec(StartPre|Reload)=/bin/true\n", "", text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={most}", path)
        t.ok(done.returncode == 0, f"{name}.service is exposed by {most / 10} of 10 at most", done.stdout)
        done = run("systemd-analyze", "verify", "--man=no", path)
        t.ok(done.returncode == 0 and "gnoring" not in done.stdout, f"{name}.service is well-formed", done.stdout)


def test(t, folder):
    judge(t, folder, lab.BUILD)
    try:
        mounts.part_mounts()
        root = overlay(folder)
    except OSError as error:
        tap.note(f"not booted: no overlay can be mounted here: {error}")
        return
    try:
        if contain(root, "/bin/true") != 0:
            tap.note("not booted: no container starts here: " + read(root, "console").strip())
            return
        install(root)
        contain(root, "-b", "--", "--unit=probe.target")
        tell(t, root)
    finally:
        for at in (root, os.path.join(folder, "upper")):
            run("umount", "-l", at)


tap.need("systemd-nspawn", "systemd-analyze")
if not os.path.exists("/lib/systemd/systemd"):
    tap.skip("systemd is not installed")
tap.run(test)
