"""Run jobs and measure their cost: each in its own processes, pinned to one core, two in parallel."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 1500.0  # seconds; a job that takes longer hangs
_started = time.monotonic()
_log_lock = threading.Lock()


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process and all its children, the highest memory of one of them, and its output."""

    cpu: float
    peak_mb: float
    output: str


def log(line: str) -> None:
    with _log_lock:
        sys.stdout.write(f"{time.monotonic() - _started:6.0f} s  {line}\n")
        sys.stdout.flush()


def run(command: Sequence[object]) -> Cost:
    """Run a command and measure it with its children. Raises RuntimeError if it fails or takes too long."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    late = threading.Timer(TIMEOUT, process.kill)
    late.start()
    try:
        assert process.stdout and process.stderr
        output, errors = process.stdout.read(), process.stderr.read()
        _pid, status, used = os.wait4(process.pid, 0)
    finally:
        late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}: {errors[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


def run_job(*arguments: object) -> Cost:
    """Run and measure a job of `merge_work`."""
    return run([sys.executable, "-m", "benchmarks.merge_work", *arguments])


def run_pinned(jobs: Sequence[Callable[[], None]]) -> None:
    """Run all jobs in order, one per core (two cores at most), each pinned to its core.

    Compared jobs always have one core each, so that none looks cheaper because the machine was idle.
    """
    left, lock = list(jobs), threading.Lock()
    errors: list[Exception] = []

    def lane(core: int) -> None:
        os.sched_setaffinity(0, {core})  # of this thread; inherited by its child processes
        while not errors:
            with lock:
                job = left.pop(0) if left else None
            if job is None:
                return
            try:
                job()
            except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
                errors.append(error)

    lanes = [threading.Thread(target=lane, args=(core,)) for core in sorted(os.sched_getaffinity(0))[:2]]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    if errors:
        raise errors[0]


def free_memory() -> float:
    """Return the available memory in gigabytes."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024**2
