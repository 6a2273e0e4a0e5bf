"""Job history as users read it."""

import pytest

from jobs import events
from jobs.models import JobEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def describe_history(submit):
    """``describe_history("a", "b", …)``: the texts of the history of a job with events of these reasons."""

    def lines(*reasons):
        job = submit()
        JobEvent.objects.bulk_create(JobEvent(job=job, old="queued", new="queued", reason=reason) for reason in reasons)
        return [line.text for line in events.list_history(job)][1:]

    return lines


def test_repeated_events_are_counted_once(describe_history):
    assert describe_history("requeued", "requeued", "requeued", "cancel_requested") == [
        "Requeued by the administrator",
        "The same happened 2 times more",
        "Cancellation requested",
    ]


def test_alternating_events_are_counted_together(describe_history):
    pair = ("requeued", "cancel_requested")

    assert describe_history("retried", *pair * 50, "requeued") == [
        "Retried as a new job",
        "Requeued by the administrator",
        "Cancellation requested",
        "The same happened 49 times more",
        "Requeued by the administrator",
    ]


def test_two_repetitions_are_listed_twice(describe_history):
    assert describe_history("requeued", "requeued", "cancel_requested", "deleted", "cancel_requested", "deleted") == [
        *["Requeued by the administrator"] * 2,
        *["Cancellation requested", "Moved to the trash"] * 2,
    ]


def test_counted_events_show_the_last_time(submit):
    job = submit()
    rows = [JobEvent.objects.create(job=job, old="queued", new="queued", reason="cancel_requested") for _ in range(4)]

    assert [line.at for line in events.list_history(job)][-1] == JobEvent.objects.get(pk=rows[-1].pk).at
