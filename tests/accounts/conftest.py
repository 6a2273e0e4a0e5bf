import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory


@pytest.fixture
def mika(db):
    """A signed-up user."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """A user who shares nothing with Mika."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def sign_in():
    """``sign_in(mika)`` returns Mika's browser; with ``has_reauthenticated=True`` she has just entered her password.
    ``at``: the workspace that she entered."""

    def open_browser(user, has_reauthenticated=False, at=None, **defaults):
        client = Client(**defaults)
        client.force_login(user)
        if at:
            client.post(reverse("teams:enter", args=[at.pk]))
        if has_reauthenticated:
            client.post("/account/reauthenticate/", {"password": "petals in the wind"})
        return client

    return open_browser


@pytest.fixture
def has_mail(settings):
    """Settings of an install with a mail server."""
    settings.HAS_MAIL = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
