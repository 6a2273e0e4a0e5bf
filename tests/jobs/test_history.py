"""Job history as users read it."""

import pytest

from jobs import events
from jobs.lifecycle import transitions
from jobs.models import Job, JobEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def describe_history(submit):
    """``describe_history("a", "b", …)``: the texts of the history of a job with events of these reasons."""

    def lines(*reasons):
        job = submit()
        JobEvent.objects.bulk_create(JobEvent(job=job, old="queued", new="queued", reason=reason) for reason in reasons)
        return [line.text for line in events.list_history(job)][1:]

    return lines


@pytest.mark.parametrize(
    "state, charge, end", [("ready", 150_000, "$0.15 charged · $0.05 refunded"), ("failed", None, "$0.20 refunded")]
)
def test_lines_name_what_was_held_charged_and_refunded(submit, state, charge, end):
    job = submit(price=200_000)
    Job.objects.filter(pk=job.pk).update(state="stored")
    job.refresh_from_db()
    transitions.move(job, state, charge=charge)

    assert [line.amount for line in events.list_history(job)] == ["$0.20 on hold", end]


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
