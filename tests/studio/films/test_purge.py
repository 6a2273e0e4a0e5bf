"""Stories are purged with their films, and no film is shown without its file."""

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
def create_deleted_story(mika, create_story, tmp_path):
    """``create_deleted_story(days, films)`` creates a story with stored films that was deleted days ago."""

    def create(days, films=1):
        story, path = create_story(mika), tmp_path / "film.mp4"
        path.write_bytes(b"film")
        for version in range(1, films + 1):
            fields = {"kind": "film", "state": "ready", "idem_key": f"film-{story.pk}-{version}"}
            film = Film.objects.create(
                story=story, job=Job.objects.create(workspace=story.workspace, **fields), version=version,
                plan={"pieces": [{}]}, frames=48, width=1280, height=720, bytes=4, ready_at=timezone.now(),
            )  # fmt: skip
            for storage_key in film.get_storage_keys():
                storage.store_file(path, storage_key)
        story_services.delete_story(story=story, by=mika)
        Story.objects.filter(pk=story.pk).update(deleted_at=timezone.now() - timedelta(days=days))
        return story

    return create


@pytest.fixture
def after_file_removal(monkeypatch):
    """``after_file_removal(action)`` runs the action each time the files of a film were removed."""

    def plan(action):
        def remove_files(film):
            film_worker.remove_film_files(film)
            action()

        monkeypatch.setattr("studio.films.maintenance.remove_film_files", remove_files)

    return plan


def has_all_files(film):
    return all(storage.get_size(storage_key) == 4 for storage_key in film.get_storage_keys())


def test_a_story_restored_during_a_purge_keeps_its_film(mika, create_deleted_story, after_file_removal):
    create_deleted_story(40)
    second = create_deleted_story(31)

    after_file_removal(lambda: story_services.restore_story(story=second, by=mika))
    maintenance.empty_trash()

    assert list(Story.objects.shown()) == list(Story.objects.all()) == [second]
    assert has_all_files(Film.objects.exclude(ready_at=None).get())


def test_a_purge_removes_only_stories_whose_films_are_gone(create_deleted_story, after_file_removal):
    create_deleted_story(31)
    second = create_deleted_story(3)

    after_file_removal(
        lambda: Story.objects.filter(pk=second.pk).update(deleted_at=timezone.now() - timedelta(days=40))
    )
    maintenance.empty_trash()  # the second expires while the first is removed

    assert list(Story.objects.all()) == [second] and has_all_files(second.films.get())


@pytest.mark.parametrize("is_restored", [False, True])
@pytest.mark.parametrize("failing_file", [0, 1], ids=["first file", "later file"])
def test_a_store_failure_during_a_purge_shows_no_film_without_file(
    mika, create_deleted_story, monkeypatch, failing_file, is_restored
):
    story = create_deleted_story(31, films=3)
    films, remove = list(story.films.order_by("version")), storage.delete
    failing = films[1].get_storage_keys()[failing_file]

    def fail(key):
        if key == failing:
            raise OSError("the store is unavailable")
        remove(key)

    with monkeypatch.context() as patch, contextlib.suppress(OSError):
        patch.setattr(storage, "delete", fail)
        maintenance.empty_trash()

    assert [(film.is_ready, has_all_files(film)) for film in story.films.order_by("version")] == [
        (False, failing_file == 0),
        (True, True),
    ]

    if is_restored:
        story_services.restore_story(story=story, by=mika)
    job_maintenance.run_periodic_tasks()

    remaining = films[2:] if is_restored else []
    assert list(Film.objects.all()) == remaining and all(has_all_files(film) for film in remaining)
    assert list(Story.objects.all()) == ([story] if is_restored else [])
    assert not [
        storage_key
        for film in films
        if film not in remaining
        for storage_key in film.get_storage_keys()
        if storage.get_size(storage_key)
    ]


def test_a_story_restored_during_its_purge_keeps_remaining_films(mika, create_deleted_story, after_file_removal):
    story = create_deleted_story(31, films=3)

    after_file_removal(lambda: story_services.restore_story(story=story, by=mika))
    maintenance.empty_trash()

    assert Story.objects.shown().get() == story
    assert [(film.is_ready, has_all_files(film)) for film in story.films.all()] == [(True, True)] * 2
