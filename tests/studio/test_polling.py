"""A poll of the storyboard is answered with 304 until something that it shows has changed."""

from types import SimpleNamespace

from django.db.models.functions import Now
from django.urls import reverse

from common.web import conditional
from studio.drawing import services as drawing
from studio.models import Scene, Take


def test_the_storyboard_is_polled_in_full_only_after_a_change(
    sign_in, mika, create_story, scenes, key, run_jobs, monkeypatch
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
        answer = browser.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200, number
        tag = answer.headers["ETag"]
