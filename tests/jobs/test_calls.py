"""Who has news of a job is heard before all that is merely due, and without waiting for the next tick."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now

from jobs.lifecycle import engine
from jobs.management.commands import work
from jobs.models import Job, State
from jobs.worker import wakeups

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere(kind, submit, settings):
    """``elsewhere()``: a job that is made elsewhere and due to be asked after in ten minutes."""
    settings.JOBS_PER_WORKSPACE = 1000
    kind(running=lambda claim: claim.wait(600), is_local=False)

    def make(**facts):
        job = submit()
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING, next_run_at=Now() + timedelta(minutes=10), **facts)
        return Job.objects.get(pk=job.pk)

    return make


@pytest.fixture
def slowly(monkeypatch):
    """However long this machine stalls between a call and the look."""
    monkeypatch.setattr(wakeups, "JUST_NOW", timedelta(hours=1))


def test_what_was_called_for_is_new_until_somebody_asks_after_it(elsewhere, slowly):
    job = elsewhere()
    assert not wakeups.is_anything_new()

    wakeups.call(job)
    assert wakeups.is_anything_new()

    [held] = engine.claim_polls(10)
    assert wakeups.is_called(held.job)
    assert not wakeups.is_anything_new()


@pytest.mark.parametrize("late", [timedelta(seconds=1), timedelta(seconds=50), timedelta(minutes=5)])
def test_what_is_merely_due_is_no_news_however_late_it_is(elsewhere, late):
    job = elsewhere()
    Job.objects.filter(pk=job.pk).update(next_run_at=Now() - late)

    assert not wakeups.is_anything_new()


def test_work_of_this_machine_is_left_to_its_workers(submit):
    wakeups.call(submit())

    assert not wakeups.is_anything_new()


def test_who_calls_for_what_has_ended_changes_nothing(elsewhere):
    job = elsewhere()
    Job.objects.filter(pk=job.pk).update(state=State.READY)
    before = Job.objects.get(pk=job.pk).next_run_at

    wakeups.call(job)

    assert Job.objects.get(pk=job.pk).next_run_at == before


class Wake:
    """An event that nobody sets; counts how often it was waited for."""

    def __init__(self, then=lambda: None):
        self.waits, self.then = [], then

    def wait(self, seconds):
        self.waits.append(seconds)
        self.then()
        return False

    def clear(self):
        pass


@pytest.fixture
def resting():
    def make(wake):
        command = work.Command()
        command.wake, command.was_called = wake, False
        return command

    return make


def test_the_dispatcher_rests_for_a_whole_tick_while_nobody_calls(elsewhere, resting):
    elsewhere()
    wake = Wake()

    resting(wake).rest(is_down=False)

    assert sum(wake.waits) == pytest.approx(work.TICK)


def test_a_call_ends_its_rest_but_not_the_one_after(elsewhere, resting, slowly):
    """What nobody can ask after now would else have it tick all the time."""
    job = elsewhere()
    wake = Wake(then=lambda: wakeups.call(job))
    dispatcher = resting(wake)

    counts = []
    for _ in range(3):
        wake.waits.clear()
        dispatcher.rest(is_down=False)
        counts.append(len(wake.waits))

    assert counts == [1, work.LOOKS, 1]


def test_a_database_that_is_away_is_not_asked_while_it_rests_and_one_that_goes_ends_the_rest(resting, monkeypatch):
    def gone():
        raise OperationalError("gone")

    monkeypatch.setattr(wakeups, "is_anything_new", gone)
    known, sudden = Wake(), Wake()

    resting(known).rest(is_down=True)
    resting(sudden).rest(is_down=False)

    assert (len(known.waits), len(sudden.waits)) == (work.LOOKS, 1)


def test_many_are_claimed_as_their_rows_say_afterwards(elsewhere):
    """The claim counts its own fence up instead of reading the rows once more."""
    jobs = [elsewhere(fence=n * 7, no_progress_count=n) for n in range(3)]
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(next_run_at=Now())

    held = engine.claim_polls(10)

    rows = {job.pk: (job.fence, job.no_progress_count, job.state) for job in Job.objects.all()}
    assert {each.job.pk: (each.job.fence, each.job.no_progress_count, each.job.state) for each in held} == rows
    assert len(held) == 3
    for each in held:
        each.report(10)  # LeaseLost if the fence were not the row's


def test_the_queries_of_a_claim_do_not_grow_with_the_jobs(elsewhere, django_assert_max_num_queries):
    for _ in range(30):
        elsewhere()
    Job.objects.update(next_run_at=Now() - timedelta(seconds=1), fence=F("fence"))

    with django_assert_max_num_queries(6):  # two of them begin and end the transaction
        held = engine.claim_polls(64)

    assert len(held) == 30
