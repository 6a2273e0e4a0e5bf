"""Whatever a provider answers with 200 that names no task: the outcome is open, never a refusal (F30). And whatever it
says of a task in the place of a word or a number: an adapter knows what it means, or that it means nothing."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.remote import Search, Snapshot, Submitted
from tests.fakes.server import Reply
from tests.generation.providers.bodies import wrong
from tests.generation.providers.test_contract_finding import SEARCHABLE, lose


def test_no_made_up_answer_is_believed_or_taken_for_a_refusal(desk):
    prepared, ref = desk.prepare()

    @settings(max_examples=25, derandomize=True, database=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
    @given(wrong)
    def walk(body):
        desk.fake.fault_made_up = lambda request, act: Reply(200, body, {"Content-Type": "application/json"})
        desk.fake.next("submit", "made_up")
        before = desk.submissions
        with pytest.raises((RemoteError, NoAnswer)) as caught:
            desk.engine.submit(desk.account, prepared, ref)
        assert desk.submissions == before + 1, (caught.value, body[:200])
        assert getattr(caught.value, "fault", Fault.UNKNOWN) == Fault.UNKNOWN, (caught.value, body[:200])

    walk()


ODD = [None, True, -1, 0, 10**400, float("nan"), float("inf"), "", "9" * 400, "0001-01-01T00:00:00+14:00", [], {}]


def bent(body):
    """The answer with each of its words and numbers in turn replaced by what should never stand there."""
    for place in _places(body):
        for odd in ODD:
            made = copy.deepcopy(body)
            inner = made
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = odd
            yield made


def _places(body, so_far=()):
    rows = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, inner in rows:
        yield (*so_far, step)
        yield from _places(inner, (*so_far, step))


def walk(desk, route, ask, fits):
    """``ask()`` with every bent answer of that route; what it comes to must ``fits``."""
    genuine = []
    desk.fake.fault_seen = lambda request, act: genuine.append(act()) or genuine[-1]
    desk.fake.next(route, "seen")
    ask()
    if not genuine:
        pytest.skip(f"{desk.entry.slug} was not asked there")
    for body in bent(genuine[0].body):
        desk.fake.fault_bent = lambda request, act, body=body: Reply(genuine[0].status, body)
        desk.fake.next(route, "bent")
        try:
            assert isinstance(ask(), fits)
        except (RemoteError, NoAnswer, NotSent):
            continue


@pytest.mark.parametrize("running", [0, 3600])
def test_whatever_stands_in_an_answer_about_a_task_is_read_or_means_nothing(desk, running):
    desk.fake.running = running
    done = desk.submit()

    walk(desk, "poll", lambda: desk.poll(done), Snapshot)


def test_whatever_stands_in_a_list_is_read_or_means_nothing(desk):
    if desk.engine.manners.recovery not in SEARCHABLE:
        pytest.skip(f"{desk.entry.slug} cannot be asked")
    lost, _task = lose(desk, desk.request())

    walk(desk, desk.entry.look, lambda: desk.engine.find(desk.account, lost), Submitted | Search)
