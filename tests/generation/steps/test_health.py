"""What an account is said to be follows what it does: a request that was taken is newer than any test."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.connecting import rows
from generation.models import Connection
from jobs.models import State
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db
BUSY = "Echo is busy or in trouble just now. Try again in a while."


def shown(account, person):
    account.refresh_from_db()
    [row] = rows.rows_of([account], person)
    return str(row.state), account.last_error


@pytest.mark.parametrize(
    ("health", "error"), [("untested", ""), ("untested", BUSY), ("good", BUSY), ("broken", "Echo did not answer.")]
)
def test_a_request_that_was_taken_clears_what_an_earlier_test_said(fake, connect, order, go, mika, health, error):
    account = connect(owner=mika, base_url=fake.url, health=health, last_error=error)

    go(order(account), until=State.RUNNING)

    assert shown(account, mika) == ("Works", "")


def test_an_account_that_works_is_not_written_to_by_each_request(fake, connect, order, go, mika):
    account = connect(owner=mika, base_url=fake.url, health="good")
    job = order(account)

    with CaptureQueriesContext(connection) as asked:
        assert go(job, until=State.RUNNING).state == State.RUNNING

    table = f'UPDATE "{Connection._meta.db_table}"'
    assert [query["sql"] for query in asked if query["sql"].startswith(table)] == []


def test_a_time_that_the_provider_named_is_kept(fake, connect, order, go, mika, monkeypatch):
    later = timezone.now() + timedelta(minutes=9)
    account = connect(owner=mika, base_url=fake.url)
    job, honest = order(account), EchoProvider.submit

    def while_another_is_told_a_time(*told):
        Connection.objects.filter(pk=account.pk).update(paused_until=later)
        return honest(*told)

    monkeypatch.setattr(EchoProvider, "submit", while_another_is_told_a_time)
    go(job, until=State.RUNNING)

    account.refresh_from_db()
    assert (account.health, account.paused_until) == ("good", later)


def test_an_account_that_works_and_was_busy_when_it_was_tested_is_not_shown_as_working_well(connect, mika):
    account = connect(owner=mika, base_url="https://echo.example", health="good", last_error=BUSY)

    assert shown(account, mika) == ("Busy when last asked", BUSY)
