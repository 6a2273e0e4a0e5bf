"""Queries whose SQL is written once."""

import uuid

import pytest

from accounts.models import Membership
from common.database import reading
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def select_members(workspaces, user, role):
    rows = Membership.objects.filter(workspace__in=workspaces, user=user, role=role)
    return rows.order_by("pk").values_list("workspace_id", "user__name", "created_at")


def test_repeated_queries_read_the_same_as_django_with_other_ids(monkeypatch):
    users = [UserFactory(name=name) for name in ("Mika", "Ren")]
    homes = [user.workspaces.get().pk for user in users]
    built = []

    def build(*arguments):
        built.append(arguments)
        return select_members(*arguments)

    for user in users:
        for workspaces in (homes, homes[:1], [], [uuid.uuid4()]):
            found = reading.read_rows(build, workspaces, user.pk, "owner")
            assert found == list(select_members(workspaces, user.pk, "owner"))
            texts = reading.read_texts((build, workspaces, user.pk, "owner"), (build, homes, user.pk, "owner"))
            assert (texts[0] is None, texts[0] == texts[1]) == (not found, bool(found)) and user.name in texts[1]
    assert len(built) == 3  # once for each number of ids
