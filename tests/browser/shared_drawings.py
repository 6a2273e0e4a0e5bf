"""An app for the tests' site whose workers draw short clips of one size once and copy them afterwards."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

LONGEST_SECONDS = 5  # longer clips are really drawn: tests of progress, stopping and killing need the time that takes


class SharedDrawings(AppConfig):
    name = "tests.browser"
    label = "shared_drawings"

    def ready(self):
        from generation.worker import render as drawing_step
        from tests.drawn_once import DrawnOnce

        find_provider = drawing_step.provider

        def provider(slug):
            engine = find_provider(slug)
            return DrawnOnce(engine, folder, LONGEST_SECONDS) if slug == "animatic" else engine

        folder = Path(settings.VAR_DIR) / "drawings"
        drawing_step.provider = provider
