# SPDX-License-Identifier: Apache-2.0
"""A whole floor in one folder: order service, printers, platend; what to print; and how to ask what
became of it. The demo runs one, the system tests run many."""
import json
import os
import shutil
import socket
import subprocess

import conf
import photosource
import pki
import printers
import procs
import service

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.environ.get("PLATEN_BUILD", os.path.join(ROOT, "build"))
CACHE = os.path.join(ROOT if os.access(ROOT, os.W_OK) else BUILD, ".demo", "cache")
PLACES = ("", "src/orders", "src/worker")  # where a build leaves its programs
FLOOR = "demo-lab"
SKUS = conf.SKUS


def plan_of(photos, count, only_copies):
    """The jobs: a photo each, all products in turn, 2 or 3 copies; the last two have several pages."""
    jobs = []
    for i in range(count):
        pages = [photos[i % len(photos)]]
        copies = 2 + i % 2
        if i == 24:
            pages, copies = photos[0:3], 1
        if i == 25:
            pages, copies = photos[5:7], 2
        jobs.append({"sku": SKUS[i % len(SKUS)], "pages": pages, "copies": only_copies or copies, "job": ""})
    return jobs


class Lab:
    def __init__(self, folder, survive=False, jobs=26, copies=0, pause_ms=0, ipp=None, fakes=None,
                 poll="1 s"):
        self.folder, self.n_jobs, self.copies, self.pause_ms = folder, jobs, copies, pause_ms
        self.ipp = conf.IPP_PRINTERS if ipp is None else ipp
        self.fakes = conf.FAKE_PRINTERS if fakes is None else fakes
        self.run = os.path.join(folder, "run")
        shutil.rmtree(self.run, ignore_errors=True)
        os.makedirs(self.run, mode=0o755)
        self.crew = procs.Crew(self.run, survive)
        # beside run/, so that the next run finds it after run/ was cleared
        self.crew.pids_file = os.path.join(folder, "pids")
        self.floor, self.root, self.poll = FLOOR, ROOT, poll
        self.spool, self.state, self.reserve = "", "", "16 MiB"
        self.pki = os.path.join(self.run, "pki")
        self.socket = os.path.join(self.run, "platend.sock")
        self.service_port, self.console_port = procs.free_port(), procs.free_port()
        self.front_port = self.service_port  # where the floor meets the service: a test may stand between
        self.more_conf, self.heartbeat, self.lease = "", "5 s", "60 s"
        self.signatures = "block"  # of platend: what the demo's shop did not sign is refused
        self.environment = {}  # of platend, beside ours
        self.plan, self.photos, self.photo_folder = [], [], ""
        self.printers, self.orders, self.service, self.assets = [], [], None, {}

    # what there is to print

    def make_photos(self):
        self.photo_folder = photosource.make(CACHE)
        with open(os.path.join(self.photo_folder, "manifest.json"), encoding="utf-8") as file:
            self.photos = json.load(file)
        self.plan = plan_of(self.photos, self.n_jobs, self.copies)

    @property
    def sheets(self):
        return sum(job["copies"] * len(job["pages"]) for job in self.plan)

    def skus(self):
        return sorted({job["sku"] for job in self.plan})

    def sheets_of(self, job_id):
        return next(job["copies"] * len(job["pages"]) for job in self.plan if job["job"] == job_id)

    # the world around platend

    def program(self, name):
        for place in PLACES:
            path = os.path.join(BUILD, place, name)
            if os.access(path, os.X_OK) and os.path.isfile(path):
                return path
        raise RuntimeError(f"{name} is not built in {BUILD}: ./bootstrap demo builds it")

    def start_world(self):
        try:
            socket.getaddrinfo("localhost", None)
        except OSError as error:
            raise RuntimeError("the name localhost is not known here: /etc/hosts needs a line "
                               "\"127.0.0.1 localhost\"") from error
        pki.make(self.pki, FLOOR)
        self.start_printers()
        self.start_service()

    def start_printers(self):
        home = os.path.join(self.run, "printers")
        os.makedirs(CACHE, exist_ok=True)
        library = printers.build_noavahi(CACHE) if self.ipp else ""
        for name, (model, papers) in self.ipp.items():
            printer = printers.IppPrinter(self.crew, home, name, model, papers, library, self.pause_ms)
            printer.start()
            self.printers.append(printer)
        for printer in self.printers:
            printer.wait()
        for name, (model, paper) in self.fakes.items():
            self.printers.append(printers.FakePrinter(home, name, model, paper))

    def start_service(self):
        os.makedirs(os.path.join(self.run, "orders"), exist_ok=True)
        path = conf.write_orders(self)
        self.crew.start("platen-orders", [self.program("platen-orders"), "serve", "--config", path])
        procs.wait_for("the order service listening", 10, lambda: procs.accepts(self.service_port), self.crew)
        self.service = service.Service(self.service_port, self.pki)

    def seed(self, per_order=4):
        """Orders what of the plan has not been ordered yet."""
        new = [job for job in self.plan if not job["job"]]
        for at in range(0, len(new), per_order):
            body = {"ref": f"D-{1001 + len(self.orders)}", "leave_by_in_s": 3600, "handover": "ship",
                    "jobs": [self.job_body(job) for job in new[at:at + per_order]]}
            made = self.service.order(body)
            self.orders.append(made["order"]["id"])
            for job, name in zip(new[at:at + per_order], made["jobs"]):
                job["job"] = name

    def job_body(self, job):
        for photo in job["pages"]:
            if photo["file"] not in self.assets:
                path = os.path.join(self.photo_folder, photo["file"])
                self.assets[photo["file"]] = self.service.upload(path, photo["media_type"])
        return {"product": {"sku": job["sku"], "copies": job["copies"]},
                "pages": [{"asset": self.assets[photo["file"]]} for photo in job["pages"]]}

    # platend

    def start_platend(self, cloud=True):
        self.conf = conf.write_platend(self, cloud)
        before = self.times_ready()
        self.crew.start("platend", [self.program("platend"), "--config", self.conf], self.environment)
        procs.wait_for("platend being ready", 15, lambda: self.times_ready() > before, self.crew)

    def times_ready(self):
        """How often platend has said that it is: its log goes on over restarts."""
        try:
            with open(self.crew.log_of("platend"), encoding="utf-8", errors="replace") as file:
                return file.read().count("platend: ready")
        except OSError:
            return 0

    def console(self):
        return f"http://127.0.0.1:{self.console_port}/"

    def platenctl(self, *words):
        """The answer of `platenctl WORDS --json`; None when it failed."""
        done = subprocess.run([self.program("platenctl"), "--socket", self.socket, "--json", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=20)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return None

    def stop(self):
        self.crew.stop_all()

    # what became of it

    def jobs(self):
        return [job for order in self.orders for job in self.service.look(order)["jobs"]]

    def jobs_with_events(self):
        rows = []
        for job in self.plan:
            found = self.service.job(job["job"])
            rows.append({"job": found["job"], "events": found["events"]})
        return rows

    def what_is_stuck(self, jobs):
        stuck = [job for job in jobs if job["state"] != "printed"]
        words = [f"{job['job']} is {job['state']}"
                 + "".join(f", {job[k]}" for k in ("floor_state", "reason", "detail") if job.get(k))
                 for job in stuck[:5]]
        return f"{len(stuck)} jobs are not printed: " + "; ".join(words)

    def received(self):
        """(printer, row) for everything that reached a printer."""
        return [(printer, row) for printer in self.printers for row in printer.received()]

    def model_of(self, name):
        return next(printer.model for printer in self.printers if printer.name == name)

    def outputs(self):
        """(printer, sheets, folder) each."""
        return [(p.name, sum(row["sheets"] for row in p.received()), p.out) for p in self.printers]

    def sheets_at_printers(self):
        return sum(count for _, count, _ in self.outputs())
