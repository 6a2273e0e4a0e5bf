"""Every invariant of jobs and ledger reports a row that breaks it."""

import uuid

import pytest
from django.db import connection

from accounts.billing import ledger
from accounts.billing.models import Entry, Hold, Wallet
from jobs import maintenance
from jobs.models import Attempt

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def one_sided(job):
    """A movement into the house that left nobody."""
    Entry.objects.create(wallet=ledger.get_wallet(job.workspace), bucket="write_off", amount=3, kind="grant")


def richer(job):
    Wallet.objects.filter(workspace=job.workspace).update(available=7)


def below_nothing(job):
    Wallet.objects.filter(workspace=job.workspace).update(spent=-1)


def never_closed(job):
    Hold.objects.filter(job_id=job.pk).delete()


def closed_twice(job):
    wallet, facts = ledger.get_wallet(job.workspace), {"job_id": job.pk, "kind": "release", "txn": uuid.uuid4()}
    Entry.objects.create(wallet=wallet, bucket="reserved", amount=-10, **facts)
    Entry.objects.create(wallet=wallet, bucket="available", amount=10, **facts)


def held_for_nothing(job):
    Hold.objects.create(job_id=uuid.uuid4(), wallet=ledger.get_wallet(job.workspace), amount=10)


def bought_twice(job):
    with connection.cursor() as cursor:  # as on a database that lost what forbids it
        cursor.execute("DROP INDEX one_live_attempt")
    for n in (1, 2):
        Attempt.objects.create(job=job, n=n, client_ref=f"ref-{n}", provider="echo", outcome="accepted")


SPOILT = {
    one_sided: ("I1 transactions add up", "adds up to 3, not to zero"),
    richer: ("I2 wallets match their entries", "shows 7 available, but its entries say otherwise"),
    below_nothing: ("I3 nothing is negative", "is below zero"),
    never_closed: ("I4 ended jobs are paid for once", "its amount on hold is neither settled nor released"),
    closed_twice: ("I4 ended jobs are paid for once", "was settled or released 2 times"),
    held_for_nothing: ("I5 amounts on hold belong to active jobs", "which is not active"),
    bought_twice: ("I6 one purchase per job", "was accepted 2 times by its provider"),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_row_that_breaks_an_invariant_is_reported(submit, end, spoil):
    promise, words = SPOILT[spoil]
    job = end(submit(price=10))
    assert maintenance.find_violations() == []

    spoil(job)

    told = [sentence for sentence in maintenance.find_violations() if sentence.startswith(f"{promise}: ")]
    assert len(told) == 1 and words in told[0], maintenance.find_violations()
