"""An operator reactivates a closing account as long as nothing was erased."""

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from accounts import privacy
from accounts import services as accounts
from accounts.models import User
from jobs import maintenance, services
from jobs import maintenance as job_maintenance
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.factories import UserFactory

INLINE = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


@pytest.fixture
def operator(sign_in, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first, which is tested with accounts
    return sign_in(UserFactory(is_staff=True, is_superuser=True))


@pytest.fixture
def let_in(operator):
    """``let_in(user)``: an operator ticks "active" for them; gives the page that follows."""

    def ticked(user):
        url = reverse("admin:accounts_user_change", args=[user.pk])
        return operator.post(url, {"is_active": "on"} | INLINE, follow=True).text

    return ticked


@pytest.fixture
def leave(mika):
    """``leave()``: Mika closes her account; gives the job that is to erase it."""

    def left():
        job = account_data_jobs.request_erasure(mika)
        accounts.close_account(mika)
        return job

    return left


@pytest.mark.parametrize("when", ["queued", "waiting", "just taken up", "stopped"])
def test_reactivated_user_works_as_before_if_erasure_did_not_begin(mika, leave, submit, let_in, when):
    other = submit()
    erasure, held = leave(), None
    if when == "stopped":
        services.cancel(erasure, by=None)
    elif when != "queued":
        engine.advance(erasure.pk)  # it waits for the other job to end
        assert Job.objects.get(pk=erasure.pk).state == State.RUNNING
    if when == "just taken up":
        services.cancel(other, by=mika)
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now())
        held = engine.claim(erasure.pk)

    page = let_in(mika)
    if held:
        engine.take_step(held)

    mika.refresh_from_db()
    erasure.refresh_from_db()
    assert (mika.is_active, mika.closing_at, erasure.state) == (True, None, State.CANCELLED)
    assert "cancelled before it started" in page
    assert submit().state == State.QUEUED
    User.objects.filter(pk=mika.pk).update(is_active=False)  # shut out later, which erases nobody
    job_maintenance.run_periodic_tasks()
    assert not Job.objects.active().filter(kind="erase").exists()
    assert maintenance.find_violations() == []


def test_user_cannot_be_reactivated_once_erasure_began(mika, leave, let_in, monkeypatch):
    def breaks(user, on_progress):
        raise RuntimeError("the disk is gone")

    erasure = leave()
    with monkeypatch.context() as broken:
        broken.setattr(privacy, "erase_all", breaks)
        engine.advance(erasure.pk)

    page = let_in(mika)

    mika.refresh_from_db()
    assert not mika.is_active and mika.closing_at
    assert "is already being erased" in page
    for _time in range(2):
        job_maintenance.run_periodic_tasks()
    engine.advance(Job.objects.active().get(kind="erase").pk)
    assert not User.objects.filter(pk=mika.pk).exists()


def test_reactivated_account_still_marked_as_closing_is_repaired(mika, leave, submit, let_in):
    services.cancel(leave(), by=None)
    User.objects.filter(pk=mika.pk).update(is_active=True)
    with pytest.raises(services.JobRefused, match="being erased"):
        submit()

    let_in(mika)

    assert submit().state == State.QUEUED


def test_suspending_a_closing_user_does_not_stop_the_erasure(mika, leave, operator):
    erasure = leave()

    operator.post(reverse("admin:accounts_user_change", args=[mika.pk]), INLINE)

    mika.refresh_from_db()
    erasure.refresh_from_db()
    assert mika.closing_at and erasure.state == State.QUEUED


@pytest.mark.rows
def test_queued_erasure_skips_a_reactivated_user(mika, leave, let_in):
    leave()
    let_in(mika)
    job = account_data_jobs.request_erasure(mika)  # as the chore does that had read before that they are closing

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.CANCELLED and User.objects.get(pk=mika.pk).is_active
