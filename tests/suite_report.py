"""Collect the result of each leg of ./test, and print one report when all legs have ended.

As a pytest plugin (``-p tests.suite_report``) this module appends JSON lines to the file that ``SUITE_REPORT`` names:
failed tests, flaky repeats and the duration of every test longer than a second. As a command
(``python -m tests.suite_report FILE``) it prints them. ``SUITE_LEG`` is the name of the leg that runs.
"""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path

SITE_STATE = "state of the site"  # begins the title of the sections that tests/browser adds to its reports
SLOWEST = 10
LONG_ENOUGH = 1.0  # seconds; shorter tests never are among the slowest
_durations: defaultdict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report):
    _durations[report.nodeid] += report.duration


def pytest_terminal_summary(terminalreporter):
    path = os.environ.get("SUITE_REPORT")
    if not path or "PYTEST_XDIST_WORKER" in os.environ:  # the main process reports for its workers
        return
    leg, stats = os.environ.get("SUITE_LEG", ""), terminalreporter.stats
    rows = [("slow", nodeid, seconds) for nodeid, seconds in _durations.items() if seconds >= LONG_ENOUGH]
    rows += [("flaky", report.nodeid, read_cause(report)) for report in stats.get("rerun", [])]
    for outcome in ("failed", "error"):
        rows += [
            ("failed", f"{report.nodeid} ({report.when})", read_cause(report)) for report in stats.get(outcome, [])
        ]
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps([leg, *row]) + "\n" for row in rows)


def read_cause(report) -> list[str]:
    """Return the lines of a failure that name its cause, and the state of the site where a browser test failed."""
    lines = [line for line in report.longreprtext.splitlines() if line.startswith((">", "E "))][:8]
    for title, content in report.sections:
        if title.startswith(SITE_STATE):
            lines += content.splitlines()[:5]
    return lines


def summarize(rows: list[list]) -> list[str]:
    """Return the lines of the report: failed tests, minutes per leg, slowest tests, flaky repeats."""
    by_kind: dict[str, list] = {kind: [] for kind in ("failed", "leg", "slow", "flaky")}
    for leg, kind, name, value in rows:
        by_kind[kind].append((leg, name, value))
    lines = []
    for leg, name, cause in by_kind["failed"]:
        lines += [f"failed  {leg}: {name}", *(f"        {line[:300]}" for line in cause)]
    lines += [f"{value / 60:6.1f} min  {leg}" for leg, _name, value in by_kind["leg"]]
    slowest = sorted(by_kind["slow"], key=lambda row: -row[2])[:SLOWEST]
    lines += [f"{value:6.1f} s    {leg}: {name}" for leg, name, value in slowest]
    for leg, name, cause in by_kind["flaky"]:
        lines += [f"flaky   {leg}: {name}", *(f"        {line[:300]}" for line in cause)]
    return lines


def main(path: str) -> None:
    file = Path(path)
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    sys.stdout.writelines(line + "\n" for line in summarize([json.loads(line) for line in lines]))


if __name__ == "__main__":
    main(sys.argv[1])
