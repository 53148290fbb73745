# SPDX-License-Identifier: Apache-2.0
"""A floor that takes no time: printers that are folders and print in 10 ms, pictures of a few kilobytes.
For campaigns that break it hundreds of times and want to see it whole again."""
import os
import re
import struct
import time
import zlib

import judge
import procs
import service
import summary
import trouble

PAPER = "na_index-4x6_4x6in photographic-glossy 10160 15240 1000000"
# of the model; the counter's lag is how long a hand-over that was not taken is watched
QUICK = {"print_time": '"10 ms"', "counter_lag": '"100 ms"', "x_dpi": 100}


def png(seed, width=400, height=600):
    """A picture that nobody has sent before: one colour, and a text chunk."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    colour = bytes(zlib.crc32(f"{seed} {k}".encode()) & 255 for k in "rgb")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"tEXt", b"Comment\0" + str(seed).encode())
            + chunk(b"IDAT", zlib.compress((b"\0" + colour * width) * height, 1)) + chunk(b"IEND", b""))


def new_key():
    return service.ulid()


class Floor(trouble.Floor):
    def __init__(self, folder, n_printers=2):
        fakes = {f"D{n + 1}": ("virtual-dyesub", PAPER) for n in range(n_printers)}
        super().__init__(folder, jobs=0, ipp={}, fakes=fakes, poll="500 ms")
        self.heartbeat, self.lease, self.ordered = "1 s", "3 s", {}
        self.root = self.quick_profiles("virtual-dyesub", QUICK)

    def make_photos(self):
        pass  # every order brings its own

    def order_new(self, seed, copies=1):
        job = self.order(self.upload(png(seed), "image/png"), copies=copies)
        self.ordered[job] = copies
        return job

    def submit_new(self, seed, copies=1):
        """A local order, by platenctl. None when it was not taken."""
        path = self.file("submitted.png", png(seed))
        made = self.platenctl("submit", path, "--product", "4x6-glossy", "--copies", str(copies))
        jobs = (made or {}).get("jobs") or [{}]
        return jobs[0].get("id")

    def script_printers(self, line):
        """The same mishap for each (docs/fake-printer.md)."""
        for printer in self.printers:
            path = os.path.join(printer.home, "script")
            with open(path + ".new", "w", encoding="ascii") as file:
                file.write(line + "\n")
            os.rename(path + ".new", path)

    def printed_all(self, jobs):
        return all(self.printed_once(job, self.ordered[job]) for job in jobs)

    # the lives of platend

    def has_ended(self):
        process = self.crew.running.get("platend")
        return process is None or process.poll() is not None

    def try_start(self):
        """Whether it came up; a platend that ended before is forgotten."""
        self.crew.running.pop("platend", None)
        try:
            self.start_platend()
        except RuntimeError:
            if not self.has_ended():
                raise
        return not self.has_ended()

    def meet_service(self):
        """Until the service has heard of this life: before, it would lease to the one that has just died."""
        end = time.monotonic() + 0.5
        while not self.has_ended() and time.monotonic() < end:
            if ((self.platenctl("status") or {}).get("cloud") or {}).get("connected"):
                return
            time.sleep(0.02)

    def log_size(self):
        path = self.crew.log_of("platend")
        return os.path.getsize(path) if os.path.exists(path) else 0

    def said(self, since, levels="0-4"):
        """What it logged after its log was so long: by default only what is wrong."""
        with open(self.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
            file.seek(since)
            return [line.strip() for line in file if re.match(f"<[{levels}]>", line)]

    def stop_platend_hard(self):
        """platend and its workers, at once."""
        process = self.crew.running.pop("platend", None)
        if process:
            procs.kill_group(process.pid)
            process.kill()
            process.wait()

    # the oracle

    def open_at_service(self):
        return [job for job in self.ordered if self.there(job)["state"] not in judge.OVER]

    def faults_of_books(self):
        """Prints that came out twice, or that nobody ordered: whatever happened, there are none."""
        seen, found = set(), []
        for _, row in self.received():
            key = (judge.job_of(row["job"]), row["page"], row["copy"])
            if key in seen:
                found.append(f"{key} came out twice")
            seen.add(key)
        return found + [f"{job}: nobody ordered what came out" for job in {job for job, _, _ in seen}
                        if job not in self.ordered and not job.startswith("L-")]

    def faults(self):
        """What is wrong at the end, told by the printers' books and the service's: one line each."""
        came_out, found = judge.sheets_by_job(self), self.faults_of_books()
        for job, copies in self.ordered.items():
            told = self.service.job(job)
            events = summary.events_of([told])[0][1]
            if told["job"]["state"] != "printed":
                found.append(f"{job} is {told['job']['state']} {told['job'].get('detail') or ''}")
            if came_out.get(job, 0) != copies:
                found.append(f"{job}: {came_out.get(job, 0)} sheets came out, {copies} ordered")
            if not summary.in_order(events):
                found.append(f"{job}: events {[(e['sequence'], e['type']) for e in events]}")
        return found
