"""Find out which files of a checkout the Docker image gets."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent


def list_image_files() -> list[str]:
    """Return the tracked files that the image gets, relative to the checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.splitlines() if is_in_image(path)]


def is_in_image(path: str) -> bool:
    """Return whether a COPY of the Dockerfile takes a path and .dockerignore does not exclude it."""
    ancestors = _list_ancestors(path)
    is_copied = any(source in ancestors for source in copied_sources())
    return is_copied and not _is_ignored(ancestors)


def copied_sources() -> list[str]:
    """Return the sources of all COPY instructions."""
    lines = re.findall(r"^COPY (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return [source.rstrip("/") for line in lines for source in line.split()[:-1]]


def _is_ignored(ancestors: list[str]) -> bool:
    """Apply .dockerignore; the last rule that matches a path or a folder above it decides."""
    is_ignored = False
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = rule.removeprefix("!").removesuffix("/**")
        if rule and rule[0] != "#" and any(fnmatch(ancestor, pattern) for ancestor in ancestors):
            is_ignored = rule[0] != "!"
    return is_ignored


def _list_ancestors(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
