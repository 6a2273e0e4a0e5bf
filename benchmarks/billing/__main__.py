"""Run all parts of the benchmark of billing, each in a process of its own, and report their figures together.

A part is a module whose last line of output is JSON, with its LIMITS and MINIMUMS; it can be run alone. A figure that
several runs report, such as ``over_granted`` on both databases, is added up if it is a count, else the highest one
counts. The last line is JSON.
"""

import json
import subprocess
import sys
import time

from benchmarks import billing_purchases, billing_usage, verdict
from benchmarks.billing import races, submits

PARTS = (
    (races, "sqlite"),
    (races, "postgres"),
    (submits, "sqlite"),
    (submits, "postgres"),
    (billing_purchases,),
    (billing_usage,),
)


def main() -> None:
    figures: dict[str, float] = {}
    limits: dict[str, float] = {}
    least: dict[str, float] = {}
    for part, *arguments in PARTS:
        limits, least = limits | part.LIMITS, least | part.MINIMUMS
        for name, value in run_part(part.__name__, arguments).items():
            known = figures.get(name)
            is_count = name in races.LIMITS or name in races.MINIMUMS
            figures[name] = value if known is None else known + value if is_count else max(known, value)
    verdict.report(figures, verdict.list_above(figures, limits) + verdict.list_below(figures, least))


def run_part(module: str, arguments: list[str]) -> dict:
    """Run the part and return its figures. It exits with 1 if it missed a goal, which is reported at the end."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    lines, seconds = done.stdout.strip().splitlines(), time.monotonic() - began
    words = " ".join([module, *arguments])
    sys.stdout.write(f"{words} ({seconds:.0f} s): {lines[-1] if lines else 'no figures'}\n")
    sys.stdout.flush()
    try:
        return json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        raise SystemExit(f"{module} broke; its reason is above.") from None


if __name__ == "__main__":
    main()
