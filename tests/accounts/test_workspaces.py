from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from accounts import access, guest_transfer, permissions, services
from accounts.billing import ledger
from accounts.billing.models import Entry, Wallet
from accounts.models import Role, User, Workspace
from tests.factories import PASSWORD, GuestFactory, MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask():
    """A request as the middleware leaves it."""

    def make(user=None, workspace=None):
        request = RequestFactory().get("/")
        request.user, request.workspace, request.session = user or AnonymousUser(), workspace, {}
        return request

    return make


@pytest.mark.parametrize(
    ("role", "held"),
    [(Role.OWNER, {"view", "edit", "manage"}), (Role.EDITOR, {"view", "edit"}), (Role.VIEWER, {"view"})],
)
def test_a_role_holds_its_permissions_and_no_more(role, held):
    member = MembershipFactory(role=role)

    given = {name for name in ("view", "edit", "manage") if permissions.can(member.user, name, member.workspace)}

    assert given == held


def test_operators_have_no_way_round_membership():
    operator = UserFactory(is_superuser=True, is_staff=True)

    assert not permissions.can(operator, "view", WorkspaceFactory())


def test_nobody_holds_nothing():
    assert not permissions.can(AnonymousUser(), "view", WorkspaceFactory())
    assert not permissions.can(UserFactory(), "view", None)


def test_a_strangers_workspace_is_like_one_that_never_was(ask, mika, ren):
    home = access.home_of(mika)

    assert access.workspace_to_see(ask(mika), home.pk) == home
    with pytest.raises(Http404):
        access.workspace_to_see(ask(ren), home.pk)
    with pytest.raises(Http404):
        access.workspace_to_edit(ask(ren), home.pk)


def test_a_viewer_sees_but_may_not_change(ask):
    member = MembershipFactory(role=Role.VIEWER)

    assert access.workspace_to_see(ask(member.user), member.workspace.pk) == member.workspace
    with pytest.raises(PermissionDenied):
        access.workspace_to_edit(ask(member.user), member.workspace.pk)


def test_a_guest_has_one_workspace_a_browser_and_sees_no_other(ask):
    request = ask()

    guest = access.start_guest(request)
    again = access.start_guest(request)

    assert guest == again == request.workspace
    assert access.workspace_to_edit(request, guest.pk) == guest
    with pytest.raises(Http404):
        access.workspace_to_see(request, GuestFactory().pk)


def test_a_guest_key_cannot_open_somebodys_own_workspace(mika):
    assert access.guest_workspace({access.GUEST_KEY: str(access.home_of(mika).pk)}) is None


def test_whoever_came_by_createsuperuser_gets_a_workspace_on_first_need(client):
    User.objects.create_superuser("root@example.test", PASSWORD)
    client.post("/account/login/", {"login": "root@example.test", "password": PASSWORD})

    assert client.get("/create/").status_code == 200
    assert Workspace.objects.get().name == "root"


class TestPurge:
    def test_guests_of_yesterday_are_gone_with_what_they_made(self, monkeypatch):
        emptied = []
        monkeypatch.setattr(guest_transfer, "_emptiers", [lambda workspace: emptied.append(workspace.pk)])
        old, fresh, home = GuestFactory(), GuestFactory(), access.home_of(UserFactory())
        Workspace.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - timedelta(hours=25))

        services.purge_guests()

        assert emptied == [old.pk]
        assert set(Workspace.objects.all()) == {fresh, home}

    def test_what_a_purged_guest_spent_stays_in_the_books(self):
        guest = GuestFactory()
        ledger.grant(guest, 5)
        Workspace.objects.update(created_at=timezone.now() - timedelta(hours=25))

        services.purge_guests()

        assert Wallet.objects.get().workspace is None
        assert Entry.objects.count() == 2


class TestAdoption:
    def test_a_guests_wallet_becomes_the_persons(self, mika):
        guest = GuestFactory()
        ledger.grant(guest, 5)

        services.adopt_guest(mika, guest)

        assert ledger.wallet_of(access.home_of(mika)).available == 5

    def test_a_persons_own_wallet_is_not_replaced(self, mika):
        guest = GuestFactory()
        ledger.grant(guest, 5)
        ledger.grant(access.home_of(mika), 7)

        services.adopt_guest(mika, guest)

        assert ledger.wallet_of(access.home_of(mika)).available == 7
