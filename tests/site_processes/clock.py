"""A settable clock for processes, by libfaketime."""

import subprocess
from functools import cached_property
from pathlib import Path


class Clock:
    """A clock at the real time until ``set("+2h")``. Processes with its ``environment`` use it."""

    def __init__(self, folder: Path):
        self._file = folder / "clock"
        self.set("+0")

    def set(self, offset: str) -> None:
        """Set the offset of all processes at once, atomically: a process that reads an empty file ends."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(offset)
        draft.replace(self._file)

    @cached_property
    def environment(self) -> dict:
        """Variables that shift the time of day; durations stay real, as they do when an administrator sets a clock.

        libfaketime's cache is off: it lasts up to two seconds, in which processes with different clocks would work on
        the same rows.
        """
        command = ["faketime", "-f", "+0", "env"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        library = next(line.partition("=")[2] for line in output.splitlines() if line.startswith("LD_PRELOAD="))
        variables = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1"}
        return variables | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
