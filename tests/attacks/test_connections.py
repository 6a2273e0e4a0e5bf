"""Connections used without permission, and providers that send hostile responses and callbacks."""

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts import privacy
from accounts.billing import ledger
from accounts.models import Membership, Role
from generation.models import Clip
from generation.providers.adapters.gemini import responses as gemini
from generation.providers.adapters.kling import responses as kling
from generation.providers.connections import test_job
from generation.providers.errors import Fault, RemoteError, redact_secrets
from generation.providers.http.client import Answer
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Recovery
from generation.worker import late_results
from jobs import maintenance as job_maintenance
from jobs import services
from jobs.lifecycle import recovery, transitions
from jobs.models import Attempt, Job, State
from tests.generation.worker.helpers import SEARCHABLE
from tests.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared_workspace(mika, ren):
    """Mika's workspace with Ren as an editor."""
    workspace = mika.workspaces.get()
    Membership.objects.create(workspace=workspace, user=ren, role=Role.EDITOR)
    return workspace


def fail(job):
    transitions.move(job, State.FAILED, error_code="broken", error_public="It broke.")
    return job


def set_creator(user, job):
    Job.objects.filter(pk=job.pk).update(created_by=user)
    Clip.objects.filter(job=job).update(created_by=user)


# --- Whose connection -----------------------------------------------------------------------------------------------


def test_a_retry_of_a_colleagues_job_does_not_use_their_own_connection(
    echo, connect, create_job, run_job, mika, ren, shared_workspace, sign_in
):
    fake = echo()
    own_connection = connect(mika, base_url=fake.url)
    job = fail(create_job(own_connection))

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)
    for retried in Job.objects.filter(retry_of=job):
        run_job(retried)

    assert fake.created == []


def test_a_retry_uses_a_connection_of_the_user_who_retries(
    echo, connect, create_job, run_job, mika, ren, shared_workspace, sign_in
):
    fake = echo()
    job = fail(create_job(connect(mika, base_url=fake.url)))
    rens_connection = connect(ren, base_url=fake.url)

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    [retried] = Job.objects.filter(retry_of=job)
    assert Clip.objects.get(job=retried).connection == rens_connection
    assert run_job(retried).state == State.READY


def test_a_retry_without_its_connection_uses_an_own_one_or_starts_nothing(
    echo, connect, create_job, run_job, mika, ren, shared_workspace, sign_in
):
    """Erasing a user deletes their connections, so that the clip has none."""
    fake = echo()
    mikas_connection = connect(mika, base_url=fake.url)
    job = fail(create_job(mikas_connection))
    Connection.objects.filter(pk=mikas_connection.pk).delete()

    answer = sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "Nothing was started" in answer.text and not Job.objects.filter(retry_of=job).exists()

    rens_connection = connect(ren, base_url=fake.url)
    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    [retried] = Job.objects.filter(retry_of=job)
    assert run_job(retried).state == State.READY
    assert Clip.objects.get(job=retried).connection == rens_connection


def test_a_retry_of_the_users_job_uses_the_same_connection(echo, connect, create_job, mika, sign_in):
    fake = echo()
    connect(mika, base_url=fake.url)
    second = connect(mika, base_url=fake.url)
    job = fail(create_job(second))

    sign_in(mika).post(f"/jobs/{job.pk}/retry/", follow=True)

    assert Clip.objects.get(job__retry_of=job).connection == second


def test_a_lost_request_is_not_resent_through_a_colleagues_own_connection(
    echo, connect, create_job, run_job, mika, ren, shared_workspace, sign_in
):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(mika, base_url=fake.url)), until=State.UNKNOWN)

    sign_in(ren).post(f"/jobs/{job.pk}/resend/", follow=True)
    run_job(job, steps=5)

    assert len(fake.created) == 1


def test_a_colleague_cannot_use_a_personal_key_by_retrying_its_test(
    echo, connect, mika, ren, shared_workspace, sign_in
):
    own_connection = connect(mika, base_url=echo().url)
    job = fail(test_job.start_test(own_connection, by=mika, workspace=shared_workspace))

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    assert not Job.objects.filter(retry_of=job).exists()


def test_a_member_removed_before_the_job_starts_spends_nothing(
    echo, connect, create_job, run_job, mika, ren, shared_workspace
):
    fake = echo()
    shared = connect(workspace=shared_workspace, base_url=fake.url)
    job = create_job(shared)
    set_creator(ren, job)
    Membership.objects.filter(user=ren, workspace=shared_workspace).delete()

    job = run_job(job)

    assert fake.created == []
    assert job.state == State.FAILED and "Nothing was charged" in job.error_public


def test_a_member_made_viewer_before_the_job_starts_spends_nothing(
    echo, connect, create_job, run_job, mika, ren, shared_workspace
):
    fake = echo()
    job = create_job(connect(workspace=shared_workspace, base_url=fake.url))
    set_creator(ren, job)
    Membership.objects.filter(user=ren, workspace=shared_workspace).update(role=Role.VIEWER)

    run_job(job)

    assert fake.created == []


def test_a_user_erased_before_the_job_starts_spends_nothing(echo, connect, create_job, run_job, ren, shared_workspace):
    fake = echo()
    job = create_job(connect(workspace=shared_workspace, base_url=fake.url))
    set_creator(ren, job)
    Membership.objects.filter(user=ren, workspace=shared_workspace).delete()

    privacy.erase_all(ren)
    job = run_job(job)

    assert job.created_by is None and fake.created == []
    assert job.state == State.FAILED and "Nothing was charged" in job.error_public


# --- Money -------------------------------------------------------------------------------------------------------


@pytest.fixture
def released_job(echo, connect, create_job, run_job, mika):
    """A lost submission that Mika gave up although the provider created the clip: connection, task and job."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)
    return site, fake.created[0], job


def post_callback(site, **payload):
    return Client(raise_request_exception=False).post(
        f"/webhooks/echo/{site.webhook_token}/", json.dumps(payload), "application/json"
    )


@pytest.mark.parametrize("action", ["release", "resend"])
@pytest.mark.parametrize("state", [State.SUBMITTING, State.RUNNING, State.FETCHING])
def test_a_running_job_cannot_be_refunded_or_resent_by_its_owner(
    echo, connect, create_job, run_job, get_balance, mika, sign_in, state, action
):
    """The URLs of the actions exist for every job."""
    fake = echo(**SEARCHABLE)
    if state == State.SUBMITTING:
        fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=state)
    before = ledger.get_balance(mika.workspaces.get())

    sign_in(mika).post(f"/jobs/{job.pk}/{action}/", follow=True)

    assert ledger.get_balance(mika.workspaces.get()) == before
    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


@pytest.mark.parametrize("other_user", ["stranger", "colleague"])
def test_nobody_can_reserve_the_key_of_a_late_result(released_job, mika, ren, other_user):
    site, task, job = released_job
    workspace = (mika if other_user == "colleague" else ren).workspaces.get()
    key = f"{late_results.KEY_PREFIX}{Attempt.objects.get().pk}"
    services.submit(workspace=workspace, by=ren, kind="run", title="-", params={}, idem_key=key, is_limited=False)

    answer = post_callback(site, id=task.id, ref=task.ref)

    assert answer.status_code == 204
    if other_user == "stranger":
        assert Job.objects.filter(kind="clip_elsewhere", title=job.title).count() == 2


# --- Hostile responses ------------------------------------------------------------------------------------------


def test_long_texts_are_redacted_quickly():
    with sweep(["http://", "https://a", "key ", "bearer\t", "data:a/", "sk-", "token\n\n"]) as rows:
        for text in rows:
            with rows.row(repr(text)):
                before = time.process_time()
                redact_secrets(text * 15_000)
                assert time.process_time() - before < 1


def test_secrets_in_a_long_text_are_redacted(settings):
    text = "https://files.example/a?sig=secret " * 40 + "Bearer abcdefghijkl"
    assert "secret" not in redact_secrets(text) and "abcdefghijkl" not in redact_secrets(text)


@pytest.mark.parametrize("field", ["code", "detail"])
def test_an_error_of_a_provider_holds_no_null_character(field):
    error = RemoteError(Fault.AUTH, **{field: "a\x00b"})

    assert "\x00" not in str(error)


def test_a_task_id_that_a_database_refuses_is_no_task(echo, connect, create_job, run_job):
    fake = echo()
    fake.new_id = lambda: "task\x00one"

    job = run_job(create_job(connect(base_url=fake.url)), steps=3)

    assert job.state in (State.SUBMITTING, State.UNKNOWN)
    assert not Attempt.objects.filter(provider_task_id__contains="task").exists()


def test_the_history_of_a_job_opens_with_incomplete_reasons(mika, request_clips, sign_in):
    job = request_clips(mika)[0].job
    transitions.move(job, State.SUBMITTING, reason="submitted|Echo")
    transitions.move(job, State.QUEUED, reason="not_sent")

    page = sign_in(mika).get(reverse("jobs:job", args=[job.pk]))

    assert page.status_code == 200


def test_a_history_names_the_provider_though_its_worker_died(echo, connect, create_job, run_job):
    fake = echo()
    job = create_job(connect(base_url=fake.url))
    transitions.move(job, State.SUBMITTING, reason="submitted|Echo")

    run_job(job, steps=1)

    assert "not_sent|Echo" in [event.reason for event in job.events.all()]


# --- Callbacks ---------------------------------------------------------------------------------------------------


def test_a_flood_of_callbacks_is_limited_and_fills_no_table(echo, connect, mika, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"webhook": "5/m/key"}
    site = connect(mika, base_url=echo(has_webhooks=True).url)

    codes = [post_callback(site, id=f"task-{n}", ref="").status_code for n in range(20)]

    assert 429 in codes
    assert WebhookEvent.objects.count() == 5


def test_old_callbacks_are_deleted(echo, connect, mika):
    site = connect(mika, base_url=echo(has_webhooks=True).url)
    post_callback(site, id="old", ref="")
    WebhookEvent.objects.update(received_at="2020-01-01T00:00Z")
    post_callback(site, id="new", ref="")

    job_maintenance.run_periodic_tasks()

    assert [event.task_id for event in WebhookEvent.objects.all()] == ["new"]


def test_a_callback_with_a_null_character_breaks_nothing(echo, connect, mika):
    site = connect(mika, base_url=echo(has_webhooks=True).url)
    browser = Client(raise_request_exception=False)

    with sweep(["/webhooks/echo/a%00b/", f"/webhooks/echo/{site.webhook_token}/?ref=%00"]) as rows:
        for url in rows:
            with rows.row(url):
                response = browser.post(url, json.dumps({"id": "a\x00b", "ref": "c\x00d"}), "application/json")
                assert response.status_code in (204, 401, 404)
                assert "\x00" not in "".join(event.task_id + event.ref for event in WebhookEvent.objects.all())


# --- Responses that are slow to parse -----------------------------------------------------------------------------


def test_a_crafted_message_is_searched_quickly():
    payload = json.dumps({"code": 1201, "message": "external task id " * 30_000})

    before = time.process_time()
    kling.classify_refusal(Answer(400, {}, payload.encode()), is_submit=True)

    assert time.process_time() - before < 1


def test_a_pause_of_any_length_is_at_most_ten_minutes():
    with sweep([[{"retryDelay": "9" * 4000 + "s"}], 5, {"a": 1}, [None, 7]]) as rows:
        for details in rows:
            with rows.row(str(details)[:40]):
                *_facts, pause = gemini.read_refusal(429, {"error": {"details": details}})
                assert pause is None or pause <= 600
