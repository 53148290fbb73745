# SPDX-License-Identifier: Apache-2.0
"""Fetches Debian's package of photographs into a cache folder (never installed) and derives the
customer files of it, once: later runs find them there."""
import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "lomiri-wallpapers-16.04"


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True, errors="replace")
    return done.returncode == 0, done.stdout.strip()


def download(cache):
    fetched, said = run("apt-get", "-q", "-o", "Acquire::Retries=5", "download", PACKAGE, cwd=cache)
    if not fetched and os.geteuid() == 0:
        run("apt-get", "-q", "-o", "Acquire::Retries=5", "update")
        fetched, said = run("apt-get", "-q", "-o", "Acquire::Retries=5", "download", PACKAGE, cwd=cache)
    if not fetched:
        raise RuntimeError(f"could not fetch the photographs (apt-get download {PACKAGE}): {said[-300:]}")


def sources(cache):
    """The folder of the package's photographs."""
    folder = os.path.join(cache, "package", "usr", "share", "backgrounds")
    if not glob.glob(os.path.join(folder, "*.jpg")):
        os.makedirs(cache, exist_ok=True)
        if not glob.glob(os.path.join(cache, PACKAGE + "_*.deb")):
            download(cache)
        deb = glob.glob(os.path.join(cache, PACKAGE + "_*.deb"))[0]
        unpacked, said = run("dpkg-deb", "-x", deb, os.path.join(cache, "package"))
        if not unpacked:
            os.unlink(deb)
            raise RuntimeError(f"the package of photographs is damaged, try again: {said[-300:]}")
    return folder


def recipe_stamp():
    digest = hashlib.sha256()
    for name in ("photos.py", "profiles.py"):
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def make(cache):
    """The folder of customer files, with its manifest.json. One process at a time makes them."""
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_alone(cache)


def is_made(cache):
    try:
        with open(os.path.join(cache, "photos", "stamp"), encoding="ascii") as file:
            return file.read() == recipe_stamp()
    except OSError:
        return False


def make_alone(cache):
    out, stamp = os.path.join(cache, "photos"), os.path.join(cache, "photos", "stamp")
    if is_made(cache):
        return out
    shutil.rmtree(out, ignore_errors=True)
    made, said = run(sys.executable, "-B", os.path.join(HERE, "photos.py"), sources(cache), out)
    if not made:
        raise RuntimeError(f"could not derive the photos: {said[-500:]}")
    with open(stamp, "w", encoding="ascii") as file:
        file.write(recipe_stamp())
    return out
