"""Every invariant of jobs and ledger reports a row that breaks it."""

import uuid

import pytest
from django.db import connection

from accounts.billing import ledger
from accounts.billing.models import Entry, Hold, Wallet
from jobs import maintenance
from jobs.models import Attempt

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def write_one_sided_movement(job):
    Entry.objects.create(wallet=ledger.get_wallet(job.workspace), bucket="write_off", amount=3, kind="grant")


def add_unrecorded_money(job):
    Wallet.objects.filter(workspace=job.workspace).update(available=7)


def make_negative(job):
    Wallet.objects.filter(workspace=job.workspace).update(spent=-1)


def delete_hold(job):
    Hold.objects.filter(job_id=job.pk).delete()


def release_twice(job):
    wallet, facts = ledger.get_wallet(job.workspace), {"job_id": job.pk, "kind": "release", "txn": uuid.uuid4()}
    Entry.objects.create(wallet=wallet, bucket="reserved", amount=-10, **facts)
    Entry.objects.create(wallet=wallet, bucket="available", amount=10, **facts)


def hold_without_job(job):
    Hold.objects.create(job_id=uuid.uuid4(), wallet=ledger.get_wallet(job.workspace), amount=10)


def accept_twice(job):
    with connection.cursor() as cursor:  # a database that lost the constraint
        cursor.execute("DROP INDEX one_live_attempt")
    for n in (1, 2):
        Attempt.objects.create(job=job, n=n, client_ref=f"ref-{n}", provider="echo", outcome="accepted")


VIOLATIONS = {
    write_one_sided_movement: ("I1 transactions add up", "adds up to 3, not to zero"),
    add_unrecorded_money: ("I2 wallets match their entries", "shows 7 available, but its entries say otherwise"),
    make_negative: ("I3 nothing is negative", "is below zero"),
    delete_hold: ("I4 ended jobs are paid for once", "its amount on hold is neither settled nor released"),
    release_twice: ("I4 ended jobs are paid for once", "was settled or released 2 times"),
    hold_without_job: ("I5 amounts on hold belong to active jobs", "which is not active"),
    accept_twice: ("I6 one purchase per job", "was accepted 2 times by its provider"),
}


@pytest.mark.parametrize("violate", VIOLATIONS)
def test_row_that_breaks_an_invariant_is_reported(submit, run_steps, violate):
    invariant, message = VIOLATIONS[violate]
    job = run_steps(submit(price=10))
    assert maintenance.find_violations() == []

    violate(job)

    found = [sentence for sentence in maintenance.find_violations() if sentence.startswith(f"{invariant}: ")]
    assert len(found) == 1 and message in found[0], maintenance.find_violations()
