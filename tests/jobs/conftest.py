import itertools

import pytest
from django.db import connection
from django.test import Client

from accounts.access import get_home
from jobs import maintenance, registry, services
from jobs.hooks import JobHooks
from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.worker import polling
from tests.factories import GuestFactory, UserFactory
from tests.hooks import register_for_test
from tests.jobs.live import fresh_sockets, open_socket  # noqa: F401 (fixtures)


@pytest.fixture
def mika(db):
    """A signed-up user."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """A user who shares nothing with Mika."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def workspace(mika):
    """Mika's workspace."""
    return get_home(mika)


@pytest.fixture
def guest_browser(db):
    """The browser of a guest; ``guest`` is its workspace."""
    client = Client()
    guest = GuestFactory()
    session = client.session
    session["guest_workspace"] = str(guest.pk)
    session.save()
    client.cookies["tapwari_session"] = session.session_key
    client.guest = guest
    return client


@pytest.fixture
def register_kind(monkeypatch):
    """``register_kind(running=step, …)`` registers the job kind "test" for one test."""
    kinds = {}
    register_for_test(monkeypatch, JobHooks(kinds=kinds))

    def register(name="test", running=finish, stored=None, **more):
        steps = {State.RUNNING: running} | ({State.STORED: stored} if stored else {}) | more.pop("steps", {})
        facts = {key: staticmethod(value) if callable(value) else value for key, value in more.items()}
        kind = type("TestKind", (registry.JobKind,), {"name": name, "label": "Test", "steps": steps, **facts})()
        kinds[name] = kind
        return kind

    return register


def finish(lease):
    lease.move_to(State.STORED)


@pytest.fixture
def submit(mika, workspace, register_kind):
    """``submit()`` queues a job of Mika's; any argument can be overridden."""
    numbers = itertools.count(1)
    register_kind()

    def submit_job(**values):
        n = next(numbers)
        defaults = {"kind": "test", "title": f"Job {n}", "params": {}, "idem_key": f"key-{n}"}
        return services.submit(**({"workspace": workspace, "by": mika} | defaults | values))

    return submit_job


@pytest.fixture
def run_steps():
    """``run_steps(job)`` takes all steps of the job that can be taken now. Returns the fresh row."""

    def run(job):
        engine.advance(job.pk)
        return Job.objects.get(pk=job.pk)

    return run


@pytest.fixture(autouse=True)
def close_connections_of_polls(monkeypatch):
    """Close the database connection of a polling thread after each poll: in a test, nothing closes it later."""
    monkeypatch.setattr(polling.Poller, "_check_database_connection", lambda self: connection.close())


@pytest.fixture
def check_invariants(db):
    """Check all invariants after the test."""
    yield
    assert maintenance.find_violations() == []
