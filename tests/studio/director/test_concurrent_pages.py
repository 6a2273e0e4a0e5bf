"""Two users direct one story: forms name their proposal, and an older page changes nothing newer."""

import json
import re
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Membership
from studio.models import Direction, Scene
from tests.fakes.language import ANSWERS
from tests.studio.director.conftest import shown

pytestmark = pytest.mark.django_db
IDEA = "A postman who is a fox"
KEPT = {"shots": {"action": ["A red fox.", "It knocks."], "line": ["", "Post!"]}, "concept": {"concept": "My concept"}}


@pytest.fixture
def url(story):
    return f"/stories/{story.pk}/director/"


@pytest.fixture
def colleague(ren, story, sign_in):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return sign_in(ren)


@pytest.fixture
def proposed(post_director):
    """A direction with an accepted concept and a proposed shot list."""
    post_director("begin", idea=IDEA)
    post_director("accept", step="concept", **KEPT["concept"])
    post_director("ask", step="shots")


def rows():
    return list(Direction.objects.order_by("pk").values())


def words_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize(
    "clip_bytes",
    [
        {"do": "accept", "step": "shots"} | KEPT["shots"],
        {"do": "accept", "step": "shots", "action": ["Only one."], "line": [""]},
        {"do": "accept", "step": "concept", "concept": "A red fox."},
        {"do": "ask", "step": "shots"},
        {"do": "ask", "step": "concept"},
        {"do": "begin", "idea": "A red fox.", "count": 2},
    ],
)
def test_an_older_page_changes_nothing_and_keeps_the_text(
    proposed, colleague, post_director, url, connection, model, run_jobs, clip_bytes
):
    before = shown(colleague, url)
    model.texts.append(json.dumps(ANSWERS["shots"]).replace("It knocks.", "It waits in the snow."))
    post_director("ask", step="shots")
    held, asked = rows(), len(model.asked())
    if clip_bytes["do"] == "begin":
        connection.owner = None
        connection.save()

    answer = colleague.post(url, {"direction": before, "connection": connection.pk} | clip_bytes)
    run_jobs()

    words = words_of(answer)
    assert answer.status_code == 409
    assert "since you opened this page" in words and "Nothing was accepted, requested or created" in words
    assert "It waits in the snow." in words and f'value="{Direction.objects.get().mark}"' in words
    assert ("Your version, not saved" in words) == (clip_bytes["do"] != "ask")
    if clip_bytes["do"] != "ask":
        assert (clip_bytes.get("concept") or clip_bytes.get("idea") or clip_bytes["action"][0]) in words
    assert rows() == held and len(model.asked()) == asked


def test_an_older_shot_list_creates_no_scenes(proposed, colleague, post_director, url):
    post_director("accept", step="shots", **KEPT["shots"])
    before = shown(colleague, url)
    post_director("accept", step="shots", action=["A blue fox.", "It knocks."], line=["", ""])

    answer = colleague.post(url, {"do": "make", "step": "prompts", "direction": before})

    assert answer.status_code == 409
    assert "A blue fox." in words_of(answer)
    assert not Scene.objects.exists()


def test_a_concurrent_idea_stays_visible(colleague, post_director, url, connection, model, run_jobs):
    type(connection).objects.update(owner=None)
    before = shown(colleague, url)
    post_director("begin", idea=IDEA)

    answer = colleague.post(
        url, {"do": "begin", "direction": before, "idea": "A whale", "count": 2, "connection": connection.pk}
    )
    run_jobs()

    assert answer.status_code == 409
    assert "A whale" in words_of(answer) and "A fox brings the last letter" in words_of(answer)
    assert Direction.objects.get().idea == IDEA and len(model.asked()) == 1


@pytest.mark.parametrize(
    "mark", [None, "", "nonsense", "\0", "{pk}", "{pk}.0", "00000000-0000-0000-0000-000000000000.2"]
)
def test_a_form_without_a_proposal_mark_changes_nothing(proposed, browser, url, mark):
    held = rows()
    clip_bytes = {"do": "accept", "step": "shots"} | KEPT["shots"]

    answer = browser.post(url, clip_bytes | ({} if mark is None else {"direction": mark.format(pk=held[0]["id"])}))

    assert answer.status_code == 409
    assert rows() == held


def test_a_refused_idea_keeps_the_mark_of_its_page(colleague, post_director, url, connection, model):
    type(connection).objects.update(owner=None)
    before = shown(colleague, url)
    post_director("begin", idea=IDEA)

    colleague.get(url)
    answer = colleague.post(
        url, {"do": "begin", "direction": before, "idea": "", "count": 2, "connection": connection.pk}
    )

    assert answer.status_code == 422
    assert f'name="direction" value="{before}"' in answer.content.decode()


@pytest.mark.rows
def test_a_button_pressed_twice_sends_one_request(proposed, browser, url, model, run_jobs):
    clip_bytes = {"do": "ask", "step": "shots", "direction": shown(browser, url), "idem_key": "one"}

    answers = []
    for _time in range(3):
        answers.append(browser.post(url, clip_bytes).status_code)
        if _time:
            run_jobs()

    assert answers == [302, 302, 302]
    assert len(model.asked()) == 3


def test_scenes_requested_twice_are_created_once(proposed, browser, post_director, url):
    post_director("accept", step="shots", **KEPT["shots"])
    clip_bytes = {"do": "make", "step": "prompts", "direction": shown(browser, url), "idem_key": "one"}

    assert [browser.post(url, clip_bytes).status_code for _time in range(2)] == [302, 302]
    assert Scene.objects.count() == 2


def test_another_idea_is_the_newest_although_the_clock_was_set_back_by_an_hour(post_director):
    post_director("begin", idea=IDEA)
    Direction.objects.update(created_at=F("created_at") + timedelta(hours=1))

    for idea in ("A red fox.", "A fox in the snow."):
        assert post_director("begin", idea=idea).status_code == 302
        assert Direction.objects.latest("created_at").idea == idea
    assert post_director("accept", step="concept", **KEPT["concept"]).status_code == 302
    assert Direction.objects.get(idea="A fox in the snow.").concept == "My concept"
