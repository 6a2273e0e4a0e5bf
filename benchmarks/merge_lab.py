"""Runs jobs and says what they cost: each in processes of its own, on a core of its own, two at a time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST = 1500.0  # seconds; what takes longer is stuck
_started = time.monotonic()
_saying = threading.Lock()


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process and all its children, the most memory one of them had, and what it said."""

    cpu: float
    peak_mb: float
    said: str


def say(line: str) -> None:
    with _saying:
        sys.stdout.write(f"{time.monotonic() - _started:6.0f} s  {line}\n")
        sys.stdout.flush()


def run(command: Sequence[object]) -> Cost:
    """Wait for a command and reckon what it and its children used. Raises if it fails or is stuck."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    late = threading.Timer(LONGEST, process.kill)
    late.start()
    try:
        assert process.stdout and process.stderr
        said, errors = process.stdout.read(), process.stderr.read()
        _pid, status, used = os.wait4(process.pid, 0)
    finally:
        late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}: {errors[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def work(*arguments: object) -> Cost:
    """The same for a job of `merge_work`."""
    return run([sys.executable, "-m", "benchmarks.merge_work", *arguments])


def in_lanes(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all jobs, the first ones first, as many at a time as there are cores (two at most), each kept to one core.

    Whatever is compared has the same one core to itself, so nothing is cheaper for finding the machine idle.
    """
    left, lock = list(jobs), threading.Lock()
    errors: list[Exception] = []

    def lane(core: int) -> None:
        os.sched_setaffinity(0, {core})  # of this thread; what it starts inherits it
        while not errors:
            with lock:
                job = left.pop(0) if left else None
            if job is None:
                return
            try:
                job()
            except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
                errors.append(error)

    lanes = [threading.Thread(target=lane, args=(core,)) for core in sorted(os.sched_getaffinity(0))[:2]]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    if errors:
        raise errors[0]


def free_memory() -> float:
    """Gigabytes that could be had."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024**2
