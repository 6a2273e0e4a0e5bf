"""One drawing for many tests: what the animatic draws from a prompt is tested in tests/generation/animatic.

Tests of what happens to a clip afterwards draw the first clip of each size, length and set of options, and copy it
for all others. Clips that start from a picture or a frame are always drawn.
"""

import hashlib
import math
import shutil
import uuid
from dataclasses import replace

import pytest

from generation.providers.base import DrawingStopped
from generation.providers.registry import provider

FRAMES_PER_SECOND = 24


class DrawnOnce:
    """An animatic provider that keeps its drawings in a folder, which several processes may share."""

    def __init__(self, engine, folder, longest_seconds=math.inf):
        self.engine, self.folder, self.longest_seconds = engine, folder, longest_seconds

    def draw(self, request, out, watch):
        if request.picture or request.first_frame or request.seconds > self.longest_seconds:
            return self.engine.draw(request, out, watch)
        same = replace(request, prompt="a girl on a hill at sunset", seed=7, negative_prompt="", chips_off=frozenset())
        kept = self.folder / f"{hashlib.sha256(repr(same).encode()).hexdigest()}.mp4"
        if not kept.exists():
            self._draw_and_keep(same, kept, watch)
        for frame in range(1, FRAMES_PER_SECOND * request.seconds + 1):
            if watch.is_cancelled():
                raise DrawingStopped
            watch.progress(frame, FRAMES_PER_SECOND * request.seconds)
        shutil.copyfile(kept, out)

    def _draw_and_keep(self, request, kept, watch):
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"{uuid.uuid4().hex}.mp4"
        self.engine.draw(request, path, watch)
        path.replace(kept)  # atomic: another process may be reading it


@pytest.fixture(scope="session")
def shared_drawings(tmp_path_factory):
    return DrawnOnce(provider("animatic"), tmp_path_factory.mktemp("drawings"))


@pytest.fixture(autouse=True)
def one_drawing_for_all(shared_drawings, monkeypatch):
    engines = lambda slug: shared_drawings if slug == shared_drawings.engine.slug else provider(slug)  # noqa: E731
    monkeypatch.setattr("generation.worker.render.provider", engines)


@pytest.fixture
def drawn_for_good(one_drawing_for_all, monkeypatch):
    """Draw every clip: for tests that check the drawing or break it."""
    monkeypatch.setattr("generation.worker.render.provider", provider)
