"""Topics of stories: a revision changes with everything that a story's pages show."""

import pytest
from django.db.models.functions import Now

from accounts.viewer import Viewer
from common.live import topics
from generation.services.clips import delete_clip
from jobs import hints
from jobs.models import Job
from studio import topics as story_topics
from studio.drawing import services as drawing
from studio.films import services as films
from studio.models import Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import services as story_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, scenes, key, run_jobs):
    """A story of two scenes, the first of which is drawn."""
    story = create_story(mika, "A girl waits", "The train comes")
    drawing.draw_animatics(story=story, by=mika, idem_key=key(), scenes=[scenes(story)[0].pk])
    run_jobs()
    return story


def test_revision_changes_with_what_pages_show_only(mika, story, scenes, key, run_jobs):
    first, second = scenes(story)
    changes = {
        "title": lambda: story_services.change_story(story=story, by=mika, changes={"title": "Winter"}),
        "text": lambda: edits.edit_scene(scene=second, by=mika, rev=second.rev, changes={"prompt": "It leaves"}),
        "order": lambda: scene_services.move_scene(scene=second, by=mika, to=1),
        "film": lambda: films.change_film_settings(story=story, by=mika, changes={"mood": "tense"}),
        "looks": lambda: Take.objects.filter(scene=first).update(stale_since=Now(), stale_characters="Aki"),
        "drawing": lambda: drawing.draw_animatics(story=story, by=mika, idem_key=key(), scenes=[second.pk]),
        "progress": run_jobs,
        "trash": lambda: delete_clip(first.takes.get().clip, by=mika),
    }

    for name, change in changes.items():
        before = topics.name_topic("story", story.pk)
        assert topics.name_topic("story", story.pk) == before
        change()
        assert topics.name_topic("story", story.pk) != before, name


def test_story_is_loaded_with_its_revision(story):
    row = type(story).objects.annotate(revision=story_topics.REVISION).get(pk=story.pk)

    assert story_topics.name_topic(row) == story_topics.name_topic(story) == topics.name_topic("story", story.pk)


def test_strangers_learn_nothing_of_a_story(mika, ren, story, django_assert_num_queries):
    name = f"story:{story.pk}"

    assert topics.list_revisions([name], Viewer(ren)) == {}
    assert topics.list_revisions([name, "story:x", "x:1"], Viewer(mika)).keys() == {name}


def test_changes_of_a_story_and_of_its_jobs_are_hinted(
    mika, story, scenes, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("common.live.hints.send", lambda group, message: sent.append((group, *message["topics"])))
    group, name, job = f"live.{story.workspace_id}", f"story:{story.pk}", Job.objects.filter(story_id=story.pk)[0]

    with django_capture_on_commit_callbacks(execute=True):
        second = scenes(story)[1]
        edits.edit_scene(scene=second, by=mika, rev=second.rev, changes={"prompt": "It leaves"})
    hints.send_hint(job)

    assert sent == [(group, name), (group, f"job:{job.pk}", name)]
