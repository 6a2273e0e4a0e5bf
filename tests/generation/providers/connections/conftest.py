"""An invented provider with every kind of key field, and fixtures to connect to it."""

import pytest

from accounts.models import User
from generation.providers import registry
from generation.providers.base import Capability, Estimate, Mode
from generation.providers.connections import services as connection_services
from generation.providers.remote import KeyField
from jobs.lifecycle import engine
from jobs.models import Job
from tests.fakes.echo import EchoFake, EchoProvider
from tests.fakes.server import FakeServer

KEY = EchoFake.key
BUILT_IN = registry.BUILT_IN


class StubProvider(EchoProvider):
    """Echo with more key fields, and two models that differ in everything a page shows."""

    doc_url = "https://echo.example/keys"
    key_fields = (
        KeyField("api_key", "API key"),
        KeyField("signing", "Signing secret", is_required=False),
        KeyField("region", "Region", is_secret=False, is_required=False, is_used_for_polling=True),
    )

    def capabilities(self):
        return (
            Capability(
                "echo-1", "Echo 1", frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST}), ("16:9", "9:16"), (5, 10),
                (540, 1080), has_audio=True, prompt_limit=300,
            ),
            Capability(
                "echo-2", "Echo 2", frozenset({Mode.WORDS, Mode.REFERENCES}), ("1:1",), tuple(range(3, 9)), (720,),
                has_seed=True, has_negative_prompt=True, references_most=2,
            ),
        )  # fmt: skip

    def estimate(self, request):
        if request.model == "echo-2":
            return Estimate(0, "USD", 60, is_known=False)
        return Estimate(40_000 * request.seconds, "USD", 90)


@pytest.fixture
def stub(monkeypatch):
    """Install the stub as the only provider beside the animatic. Returns the provider."""
    monkeypatch.setattr(registry, "BUILT_IN", (BUILT_IN[0], f"{__name__}.StubProvider"))
    registry.providers.cache_clear()
    yield registry.providers()["echo"]
    registry.providers.cache_clear()


@pytest.fixture
def fake(stub, settings):
    """The fake server of the stub, at an allowed private address."""
    fake = EchoFake()
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1 / 45  # long, for a busy machine; short pauses
    with FakeServer([fake]) as running:
        settings.PROVIDER_PRIVATE_HOSTS = [f"127.0.0.1:{running.server_port}"]
        fake.url = running.url("echo")
        yield fake


@pytest.fixture
def connect(stub):
    """``connect(mika)`` creates a personal connection, ``connect()`` one of the site."""

    def create(owner=None, workspace=None, key=KEY, **columns):
        secret = {"keys": {"api_key": key}, "headers": columns.pop("headers", {})}
        by = columns.pop("by", owner)
        columns = {"label": "Echo", "provider": "echo", **columns}
        return connection_services.add_connection(by=by, owner=owner, workspace=workspace, secret=secret, **columns)

    return create


@pytest.fixture
def run_connection_tests():
    """``run_connection_tests()`` runs all waiting connection tests."""

    def run():
        for job in Job.objects.active().filter(kind="connection_test"):
            engine.advance(job.pk)

    return run


@pytest.fixture
def admin_browser(mika, sign_in, settings):
    """The browser of a superuser."""
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    return sign_in(mika)
