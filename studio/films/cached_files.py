"""Use files of the cache of film parts, which may be deleted from it at any time."""

import shutil
from collections.abc import Callable
from pathlib import Path


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
