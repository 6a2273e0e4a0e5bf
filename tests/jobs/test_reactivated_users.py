"""An operator reactivates a closing account as long as nothing was erased."""

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from accounts import privacy
from accounts import services as accounts
from accounts.models import User
from jobs import maintenance, services
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.factories import UserFactory

INLINE = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


@pytest.fixture
def operator(sign_in, settings):
    settings.IS_EMBEDDED = True  # so that the admin needs no second factor, which tests/accounts covers
    return sign_in(UserFactory(is_staff=True, is_superuser=True))


@pytest.fixture
def reactivate(operator):
    """``reactivate(user)``: an operator sets the user active. Returns the next page."""

    def set_active(user):
        url = reverse("admin:accounts_user_change", args=[user.pk])
        return operator.post(url, {"is_active": "on"} | INLINE, follow=True).text

    return set_active


@pytest.fixture
def close_account(mika):
    """``close_account()``: Mika closes her account. Returns the job of its erasure."""

    def close():
        job = account_data_jobs.request_erasure(mika)
        accounts.close_account(mika, by=mika)
        return job

    return close


@pytest.mark.parametrize("when", ["queued", "waiting", "just leased", "cancelled"])
def test_reactivated_user_works_as_before_if_erasure_did_not_begin(mika, close_account, submit, reactivate, when):
    other = submit()
    erasure, lease = close_account(), None
    if when == "cancelled":
        services.cancel(erasure, by=None)
    elif when != "queued":
        engine.advance(erasure.pk)  # it waits until the other job has ended
        assert Job.objects.get(pk=erasure.pk).state == State.RUNNING
    if when == "just leased":
        services.cancel(other, by=mika)
        Job.objects.filter(pk=erasure.pk).update(next_run_at=Now())
        lease = engine.claim(erasure.pk)

    page = reactivate(mika)
    if lease:
        engine.take_step(lease)

    mika.refresh_from_db()
    erasure.refresh_from_db()
    assert (mika.is_active, mika.closing_at, erasure.state) == (True, None, State.CANCELLED)
    assert "cancelled before it started" in page
    assert submit().state == State.QUEUED
    User.objects.filter(pk=mika.pk).update(is_active=False)  # suspended later, which erases nothing
    maintenance.run_periodic_tasks()
    assert not Job.objects.active().filter(kind="erase").exists()
    assert maintenance.find_violations() == []


def test_user_cannot_be_reactivated_once_erasure_began(mika, close_account, reactivate, monkeypatch):
    def fail(user, on_progress):
        raise RuntimeError("the disk is gone")

    erasure = close_account()
    with monkeypatch.context() as patch:
        patch.setattr(privacy, "erase_all", fail)
        engine.advance(erasure.pk)

    page = reactivate(mika)

    mika.refresh_from_db()
    assert not mika.is_active and mika.closing_at
    assert "is already being erased" in page
    for _ in range(2):
        maintenance.run_periodic_tasks()
    engine.advance(Job.objects.active().get(kind="erase").pk)
    assert not User.objects.filter(pk=mika.pk).exists()


def test_reactivated_account_still_marked_as_closing_is_repaired(mika, close_account, submit, reactivate):
    services.cancel(close_account(), by=None)
    User.objects.filter(pk=mika.pk).update(is_active=True)
    with pytest.raises(services.JobRefused, match="being erased"):
        submit()

    reactivate(mika)

    assert submit().state == State.QUEUED


def test_suspending_a_closing_user_does_not_stop_the_erasure(mika, close_account, operator):
    erasure = close_account()

    operator.post(reverse("admin:accounts_user_change", args=[mika.pk]), INLINE)

    mika.refresh_from_db()
    erasure.refresh_from_db()
    assert mika.closing_at and erasure.state == State.QUEUED


@pytest.mark.rows
def test_queued_erasure_skips_a_reactivated_user(mika, close_account, reactivate):
    close_account()
    reactivate(mika)
    job = account_data_jobs.request_erasure(mika)  # as by a periodic task that read the row before

    engine.advance(job.pk)

    job.refresh_from_db()
    assert job.state == State.CANCELLED and User.objects.get(pk=mika.pk).is_active
