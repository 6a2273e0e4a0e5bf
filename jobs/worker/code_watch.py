"""Notice changed code, for ``./run --dev``. Imports only the standard library, as its reader, the supervisor, does."""

from pathlib import Path

SUFFIXES = {".py", ".toml", ".mo"}


class CodeWatch:
    """The times of change of all files of code in ``folders``, as of the last look."""

    def __init__(self, folders: list[str]) -> None:
        self._folders = [Path(folder) for folder in folders]
        self._times = self._read_times()

    def has_changed(self) -> bool:
        """Return whether a file was changed, added or removed since the last look."""
        before, self._times = self._times, self._read_times()
        return before != self._times

    def _read_times(self) -> dict[str, int]:
        """Return path → time of change, in nanoseconds."""
        times = {}
        for folder, _folders, names in (entry for root in self._folders for entry in root.walk()):
            for name in names:
                path = folder / name
                if path.suffix in SUFFIXES and path.exists():  # an editor may just replace it
                    times[str(path)] = path.stat().st_mtime_ns
        return times
