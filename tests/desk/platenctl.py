#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What platenctl prints and with what it exits, against a floor that only answers."""
import hashlib, json, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mockfloor
from mockfloor import Floor

CTL = os.path.join(os.environ["PLATEN_BUILD"], "platenctl")
folder = tempfile.mkdtemp(prefix="platen-ctl.")
SOCKET = folder + "/sock"
tests = []


def test(function):
    tests.append(function)
    return function


def run(*words, socket=SOCKET, **more):
    environment = {**os.environ, "PLATEN_SOCKET": socket, "TZ": "UTC", **more}
    return subprocess.run([CTL, *words], capture_output=True, text=True, timeout=30,
                          env=environment, stdin=subprocess.DEVNULL)


def code(expected, *words, **more):
    found = run(*words, **more)
    assert found.returncode == expected, "%s gave %d, not %d: %s" % (
        words, found.returncode, expected, found.stderr)
    return found


@test
def wrong_usage_is_64_and_names_the_fault():
    cases = [((), "say what to do"), (("dance",), "no such command"), (("job",), "usage:"),
             (("status", "now"), "usage:"), (("status", "--lot", "3"), "takes no --lot"),
             (("jobs", "--limit", "many"), "whole number"), (("jobs", "--limit"), "needs a value"),
             (("jobs", "--sideways"), "no such option"), (("cancel", "J-31"), "--reason"),
             (("hold", "J-31"), "--reason"), (("resolve", "J-30"), "exactly one"),
             (("resolve", "J-30", "--printed", "1", "--not-printed"), "exactly one"),
             (("resolve", "J-30", "--printed", "-1"), "whole number"),
             (("printer", "P1", "explode"), "usage:"), (("printer", "P1", "load"), "usage:"),
             (("submit", "/dev/null"), "--product"), (("render", "x"), "--product")]
    for words, says in cases:
        found = code(64, *words)
        assert says in found.stderr and found.stdout == "", (words, found.stderr)


@test
def help_and_version_are_there_without_a_floor():
    found = code(0, "--help", socket="/nowhere")
    for name in ("status", "jobs", "job", "why", "printers", "printer", "holds", "resolve",
                 "incidents", "audit", "release", "hold", "cancel", "submit", "render", "events", "doctor"):
        assert "\n  %s " % name in found.stdout, name
        assert "usage: platenctl " + name in code(0, name, "--help", socket="/nowhere").stdout
    assert code(0, "--version").stdout.startswith("platenctl ")


@test
def no_daemon_is_69_and_says_how_to_start_it():
    found = code(69, "status", socket=folder + "/none")
    assert "systemctl start platend" in found.stderr and folder + "/none" in found.stderr


@test
def a_socket_that_may_not_be_opened_is_77():
    if os.getuid() != 0:
        return
    path = folder + "/private"
    server = mockfloor.serve(mockfloor.UnixServer(path, Floor))
    os.chmod(path, 0o600)
    os.chmod(folder, 0o755)
    program = shutil.copy(CTL, folder)  # the tree may lie where nobody else may look
    found = subprocess.run([program, "--socket", path, "status"], capture_output=True, text=True, cwd="/",
                           preexec_fn=lambda: os.setuid(65534))
    server.shutdown()
    assert found.returncode == 77 and "group" in found.stderr, (found.returncode, found.stderr)


@test
def status_says_what_the_floor_does():
    out = code(0, "status").stdout
    assert "2 things need you" in out and "prints came out 60" in out and "3 on their way" in out, out


@test
def json_is_the_apis_own():
    for words, value in ((("status",), mockfloor.STATUS), (("holds",), {"holds": mockfloor.HOLDS}),
                         (("printers",), {"printers": mockfloor.PRINTERS}),
                         (("why", "J-29"), mockfloor.WHY),
                         (("jobs",), {"jobs": mockfloor.JOBS, "more": False}),
                         (("printer", "P1"), mockfloor.PRINTERS[0]),
                         (("events",), {"events": mockfloor.EVENTS, "last": 2})):
        found = code(0, *words, "--json")
        assert json.loads(found.stdout) == value and found.stdout.count("\n") == 1, words
    found = run("--json", "job", "J-none")
    assert found.returncode == 66 and json.loads(found.stdout)["code"] == "no-such-job"


@test
def tables_stand_straight_and_nothing_foreign_reaches_the_terminal():
    out = code(0, "jobs").stdout
    lines = out.splitlines()
    column = lines[0].index("STATE")
    assert [line[column:].split("  ")[0] for line in lines[1:4]] == [
        "printing", "may have printed: look in the tray", "waiting for paper"], out
    everything = out + code(0, "job", "J-29").stdout + code(0, "holds").stdout
    assert "\x1b" not in everything and "\\x1b[2J" in out and "Café" in everything, everything


@test
def jobs_are_filtered_and_more_is_said():
    out = code(0, "jobs", "--kind", "waiting").stdout
    assert "J-29" in out and "J-31" not in out
    assert "--limit" in code(0, "jobs", "--limit", "2").stdout


@test
def one_job_shows_pages_prints_proof_and_attempts():
    out = code(0, "job", "J-26").stdout
    for text in ("4000 × 3000", "1232 × 1832", "came out", "impressions", "2 of 2 impressions"):
        assert text in out, (text, out)


@test
def why_tells_the_story_and_what_is_next():
    out = code(0, "why", "J-29").stdout
    for text in ("came from the cloud", "next: Load glossy-5x7", "Order    4711, Miller", "+1 min 05 s  anna held it."):
        assert text in out, (text, out)


@test
def holds_say_what_why_and_do():
    out = code(0, "holds").stdout
    for text in ("J-30: May have printed", "P2: Paper jam", "why ", "do ", "order 4711"):
        assert text in out, text


@test
def printers_show_paper_and_state():
    out = code(0, "printers").stdout
    assert "glossy-4x6 · lot 41" in out and "J-31 3/8" in out and "needs you" in out, out
    code(66, "printer", "P9")


@test
def problems_become_exit_codes():
    for id, status in (("J-26", 65), ("J-none", 66), ("J-busy", 75), ("J-no", 77), ("J-fault", 70)):
        found = code(status, "cancel", id, "--reason", "test")
        assert found.stderr.startswith("platenctl: "), found.stderr
    assert "came out already" in run("cancel", "J-26", "--reason", "x").stderr
    assert code(65, "release", "J-26", "J-31").stdout.startswith("J-31: ")


@test
def changes_carry_what_was_said_and_a_fresh_token():
    Floor.calls.clear()
    code(0, "resolve", "J-30", "--printed", "1", "--reason", "counted")
    code(0, "resolve", "J-30", "--not-printed")
    code(0, "resolve", "J-30", "--give-back")
    code(0, "hold", "J-28", "--reason", "ask first")
    code(0, "printer", "P1", "load", "glossy-4x6", "--lot", "42")
    code(0, "printer", "P1", "pause")
    calls = [(path, {k: v for k, v in body.items() if k != "token"}) for path, body in Floor.calls]
    assert calls == [
        ("/v1/jobs/J-30:resolve", {"printed": 1, "reason": "counted"}),
        ("/v1/jobs/J-30:resolve", {"not_printed": True}),
        ("/v1/jobs/J-30:resolve", {"give_back": True}),
        ("/v1/jobs/J-28:hold", {"reason": "ask first"}),
        ("/v1/printers/P1:load", {"media": "glossy-4x6", "lot": "42"}),
        ("/v1/printers/P1:pause", {})], calls
    tokens = {body["token"] for _, body in Floor.calls}
    assert len(tokens) == 6 and all(len(token) == 26 for token in tokens)


@test
def odd_ids_stay_one_part_of_the_path():
    Floor.calls.clear()
    run("release", "../../v1/x?y#z %")
    assert [path for path, _ in Floor.calls] == ["/v1/jobs/..%2F..%2Fv1%2Fx%3Fy%23z%20%25:release"]


@test
def submit_sends_each_file_and_then_its_order():
    Floor.calls.clear()
    for name in ("a.jpg", "b.jpg"):
        with open(folder + "/" + name, "wb") as file:
            file.write(b"picture " * 100000)
    code(0, "submit", folder + "/a.jpg", folder + "/b.jpg", "-p", "4x6-glossy", "-n", "2", "--ref", "77")
    assert [path for path, _ in Floor.calls] == ["/v1/assets", "/v1/orders"] * 2
    assert Floor.calls[0][1] == 800000
    order = Floor.calls[1][1]
    assert (order["product"], order["copies"], order["ref"], order["label"], len(order["pages"])) == (
        "4x6-glossy", 2, "77", "a.jpg", 1), order
    Floor.calls.clear()
    code(0, "submit", folder + "/a.jpg", folder + "/b.jpg", "-p", "4x6-glossy", "--together")
    assert len(Floor.calls) == 3 and len(Floor.calls[2][1]["pages"]) == 2
    assert json.loads(code(0, "submit", folder + "/a.jpg", "-p", "x", "--json").stdout)["jobs"][0]["id"] == "L-1"


def piped(wanted, picture, *words, **more):
    done = subprocess.run([CTL, "--socket", SOCKET, "submit", *words], input=picture, capture_output=True, **more)
    assert done.returncode == wanted, done
    return done


@test
def submit_dash_is_one_picture_from_standard_input():
    Floor.calls.clear()
    picture = b"picture " * 100000
    done = piped(0, picture, "-", "-p", "4x6-glossy", "-n", "3")
    assert done.stdout.decode().split(None, 1)[1].strip() == "standard input", done
    assert [path for path, _ in Floor.calls] == ["/v1/assets", "/v1/orders"] and Floor.calls[0][1] == len(picture)
    order = Floor.calls[1][1]
    assert (order["copies"], order["label"]) == (3, "standard input"), order
    assert order["pages"] == [{"asset": hashlib.sha256(picture).hexdigest()}], order
    piped(0, picture, "-", "-p", "4x6-glossy", "--label", "of a pipe")
    assert Floor.calls[-1][1]["label"] == "of a pipe"


@test
def submit_dash_says_what_is_wrong_with_it():
    assert b"stands alone" in piped(64, b"x", "-", folder + "/a.jpg", "-p", "4x6-glossy").stderr
    assert b"stands alone" in piped(64, b"x", "-", "-", "-p", "4x6-glossy", "--together").stderr
    assert b"nothing came" in piped(66, b"", "-", "-p", "4x6-glossy").stderr
    nowhere = {**os.environ, "TMPDIR": "/nonexistent"}
    assert b"TMPDIR" in piped(73, b"x", "-", "-p", "4x6-glossy", env=nowhere).stderr


@test
def submit_of_a_missing_file_is_66_and_of_an_unknown_product_65():
    assert "none.jpg" in code(66, "submit", folder + "/none.jpg", "-p", "4x6-glossy").stderr
    assert "nonsense" in code(65, "submit", folder + "/a.jpg", "-p", "nonsense").stderr


@test
def render_runs_the_worker():
    bench = folder + "/libexec"
    os.mkdir(bench)
    with open(bench + "/platen-worker", "w") as file:
        file.write("#!/bin/sh\necho \"$@\"\nexit 3\n")
    os.chmod(bench + "/platen-worker", 0o755)
    words = ("render", folder + "/a.jpg", "--product", "4x6", "--printer", "P1", "-o", "out.pwg")
    found = code(3, *words, PLATEN_LIBEXEC=bench)
    assert found.stdout == "render-file --product 4x6 --model P1 -o out.pwg %s/a.jpg\n" % folder
    assert "PLATEN_LIBEXEC" in code(69, *words, PLATEN_LIBEXEC="/nowhere").stderr
    code(66, "render", "/nowhere.jpg", *words[2:])


@test
def events_are_shown_and_followed():
    out = code(0, "events").stdout
    assert out.count("\n") == 2 and "platen.job.printed.v1  (on its way)" in out, out
    process = subprocess.Popen([CTL, "--socket", SOCKET, "events", "--after", "1", "--follow"],
                               stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    process.kill()
    process.communicate()
    assert "platen.job.printed.v1" in line


@test
def doctor_is_69_when_something_is_bad():
    found = code(69, "doctor")
    assert "Open the cover" in found.stdout


@test
def colour_only_for_terminals_that_want_it():
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:  # a bare chroot: no terminals to be had
        return
    def on_terminal(**more):
        environment = {**os.environ, "PLATEN_SOCKET": SOCKET, **more}
        if "NO_COLOR" not in more:
            environment.pop("NO_COLOR", None)
        return subprocess.run(["script", "-qec", CTL + " status", "/dev/null"], env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    assert "\x1b[" in on_terminal()
    assert "\x1b[" not in on_terminal(NO_COLOR="1")
    assert "\x1b[" not in code(0, "status").stdout


def main():
    failed = 0
    mockfloor.serve(mockfloor.UnixServer(SOCKET, Floor))
    print("1..%d" % len(tests), flush=True)
    for number, function in enumerate(tests, 1):
        try:
            function()
            print("ok %d - %s" % (number, function.__name__), flush=True)
        except Exception as fault:
            failed += 1
            print("not ok %d - %s" % (number, function.__name__))
            print("# %s: %s" % (type(fault).__name__, fault), flush=True)
    return failed != 0


sys.exit(main())
