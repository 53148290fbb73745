#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The command line of platen-orders as people and scripts use it: results, refusals, exit codes."""
import json
import os
import subprocess
import sys

from service import PROGRAM, SOURCE, Client, Service, Tap, png

tap = Tap()
ok, same = tap.ok, tap.same
service = Service()


def run(*words, **more):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, check=False,
                          **more)


def photo(name, seed):
    path = os.path.join(service.folder, name)
    with open(path, "wb") as file:
        file.write(png(20, 20, seed))
    return path


def fails(done, code, part, what):
    ok(done.returncode == code and part in done.stderr and not done.stdout, what,
       done.returncode, done.stdout, done.stderr)


one, two = photo("one.png", 1), photo("two.png", 2)
done = service.run("add", one, two, "--product", "4x6", "--copies", "3", "--order", "A-7",
                   "--option", "crop=0,0.1,1,0.8", "--option", "rotate=90", "--option", "fit=fill",
                   "--leave-by", "2h", "--due", "45min", "--priority", "70", "--label", "Anna",
                   "--handover", "pickup", "--private")
ok(done.returncode == 0 and "A-7" in done.stdout and "2 jobs" in done.stdout, "add tells the order",
   done.stdout, done.stderr)
seen = json.loads(service.run("order", "A-7", "--json").stdout)
job = seen["jobs"][0]
ok(seen["order"]["handover"] == "pickup" and seen["order"]["private"] is True and
   7190 < seen["order"]["leave_by_in_s"] <= 7200 and len(seen["jobs"]) == 2, "the order is as said", seen)
ok(job["product"] == {"sku": "4x6", "copies": 3} and job["priority"] == 70 and job["label"] == "Anna" and
   2690 < job["due_in_s"] <= 2700 and job["pages"][0]["options"] == {
       "crop": {"x": 0, "y": 0.1, "width": 1, "height": 0.8}, "rotate_degrees": 90, "fit": "fill"},
   "and so are its jobs", job)
made = json.loads(service.run("add", one, two, "--product", "book", "--pages", "--json").stdout)
seen = json.loads(service.run("job", made["jobs"][0], "--json").stdout)["job"]
ok(len(made["jobs"]) == 1 and len(seen["pages"]) == 2, "--pages: one job of two pages", made, seen)
done = service.run("orders")
ok(done.returncode == 0 and "A-7" in done.stdout and "0/2" in done.stdout, "orders lists them", done)
done = service.run("cancel", job["job"], "--by", "anna", "--reason", "changed her mind")
ok(done.returncode == 0 and "cancelled" in done.stdout, "cancel", done)
done = service.run("order", "A-7", "--events")
ok("platen.service.cancel_asked.v1" in done.stdout and "changed her mind" in done.stdout,
   "--events says who and why", done.stdout)
done = service.run("events", job["job"])
ok("cancel_asked" in done.stdout and done.returncode == 0, "events of a subject", done)
done = service.run("floors")
ok(done.returncode == 0 and "no floor" in done.stdout, "floors before any called", done)
same(service.run("disable", "lab-1").returncode, 0, "disable a floor")
ok("disabled" in service.run("floors").stdout, "and see it")
evil = Client(service, service.admin_pair)
evil.post("/v1/admin/orders", {"ref": "\x1b[2Jx", "jobs": [{"product": {"sku": "a", "copies": 1}, "pages": [
    {"asset": job["pages"][0]["asset"]["id"]}]}]})
ok("\x1b" not in service.run("orders").stdout, "nothing from outside reaches the terminal raw")

fails(service.run("cancel", job["job"]), 65, "cancelled", "what can't be done: 65 and why")
fails(service.run("order", "none"), 65, "no order none", "an unknown order: 65")
fails(service.run("order"), 64, "ID-OR-REF", "order of what: 64")
fails(service.run("add", one), 64, "--product", "add without a product: 64")
fails(service.run("add", one, "--product", "x", "--copies", "0"), 64, "--copies", "0 copies: 64")
fails(service.run("add", one, "--product", "x", "--leave-by", "soon"), 64, "soon", "a bad span: 64")
fails(service.run("add", one, "--product", "x", "--option", "blur=1"), 64, "blur", "a bad option: 64")
fails(service.run("add", one, "--product", "x", "--option", "crop=1"), 64, "crop", "a bad crop: 64")
fails(service.run("add", one, "--product", "x", "--option", "fit=squeeze"), 65, "squeeze",
      "what the service refuses: 65")
fails(service.run("add", service.folder + "/no.png", "--product", "x"), 66, "no.png", "no such file: 66")
fails(service.run("add", service.conf, "--product", "x"), 66, "no picture we know", "no photo: 66")
fails(service.run("dance"), 64, "no command \"dance\"", "an unknown command: 64")
fails(run(), 64, "--help", "no command: 64")
ok(run("add", "--dance").returncode == 64, "an unknown option: 64")
fails(run("orders"), 64, "--url", "without an address: 64")
pair = service.ca.issue("lab-1")
fails(run("orders", "--url", f"https://127.0.0.1:{service.port}", "--ca", service.ca.cert, "--cert", pair[0],
          "--key", pair[1]), 77, "lab-1", "a floor's certificate: 77")
done = run("orders", env={**os.environ, "PLATEN_ORDERS_CONFIG": service.conf})
same(done.returncode, 0, "PLATEN_ORDERS_CONFIG says where it is")
done = run("--help")
ok(done.returncode == 0 and all(word in done.stdout for word in ("serve", "--data", "add FILE", "--leave-by",
   "free JOB", "sysexits")), "--help", done.stdout)
ok(run("--version").stdout.startswith("platen-orders "), "--version")

fails(run("serve"), 64, "--data", "serve without its files: 64")
done = run("serve", "--config", service.conf, "--listen", "127.0.0.1:0")
ok(done.returncode == 75 and "another process holds the store" in done.stderr,
   "a second service on the same store: 75", done)
done = run("serve", "--config", service.conf, "--listen", f"127.0.0.1:{service.port}", "--data",
           service.folder + "/other")
ok(done.returncode == 78 and done.stderr, "an address that is taken: 78", done)
bad = os.path.join(service.folder, "bad.conf")
with open(bad, "w", encoding="ascii") as file:
    file.write('data = "x"\nlease = "soon"\nlisten = "nowhere"\ndance = yes\n')
done = run("serve", "--config", bad)
ok(done.returncode == 78 and "bad.conf:2" in done.stderr and "lease" in done.stderr,
   "faults of the file are named by line and key: 78", done.stderr)
done = run("serve", "--config", service.folder + "/none.conf")
ok(done.returncode == 78 and "none.conf" in done.stderr, "a file that is not there: 78", done.stderr)
ok(run("serve", "--listen", "nowhere").returncode == 64, "a listen address that is none: 64")
example = os.path.join(SOURCE, "docs", "platen-orders.conf.example")
child = subprocess.Popen([PROGRAM, "serve", "--config", example, "--data", service.folder + "/example", "--listen",
                          "127.0.0.1:0", "--cert", service.cert, "--key", service.key, "--ca", service.ca.cert],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
line = child.stdout.readline()
child.terminate()
faults = child.communicate(timeout=20)[1]
ok("https://127.0.0.1:" in line and child.returncode == 0, "the example of a configuration is one", line, faults)
same(service.stop(), 0, "SIGTERM: 0")
fails(service.run("orders"), 69, "no answer", "no service: 69")
service.start()
ok("A-7" in service.run("orders").stdout, "orders are there after a restart")
service.stop()
service.remove()
sys.exit(tap.end())
