import pytest
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def mika(db):
    """Mika works here."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """Ren is a stranger to Mika."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def sign_in():
    """``sign_in(mika)`` is Mika's browser; ``sign_in(mika, lately=True)`` has just given her password."""

    def open_browser(user, lately=False, **defaults):
        client = Client(**defaults)
        client.force_login(user)
        if lately:
            client.post("/account/reauthenticate/", {"password": "petals in the wind"})
        return client

    return open_browser


@pytest.fixture
def has_mail(settings):
    """As on an install with a mail server."""
    settings.HAS_MAIL = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
