"""Users who still work while a workspace is being erased get a clear message."""

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from jobs.models import Job
from studio.models import Scene, Story

pytestmark = pytest.mark.django_db
MESSAGE = "This workspace is being erased. Nothing was started."
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/stories/"}


@pytest.fixture
def browser(mika, sign_in):
    return sign_in(mika)


@pytest.fixture
def story(mika, create_story):
    """A story of a workspace that is being erased."""
    story = create_story(mika, "A boat crosses the bay")
    User.objects.filter(pk=mika.pk).update(closing_at=Now())
    return story


def test_no_story_is_created_or_copied_during_erasure(browser, story):
    for response in (
        browser.post(reverse("studio:blank"), {"title": "Two", "words": "A girl waits"}),
        browser.post(reverse("studio:duplicate", args=[story.pk])),
    ):
        assert response.status_code == 409 and MESSAGE in response.content.decode()

    assert Story.objects.get() == story and not Job.objects.exists()


def test_background_requests_during_erasure_get_a_toast(browser, story):
    response = browser.post(reverse("studio:duplicate", args=[story.pk]), headers=HTMX)

    assert response.status_code == 409 and response.headers["HX-Reswap"] == "none"
    assert response.content.decode().strip().startswith("<hx-partial") and MESSAGE in response.content.decode()


def test_a_scene_created_during_erasure_is_kept_without_animatic(browser, story):
    headers = HTMX | {"HX-Current-URL": f"http://testserver{story.get_absolute_url()}"}
    response = browser.post(reverse("studio:add", args=[story.pk]), {"prompt": "A girl waits"}, headers=headers)

    assert response.status_code == 200 and MESSAGE in response.content.decode()
    assert Scene.objects.count() == 2 and not Job.objects.exists()
