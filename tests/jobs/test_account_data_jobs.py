"""Export and erase a user's data."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts import privacy
from accounts.access import get_home
from accounts.billing.models import Entry
from accounts.models import AuditEvent, User, Workspace
from accounts.services import delete_expired_guests, transfer_guest_work
from jobs import maintenance, services
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine, transitions
from jobs.models import Job, JobEvent, State
from tests.factories import PASSWORD, MembershipFactory, UserFactory


@pytest.fixture
def browser(sign_in, mika):
    """Mika's browser, just after she entered her password."""
    client = sign_in(mika)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def request_export(browser):
    """Request an export, run the job and return its row."""
    browser.post(reverse("jobs:export"))
    job = Job.objects.get(kind="export")
    engine.advance(job.pk)
    return Job.objects.get(pk=job.pk)


def test_export_contains_data_of_every_app(browser, submit, run_steps):
    run_steps(submit(title="Petals", params={"prompt": "petals in the wind"}))

    job = request_export(browser)
    answer = browser.get(reverse("jobs:download", args=[job.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert job.state == State.READY
    assert "attachment" in answer["Content-Disposition"]
    assert {"README.txt", "account.json", "jobs.json"} <= set(archive.namelist())
    assert "petals in the wind" in json.dumps(json.loads(archive.read("jobs.json")))
    assert json.loads(archive.read("account.json"))["profile"]["email"] == "mika@example.test"
    assert b"argon2" not in archive.read("account.json")


def test_export_contains_nothing_of_others(browser, submit, ren):
    submit(workspace=get_home(ren), by=ren, params={"prompt": "a stranger's prompt"})

    answer = browser.get(reverse("jobs:download", args=[request_export(browser).pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert not [name for name in archive.namelist() if b"a stranger" in archive.read(name)]


def test_privacy_page_offers_the_export_file(browser):
    job = request_export(browser)

    assert reverse("jobs:download", args=[job.pk]) in browser.get(reverse("accounts:privacy")).text


def test_second_export_request_reuses_the_job(browser):
    browser.post(reverse("jobs:export"))
    browser.post(reverse("jobs:export"))

    assert Job.objects.filter(kind="export").count() == 1


def test_export_and_erasure_require_the_password(browser, sign_in, mika):
    job = request_export(browser)
    stale = sign_in(mika)
    file, erase = reverse("jobs:download", args=[job.pk]), reverse("jobs:erase")

    for answer in (stale.post(reverse("jobs:export")), stale.get(file), stale.get(erase), stale.post(erase)):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.url
    assert Job.objects.get() == job


def test_export_is_only_for_its_owner(browser, sign_in, ren):
    job = request_export(browser)
    other = sign_in(ren)
    other.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert other.get(reverse("jobs:download", args=[job.pk])).status_code == 404


@pytest.mark.usefixtures("commits")
def test_export_expires_after_a_day(browser):
    job = request_export(browser)
    Job.objects.filter(pk=job.pk).update(finished_at=Now() - timedelta(hours=25))

    assert browser.get(reverse("jobs:download", args=[job.pk])).status_code == 404
    account_data_jobs.delete_expired_exports()

    assert not storages["clips"].exists(account_data_jobs.export_key(job.pk))
    assert not Job.objects.shown().exists()


@pytest.mark.rows
def test_erasure_signs_out_at_once_and_removes_everything(browser, submit, run_steps, mika):
    UserFactory()
    run_steps(submit(price=30))
    home = get_home(mika)

    assert "This cannot be undone" in browser.get(reverse("jobs:erase")).text
    browser.post(reverse("jobs:erase"))
    assert browser.get(reverse("accounts:privacy")).status_code == 302
    engine.advance(Job.objects.get(kind="erase").pk)

    assert not User.objects.filter(pk=mika.pk).exists()
    assert not Workspace.objects.filter(pk=home.pk).exists()
    assert not (Job.objects.exists() or JobEvent.objects.exists())
    assert not AuditEvent.objects.filter(actor="Mika").exists()
    assert Entry.objects.exists()
    assert maintenance.find_violations() == []


@pytest.mark.usefixtures("commits")
def test_erasure_deletes_the_export_file(browser):
    UserFactory()
    key = account_data_jobs.export_key(request_export(browser).pk)
    assert storages["clips"].exists(key)

    browser.post(reverse("jobs:erase"))
    engine.advance(Job.objects.get(kind="erase").pk)

    assert not storages["clips"].exists(key)


def test_erasure_waits_until_running_jobs_are_cancelled(browser, submit, mika):
    UserFactory()
    running = submit()
    lease = engine.claim(running.pk)
    lease.move_to(State.RUNNING)
    lease = engine.claim(running.pk)
    browser.post(reverse("jobs:erase"))
    erasure = Job.objects.get(kind="erase")

    engine.advance(erasure.pk)
    assert User.objects.filter(pk=mika.pk).exists()
    with pytest.raises(engine.Cancelled):
        lease.report(1)
    engine._end(lease, State.CANCELLED)
    Job.objects.filter(pk=erasure.pk).update(next_run_at=Now())
    engine.advance(erasure.pk)

    assert not User.objects.filter(pk=mika.pk).exists()


def test_last_operator_cannot_leave_others_behind(browser, mika):
    UserFactory()
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)

    answer = browser.post(reverse("jobs:erase"))

    assert answer.status_code == 409
    assert "only administrator" in answer.text
    assert not Job.objects.exists()


def test_guest_jobs_move_to_the_new_account(guest_browser, submit, mika, workspace):
    job = submit(workspace=guest_browser.guest, by=None)

    transfer_guest_work(mika, guest_browser.guest)

    job.refresh_from_db()
    assert (job.workspace, job.created_by) == (workspace, mika)


def test_guest_jobs_are_purged_after_a_day(guest_browser, submit):
    submit(workspace=guest_browser.guest, by=None, price=5)
    Workspace.objects.filter(pk=guest_browser.guest.pk).update(created_at=Now() - timedelta(hours=25))

    assert delete_expired_guests() == 1

    assert not Job.objects.exists()
    assert maintenance.find_violations() == []


@pytest.mark.rows
def test_emptying_a_workspace_is_idempotent(workspace, submit):
    submit()

    privacy.empty_workspace(workspace)
    privacy.empty_workspace(workspace)

    assert not Job.objects.exists()


@pytest.mark.parametrize(("action", "kind"), [("cancel", "export"), ("delete", "erase"), ("bulk", "erase")])
def test_workspace_members_cannot_see_or_cancel_account_jobs(browser, sign_in, mika, ren, action, kind):
    MembershipFactory(user=ren, workspace=get_home(mika), role="editor")
    UserFactory()
    browser.post(reverse(f"jobs:{kind}"))
    job = Job.objects.get(kind=kind)
    other = sign_in(ren)

    assert str(job.pk) not in other.get(reverse("jobs:queue")).text
    url = reverse("jobs:bulk") if action == "bulk" else reverse(f"jobs:{action}", args=[job.pk])
    other.post(url, {"act": "cancel", "id": [str(job.pk)]}, follow=True)

    job.refresh_from_db()
    assert job.state == State.QUEUED and not job.deleted_at and not job.cancel_requested_at


def test_closed_account_is_erased_though_its_job_was_cancelled(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    services.cancel(Job.objects.get(kind="erase"), by=None)  # as an operator can
    assert User.objects.filter(pk=mika.pk, is_active=False).exists()

    for _ in range(2):
        maintenance.run_periodic_tasks()
    [job] = Job.objects.active().filter(kind="erase")
    engine.advance(job.pk)

    assert not User.objects.filter(pk=mika.pk).exists()


@pytest.mark.rows
def test_stuck_erasure_is_requested_again_once(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    Job.objects.filter(kind="erase").update(state=State.STUCK)

    for _ in range(2):
        maintenance.run_periodic_tasks()
    [job] = Job.objects.active().filter(kind="erase").exclude(state=State.STUCK)
    engine.advance(job.pk)

    assert not User.objects.filter(pk=mika.pk).exists() and not Job.objects.exists()


@pytest.mark.usefixtures("commits")
def test_restored_export_is_not_offered_without_its_file(browser):
    job = request_export(browser)
    browser.post(reverse("jobs:delete", args=[job.pk]))
    browser.post(reverse("jobs:restore", args=[job.pk]))
    assert Job.objects.shown().filter(pk=job.pk).exists()

    assert reverse("jobs:download", args=[job.pk]) not in browser.get(reverse("accounts:privacy")).text


def test_closing_account_cannot_start_anything(browser, mika, ren, submit):
    """A new job would be paid for and then deleted with the account."""
    home = get_home(mika)
    MembershipFactory(user=ren, workspace=home, role="editor")
    UserFactory()
    failed = submit(workspace=home, by=ren)
    transitions.move(failed, State.FAILED)
    browser.post(reverse("jobs:erase"))

    for start in (lambda: submit(workspace=home, by=ren), lambda: services.retry(failed, by=ren)):
        with pytest.raises(services.JobRefused, match="being erased"):
            start()
    assert submit(workspace=get_home(ren), by=ren).state == State.QUEUED


def test_export_of_a_closing_account_is_refused(browser, mika):
    """On another device, at the moment when the account closes."""
    User.objects.filter(pk=mika.pk).update(closing_at=Now())

    answer = browser.post(reverse("jobs:export"))

    assert answer.status_code == 409 and "This workspace is being erased. Nothing was started." in answer.text
    assert not Job.objects.exists()


def test_reactivated_user_is_not_erased(browser, mika):
    UserFactory()
    browser.post(reverse("jobs:erase"))
    services.cancel(Job.objects.get(kind="erase"), by=None)
    User.objects.filter(pk=mika.pk).update(is_active=True)

    maintenance.run_periodic_tasks()

    assert not Job.objects.active().filter(kind="erase").exists()


def test_export_leaves_the_trash_after_a_month(mika):
    job = account_data_jobs.request_export(mika)
    long_ago = timezone.now() - timedelta(days=29)
    Job.objects.filter(pk=job.pk).update(state=State.READY, finished_at=long_ago, deleted_at=long_ago)

    maintenance.run_periodic_tasks()
    assert Job.objects.get(pk=job.pk).deleted_at == long_ago, "a periodic task must not delete it again each time"

    Job.objects.filter(pk=job.pk).update(deleted_at=long_ago - timedelta(days=2))
    maintenance.run_periodic_tasks()
    assert not Job.objects.filter(pk=job.pk).exists()
