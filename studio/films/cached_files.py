"""The files that a film is made of: downloaded ones, and those of the cache of film parts.

A file may be deleted from the cache at any time.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from generation.media import storage
from jobs.lifecycle.lease import StepFailed
from studio.films.messages import refusal_message

CACHE_BYTES = 4_000_000_000  # of cached parts of films, so that the next film of a story is ready in seconds


def cache_folder() -> Path:
    return settings.WORK_DIR / "films"


def link_from_cache(make: Callable[[], tuple[Path, str]], link: Path) -> tuple[Path, str]:
    """Create ``link`` to the cached file that ``make`` returns, since the cache may delete the file before it is used.

    Returns the link and the file's digest.
    """
    for _attempt in range(2):
        path, digest = make()
        try:
            link.hardlink_to(path)
        except FileNotFoundError:
            continue  # deleted from the cache in between
        except OSError:  # a file system without hard links
            shutil.copyfile(path, link)
        return link, digest
    raise FileNotFoundError(path)


def download(key: str, path: Path, code: str, where: str = "") -> Path:
    """Download the stored file to ``path``. Raises StepFailed with the ``code`` if it is not there."""
    try:
        return storage.download(key, path)
    except FileNotFoundError as error:
        raise StepFailed(code, refusal_message(code, where=where)) from error
