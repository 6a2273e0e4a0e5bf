"""Two users, and fixtures of the generation tests."""

import uuid

import pytest
from django.test import Client

from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.services.clips import create_clips
from tests.factories import UserFactory
from tests.generation.conftest import film  # noqa: F401
from tests.generation.worker.conftest import connect, create_job, echo, get_balance, run_job  # noqa: F401


@pytest.fixture
def mika(db):
    """Mika owns the clips and stories."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """Ren attacks."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def sign_in():
    def open_browser(user, **more):
        client = Client(raise_request_exception=False, **more)
        client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def request_clips():
    """``request_clips(mika, prompt="…")`` submits a small clip of Mika's as the Create page does."""

    def request(user, takes=1, idem_key=None, **fields):
        form = ClipForm({"prompt": "a girl on a hill at sunset", "seconds": 2, "resolution": 480, **fields})
        assert form.is_valid(), form.errors
        spec = ClipSpec.from_form(form.cleaned_data)
        key = idem_key or uuid.uuid4().hex
        return create_clips(spec, workspace=user.workspaces.get(), by=user, takes=takes, idem_key=key)

    return request
