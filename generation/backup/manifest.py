"""The manifest of a backup: what is in the folder, with sizes and digests."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "manifest.json"
FILES = "files"


class BackupFailed(Exception):
    """``str()`` says what happened, and what was changed."""


@dataclass(frozen=True)
class Entry:
    """A file of the backup. ``changed_at``: when the copied object was last written, in ISO format."""

    bytes: int
    sha256: str
    changed_at: str = ""


@dataclass(frozen=True)
class Manifest:
    """``vendor``: sqlite or postgresql. ``database``: name of its dump. ``migrations``: "app.name" of those applied.

    ``files``: key in storage → entry. ``missing``: keys of owned files that were not in storage.
    """

    taken_at: str
    vendor: str
    database: str
    dump: Entry
    migrations: list[str] = field(default_factory=list)
    files: dict[str, Entry] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Replace the manifest of the folder."""
        part = folder / f"{NAME}.part"
        part.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        part.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a complete backup, or None if the folder has none."""
    path = folder / NAME
    if not path.exists():
        return None
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["files"] = {key: Entry(**entry) for key, entry in facts["files"].items()}
    return Manifest(**facts | {"dump": Entry(**facts["dump"])})


def describe_file(path: Path, changed_at: str = "") -> Entry:
    with path.open("rb") as file:
        return Entry(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest(), changed_at)


def find_damage(manifest: Manifest, folder: Path) -> Iterator[str]:
    """Yield a sentence for each file of the backup that is missing or not what was written."""
    parts = {manifest.database: manifest.dump}
    parts |= {f"{FILES}/{key}": entry for key, entry in manifest.files.items()}
    for name, entry in parts.items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif (found := describe_file(path)) and (found.bytes, found.sha256) != (entry.bytes, entry.sha256):
            yield f"{name} is not what was written"
