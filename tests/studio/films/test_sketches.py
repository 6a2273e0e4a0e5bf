"""Scenes without a take play as animatics in the film, drawn as large as the film is."""

import av
import cv2
import numpy as np
import pytest

from accounts.billing import ledger
from generation.media import storage
from generation.models import Clip
from generation.providers.base import ProviderError
from generation.providers.registry import providers
from jobs import invariants
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.films import (
    maintenance as film_maintenance,
)
from studio.films import (
    placeholders,
)
from studio.films import (
    services as film_services,
)
from studio.films import (
    worker as film_worker,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawn_for_good")]


@pytest.fixture
def story(mika, write, shoot, scenes, work):
    """Two scenes: the first is drawn for good, the second plays as a small animatic."""
    story = write(mika, "A boat crosses the bay", "A girl waits on a hill at sunset")
    shoot(scenes(story)[0])
    drawing_services.animate(story=story, by=mika, idem_key="a")
    work()
    return story


def sketch_of(story):
    return story.scenes.get(position=2).takes.get(purpose="animatic").clip


def lumas(key, folder, number):
    """Frame ``number`` of what lies in the store."""
    with av.open(str(storage.copy_to(key, folder / f"{key.replace('/', '-')}"))) as container:
        for at, frame in enumerate(container.decode(video=0)):
            if at == number:
                return frame.to_ndarray(format="gray").astype(np.float32)
    raise AssertionError("so many frames are not there")


def made(film, work):
    work(film.job)
    film.refresh_from_db()
    assert film.job.state == State.READY, film.job.error_public
    return film


@pytest.mark.slow
def test_parts_of_films_that_are_thrown_away_while_it_is_made_only_cost_time(story, ask, work, monkeypatch):
    """As when somebody else is erased: its animatics are opened long after they were drawn."""
    merge = film_worker.merge

    def emptied(*arguments, **more):
        film_maintenance.forget_parts()
        return merge(*arguments, **more)

    monkeypatch.setattr(film_worker, "merge", emptied)

    made(ask(story), work)


@pytest.mark.slow
def test_an_animatic_is_the_same_drawing_with_the_films_own_lines(story, ask, work, tmp_path):
    small = sketch_of(story)
    before = Clip.objects.count()

    film = made(ask(story), work)

    shown = lumas(film.key, tmp_path, 48 + 24)
    drawn = lumas(small.file("mezzanine").key, tmp_path, 24)
    enlarged = cv2.resize(drawn, (1280, 720), interpolation=cv2.INTER_CUBIC)
    assert shown.shape == (720, 1280) and drawn.shape[0] == 480
    assert np.abs(cv2.resize(shown, drawn.shape[::-1], interpolation=cv2.INTER_AREA) - drawn).mean() < 8
    assert cv2.Laplacian(shown, cv2.CV_32F).std() > 1.2 * cv2.Laplacian(enlarged, cv2.CV_32F).std()
    assert (film.frames, Clip.objects.count()) == (96, before)
    assert ledger.wallet_of(story.workspace).spent == 0
    assert invariants.broken() == []


@pytest.mark.slow
def test_it_is_drawn_once_for_all_films(story, ask, work, monkeypatch):
    first = made(ask(story), work)
    monkeypatch.setattr(providers()["animatic"], "draw", lambda *_: pytest.fail("drawn again"), raising=False)

    assert made(ask(story), work).sha256 == first.sha256


def test_one_whose_picture_is_gone_stays_small_and_the_film_is_made(story, ask, work, monkeypatch):
    def gone(*_arguments):
        raise ProviderError("no_picture", "The picture is gone.")

    monkeypatch.setattr(placeholders, "request_of", gone)

    assert made(ask(story), work).frames == 96


def test_a_film_is_stopped_while_its_animatics_are_drawn(mika, story, ask, work, monkeypatch):
    film = ask(story)
    draw = providers()["animatic"].draw

    def stopped_on_the_way(request, out, watch):
        film_services.stop_film(film=film, by=mika)
        draw(request, out, watch)

    monkeypatch.setattr(providers()["animatic"], "draw", stopped_on_the_way, raising=False)
    work(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.is_ready) == (State.CANCELLED, False)
    assert not list((film_worker.cache_folder() / "unfinished").iterdir())
    assert Job.objects.active().count() == 0
