"""Late results that the user does not owe are written off in the ledger."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from accounts.billing.models import Entry
from generation.providers.models import Connection
from generation.providers.remote import Billing, Recovery
from generation.worker import reconcile
from jobs.lifecycle import recovery
from jobs.models import Job, State
from tests.fakes.echo import PRICE
from tests.fakes.server import Task
from tests.generation.worker.helpers import LIMIT, SEARCHABLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants"), pytest.mark.rows]
UNSEARCHABLE = {"recovery": Recovery.NONE, "has_webhooks": True}


@dataclass
class Lost:
    """A lost submission: Echo has the task and can still send a callback."""

    job: Job
    task: Task
    connection: Connection


@pytest.fixture
def lose_clip(echo, connect, create_job, run_job):
    """``lose_clip()``: an unknown job on the site's connection, or its ``owner``'s. Returns a ``Lost``."""

    def lose(*, owner=None, **traits):
        fake = echo(**UNSEARCHABLE | traits)
        connection = connect(owner, base_url=fake.url)
        fake.next("submit", "cut_after_create")
        job = run_job(create_job(connection), until=State.UNKNOWN)
        return Lost(job, fake.created[-1], connection)

    return lose


def send_callback(lost: Lost) -> None:
    body = {"id": lost.task.id, "ref": lost.task.ref}
    Client().post(f"/webhooks/echo/{lost.connection.webhook_token}/", json.dumps(body), "application/json")


def list_write_offs() -> list[int]:
    return list(Entry.objects.filter(bucket=Entry.Bucket.WRITE_OFF).values_list("amount", flat=True))


def test_resubmit_charges_user_once_and_writes_off_the_duplicate(lose_clip, run_job, get_balance, mika):
    lost = lose_clip()
    recovery.resend(lost.job, by=mika)
    assert run_job(lost.job).state == State.READY
    assert list_write_offs() == [], "the first attempt was written off before it was known to be bought"

    for _again in range(2):
        send_callback(lost)

    assert list_write_offs() == [PRICE]
    assert get_balance() == LIMIT - PRICE
    assert run_job(Job.objects.exclude(pk=lost.job.pk).get()).state == State.READY
    assert list_write_offs() == [PRICE]


def test_late_result_of_a_released_job_is_written_off(lose_clip, get_balance, mika):
    lost = lose_clip()
    recovery.release(lost.job, by=mika)

    send_callback(lost)

    assert list_write_offs() == [PRICE] and get_balance() == LIMIT


def test_every_lost_attempt_of_a_job_is_written_off(lose_clip, echo, run_job, mika):
    lost = lose_clip()
    echo(**UNSEARCHABLE).next("submit", "cut_after_create")
    recovery.resend(lost.job, by=mika)
    recovery.release(run_job(lost.job, until=State.UNKNOWN), by=mika)
    echo(**SEARCHABLE)

    reconcile.search_abandoned()
    reconcile.search_abandoned()

    assert list_write_offs() == [PRICE, PRICE]


def test_personal_connection_is_not_written_off(lose_clip, mika):
    lost = lose_clip(owner=mika)
    recovery.release(lost.job, by=mika)

    send_callback(lost)

    assert Job.objects.count() == 2 and list_write_offs() == []


def test_free_provider_writes_off_nothing(lose_clip, mika):
    lost = lose_clip(billing=Billing.FREE)
    recovery.release(lost.job, by=mika)

    send_callback(lost)

    assert Job.objects.count() == 2 and list_write_offs() == []


def test_ledger_admin_lists_write_offs(lose_clip, mika, client, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    lost = lose_clip()
    recovery.release(lost.job, by=mika)
    send_callback(lost)
    mika.is_staff = mika.is_superuser = True
    mika.save()
    client.force_login(mika)
    settings.BILLING = True  # elsewhere the admin hides the site's money

    page = client.get(reverse("admin:accounts_entry_changelist"), {"bucket__exact": "write_off"}).text

    assert str(lost.job.pk) in page and "$0.04" in page
