"""Profiles: handles, followers, blocked and muted people."""

from datetime import timedelta

import pytest

from gallery.models import FormerHandle, Profile
from gallery.people import services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def claim(user, handle):
    return services.claim_handle(workspace=user.workspaces.get(), handle=handle, by=user)


def test_handles_that_are_malformed_or_reserved_are_refused(subtests):
    mika = UserFactory()
    for handle in ("ab", "a" * 31, "Ａdmin", "admin", "Settings", "stories", ".well-known", "a b", "\u212aite", ""):
        with subtests.test(handle=handle), pytest.raises(services.HandleRefused):
            claim(mika, handle)

    assert not Profile.objects.exists()


def test_old_handle_is_kept_for_its_owner_for_90_days():
    mika, ren = UserFactory(), UserFactory()
    profile = claim(mika, "@Mika_01")
    claim(mika, "mika")

    with pytest.raises(services.HandleRefused):
        claim(ren, "mika_01")
    assert services.find_by_former_handle("mika_01") == profile

    FormerHandle.objects.update(ends_at=profile.created_at - timedelta(seconds=1))
    assert services.find_by_former_handle("mika_01") is None
    assert claim(ren, "mika_01").handle == "mika_01"


def test_handle_changes_once_in_30_days():
    mika = UserFactory()
    profile = claim(mika, "mika")
    claim(mika, "mika_draws")

    with pytest.raises(services.HandleRefused):
        claim(mika, "mika")

    profile.refresh_from_db()
    Profile.objects.update(handle_changed_at=profile.handle_changed_at - services.CHANGE_PERIOD)
    assert claim(mika, "mika").handle == "mika"
