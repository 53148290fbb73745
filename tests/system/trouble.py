# SPDX-License-Identifier: Apache-2.0
"""A floor to make trouble for: orders of one-off pictures, a proxy between floor and service, and what both
sides say of a job. Used by the errors_*.py tests."""
import json
import os
import re
import shutil
import subprocess
import time

import judge
import lab
import procs
import proxy

# the floor's inner words: never on a screen (design: words)
INNER = re.compile(r"\b(lease|leased|epoch|attempt|permit|permitted|worker|errno|null)\b", re.IGNORECASE)
ENDED = ("printed", "cancelled", "error")


class Floor(lab.Lab):
    proxy, through_proxy = None, False
    believes = "off"  # what is changed on the way is not to be refused for its signature alone

    def quick_profiles(self, model, keys):
        """A folder with the project's profiles, but for a model that has these keys."""
        root = os.path.join(self.run, "quick")
        shutil.copytree(os.path.join(self.root, "profiles"), os.path.join(root, "profiles"))
        path = os.path.join(root, "profiles", "models", model + ".conf")
        with open(path, encoding="utf-8") as file:
            kept = [line for line in file if line.split(" ")[0] not in keys]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(kept + [f"{key} = {value}\n" for key, value in keys.items()])
        return root

    def begin(self, cloud=True, through_proxy=True):
        self.through_proxy = cloud and through_proxy
        self.signatures = self.believes
        self.make_photos()
        self.start_world() if cloud else self.start_printers()
        if self.through_proxy:
            self.proxy = proxy.Proxy(self, self.front_port)
        self.start_platend(cloud)

    def start_service(self):
        if self.through_proxy and self.front_port == self.service_port:
            self.front_port = procs.free_port()
        super().start_service()

    def end(self):
        self.stop()
        if self.proxy:
            self.proxy.close()

    # pictures

    def picture(self, number):
        """A sound JPEG that nobody has sent before: a comment makes it another file."""
        photo = next(p for p in self.photos if p["media_type"] == "image/jpeg")
        with open(os.path.join(self.photo_folder, photo["file"]), "rb") as file:
            data = file.read()
        note = f"picture {number}".encode()
        return data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + data[2:]

    def file(self, name, data):
        path = os.path.join(self.run, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def upload(self, data, media_type="image/jpeg"):
        return self.service.call("POST", "/v1/admin/assets", data, media_type)["asset"]["id"]

    def order(self, asset, sku="4x6-glossy", copies=1, options=None, **product):
        page = {"asset": asset, **({"options": options} if options else {})}
        made = self.service.order({"jobs": [{"product": {"sku": sku, "copies": copies, **product}, "pages": [page]}]})
        self.orders.append(made["order"]["id"])
        return made["jobs"][0]

    # what is said

    def ctl(self, *words):
        """(exit code, output and errors) as a person at a terminal sees it."""
        done = subprocess.run([self.program("platenctl"), "--socket", self.socket, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=20, text=True)
        return done.returncode, done.stdout

    def here(self, job):
        return self.platenctl("job", job) or {}

    def there(self, job):
        return self.service.job(job)["job"]

    def names(self, job):
        """The floor's events of a job as the service stored them: short names, in order."""
        events = [e for e in self.service.job(job)["events"] if e["type"].startswith("platen.job.")]
        return [e["type"].split(".")[2] for e in events]

    def in_order(self, job):
        events = [e["sequence"] for e in self.service.job(job)["events"] if e["type"].startswith("platen.job.")]
        return events == list(range(1, len(events) + 1))

    def wait(self, what, ready, seconds=15):
        """Whether it came to pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.crew.check()
            if ready():
                return True
            time.sleep(0.1)
        return False

    def printed_once(self, job, copies=1):
        return judge.sheets_by_job(self).get(job, 0) == copies

    def reason(self, job):
        """All that a person reads about why a job is where it is."""
        row = self.here(job)
        said = row.get("reason") or {}
        why = self.platenctl("why", job) or {}
        return {"say": row.get("say", ""), "code": said.get("code", ""), "title": said.get("title", ""),
                "text": said.get("text", ""), "action": said.get("action", ""), "now": why.get("now", ""),
                "next": why.get("next", ""), "story": [line["say"] for line in why.get("story", [])]}

    def unclear(self, job, *needles):
        """What is wrong with the texts about a job: "" when they name what they must, with a next step."""
        reason = self.reason(job)
        people = json.dumps([reason[k] for k in ("say", "title", "text", "action", "now", "next", "story")],
                            ensure_ascii=False)
        faults = [f"does not say {needle!r}" for needle in needles if needle.lower() not in people.lower()]
        faults += [f"says {word!r}" for word in INNER.findall(people)]
        faults += [f"has no {key}" for key in ("code", "text", "action") if not reason[key]]
        return f"{job}: {', '.join(faults)}: {json.dumps(reason, ensure_ascii=False)}" if faults else ""
