"""Measure what an idle `./run` costs: CPU and memory of all its processes, without a user or a job.

After SETTLE seconds, CPU time is taken over SECONDS. Memory is the proportional set size (PSS), which counts pages that
processes share once. The last line is JSON. The goals are `cpu_pct` ≤ 1.5 (of one core) and `pss_mb` ≤ 450. Runs on
Linux only.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import verdict
from tests.browser.site import running_site

SETTLE, SECONDS = 30.0, float(os.environ.get("SECONDS", "60"))
LIMITS = {"cpu_pct": 1.5, "pss_mb": 450}
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="tapwari-idle-", ignore_cleanup_errors=True) as name,
        running_site(Path(name), DJANGO_SETTINGS_MODULE="config.settings") as site,
    ):
        time.sleep(SETTLE)
        before = {pid: cpu_seconds(pid) for pid in list_family(site.process.pid)}
        time.sleep(SECONDS)
        family = list_family(site.process.pid)
        used = {pid: cpu_seconds(pid) - before.get(pid, 0.0) for pid in family}
        memory = {pid: pss_bytes(pid) for pid in family}
        for pid in family:
            sys.stdout.write(f"{100 * used[pid] / SECONDS:5.2f} %  {memory[pid] / 1e6:6.1f} MB  {describe(pid)}\n")
    figures = {
        "cpu_pct": round(100 * sum(used.values()) / SECONDS, 2),
        "pss_mb": round(sum(memory.values()) / 1e6),
        "processes": len(family),
    }
    verdict.report(figures, verdict.list_above(figures, LIMITS))


def list_family(pid: int) -> list[int]:
    """Return a process id and those of all its descendants."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [pid, *(found for child in children for found in list_family(int(child)))]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime


def pss_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024


def describe(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")[:100]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
