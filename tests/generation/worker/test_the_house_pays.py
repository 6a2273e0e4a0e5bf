"""A lost submission turns up that its person owes nothing for: what the site's account paid stands in the ledger."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.billing.models import Entry
from generation.providers.remote import Billing, Recovery
from generation.worker import late_results
from jobs import recovery
from jobs.models import Attempt, Job, State
from tests.fakes.echo import PRICE
from tests.generation.worker.told import KNOWS, LEFT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_is_well")]
SILENT = {"recovery": Recovery.NONE, "has_webhooks": True}


@pytest.fixture
def lost(echo, connect, order, go):
    """``lost()``: a clip that Echo made through the site's account, or another, and never answered."""

    def make(*, owner=None, **manners):
        fake = echo(**SILENT | manners)
        make.account = connect(owner, base_url=fake.url)
        fake.next("submit", "cut_after_create")
        job = go(order(make.account), until=State.UNKNOWN)
        make.task = fake.created[-1]
        return job

    return make


def turns_up(lost):
    said = {"id": lost.task.id, "ref": lost.task.ref}
    Client().post(f"/webhooks/echo/{lost.account.webhook_token}/", json.dumps(said), "application/json")


def absorbed() -> list[int]:
    return list(Entry.objects.filter(bucket=Entry.Bucket.ABSORBED).values_list("amount", flat=True))


def test_who_asked_anew_pays_once_and_the_house_the_other(lost, go, purse, mika):
    job = lost()
    recovery.ask_anew(job, by=mika)
    assert go(job).state == State.READY
    assert absorbed() == [], "it is not known yet whether the first was bought"

    for _again in range(2):
        turns_up(lost)

    assert absorbed() == [PRICE]
    assert purse() == LEFT - PRICE
    assert go(Job.objects.exclude(pk=job.pk).get()).state == State.READY
    assert absorbed() == [PRICE]


def test_the_house_pays_what_is_free_for_who_had_it_given_back(lost, purse, mika):
    recovery.release(lost(), by=mika)

    turns_up(lost)

    assert absorbed() == [PRICE] and purse() == LEFT


def test_each_lost_try_of_one_job_is_written_down(lost, echo, go, mika):
    job = lost()
    echo(**SILENT).next("submit", "cut_after_create")
    recovery.ask_anew(job, by=mika)
    recovery.release(go(job, until=State.UNKNOWN), by=mika)
    echo(**KNOWS)

    late_results.look_for_abandoned()
    late_results.look_for_abandoned()

    assert absorbed() == [PRICE, PRICE]


def test_what_an_operator_must_look_at_first_was_paid_all_the_same_and_only_once(lost, mika, monkeypatch):
    monkeypatch.setattr(late_results, "FREE_A_MONTH", 0)
    recovery.release(lost(), by=mika)

    turns_up(lost)
    assert absorbed() == [PRICE]

    assert late_results.give(Attempt.objects.get())
    assert absorbed() == [PRICE]


def test_an_account_of_ones_own_is_not_the_house(lost, mika):
    recovery.release(lost(owner=mika), by=mika)

    turns_up(lost)

    assert Job.objects.count() == 2 and absorbed() == []


def test_where_nothing_costs_anything_the_house_pays_nothing(lost, mika):
    recovery.release(lost(billing=Billing.FREE), by=mika)

    turns_up(lost)

    assert Job.objects.count() == 2 and absorbed() == []


def test_operators_find_what_the_house_paid_among_the_entries(lost, mika, client, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    job = lost()
    recovery.release(job, by=mika)
    turns_up(lost)
    mika.is_staff = mika.is_superuser = True
    mika.save()
    client.force_login(mika)

    page = client.get(reverse("admin:accounts_entry_changelist"), {"bucket__exact": "absorbed"}).text

    assert str(job.pk) in page and "$0.04" in page
