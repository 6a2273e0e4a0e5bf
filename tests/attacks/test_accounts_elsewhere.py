"""Accounts at providers used beyond rights, and what a provider that lies can do to the studio."""

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts import privacy
from accounts.billing import ledger
from accounts.models import Membership, Role
from generation.models import Clip
from generation.providers.adapters.gemini import answers as gemini
from generation.providers.adapters.kling import answers as kling
from generation.providers.connections import test_job
from generation.providers.errors import Fault, RemoteError, cleaned
from generation.providers.http.client import Answer
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Recovery
from generation.worker import late_results
from jobs import maintenance as job_maintenance
from jobs import recovery, services
from jobs.lifecycle import transitions
from jobs.models import Attempt, Job, State
from tests.generation.worker.helpers import KNOWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(mika, ren):
    """Ren may edit in Mika's workspace."""
    place = mika.workspaces.get()
    Membership.objects.create(workspace=place, user=ren, role=Role.EDITOR)
    return place


def broken(job):
    transitions.move(job, State.FAILED, error_code="broken", error_public="It broke.")
    return job


def asked_by(person, job):
    Job.objects.filter(pk=job.pk).update(created_by=person)
    Clip.objects.filter(job=job).update(created_by=person)


# --- Whose account -----------------------------------------------------------------------------------------------


def test_trying_again_what_a_colleague_asked_for_does_not_spend_from_their_own_account(
    echo, connect, order, go, mika, ren, team, sign_in
):
    fake = echo()
    mine = connect(mika, base_url=fake.url)
    job = broken(order(mine))

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)
    for again in Job.objects.filter(retry_of=job):
        go(again)

    assert fake.created == []


def test_trying_again_goes_through_an_account_of_whoever_does_so(echo, connect, order, go, mika, ren, team, sign_in):
    fake = echo()
    job = broken(order(connect(mika, base_url=fake.url)))
    theirs = connect(ren, base_url=fake.url)

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    [again] = Job.objects.filter(retry_of=job)
    assert Clip.objects.get(job=again).connection == theirs
    assert go(again).state == State.READY


def test_trying_again_what_went_through_an_account_that_is_gone_goes_through_ones_own_or_nowhere(
    echo, connect, order, go, mika, ren, team, sign_in
):
    """Whoever is erased takes their accounts along; the clip forgets which it was."""
    fake = echo()
    hers = connect(mika, base_url=fake.url)
    job = broken(order(hers))
    Connection.objects.filter(pk=hers.pk).delete()

    answer = sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "Nothing was started" in answer.text and not Job.objects.filter(retry_of=job).exists()

    theirs = connect(ren, base_url=fake.url)
    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    [again] = Job.objects.filter(retry_of=job)
    assert go(again).state == State.READY
    assert Clip.objects.get(job=again).connection == theirs


def test_trying_again_ones_own_goes_through_the_same_account(echo, connect, order, mika, sign_in):
    fake = echo()
    connect(mika, base_url=fake.url)
    second = connect(mika, base_url=fake.url)
    job = broken(order(second))

    sign_in(mika).post(f"/jobs/{job.pk}/retry/", follow=True)

    assert Clip.objects.get(job__retry_of=job).connection == second


def test_nobody_has_a_lost_request_bought_again_from_a_colleagues_own_account(
    echo, connect, order, go, mika, ren, team, sign_in
):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(mika, base_url=fake.url)), until=State.UNKNOWN)

    sign_in(ren).post(f"/jobs/{job.pk}/ask-anew/", follow=True)
    go(job, steps=5)

    assert len(fake.created) == 1


def test_a_colleague_does_not_use_somebodys_own_key_by_trying_its_test_again(echo, connect, mika, ren, team, sign_in):
    mine = connect(mika, base_url=echo().url)
    job = broken(test_job.ask(mine, by=mika, workspace=team))

    sign_in(ren).post(f"/jobs/{job.pk}/retry/", follow=True)

    assert not Job.objects.filter(retry_of=job).exists()


def test_who_was_removed_before_their_turn_spends_nothing_of_the_workspace(echo, connect, order, go, mika, ren, team):
    fake = echo()
    shared = connect(workspace=team, base_url=fake.url)
    job = order(shared)
    asked_by(ren, job)
    Membership.objects.filter(user=ren, workspace=team).delete()

    job = go(job)

    assert fake.created == []
    assert job.state == State.FAILED and "Nothing was charged" in job.error_public


def test_who_may_only_look_meanwhile_spends_nothing_either(echo, connect, order, go, mika, ren, team):
    fake = echo()
    job = order(connect(workspace=team, base_url=fake.url))
    asked_by(ren, job)
    Membership.objects.filter(user=ren, workspace=team).update(role=Role.VIEWER)

    go(job)

    assert fake.created == []


def test_who_erased_themselves_before_their_turn_spends_nothing_of_the_workspace(echo, connect, order, go, ren, team):
    fake = echo()
    job = order(connect(workspace=team, base_url=fake.url))
    asked_by(ren, job)
    Membership.objects.filter(user=ren, workspace=team).delete()

    privacy.erase_all(ren)
    job = go(job)

    assert job.created_by is None and fake.created == []
    assert job.state == State.FAILED and "Nothing was charged" in job.error_public


# --- Money -------------------------------------------------------------------------------------------------------


@pytest.fixture
def given_up(echo, connect, order, go, mika):
    """A submission whose answer was lost, given up by Mika; the provider has made its film all the same."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = go(order(site), until=State.UNKNOWN)
    recovery.release(job, by=mika)
    return site, fake.created[0], job


def call_back(site, **said):
    return Client(raise_request_exception=False).post(
        f"/webhooks/echo/{site.webhook_token}/", json.dumps(said), "application/json"
    )


@pytest.mark.parametrize("way", ["release", "ask-anew"])
@pytest.mark.parametrize("state", [State.SUBMITTING, State.RUNNING, State.FETCHING])
def test_what_is_being_made_is_not_given_back_nor_bought_again_by_hand(
    echo, connect, order, go, purse, mika, sign_in, state, way
):
    """The doors of what nobody answered for are there at every job, for whoever types their address."""
    fake = echo(**KNOWS)
    if state == State.SUBMITTING:
        fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=state)
    before = ledger.left(mika.workspaces.get())

    sign_in(mika).post(f"/jobs/{job.pk}/{way}/", follow=True)

    assert ledger.left(mika.workspaces.get()) == before
    assert go(job).state == State.READY
    assert len(fake.created) == 1


@pytest.mark.parametrize("who", ["a stranger", "a colleague"])
def test_nobody_takes_the_name_of_a_free_film_before_its_time(given_up, mika, ren, who):
    site, task, job = given_up
    place = (mika if who == "a colleague" else ren).workspaces.get()
    key = f"{late_results.KEY}{Attempt.objects.get().pk}"
    services.submit(workspace=place, by=ren, kind="run", title="-", params={}, idem_key=key, is_limited=False)

    answer = call_back(site, id=task.id, ref=task.ref)

    assert answer.status_code == 204
    if who == "a stranger":
        assert Job.objects.filter(kind="clip_elsewhere", title=job.title).count() == 2


# --- Providers that lie ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["http://", "https://a", "key ", "bearer\t", "data:a/", "sk-", "token\n\n"])
def test_a_text_without_end_holds_no_worker(text):
    before = time.process_time()
    cleaned(text * 15_000)

    assert time.process_time() - before < 1


def test_a_long_text_is_still_struck(settings):
    text = "https://files.example/a?sig=secret " * 40 + "Bearer abcdefghijkl"
    assert "secret" not in cleaned(text) and "abcdefghijkl" not in cleaned(text)


@pytest.mark.parametrize("what", ["code", "detail"])
def test_what_a_provider_says_of_its_trouble_can_be_kept(what):
    error = RemoteError(Fault.AUTH, **{what: "a\x00b"})

    assert "\x00" not in str(error)


def test_a_task_by_a_name_that_a_database_refuses_is_no_task(echo, connect, order, go):
    fake = echo()
    fake.new_id = lambda: "task\x00one"

    job = go(order(connect(base_url=fake.url)), steps=3)

    assert job.state in (State.SUBMITTING, State.UNKNOWN)
    assert not Attempt.objects.filter(provider_task_id__contains="task").exists()


def test_the_story_of_a_job_can_be_read_whatever_its_worker_left_out(mika, ask, sign_in):
    job = ask(mika)[0].job
    transitions.move(job, State.SUBMITTING, reason="asked|Echo")
    transitions.move(job, State.QUEUED, reason="not_sent")

    page = sign_in(mika).get(reverse("jobs:job", args=[job.pk]))

    assert page.status_code == 200


def test_a_worker_that_died_after_closing_its_attempt_leaves_a_story_that_names_the_provider(echo, connect, order, go):
    fake = echo()
    job = order(connect(base_url=fake.url))
    transitions.move(job, State.SUBMITTING, reason="asked|Echo")

    go(job, steps=1)

    assert "not_sent|Echo" in [event.reason for event in job.events.all()]


# --- Callbacks ---------------------------------------------------------------------------------------------------


def test_a_flood_of_callbacks_is_slowed_and_fills_no_table(echo, connect, mika, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"webhook": "5/m/key"}
    site = connect(mika, base_url=echo(has_webhooks=True).url)

    codes = [call_back(site, id=f"task-{n}", ref="").status_code for n in range(20)]

    assert 429 in codes
    assert WebhookEvent.objects.count() == 5


def test_callbacks_that_nobody_needs_any_more_are_thrown_away(echo, connect, mika):
    site = connect(mika, base_url=echo(has_webhooks=True).url)
    call_back(site, id="old", ref="")
    WebhookEvent.objects.update(came_at="2020-01-01T00:00Z")
    call_back(site, id="new", ref="")

    job_maintenance.run()

    assert [each.task_id for each in WebhookEvent.objects.all()] == ["new"]


@pytest.mark.parametrize("door", ["/webhooks/echo/a%00b/", "/webhooks/echo/{token}/?ref=%00"])
def test_a_callback_with_a_character_that_a_database_refuses_breaks_nothing(echo, connect, mika, door):
    site = connect(mika, base_url=echo(has_webhooks=True).url)

    answer = Client(raise_request_exception=False).post(
        door.format(token=site.webhook_token), json.dumps({"id": "a\x00b", "ref": "c\x00d"}), "application/json"
    )

    assert answer.status_code in (204, 401, 404)
    kept = "".join(event.task_id + event.ref for event in WebhookEvent.objects.all())
    assert "\x00" not in kept


# --- What answers make of an adapter -----------------------------------------------------------------------------


def test_a_message_made_to_be_searched_for_ever_is_not():
    said = json.dumps({"code": 1201, "message": "external task id " * 30_000})

    before = time.process_time()
    kling.fault_of(Answer(400, {}, said.encode()), is_submit=True)

    assert time.process_time() - before < 1


@pytest.mark.parametrize("details", [[{"retryDelay": "9" * 4000 + "s"}], 5, {"a": 1}, [None, 7]])
def test_a_pause_of_any_length_is_at_most_ten_minutes(details):
    *_facts, pause = gemini.refusal(429, {"error": {"details": details}})

    assert pause is None or pause <= 600
