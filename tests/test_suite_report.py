"""The report that ./test prints when all legs have ended."""

import json
import subprocess
import sys
from pathlib import Path

from tests.suite_report import main, summarize

ROOT = Path(__file__).parent.parent
TEST_FILE = """
def test_that_passes_at_the_second_try(attempts=[]):
    attempts.append(1)
    assert len(attempts) == 2, "not yet"

def test_that_fails():
    assert 1 == 2
"""


def test_a_run_reports_its_failures_and_its_repeats(tmp_path):
    (tmp_path / "test_two.py").write_text(TEST_FILE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    report = tmp_path / "report"
    command = [sys.executable, "-m", "pytest", "-q", "-c", tmp_path / "pytest.ini", "-p", "no:django", "--reruns", "1"]
    command += ["-p", "tests.suite_report", "--rootdir", tmp_path, tmp_path]
    environment = {"SUITE_REPORT": str(report), "SUITE_LEG": "faults", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)

    rows = [json.loads(line) for line in report.read_text().splitlines()]

    assert [(leg, kind, name) for leg, kind, name, _cause in rows] == [
        ("faults", "flaky", "test_two.py::test_that_passes_at_the_second_try"),
        ("faults", "flaky", "test_two.py::test_that_fails"),
        ("faults", "failed", "test_two.py::test_that_fails (call)"),
    ]
    assert any("not yet" in line for line in rows[0][3])


def test_summary_names_failures_minutes_per_leg_the_ten_slowest_tests_and_repeats():
    slow = [["unit", "slow", f"test_{n}", float(n)] for n in range(1, 13)]
    rows = [
        *slow,
        ["unit", "leg", "", 90],
        ["unit", "failed", "test_x (call)", ["E  x" * 200]],
        ["browser", "flaky", "test_y", []],
    ]

    lines = summarize(rows)

    assert lines[0] == "failed  unit: test_x (call)"
    assert len(lines[1]) <= 308
    assert lines[2] == "   1.5 min  unit"
    assert lines[3] == "  12.0 s    unit: test_12"
    assert len([line for line in lines if " s    " in line]) == 10
    assert lines[-1] == "flaky   browser: test_y"


def test_a_suite_without_results_prints_nothing(tmp_path, capsys):
    main(str(tmp_path / "missing"))

    assert capsys.readouterr().out == ""
