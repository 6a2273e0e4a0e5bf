"""What a clip costs that was made elsewhere and never became one: by the provider's declared rule, and said so."""

import pytest

from generation.media.errors import MediaRefused
from generation.providers.remote import Billing
from generation.steps import developing
from jobs import services
from jobs.models import State
from tests.fakes.echo import PRICE
from tests.generation.steps.told import KNOWS, LEFT

pytestmark = pytest.mark.django_db
FOR_WHAT_WAS_MADE = {Billing.FREE: 0, Billing.SUCCESS: PRICE, Billing.SUBMIT: PRICE, Billing.UNDECLARED: 0}
FOR_WHAT_WAS_BEGUN = FOR_WHAT_WAS_MADE | {Billing.SUCCESS: 0}


@pytest.fixture
def bills(echo, connect):
    """``bills(Billing.SUBMIT)``: Echo takes money then, and the site has an account there."""

    def declare(billing):
        fake = echo(billing=billing, **KNOWS)
        return fake, connect(base_url=fake.url)

    return declare


def paid(job, left) -> int:
    """What is gone from the purse, which is what the page says."""
    assert job.price_charged == LEFT - left
    assert ("othing was charged." if left == LEFT else "It was charged.") in job.error_public
    return LEFT - left


@pytest.mark.parametrize(("billing", "price"), FOR_WHAT_WAS_MADE.items())
def test_a_film_that_was_made_and_cannot_be_fetched_costs_what_the_provider_declares(
    bills, order, go, purse, billing, price
):
    fake, site = bills(billing)
    fake.next("film", *["html"] * 10)

    job = go(order(site))

    assert job.state == State.LOST_RESULT
    assert paid(job, purse()) == price


@pytest.mark.parametrize(("billing", "price"), FOR_WHAT_WAS_MADE.items())
def test_a_film_that_cannot_be_played_costs_what_the_provider_declares(
    bills, order, go, purse, monkeypatch, billing, price
):
    def refuses(*args, **more):
        raise MediaRefused("broken", "The film breaks off.")

    monkeypatch.setattr(developing, "ingest", refuses)

    job = go(order(bills(billing)[1]))

    assert (job.state, job.error_code) == (State.FAILED, "broken")
    assert "cannot be played to its end" in job.error_public
    assert paid(job, purse()) == price


@pytest.mark.parametrize(("billing", "price"), FOR_WHAT_WAS_BEGUN.items())
def test_what_was_stopped_there_costs_what_the_provider_declares(bills, order, go, purse, mika, billing, price):
    fake, site = bills(billing)
    fake.running = 100
    job = go(order(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.CANCELLED
    assert paid(job, purse()) == price
