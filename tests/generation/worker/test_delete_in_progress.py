"""Delete an unfinished clip at every stage: hidden at once, ended, charged if bought."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from generation.media import storage
from generation.models import Clip
from generation.providers.remote import Billing
from jobs import maintenance, services
from jobs import maintenance as job_maintenance
from jobs.account_data import job_kinds as account_data_jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.fakes.echo import PRICE
from tests.generation.worker.helpers import LIMIT, SEARCHABLE

pytestmark = pytest.mark.django_db
NOT_SENT, STOPPED, BOUGHT = (State.CANCELLED, 0), (State.CANCELLED, PRICE), (State.READY, PRICE)
MOMENTS = {  # failpoint, and final state and charge at a provider that charges on submit
    "while it is queued": ("", NOT_SENT),
    "after the claim": ("jobs.lifecycle.engine after_claim", NOT_SENT),
    "right before submit": ("generation.worker.submit after_intent", STOPPED),
    "right after acceptance": ("generation.worker.submit after_answer", STOPPED),
    "after the download": ("generation.worker.download clip_fetched", BOUGHT),
    "after storing": ("generation.worker.download clip_stored", BOUGHT),
    "after ingest": ("generation.worker.ingest clip_ingested", BOUGHT),
}


@pytest.fixture
def fake(echo):
    return echo(billing=Billing.SUBMIT, **SEARCHABLE)


@pytest.fixture
def run_at(monkeypatch):
    def patch(failpoint, action):
        if not failpoint:
            return action()
        module, point = failpoint.split()
        return monkeypatch.setattr(f"{module}.failpoint", lambda name, key: name == point and action())

    return patch


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("when", MOMENTS)
def test_deleted_unfinished_clip_is_hidden_at_once_and_charged_if_bought(
    mika, fake, site, create_job, run_job, get_balance, run_at, when
):
    where, (state, cost) = MOMENTS[when]
    job, is_shown = create_job(site), []

    def delete():
        services.delete(Job.objects.get(pk=job.pk), by=mika)
        is_shown.append(Clip.objects.shown().exists() or Job.objects.shown().exists())

    run_at(where, delete)
    job = run_job(job)

    assert is_shown and not any(is_shown)
    assert (job.state, job.price_charged, LIMIT - get_balance()) == (state, cost, cost)
    assert [task.is_cancelled for task in fake.created] == ([state == State.CANCELLED] if cost else [])
    assert not Clip.objects.shown().exists() and not Job.objects.shown().exists()
    assert maintenance.find_violations() == []
    assert bool(list(storage.list_objects("clips"))) == job.is_good, "a bought clip has no stored files"

    services.purge(job)
    assert not Clip.objects.exists() and list(storage.list_objects("clips")) == []
    assert maintenance.find_violations() == [] and LIMIT - get_balance() == cost


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("when", [when for when, (_point, end) in MOMENTS.items() if end == BOUGHT])
def test_bought_clip_deleted_in_progress_can_be_restored_for_a_month(
    mika, fake, site, create_job, run_job, run_at, sign_in, when
):
    job, browser = create_job(site), sign_in(mika)
    run_at(MOMENTS[when][0], lambda: services.delete(Job.objects.get(pk=job.pk), by=mika))
    job = run_job(job)
    assert job.finished_at > job.deleted_at

    job_maintenance.purge_trash()
    page = browser.get(reverse("generation:clip", args=[job.clip.pk])).text
    browser.post(reverse("jobs:restore", args=[job.pk]))

    assert date_format(job.deleted_at + timedelta(days=30), "DATE_FORMAT") in page, (
        "the page does not show until when the clip is kept"
    )
    assert (Clip.objects.shown().get(), Job.objects.shown().get()) == (job.clip, job)
    assert all(storage.get_size(file.key) == file.bytes for file in job.clip.files.all())
    assert browser.get(reverse("generation:play", args=[job.clip.pk])).status_code == 302

    services.delete(job, by=mika)
    Job.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    job_maintenance.purge_trash()
    assert not Clip.objects.exists() and list(storage.list_objects("clips")) == []


def test_deleted_running_clip_is_cancelled_at_the_provider_and_leaves_no_files(
    mika, fake, site, create_job, run_job, get_balance
):
    fake.running = 100
    job = run_job(create_job(site), until=State.RUNNING)

    services.delete(job, by=mika)
    assert not Clip.objects.shown().exists()
    job = run_job(job)

    assert (job.state, job.price_charged, LIMIT - get_balance()) == (State.CANCELLED, PRICE, PRICE)
    assert fake.created[0].is_cancelled
    assert list(storage.list_objects("clips")) == [] and maintenance.find_violations() == []


@pytest.fixture
def team(mika, ren):
    made = WorkspaceFactory(name="Team")
    MembershipFactory(user=ren, workspace=made)
    MembershipFactory(user=mika, workspace=made, role="editor")
    return made


def test_erased_user_leaves_the_team_a_clip_bought_with_their_connection(
    mika, fake, connect, team, create_job, run_job
):
    fake.running = 1000
    job = run_job(create_job(connect(mika, base_url=fake.url), workspace=team), until=State.RUNNING)

    User.objects.filter(pk=mika.pk).update(closing_at=Now())  # erases Mika only
    erasure = run_job(account_data_jobs.request_erasure(mika), steps=3)
    assert User.objects.filter(pk=mika.pk).exists() and erasure.is_active
    fake.running = 0
    job = run_job(job)
    Job.objects.filter(pk=erasure.pk).update(next_run_at=Now(), lease_until=None)
    engine.advance(erasure.pk)

    assert job.state == State.READY, job.error_public
    assert Clip.objects.get(job=job).files.exists() and len(fake.created) == 1
    assert not User.objects.filter(pk=mika.pk).exists()
