"""Films have sound by default: the ambient sound of each place, and music that the studio composes for the film."""

import numpy as np
import pytest
from django.urls import reverse

from generation.media import storage
from jobs.models import State
from studio.drawing import services as drawing_services
from studio.films import services as film_services
from studio.models import FilmSettings
from studio.render.loudness import measure
from tests.studio.render.clips import read_sound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_scores():
    """Compose the music of films here (tests/studio/conftest.py)."""


@pytest.fixture
def drafts(mika, create_story, run_jobs):
    """A story of two animatics."""
    story = create_story(mika, "A boat crosses the bay", "A girl walks through the city")
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    return story


@pytest.fixture
def hear(mika, drafts, request_film, run_jobs, tmp_path):
    """``hear(mood="")`` makes the film with these settings. Returns the film and its sound."""

    def make(**changes):
        if changes:
            film_services.change_film_settings(story=drafts, by=mika, changes=changes)
        film = request_film(drafts)
        run_jobs(film.job)
        film.refresh_from_db()
        assert film.job.state == State.READY, film.job.error_public
        return film, read_sound(storage.download(film.key, tmp_path / f"{film.pk}.mp4"))

    return make


def loudness_of(sound):
    return measure([(np.clip(sound, -1, 1) * 32767).astype(np.int16)])[0]


def test_a_film_of_drafts_has_ambient_sound_and_music(hear):
    film, sound = hear()
    _film, without_music = hear(mood="")

    assert film.has_sound and film.plan["music"]["mood"] == "gentle"
    for heard in (sound, without_music):
        assert 20 * np.log10(np.abs(heard).max()) > -30
        assert loudness_of(heard) == pytest.approx(-16, abs=2)


def test_sound_can_be_switched_off_for_the_next_film(hear):
    film, sound = hear(mood="", has_scene_sound=False)
    _film, music_only = hear(mood="tense")

    assert not film.has_sound and np.abs(sound).max() == 0
    assert loudness_of(music_only) == pytest.approx(-16, abs=2)


def test_music_of_a_story_stays_the_same(hear):
    first, _sound = hear()
    again, _sound = hear()

    assert first.sha256 == again.sha256


def test_one_list_offers_moods_and_tracks(mika, create_story, sign_in):
    browser, url = sign_in(mika), reverse("studio:film_settings", args=[create_story(mika, "A boat").pk])

    browser.post(url, {"music": "playful", "has_has_scene_sound": "1"})
    chosen = FilmSettings.objects.get()
    assert (chosen.mood, chosen.music, chosen.has_scene_sound) == ("playful", None, False)

    browser.post(url, {"music": "", "has_has_scene_sound": "1", "has_scene_sound": "on"})
    chosen.refresh_from_db()
    assert (chosen.mood, chosen.music, chosen.has_scene_sound) == ("", None, True)
