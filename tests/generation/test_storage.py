"""S3-compatible storage behaves like the local disk."""

import pytest
import requests

from generation.media import storage
from tests import servers

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture
def stored(clips_on_s3, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    return storage.store_file(path, "clips/ab/film.mp4")


def get(url, **headers):
    return requests.get(url, headers=headers, timeout=60)


def test_stored_bytes_come_back_unchanged(stored, tmp_path):
    back = storage.download(stored.key, tmp_path / "back.mp4")

    assert back.read_bytes() == (tmp_path / "film.mp4").read_bytes()
    assert stored.bytes == 256 * 40


def test_signed_link_serves_ranges_with_its_content_type(stored):
    answer = get(storage.create_link(stored.key), Range="bytes=100-199")

    assert answer.status_code == 206
    assert answer.content == bytes((bytes(range(256)) * 40)[100:200])
    assert answer.headers["Content-Type"] == "video/mp4"


def test_download_is_named_after_a_title_in_any_script(stored):
    answer = get(storage.create_link(stored.key, download_as='静水 "last" train.mp4'))

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%E9%9D%99" in answer.headers["Content-Disposition"]


def test_unsafe_download_names_are_sanitized(stored):
    for name, expected in (("v1/.mp4", "v1-.mp4"), ("v1/", "v1-"), ("..\\a\r\nb.webm", "..-a--b.webm")):
        answer = get(storage.create_link(stored.key, download_as=name))

        assert (answer.status_code, answer.headers["Content-Disposition"]) == (
            200,
            f'attachment; filename="{expected}"',
        )
        assert answer.headers["Content-Type"] == ("video/webm" if name.endswith("webm") else "video/mp4")


def test_changed_link_opens_nothing(stored):
    link = storage.create_link(stored.key)

    assert get(link.replace("film.mp4", "other.mp4")).status_code == 403
    assert get(link.split("?")[0]).status_code == 403


def test_second_put_replaces_and_remove_is_final(stored, tmp_path):
    (tmp_path / "new.mp4").write_bytes(b"new")
    storage.store_file(tmp_path / "new.mp4", stored.key)
    assert get(storage.create_link(stored.key)).content == b"new"

    storage.delete(stored.key)
    storage.delete(stored.key)
    assert get(storage.create_link(stored.key)).status_code == 404


def test_clip_is_drawn_and_kept_on_s3(clips_on_s3, mika, queue_clips, draw):
    clip = draw(queue_clips(mika)[0])

    assert clip.job.state == "ready"
    assert get(storage.create_link(clip.file("mezzanine").key)).content[4:8] == b"ftyp"
    assert get(storage.create_link(clip.file("poster").key)).headers["Content-Type"] == "image/webp"


def test_links_use_the_public_host(stored, settings, clips_on_s3):
    settings.S3_PUBLIC_ENDPOINT = servers.s3_endpoint(clips_on_s3).replace("127.0.0.1", "localhost")

    link = storage.create_link(stored.key)

    assert link.startswith("http://localhost:")
    assert get(link).status_code == 200


def test_objects_are_listed_with_size_and_age(stored):
    assert storage.get_size(stored.key) == stored.bytes
    assert storage.get_size("clips/ab/nothing.mp4") is None
    assert stored.key in {key for key, *_ in storage.list_objects("clips")}
