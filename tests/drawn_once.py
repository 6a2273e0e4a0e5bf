"""One drawing for many tests: what the animatic draws of words is looked at in tests/generation/animatic.

Where a test is about what becomes of a clip, the first of each size, length and set of options is drawn for good, and
the rest are copies of it. Clips that start from a picture or a frame are always drawn.
"""

import shutil
from dataclasses import replace

import pytest

from generation.providers.base import DrawingStopped
from generation.providers.registry import provider

FRAMES_A_SECOND = 24


class DrawnOnce:
    """The animatic, as far as a worker's step of drawing asks for it."""

    def __init__(self, engine, folder):
        self.engine, self.folder, self.drawn = engine, folder, {}

    def draw(self, request, out, watch):
        if request.picture or request.first_frame:
            return self.engine.draw(request, out, watch)
        first = replace(request, prompt="a girl on a hill at sunset", seed=7, negative_prompt="", chips_off=frozenset())
        kind = repr(first)
        if kind not in self.drawn:
            path = self.folder / f"{len(self.drawn)}.mp4"
            self.engine.draw(first, path, watch)
            self.drawn[kind] = path
        for frame in range(1, FRAMES_A_SECOND * request.seconds + 1):
            if watch.is_cancelled():
                raise DrawingStopped
            watch.progress(frame, FRAMES_A_SECOND * request.seconds)
        shutil.copyfile(self.drawn[kind], out)


@pytest.fixture(scope="session")
def shared_drawings(tmp_path_factory):
    return DrawnOnce(provider("animatic"), tmp_path_factory.mktemp("drawings"))


@pytest.fixture(autouse=True)
def one_drawing_for_all(shared_drawings, monkeypatch):
    engines = lambda slug: shared_drawings if slug == shared_drawings.engine.slug else provider(slug)  # noqa: E731
    monkeypatch.setattr("generation.worker.render.provider", engines)


@pytest.fixture
def drawn_for_good(one_drawing_for_all, monkeypatch):
    """For tests that look at the drawing all the same, or break it."""
    monkeypatch.setattr("generation.worker.render.provider", provider)
