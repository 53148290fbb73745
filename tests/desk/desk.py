#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The local API of a real platend: orders that go in, what is shown of them, what people change, and
what the console's address refuses."""
import hashlib, http.client, json, os, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk_tools import change, job, order, put, token, until_kind
from realfloor import RealFloor, UnixLine, png, until

tests = []


def test(function):
    tests.append(function)
    return function


@test
def a_local_order_comes_out_with_proof_and_a_story(floor):
    id = order(floor, copies=3, ref="4711", label="Miller")
    assert id.startswith("L-")
    done = until_kind(floor, id, "done")
    assert (done["delivered"], done["prints"], done["label"], done["order"]["ref"]) == (3, 3, "Miller", "4711")
    assert [print_["evidence"] for print_ in done["ledger"]] == ["counter"] * 3, done["ledger"]
    assert all(print_["say"] == "came out" for print_ in done["ledger"])
    assert [event["sequence"] for event in done["events"]] == list(range(1, len(done["events"]) + 1))
    assert done["events"][-1]["type"] == "platen.job.printed.v1"
    assert done["attempts"][0]["before"]["read"] and done["attempts"][0]["after"]["read"]
    page = done["page_list"][0]
    assert page["facts"]["width_px"] == 1000 and page["raster"]["effective_ppi"] > 100
    assert page["manifest"]["recipe"]["sku"] == "4x6-glossy"
    status, picture = floor.ask("GET", page["thumb"])
    assert status == 200 and picture[:3] == b"\xff\xd8\xff" and len(picture) > 1000, picture[:80]
    assert floor.ask("GET", page["thumb"]) == (200, picture)
    assert floor.ask("GET", "/v1/thumbs/%s/1" % id)[0] == 404
    why = floor.get("/v1/jobs/%s/why" % id)
    story = [line["say"] for line in why["story"]]
    assert story[0] == "The job came in." and "All prints came out." in story, story
    assert any(line.startswith("Came out: ") for line in story), story
    assert [line["at"] for line in why["story"]] == sorted(line["at"] for line in why["story"])


@test
def status_counts_today_and_printers_say_what_they_have(floor):
    status = floor.get("/v1/status")
    assert status["today"]["came_out"] >= 3 and status["today"]["jobs"] >= 1, status
    assert status["cloud"] == {"configured": False, "connected": False,
                               "say": "no cloud: local orders only"}
    printer = floor.get("/v1/printers")["printers"][0]
    assert printer["name"] == "D1" and printer["loaded"]["media"] == "4x6-glossy", printer
    assert printer["today"]["came_out"] >= 3 and printer["sheets_left"] > 0, printer


@test
def a_missing_paper_waits_and_says_what_to_load(floor):
    id = order(floor, product="5x7-glossy")
    found = until_kind(floor, id, "waiting")
    assert found["say"] == "waiting for paper" and "load" in found["reason"]["text"], found["reason"]
    hold = [h for h in floor.get("/v1/holds")["holds"] if h["job"] and h["job"]["id"] == id]
    assert hold and hold[0]["kind"] == "waiting" and hold[0]["action"], hold
    assert [j["id"] for j in floor.get("/v1/jobs?kind=waiting")["jobs"]] == [id]
    status, answer = change(floor, "/v1/jobs/%s:cancel" % id, reason="wrong size")
    assert status == 200 and answer["job"]["kind"] == "ended", answer
    assert "wrong size" in json.dumps(floor.get("/v1/jobs/%s/why" % id)["story"])


@test
def too_many_copies_wait_for_a_person_who_releases_them(floor):
    id = order(floor, copies=5)
    found = until_kind(floor, id, "needs_you")
    assert found["reason"]["code"] == "ceiling"
    hold = [h for h in floor.get("/v1/holds")["holds"] if h["job"] and h["job"]["id"] == id][0]
    assert hold["choices"] == ["release", "cancel"], hold
    assert "platenctl release %s, or platenctl cancel %s --reason R" % (id, id) in hold["action"], hold
    assert change(floor, "/v1/jobs/%s:cancel" % id)[0] == 400
    assert change(floor, "/v1/jobs/%s:release" % id)[0] == 200
    until(lambda: job(floor, id)["kind"] in ("preparing", "ready", "printing", "done"))
    until_kind(floor, id, "done")


@test
def a_pause_holds_the_printer_and_a_resume_frees_it(floor):
    status, answer = change(floor, "/v1/printers/D1:pause")
    assert status == 200 and answer["printer"]["state"] == "paused", answer
    id = order(floor)
    found = until_kind(floor, id, "waiting")
    assert "paused" in found["reason"]["text"], found["reason"]
    assert change(floor, "/v1/printers/D1:resume")[1]["printer"]["state"] != "paused"
    until_kind(floor, id, "done")


@test
def a_printer_that_stopped_itself_goes_on_after_a_test_print_of_its_own(floor):
    floor.script("refuse\n" * 3)
    id = order(floor)
    until(lambda: floor.get("/v1/printers")["printers"][0]["state"] == "stopped")
    hold = [h for h in floor.get("/v1/holds")["holds"] if h["printer"] == "D1"][0]
    assert hold["choices"] == ["test"] and "platenctl printer D1 test" in hold["action"], hold
    status, answer = change(floor, "/v1/printers/D1:resume")
    assert status == 400 and "--reason" in answer["detail"], answer
    status, answer = change(floor, "/v1/printers/D1:test")
    assert status == 201 and answer["job"]["label"].startswith("Test print, D1, "), answer
    sheet = until_kind(floor, answer["id"], "done")
    assert sheet["ledger"][0]["evidence"] == "counter", sheet["ledger"]
    until_kind(floor, id, "done")
    assert floor.get("/v1/printers")["printers"][0]["state"] != "stopped"


@test
def what_may_have_printed_waits_for_a_persons_count(floor):
    floor.script("answer-twice\n")
    id = order(floor, copies=2)
    found = until_kind(floor, id, "needs_you")
    assert found["stage"] == "held-unknown" and found["unknown"] == 2, found
    assert found["say"] == "may have printed: look in the tray"
    assert change(floor, "/v1/jobs/%s:release" % id)[0] == 409
    assert change(floor, "/v1/jobs/%s:resolve" % id)[0] == 400
    assert change(floor, "/v1/jobs/%s:resolve" % id, printed=3)[0] == 400
    hold = [h for h in floor.get("/v1/holds")["holds"] if h["job"] and h["job"]["id"] == id][0]
    assert hold["choices"] == ["resolve", "give_back"] and hold["sent"]["printer"] == "D1", hold
    assert "platenctl resolve %s --printed K" % id in hold["action"], hold
    floor.script("# nothing more\n")
    repeated = {"token": token(), "printed": 2, "reason": "counted"}
    first = floor.ask("POST", "/v1/jobs/%s:resolve" % id, repeated)
    assert first[0] == 200, first
    assert floor.ask("POST", "/v1/jobs/%s:resolve" % id, repeated) == first
    assert floor.ask("POST", "/v1/jobs/%s:cancel" % id, repeated)[0] == 422
    done = until_kind(floor, id, "done")
    assert [print_["evidence"] for print_ in done["ledger"]] == ["operator"] * 2
    assert "counted" in json.dumps(floor.get("/v1/jobs/%s/why" % id)["story"])


@test
def what_cannot_be_done_is_said_with_a_code(floor):
    done = floor.get("/v1/jobs?kind=done")["jobs"][0]["id"]
    cases = [("POST", "/v1/jobs/none:hold", {"token": token(), "reason": "x"}, 404, "unknown-job"),
             ("POST", "/v1/jobs/%s:hold" % done, {"token": token(), "reason": "x"}, 409, None),
             ("POST", "/v1/jobs/%s:hold" % done, {"token": token()}, 400, "field"),
             ("POST", "/v1/jobs/%s:hold" % done, {"reason": "x"}, 400, "field"),
             ("POST", "/v1/jobs/%s:hold" % done, b"{", 400, "json"),
             ("POST", "/v1/jobs/%s:hold" % done, b"[1]", 400, "field"),
             ("POST", "/v1/jobs/%s:dance" % done, {"token": token()}, 405, "method"),
             ("POST", "/v1/printers/P9:pause", {"token": token()}, 404, "unknown-printer"),
             ("POST", "/v1/printers/D1:load", {"token": token(), "media": "felt"}, 422, "unknown-media"),
             ("POST", "/v1/printers/D1:load", {"token": token()}, 400, "field"),
             ("POST", "/v1/orders", {"token": token(), "product": "felt", "copies": 1,
                                     "pages": [{"asset": "0" * 64}]}, 404, "unknown-asset"),
             ("POST", "/v1/orders", {"token": token(), "product": "4x6-glossy", "copies": 0,
                                     "pages": []}, 400, "field"),
             ("GET", "/v1/jobs?kind=odd", None, 400, "field"),
             ("GET", "/v1/jobs?limit=0", None, 400, "field"),
             ("GET", "/v1/events?after=x", None, 400, "field"),
             ("GET", "/v1/jobs/none", None, 404, "unknown-job"),
             ("GET", "/v1/jobs/none/why", None, 404, "unknown-job"),
             ("GET", "/v1/nothing", None, 404, "no-such-path"),
             ("DELETE", "/v1/jobs", None, 405, "method"),
             ("PUT", "/v1/assets/abc", b"x", 400, "field"),
             ("PUT", "/v1/assets/" + "0" * 64, b"x", 422, "asset-hash"),
             ("PUT", "/v1/assets/" + "0" * 64, b"", 400, "field")]
    for method, path, body, status, code in cases:
        found = floor.ask(method, path, body)
        assert found[0] == status and found[1]["status"] == status, (method, path, found)
        assert code is None or found[1]["code"] == code, (method, path, found)
    name = put(floor, b"GIF89a" + b"x" * 100)
    status, answer = floor.ask("POST", "/v1/orders", {"token": token(), "product": "4x6-glossy",
                                                      "copies": 1, "pages": [{"asset": name}]})
    assert status == 422 and answer["code"] == "asset-type", answer
    name = put(floor, png(900, 700, 5))
    status, answer = floor.ask("POST", "/v1/orders", {"token": token(), "product": "4x6-gloss",
                                                      "copies": 1, "pages": [{"asset": name}]})
    assert status == 422 and answer["code"] == "unsupported", answer
    assert "4x6-glossy" in answer["detail"], answer


@test
def an_upload_that_breaks_off_leaves_nothing_and_may_come_again(floor):
    data = png(1200, 800, 77)
    name = hashlib.sha256(data).hexdigest()
    line = socket.socket(socket.AF_UNIX)
    line.connect(floor.socket)
    line.sendall(b"PUT /v1/assets/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" %
                 (name.encode(), len(data)) + data[:5000])
    time.sleep(0.2)
    with open(floor.folder + "/b.png", "wb") as file:
        file.write(data)
    found = floor.ctl("submit", floor.folder + "/b.png", "--product", "4x6-glossy")
    assert found.returncode == 75 and "just now" in found.stderr, (found.returncode, found.stderr)
    line.close()
    until(lambda: not os.listdir(floor.folder + "/spool/incoming"))
    put(floor, data)
    assert floor.ask("PUT", "/v1/assets/" + name, data)[0] == 200


@test
def events_come_in_order_and_from_where_one_was(floor):
    newest = floor.get("/v1/events?limit=5")
    assert len(newest["events"]) == 5 and newest["events"][-1]["row"] == newest["last"]
    first = floor.get("/v1/events?after=0&limit=3")
    rows = [event["row"] for event in first["events"]]
    assert rows == sorted(rows) and len(rows) == 3
    rest = floor.get("/v1/events?after=%d&limit=1000" % first["last"])
    assert rest["events"][0]["row"] > first["last"] and rest["last"] == newest["last"]


@test
def the_stream_tells_all_at_first_and_then_what_changed(floor):
    line = UnixLine(floor.socket)
    line.request("GET", "/v1/stream")
    answer = line.getresponse()
    assert answer.getheader("content-type") == "text/event-stream"

    def next_event():
        event = None
        while True:
            text = answer.readline().decode().rstrip("\n")
            if text.startswith("event: "):
                event = text[7:]
            elif text.startswith("data: "):
                return event, json.loads(text[6:])
    assert [next_event()[0] for _ in range(4)] == ["status", "printers", "holds", "jobs"]
    begun = time.monotonic()
    change(floor, "/v1/printers/D1:pause")
    seen = {}
    while seen.get("printers", {}).get("printers", [{}])[0].get("state") != "paused":
        event, data = next_event()
        seen[event] = data
    assert time.monotonic() - begun < 1.5, time.monotonic() - begun
    change(floor, "/v1/printers/D1:resume")
    line.close()


@test
def the_consoles_address_only_shows_and_only_by_its_names(floor):
    def ask(method, path, host, body=None):
        line = http.client.HTTPConnection("127.0.0.1", floor.port, timeout=10)
        line.putrequest(method, path, skip_host=True)
        line.putheader("Host", host)
        if body is not None:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders(body)
        answer = line.getresponse()
        return answer.status, answer.read(), answer
    good = "localhost:%d" % floor.port
    for host in (good, "127.0.0.1:%d" % floor.port, "LOCALHOST", "127.0.0.1"):
        status, _, answer = ask("GET", "/v1/status", host)
        assert status == 200, host
        assert answer.getheader("x-content-type-options") == "nosniff"
        policy = answer.getheader("content-security-policy")
        assert "default-src 'self'" in policy and "unsafe" not in policy
    odd = ["evil.example", "evil.example:%d" % floor.port, "localhost.evil.example", "127.0.0.1.nip.io",
           "localhost@evil", "[::1]", "0.0.0.0", "2130706433", "localhost:80:80x", "x", "localhost.",
           "evil.example:127.0.0.1", " evil", "local host", "127.0.0.2", "127.1", "0x7f000001",
           "localhost/..", "\u00fcber".encode("utf-8").decode("latin-1"), ""]
    for host in odd:
        assert ask("GET", "/v1/status", host)[0] in (400, 421), host
    for method, path, body in (("POST", "/v1/jobs/x:cancel", b"{}"), ("POST", "/v1/orders", b"{"),
                               ("PUT", "/v1/assets/" + "0" * 64, b"xy"), ("POST", "/", None),
                               ("DELETE", "/v1/jobs", None)):
        status, text, _ = ask(method, path, good, body)
        assert status in (403, 413), (method, path, status, text)
    for path in ("/../etc/passwd", "/..", "/page.js/../routes.c", "/%2e%2e/x", "/embed", "/.", "/page.js/",
                 "/v1/thumbs/../0", "/v1/thumbs/x/..", "/v1/thumbs/x/-1", "/v1/thumbs/x/0x1"):
        assert ask("GET", path, good)[0] in (200, 400, 404), path
        assert b"root:" not in ask("GET", path, good)[1]
    status, text, answer = ask("GET", "/", good)
    assert status == 200 and answer.getheader("content-type").startswith("text/html") and b"page.js" in text
    with open(os.environ["PLATEN_SRC"] + "/src/desk/page/page.css", "rb") as file:
        assert ask("GET", "/page.css", good)[1] == file.read()


@test
def platenctl_does_it_all_on_the_real_floor(floor):
    with open(floor.folder + "/a.png", "wb") as file:
        file.write(png(1000, 700, 99))
    found = floor.ctl("submit", floor.folder + "/a.png", "--product", "4x6-glossy", "--copies", "2", "--json")
    assert found.returncode == 0, found.stderr
    id = json.loads(found.stdout)["jobs"][0]["id"]
    until_kind(floor, id, "done")
    for words in (("status",), ("jobs",), ("job", id), ("why", id), ("printers",), ("printer", "D1"),
                  ("holds",), ("events",), ("doctor",)):
        found = floor.ctl(*words)
        assert found.returncode == 0 and found.stdout, (words, found.returncode, found.stdout, found.stderr)
    assert "D1" in floor.ctl("printer", "D1", "load", "4x6-glossy", "--lot", "42").stdout
    assert "42" in floor.ctl("printers").stdout
    assert floor.ctl("cancel", id, "--reason", "late").returncode == 65
    out = floor.folder + "/out.pwg"
    found = floor.ctl("render", floor.folder + "/a.png", "--product", "4x6-glossy", "--printer", "D1",
                      "-o", out, "--config", floor.folder + "/platen.conf")
    assert found.returncode == 0 and os.path.getsize(out) > 10000, found.stderr


@test
def a_second_platend_or_a_taken_port_ends_at_once_and_names_it(floor):
    def start(text, name):
        with open(floor.folder + "/" + name, "w") as file:
            file.write(text)
        return subprocess.run([os.environ["PLATEN_BUILD"] + "/platend", "--config", floor.folder + "/" + name],
                              capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    with open(floor.folder + "/platen.conf") as file:
        text = file.read()
    found = start(text, "second.conf")
    assert found.returncode == 75 and "can't start" in found.stderr, (found.returncode, found.stderr)
    other = text.replace(floor.folder + "/", floor.folder + "/other-")
    found = start(other, "port.conf")
    assert found.returncode == 78 and "the console" in found.stderr and str(floor.port) in found.stderr, found.stderr
    assert "Sanitizer" not in found.stderr, found.stderr
    taken = text.replace(floor.folder + "/state", floor.folder + "/state-2").replace(
        floor.folder + "/spool", floor.folder + "/spool-2")
    found = start(taken, "socket.conf")
    assert found.returncode == 78 and "the socket of platenctl" in found.stderr, found.stderr
    assert floor.get("/v1/status")["floor"] == "F-desk"


@test
def a_change_is_on_the_disk_when_it_is_answered(floor):
    id = order(floor, product="5x7-glossy")
    until_kind(floor, id, "waiting")
    assert change(floor, "/v1/jobs/%s:hold" % id, reason="ask first")[0] == 200
    floor.stop(9)
    floor.start()
    found = job(floor, id)
    assert found["kind"] == "needs_you" and "ask first" in found["reason"]["text"], found
    assert change(floor, "/v1/jobs/%s:cancel" % id, reason="done")[0] == 200


def main():
    failed = 0
    print("1..%d" % (len(tests) + 1), flush=True)
    floor = RealFloor()
    for at, function in enumerate(tests, 1):
        try:
            function(floor)
            print("ok %d - %s" % (at, function.__name__), flush=True)
        except Exception as fault:
            failed += 1
            print("not ok %d - %s" % (at, function.__name__))
            print("# %s: %s" % (type(fault).__name__, str(fault)[:1500]), flush=True)
    status = floor.close()
    print("%s %d - it_stops_when_told" % ("ok" if status == 0 else "not ok", len(tests) + 1))
    return failed != 0 or status != 0


sys.exit(main())
