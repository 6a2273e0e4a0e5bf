"""App that lowers the download limit to FILM_BYTES for fault tests."""

import os

from django.apps import AppConfig


class PatienceConfig(AppConfig):
    name = "tests.elsewhere"
    label = "patience"

    def ready(self):
        from generation.providers.http import client

        client.FILE_LIMIT = int(os.environ["FILM_BYTES"])
