"""Maintenance: pages are closed to all but administrators, and no job is worked on."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import maintenance
from accounts.models import AuditEvent, Maintenance
from jobs.lifecycle import engine
from jobs.models import Job, State
from jobs.runtime import queue
from jobs.views import health
from jobs.worker.dispatcher import Dispatcher
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(settings):
    settings.IS_EMBEDDED = True
    return UserFactory(email="boss@example.test", is_staff=True, is_superuser=True)


def switch(state):
    out = StringIO()
    call_command("maintenance", state, stdout=out)
    return out.getvalue()


def test_pages_are_closed_to_all_but_administrators(sign_in, operator):
    browsers = {"visitor": Client(), "member": sign_in(UserFactory()), "operator": sign_in(operator)}
    assert "is on since" in switch("on")

    answers = {name: browser.get("/jobs/") for name, browser in browsers.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "visitor": 503, "member": 503, "operator": 200,
    }  # fmt: skip
    assert answers["member"].headers["Retry-After"] == "300"
    assert "closed for maintenance" in answers["member"].content.decode()
    assert "关闭" in browsers["member"].get("/jobs/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "Maintenance is on since" in browsers["operator"].get("/operator/").content.decode()
    assert "is off" in switch("off")
    assert browsers["member"].get("/jobs/").status_code == 200


def test_health_checks_files_and_sign_in_still_work(operator, settings):
    switch("on")
    client = Client()

    assert client.get("/healthz/").status_code == 200
    assert "maintenance" not in client.get("/healthz/jobs/").content.decode()
    assert client.get("/media/none/", headers={"host": settings.MEDIA_HOST}).status_code == 404
    answer = client.post("/account/login/", {"login": operator.email, "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert AuditEvent.objects.filter(verb="sign_in", actor_id=operator.pk).exists()


def test_no_job_is_worked_on(submit, run_steps, monkeypatch):
    job, tasks = submit(), []
    monkeypatch.setattr(queue, "_enqueue", lambda *task: tasks.append(task))
    Job.objects.update(next_run_at=timezone.now() - timedelta(hours=1))
    switch("on")

    Dispatcher().tick()

    assert run_steps(job).state == State.QUEUED
    assert engine.claim_polls(10) == []
    assert queue.ADVANCE not in [task[0] for task in tasks]
    assert not any("overdue" in problem for problem in health.find_problems())
    switch("off")
    assert run_steps(job).state == State.READY


def test_every_process_sees_the_change_soon(monkeypatch):
    monkeypatch.setattr(maintenance, "CACHE_SECONDS", 0)
    assert not maintenance.is_on()

    Maintenance.objects.create()  # by another process

    assert maintenance.is_on()
