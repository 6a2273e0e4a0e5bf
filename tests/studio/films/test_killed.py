"""A worker that dies while it draws stills, reads music or makes takes ready: the next one finishes the work."""

import pytest

from generation import storage
from generation.models import Clip
from jobs import invariants
from jobs.models import Job, State
from studio import film_ready, services
from studio.models import Take

pytestmark = pytest.mark.django_db


@pytest.fixture
def die_at(monkeypatch, work):
    """``die_at("film_still")``: whoever comes to that place first is gone, the lease runs out, others go on."""

    def die_once(place):
        reached = []

        def die(name, key=""):
            if name == place and not reached:
                reached.append(key)
                raise KeyboardInterrupt

        for module in ("film_steps", "film_ready"):
            monkeypatch.setattr(f"studio.{module}.failpoint", die)
        with pytest.raises(KeyboardInterrupt):
            work()
        Job.objects.active().update(lease_until=None)
        work()

    return die_once


def test_a_film_whose_worker_dies_over_its_stills_is_made_whole(board, ask, die_at):
    film = ask(board(2))

    die_at("film_still")

    film.refresh_from_db()
    assert (film.job.state, film.frames) == (State.READY, 96)
    assert all(storage.size(film.still(number)) for number in range(2))
    assert invariants.broken() == []


@pytest.mark.parametrize("place", ["music_read", "music_kept"])
def test_music_whose_reader_dies_is_read_all_the_same(board, mika, tune, die_at, place):
    music = services.bring_music(upload=tune(), story=board(1), by=mika)

    die_at(place)

    music.refresh_from_db()
    assert music.is_ready and storage.size(music.place("bed")) == music.bytes
    assert storage.size(music.place("original")) is None
    assert invariants.broken() == []


def test_takes_whose_worker_dies_are_made_ready_by_the_next(
    board, die_at, django_capture_on_commit_callbacks, settings
):
    story = board(2)
    with django_capture_on_commit_callbacks(execute=True):
        film_ready.soon(story)

    die_at("film_preparing")

    assert Job.objects.get(kind=film_ready.KIND).state == State.READY
    assert film_ready._left(story) == []
    assert not list(settings.WORK_DIR.glob(f"{Job.objects.get(kind=film_ready.KIND).pk}-*"))


def test_a_film_whose_worker_dies_over_an_animatic_is_made_whole(write, mika, scenes, shoot, ask, die_at):
    story = write(mika, "A girl waits on a hill")
    shoot(scenes(story)[0], purpose=Take.Purpose.ANIMATIC)
    Clip.objects.update(seconds=2)  # as long as what the fixture shot
    film = ask(story)

    die_at("film_sketching")

    film.refresh_from_db()
    assert (film.job.state, film.frames) == (State.READY, 48)
    assert invariants.broken() == []
