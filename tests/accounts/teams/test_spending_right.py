"""Who may edit but not spend: draws free animatics, and buys nothing through shared connections."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, Workspace
from generation.models import Clip
from generation.providers.models import Connection
from tests.factories import MembershipFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
NOTE = "You may not spend in this workspace."


@pytest.fixture
def team(mika):
    team = WorkspaceFactory(name="Harbour Studio", kind=Workspace.Kind.TEAM)
    MembershipFactory(workspace=team, user=mika, role=Role.EDITOR, may_spend=False)
    return team


@pytest.fixture
def connections(mika, ren, team):
    """Connections of the site, of the team and of the members Mika and Ren."""
    owners = {"site": {}, "team": {"workspace": team}, "mika": {"owner": mika}, "ren": {"owner": ren}}
    return {name: Connection.objects.create(provider="kling", label=name, **owner) for name, owner in owners.items()}


def list_usable(user, team) -> set[str]:
    return set(Connection.objects.usable_by(user, team).values_list("label", flat=True))


def test_shared_connections_are_for_members_who_may_spend(mika, ren, team, connections):
    assert list_usable(mika, team) == {"mika"}
    assert list_usable(ren, team) == {"ren"}, "who is no member uses nothing of the team"

    Membership.objects.update(may_spend=True)

    assert list_usable(mika, team) == {"site", "team", "mika"}


def test_a_paid_clip_is_refused_with_the_reason_and_a_free_one_is_drawn(sign_in, mika, team, connections):
    connections["mika"].delete()
    browser = sign_in(mika, at=team)
    form = {"prompt": "A fox in the snow", "seconds": 5, "resolution": 480, "ratio": "16:9", "style": "cel"}
    assert NOTE in browser.get(reverse("generation:create")).text

    refused = browser.post(reverse("generation:create"), form | {"provider": "kling"})
    drawn = browser.post(reverse("generation:create"), form | {"provider": "animatic"})

    assert refused.status_code in (403, 409, 422) and NOTE in refused.text
    assert drawn.status_code == 302
    assert Clip.objects.get().workspace == team
