"""Benchmarks with goals report misses and exit with 1."""

import json
import runpy
from collections import Counter

import pytest
from django.conf import settings as site

from benchmarks import chaos, in_flight, pages_capacity, push, verdict
from benchmarks.push_browsers import ReconnectRule
from tests.sweep import sweep

FLIGHT = {
    "jobs": 5000, "late": 0, "cpu_s": 80.5, "seconds": 90.0, "rss_mb": 700,
    "submit_p95_ms": 300, "done_to_page_p95_ms": 2000, "told_to_page_p95_ms": 2000,
}  # fmt: skip
CHAOS = {
    "jobs": 1000, "kills": 100, "whole": 1, "calls": 600, "lost": 0, "double": 0, "unknown": 9, "broken": 0,
    "seconds": 900, "twin_caught": True,
}  # fmt: skip
PUSH = {
    "sockets": 2000, "seconds": 60.0, "p95_ms": 100, "lost": 0, "mb_per_1000": 60, "reconnect_s": 15,
    "reconnects_per_s": 500, "page_errors": 0,
}  # fmt: skip


def test_the_number_of_workers_does_not_change_the_number_of_clusters(monkeypatch):
    monkeypatch.setenv("WORKERS", "7")

    assert runpy.run_path(chaos.__file__)["CLUSTERS"] == 2


def run_and_exit(run, capsys) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as exited:
        run()
    return exited.value.code, capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("figures", "misses"),
    [
        (FLIGHT, in_flight.find_misses(FLIGHT)),
        (CHAOS, chaos.find_misses(CHAOS)),
        (PUSH, push.find_misses(PUSH)),
    ],
)
def test_a_run_that_meets_its_goals_exits_with_0(figures, misses, capsys):
    code, lines = run_and_exit(lambda: verdict.report(figures, misses), capsys)

    assert (code, [json.loads(line) for line in lines]) == (0, [figures])


def test_a_missed_goal_of_in_flight_is_reported_before_the_figures(capsys):
    misses = [
        ("late", 1), ("submit_p95_ms", 301), ("done_to_page_p95_ms", 2001), ("told_to_page_p95_ms", 2001),
        ("told_to_page_p95_ms", None), ("jobs", 10), ("jobs", 4999), ("seconds", 30.0),
    ]  # fmt: skip
    with sweep(misses) as rows:
        for name, value in rows:
            with rows.row(name, value):
                figures = FLIGHT | {name: value}
                code, lines = run_and_exit(lambda: verdict.report(figures, in_flight.find_misses(figures)), capsys)  # noqa: B023
                assert code == 1 and len(lines) == 2
                assert lines[0].startswith(f"missed: {name}") and json.loads(lines[1]) == figures


def test_a_missed_goal_of_chaos_is_reported_before_the_figures(capsys):
    misses = [
        ("jobs", 10), ("jobs", 999), ("kills", 99), ("whole", 0), ("calls", 0), ("lost", 1), ("double", 1),
        ("broken", 1), ("twin_caught", False),
    ]  # fmt: skip
    with sweep(misses) as rows:
        for name, value in rows:
            with rows.row(name, value):
                figures = CHAOS | {name: value}
                code, lines = run_and_exit(lambda: verdict.report(figures, chaos.find_misses(figures)), capsys)  # noqa: B023
                assert code == 1 and len(lines) == 2 and json.loads(lines[1]) == figures
                assert ("broken on purpose" if name == "twin_caught" else name) in lines[0]


@pytest.mark.parametrize(("misses", "figures"), [(in_flight.find_misses, FLIGHT), (chaos.find_misses, CHAOS)])
def test_a_run_of_ten_jobs_proves_nothing(misses, figures, capsys):
    code, lines = run_and_exit(lambda: verdict.report(figures | {"jobs": 10}, misses(figures | {"jobs": 10})), capsys)

    assert code == 1 and "proves nothing" in lines[0]
    assert json.loads(lines[-1])["jobs"] == 10, "the figures are not printed"


def test_pages_reconnect_at_random_within_ten_seconds():
    rule = ReconnectRule.from_page((site.BASE_DIR / "templates/base.html").read_text())
    for attempt in (1, 2, 9):
        delays = [rule.seconds(attempt, lambda n=n: n / 1000) for n in range(1000)]

        assert Counter(map(int, delays)) == dict.fromkeys(range(10), 100), f"attempt {attempt}"


@pytest.mark.parametrize("capacity", [1.5, 9.9, 10.0, 37.3, 200.0])
def test_the_capacity_is_found_within_five_percent(capacity):
    found = pages_capacity.find_highest(lambda rate: rate <= capacity)

    assert found <= capacity <= found * 1.05


def test_pages_that_are_never_fast_have_no_capacity():
    with pytest.raises(SystemExit, match="Not even one page"):
        pages_capacity.find_highest(lambda rate: False)
