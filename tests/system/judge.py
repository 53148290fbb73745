# SPDX-License-Identifier: Apache-2.0
"""What the printers of a Lab really made, by their own books: the judge of the system tests."""
import os
import time

OVER = ("printed", "cancelled", "error")


def wait_until_over(floor, seconds, held_too=False):
    """Until no job can go on by itself; raises when that takes too long."""
    end = time.monotonic() + seconds
    over = OVER + (("held",) if held_too else ())
    while True:
        floor.crew.check()
        jobs = floor.jobs()
        if all(job["state"] in over for job in jobs):
            return jobs
        if time.monotonic() > end:
            raise RuntimeError(f"not over after {seconds} s: " + floor.what_is_stuck(jobs))
        time.sleep(0.1)


def job_of(key):
    """The job in an attempt's key, JOB.EPOCH.ATTEMPT."""
    return key.rsplit(".", 2)[0]


def sheets_by_job(floor):
    """Complete sheets that came out, per job id."""
    count = {}
    for _, row in floor.received():
        count[job_of(row["job"])] = count.get(job_of(row["job"]), 0) + row["sheets"]
    return count


def documents(floor):
    """A row for each complete document: where it lies, whose it is, which page. Pages of a job reach
    the printers in order, so the n-th document of a job with one copy is its page n."""
    plan = {job["job"]: job for job in floor.plan}
    seen, rows = {}, []
    for printer, row in floor.received():
        job = job_of(row["job"])
        if row["whole"] and job in plan:
            page = row.get("page", seen.get(job, 0))
            seen[job] = page + 1
            rows.append({"printer": printer.name, "path": os.path.join(printer.out, row["file"]),
                         "plan": plan[job], "page": page % len(plan[job]["pages"])})
    return rows
