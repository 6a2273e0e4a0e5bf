"""Share drawings between tests: what the animatic draws from a prompt is tested in tests/generation/animatic.

Other tests draw the first clip of each size and length, with or without sound, and copy it for all others. Clips that
start from an image are always drawn.
"""

import hashlib
import math
import shutil
import uuid
from dataclasses import replace

import pytest

from generation.providers.base import DrawingStopped
from generation.providers.registry import provider
from tests.shared_folder import get_shared_folder

FRAMES_PER_SECOND = 24


class SharedDrawingProvider:
    """An animatic provider that caches its drawings in a folder, which several processes may share."""

    def __init__(self, engine, folder, longest_seconds=math.inf):
        self.engine, self.folder, self.longest_seconds = engine, folder, longest_seconds

    def draw(self, request, out, watch):
        if request.picture or request.first_frame or request.seconds > self.longest_seconds:
            return self.engine.draw(request, out, watch)
        generic = replace(
            request, prompt="a girl on a hill at sunset", seed=7, negative_prompt="", style="cel", paint=True,
            chips_off=frozenset(), model="animatic",
            options={name: value for name, value in request.options.items() if name == "sound"},
        )  # fmt: skip
        drawing = self.folder / f"{hashlib.sha256(repr(generic).encode()).hexdigest()}.mp4"
        if not drawing.exists():
            self._draw_into_cache(generic, drawing, watch)
        for frame in range(1, FRAMES_PER_SECOND * request.seconds + 1):
            if watch.is_cancelled():
                raise DrawingStopped
            watch.progress(frame, FRAMES_PER_SECOND * request.seconds)
        shutil.copyfile(drawing, out)

    def _draw_into_cache(self, request, target, watch):
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"{uuid.uuid4().hex}.mp4"
        self.engine.draw(request, path, replace(watch, show_frame=lambda frame: None))  # as for those that are copied
        path.replace(target)  # atomic: another process may be reading it


@pytest.fixture(scope="session")
def shared_drawings(tmp_path_factory):
    return SharedDrawingProvider(provider("animatic"), get_shared_folder(tmp_path_factory) / "drawings")


@pytest.fixture(autouse=True)
def share_drawings(shared_drawings, monkeypatch):
    find_provider = lambda slug: shared_drawings if slug == shared_drawings.engine.slug else provider(slug)  # noqa: E731
    monkeypatch.setattr("generation.worker.render.provider", find_provider)


@pytest.fixture
def draw_every_clip(share_drawings, monkeypatch):
    """Draw every clip: for tests that check the drawing or break it."""
    monkeypatch.setattr("generation.worker.render.provider", provider)
