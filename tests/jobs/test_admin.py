"""The admin pages of jobs."""

import re
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.billing.models import Hold
from accounts.models import User
from generation.media import storage
from jobs.models import Job, State
from jobs.runtime import heartbeat


@pytest.fixture
def operator(sign_in, ren, settings):
    settings.IS_EMBEDDED = True  # so that the admin needs no second factor, which tests/accounts covers
    User.objects.filter(pk=ren.pk).update(is_staff=True, is_superuser=True)
    ren.refresh_from_db()
    return sign_in(ren)


def run_action(operator, name, *jobs):
    form = {"action": name, "_selected_action": [str(job.pk) for job in jobs]}
    return operator.post(reverse("admin:jobs_job_changelist"), form, follow=True)


def test_operator_reads_job_history_without_the_prompt(operator, submit, run_steps):
    job = run_steps(submit(title="a private prompt"))
    url = reverse("admin:jobs_job_change", args=[job.pk])

    text = operator.get(url).text

    assert str(job.pk) in text and "Processing" in text and "Generated; checking and saving" in text
    assert "a private prompt" not in text + operator.get(reverse("admin:jobs_job_changelist")).text
    assert operator.post(url, {"state": "failed"}).status_code == 403


def test_admin_list_warns_when_no_worker_runs(operator, submit):
    submit()
    assert "No heartbeat from the workers" in operator.get(reverse("admin:jobs_job_changelist")).text

    for role in (heartbeat.WORKERS, heartbeat.DISPATCHER):
        heartbeat.record_progress(role, every=0)

    assert "No heartbeat from" not in operator.get(reverse("admin:jobs_job_changelist")).text


def test_health_page_checks_what_the_studio_depends_on(operator, monkeypatch):
    url = reverse("admin:jobs_heartbeat_changelist")
    facts = read_facts(operator.get(url).text)
    for name in ("Storage", "ffmpeg", "Fonts for title cards", "Live updates and cache", "Clocks"):
        assert facts[name] == "working", name

    monkeypatch.setattr(storage, "get_size", raise_no_response)
    page = operator.get(url).text

    assert "Could not connect" in read_facts(page)["Storage"]
    assert "Storage: Could not connect" in page


def read_facts(page: str) -> dict[str, str]:
    return dict(re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', page))


def raise_no_response(key):
    raise EndpointConnectionError(endpoint_url="http://s3")


def test_health_page_lists_problems_and_queue_length(operator, submit, run_steps):
    url = reverse("admin:jobs_heartbeat_changelist")
    submit()
    run_steps(submit(price=10))
    for role in (heartbeat.WORKERS, heartbeat.DISPATCHER):
        heartbeat.record_progress(role, every=0)
    healthy = operator.get(url).text
    Hold.objects.filter(state="settled").update(state="held")
    Job.objects.active().update(next_run_at=timezone.now() - timedelta(minutes=3))
    unhealthy = operator.get(url).text

    assert "All is well" in healthy and "Waiting 1" in healthy
    assert "All is well" not in unhealthy
    assert "A job has been overdue for more than two minutes." in unhealthy
    assert "which is not active" in unhealthy


def test_operator_actions_change_the_job(operator, submit):
    waiting, stuck, hopeless = submit(), submit(), submit(price=9)
    Job.objects.filter(pk__in=[stuck.pk, hopeless.pk]).update(state=State.STUCK)

    run_action(operator, "cancel", waiting)
    run_action(operator, "requeue", stuck)
    run_action(operator, "give_up", hopeless, waiting)
    run_action(operator, "retry", hopeless)

    states = {job.pk: job.state for job in Job.objects.all()}
    assert states[waiting.pk] == State.CANCELLED
    assert states[stuck.pk] == State.QUEUED
    assert states[hopeless.pk] == State.FAILED
    assert Hold.objects.get(job_id=hopeless.pk).state == Hold.State.RELEASED
    assert Job.objects.filter(retry_of=hopeless).exists()


def test_refused_action_gives_a_reason(operator, submit):
    assert "unsuccessful jobs" in run_action(operator, "retry", submit()).text


def test_refused_action_names_the_job_without_its_prompt(operator, submit):
    job = submit(title="a private prompt")

    text = run_action(operator, "retry", job).text

    assert f"Test {str(job.pk)[:8]} (Waiting): " in text and "a private prompt" not in text


def test_check_invariants_reports_violations(submit, run_steps, capsys):
    job = run_steps(submit(price=10))
    call_command("check_invariants")
    assert "No invariant is violated" in capsys.readouterr().out

    Hold.objects.filter(job_id=job.pk).update(state="held")

    with pytest.raises(CommandError, match="not active"):
        call_command("check_invariants")
