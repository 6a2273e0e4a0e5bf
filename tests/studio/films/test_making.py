"""A film is asked for and made: what was agreed to is what comes out, and it lies whole in the store."""

import hashlib

import av
import pytest

from generation import storage
from jobs import invariants
from jobs.models import State
from studio import services

pytestmark = pytest.mark.django_db


def test_a_film_is_as_long_as_planned_and_lies_in_the_store(board, change, film_of, work):
    story = board("a girl on a hill", "a dog by the sea", "a cat on a roof")
    change(story, 1, join_kind="crossfade", join_frames=12)
    change(story, 2, trim_in=6, trim_out=6)

    film = film_of(story)
    work()

    film.refresh_from_db()
    assert film.job.state == State.READY, film.job.error_public
    assert film.frames == 48 + 48 + 48 - 12 - 12
    content = b"".join(storage.chunks(film.key))
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (film.sha256, film.bytes)
    assert [each["n"] for each in film.chapters] == [1, 2, 3]
    assert all(storage.size(film.still(number)) for number in range(3))
    assert invariants.broken() == []


def test_the_film_has_the_storys_shape_and_the_size_that_was_chosen(mika, board, film_of, work, tmp_path):
    story = board("a girl on a hill")
    services.change_film_settings(story=story, by=mika, changes={"title_text": "夏の終わり", "title_seconds": 1})

    film = film_of(story)
    work()

    film.refresh_from_db()
    with av.open(str(storage.copy_to(film.key, tmp_path / "film.mp4"))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (720, 720, 24 + 48)
    assert [each["place"] for each in film.chapters] == ["title", "scene"]
    assert film.poster == 1
