from contextlib import suppress

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.sqlite3 import base as sqlite


class CommonConfig(AppConfig):
    name = "common"

    def ready(self):
        from common import checks  # noqa: F401 - registers the system checks

        # Django tests for JSON inside a transaction that takes the write lock. While another process holds it, the test
        # fails and Django concludes for good that this SQLite has no JSON, so that each JSONField is an error. All
        # supported versions of SQLite have JSON: there is nothing to test.
        sqlite.DatabaseWrapper.features_class.supports_json_field = True  # type: ignore[assignment,method-assign]
        for folder in (settings.WORK_DIR, settings.FILE_UPLOAD_TEMP_DIR):
            with suppress(OSError):  # common.checks reports which folder and why
                folder.mkdir(parents=True, exist_ok=True)
