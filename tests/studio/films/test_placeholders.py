"""Scenes without a final take play as animatics in the film, drawn at the size of the film."""

import av
import cv2
import numpy as np
import pytest

from accounts.billing import ledger
from generation.media import storage
from generation.models import Clip
from generation.providers.base import ProviderError
from generation.providers.registry import providers
from jobs import maintenance
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.films import cached_files, placeholders
from studio.films import maintenance as film_maintenance
from studio.films import services as film_services
from studio.render import merge as merging

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("draw_every_clip", "full_size")]


@pytest.fixture
def story(mika, create_story, add_take, scenes, run_jobs):
    """Two scenes: the first has a final take, the second a small animatic."""
    story = create_story(mika, "A boat crosses the bay", "A girl waits on a hill at sunset")
    add_take(scenes(story)[0])
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    return story


def animatic_of(story):
    return story.scenes.get(position=2).takes.get(purpose="animatic").clip


def read_frame(key, folder, number):
    """Return one frame of a stored video (grey levels)."""
    with av.open(str(storage.download(key, folder / f"{key.replace('/', '-')}"))) as container:
        for at, frame in enumerate(container.decode(video=0)):
            if at == number:
                return frame.to_ndarray(format="gray").astype(np.float32)
    raise AssertionError("the video has fewer frames")


def render(film, run_jobs):
    run_jobs(film.job)
    film.refresh_from_db()
    assert film.job.state == State.READY, film.job.error_public
    return film


@pytest.mark.deep
def test_a_film_is_finished_although_the_cache_is_cleared_meanwhile(story, request_film, run_jobs, monkeypatch):
    """Erasing another user empties the cache, and animatics are opened long after they were drawn."""
    merge = merging.merge

    def merge_after_clearing(*arguments, **more):
        film_maintenance.clear_cache()
        return merge(*arguments, **more)

    monkeypatch.setattr(merging, "merge", merge_after_clearing)

    render(request_film(story), run_jobs)


def test_an_animatic_is_redrawn_once_at_the_size_of_the_film(story, request_film, run_jobs, tmp_path, monkeypatch):
    animatic = animatic_of(story)
    before = Clip.objects.count()

    film = render(request_film(story), run_jobs)

    film_frame = read_frame(film.key, tmp_path, 48 + 24)
    animatic_frame = read_frame(animatic.file("mezzanine").key, tmp_path, 24)
    enlarged = cv2.resize(animatic_frame, (1280, 720), interpolation=cv2.INTER_CUBIC)
    assert film_frame.shape == (720, 1280) and animatic_frame.shape[0] == 480
    assert (
        np.abs(cv2.resize(film_frame, animatic_frame.shape[::-1], interpolation=cv2.INTER_AREA) - animatic_frame).mean()
        < 8
    )
    assert cv2.Laplacian(film_frame, cv2.CV_32F).std() > 1.2 * cv2.Laplacian(enlarged, cv2.CV_32F).std()
    assert (film.frames, Clip.objects.count()) == (96, before)
    assert ledger.get_wallet(story.workspace).spent == 0
    assert maintenance.find_violations() == []

    monkeypatch.setattr(providers()["animatic"], "draw", lambda *_: pytest.fail("drawn again"), raising=False)

    assert render(request_film(story), run_jobs).sha256 == film.sha256, "the next film uses the same drawing"


@pytest.mark.deep
def test_an_animatic_whose_source_image_was_deleted_is_enlarged(story, request_film, run_jobs, monkeypatch):
    def refuse(*_arguments):
        raise ProviderError("no_picture", "The image was deleted.")

    monkeypatch.setattr(placeholders, "build_request_with_files", refuse)

    assert render(request_film(story), run_jobs).frames == 96


@pytest.mark.deep
def test_a_film_can_be_cancelled_while_its_animatics_are_drawn(mika, story, request_film, run_jobs, monkeypatch):
    film = request_film(story)
    draw = providers()["animatic"].draw

    def cancel_and_draw(request, out, watch):
        film_services.stop_film(film=film, by=mika)
        draw(request, out, watch)

    monkeypatch.setattr(providers()["animatic"], "draw", cancel_and_draw, raising=False)
    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.is_ready) == (State.CANCELLED, False)
    assert not list((cached_files.cache_folder() / "unfinished").iterdir())
    assert Job.objects.active().count() == 0
