"""A studio that takes no film of more than FILM_BYTES, so that one without end need not be two gigabytes in tests."""

import os

from django.apps import AppConfig


class PatienceConfig(AppConfig):
    name = "tests.elsewhere"
    label = "patience"

    def ready(self):
        from generation.providers.http import client

        client.FILE_LIMIT = int(os.environ["FILM_BYTES"])
