"""The limits of stories and films."""

import pytest

from accounts.billing.refusals import LimitReached
from jobs import services as jobs
from jobs.estimates import monthly
from studio.models import Story
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db


def test_stories_beyond_the_limit_are_refused_until_one_is_deleted(sign_in, mika, create_story, settings):
    settings.STORIES_PER_WORKSPACE = 2
    browser, first, second = sign_in(mika), create_story(mika), create_story(mika)

    answer = browser.post("/stories/new/blank/", {"title": "Third", "ratio": "16:9", "style": "cel"})
    assert answer.status_code == 409
    assert "The limit of stories is reached: 2 of 2." in answer.content.decode()
    assert "Compare plans" not in answer.text
    settings.BILLING = True
    answer = browser.post("/stories/new/blank/", {"title": "Third", "ratio": "16:9", "style": "cel"})
    assert 'href="/plans/"' in answer.text and "Compare plans" in answer.text
    settings.BILLING = False
    assert browser.post(f"/stories/{second.pk}/duplicate/").status_code == 409

    settings.STORIES_PER_WORKSPACE = 1  # such as by another plan: both stories stay
    shown = browser.get("/stories/").content.decode()
    assert str(first.pk) in shown and browser.get(second.get_absolute_url()).status_code == 200
    settings.STORIES_PER_WORKSPACE = 2

    story_services.delete_story(story=first, by=mika)
    create_story(mika)
    assert browser.post(f"/stories/{first.pk}/restore/").status_code == 409
    assert Story.objects.filter(deleted_at=None).count() == 2


def test_films_are_limited_to_minutes_a_month(mika, settings):
    settings.FILM_MINUTES_A_MONTH = 2
    workspace = mika.workspaces.get()
    job = jobs.submit(workspace=workspace, by=mika, kind="film", title="Film", params={}, idem_key="a", seconds=90)

    monthly.check_film_minutes(workspace, 30)
    with pytest.raises(LimitReached, match=r"1.5 are used, and this film takes 0.5"):
        monthly.check_film_minutes(workspace, 31)

    jobs.cancel(job, by=mika)
    monthly.check_film_minutes(workspace, 120)
