"""Users of a workspace see who else has the story open, and which scene."""

import pytest
from redis.exceptions import RedisError

from accounts.models import Membership
from accounts.viewer import Viewer
from common.live import topics
from studio.scenes import presence
from studio.stories import services as story_services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, ren, create_story):
    """A story that Mika and Ren may edit."""
    story = create_story(mika, "She waits", "The train comes")
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return story


def open_story(browser, story, scene=None):
    response = browser.get(f"/stories/{story.pk}/presence/", {"editing": scene.pk.hex[:8] if scene else ""})
    return response.content.decode()


def test_editors_see_each_other_and_the_open_scene(sign_in, mika, ren, story, scenes):
    first, second = scenes(story)

    assert "Ren" not in open_story(sign_in(mika), story, first)
    rens_page = open_story(sign_in(ren), story, second)
    mikas_page = open_story(sign_in(mika), story, first)

    assert "Mika · scene 1" in rens_page and f'data-row="s-{first.pk}"' in rens_page and "Ren" not in rens_page
    assert "Ren · scene 2" in mikas_page and "Mika" not in mikas_page


def test_a_user_who_left_is_no_longer_listed(sign_in, mika, ren, story, scenes, monkeypatch):
    monkeypatch.setattr(presence, "LIFETIME", 0)
    open_story(sign_in(ren), story, scenes(story)[0])
    presence.keep_visits([story.pk], Viewer(ren))

    assert "Ren" not in open_story(sign_in(mika), story)


def test_an_invalid_scene_is_not_shown_as_open(sign_in, mika, ren, story):
    browser = sign_in(ren)
    browser.get(f"/stories/{story.pk}/presence/", {"editing": "<script>" * 9})

    page = open_story(sign_in(mika), story)

    assert "Ren" in page and "data-row" not in page and "<script" not in page


def test_presence_is_shown_to_members_of_shared_workspaces_only(sign_in, mika, ren, story):
    stranger_story = story_services.create_story(workspace=ren.workspaces.get(home_of=ren), by=ren)

    assert sign_in(mika).get(f"/stories/{stranger_story.pk}/presence/").status_code == 404
    assert "/presence/" in sign_in(mika).get(story.get_absolute_url()).content.decode()
    assert "/presence/" not in sign_in(ren).get(stranger_story.get_absolute_url()).content.decode()


def test_pages_work_without_the_presence_cache(sign_in, mika, story, monkeypatch):
    class Broken:
        def fail(self, *arguments):
            raise RedisError

        get = set = touch = get_many = fail

    monkeypatch.setattr(presence, "cache", Broken())

    response = sign_in(mika).get(f"/stories/{story.pk}/presence/")
    assert response.status_code == 200 and "data-editors" not in response.content.decode()


def test_visits_and_edited_scenes_are_topics_for_members(sign_in, mika, ren, story, scenes, monkeypatch):
    sent, name = [], f"presence:{story.pk}"
    monkeypatch.setattr("common.live.hints.send", lambda group, message: sent.extend(message["topics"]))
    revisions = []
    for scene in (None, scenes(story)[0], scenes(story)[0]):
        page = open_story(sign_in(ren), story, scene)
        revisions.append(topics.list_revisions([name], Viewer(mika))[name])
        assert f'data-topics="{name}.{revisions[-1]}"' in page

    assert revisions[0] != revisions[1] == revisions[2] and sent == [name] * 2
    assert topics.list_revisions([name], Viewer(UserFactory())) == {}
