"""Wait for, find and clean up the processes that a test starts."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import sleep  # not time.sleep, which tests/open_transactions.py watches: a test may wait in a transaction

import yaml

COMPOSE = yaml.safe_load((Path(__file__).parents[1] / "docker-compose.yml").read_text())
STOP_GRACE = float(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s"))  # then production kills
TIMEOUT = 300  # seconds: a busy machine may need minutes for what usually takes moments


def until(
    condition, seconds: float = TIMEOUT, every: float = 0.1, meanwhile=lambda: None, describe=lambda: "timed out"
) -> None:
    """Wait until the condition is true, calling ``meanwhile`` between checks. Fails with ``describe()``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, describe()
        meanwhile()
        sleep(every)


def children(pid: int) -> list[int]:
    """Return the process ids of all descendants of ``pid``."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if stat[0] != "Z":
                parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found += (born := parents.get(todo.pop(), []))
        todo += born
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pid: int, signal_number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal; the process may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal_number)


def kill_family(pid: int) -> None:
    """Kill a process and its descendants, also those forked meanwhile: they are in the same process groups."""
    family = children(pid)
    groups = {_group(child) for child in family} - {None, os.getpgrp()}
    for member in (pid, *family):
        kill(member)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def processes_of(folder: Path) -> list[int]:
    """Return the ids of all processes whose TAPWARI_VAR is this folder."""
    variable, found = f"TAPWARI_VAR={folder}".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and variable in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def stop(
    processes: Iterable[subprocess.Popen], folder: Path, signal_number: signal.Signals = signal.SIGTERM, seconds=100
) -> None:
    """Signal processes to end, then kill those left in the folder: an orphan would work on the next test's rows."""
    for process in processes:
        process.send_signal(signal_number)
    deadline = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
    kill_processes_of(folder)
    for process in processes:
        process.wait()


def kill_processes_of(folder: Path) -> None:
    """Kill all processes of a folder and wait until they have ended."""
    until(lambda: not processes_of(folder), meanwhile=lambda: [kill(pid) for pid in processes_of(folder)])
