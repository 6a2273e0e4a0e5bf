"""Roles, guest workspaces and wallets."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from accounts import access, permissions, services
from accounts.billing import grants, ledger
from accounts.billing.models import Entry, Wallet
from accounts.hooks import AccountHooks
from accounts.models import Role, User, Workspace
from accounts.viewer import Viewer, get_workspace
from tests.factories import PASSWORD, GuestFactory, MembershipFactory, UserFactory, WorkspaceFactory
from tests.hooks import use_only

pytestmark = pytest.mark.django_db


def test_role_grants_exactly_its_permissions(subtests):
    for role, expected in [
        (Role.OWNER, {"view", "comment", "edit", "publish", "spend", "manage", "bill"}),
        (Role.EDITOR, {"view", "comment", "edit", "publish", "spend"}),
        (Role.REVIEWER, {"view", "comment"}),
        (Role.VIEWER, {"view"}),
    ]:
        with subtests.test(role=role):
            member = MembershipFactory(role=role)

            given = {
                name
                for name in ("view", "comment", "edit", "publish", "spend", "manage", "bill")
                if permissions.can(member.user, name, member.workspace)
            }

            assert given == expected


def test_editor_who_may_not_spend_may_still_edit():
    member = MembershipFactory(role=Role.EDITOR, may_spend=False)

    assert permissions.can(member.user, "edit", member.workspace)
    assert not permissions.can(member.user, "spend", member.workspace)


def test_operators_do_not_bypass_membership():
    operator = UserFactory(is_superuser=True, is_staff=True)

    assert not permissions.can(operator, "view", WorkspaceFactory())


def test_anonymous_user_has_no_permission():
    assert not permissions.can(AnonymousUser(), "view", WorkspaceFactory())
    assert not permissions.can(UserFactory(), "view", None)


def test_foreign_workspace_is_not_found(mika, ren):
    home = access.get_home(mika)

    assert get_workspace(Viewer(mika), home.pk) == home
    with pytest.raises(Http404):
        get_workspace(Viewer(ren), home.pk)


def test_viewer_may_view():
    member = MembershipFactory(role=Role.VIEWER)

    assert get_workspace(Viewer(member.user), member.workspace.pk) == member.workspace


def test_guest_has_one_workspace_per_browser():
    session = {}

    guest = access.get_or_create_guest_workspace(session)

    assert access.get_or_create_guest_workspace(session) == guest
    assert get_workspace(Viewer(AnonymousUser(), guest), guest.pk) == guest
    with pytest.raises(Http404):
        get_workspace(Viewer(AnonymousUser(), guest), GuestFactory().pk)


def test_guest_key_cannot_open_a_user_workspace(mika):
    assert access.get_guest_workspace({access.GUEST_KEY: str(access.get_home(mika).pk)}) is None


def test_createsuperuser_account_gets_a_workspace_on_demand(client):
    User.objects.create_superuser("root@example.test", PASSWORD)
    client.post("/account/login/", {"login": "root@example.test", "password": PASSWORD})

    assert client.get("/create/").status_code == 200
    assert Workspace.objects.get().name == "root"


class TestPurge:
    def test_guests_are_purged_after_a_day(self, monkeypatch):
        emptied = []
        use_only(monkeypatch, AccountHooks, empty_workspace=lambda workspace: emptied.append(workspace.pk))
        old, fresh, home = GuestFactory(), GuestFactory(), access.get_home(UserFactory())
        Workspace.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - timedelta(hours=25))

        services.delete_expired_guests()

        assert emptied == [old.pk]
        assert set(Workspace.objects.all()) == {fresh, home}

    def test_purged_guest_spending_stays_in_the_ledger(self):
        guest = GuestFactory()
        grants.add_grant(guest, source="gift", key="5", amount=5)
        Workspace.objects.update(created_at=timezone.now() - timedelta(hours=25))

        services.delete_expired_guests()

        assert Wallet.objects.get().workspace is None
        assert Entry.objects.count() == 2


class TestGuestTransfer:
    def test_guest_wallet_moves_to_the_user(self, mika):
        guest = GuestFactory()
        grants.add_grant(guest, source="gift", key="5", amount=5)

        services.transfer_guest_work(mika, guest)

        assert ledger.get_wallet(access.get_home(mika)).available == 5

    def test_existing_user_wallet_is_kept(self, mika):
        guest = GuestFactory()
        grants.add_grant(guest, source="gift", key="5", amount=5)
        grants.add_grant(access.get_home(mika), source="gift", key="7", amount=7)

        services.transfer_guest_work(mika, guest)

        assert ledger.get_wallet(access.get_home(mika)).available == 7
