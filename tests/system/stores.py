# SPDX-License-Identifier: Apache-2.0
"""A store that nobody has open, looked into from outside."""
import os
import shutil
import sqlite3
import tempfile


def faults(path):
    """What SQLite finds wrong with a copy of it and of its log: one line each."""
    if not os.path.exists(path):
        return []
    with tempfile.TemporaryDirectory(prefix="platen-store-") as folder:
        copy = os.path.join(folder, "platen.db")
        for tail in ("", "-wal", "-journal"):
            if os.path.exists(path + tail):
                shutil.copyfile(path + tail, copy + tail)
        store = sqlite3.connect(copy)
        try:
            found = [row[0] for row in store.execute("PRAGMA integrity_check")]
            loose = store.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            return [f"{path}: {error}"]
        finally:
            store.close()
    return [f"{path}: {row}" for row in found if row != "ok"] + [f"{path}: loose reference {row}" for row in loose]
