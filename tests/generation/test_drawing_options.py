"""Options of the Create form reach the animatic."""

import pytest

from generation.models import Clip
from generation.providers.adapters.local import provider as animatic
from generation.providers.base import Watch
from generation.worker.files import build_request_with_files
from tests.generation.test_create import WORDS, picture_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot_for(sign_in, mika, monkeypatch, tmp_path):
    """``shot_for(seconds=3)``: the shot that is drawn for what the form sends."""

    def asked(**sent):
        assert sign_in(mika).post("/create/", sent).status_code == 302
        shots = []
        monkeypatch.setattr(animatic, "render", lambda shot, *_, **__: shots.append(shot))
        request = build_request_with_files(Clip.objects.latest("created_at"), tmp_path)
        animatic.AnimaticProvider().draw(request, tmp_path / "clip.mp4", Watch(lambda *_: None, lambda: False))
        return shots[0]

    return asked


@pytest.mark.parametrize(("box", "paints"), [({"paint": "on"}, True), ({}, False)], ids=["ticked", "not ticked"])
def test_picture_is_painted_only_where_the_box_is_ticked(shot_for, box, paints):
    shot = shot_for(picture_file=picture_file(), seconds=2, **box)

    assert shot.paint is paints
    assert shot.picture is not None and shot.picture.exists()


def test_size_length_seed_and_frame_rate_reach_the_animatic(shot_for):
    shot = shot_for(**WORDS, ratio="21:9", seed=77, option_on_twos="on")

    assert (shot.width, shot.height, shot.seconds, shot.seed) == (854, 366, 3, 77)
    assert shot.scene.on_twos
    assert not shot_for(**WORDS).scene.on_twos
