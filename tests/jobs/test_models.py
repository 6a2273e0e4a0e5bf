import pytest
from django.db import DatabaseError, IntegrityError, transaction

from common.database.transitions import check_table
from jobs.models import TERMINAL, Attempt, JobEvent, State
from jobs.states import NEXT


def test_the_table_of_states_is_sound():
    assert check_table(NEXT, start=State.QUEUED, ends=TERMINAL) == []


def test_every_state_that_is_not_an_end_can_be_left_by_failing_and_by_stopping():
    for state in set(State) - TERMINAL:
        assert {State.FAILED, State.CANCELLED} <= NEXT[state], state


def test_history_cannot_be_rewritten(submit):
    event = submit().events.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(reason="it was nothing")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()

    assert JobEvent.objects.get(pk=event.pk).reason == ""


def test_a_name_in_the_history_can_be_forgotten_but_not_replaced(submit):
    event = submit().events.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        JobEvent.objects.filter(pk=event.pk).update(actor="Ren")
    JobEvent.objects.filter(pk=event.pk).update(actor="")

    assert JobEvent.objects.get(pk=event.pk).actor == ""


def test_history_goes_with_its_job(submit):
    job = submit()

    job.delete()

    assert not JobEvent.objects.exists()


@pytest.mark.parametrize("outcome", ["open", "ambiguous", "accepted"])
def test_a_second_live_submission_is_refused_by_the_database(submit, outcome):
    job = submit()
    Attempt.objects.create(job=job, n=1, client_ref="a", provider="p", outcome=outcome)

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(job=job, n=2, client_ref="b", provider="p")
    Attempt.objects.update(outcome=Attempt.Outcome.NOT_SENT)
    Attempt.objects.create(job=job, n=2, client_ref="b", provider="p")

    assert job.attempts.count() == 2


def test_the_name_of_a_submission_is_given_to_no_second_one(submit):
    Attempt.objects.create(job=submit(), n=1, client_ref="a", provider="p")

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(job=submit(), n=1, client_ref="a", provider="p")
