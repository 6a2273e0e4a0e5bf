"""A person takes everything with them, or has everything erased."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts import guest_transfer
from accounts.access import home_of
from accounts.billing.models import Entry
from accounts.models import AuditEvent, User, Workspace
from accounts.services import adopt_guest, purge_guests
from jobs import invariants, services
from jobs import maintenance as job_maintenance
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine, transitions
from jobs.models import Job, JobEvent, State
from tests.factories import PASSWORD, MembershipFactory, UserFactory


@pytest.fixture
def browser(sign_in, mika):
    """Mika's, who gave her password a moment ago."""
    client = sign_in(mika)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def packed(browser):
    browser.post(reverse("jobs:export"))
    job = Job.objects.get(kind="export")
    engine.advance(job.pk)
    return Job.objects.get(pk=job.pk)


def test_an_export_holds_what_every_floor_knows(browser, submit, end):
    end(submit(title="Petals", params={"prompt": "petals in the wind"}))

    job = packed(browser)
    answer = browser.get(reverse("jobs:download", args=[job.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert job.state == State.READY
    assert "attachment" in answer["Content-Disposition"]
    assert {"README.txt", "account.json", "jobs.json"} <= set(archive.namelist())
    assert "petals in the wind" in json.dumps(json.loads(archive.read("jobs.json")))
    assert json.loads(archive.read("account.json"))["profile"]["email"] == "mika@example.test"
    assert b"argon2" not in archive.read("account.json")


def test_an_export_holds_nothing_of_anybody_else(browser, submit, ren):
    submit(workspace=home_of(ren), by=ren, params={"prompt": "what a stranger asked for"})

    answer = browser.get(reverse("jobs:download", args=[packed(browser).pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert not [name for name in archive.namelist() if b"a stranger" in archive.read(name)]


def test_the_privacy_page_offers_the_packed_file(browser):
    job = packed(browser)

    assert reverse("jobs:download", args=[job.pk]) in browser.get(reverse("accounts:privacy")).text


def test_packing_twice_at_a_time_makes_one_job(browser):
    browser.post(reverse("jobs:export"))
    browser.post(reverse("jobs:export"))

    assert Job.objects.filter(kind="export").count() == 1


def test_packing_download_and_erasing_want_the_password_again(browser, sign_in, mika):
    job = packed(browser)
    stale = sign_in(mika)
    file, leave = reverse("jobs:download", args=[job.pk]), reverse("jobs:erase")

    for answer in (stale.post(reverse("jobs:export")), stale.get(file), stale.get(leave), stale.post(leave)):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.url
    assert Job.objects.get() == job


def test_nobody_else_downloads_it(browser, sign_in, ren):
    job = packed(browser)
    other = sign_in(ren)
    other.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert other.get(reverse("jobs:download", args=[job.pk])).status_code == 404


def test_after_a_day_it_is_gone(browser):
    job = packed(browser)
    Job.objects.filter(pk=job.pk).update(finished_at=Now() - timedelta(hours=25))

    assert browser.get(reverse("jobs:download", args=[job.pk])).status_code == 404
    account_data_jobs.forget_exports()

    assert not storages["clips"].exists(account_data_jobs.export_key(job.pk))
    assert not Job.objects.shown().exists()


def test_erasing_signs_out_at_once_and_leaves_nothing_of_the_person(browser, submit, end, mika):
    UserFactory()
    end(submit(price=30))
    home = home_of(mika)

    assert "Nobody can bring them back" in browser.get(reverse("jobs:erase")).text
    browser.post(reverse("jobs:erase"))
    assert browser.get(reverse("accounts:privacy")).status_code == 302
    engine.advance(Job.objects.get(kind="erase").pk)

    assert not User.objects.filter(pk=mika.pk).exists()
    assert not Workspace.objects.filter(pk=home.pk).exists()
    assert not (Job.objects.exists() or JobEvent.objects.exists())
    assert not AuditEvent.objects.filter(actor="Mika").exists()
    assert Entry.objects.exists()
    assert invariants.broken() == []


def test_erasing_takes_the_packed_file_along(browser):
    UserFactory()
    key = account_data_jobs.export_key(packed(browser).pk)
    assert storages["clips"].exists(key)

    browser.post(reverse("jobs:erase"))
    engine.advance(Job.objects.get(kind="erase").pk)

    assert not storages["clips"].exists(key)


def test_erasing_waits_until_work_under_way_has_been_stopped(browser, submit, mika):
    UserFactory()
    running = submit()
    held = engine.claim(running.pk)
    held.move_to(State.RUNNING)
    held = engine.claim(running.pk)
    browser.post(reverse("jobs:erase"))
    erasure = Job.objects.get(kind="erase")

    engine.advance(erasure.pk)
    assert User.objects.filter(pk=mika.pk).exists()
    with pytest.raises(engine.Cancelled):
        held.report(1)
    engine._end(held, State.CANCELLED)
    Job.objects.filter(pk=erasure.pk).update(next_run_at=Now())
    engine.advance(erasure.pk)

    assert not User.objects.filter(pk=mika.pk).exists()


def test_the_last_operator_cannot_leave_others_behind(browser, mika):
    UserFactory()
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)

    answer = browser.post(reverse("jobs:erase"))

    assert answer.status_code == 409
    assert "only operator" in answer.text
    assert not Job.objects.exists()


def test_a_guests_jobs_become_those_of_who_signs_up(visitor, submit, mika, desk):
    job = submit(workspace=visitor.guest, by=None)

    adopt_guest(mika, visitor.guest)

    job.refresh_from_db()
    assert (job.workspace, job.created_by) == (desk, mika)


def test_a_guests_jobs_are_destroyed_after_a_day_even_when_still_waiting(visitor, submit):
    submit(workspace=visitor.guest, by=None, price=5)
    Workspace.objects.filter(pk=visitor.guest.pk).update(created_at=Now() - timedelta(hours=25))

    assert purge_guests() == 1

    assert not Job.objects.exists()
    assert invariants.broken() == []


def test_emptying_a_workspace_may_be_repeated(desk, submit):
    submit()

    guest_transfer.empty_all(desk)
    guest_transfer.empty_all(desk)

    assert not Job.objects.exists()


@pytest.mark.parametrize("way", ["cancel", "delete", "bulk"])
@pytest.mark.parametrize("kind", ["export", "erase"])
def test_nobody_else_in_ones_workspace_sees_or_stops_what_one_asks_for_oneself(browser, sign_in, mika, ren, way, kind):
    MembershipFactory(user=ren, workspace=home_of(mika), role="editor")
    UserFactory()
    browser.post(reverse(f"jobs:{kind}"))
    job = Job.objects.get(kind=kind)
    other = sign_in(ren)

    assert str(job.pk) not in other.get(reverse("jobs:queue")).text
    door = reverse("jobs:bulk") if way == "bulk" else reverse(f"jobs:{way}", args=[job.pk])
    other.post(door, {"act": "cancel", "id": [str(job.pk)]}, follow=True)

    job.refresh_from_db()
    assert job.state == State.QUEUED and not job.deleted_at and not job.cancel_requested_at


def test_who_closed_their_account_is_erased_though_the_job_was_stopped(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    services.cancel(Job.objects.get(kind="erase"), by=None)  # by an operator, say
    assert User.objects.filter(pk=mika.pk, is_active=False).exists()

    for _time in range(2):
        job_maintenance.run()
    [job] = Job.objects.active().filter(kind="erase")
    engine.advance(job.pk)

    assert not User.objects.filter(pk=mika.pk).exists()


def test_whose_erasure_is_stuck_is_asked_for_anew_and_once(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    Job.objects.filter(kind="erase").update(state=State.STUCK)

    for _time in range(2):
        job_maintenance.run()
    [job] = Job.objects.active().filter(kind="erase").exclude(state=State.STUCK)
    engine.advance(job.pk)

    assert not User.objects.filter(pk=mika.pk).exists() and not Job.objects.exists()


def test_an_export_thrown_away_and_taken_back_is_not_offered_for_its_file_is_gone(browser):
    job = packed(browser)
    browser.post(reverse("jobs:delete", args=[job.pk]))
    browser.post(reverse("jobs:restore", args=[job.pk]))
    assert Job.objects.shown().filter(pk=job.pk).exists()

    assert reverse("jobs:download", args=[job.pk]) not in browser.get(reverse("accounts:privacy")).text


def test_nothing_more_is_begun_where_all_is_being_erased(browser, mika, ren, submit, end):
    """It would be bought, stopped by nobody whom its asker knows, and destroyed with the rest."""
    home = home_of(mika)
    MembershipFactory(user=ren, workspace=home, role="editor")
    UserFactory()
    failed = submit(workspace=home, by=ren)
    transitions.move(failed, State.FAILED)
    browser.post(reverse("jobs:erase"))

    for ask in (lambda: submit(workspace=home, by=ren), lambda: services.retry(failed, by=ren)):
        with pytest.raises(services.JobRefused, match="being erased"):
            ask()
    assert submit(workspace=home_of(ren), by=ren).state == State.QUEUED


def test_whoever_is_being_erased_reads_that_nothing_is_packed_any_more(browser, mika):
    """On another device, at the moment when the account closes."""
    User.objects.filter(pk=mika.pk).update(closing_at=Now())

    answer = browser.post(reverse("jobs:export"))

    assert answer.status_code == 409 and "This workspace is being erased. Nothing was started." in answer.text
    assert not Job.objects.exists()


def test_whom_an_operator_let_in_again_is_not_erased(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    services.cancel(Job.objects.get(kind="erase"), by=None)
    User.objects.filter(pk=mika.pk).update(is_active=True)

    job_maintenance.run()

    assert not Job.objects.active().filter(kind="erase").exists()


def test_an_export_leaves_the_bin_after_its_month_as_everything_does(mika):
    job = account_data_jobs.ask_for_export(mika)
    long_ago = timezone.now() - timedelta(days=29)
    Job.objects.filter(pk=job.pk).update(state=State.READY, finished_at=long_ago, deleted_at=long_ago)

    job_maintenance.run()
    assert Job.objects.get(pk=job.pk).deleted_at == long_ago, "a chore does not throw it away anew at every round"

    Job.objects.filter(pk=job.pk).update(deleted_at=long_ago - timedelta(days=2))
    job_maintenance.run()
    assert not Job.objects.filter(pk=job.pk).exists()
