"""What an operator knows better of a provider counts at the very next answer, and asks the database nothing more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from generation.providers import overrides
from generation.providers.connections import override_services
from generation.providers.models import ProviderManners
from generation.providers.remote import Billing, Recovery, Way
from generation.worker import queueing
from jobs.lifecycle import engine
from jobs.models import Job, State
from tests.fakes.server import Reply
from tests.generation.worker.helpers import KNOWS, LEFT, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(mika):
    """``say(misses=2)``: an operator keeps what is known of Echo."""

    def keep(**facts):
        row, _is_new = ProviderManners.objects.get_or_create(provider="echo")
        for name, value in facts.items():
            setattr(row, name, value)
        override_services.keep(row, by=mika, fields=list(facts))
        return row

    return keep


def busy_and_made(request, act):
    act()
    return Reply(429, {"kind": "transient", "error": "busy"})


def test_an_operator_says_that_a_busy_answer_may_have_made_a_clip_and_the_next_one_is_looked_for(
    fake, site, order, go, say
):
    fake.fault_busy_and_made = busy_and_made
    fake.next("submit", "busy_and_made")
    say(busy_never_creates=False)

    job = go(order(site))

    assert job.state == State.READY
    assert len(fake.created) == 1, "a clip was bought twice"
    assert "busy" not in story(job) and job.attempts.count() == 1


def test_without_that_word_a_busy_answer_is_sent_again(fake, site, order, go):
    fake.fault_busy_and_made = busy_and_made
    fake.next("submit", "busy_and_made")

    job = go(order(site))

    assert job.state == State.READY and len(fake.created) == 2


def test_where_nobody_can_look_a_busy_answer_that_may_have_made_a_clip_asks_the_person(echo, connect, order, go, say):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "busy")
    say(busy_never_creates=False)

    assert go(order(connect(base_url=fake.url)), until=State.UNKNOWN).state == State.UNKNOWN


def test_an_operator_says_that_a_busy_answer_never_made_a_clip_and_the_next_one_is_sent_again(
    echo, connect, order, go, say
):
    fake = echo(busy_never_creates=False, recovery=Recovery.NONE)
    fake.next("submit", "busy_without_a_code", "busy_without_a_code")
    site = connect(base_url=fake.url)
    assert go(order(site), until=State.UNKNOWN).state == State.UNKNOWN, "the adapter does not trust it"

    say(busy_never_creates=True)

    assert go(order(site)).state == State.READY and len(fake.created) == 1


def test_a_shorter_time_counts_at_once_also_for_what_is_being_made(fake, site, order, go, say):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() + timedelta(minutes=20))

    assert go(job, steps=2).state == State.RUNNING
    say(deadline_minutes=30)  # of sixty, of which forty are over

    assert go(job).state == State.TIMED_OUT
    assert "did not finish within 30 minutes" in job.error_public


def test_a_longer_time_saves_what_is_being_made_and_dropping_it_takes_it_back(fake, site, order, go, say, mika):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))

    row = say(deadline_minutes=90)
    assert go(job, steps=2).state == State.RUNNING

    override_services.drop(row, by=mika)
    assert go(job).state == State.TIMED_OUT


def test_what_is_accepted_just_after_a_change_in_another_process_gets_the_new_time(fake, site, order, go):
    assert overrides.manners("echo", overrides.Manners()).deadline == 3600, (
        "this process has read, and will not for seconds"
    )
    ProviderManners.objects.create(provider="echo", deadline_minutes=240)

    job = go(order(site), until=State.RUNNING)

    assert job.deadline_at - job.started_at == timedelta(hours=4)


def test_a_failed_clip_costs_what_the_operator_says_of_the_provider(echo, connect, order, go, purse, say):
    fake = echo(billing=Billing.SUBMIT, **KNOWS)
    fake.fault_failed = lambda request, act: Reply(200, {"stage": "failed", "fault": "provider_fault"})
    fake.next("poll", "failed")
    say(billing="success")

    job = go(order(connect(base_url=fake.url)))

    assert job.state == State.FAILED and purse() == LEFT
    assert "charges only for finished videos" in job.error_public


def test_what_is_never_looked_for_asks_the_person_at_once_and_is_not_asked_after_later(fake, site, order, go, say):
    fake.next("submit", "cut")
    say(can_be_found=False)

    job = go(order(site), until=State.UNKNOWN)

    assert job.state == State.UNKNOWN
    assert not [request for request in fake.calls if request.method == "GET"]


def test_so_many_clips_at_one_time_as_the_operator_says(fake, site, say):
    assert queueing.room(site).free > 7

    say(concurrency=7)

    assert queueing.room(site).free == 7


def test_nobody_can_say_that_what_cannot_be_looked_for_is_found(echo, site):
    engine = echo.engine
    assert engine.declared.recovery != Recovery.NONE
    row = ProviderManners(provider="echo", can_be_found=True)

    assert overrides.over(engine.declared, row) == engine.declared


def polled(jobs) -> list[str]:
    """What one question after each asks the database about what operators know."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(next_run_at=Now(), lease_until=None)
    with CaptureQueriesContext(connection) as asked:
        held = engine.claim_polls(10)
        for each in held:
            engine.poll(each)
    assert len(held) == len(jobs) and len(asked) > 0
    return [query["sql"] for query in asked if ProviderManners._meta.db_table in query["sql"]]


def test_polls_ask_the_database_nothing_more_with_it_and_once_for_all_when_it_is_read_again(fake, site, order, go, say):
    fake.running = 1000
    jobs = [go(order(site), until=State.RUNNING) for _ in range(3)]
    assert polled(jobs) == []

    say(misses=7, ways={"any": "other"}, status_words={"pondering": "running"})
    assert overrides.manners("echo", overrides.Manners()).misses == 7 and overrides.words("echo")
    assert polled(jobs) == []

    overrides.forget()
    assert len(polled(jobs)) == 1


def test_an_acceptance_asks_about_its_own_provider_and_leaves_what_is_remembered(fake, site, order, go, monkeypatch):
    monkeypatch.setattr(overrides, "KEPT_SECONDS", 3600.0)
    fake.running, job = 1000, order(site)
    overrides.manners("echo", overrides.Manners())

    with CaptureQueriesContext(connection) as asked:
        go(job, until=State.RUNNING)

    [question] = [query["sql"] for query in asked if ProviderManners._meta.db_table in query["sql"]]
    assert "'echo'" in question


def test_another_process_sees_a_change_within_seconds(fake, site, monkeypatch):
    """It was not told: only its time to read again comes."""
    clock = [0.0]
    monkeypatch.setattr(overrides, "KEPT_SECONDS", 5.0)
    monkeypatch.setattr(overrides.time, "monotonic", lambda: clock[0])
    overrides.forget()
    declared = overrides.Manners()
    assert overrides.manners("echo", declared) is declared
    ProviderManners.objects.create(provider="echo", misses=9)

    clock[0] = 4.0
    assert overrides.manners("echo", declared) is declared
    clock[0] = 5.1
    assert overrides.manners("echo", declared).misses == 9


def test_a_status_word_is_taught_and_ends_what_is_being_made_at_the_very_next_look(
    echo, connect, order, go, purse, say
):
    fake = echo(billing=Billing.SUCCESS, **KNOWS)
    fake.next("poll", *["unknown_word"] * 5)
    job = go(order(connect(base_url=fake.url)), until=State.RUNNING)
    assert go(job, steps=2).state == State.RUNNING, "nobody knows the word: it may go on"

    say(status_words={"pondering": "failed"})

    assert go(job, steps=1).state == State.FAILED and purse() == LEFT
    assert "charges only for finished videos" in job.error_public


def test_what_a_taught_failure_costs_is_what_the_provider_charges(echo, connect, order, go, purse, say):
    fake = echo(billing=Billing.SUBMIT, **KNOWS)
    fake.next("poll", "unknown_word")
    say(status_words={"pondering": "failed"})

    job = go(order(connect(base_url=fake.url)))

    assert job.state == State.FAILED and purse() < LEFT


def test_a_taught_end_fetches_the_film(fake, site, order, go, say):
    fake.fault_done = lambda request, act: Reply(200, {**act().body, "stage": "done"})
    fake.next("poll", "done")
    say(status_words={"Done": "succeeded"})

    assert go(order(site)).state == State.READY


def test_a_taught_word_is_logged_no_more(fake, site, order, go, say, caplog):
    fake.next("poll", *["unknown_word"] * 5)
    say(status_words={"pondering": "running"})

    job = go(order(site), until=State.RUNNING)
    go(job, steps=2)

    assert "pondering" not in caplog.text


def test_another_process_takes_the_other_form_and_the_taught_word_within_seconds(monkeypatch):
    clock, one = [0.0], Way("form", "Form", (("a", "A"), ("b", "B")), "Nothing.")
    monkeypatch.setattr(overrides, "KEPT_SECONDS", 5.0)
    monkeypatch.setattr(overrides.time, "monotonic", lambda: clock[0])
    overrides.forget()
    assert (overrides.way("echo", one), overrides.words("echo")) == ("a", {})
    ProviderManners.objects.create(provider="echo", ways={"form": "b"}, status_words={"Done": "succeeded"})

    clock[0] = 4.0
    assert (overrides.way("echo", one), overrides.words("echo")) == ("a", {})
    clock[0] = 5.1
    assert (overrides.way("echo", one), overrides.words("echo")) == ("b", {"done": "succeeded"})


def test_it_is_written_into_the_audit_log_with_what_it_says(fake, say, mika):
    say(busy_never_creates=False, misses=9)

    event = AuditEvent.objects.get(verb="manners.changed")
    assert (event.target, event.actor_id) == ("echo", mika.pk)
    assert event.facts == {"told": {"busy_never_creates": False, "misses": 9}}
