# SPDX-License-Identifier: Apache-2.0
"""What came out, asked of the order service (its events) and of the printers (what they received)."""


def events_of(jobs_with_events):
    """Per job its own events, as the service stored them."""
    return [(row["job"], [e for e in row["events"] if e["type"].startswith("platen.job.")])
            for row in jobs_with_events]


def in_order(events):
    """Sequences 1..n without a hole, ending in printed."""
    numbers = [event["sequence"] for event in events]
    return bool(numbers) and numbers == list(range(1, len(numbers) + 1)) and \
        events[-1]["type"] == "platen.job.printed.v1"


def make(floor, seconds):
    told = events_of(floor.jobs_with_events())
    evidence, printed = {}, 0
    for _, events in told:
        for event in events:
            if event["type"] == "platen.job.printed.v1":
                sheets = event["data"].get("sheets", event["data"].get("copies", 0))
                word = event["data"].get("evidence", "none")
                evidence[word] = evidence.get(word, 0) + sheets
                printed += sheets
    unknown = sum(floor.sheets_of(job["job"]) - job["printed"] for job, _ in told
                  if job.get("floor_state") == "held-unknown")
    return {"jobs": len(told), "sheets": floor.sheets, "printed": printed, "unknown": unknown,
            "evidence": evidence, "events_in_order": all(in_order(events) for _, events in told),
            "seconds": round(seconds, 1)}


def is_fine(floor, figures):
    proven = sum(figures["evidence"].get(word, 0) for word in ("impressions", "counter"))
    return (figures["printed"] == figures["sheets"] == proven == floor.sheets_at_printers()
            and figures["unknown"] == 0 and figures["events_in_order"])


def text(floor, figures):
    evidence = ", ".join(f"{n} by {word}" for word, n in sorted(figures["evidence"].items())) or "none"
    lines = [f"{figures['jobs']} jobs, {figures['printed']} of {figures['sheets']} sheets printed in "
             f"{figures['seconds']:.0f} s; may have printed: {figures['unknown']}",
             f"evidence: {evidence}",
             "events of each job 1..n, ending in platen.job.printed.v1: "
             + ("yes" if figures["events_in_order"] else "NO"),
             f"sheets that the printers themselves counted: {floor.sheets_at_printers()}"]
    lines += [f"  {name}: {count} sheets, documents in {folder}" for name, count, folder in floor.outputs()]
    return "\n".join(lines)
