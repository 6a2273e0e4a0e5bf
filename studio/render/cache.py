"""Where finished parts of films are kept, each under a name made of everything it depends on.

Entries appear whole or not at all, carry a checksum, and are made anew when they are damaged. Nothing in here is worth
keeping: the whole folder may be removed while no merge runs.
"""

import contextlib
import hashlib
import itertools
import math
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

ENGINE = 3  # raise it when the same input shall give other bytes: everything kept is then made anew
_MAGIC = b"film1"
_STALE = 6 * 3600  # seconds after which an unfinished file belongs to nobody
_numbers = itertools.count()


def key_of(*parts: object) -> str:
    """A name for what is made of `parts` (numbers, strings, tuples and frozen dataclasses of them)."""
    return hashlib.sha256(repr((ENGINE, parts)).encode()).hexdigest()[:40]


class Cache:
    """Bytes and files by kind and key, under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unfinished = root / "unfinished"
        self.unfinished.mkdir(parents=True, exist_ok=True)

    def path(self, kind: str, key: str, suffix: str = "") -> Path:
        """Where an entry is or would be."""
        return self.root / kind / key[:2] / f"{key}{suffix}"

    def load(self, kind: str, key: str) -> bytes | None:
        """The bytes kept under a key; None if there are none, or not all as they were written. Counts as use."""
        path = self.path(kind, key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        payload = content[len(_MAGIC) + 4 :]
        if content[: len(_MAGIC)] != _MAGIC or content[len(_MAGIC) :][:4] != zlib.crc32(payload).to_bytes(4):
            path.unlink(missing_ok=True)
            return None
        self.has(kind, key)
        return payload

    def has(self, kind: str, key: str, suffix: str = "") -> bool:
        """Whether there is an entry; it may still turn out to be damaged. Counts as use."""
        try:
            os.utime(self.path(kind, key, suffix))
        except FileNotFoundError:
            return False
        return True

    def store(self, kind: str, key: str, payload: bytes) -> None:
        """Keep bytes under a key, in one step."""
        with self.new_file() as written:
            written.write_bytes(_MAGIC + zlib.crc32(payload).to_bytes(4) + payload)
            self.adopt(written, self.path(kind, key))

    @contextlib.contextmanager
    def new_file(self, suffix: str = "") -> Iterator[Path]:
        """A name to write to. What is still there afterwards is removed."""
        path = self.unfinished / f"{os.getpid()}-{next(_numbers)}{suffix}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def adopt(self, written: Path, target: Path) -> None:
        """Give a finished file its name."""
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.unfinished.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def shrink(self, most_bytes: int, most_seconds: float = math.inf) -> int:
        """Remove what was not used for `most_seconds`, and of the rest what was not used for longest until at most
        `most_bytes` are left; returns what is left.

        Safe beside a running merge: what it misses it makes again.
        """
        found = []
        for path in self.root.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and self.unfinished not in path.parents:
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _used, size, _path in found)
        old = time.time() - most_seconds
        for used, size, path in sorted(found):
            if total <= most_bytes and used >= old:
                break
            path.unlink(missing_ok=True)
            total -= size
        return total
