"""An app that makes workers draw short clips of one size once and copy them afterwards. Clips with characters are
always drawn, so that a test can look at them."""

import os
from pathlib import Path

from django.apps import AppConfig

LONGEST_SECONDS = 5  # tests of progress, cancelling and killed workers need the time that longer clips take


class SharedDrawings(AppConfig):
    name = "tests.browser"
    label = "shared_drawings"

    def ready(self):
        from generation.worker import render as drawing_step
        from tests.shared_drawings import SharedDrawingProvider

        class SharedExceptCharacters(SharedDrawingProvider):
            def draw(self, request, out, watch):
                (self.engine if request.options.get("cast") else super()).draw(request, out, watch)

        find_provider = drawing_step.provider

        def provider(slug):
            found = find_provider(slug)
            return SharedExceptCharacters(found, folder, LONGEST_SECONDS) if slug == "animatic" else found

        folder = Path(os.environ["SHARED_DRAWINGS"])
        drawing_step.provider = provider
