"""Workers and a model that is silent for longer than a lease: its response is kept, and it gets one request."""

import pytest
from django.conf import settings as site
from django.db import connection as database

from generation.providers.connections import services as connection_services
from jobs.models import Job
from studio.director import services as director_services
from studio.models import Direction
from tests.elsewhere import studio

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workers(tmp_path):
    """``manage.py work``, whose idle workers look for abandoned jobs all the time."""
    environment = studio.environment(
        tmp_path, [], PROVING_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
        JOB_LEASE_SECONDS="3",
    )  # fmt: skip
    running = studio.Workers(environment, tmp_path / "work.log")
    yield running
    studio.close([running], tmp_path)
    print((tmp_path / "work.log").read_text()[-4000:])  # noqa: T201 - shown when the test fails


@pytest.fixture
def asked(mika, write, model):
    """A request of Mika's for a concept, to a model that is silent for more than two leases."""
    model.pause = 8
    model.next("chat", "silent_in_the_middle")
    connection = connection_services.add(
        by=mika, provider="language-openai", label="My model", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip
    return director_services.start_direction(
        story=write(mika), by=mika, idea="A fox brings letters", count=2, connection=connection, idem_key="k"
    )


def is_over():
    return not Job.objects.active().exists()


def test_a_response_that_takes_longer_than_a_lease_is_kept_and_requested_once(asked, model, workers):
    workers.tend()
    studio.until(is_over)

    assert "last letter" in Direction.objects.get().proposal["concept"]
    assert len(model.asked()) == 1 and Job.objects.get().state == "ready"


def test_a_worker_killed_in_a_silence_is_noticed_soon_and_nothing_is_sent_again(asked, model, workers):
    workers.tend()
    studio.until(model.asked)
    workers.kill_all()

    studio.until(is_over, meanwhile=workers.tend)

    assert len(model.asked()) == 1 and Direction.objects.get().proposal == {}
    assert "may have been charged" in Job.objects.get().error_public
