"""A finished take is prepared for the film of its story in the background."""

import pytest

from generation.media import ffmpeg, storage
from generation.providers.registry import providers
from generation.signals import clip_ended
from jobs import maintenance
from jobs import maintenance as job_maintenance
from jobs.lifecycle import engine
from jobs.lifecycle.lease import Lease
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.films import cached_files, prefetch
from studio.films import services as film_services
from studio.render import prepare
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def end_clips(django_capture_on_commit_callbacks, run_jobs):
    """``end_clips(*takes)`` reports their clips as finished and runs the prefetch jobs."""

    def report(*takes, run=True):
        with django_capture_on_commit_callbacks(execute=True):
            for take in takes:
                clip_ended.send(sender=None, job=take.clip.job)
        if run:
            run_jobs()

    return report


def list_takes(story):
    return [scene.chosen for scene in story.scenes.in_order().select_related("chosen__clip__job")]


def prefetch_jobs():
    return Job.objects.filter(kind=prefetch.KIND)


def test_a_film_of_prefetched_takes_converts_and_decodes_nothing(
    create_storyboard, end_clips, request_film, run_jobs, monkeypatch
):
    story = create_storyboard(3)
    end_clips(*list_takes(story))
    monkeypatch.setattr("studio.render.resize.ffmpeg.run", lambda *_a, **_m: pytest.fail("converted again"))
    monkeypatch.setattr(Clip, "decode_frames", lambda *_a, **_m: pytest.fail("decoded again"))

    film = request_film(story)
    run_jobs(film.job)

    film.refresh_from_db()
    assert (film.job.state, film.frames) == (State.READY, 144)


def test_takes_that_end_together_share_one_hidden_job(create_storyboard, end_clips):
    end_clips(*list_takes(create_storyboard(3)), run=False)

    assert prefetch_jobs().count() == 1
    assert not Job.objects.shown().filter(kind=prefetch.KIND).exists()


def test_a_finished_prefetch_job_is_removed(create_storyboard, end_clips):
    end_clips(*list_takes(create_storyboard(2)))
    assert [job.state for job in prefetch_jobs()] == [State.READY]

    job_maintenance.purge_trash()

    assert not prefetch_jobs().exists()
    assert maintenance.find_violations() == []


def test_prefetched_takes_are_not_prefetched_again(create_storyboard, end_clips, monkeypatch):
    story = create_storyboard(2)
    end_clips(*list_takes(story))
    monkeypatch.setattr(prepare, "prepare_clip", lambda *_a, **_m: pytest.fail("prefetched again"))

    end_clips(*list_takes(story))

    assert [job.state for job in prefetch_jobs()] == [State.READY, State.READY]


def test_drafts_are_drawn_in_the_size_of_the_film_in_advance(
    mika, create_story, end_clips, request_film, run_jobs, monkeypatch
):
    story = create_story(mika, "A girl waits on a hill at sunset")
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    end_clips(story.scenes.get().takes.get())
    monkeypatch.setattr(
        type(providers()["animatic"]), "draw", lambda *_a, **_m: pytest.fail("drawn when the film was made")
    )

    film = request_film(story)
    run_jobs(film.job)

    film.refresh_from_db()
    assert film.job.state == State.READY


def test_drafts_are_not_drawn_in_advance_while_clips_wait(mika, create_story, end_clips, run_jobs, monkeypatch):
    story = create_story(mika, "A girl waits on a hill at sunset", "A dog")
    drawing_services.draw_animatics(story=story, by=mika, idem_key="a")
    run_jobs()
    take = story.scenes.get(position=1).takes.get()
    end_clips(take, run=False)
    Job.objects.filter(clip__scene_takes__scene__position=2).update(state=State.QUEUED)
    monkeypatch.setattr(prefetch, "draw_placeholder", lambda *_a, **_m: pytest.fail("drawn before a waiting clip"))

    run_jobs(prefetch_jobs().get())


def test_choosing_a_take_or_a_size_prefetches_it(
    mika, create_storyboard, add_take, scenes, django_capture_on_commit_callbacks, run_jobs, monkeypatch
):
    story = create_storyboard(1)
    other = add_take(scenes(story)[0], n=5, purpose="animatic")
    heights = []
    prepare_clip = prepare.prepare_clip
    monkeypatch.setattr(
        prepare, "prepare_clip", lambda *a, **m: heights.append(m["format"].height) or prepare_clip(*a, **m)
    )

    with django_capture_on_commit_callbacks(execute=True):
        drawing_services.choose_take(take=other, by=mika)
    run_jobs()
    assert heights == [180]

    with django_capture_on_commit_callbacks(execute=True):
        drawing_services.choose_take(take=scenes(story)[0].takes.get(purpose="final"), by=mika)
    run_jobs()
    with django_capture_on_commit_callbacks(execute=True):
        film_services.change_film_settings(story=story, by=mika, changes={"resolution": 1080})
    run_jobs()

    assert heights == [180, 180, 270]


def test_prefetching_one_clip_reports_progress(mika, create_storyboard, end_clips, full_size, monkeypatch):
    seen = []
    report = Lease.report
    monkeypatch.setattr(
        Lease, "report", lambda claim, permille, *a, **m: seen.append(permille) or report(claim, permille)
    )
    monkeypatch.setattr(ffmpeg, "PROGRESS_SECONDS", 0.02)  # a fast machine finishes within two of the usual intervals
    story = create_storyboard(1)
    film_services.change_film_settings(story=story, by=mika, changes={"resolution": 1080})

    end_clips(*list_takes(story))

    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert seen[-1] > 900


def test_prefetching_ignores_missing_and_damaged_clips(create_storyboard, end_clips, request_film, run_jobs):
    story = create_storyboard(3)
    first, second, _third = list_takes(story)
    storage.delete(first.clip.file("mezzanine").key)
    storage.delete(second.clip.file("mezzanine").key)
    storage.store_file(write_web_page(cached_files.cache_folder()), second.clip.file("mezzanine").key)

    end_clips(first)

    assert [job.state for job in prefetch_jobs()] == [State.READY]
    film = request_film(story)
    run_jobs(film.job)
    film.job.refresh_from_db()
    assert film.job.error_public.startswith("Scene 1: The clip no longer exists.")


def write_web_page(folder):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "page.mp4"
    path.write_bytes(b"<!doctype html>" * 100)
    return path


def test_a_full_disk_postpones_the_job(create_storyboard, end_clips, monkeypatch):
    def full(*_arguments, **_more):
        raise FilmRefused("no_space", "The disk is full.")

    monkeypatch.setattr(prepare, "prepare_clip", full)
    story = create_storyboard(1)
    end_clips(*list_takes(story), run=False)
    engine.advance(prefetch_jobs().get().pk)

    assert (prefetch_jobs().get().state, prefetch_jobs().get().progress_note) == (
        State.RUNNING,
        "The disk is full. Waiting for free space.",
    )


def test_a_deleted_story_is_not_prefetched(mika, create_storyboard, end_clips, run_jobs, monkeypatch):
    story = create_storyboard(1)
    end_clips(*list_takes(story), run=False)
    story_services.delete_story(story=story, by=mika)
    monkeypatch.setattr(prepare, "prepare_clip", lambda *_a, **_m: pytest.fail("prefetched"))

    run_jobs()

    assert [job.state for job in prefetch_jobs()] == [State.READY]


def test_nothing_is_prefetched_while_the_film_is_rendered(create_storyboard, end_clips, request_film, monkeypatch):
    story = create_storyboard(2)
    request_film(story)
    monkeypatch.setattr(prepare, "prepare_clip", lambda *_a, **_m: pytest.fail("prepared twice at the same time"))

    end_clips(*list_takes(story), run=False)
    engine.advance(prefetch_jobs().get().pk)

    assert prefetch_jobs().get().state == State.READY
