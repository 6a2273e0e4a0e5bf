"""Options of the Create form reach the animatic."""

import pytest

from generation.models import Clip
from generation.providers.adapters.local import provider as animatic
from generation.providers.base import Watch
from generation.worker.files import build_request_with_files
from tests.generation.test_create import FORM
from tests.generation.uploads import picture_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def create_shot(sign_in, mika, monkeypatch, tmp_path):
    """``create_shot(seconds=3)`` posts the form. Returns the shot that the animatic draws for it."""

    def create(**form):
        assert sign_in(mika).post("/create/", form).status_code == 302
        shots = []
        monkeypatch.setattr("generation.animatic.render.render", lambda shot, *_, **__: shots.append(shot))
        request = build_request_with_files(Clip.objects.latest("created_at"), tmp_path)
        animatic.AnimaticProvider().draw(request, tmp_path / "clip.mp4", Watch(lambda *_: None, lambda: False))
        return shots[0]

    return create


@pytest.mark.parametrize(("fields", "is_painted"), [({"paint": "on"}, True), ({}, False)], ids=["ticked", "not ticked"])
def test_picture_is_painted_only_where_the_box_is_ticked(create_shot, fields, is_painted):
    shot = create_shot(picture_file=picture_file(), seconds=2, **fields)

    assert shot.paint is is_painted
    assert shot.picture is not None and shot.picture.exists()


def test_size_length_seed_and_frame_rate_reach_the_animatic(create_shot):
    shot = create_shot(**FORM, ratio="21:9", seed=77, option_on_twos="on")

    assert (shot.width, shot.height, shot.seconds, shot.seed) == (854, 366, 3, 77)
    assert shot.scene.on_twos
    assert not create_shot(**FORM).scene.on_twos
