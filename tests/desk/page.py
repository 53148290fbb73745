#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The live page of a real platend in a real browser. Skipped where there is no Chromium."""
import json, os, signal, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser

if browser.program() is None:
    print("1..0 # SKIP no Chromium on this machine")
    sys.exit(77)

from desk_tools import change, order, until_kind
from realfloor import RealFloor

PAYLOADS = [
    "<img src=x onerror=\"document.title='pwned'\">", "<script>document.title='pwned'</script>",
    "<svg onload=document.title='pwned'>", "\"><b id=pwned>", "javascript:document.title='pwned'",
    "{{7*7}}${7*7}", "<iframe srcdoc=x>", "</p><h1 id=pwned>", "&lt;b&gt;", "<a href=//evil>x</a>"]
tests = []


def test(function):
    tests.append(function)
    return function


def texts(page, selector):
    return page.ask("[...document.querySelectorAll(%s)].map((e) => e.textContent)" % json.dumps(selector))


@test
def it_shows_printers_jobs_and_that_nothing_needs_anybody(floor, page):
    id = order(floor, copies=2, label="Miller")
    until_kind(floor, id, "done")
    page.go("http://localhost:%d/" % floor.port)
    page.until("document.querySelectorAll('.job').length > 0")
    page.until("!document.getElementById('calm').hidden")
    assert texts(page, ".printer h3") == ["D1"]
    page.until("document.querySelector('.job img').naturalWidth > 100")
    assert texts(page, ".job .name") == ["Miller"] and texts(page, ".job .is") == ["came out"]
    assert texts(page, "#live") == ["live"] and "F-desk" in texts(page, "#floor")[0]
    assert "2" in texts(page, "#today dd")[0]


@test
def a_printer_with_several_papers_shows_each(floor, page):
    line = page.ask("""import('/cards.js').then((cards) => cards.printerCard({name: "P1", state: "idle", say: "ready",
        loaded: {media: "a", title: "A"}, papers: ["a", "b", "c"], sheets_left: null, today: {came_out: 0}},
        {also_loaded: "also"}).querySelector(".paper").textContent)""")
    assert line == "A · also b, c", line


@test
def what_is_due_and_what_was_noticed_stands_on_a_card(floor, page):
    lines = page.ask("""import('/cards.js').then((cards) => [...cards.printerCard({name: "P1", state: "idle", say: "ready",
        loaded: null, sheets_left: null, today: {came_out: 0}, notices: [{say: "has other firmware"}],
        maintenance: [{what: "Nozzle check", say: "due in 1 day", state: "soon"}, {what: "Cutter", say: "x", state: "ok"}]},
        {no_paper: "-"}).querySelectorAll(".soon")].map((line) => line.textContent))""")
    assert lines == ["Nozzle check: due in 1 day", "has other firmware"], lines


@test
def a_printer_whose_paper_does_not_last_says_when_it_runs_out(floor, page):
    lines = page.ask("""import('/cards.js').then((cards) => [...cards.printerCard({name: "P1", state: "idle", say: "ready",
        loaded: null, sheets_left: 12, today: {came_out: 0}, stock: {recount: true, say: "12 ± 2 of 400 sheets left: count the paper",
        forecast: {runs_out: "2026-11-29T14:20:00Z", say: "runs out 14:20, 38 prints short of today's due work"}}},
        {}).querySelectorAll(".soon")].map((line) => line.textContent))""")
    assert lines == ["runs out 14:20, 38 prints short of today's due work",
                     "12 ± 2 of 400 sheets left: count the paper"], lines


@test
def what_happens_is_shown_without_a_reload(floor, page):
    page.ask("window.same = true")
    change(floor, "/v1/printers/D1:pause")
    page.until("document.querySelector('.state').textContent === 'paused'")
    id = order(floor)
    page.until("document.querySelector('#waiting .card') !== null")
    assert "paused" in texts(page, "#waiting .why")[0]
    change(floor, "/v1/printers/D1:resume")
    page.until("document.querySelector('#waiting .card') === null")
    until_kind(floor, id, "done")
    page.until("document.querySelectorAll('.job .is.done').length === 2")
    assert page.ask("window.same") is True


@test
def texts_from_outside_stay_texts(floor, page):
    ids = [order(floor, copies=9, label=payload[:64], ref=payload[:64]) for payload in PAYLOADS]
    for id in ids:
        until_kind(floor, id, "needs_you")
    page.until("document.querySelectorAll('#cards .card').length === %d" % len(PAYLOADS))
    shown = " ".join(texts(page, "#cards .what"))
    for payload in PAYLOADS:
        assert payload in shown, payload
    assert page.ask("document.title").startswith("(10) ") and page.ask("document.getElementById('pwned')") is None
    assert page.ask("document.querySelectorAll('#cards script, #cards iframe, #cards svg, #cards b').length") == 0
    for id in ids:
        change(floor, "/v1/jobs/%s:cancel" % id, reason="<b id=pwned>no</b>")
    page.until("!document.getElementById('calm').hidden")
    page.ask("document.querySelector('.job').click()")
    page.until("document.querySelector('#story').open")
    assert any("<b id=pwned>no</b>" in line for line in texts(page, "#story-lines span"))
    assert page.ask("document.getElementById('pwned')") is None


@test
def the_policy_stops_scripts_and_styles_of_others(floor, page):
    blocked = page.ask("""(async () => {
        const seen = [];
        document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
        const script = document.createElement("script");
        try { script.text = "document.title = 'pwned'"; document.head.append(script); } catch { seen.push("types"); }
        try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); } catch { seen.push("types"); }
        try { await fetch("https://evil.invalid/"); } catch { seen.push("fetch"); }
        await new Promise((done) => setTimeout(done, 300));
        return seen;
    })()""")
    assert "types" in blocked and "fetch" in blocked and page.ask("document.title") != "pwned", blocked
    page.faults.clear()


@test
def a_keyboard_reaches_everything(floor, page):
    page.ask("document.querySelector('#story').close()")
    page.ask("document.querySelector('.job').focus()")
    assert page.ask("document.activeElement.className") == "job"
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter",
              windowsVirtualKeyCode=13, text="\r")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    page.until("document.querySelector('#story').open")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
    page.until("!document.querySelector('#story').open")


@test
def it_logged_no_error_so_far(floor, page):
    page.ask("1")
    assert page.faults == [], page.faults


@test
def a_lost_connection_is_said_and_comes_back_by_itself(floor, page):
    floor.stop(signal.SIGKILL)
    page.until("document.getElementById('live').classList.contains('lost')")
    assert "again" in texts(page, "#live")[0]
    floor.start()
    page.until("!document.getElementById('live').classList.contains('lost')", 30)
    assert page.ask("window.same") is True


def main():
    failed = 0
    print("1..%d" % (len(tests) + 1), flush=True)
    floor = RealFloor()
    with browser.Browser() as page:
        for at, function in enumerate(tests, 1):
            try:
                function(floor, page)
                print("ok %d - %s" % (at, function.__name__), flush=True)
            except Exception as fault:
                failed += 1
                print("not ok %d - %s" % (at, function.__name__))
                print("# %s: %s" % (type(fault).__name__, str(fault)[:1500]), flush=True)
        if os.environ.get("PLATEN_SHOT"):
            page.shoot(os.environ["PLATEN_SHOT"])
    status = floor.close()
    print("%s %d - it_stops_when_told" % ("ok" if status == 0 else "not ok", len(tests) + 1))
    return failed != 0 or status != 0


sys.exit(main())
