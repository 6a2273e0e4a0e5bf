"""Polls of a story's pages are answered with 304 until something that they show has changed."""

from types import SimpleNamespace

from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Membership
from common.web import conditional
from jobs.models import Job
from studio.drawing import services as drawing
from studio.first_film.services import make_first_film
from studio.models import Direction, Film, Scene, Take


def test_the_storyboard_is_polled_in_full_only_after_a_change(
    sign_in, mika, create_story, scenes, key, run_jobs, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(conditional, "time", SimpleNamespace(time=lambda: 10**9))
    story = create_story(mika, "A girl waits", "The train comes")
    first, second = scenes(story)
    drawing.draw_animatics(story=story, by=mika, idem_key=key(), scenes=[first.pk])
    run_jobs()
    browser, path = sign_in(mika), reverse("studio:live", args=[story.pk])
    browser.get(story.get_absolute_url())
    tag = browser.get(path).headers["ETag"]
    changes = [
        lambda: Scene.objects.filter(pk=second.pk).update(prompt="The train leaves", rev=2),
        lambda: Scene.objects.filter(pk=second.pk).update(is_locked=True),
        lambda: Take.objects.filter(scene=first).update(stale_since=Now(), stale_characters="Aki"),
        lambda: drawing.draw_animatics(story=story, by=mika, idem_key=key(), scenes=[second.pk]),
    ]

    for number, change in enumerate(changes):
        assert browser.get(path, headers={"If-None-Match": tag}).status_code == 304, number
        change()
        with django_assert_max_num_queries(12):
            answer = browser.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200, number
        tag = answer.headers["ETag"]


def test_films_and_the_director_are_polled_in_full_only_after_a_change(
    sign_in, mika, ren, create_story, key, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(conditional, "time", SimpleNamespace(time=lambda: 10**9))
    story = create_story(mika, "A girl waits", "The train comes")
    make_first_film(story=story, by=mika, idem_key=key())
    job = story.runs.get().job
    film = Film.objects.create(story=story, job=job, version=1, plan={"pieces": []}, frames=96, width=640, height=360)
    direction = Direction.objects.create(story=story, created_by=mika, job=job, idea="A train", requested_step="shots")
    trim = {"trim_in": F("trim_in") + 1}
    polls = {
        reverse("studio:film", args=[story.pk]): ("film-live", lambda: story.scenes.update(**trim)),
        film.get_absolute_url(): (f"job-{job.pk}", lambda: Job.objects.filter(pk=job.pk).update(progress=100)),
        reverse("studio:first_film", args=[story.pk]): ("first-film", lambda: story.scenes.update(**trim)),
        reverse("studio:director", args=[story.pk]): (
            "direction", lambda: Direction.objects.filter(pk=direction.pk).update(response="A girl"),
        ),
    }  # fmt: skip
    browser = sign_in(mika)
    browser.get("/create/")  # sets the cookie of the token in forms, to which tags belong

    tags = {}
    for path, (target, change) in polls.items():
        headers = tags[path] = {"HX-Request": "true", "HX-Target": f"div#{target}"}
        headers["If-None-Match"] = browser.get(path, headers=headers).headers["ETag"]
        assert browser.get(path, headers=headers).status_code == 304, path
        change()
        with django_assert_max_num_queries(12):
            answer = browser.get(path, headers=headers)
        assert answer.status_code == 200 and "<html" not in answer.text, path
        headers["If-None-Match"] = answer.headers["ETag"]

    Membership.objects.filter(user=mika).update(role="viewer")
    assert {browser.get(path, headers=headers).status_code for path, headers in tags.items()} == {200}
    type(story).objects.filter(pk=story.pk).update(workspace=ren.workspaces.get())
    assert {browser.get(path, headers=headers).status_code for path, headers in tags.items()} == {404}
