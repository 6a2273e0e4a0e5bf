"""Contract of every adapter: malformed answers. A submission without a task id stays open and is never refused; a
malformed status is understood or ignored."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.remote import Search, Snapshot, Submitted
from tests.fakes.server import Reply
from tests.generation.providers.malformed_bodies import malformed_bodies
from tests.generation.providers.test_contract_search import lose_response


def test_malformed_answer_to_a_submission_leaves_the_outcome_open(harness):
    prepared, ref = harness.prepare()

    @settings(max_examples=12, derandomize=True, database=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
    @given(malformed_bodies)
    def submit(body):
        harness.fake.fault_made_up = lambda request, act: Reply(200, body, {"Content-Type": "application/json"})
        harness.fake.next("submit", "made_up")
        before = harness.submissions
        with pytest.raises((RemoteError, NoAnswer)) as caught:
            harness.provider.submit(harness.connection, prepared, ref)
        assert harness.submissions == before + 1, (caught.value, body[:200])
        assert getattr(caught.value, "fault", Fault.UNKNOWN) == Fault.UNKNOWN, (caught.value, body[:200])

    submit()


MALFORMED = [None, True, -1, 0, 10**400, float("nan"), float("inf"), "", "9" * 400, "0001-01-01T00:00:00+14:00", [], {}]
VALUES_APART = 3  # every value of an answer gets a third of them


def malformed(body):
    """The answer with each of its values in turn replaced by some impossible ones, and by all of them over the body."""
    for number, path in enumerate(value_paths(body)):
        for value in MALFORMED[number % VALUES_APART :: VALUES_APART]:
            changed = copy.deepcopy(body)
            inner = changed
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value
            yield changed


def value_paths(body, so_far=()):
    rows = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, inner in rows:
        yield (*so_far, step)
        yield from value_paths(inner, (*so_far, step))


def check_malformed_answers(harness, route, act, result):
    """``act()`` returns a ``result`` or raises a known error for every malformed answer of that route."""
    genuine = []
    harness.fake.fault_seen = lambda request, act: genuine.append(act()) or genuine[-1]
    harness.fake.next(route, "seen")
    act()
    assert genuine, f"{route} was not called"
    for body in malformed(genuine[0].body):
        harness.fake.fault_malformed = lambda request, act, body=body: Reply(genuine[0].status, body)
        harness.fake.next(route, "malformed")
        try:
            assert isinstance(act(), result), body
        except (RemoteError, NoAnswer, NotSent):
            continue


def test_malformed_status_of_a_task_is_understood_or_a_known_error(harness):
    submitted = harness.submit()
    check_malformed_answers(harness, "poll", lambda: harness.poll(submitted), Snapshot)

    harness.fake.running = 3600
    submitted = harness.submit()
    check_malformed_answers(harness, "poll", lambda: harness.poll(submitted), Snapshot)


def test_malformed_list_of_tasks_is_understood_or_a_known_error(searchable_harness):
    harness = searchable_harness
    lost, _task = lose_response(harness, harness.request())

    check_malformed_answers(
        harness, harness.entry.list_route, lambda: harness.provider.find(harness.connection, lost), Submitted | Search
    )
