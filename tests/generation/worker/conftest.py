import uuid

import pytest

from accounts.billing import grants, ledger
from common import secrets
from generation.clip_spec import ClipSpec
from generation.providers import registry
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Recovery, Search, Submitted
from generation.services.clips import create_clips
from jobs import maintenance
from jobs.models import Job
from tests.fakes.echo import EchoFake, EchoProvider
from tests.fakes.server import FakeServer
from tests.generation.worker.helpers import LIMIT, SEARCHABLE
from tests.site_processes.run_job import run_job as run_job_now


@pytest.fixture
def check_invariants(db):
    """Check all invariants after the test."""
    yield
    assert maintenance.find_violations() == []


@pytest.fixture
def echo(film, settings, monkeypatch):
    """``echo(recovery=…)`` registers the provider Echo with these traits and returns its fake server."""
    fake = EchoFake(film)
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1  # long, for a busy machine; ``run_job`` makes jobs due
    with FakeServer([fake]) as fake_server:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        fake.url = fake_server.url("echo")

        def register(**traits):
            slow = {"first_poll": 600}  # ``run_job`` makes jobs due, whatever the clock says
            register.engine = EchoProvider(**slow | traits)
            monkeypatch.setitem(registry.providers(), "echo", register.engine)
            return fake

        yield register


@pytest.fixture
def connect(echo):
    """``connect(mika)`` creates a personal connection to Echo, ``connect()`` one of the site."""

    def create(owner=None, workspace=None, **columns):
        url = columns.pop("base_url", None) or echo.__dict__.get("url") or ""
        columns |= {"provider": "echo", "label": "Echo", "base_url": url}
        connection = Connection.objects.create(owner=owner, workspace=workspace, **columns)
        ConnectionKey.objects.create(
            connection=connection, version=0, sealed=secrets.encrypt({"keys": {"api_key": EchoFake.key}, "headers": {}})
        )
        return connection

    return create


@pytest.fixture
def fake(echo):
    """An Echo that can be searched by our client reference."""
    return echo(**SEARCHABLE)


@pytest.fixture
def echo_without_refs(echo, monkeypatch):
    """An Echo whose list shows no reference of ours, and seeds only if ``shows_seeds``."""
    fake = echo(recovery=Recovery.LIST)
    fake.shows_seeds = False

    def find(_engine, _connection, lost):
        matches = [task for task in fake.created if not fake.shows_seeds or task.request["seed"] == lost.request.seed]
        free = [task.id for task in matches if not lost.is_taken(task.id)]
        return Submitted(free[0], lost.handle | {"id": free[0]}) if len(free) == 1 else Search.ABSENT

    monkeypatch.setattr(EchoProvider, "find", find)
    return fake


@pytest.fixture
def site(fake, connect):
    """The site's connection to Echo."""
    return connect(base_url=fake.url)


@pytest.fixture
def create_job(mika):
    """``create_job(connection)`` requests a clip of Mika's through it. Returns its job."""

    def create(connection, by=None, prompt="a cat on a roof", workspace=None, **more):
        user = by or mika
        workspace = workspace or user.workspaces.get()
        fields = {
            "prompt": prompt, "negative_prompt": "", "style": "cel", "provider": connection.provider,
            "model": "echo-1", "ratio": "16:9", "resolution": 480, "seconds": 2, "seed": 7, "paint": True,
            "chips_off": [], "options": {}, "connection": connection,
        } | more  # fmt: skip
        key = uuid.uuid4().hex
        [clip] = create_clips(ClipSpec(**fields), workspace=workspace, by=user, idem_key=key)
        return Job.objects.get(pk=clip.job_id)

    return create


@pytest.fixture
def run_job():
    """``run_job(job)`` runs the job's steps until nothing more can be done, or ``steps`` are over."""
    return run_job_now


@pytest.fixture
def get_balance(mika):
    """Limit Mika's workspace to one dollar. ``get_balance()`` returns what is left of it."""
    workspace = mika.workspaces.get()
    grants.set_limit(workspace, LIMIT)
    return lambda: ledger.get_balance(workspace)
