"""Read the environment file of the services, so that manage.py works on their database and not on an empty SQLite."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

DEFAULT = Path("/etc/tapwari.env")  # as in deploy/systemd


def load(default: Path = DEFAULT) -> None:
    """Add the variables of the file TAPWARI_ENV to the environment; those that are set already stay.

    Without TAPWARI_ENV the file is ``default`` if it exists; an empty TAPWARI_ENV names none. Exits with a sentence if
    the file cannot be used.
    """
    named = os.environ.get("TAPWARI_ENV")
    if named is None and not default.exists():
        # What ./run starts later reads no file either, even if it exists by then.
        named = os.environ["TAPWARI_ENV"] = ""
    if named == "":
        return
    path = default if named is None else Path(named)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        if "DATABASE_URL" in os.environ:
            return  # systemd has read the file for a user who may not
        sys.exit(f"{path} cannot be read ({error.strerror}): run this as a user who may, or name another TAPWARI_ENV.")
    for name, value in parse(text, path):
        os.environ.setdefault(name, value)


def parse(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and value of each line, as systemd reads them, but without continued lines."""
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line[0] in "#;":
            continue
        name, separator, value = line.partition("=")
        if not separator:
            sys.exit(f"{path}, line {number}: expected NAME=value.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield name.strip(), value
