import pytest

from generation.providers.registry import provider
from tests.studio.films.conftest import small_films  # noqa: F401 (fixture)
from tests.studio.render.clips import make_mezzanine, numbered_frames

SIZE = (320, 180)  # of the small films, so that they need no larger animatics


class QuickAnimatic:
    """An animatic that writes numbered frames: what it draws is tested elsewhere."""

    def __init__(self, folder):
        self.engine, self.folder = provider("animatic"), folder

    def draw(self, request, out, watch):
        path = self.folder / f"{request.seconds}.mp4"
        if not path.exists():
            make_mezzanine(path, numbered_frames(0), request.seconds * 24, size=SIZE)
        out.write_bytes(path.read_bytes())


@pytest.fixture(scope="session")
def quick_animatic(tmp_path_factory):
    return QuickAnimatic(tmp_path_factory.mktemp("quick"))


@pytest.fixture(autouse=True)
def share_drawings(quick_animatic, monkeypatch):
    monkeypatch.setattr("generation.worker.render.provider", lambda slug: quick_animatic)
