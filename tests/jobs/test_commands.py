"""The commands about accounts and jobs for operators: close_account, reset_second_factor, job."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, User
from common.messages import build_message, to_json
from jobs.models import Attempt, Job, State
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def last_audit():
    event = AuditEvent.objects.order_by("-pk").first()
    return event.verb, event.actor_id, event.target, event.facts


def put(job, state, **columns):
    Job.objects.filter(pk=job.pk).update(state=state, **columns)
    job.refresh_from_db()
    return job


def test_close_account_signs_out_and_requests_the_erasure(mika, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda question: "Mika@example.test ")

    printed = run("close_account", "MIKA@example.test")

    mika.refresh_from_db()
    erasure = Job.objects.get(kind="erase")
    assert (mika.is_active, erasure.params) == (False, {"user": str(mika.pk)})
    assert str(erasure.pk) in printed
    assert last_audit() == ("account.closed_for", None, f"user {mika.pk}", {})
    with pytest.raises(CommandError, match="closed already"):
        run("close_account", "mika@example.test")


def test_close_account_changes_nothing_without_the_address_or_for_the_last_administrator(mika, ren, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    with pytest.raises(CommandError, match="another address"):
        run("close_account", "mika@example.test")
    User.objects.filter(pk=ren.pk).update(is_staff=True, is_superuser=True)
    with pytest.raises(CommandError, match="grant_role EMAIL all"):
        run("close_account", "ren@example.test", "--no-input")
    with pytest.raises(CommandError, match="No account has"):
        run("close_account", "nobody@example.test", "--no-input")

    assert not Job.objects.exists()
    assert set(User.objects.values_list("is_active", flat=True)) == {True}


def test_reset_second_factor_removes_it_and_ends_the_sessions(sign_in, mika):
    other = UserFactory()
    for user in (mika, other):
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
        sign_in(user).get("/jobs/")

    run("reset_second_factor", "mika@example.test")

    assert [row.user for row in Authenticator.objects.all()] == [other]
    assert [row.user for row in UserSession.objects.all()] == [other]
    assert last_audit() == ("factor.reset", None, f"user {mika.pk}", {})


def test_job_shows_owner_money_and_history_without_the_title(submit, mika):
    job = submit(price=450_000, title="A secret wish", provider="kling")

    printed = run("job", str(job.pk)[:8])

    for fact in (str(job.pk), mika.email, job.workspace.name, "0.45 on hold", "Queued", "kling"):
        assert fact in printed
    assert "secret" not in printed


def test_job_ends_a_waiting_job_and_tells_what_went_back(submit):
    job = submit(price=450_000)

    assert "0.45 refunded" in run("job", str(job.pk), "--end")

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert [event.actor for event in job.events.all()][-1] == "", "the studio, and no guest"
    assert last_audit() == ("job.decided", None, f"job {job.pk}", {"decision": "cancel"})
    with pytest.raises(CommandError, match="ended already"):
        run("job", str(job.pk), "--end")


def test_job_retries_an_ended_job_in_the_name_of_its_user(submit, mika):
    job = put(submit(), State.FAILED)

    run("job", str(job.pk), "--retry")

    assert [(retry.created_by, retry.state) for retry in job.retries.all()] == [(mika, State.QUEUED)]
    assert last_audit()[3] == {"decision": "retry"}


@pytest.mark.parametrize(("choice", "state"), [("--end", State.FAILED), ("--retry", State.QUEUED)])
def test_job_decides_about_a_stalled_job(submit, choice, state):
    job = put(submit(), State.STUCK)

    run("job", str(job.pk), choice)

    job.refresh_from_db()
    assert job.state == state


def test_job_resumes_a_paused_job(submit):
    job = put(submit(), State.QUEUED, progress_message=to_json(build_message("blocked_quota", provider="Kling")))

    run("job", str(job.pk), "--retry")

    assert last_audit()[3] == {"decision": "resume"}


def test_job_never_sends_an_unknown_job_again(submit):
    job = put(submit(), State.UNKNOWN)
    Attempt.objects.create(job=job, n=1, client_ref="a", provider="kling", outcome="ambiguous")

    with pytest.raises(CommandError, match="bought twice"):
        run("job", str(job.pk), "--retry")
    run("job", str(job.pk), "--end")

    job.refresh_from_db()
    assert job.state == State.FAILED


def test_job_names_what_is_wrong_with_an_id(submit):
    submit()
    for beginning, message in (("zzzz", "No jobs"), ("a", "at least 4")):
        with pytest.raises(CommandError, match=message):
            run("job", beginning)
