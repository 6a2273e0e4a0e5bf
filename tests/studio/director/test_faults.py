"""A language model that is silent for longer than a lease gets one request."""

import pytest
from django.conf import settings as site
from django.db import connection as database

from generation.providers.connections import services as connection_services
from jobs.models import Job
from studio.director import services as director_services
from studio.models import Direction
from tests.processes import until
from tests.site_processes.workers import Workers, environment, stop_all

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workers(tmp_path):
    """``manage.py work``, not started yet."""
    variables = environment(
        tmp_path, [], TEST_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
        JOB_LEASE_SECONDS="3",
    )  # fmt: skip
    created = Workers(variables, tmp_path / "work.log")
    yield created
    stop_all([created], tmp_path)
    print((tmp_path / "work.log").read_text()[-4000:])  # noqa: T201 - shown when the test fails


@pytest.fixture
def direction(mika, create_story, model):
    """Mika's request for a concept, to a model that is silent for more than two leases."""
    model.pause = 8
    model.next("chat", "silent_in_the_middle")
    connection = connection_services.add_connection(
        by=mika, provider="language-openai", label="My model", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip
    return director_services.start_direction(
        story=create_story(mika), by=mika, idea="A fox brings letters", count=2, connection=connection, idem_key="k"
    )


def is_over():
    return not Job.objects.active().exists()


def test_a_response_that_takes_longer_than_a_lease_is_kept_and_requested_once(direction, model, workers):
    workers.restart()
    until(is_over)

    assert "last letter" in Direction.objects.get().proposal["concept"]
    assert len(model.read_requests()) == 1 and Job.objects.get().state == "ready"


def test_a_request_whose_worker_is_killed_fails_soon_and_is_not_resent(direction, model, workers):
    workers.restart()
    until(model.read_requests)
    workers.kill_all()

    until(is_over, meanwhile=workers.restart)

    assert len(model.read_requests()) == 1 and Direction.objects.get().proposal == {}
    assert "may have been charged" in Job.objects.get().error_public
