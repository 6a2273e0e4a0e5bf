"""Two users direct one story: a form of an older page does not change a newer proposal."""

import json
import re
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Membership
from studio.models import Direction, Scene
from tests.fakes.language import ANSWERS
from tests.studio.director.conftest import read_direction

pytestmark = pytest.mark.django_db
IDEA = "A postman who is a fox"
ACCEPTED = {
    "shots": {"action": ["A red fox.", "It knocks."], "line": ["", "Post!"]},
    "concept": {"concept": "My concept"},
}


@pytest.fixture
def url(story):
    return f"/stories/{story.pk}/director/"


@pytest.fixture
def editor(ren, story, sign_in):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return sign_in(ren)


@pytest.fixture
def proposed_shots(post_director):
    """A direction with an accepted concept and a proposed shot list."""
    post_director("begin", idea=IDEA)
    post_director("accept", step="concept", **ACCEPTED["concept"])
    post_director("ask", step="shots")


def list_directions():
    return list(Direction.objects.order_by("pk").values())


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize(
    "data",
    [
        {"do": "accept", "step": "shots"} | ACCEPTED["shots"],
        {"do": "accept", "step": "shots", "action": ["Only one."], "line": [""]},
        {"do": "accept", "step": "concept", "concept": "A red fox."},
        {"do": "ask", "step": "shots"},
        {"do": "ask", "step": "concept"},
        {"do": "begin", "idea": "A red fox.", "count": 2},
    ],
)
def test_an_older_page_changes_nothing_and_keeps_the_text(
    proposed_shots, editor, post_director, url, connection, model, run_jobs, data
):
    mark_before = read_direction(editor, url)
    model.texts.append(json.dumps(ANSWERS["shots"]).replace("It knocks.", "It waits in the snow."))
    post_director("ask", step="shots")
    rows_before, requests_before = list_directions(), len(model.read_requests())
    if data["do"] == "begin":
        connection.owner = None
        connection.save()

    response = editor.post(url, {"direction": mark_before, "connection": connection.pk} | data)
    run_jobs()

    text = text_of(response)
    assert response.status_code == 409
    assert "since you opened this page" in text and "Nothing was accepted, requested or created" in text
    assert "It waits in the snow." in text and f'value="{Direction.objects.get().mark}"' in text
    assert ("Your version, not saved" in text) == (data["do"] != "ask")
    if data["do"] != "ask":
        assert (data.get("concept") or data.get("idea") or data["action"][0]) in text
    assert list_directions() == rows_before and len(model.read_requests()) == requests_before


def test_an_older_shot_list_creates_no_scenes(proposed_shots, editor, post_director, url):
    post_director("accept", step="shots", **ACCEPTED["shots"])
    mark_before = read_direction(editor, url)
    post_director("accept", step="shots", action=["A blue fox.", "It knocks."], line=["", ""])

    response = editor.post(url, {"do": "make", "step": "prompts", "direction": mark_before})

    assert response.status_code == 409
    assert "A blue fox." in text_of(response)
    assert not Scene.objects.exists()


def test_a_concurrent_idea_stays_visible(editor, post_director, url, connection, model, run_jobs):
    type(connection).objects.update(owner=None)
    mark_before = read_direction(editor, url)
    post_director("begin", idea=IDEA)

    response = editor.post(
        url, {"do": "begin", "direction": mark_before, "idea": "A whale", "count": 2, "connection": connection.pk}
    )
    run_jobs()

    assert response.status_code == 409
    assert "A whale" in text_of(response) and "A fox brings the last letter" in text_of(response)
    assert Direction.objects.get().idea == IDEA and len(model.read_requests()) == 1


@pytest.mark.parametrize("mark", [None, "\0", "{pk}", "00000000-0000-0000-0000-000000000000.2"])
def test_a_form_without_a_proposal_mark_changes_nothing(proposed_shots, browser, url, mark):
    rows_before = list_directions()
    data = {"do": "accept", "step": "shots"} | ACCEPTED["shots"]

    response = browser.post(url, data | ({} if mark is None else {"direction": mark.format(pk=rows_before[0]["id"])}))

    assert response.status_code == 409
    assert list_directions() == rows_before


def test_a_refused_idea_keeps_the_mark_of_its_page(editor, post_director, url, connection, model):
    type(connection).objects.update(owner=None)
    mark_before = read_direction(editor, url)
    post_director("begin", idea=IDEA)

    editor.get(url)
    response = editor.post(
        url, {"do": "begin", "direction": mark_before, "idea": "", "count": 2, "connection": connection.pk}
    )

    assert response.status_code == 422
    assert f'name="direction" value="{mark_before}"' in response.content.decode()


@pytest.mark.rows
def test_a_button_pressed_twice_sends_one_request(proposed_shots, browser, url, model, run_jobs):
    data = {"do": "ask", "step": "shots", "direction": read_direction(browser, url), "idem_key": "one"}

    statuses = []
    for _time in range(3):
        statuses.append(browser.post(url, data).status_code)
        if _time:
            run_jobs()

    assert statuses == [302, 302, 302]
    assert len(model.read_requests()) == 3


def test_scenes_requested_twice_are_created_once(proposed_shots, browser, post_director, url):
    post_director("accept", step="shots", **ACCEPTED["shots"])
    data = {"do": "make", "step": "prompts", "direction": read_direction(browser, url), "idem_key": "one"}

    assert [browser.post(url, data).status_code for _time in range(2)] == [302, 302]
    assert Scene.objects.count() == 2


def test_the_latest_idea_wins_although_the_clock_was_set_back(post_director):
    post_director("begin", idea=IDEA)
    Direction.objects.update(created_at=F("created_at") + timedelta(hours=1))

    for idea in ("A red fox.", "A fox in the snow."):
        assert post_director("begin", idea=idea).status_code == 302
        assert Direction.objects.latest("created_at").idea == idea
    assert post_director("accept", step="concept", **ACCEPTED["concept"]).status_code == 302
    assert Direction.objects.get(idea="A fox in the snow.").concept == "My concept"
