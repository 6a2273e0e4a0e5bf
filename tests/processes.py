"""The processes that a test starts: waited for, found again, and swept up when it is over."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import yaml

COMPOSE = yaml.safe_load((Path(__file__).parents[1] / "docker-compose.yml").read_text())
STOP_GRACE = float(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s"))  # then production kills them
PATIENCE = 300  # seconds, which cost nothing while all is well: a busy machine may need minutes for what takes moments


def until(
    is_so, seconds: float = PATIENCE, every: float = 0.1, meanwhile=lambda: None, said=lambda: "it did not come to pass"
) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, said()
        meanwhile()
        time.sleep(every)


def children(pid: int) -> list[int]:
    """Process ids of all that descends from ``pid``, without asking ``ps``."""
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


def kill(pid: int, by: signal.Signals = signal.SIGKILL) -> None:
    """It may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, by)


def kill_family(pid: int) -> None:
    """With whoever is born meanwhile: one that is forked while the others are looked up stands in their group, and
    would live on alone."""
    family = children(pid)
    groups = {_group(one) for one in family} - {None, os.getpgrp()}
    for one in (pid, *family):
        kill(one)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def left_of(folder: Path) -> list[int]:
    """Processes that work in this folder, whoever started them."""
    told, found = f"TAPWARI_VAR={folder}".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and told in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def names(pids: Iterable[int]) -> list[str]:
    """Which programs these are, and what they wait for: for whoever reads why a test failed."""
    found = []
    for pid in pids:
        with suppress(OSError):
            facts = [(Path("/proc") / str(pid) / each).read_text() for each in ("cmdline", "wchan")]
            found.append(f"{pid} {facts[0].replace(chr(0), ' ')}({facts[1]})")
    return found


def end(processes: Iterable[subprocess.Popen], folder: Path, by: signal.Signals = signal.SIGTERM, seconds=100) -> None:
    """Tell them to end, and kill whoever still works in their folder when they have: an orphan would go on working at
    the next test's rows."""
    for process in processes:
        process.send_signal(by)
    last = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, last - time.monotonic()))
    sweep(folder)
    for process in processes:
        process.wait()


def sweep(folder: Path) -> None:
    until(lambda: not left_of(folder), meanwhile=lambda: [kill(pid) for pid in left_of(folder)])
