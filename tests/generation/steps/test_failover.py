"""Another provider instead: only when nothing can have been bought, and only within the agreed price."""

import pytest

from generation.models import Clip, Connection
from generation.providers import registry
from generation.providers.base import Estimate
from generation.providers.remote import Recovery
from jobs import history
from jobs.models import State
from tests.fakes.echo import PRICE, EchoFake, EchoProvider
from tests.fakes.server import Town

pytestmark = pytest.mark.django_db


class Second(EchoProvider):
    slug, label = "second", "Second"
    price = PRICE

    def estimate(self, request):
        return Estimate(self.price, "USD", 5)


@pytest.fixture
def second(film, echo, settings, monkeypatch):
    """A second provider of the same kind, known to the studio beside Echo."""
    fake = EchoFake(film)
    fake.slug = "second"
    with Town([fake]) as town:
        settings.PROVIDER_PRIVATE_HOSTS += [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
        fake.url = town.url("second")
        fake.engine = Second(recovery=Recovery.OWN_ID, absence_is_proof=True)

        def known():
            engines = {**registry.providers(), "second": fake.engine}
            monkeypatch.setattr(registry, "providers", lambda: engines)
            for module in ("generation.steps.failover", "generation.kinds"):
                monkeypatch.setattr(f"{module}.providers", lambda: engines)

        fake.join = known
        yield fake


@pytest.fixture
def both(echo, second, connect, mika):
    """Mika's workspace falls back from Echo to Second."""
    first = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    second.join()
    workspace = mika.workspaces.get()
    one = connect(workspace=workspace, base_url=first.url, failover_position=1)
    two = connect(workspace=workspace, base_url=second.url, failover_position=2)
    Connection.objects.filter(pk=two.pk).update(provider="second")
    return first, second, one


@pytest.mark.parametrize("kind", ["auth", "quota", "busy"])
def test_a_refusal_that_created_nothing_goes_to_the_next_account(both, order, go, kind):
    first, second, connection = both
    first.next("submit", kind)

    job = go(order(connection))

    assert job.state == State.READY
    assert (len(first.created), len(second.created)) == (0, 1)
    assert Clip.objects.get(job=job).provider == job.provider == "second"
    assert "asking Second instead" in " ".join(line.words for line in history.of(job))


@pytest.mark.parametrize("fault", ["cut_after_create", "html_502_after_create", "cut"])
def test_where_something_may_have_been_bought_nobody_else_is_asked(both, order, go, fault):
    first, second, connection = both
    first.next("submit", fault)

    go(order(connection), steps=4)

    assert not second.created


@pytest.mark.parametrize("kind", ["invalid", "moderation"])
def test_a_request_that_is_refused_for_what_it_says_goes_nowhere_else(both, order, go, kind):
    first, second, connection = both
    first.next("submit", kind)

    assert go(order(connection)).state == State.FAILED
    assert not second.created


@pytest.mark.parametrize(
    "estimate",
    [Estimate(PRICE + 1, "USD", 5), Estimate(PRICE, "CNY", 5), Estimate(0, "USD", 5, is_known=False)],
    ids=["dearer", "another currency", "unknown"],
)
def test_nobody_is_asked_above_the_agreed_price(both, order, go, estimate):
    first, second, connection = both
    second.engine.estimate = lambda request: estimate
    first.next("submit", "quota")

    job = go(order(connection), steps=3)

    assert job.state == State.QUEUED and not second.created


def test_without_an_order_nobody_else_is_asked(both, order, go):
    first, second, connection = both
    Connection.objects.update(failover_position=None)
    first.next("submit", "quota")

    go(order(connection), steps=3)

    assert not second.created
