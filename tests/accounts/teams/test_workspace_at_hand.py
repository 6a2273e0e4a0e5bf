"""The workspace at hand: lists show it, forms carry it, and a page of one thing goes by membership."""

import pytest
from django.urls import reverse

from accounts.access import get_home
from accounts.middleware import WORKSPACE_FIELD
from accounts.models import Membership, Role, Workspace
from studio.models import Story
from studio.stories.services import create_story
from tests.factories import MembershipFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(mika):
    team = WorkspaceFactory(name="Harbour Studio", kind=Workspace.Kind.TEAM)
    MembershipFactory(workspace=team, user=mika, role=Role.EDITOR)
    return team


@pytest.fixture
def stories(mika, team):
    """A story of Mika's own workspace, and one of the team's."""
    return [create_story(workspace=place, by=mika, title=f"In {place.name}") for place in (get_home(mika), team)]


def list_titles(browser) -> set[str]:
    page = browser.get(reverse("studio:stories")).text
    return {title for title in ("In Mika", "In Harbour Studio") if f">{title}<" in page}


def test_lists_show_the_workspace_at_hand(sign_in, mika, team, stories):
    browser = sign_in(mika)
    assert list_titles(browser) == {"In Mika"}

    answer = browser.post(reverse("teams:enter", args=[team.pk]), {"next": "/stories/"})

    assert answer.url == "/stories/"
    assert list_titles(browser) == {"In Harbour Studio"}
    own = browser.get(stories[0].get_absolute_url())
    assert own.status_code == 200 and "This belongs to “Mika”." in own.text, "a page of one thing goes by membership"
    assert "This belongs to" not in browser.get(stories[1].get_absolute_url()).text


def test_nobody_enters_a_workspace_of_others(sign_in, ren, team):
    browser = sign_in(ren)

    assert browser.post(reverse("teams:enter", args=[team.pk])).status_code == 404
    assert browser.get(reverse("studio:stories")).status_code == 200


def test_a_removed_member_is_back_in_their_own_workspace(sign_in, mika, team, stories):
    browser = sign_in(mika, at=team)

    Membership.objects.filter(workspace=team).delete()

    assert list_titles(browser) == {"In Mika"}
    assert browser.get(stories[1].get_absolute_url()).status_code == 404


def test_a_form_makes_its_thing_where_it_was_drawn_for(sign_in, mika, team):
    browser = sign_in(mika, at=team)
    page = browser.get(reverse("studio:blank")).text
    assert f'name="{WORKSPACE_FIELD}" value="{team.pk}"' in page

    browser.post(reverse("teams:enter", args=[get_home(mika).pk]))  # in another tab
    browser.post(reverse("studio:blank"), {"title": "Made in the first tab", WORKSPACE_FIELD: str(team.pk)})

    assert Story.objects.get().workspace == team


@pytest.mark.parametrize("carried", ["WORKSPACE_OF_OTHERS", "no id"])
def test_a_form_of_a_foreign_workspace_makes_nothing(sign_in, mika, carried):
    value = str(WorkspaceFactory().pk) if carried == "WORKSPACE_OF_OTHERS" else carried

    answer = sign_in(mika).post(reverse("studio:blank"), {"title": "Nowhere", WORKSPACE_FIELD: value})

    assert answer.status_code == 404
    assert not Story.objects.exists()


def test_htmx_requests_of_a_page_stay_in_its_workspace(sign_in, mika, team, stories):
    browser = sign_in(mika, at=team)
    assert f'"X-Workspace": "{team.pk}"' in browser.get(reverse("studio:stories")).text

    browser.post(reverse("teams:enter", args=[get_home(mika).pk]))
    listed = browser.get(reverse("studio:stories"), headers={"X-Workspace": str(team.pk)}).text

    assert ">In Harbour Studio<" in listed and ">In Mika<" not in listed


def test_a_removed_member_can_still_sign_out_of_an_old_page(sign_in, mika, team):
    browser = sign_in(mika, at=team)
    Membership.objects.filter(workspace=team).delete()

    browser.post(reverse("account_logout"), {WORKSPACE_FIELD: str(team.pk)})

    assert browser.get(reverse("studio:stories")).status_code == 302


def test_users_with_one_workspace_have_no_extra_fields(sign_in, mika):
    page = sign_in(mika).get(reverse("studio:blank")).text

    assert WORKSPACE_FIELD not in page and "X-Workspace" not in page
