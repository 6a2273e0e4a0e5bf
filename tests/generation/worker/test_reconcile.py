"""Reconcile lost submissions: proof of absence, search intervals and the end of the search."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.providers import matching
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.remote import Recovery, Search
from jobs.models import Attempt, State
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.helpers import LIMIT

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
SLACK = 45  # seconds that one step may take on a busy machine; searches are at least a minute apart


@pytest.fixture
def lose_request(create_job, run_job):
    """``lose_request(fake, site)``: a job whose request never reached the provider, unknown to us."""

    def lose(fake, site):
        fake.next("submit", "cut")
        return run_job(create_job(site), until=State.SUBMITTING)

    return lose


@pytest.fixture
def search_once(run_job):
    """``search_once(job, 200)``: search for the submission once, 200 seconds after its request."""

    def look(job, seconds):
        Attempt.objects.update(intent_at=timezone.now() - timedelta(seconds=seconds))
        return run_job(job, steps=1)

    return look


def count_submissions(fake) -> int:
    return sum(call.method == "POST" for call in fake.calls)


@pytest.mark.parametrize("recovery", [Recovery.OWN_ID, Recovery.LIST])
def test_missing_submission_without_proof_of_absence_is_never_resent(
    echo, connect, lose_request, run_job, get_balance, recovery
):
    fake = echo(recovery=recovery, absence_is_proof=False)
    job = lose_request(fake, connect(base_url=fake.url))
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    job = run_job(job, steps=8)

    assert job.attempts.get().searches > 3, "the submission was not searched for"
    assert job.state == State.UNKNOWN
    assert count_submissions(fake) == 1
    assert get_balance() == LIMIT - PRICE


def test_undecided_searches_do_not_prove_absence(echo, connect, lose_request, run_job, get_balance, monkeypatch):
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    job = lose_request(fake, connect(base_url=fake.url))

    def find(_engine, _connection, lost):
        search = matching.ListSearch(lost)
        search.add_row("a task of that minute", None)  # without anything that identifies it
        return search.result(is_complete=True)

    monkeypatch.setattr(EchoProvider, "find", find)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    job = run_job(job, steps=8)

    assert (job.state, count_submissions(fake)) == (State.UNKNOWN, 1)
    assert get_balance() == LIMIT - PRICE


@pytest.mark.parametrize("error", [NoAnswer("cut"), RemoteError(Fault.TRANSIENT, "http_502")])
def test_failed_searches_do_not_prove_absence(echo, connect, lose_request, run_job, get_balance, monkeypatch, error):
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    job = lose_request(fake, connect(base_url=fake.url))

    def find(*_):
        raise error

    monkeypatch.setattr(EchoProvider, "find", find)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    job = run_job(job, steps=8)

    assert (job.state, count_submissions(fake)) == (State.UNKNOWN, 1)
    assert get_balance() == LIMIT - PRICE


def test_missing_submission_is_resent_only_after_five_minutes(
    fake, site, lose_request, search_once, run_job, get_balance
):
    job = lose_request(fake, site)

    for _look in range(8):
        search_once(job, 300 - SLACK)

    assert job.attempts.get().searches == 8
    assert (job.state, count_submissions(fake)) == (State.SUBMITTING, 1)
    assert get_balance() == LIMIT - PRICE

    search_once(job, 301)
    assert run_job(job).state == State.READY and len(fake.created) == 1
    assert count_submissions(fake) == 2


@pytest.mark.parametrize("recovery", [Recovery.OWN_ID, Recovery.LIST, Recovery.WEBHOOK])
def test_missing_submission_is_searched_at_growing_intervals_then_unknown(
    echo, connect, lose_request, search_once, get_balance, monkeypatch, recovery
):
    fake = echo(recovery=recovery)
    if recovery == Recovery.WEBHOOK:
        monkeypatch.setattr(EchoProvider, "find", lambda *_: Search.UNDECIDED)  # only a callback can recover it
    job = lose_request(fake, connect(base_url=fake.url))

    for age, minutes in {10: 1, 70: 2, 130: 4, 250: 7, 430: 15, 800: 15}.items():
        search_once(job, age)
        assert job.state == State.SUBMITTING, f"{age} s after the submission"
        due = (job.next_run_at - job.attempts.get().intent_at).total_seconds()
        assert 60 * minutes - 0.01 < due < 60 * minutes + SLACK  # SQLite keeps milliseconds

    assert search_once(job, 1000).state == State.UNKNOWN
    assert count_submissions(fake) == 1
    assert get_balance() == LIMIT - PRICE


def test_lost_submission_is_found_without_disk_space(echo, connect, create_job, run_job, settings, tmp_path):
    fake = echo(recovery=Recovery.LIST)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.SUBMITTING)
    work_dir, settings.WORK_DIR = settings.WORK_DIR, tmp_path / "full"
    settings.WORK_DIR.write_text("not a folder")

    assert run_job(job, until=State.RUNNING).state == State.RUNNING
    settings.WORK_DIR = work_dir

    assert run_job(job).state == State.READY and len(fake.created) == 1
