"""An app that lowers the download limit to FILM_BYTES."""

import os

from django.apps import AppConfig


class DownloadLimitConfig(AppConfig):
    name = "tests.site_processes"
    label = "download_limit"

    def ready(self):
        from generation.providers.http import client

        client.FILE_LIMIT = int(os.environ["FILM_BYTES"])
