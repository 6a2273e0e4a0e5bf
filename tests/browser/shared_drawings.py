"""An app that makes workers draw short clips of one size once, check each file once, and copy the results afterwards.

Clips with characters are always drawn, so that a test can look at them.
"""

import hashlib
import os
import pickle
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

from django.apps import AppConfig

LONGEST_SECONDS = 5  # tests of progress, cancelling and killed workers need the time that longer clips take


class SharedDrawings(AppConfig):
    name = "tests.browser"
    label = "shared_drawings"

    def ready(self):
        from generation.worker import ingest as ingest_step
        from generation.worker import render as drawing_step
        from studio.films import placeholders
        from tests.shared_drawings import SharedDrawingProvider

        class SharedExceptCharacters(SharedDrawingProvider):
            def draw(self, request, out, watch):
                (self.engine if request.options.get("cast") else super()).draw(request, out, watch)

            def __getattr__(self, name):
                return getattr(self.engine, name)

        find_provider = drawing_step.provider

        def provider(slug):
            found = find_provider(slug)
            return SharedExceptCharacters(found, folder, LONGEST_SECONDS) if slug == "animatic" else found

        folder = Path(os.environ["SHARED_DRAWINGS"])
        drawing_step.provider = placeholders.provider = provider
        ingest_step._ingest = SharedIngest(ingest_step._ingest, folder / "ingested")


class SharedIngest:
    """The step that makes all files of a clip, with a cache by content, which several processes may share."""

    def __init__(self, ingest, folder):
        self.ingest, self.folder = ingest, folder

    def __call__(self, lease, clip, source, folder):
        parts = (source.read_bytes(), clip.provider, clip.seconds, clip.has_effects, clip.continues_id is None)
        cached = self.folder / hashlib.sha256(repr(parts).encode()).hexdigest()
        if not cached.exists():
            result = self.ingest(lease, clip, source, folder)
            self._keep(result, cached)
            return result
        result = pickle.loads((cached / "result").read_bytes())  # noqa: S301 - written by _keep
        copies = {kind: shutil.copyfile(cached / path.name, folder / path.name) for kind, path in result.files.items()}
        return replace(result, **copies)

    def _keep(self, result, cached):
        made = self.folder / uuid.uuid4().hex
        made.mkdir(parents=True)
        for path in result.files.values():
            shutil.copyfile(path, made / path.name)
        (made / "result").write_bytes(pickle.dumps(result))
        try:
            made.rename(cached)
        except OSError:  # another process was faster
            shutil.rmtree(made)
