"""A clock for processes that a test can set, by libfaketime."""

import os
import subprocess
import time
from functools import cached_property
from pathlib import Path


class Clock:
    """``Clock(folder)`` goes right at first; ``set("+2h")`` sets it, ``environment`` makes a process go by it."""

    def __init__(self, folder: Path):
        self._file = folder / "clock"
        self.set("+0")

    def set(self, offset: str) -> None:
        """In one go: a process that reads an empty file ends. Everybody has it at once, as on one machine."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(offset)
        draft.replace(self._file)

    @cached_property
    def environment(self) -> dict:
        """Only the time of day is another one; how long something takes is told as ever, and as the kernel does.

        Nobody keeps what it read: libfaketime's shortest keeping lasts up to two seconds, in which those who know and
        those who do not would work on the same rows.
        """
        told = subprocess.run(["faketime", "-f", "+0", "env"], capture_output=True, text=True, check=True).stdout
        library = next(line.partition("=")[2] for line in told.splitlines() if line.startswith("LD_PRELOAD="))
        facts = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1"}
        return facts | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def is_ahead(self) -> float:
        """Seconds, as a process that goes by it tells."""
        there = subprocess.run(["date", "+%s"], env=os.environ | self.environment, capture_output=True, check=True)
        return int(there.stdout) - time.time()
