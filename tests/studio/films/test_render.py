"""A requested film is rendered as agreed and stored completely."""

import hashlib

import av
import pytest
from django.db.models.functions import Now

from generation.media import storage
from jobs import maintenance
from jobs import services as jobs
from jobs.access import with_permissions
from jobs.models import Job, State
from jobs.views.cards import render_partials
from studio.films import cards as film_cards
from studio.films import services as film_services
from studio.models import Film
from studio.scenes import services as scene_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def render_film(request_film, run_jobs):
    """``render_film(story)`` requests a film and renders it."""

    def render(story, **more):
        film = request_film(story, **more)
        run_jobs(film.job)
        film.refresh_from_db()
        assert film.job.state == State.READY, film.job.error_public
        return film

    return render


@pytest.mark.rows
def test_a_film_has_its_planned_length_and_its_recorded_digest(create_storyboard, update_scene, render_film):
    story = create_storyboard(3)
    update_scene(story, 1, join_kind="crossfade", join_frames=12)
    update_scene(story, 2, trim_in=6, trim_out=6)

    film = render_film(story)

    assert film.frames == 48 + 36 + 48 - 12
    content = b"".join(storage.read_chunks(film.key))
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (film.sha256, film.bytes)
    assert [chapter["n"] for chapter in film.chapters] == [1, 2, 3]
    assert film.chapters[-1]["end"] == film.frames
    assert all(storage.get_size(film.get_still_key(number)) for number in range(3))
    assert maintenance.find_violations() == []


def test_a_film_has_the_chosen_aspect_ratio_size_and_cards(mika, create_storyboard, render_film, full_size, tmp_path):
    story = create_storyboard(1, ratio="9:16")
    cards = {"title_text": "夏の終わり", "title_seconds": 1, "end_text": "Fin", "end_seconds": 2}
    film_services.change_film_settings(story=story, by=mika, changes=cards)

    film = render_film(story)

    with av.open(str(storage.download(film.key, tmp_path / "film.mp4"))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (720, 1280, 24 + 48 + 48)
    assert [chapter["place"] for chapter in film.chapters] == ["title", "scene", "end"]
    assert film.poster == 1


def test_a_second_film_is_a_new_version(create_storyboard, update_scene, render_film):
    story = create_storyboard(2)
    first = render_film(story, name="Cold")
    update_scene(story, 1, join_kind="fade_black", join_frames=12)

    second = render_film(story)

    assert [(film.version, str(film)) for film in Film.objects.newest_first()] == [(2, "Version 2"), (1, "Cold")]
    assert first.sha256 != second.sha256
    assert storage.get_size(first.key) == first.bytes


@pytest.mark.rows
def test_one_idempotency_key_makes_one_film(create_storyboard, request_film):
    story = create_storyboard(1)

    assert request_film(story, idem_key="film-k") == request_film(story, idem_key="film-k")
    assert Film.objects.count() == Job.objects.filter(kind="film").count() == 1


def test_changes_after_the_request_do_not_change_the_film(
    mika, create_storyboard, update_scene, request_film, run_jobs, add_take, scenes
):
    story = create_storyboard(2)
    film = request_film(story)
    update_scene(story, 1, trim_in=20, join_kind="iris")
    add_take(scenes(story)[1], n=9, frames=96)

    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.is_ready, film.frames) == (True, 96)


def test_a_film_lists_its_sources(create_storyboard, add_take, scenes, request_film, create_story, mika):
    story = create_story(mika, "one", "two")
    add_take(scenes(story)[0])
    add_take(scenes(story)[1], purpose="animatic")

    film = request_film(story)

    assert [(source["n"], source["purpose"], source["frames"]) for source in film.made_from] == [
        (1, "final", 48),
        (2, "animatic", 48),
    ]


def test_an_empty_scene_becomes_a_numbered_card(mika, create_storyboard, render_film):
    story = create_storyboard(2)
    scene_services.add_scene(story=story, by=mika, at=2)

    film = render_film(story)

    assert film.frames == 48 + 5 * 24 + 48
    assert [(chapter["n"], chapter["title"]) for chapter in film.chapters][1] == (2, "Scene 2")
    assert [(source["n"], source["purpose"]) for source in film.made_from] == [(1, "final"), (2, "empty"), (3, "final")]
    assert any("Scene 2 has neither text nor an image" in text for text in film.notes)


@pytest.mark.usefixtures("commits")
def test_a_cancelled_film_leaves_no_file_and_can_be_retried(
    mika, create_storyboard, request_film, run_jobs, monkeypatch
):
    story = create_storyboard(2)
    film = request_film(story)
    monkeypatch.setattr(
        "generation.media.frame.read_frame", lambda *_: film_services.stop_film(film=film, by=mika) or create_picture()
    )
    run_jobs(film.job)
    film.refresh_from_db()
    assert (film.job.state, film.is_ready) == (State.CANCELLED, False)
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]
    monkeypatch.undo()

    retried = jobs.retry(film.job, by=mika)
    run_jobs(retried)

    film.refresh_from_db()
    assert (film.job, film.is_ready) == (retried, True)


def create_picture():
    from PIL import Image

    return Image.new("RGB", (64, 64))


@pytest.mark.usefixtures("commits")
def test_a_film_is_deleted_restored_and_purged(mika, create_storyboard, render_film):
    film = render_film(create_storyboard(1))
    film_services.delete_film(film=film, by=mika)
    assert not Film.objects.shown().exists()
    film_services.restore_film(film=film, by=mika)
    assert Film.objects.shown().get() == film

    film_services.delete_film(film=film, by=mika)
    jobs.purge(Job.objects.get(pk=film.job_id))

    assert not Film.objects.exists()
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("state", ["queued", "running", "stored"])
@pytest.mark.rows
def test_a_film_deleted_while_rendering_is_hidden_and_leaves_no_file(
    mika, create_storyboard, request_film, run_jobs, monkeypatch, state
):
    film = request_film(create_storyboard(1))
    if state == "queued":
        film_services.delete_film(film=film, by=mika)
    else:
        failpoint_name = {"running": "film_downloaded", "stored": "film_shown"}[state]
        delete = lambda name, key: name == failpoint_name and film_services.delete_film(film=film, by=mika)  # noqa: E731
        monkeypatch.setattr("studio.films.worker.failpoint", delete)
    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.job.deleted_at is not None) == (State.CANCELLED, True)
    assert not [key for key, *_ in storage.list_objects("films") if str(film.pk) in key]
    assert maintenance.find_violations() == []


def test_the_card_of_a_running_film_is_drawn_with_and_without_its_time(create_storyboard, request_film, mika):
    film = request_film(create_storyboard(1))
    Job.objects.filter(pk=film.job_id).update(state=State.RUNNING, started_at=Now())
    [job] = with_permissions(Job.objects.filter(pk=film.job_id), mika)

    assert "data-elapsed" not in film_cards.render_card(job)  # its time was not read
    [live] = render_partials([job], mika)
    assert "data-elapsed" in live.partition("article.job")[2]
