"""Late results that the user does not owe are written off in the ledger."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.billing.models import Entry
from generation.providers.remote import Billing, Recovery
from generation.worker import reconcile
from jobs.lifecycle import recovery
from jobs.models import Job, State
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, SEARCHABLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants"), pytest.mark.rows]
SILENT = {"recovery": Recovery.NONE, "has_webhooks": True}


@pytest.fixture
def lost(echo, connect, create_job, run_job):
    """``lost()``: a clip that Echo made through the site's account, or another, and never answered."""

    def make(*, owner=None, **traits):
        fake = echo(**SILENT | traits)
        make.connection = connect(owner, base_url=fake.url)
        fake.next("submit", "cut_after_create")
        job = run_job(create_job(make.connection), until=State.UNKNOWN)
        make.task = fake.created[-1]
        return job

    return make


def turns_up(lost):
    said = {"id": lost.task.id, "ref": lost.task.ref}
    Client().post(f"/webhooks/echo/{lost.connection.webhook_token}/", json.dumps(said), "application/json")


def written_off() -> list[int]:
    return list(Entry.objects.filter(bucket=Entry.Bucket.WRITE_OFF).values_list("amount", flat=True))


def test_resubmit_charges_user_once_and_writes_off_the_duplicate(lost, run_job, get_balance, mika):
    job = lost()
    recovery.resend(job, by=mika)
    assert run_job(job).state == State.READY
    assert written_off() == [], "it is not known yet whether the first was bought"

    for _again in range(2):
        turns_up(lost)

    assert written_off() == [PRICE]
    assert get_balance() == LIMIT - PRICE
    assert run_job(Job.objects.exclude(pk=job.pk).get()).state == State.READY
    assert written_off() == [PRICE]


def test_late_result_of_a_released_job_is_written_off(lost, get_balance, mika):
    recovery.release(lost(), by=mika)

    turns_up(lost)

    assert written_off() == [PRICE] and get_balance() == LIMIT


def test_every_lost_attempt_of_a_job_is_written_off(lost, echo, run_job, mika):
    job = lost()
    echo(**SILENT).next("submit", "cut_after_create")
    recovery.resend(job, by=mika)
    recovery.release(run_job(job, until=State.UNKNOWN), by=mika)
    echo(**SEARCHABLE)

    reconcile.search_abandoned()
    reconcile.search_abandoned()

    assert written_off() == [PRICE, PRICE]


def test_personal_connection_is_not_written_off(lost, mika):
    recovery.release(lost(owner=mika), by=mika)

    turns_up(lost)

    assert Job.objects.count() == 2 and written_off() == []


def test_free_provider_writes_off_nothing(lost, mika):
    recovery.release(lost(billing=Billing.FREE), by=mika)

    turns_up(lost)

    assert Job.objects.count() == 2 and written_off() == []


def test_ledger_admin_lists_write_offs(lost, mika, client, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    job = lost()
    recovery.release(job, by=mika)
    turns_up(lost)
    mika.is_staff = mika.is_superuser = True
    mika.save()
    client.force_login(mika)

    page = client.get(reverse("admin:accounts_entry_changelist"), {"bucket__exact": "write_off"}).text

    assert str(job.pk) in page and "$0.04" in page
