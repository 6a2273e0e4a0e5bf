"""Keep the migrated, empty SQLite database of the tests until a Python file of the site changes.

Applying all migrations takes ten seconds of processor time.
"""

import hashlib
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pytest_cache" / "databases"
SOURCES = ("accounts", "common", "config", "gallery", "generation", "jobs", "studio")


def get_path() -> Path:
    """Return where the database for the present code is kept; the file exists after ``keep``."""
    apps = [app for app in settings.INSTALLED_APPS if not app.startswith(("tests.", "daphne"))]
    digest = hashlib.sha256(f"{sys.version} {apps}".encode())
    digest.update((ROOT / "requirements.txt").read_bytes())
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            digest.update(path.read_bytes())
    return KEPT / f"{digest.hexdigest()[:20]}.sqlite3"


def keep(database: str) -> None:
    """Keep a migrated database to which nobody is connected, and remove older ones."""
    KEPT.mkdir(parents=True, exist_ok=True)
    copy, kept = KEPT / f"{os.getpid()}.copy", get_path()
    shutil.copyfile(database, copy)
    copy.replace(kept)
    for old in set(KEPT.iterdir()) - {kept}:
        with suppress(FileNotFoundError):
            old.unlink()
