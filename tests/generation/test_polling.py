"""Polls are answered with 304 until something that they show has changed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models import F

from common.web import conditional
from generation.models import Clip
from jobs.events import user_actor, write_event
from jobs.models import Job


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Stop the time that ends a tag."""
    monkeypatch.setattr(conditional, "time", SimpleNamespace(time=lambda: 10**9))


def poll(browser, path, tag="", target=""):
    headers = {"HX-Request": "true", "HX-Target": target, "If-None-Match": tag}
    return browser.get(path, headers={name: value for name, value in headers.items() if value})


def test_a_poll_is_answered_in_full_only_after_a_change(sign_in, mika, ren, queue_clips, django_assert_max_num_queries):
    [clip], [other] = queue_clips(mika), queue_clips(ren)
    browser = sign_in(mika)
    page = browser.get(clip.get_absolute_url()).wsgi_request.path
    polls = {
        f"/jobs/live/?ids={clip.job_id}": "main#main", f"{page}card/": "", page: f"div#job-{clip.job_id}",
    }  # fmt: skip
    changes = {
        "name": lambda: Clip.objects.filter(pk=clip.pk).update(title="Renamed"),
        "place": lambda: Job.objects.filter(pk=other.job_id).update(next_run_at=clip.created_at - timedelta(hours=1)),
        "progress": lambda: Job.objects.filter(pk=clip.job_id).update(progress=F("progress") + 1, rev=F("rev") + 1),
    }
    tags = {path: poll(browser, path, target=target).headers["ETag"] for path, target in polls.items()}

    for name, change in changes.items():
        for path, target in polls.items():
            with django_assert_max_num_queries(7):
                assert poll(browser, path, tags[path], target).status_code == 304, (name, path)
        change()
        for path, target in polls.items():
            with django_assert_max_num_queries(12):
                answer = poll(browser, path, tags[path], target)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache"), (name, path)
            tags[path] = answer.headers["ETag"]

    live = next(iter(polls))
    queue_clips(mika)  # changes the badge in the menu, and no row on the page
    assert poll(browser, live, tags[live], polls[live]).status_code == 200

    for model, pk in ((Clip, clip.pk), (Job, clip.job_id)):  # as for a member who has left the workspace
        model.objects.filter(pk=pk).update(workspace=ren.workspaces.get())
    answers = [poll(browser, path, tags[path], target) for path, target in polls.items()]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert str(clip.job_id) not in answers[0].text


def test_the_page_of_a_job_is_polled_in_full_only_after_an_event(sign_in, mika, queue_clips):
    [clip] = queue_clips(mika)
    browser, path = sign_in(mika), f"/jobs/{clip.job_id}/"
    tag = poll(browser, path, target="div#live-job").headers["ETag"]

    assert poll(browser, path, tag, "div#live-job").status_code == 304
    write_event(clip.job, user_actor(mika), reason="resumed")
    answer = poll(browser, path, tag, "div#live-job")

    assert answer.status_code == 200
    assert "Resumed" in answer.text and "<html" not in answer.text


def test_messages_are_shown_once_and_not_kept_by_the_browser(rf, sign_in, mika, queue_clips):
    [clip] = queue_clips(mika)
    browser, path = sign_in(mika), f"/clips/{clip.pk}/card/"
    browser.get("/jobs/")
    tag = poll(browser, path).headers["ETag"]
    browser.post(f"/clips/{clip.pk}/rename/", {"title": ""}, headers={"HX-Request": "true"})

    answer = poll(browser, path, tag)

    assert answer.status_code == 200 and "toast" in answer.text
    assert "ETag" not in answer.headers and "no-store" in answer.headers["Cache-Control"]
    assert poll(browser, path, tag).status_code == 304


def test_a_tag_belongs_to_one_viewer_language_and_period(rf, mika, ren, monkeypatch):
    def build(user):
        request = rf.get("/jobs/live/")
        request.user = user
        return conditional.build_tag(request, [1])

    tags = {build(mika), build(ren)}
    monkeypatch.setattr(conditional, "time", SimpleNamespace(time=lambda: 2 * 10**9))
    tags.add(build(mika))

    assert len(tags) == 3
