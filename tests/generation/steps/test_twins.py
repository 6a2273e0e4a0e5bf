"""Two takes of the same words, where a lost answer is looked for by the provider's list: each gets what is its own."""

import pytest

from generation.providers.remote import Recovery, Search, Submitted
from jobs.models import Attempt, State
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db
SUBMIT = EchoProvider.submit


@pytest.fixture
def fake(echo, monkeypatch):
    """An Echo whose list shows what was made, and neither our reference nor a seed."""
    fake = echo(recovery=Recovery.LIST)

    def find(_engine, _account, lost):
        free = [task.id for task in fake.created if not lost.is_taken(task.id)]
        return Submitted(free[0], lost.handle | {"id": free[0]}) if len(free) == 1 else Search.ABSENT

    monkeypatch.setattr(EchoProvider, "find", find)
    return fake


def slowly(monkeypatch, meanwhile, *, before=False):
    """The next submission takes its time before or after the film is begun there."""

    def submit(*args):
        monkeypatch.setattr(EchoProvider, "submit", SUBMIT)
        if before:
            meanwhile()
        done = SUBMIT(*args)
        if not before:
            meanwhile()
        return done

    monkeypatch.setattr(EchoProvider, "submit", submit)


def test_a_take_that_was_never_made_does_not_take_the_other_ones_whose_answer_is_on_its_way(
    fake, site, order, go, monkeypatch
):
    one, two = order(site), order(site)
    fake.next("submit", "cut")
    go(two, until=State.SUBMITTING)

    slowly(monkeypatch, lambda: go(two, steps=2))
    go(one)

    assert one.state == State.READY
    two.refresh_from_db()
    assert two.state == State.SUBMITTING and not two.attempts.get().provider_task_id
    assert Attempt.objects.get(job=one).provider_task_id == fake.created[0].id


def test_other_words_on_their_way_hold_up_nobody(fake, site, order, go, monkeypatch):
    lost, other = order(site), order(site, prompt="a dog on a roof")
    fake.next("submit", "cut_after_create")
    go(lost, until=State.SUBMITTING)
    states = []
    slowly(monkeypatch, lambda: states.append(go(lost, steps=1).state), before=True)
    go(other)

    assert states == [State.RUNNING] and other.state == State.READY
    assert go(lost).state == State.READY
    assert len(fake.created) == 2
