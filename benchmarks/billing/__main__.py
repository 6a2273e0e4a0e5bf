"""Run all parts of the benchmark of billing, each in a process of its own, and report their figures together.

A part is a module here whose last line of output is JSON. A figure that several runs report, such as ``over_granted``
on both databases, is added up if it counts, and else the highest one is reported. The last line is JSON.
"""

import json
import subprocess
import sys

from benchmarks import verdict

PARTS = (
    ("races", "sqlite"), ("races", "postgres"), ("submits", "sqlite"), ("submits", "postgres"),
)  # fmt: skip
COUNTS = {"over_granted", "under_granted", "failures", "unbalanced"}
LIMITS = {"over_granted": 0, "under_granted": 0, "failures": 0, "unbalanced": 0, "submit_extra_ms": 2}
MINIMUMS: dict[str, float] = {}


def main() -> None:
    figures: dict[str, float] = {}
    for part, *arguments in PARTS:
        for name, value in run_part(part, arguments).items():
            known = figures.get(name)
            figures[name] = value if known is None else known + value if name in COUNTS else max(known, value)
    verdict.report(figures, verdict.list_above(figures, LIMITS) + verdict.list_below(figures, MINIMUMS))


def run_part(part: str, arguments: list[str]) -> dict:
    """Run the part and return its figures."""
    command = [sys.executable, "-m", f"benchmarks.billing.{part}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    sys.stdout.write(f"{part} {' '.join(arguments)}: {lines[-1] if lines else 'no figures'}\n")
    if done.returncode or not lines:
        raise SystemExit(f"{part} broke; its reason is above.")
    return json.loads(lines[-1])


if __name__ == "__main__":
    main()
