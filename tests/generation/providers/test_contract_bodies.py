"""Whatever a provider answers with 200 that names no task: the outcome is open, never a refusal (F30)."""

import pytest
from hypothesis import HealthCheck, given, settings

from generation.providers.faults import Fault, NoAnswer, RemoteError
from tests.fakes.server import Reply
from tests.generation.providers.bodies import wrong


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
