"""Measure whether a web process keeps memory: VIEWS (5,000) requests of all pages of the `pages` benchmark, with 200
clips, on PostgreSQL.

Memory is the proportional set size (PSS) of the process after the first 1,000 requests and at the end. The last line is
JSON. The goal: `growth_mb` ≤ 10. Runs on Linux only.
"""

import os
import signal
import sys
from pathlib import Path

from benchmarks import pages_load, verdict
from benchmarks.idle import pss_bytes
from benchmarks.load_site import seeded_site, sign_in_owner, web_processes
from benchmarks.pages import list_pages
from tests.processes import children

VIEWS, FIRST = int(os.environ.get("VIEWS", "5000")), 1000
LIMITS = {"growth_mb": 10}
SIZE = {"people": 20, "clips": 200, "jobs": 600}


def main() -> None:
    with seeded_site(**SIZE) as (url, folder), web_processes(url, folder, 1):
        [web] = [pid for pid in children(os.getpid()) if "daphne" in read_command(pid)]
        pages, cookies, sizes = list_pages(), sign_in_owner(), {}
        names = list(pages)
        for number in range(1, VIEWS + 1):
            name = names[number % len(names)]
            pages_load.request_page(url, name, pages[name], cookies)
            if number % FIRST == 0:
                sizes[number] = pss_bytes(web) / 1e6
                sys.stdout.write(f"{number:6d} views  {sizes[number]:6.1f} MB\n")
    figures = {"first_mb": round(sizes[FIRST]), "last_mb": round(sizes[max(sizes)])}
    figures["growth_mb"] = round(sizes[max(sizes)] - sizes[FIRST], 1)
    verdict.report(figures, verdict.list_above(figures, LIMITS))


def read_command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
