"""Job states, append-only history and unique attempts."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from common.database.transitions import find_faults
from jobs.models import TERMINAL, Attempt, JobEvent, State
from jobs.states import NEXT

pytestmark = pytest.mark.rows


def test_state_table_is_sound():
    assert find_faults(NEXT, start=State.QUEUED, ends=TERMINAL) == []


def test_every_unfinished_state_can_fail_and_be_cancelled():
    for state in set(State) - TERMINAL:
        assert {State.FAILED, State.CANCELLED} <= NEXT[state], state


def test_history_is_append_only(submit):
    event = submit().events.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(reason="it was nothing")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()

    assert JobEvent.objects.get(pk=event.pk).reason == ""


def test_actor_name_can_be_erased_but_not_replaced(submit):
    event = submit().events.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(actor="Ren")
    JobEvent.objects.filter(pk=event.pk).update(actor="")

    assert JobEvent.objects.get(pk=event.pk).actor == ""


def test_history_is_deleted_with_its_job(submit):
    job = submit()

    job.delete()

    assert not JobEvent.objects.exists()


@pytest.mark.parametrize("outcome", ["open", "ambiguous", "accepted"])
def test_database_refuses_a_second_live_attempt(submit, outcome):
    job = submit()
    Attempt.objects.create(job=job, n=1, client_ref="a", provider="p", outcome=outcome)

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(job=job, n=2, client_ref="b", provider="p")
    Attempt.objects.update(outcome=Attempt.Outcome.NOT_SENT)
    Attempt.objects.create(job=job, n=2, client_ref="b", provider="p")

    assert job.attempts.count() == 2


def test_client_reference_is_unique(submit):
    Attempt.objects.create(job=submit(), n=1, client_ref="a", provider="p")

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(job=submit(), n=1, client_ref="a", provider="p")
