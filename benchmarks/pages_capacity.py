"""Find how many pages a second the web processes answer, with PostgreSQL on the same machine.

``capacity_rps`` is the highest rate at which 95 of 100 answers come within LIMIT_MS. The owner of half of 10,000 clips
and 30,000 jobs requests the pages of the benchmark ``pages`` in turn, whether or not the last ones have been answered.
The rate doubles until the answers come too late; then the interval is halved until it is narrower than 5 %. A step
lasts SECONDS, and a rate is given up when two steps in a row are too slow, since other programs on the machine may have
slowed one. On an idle machine it takes about four minutes; a busy one gives a smaller figure. PEOPLE, CLIPS, JOBS,
SECONDS and WEB (web processes, as many as in docker-compose.yml) change the size.

REFERENCE=commit measures that version as well, in the same way and with the same packages: ``reference_rps``. It is
checked out below var/, and seeded by its own code. ``capacity_ratio`` is how many times as much the present version
answers. The last line is JSON.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import pages_load, verdict
from benchmarks.load_site import count_web_processes, percentile, seeded_site, sign_in_owner, web_processes
from benchmarks.pages import list_pages

LIMIT_MS, MINIMUM_RATIO = 100, 2.5
MINIMUMS = {"people": 200, "clips": 10_000, "jobs": 30_000, "seconds": 15}
PEOPLE, CLIPS, JOBS, SECONDS = (int(os.environ.get(name.upper(), least)) for name, least in MINIMUMS.items())
WEB = int(os.environ.get("WEB") or count_web_processes())
FIRST_RATE, NARROW = 10.0, 1.05
PATIENCE = 2.0  # seconds
BUSY = 0.7  # processes that run or wait for a processor, the mean of a minute
OWN_FILES = ("pages_capacity.py", "pages_load.py")


def main() -> None:
    if (load := os.getloadavg()[0]) > BUSY:
        report(f"Other programs use the machine (load {load:.1f}): the figures will be too small.")
    figures: dict = {"people": PEOPLE, "clips": CLIPS, "jobs": JOBS, "seconds": SECONDS, "web": WEB}
    missed = verdict.list_below(figures, MINIMUMS)
    figures |= {"capacity_rps": measure_capacity()}
    if commit := os.environ.pop("REFERENCE", ""):
        with check_out(commit) as folder:
            figures |= {"reference_rps": measure_reference(folder)}
        figures |= {"capacity_ratio": round(figures["capacity_rps"] / figures["reference_rps"], 2)}
        if figures["capacity_ratio"] < MINIMUM_RATIO:
            missed.append(f"capacity_ratio is {figures['capacity_ratio']}, the goal is {MINIMUM_RATIO} or more")
    verdict.report(figures, missed)


def measure_capacity() -> float:
    with seeded_site(people=PEOPLE, clips=CLIPS, jobs=JOBS) as (url, folder):
        pages, cookies = list_pages(), sign_in_owner()
        with web_processes(url, folder, WEB) as urls:
            for _ in range(3):
                pages_load.warm_up(urls, pages, cookies)

            def is_fast(rate: float) -> bool:
                taken = pages_load.request_evenly(urls, pages, cookies, rate=rate, seconds=SECONDS, patience=PATIENCE)
                p95 = percentile([seconds for some in taken.values() for seconds in some], 0.95) or 0.0
                report(f"{rate:6.1f} a second: P95 {p95:6.0f} ms")
                return p95 <= LIMIT_MS

            return round(find_highest(lambda rate: is_fast(rate) or is_fast(rate)), 1)


def find_highest(is_fast: Callable[[float], bool]) -> float:
    """Return the highest rate that is fast, or one up to 5 % lower. Every lower rate is taken to be fast."""
    low, high = 0.0, FIRST_RATE
    while is_fast(high):
        low, high = high, high * 2
    while low == 0 or high / low > NARROW:
        middle = (low + high) / 2
        if is_fast(middle):
            low = middle
        else:
            high = middle
        if high < 1:
            raise SystemExit("Not even one page a second is answered in time.")
    return low


@contextlib.contextmanager
def check_out(commit: str) -> Iterator[Path]:
    """Check out a commit below var/, with the present files of this benchmark. Yields its folder."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reference-", dir="var") as name:
        folder = Path(name, "tree").resolve()
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, commit], check=True)
        try:
            for each in OWN_FILES:
                shutil.copy(Path("benchmarks", each), folder / "benchmarks")
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], check=True)


def measure_reference(folder: Path) -> float:
    """Return the capacity of the version in ``folder``, measured by a process of its own."""
    report("The reference:")
    if (folder / "requirements.txt").read_bytes() != Path("requirements.txt").read_bytes():
        report("Its requirements.txt differs: it runs with the packages of the present version.")
    command = [sys.executable, "-m", "benchmarks.pages_capacity"]
    line = ""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            report(line.rstrip())
    try:
        return json.loads(line)["capacity_rps"]
    except ValueError:
        raise SystemExit("The reference could not be measured; its messages are above.") from None


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
