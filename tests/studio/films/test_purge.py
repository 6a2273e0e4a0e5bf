"""Stories are purged with their films, and no film is ever shown without its file."""

import contextlib
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.media import storage
from jobs import maintenance as job_maintenance
from jobs.models import Job
from studio import maintenance
from studio.films import worker as film_worker
from studio.models import Film, Story
from studio.stories import services as story_services

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def filmed(mika, create_story, tmp_path):
    """``filmed(days, films)``: a story with stored films that was deleted so many days ago."""

    def made(days, films=1):
        story, path = create_story(mika), tmp_path / "film.mp4"
        path.write_bytes(b"film")
        for version in range(1, films + 1):
            facts = {"kind": "film", "state": "ready", "idem_key": f"film-{story.pk}-{version}"}
            film = Film.objects.create(
                story=story, job=Job.objects.create(workspace=story.workspace, **facts), version=version,
                plan={"pieces": [{}]}, frames=48, width=1280, height=720, bytes=4, ready_at=timezone.now(),
            )  # fmt: skip
            for place in film.get_storage_keys():
                storage.store_file(path, place)
        story_services.delete_story(story=story, by=mika)
        Story.objects.filter(pk=story.pk).update(deleted_at=timezone.now() - timedelta(days=days))
        return story

    return made


@pytest.fixture
def when_files_went(monkeypatch):
    """``when_files_went(action)``: run the action each time the files of a film were removed."""

    def planned(deed):
        def remove_files(film):
            film_worker.remove_film_files(film)
            deed()

        monkeypatch.setattr("studio.films.maintenance.remove_film_files", remove_files)

    return planned


def whole(film):
    return all(storage.get_size(place) == 4 for place in film.get_storage_keys())


def test_a_story_restored_during_a_purge_keeps_its_film(mika, filmed, when_files_went):
    filmed(40)
    second = filmed(31)

    when_files_went(lambda: story_services.restore_story(story=second, by=mika))
    maintenance.empty_trash()

    assert list(Story.objects.shown()) == list(Story.objects.all()) == [second]
    assert whole(Film.objects.exclude(ready_at=None).get())


def test_a_purge_removes_only_stories_whose_films_are_gone(filmed, when_files_went):
    filmed(31)
    second = filmed(3)

    when_files_went(lambda: Story.objects.filter(pk=second.pk).update(deleted_at=timezone.now() - timedelta(days=40)))
    maintenance.empty_trash()  # the month of the second is over while the first is removed

    assert list(Story.objects.all()) == [second] and whole(second.films.get())


@pytest.mark.parametrize("is_taken_back", [False, True])
@pytest.mark.parametrize("broken", [0, 1], ids=["at its first file", "half-way"])
def test_a_store_failure_during_a_purge_shows_no_film_without_file(mika, filmed, monkeypatch, broken, is_taken_back):
    story = filmed(31, films=3)
    films, remove = list(story.films.order_by("version")), storage.delete
    failing = films[1].get_storage_keys()[broken]

    def fails(key):
        if key == failing:
            raise OSError("the store is away")
        remove(key)

    with monkeypatch.context() as patch, contextlib.suppress(OSError):
        patch.setattr(storage, "delete", fails)
        maintenance.empty_trash()

    assert [(film.is_ready, whole(film)) for film in story.films.order_by("version")] == [
        (False, broken == 0),
        (True, True),
    ]

    if is_taken_back:
        story_services.restore_story(story=story, by=mika)
    job_maintenance.run_periodic_tasks()

    kept = films[2:] if is_taken_back else []
    assert list(Film.objects.all()) == kept and all(whole(film) for film in kept)
    assert list(Story.objects.all()) == ([story] if is_taken_back else [])
    assert not [
        place for film in films if film not in kept for place in film.get_storage_keys() if storage.get_size(place)
    ]


def test_a_story_restored_during_its_purge_keeps_remaining_films(mika, filmed, when_files_went):
    story = filmed(31, films=3)

    when_files_went(lambda: story_services.restore_story(story=story, by=mika))
    maintenance.empty_trash()

    assert Story.objects.shown().get() == story
    assert [(film.is_ready, whole(film)) for film in story.films.all()] == [(True, True)] * 2
