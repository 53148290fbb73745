# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, driven over its debugging pipe: what a page logs, what its document
holds, what it looks like. Needs nothing but the browser."""
import base64, json, os, select, shutil, subprocess, tempfile, time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program():
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Browser:
    def __init__(self, width=1440, height=1000, dark=False):
        self.folder = tempfile.mkdtemp(prefix="platen-browser.")
        to_read, self.write_fd = os.pipe()
        self.read_fd, to_write = os.pipe()

        def put_fds():
            a, b = os.dup(to_read), os.dup(to_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--user-data-dir=" + self.folder,
             "--window-size=%d,%d" % (width, height), "about:blank"],
            preexec_fn=put_fds, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number, self.buffer, self.faults = 0, b"", []
        targets = self.call("Target.getTargets", on_page=False)["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", on_page=False, targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 700)
        if dark:
            self.call("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write_fd)
        self.process.terminate()
        self.process.wait(10)
        os.close(self.read_fd)
        shutil.rmtree(self.folder, ignore_errors=True)

    def hear(self, patience):
        end = time.monotonic() + patience
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                return None
            self.buffer += os.read(self.read_fd, 1 << 20)
        text, self.buffer = self.buffer.split(b"\0", 1)
        said = json.loads(text)
        method, more = said.get("method", ""), said.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.faults.append("exception: " + json.dumps(more["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and more["entry"]["level"] == "error":
            self.faults.append("log: %s %s" % (more["entry"]["text"], more["entry"].get("url", "")))
        elif method == "Runtime.consoleAPICalled" and more["type"] in ("error", "assert"):
            self.faults.append("console: " + json.dumps(more["args"])[:500])
        return said

    def call(self, method, on_page=True, **params):
        self.number += 1
        number = self.number
        said = {"id": number, "method": method, "params": params}
        if on_page:
            said["sessionId"] = self.session
        os.write(self.write_fd, json.dumps(said).encode() + b"\0")
        while True:
            answer = self.hear(60)
            assert answer is not None, method + ": the browser does not answer"
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def go(self, url):
        self.call("Page.navigate", url=url)

    def ask(self, expression):
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                          returnByValue=True)
        assert "exceptionDetails" not in found, (expression, found)
        return found["result"].get("value")

    def until(self, expression, patience=15):
        end = time.monotonic() + patience
        while not self.ask(expression):
            assert time.monotonic() < end, "never true: " + expression
            self.hear(0.05)

    def shoot(self, path):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
