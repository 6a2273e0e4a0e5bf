"""Cache finished parts of films under keys made of everything they depend on.

Entries are written atomically and have a checksum; damaged ones count as missing. The whole folder may be deleted while
no merge runs.
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

ENGINE = 3  # version; increase it if the same input shall give other bytes, which invalidates all entries
_MAGIC = b"film1"
_STALE = 6 * 3600  # seconds after which an unfinished file counts as abandoned
_numbers = itertools.count()


def make_key(*parts: object) -> str:
    """Return a cache key for `parts` (numbers, strings, tuples and frozen dataclasses of them)."""
    return hashlib.sha256(repr((ENGINE, parts)).encode()).hexdigest()[:40]


class Cache:
    """Folder `root` with cached bytes and files, by kind and key."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unfinished = root / "unfinished"
        self.unfinished.mkdir(parents=True, exist_ok=True)

    def get_path(self, kind: str, key: str, suffix: str = "") -> Path:
        """Return the path of an entry, whether or not it exists."""
        return self.root / kind / key[:2] / f"{key}{suffix}"

    def load(self, kind: str, key: str) -> bytes | None:
        """Return the bytes of an entry; None if it is missing or damaged. Marks the entry as used."""
        path = self.get_path(kind, key)
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
        """Return whether an entry exists, without verifying its checksum. Marks the entry as used."""
        try:
            os.utime(self.get_path(kind, key, suffix))
        except FileNotFoundError:
            return False
        return True

    def store(self, kind: str, key: str, payload: bytes) -> None:
        """Store bytes under a key atomically."""
        with self.create_file() as written:
            written.write_bytes(_MAGIC + zlib.crc32(payload).to_bytes(4) + payload)
            self.move_in(written, self.get_path(kind, key))

    @contextlib.contextmanager
    def create_file(self, suffix: str = "") -> Iterator[Path]:
        """Yield an unused path to write to. On exit, delete the file unless it was moved away."""
        path = self.unfinished / f"{os.getpid()}-{next(_numbers)}{suffix}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def move_in(self, written: Path, target: Path) -> None:
        """Move a finished file to its place in the cache."""
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)

    def remove_unfinished(self) -> None:
        """Delete unfinished files that were not changed for six hours, which killed processes left behind."""
        for path in self.unfinished.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def shrink(self, most_bytes: int, most_seconds: float = math.inf) -> int:
        """Delete entries unused for `most_seconds`, and the least recently used ones until at most `most_bytes` are
        left.

        Returns how many bytes are left. May be called during a merge, which makes missing entries again.
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
