"""Connection health follows real requests, which are newer than any test."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from generation.providers.connections import overview
from generation.providers.models import Connection
from jobs.models import State
from jobs.runtime import heartbeat
from tests.fakes.echo import EchoFake, EchoProvider

pytestmark = pytest.mark.django_db
BUSY = "Echo is busy or unavailable. Try again later."


def describe(connection, person):
    connection.refresh_from_db()
    [row] = overview.build_rows([connection], person)
    return str(row.state), connection.last_error


@pytest.mark.parametrize(
    ("health", "error"), [("untested", ""), ("untested", BUSY), ("good", BUSY), ("broken", "Echo did not answer.")]
)
def test_accepted_request_clears_an_earlier_test_error(fake, connect, create_job, run_job, mika, health, error):
    connection = connect(owner=mika, base_url=fake.url, health=health, last_error=error)

    run_job(create_job(connection), until=State.RUNNING)

    assert describe(connection, mika) == ("Works", "")


def test_healthy_connection_is_not_written_on_each_request(fake, connect, create_job, run_job, mika):
    connection = connect(owner=mika, base_url=fake.url, health="good")
    job = create_job(connection)

    with CaptureQueriesContext(database) as queries:
        assert run_job(job, until=State.RUNNING).state == State.RUNNING

    table = f'UPDATE "{Connection._meta.db_table}"'
    assert [query["sql"] for query in queries if query["sql"].startswith(table)] == []


def test_pause_named_by_the_provider_is_kept(fake, connect, create_job, run_job, mika, monkeypatch):
    later = timezone.now() + timedelta(minutes=9)
    connection = connect(owner=mika, base_url=fake.url)
    job, submit = create_job(connection), EchoProvider.submit

    def pause_and_submit(*args):
        Connection.objects.filter(pk=connection.pk).update(paused_until=later)
        return submit(*args)

    monkeypatch.setattr(EchoProvider, "submit", pause_and_submit)
    run_job(job, until=State.RUNNING)

    connection.refresh_from_db()
    assert (connection.health, connection.paused_until) == ("good", later)


def test_connection_busy_at_its_test_is_shown_as_busy(connect, mika):
    connection = connect(owner=mika, base_url="https://echo.example", health="good", last_error=BUSY)

    assert describe(connection, mika) == ("Busy at the last check", BUSY)


@pytest.fixture
def operator_browser(ren, sign_in, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    ren.is_staff = ren.is_superuser = True
    ren.save()
    return sign_in(ren)


def list_errors(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("kind", ["auth", "quota"])
def test_operators_are_alerted_once_about_a_refused_site_connection(fake, site, create_job, run_job, caplog, kind):
    fake.next("submit", kind, kind)
    job = create_job(site)

    for _again in range(2):
        run_job(job, steps=1)
        Connection.objects.update(paused_until=None)

    [error] = list_errors(caplog)
    assert f"the site's own connection {site.pk} to echo is refused" in error and kind in error
    assert EchoFake.key not in caplog.text


def test_health_page_lists_a_refused_site_connection_until_it_works(fake, site, create_job, run_job, operator_browser):
    url, message = reverse("admin:jobs_heartbeat_changelist"), "The studio’s own connection “Echo” does not work"
    fake.next("submit", "auth")
    job = run_job(create_job(site), steps=1)

    page = operator_browser.get(url).text
    assert message in page and "rejected the key" in page
    assert message in operator_browser.get(reverse("admin:jobs_job_changelist")).text

    Connection.objects.update(paused_until=None)
    run_job(job, until=State.RUNNING)
    assert message not in operator_browser.get(url).text


def test_job_health_stays_green_for_a_refused_connection(fake, site, create_job, run_job, client):
    fake.next("submit", "auth")
    run_job(create_job(site), steps=1)
    for role in (heartbeat.WORKERS, heartbeat.DISPATCHER):
        heartbeat.record_progress(role, every=0)

    assert client.get("/healthz/jobs/").status_code == 200
    cache.clear()


def test_operators_are_not_alerted_about_personal_connections(
    fake, connect, create_job, run_job, mika, operator_browser, caplog
):
    fake.next("submit", "auth")
    run_job(create_job(connect(owner=mika, base_url=fake.url)), steps=1)

    assert list_errors(caplog) == []
    assert "own account" not in operator_browser.get(reverse("admin:jobs_heartbeat_changelist")).text
