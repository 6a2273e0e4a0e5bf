from contextlib import suppress

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.sqlite3 import base as sqlite


class CommonConfig(AppConfig):
    name = "common"

    def ready(self):
        from common import checks  # noqa: F401 - registers the system checks

        # Django finds out by taking the write lock, and takes a locked SQLite for one without JSON.
        sqlite.DatabaseWrapper.features_class.supports_json_field = True  # type: ignore[assignment,method-assign]
        for folder in (settings.WORK_DIR, settings.FILE_UPLOAD_TEMP_DIR):
            with suppress(OSError):  # common.checks reports which folder and why
                folder.mkdir(parents=True, exist_ok=True)
