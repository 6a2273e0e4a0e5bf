"""The limits of clips and storage, where a clip is requested or a file is uploaded."""

from types import SimpleNamespace

import pytest

from accounts.billing.refusals import LimitReached
from generation.models import Clip, Picture
from generation.services import storage_use
from generation.worker.authorization import check_clip_limits
from tests.generation.uploads import picture_file

SITE, OWN = SimpleNamespace(scope="site"), SimpleNamespace(scope="workspace")


@pytest.mark.parametrize(
    ("name", "value", "change"),
    [
        ("LONGEST_CLIP", 5, {"seconds": 6}),
        ("HIGHEST_LINES", 720, {"resolution": 1080}),
        ("ALLOWED_PROVIDERS", ["kling"], {"provider": "fal"}),
    ],
)
def test_clip_beyond_a_limit_is_refused_unless_the_user_pays(settings, name, value, change):
    setattr(settings, name, value)
    clip = {"provider": "kling", "seconds": 5, "resolution": 720}

    check_clip_limits(SimpleNamespace(**clip), SITE, None)
    check_clip_limits(SimpleNamespace(**clip | change), OWN, None)
    with pytest.raises(LimitReached, match="Nothing was started"):
        check_clip_limits(SimpleNamespace(**clip | change), SITE, None)


@pytest.mark.django_db
def test_refused_clip_names_the_limit_and_creates_nothing(sign_in, mika, settings):
    settings.LONGEST_CLIP = 4
    sent = {"prompt": "rain", "seconds": 5, "resolution": 480, "idem_key": "a" * 32}

    answer = sign_in(mika).post("/create/", sent)

    assert answer.status_code == 402
    assert "the limit here is 4 seconds" in answer.content.decode()
    assert not Clip.objects.exists()


@pytest.mark.django_db
def test_full_storage_refuses_uploads_and_clips_until_there_is_room(mika, queue_clips, sign_in, settings):
    workspace = mika.workspaces.get()
    row = Picture.objects.create(workspace=workspace, sha256="0" * 64, key="k", width=64, height=64, bytes=1000)
    settings.STORAGE_PER_WORKSPACE = 1000

    with pytest.raises(LimitReached, match=r"1000.bytes of 1000.bytes of storage"):
        queue_clips(mika)
    answer = sign_in(mika).post("/clips/pictures/", {"files": [picture_file()]})

    assert answer.status_code == 402
    assert Picture.objects.get() == row
    Picture.objects.update(bytes=999)
    storage_use.check_storage(workspace, 1)
    with pytest.raises(LimitReached):
        storage_use.check_storage(workspace, 2)
