"""Signed picture links: short-lived, and only for providers that must download pictures."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.media import storage
from generation.models import Clip
from generation.services import uploads
from generation.worker import files
from tests.generation.uploads import picture_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def build_clip(mika):
    """``build_clip("luma-dream-machine")``: an unsaved clip that starts from a picture of Mika's."""

    def make(slug):
        picture = uploads.save_picture(
            SimpleUploadedFile("photo.png", picture_file().read()), workspace=mika.workspaces.get(), by=mika
        )
        return Clip(workspace=picture.workspace, provider=slug, prompt="a cat", picture=picture, seed=1, title="a cat")

    return make


def build_request(clip, tmp_path):
    clip.save()
    return files.build_request_with_files(clip, tmp_path)


def test_provider_that_fetches_pictures_gets_a_signed_link(build_clip, tmp_path, settings):
    settings.MEDIA_URL = "https://media.studio.example/media/"
    clip = build_clip("luma-dream-machine")

    request = build_request(clip, tmp_path)

    [(path, url)] = request.addresses.items()
    assert path == request.picture and url.startswith("https://media.studio.example/media/")
    token = url.removeprefix(settings.MEDIA_URL).strip("/")
    assert storage.verify_link(token) == (clip.picture.key, "")


def test_signed_picture_link_expires_within_half_an_hour(build_clip, tmp_path, settings, monkeypatch):
    settings.MEDIA_URL = "https://media.studio.example/media/"
    before, clip = time.time(), build_clip("luma-dream-machine")
    [url] = build_request(clip, tmp_path).addresses.values()
    after, token = time.time(), url.removeprefix(settings.MEDIA_URL).strip("/")

    monkeypatch.setattr(storage.time, "time", lambda: before + 899)
    assert storage.verify_link(token) == (clip.picture.key, "")
    monkeypatch.setattr(storage.time, "time", lambda: after + 1801)
    assert storage.verify_link(token) is None


def test_no_signed_links_without_a_public_media_url(build_clip, tmp_path, settings):
    settings.MEDIA_URL = "http://127.0.0.1:8000/media/"

    assert build_request(build_clip("luma-dream-machine"), tmp_path).addresses == {}


def test_other_providers_get_no_signed_links(subtests, build_clip, tmp_path, settings):
    settings.MEDIA_URL = "https://media.studio.example/media/"
    for slug in ["luma", "kling", "fal", "dashscope", "animatic"]:
        with subtests.test(slug=slug):
            assert build_request(build_clip(slug), tmp_path).addresses == {}
