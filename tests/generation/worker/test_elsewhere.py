"""A clip made elsewhere: asked for once, paid once, and told honestly whatever the provider does."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common import secrets
from generation.media.errors import FfmpegFailed, MediaRefused
from generation.models import Clip
from generation.providers.models import Connection, ConnectionKey
from generation.providers.remote import Billing, Recovery, Stopped
from generation.worker import download, ingest, late_results, poll, queueing
from jobs import recovery as jobs_recovery
from jobs import registry, services
from jobs.models import Attempt, Job, State
from jobs.templatetags.jobs import price
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.told import KNOWS, LEFT, story

pytestmark = pytest.mark.django_db


def test_a_clip_is_asked_for_once_fetched_and_paid(fake, site, order, go, purse):
    job = go(order(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert purse() == LEFT - PRICE
    clip = Clip.objects.get(job=job)
    assert clip.frames == 48 and clip.file("mezzanine")
    assert "Accepted by Echo as" in story(job)


def test_the_name_that_a_provider_learns_can_be_guessed_from_nothing(fake, site, order, go):
    job = go(order(site))

    [task] = fake.created
    assert uuid.UUID(task.ref).version == 4 and str(job.pk) != task.ref


def test_the_style_goes_with_the_words_and_the_key_goes_nowhere_else(fake, site, order, go):
    go(order(site))

    sent = fake.created[0].request
    assert sent["prompt"].startswith("a cat on a roof. ") and "cel-shaded" in sent["prompt"]
    films = [call for call in fake.calls if call.path.startswith("/films/")]
    assert films and all("authorization" not in call.headers for call in films)


@pytest.mark.parametrize(
    "fault", ["cut_after_create", "html_502_after_create", "no_json_after_create", "no_id_after_create"]
)
def test_a_lost_answer_is_found_again_and_nothing_is_bought_twice(fake, site, order, go, purse, fault):
    fake.next("submit", fault)

    job = go(order(site))

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert purse() == LEFT - PRICE
    told = story(job)
    assert "Asked Echo" in told and "No answer from Echo; checking" in told
    assert "Found again at Echo" in told and "nothing was paid twice" in told


@pytest.mark.parametrize("fault", ["cut", "html_502"])
def test_a_request_that_never_arrived_is_sent_again_only_after_it_was_looked_for(
    fake, site, order, go, purse, fault, monkeypatch
):
    fake.next("submit", fault)
    job = go(order(site), until=State.SUBMITTING)

    go(job, until=State.QUEUED, steps=5)
    assert job.state == State.SUBMITTING, "absence was concluded at once"
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=10))
    job = go(job)

    assert job.state == State.READY
    assert len(fake.created) == 1
    assert "never got this" in story(job)
    assert purse() == LEFT - PRICE


def test_nobody_looked_for_an_hour_and_a_few_looks_still_settle_it(fake, site, order, go):
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))

    go(job, steps=2)
    assert job.state == State.SUBMITTING, "it was called unknown though it can be found out"

    assert go(job).state == State.READY and len(fake.created) == 1


def test_without_a_way_to_look_the_job_says_that_it_is_not_known_and_holds_the_money(echo, connect, order, go, purse):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")

    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)

    assert job.state == State.UNKNOWN
    assert purse() == LEFT - PRICE
    go(job, steps=5)
    assert len(fake.created) == 1


def test_money_held_for_an_unknown_job_is_given_back_at_once_when_its_owner_asks(echo, connect, order, go, purse, mika):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)

    jobs_recovery.release(job, by=mika)

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert purse() == LEFT
    assert not job.attempts.filter(outcome__in=Attempt.LIVE).exists()


def test_an_unknown_job_asked_anew_pays_once(echo, connect, order, go, purse, mika):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)

    jobs_recovery.ask_anew(job, by=mika)
    job = go(job)

    assert job.state == State.READY
    assert len(fake.created) == 2, "the house may pay twice, and only because a person said so"
    assert purse() == LEFT - PRICE


def test_after_three_days_without_an_answer_the_money_comes_back_by_itself(echo, connect, order, go, purse):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=73))

    job = go(job)

    assert (job.state, job.error_code) == (State.FAILED, "auto_released")
    assert purse() == LEFT


@pytest.mark.parametrize("recovery", [Recovery.OWN_ID, Recovery.LIST])
def test_before_it_is_given_up_it_is_looked_for_once_more(echo, connect, order, go, purse, recovery):
    """The studio may have been switched off for all these days."""
    fake = echo(recovery=recovery)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN, state_since=timezone.now() - timedelta(hours=73))

    assert go(job).state == State.READY
    assert len(fake.created) == 1 and purse() == LEFT - PRICE


def test_an_hour_before_three_days_are_over_it_is_still_not_known_and_the_money_held(echo, connect, order, go, purse):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state_since=timezone.now() - timedelta(hours=71))

    assert go(job, steps=3).state == State.UNKNOWN
    assert purse() == LEFT - PRICE
    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS


def test_a_callback_that_names_a_lost_task_brings_it_back(echo, connect, order, go, purse):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = go(order(site), until=State.SUBMITTING)
    task = fake.created[0]

    door = f"/webhooks/echo/{site.webhook_token}/"
    answers = [Client().post(door, json.dumps({"id": task.id, "ref": task.ref}), "application/json") for _ in range(3)]
    job = go(job)

    assert [answer.status_code for answer in answers] == [204] * 3
    assert job.state == State.READY and len(fake.created) == 1


def test_a_callback_that_names_another_jobs_task_does_not_hide_the_one_that_names_ours(echo, connect, order, go):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    site = connect(base_url=fake.url)
    foreign = Attempt.objects.get(job=go(order(site))).provider_task_id
    fake.next("submit", "cut_after_create")
    job = go(order(site), until=State.SUBMITTING)
    task = fake.created[1]

    for named in (foreign, task.id):
        said = {"id": named, "ref": task.ref}
        Client().post(f"/webhooks/echo/{site.webhook_token}/", json.dumps(said), "application/json")
    job = go(job)

    assert job.state == State.READY and len(fake.created) == 2
    assert job.attempts.get().provider_task_id == task.id


@pytest.mark.parametrize(("minutes", "state"), [(14, State.SUBMITTING), (16, State.UNKNOWN)])
def test_a_callback_is_waited_for_a_quarter_of_an_hour(echo, connect, order, go, minutes, state):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(minutes=minutes))

    assert go(job, steps=1).state == state


def test_a_callback_to_an_address_that_was_never_given_out_is_not_found(echo, connect):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    connect(base_url=fake.url)

    assert Client().post("/webhooks/echo/guess/", "{}", "application/json").status_code == 404


@pytest.mark.parametrize("kind", ["invalid", "moderation"])
def test_a_refusal_for_good_ends_the_job_and_costs_nothing(fake, site, order, go, purse, kind):
    fake.next("submit", kind)

    job = go(order(site))

    assert job.state == State.FAILED
    assert "Nothing was charged." in job.error_public
    assert purse() == LEFT and not fake.created


def test_a_model_that_is_not_there_any_more_was_retired_by_its_maker(fake, site, order, go, purse):
    fake.next("submit", "gone")

    job = go(order(site))

    assert job.state == State.FAILED and purse() == LEFT
    assert job.error_public == "Echo 1 was retired by its maker. Choose another model. Nothing was charged."


def test_at_an_address_of_ones_own_nobody_says_that_its_maker_retired_it(fake, site, order, go, monkeypatch):
    monkeypatch.setattr(EchoProvider, "base_url", "")
    fake.next("submit", "gone")

    job = go(order(site))

    assert job.state == State.FAILED and "retired" not in job.error_public


@pytest.mark.parametrize("kind", ["auth", "quota"])
def test_trouble_with_the_account_waits_for_its_owner_and_fails_no_job(fake, site, order, go, purse, kind):
    fake.next("submit", kind)
    job = go(order(site), steps=3)

    site.refresh_from_db()
    assert job.state == State.QUEUED and "check the connection" in job.progress_note
    assert site.health == Connection.Health.BROKEN and site.last_error

    Connection.objects.update(paused_until=None)
    assert go(job).state == State.READY
    assert purse() == LEFT - PRICE
    site.refresh_from_db()
    assert (site.health, site.last_error) == (Connection.Health.GOOD, "")


def test_a_busy_provider_is_asked_again_and_the_person_notices_nothing(fake, site, order, go, purse):
    fake.next("submit", "busy", "busy_retry_after")

    job = go(order(site), steps=2)
    assert job.state == State.QUEUED and "Echo is busy" in job.progress_note
    Connection.objects.update(paused_until=timezone.now())
    job = go(job)

    assert job.state == State.READY and len(fake.created) == 1
    assert job.attempts.count() == 3


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUCCESS, 0), (Billing.SUBMIT, PRICE), (Billing.UNDECLARED, 0)])
def test_what_failed_there_costs_what_the_provider_declares(echo, connect, order, go, purse, billing, paid):
    fake = echo(billing=billing, **KNOWS)
    job = go(order(connect(base_url=fake.url)), until=State.RUNNING)
    fake.created[0].ends = "failed"

    job = go(job)

    assert job.state == State.FAILED
    assert purse() == LEFT - paid
    assert "charged" in job.error_public


def test_with_ones_own_key_nobody_claims_that_nothing_was_charged(echo, connect, order, go, mika):
    fake = echo(billing=Billing.UNDECLARED, **KNOWS)
    job = go(order(connect(owner=mika, base_url=fake.url)), until=State.RUNNING)
    fake.created[0].ends = "failed"

    assert "Your Echo account may have been charged once." in go(job).error_public


def test_a_task_that_vanished_fails_after_several_looks(fake, site, order, go):
    job = go(order(site), until=State.RUNNING)
    fake.created[0].is_gone = True

    go(job, steps=2)
    assert job.state == State.RUNNING
    assert go(job).error_code == "lost"


def test_a_word_nobody_knows_is_not_an_end_and_operators_read_it_once(fake, site, order, go, caplog, monkeypatch):
    monkeypatch.setattr(poll, "_odd_words", set())
    fake.next("poll", "unknown_word", "unknown_word", "html_502", "cut", "unknown_word")

    assert go(order(site)).state == State.READY
    said = [each.getMessage() for each in caplog.records if "does not know" in each.getMessage()]
    assert len(said) == 1 and "echo" in said[0] and "'pondering'" in said[0]


def test_success_without_a_film_is_a_failure(fake, site, order, go):
    fake.next("poll", "without_film")

    assert go(order(site)).state == State.FAILED


def test_an_address_that_expired_is_asked_for_anew(fake, site, order, go, purse):
    fake.next("film", "expired", "gone")

    job = go(order(site))

    assert job.state == State.READY and len(fake.created) == 1
    assert purse() == LEFT - PRICE


@pytest.mark.parametrize("fault", ["html", "empty", "redirect_inside"])
def test_what_is_no_film_is_fetched_again_and_then_said_to_be_lost(fake, site, order, go, fault):
    fake.next("film", *[fault] * 10)

    job = go(order(site))

    assert job.state == State.LOST_RESULT
    assert "could not be fetched" in job.error_public
    assert len(fake.created) == 1


def test_stopping_asks_the_provider_and_says_what_became_of_the_money(fake, site, order, go, mika, purse):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.CANCELLED
    assert purse() == LEFT


def test_a_provider_that_cannot_stop_delivers_and_the_clip_is_kept(fake, site, order, go, mika, monkeypatch):
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: Stopped.UNSUPPORTED)
    job = go(order(site), until=State.RUNNING)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.READY
    assert "cannot stop this any more" in story(job)


def test_past_its_time_a_task_is_stopped_and_the_job_ends(fake, site, order, go):
    fake.running = 100
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))

    job = go(job)

    assert job.state == State.TIMED_OUT
    assert fake.created[0].is_cancelled


def test_an_account_makes_only_so_many_at_once_and_the_rest_reads_its_place(fake, site, order, go):
    fake.running = 100
    Connection.objects.update(concurrency=1)
    first, second = order(site), order(site)
    go(first, until=State.RUNNING)

    go(second, steps=2)

    assert second.state == State.QUEUED
    assert "Next in line at Echo" in second.progress_note
    assert len(fake.created) == 1

    services.cancel(first, by=None)
    go(first)
    assert go(second, until=State.RUNNING).state == State.RUNNING


def test_an_account_is_sent_only_so_many_a_minute_and_the_rest_reads_its_place(fake, site, order, go):
    Connection.objects.update(per_minute=2)
    jobs = [order(site) for _ in range(4)]
    assert [go(job, steps=6).state for job in jobs[:2]] == [State.READY] * 2

    for job in jobs[2:]:
        go(job, steps=3)

    assert [job.state for job in jobs[2:]] == [State.QUEUED] * 2
    assert "Next in line at Echo" in jobs[2].progress_note
    assert "Number 2 in line at Echo" in jobs[3].progress_note
    assert len(fake.created) == 2

    Attempt.objects.update(intent_at=timezone.now() - timedelta(seconds=61))
    assert [go(job).state for job in jobs[2:]] == [State.READY] * 2


def test_an_account_that_was_destroyed_while_it_made_something_claims_nothing_about_its_bill(
    fake, connect, order, go, mika, purse
):
    own = connect(owner=mika, base_url=fake.url)
    job = go(order(own), until=State.RUNNING)
    own.delete()

    job = go(job)

    assert (job.state, job.error_code) == (State.FAILED, "no_connection")
    assert "may have been charged once" in job.error_public
    assert "Nothing was charged" not in job.error_public
    assert purse() == LEFT


def test_a_tool_that_was_killed_while_it_looked_at_the_film_costs_one_fetch_and_not_the_film(
    fake, site, order, go, monkeypatch
):
    honest, left = download.probe, [5]

    def killed(*args, **more):
        if left[0]:
            left[0] -= 1
            raise MediaRefused("too_costly", "The video asks for more time, memory or space than one video may use.")
        return honest(*args, **more)

    monkeypatch.setattr(download, "probe", killed)

    assert go(order(site)).state == State.READY


def test_turns_go_round_between_people(fake, site, order, go, mika, ren):
    hers = [order(site) for _ in range(3)]
    his = order(site, by=ren)

    assert queueing.order(site)[:2] == [hers[0].pk, his.pk]


def test_where_there_is_room_for_all_nobody_is_put_in_order(fake, site, order, django_assert_num_queries):
    """Of thousands at work in one account, putting the line in order would cost every submission a breath."""
    job = order(site)

    with django_assert_num_queries(3) as asked:  # at work, sent within a minute, in line
        assert queueing.place(job, site, queueing.room(site)) == 0

    assert not any("GROUP BY" in query["sql"] for query in asked if "jobs_attempt" in query["sql"])


def test_who_has_what_at_work_is_counted_in_the_database(fake, site, order, go, django_assert_num_queries):
    fake.running = 0.2
    site.concurrency = 1
    site.save()
    go(order(site), until=State.RUNNING)
    first, second = order(site), order(site)

    with django_assert_num_queries(5) as asked:  # sent lately, taken lately, of these at work, in line, and by whom
        assert queueing.place(first, site, queueing.room(site)) == 1

    assert "GROUP BY" in asked[-1]["sql"]
    assert queueing.place(second, site, queueing.room(site)) == 2


def test_a_key_replaced_while_a_task_runs_does_not_lose_it(fake, site, order, go):
    fake.running = 0.02
    job = go(order(site), until=State.RUNNING)
    ConnectionKey.objects.create(
        connection=site, version=1, sealed=secrets.seal({"keys": {"api_key": "new-and-wrong"}})
    )
    Connection.objects.update(key_version=1)

    assert go(job).state == State.READY


def test_an_id_that_belongs_to_another_job_is_not_believed(fake, site, order, go):
    first = go(order(site))
    taken = Attempt.objects.get(job=first).provider_task_id
    fake.new_id = lambda: taken

    second = go(order(site), steps=3)

    assert second.state == State.SUBMITTING
    assert "No answer from Echo; checking" in story(second), "it broke instead of being looked for"
    assert Attempt.objects.filter(provider_task_id=taken).count() == 1


@pytest.fixture
def given_up(echo, connect, order, go, mika):
    """A submission whose answer was lost, given up by Mika; the provider has made its film all the same."""
    fake = echo(recovery=Recovery.NONE, has_webhooks=True)
    site = connect(base_url=fake.url)
    fake.next("submit", "cut_after_create")
    job = go(order(site), until=State.UNKNOWN)
    jobs_recovery.release(job, by=mika)
    return site, fake.created[0], job


def call_back(site, task):
    door = f"/webhooks/echo/{site.webhook_token}/"
    return Client().post(door, json.dumps({"id": task.id, "ref": task.ref}), "application/json")


def test_what_was_given_up_and_turns_up_is_one_more_take_for_free(given_up, go, purse):
    site, task, job = given_up
    for _again in range(2):
        call_back(site, task)

    [extra] = Job.objects.exclude(pk=job.pk)
    go(extra)

    first, second = Clip.objects.order_by("take")
    assert (extra.state, extra.price_charged) == (State.READY, 0)
    assert first.request == second.request and second.is_ready
    assert purse() == LEFT
    assert "yours for free" in story(extra)
    assert price(extra) == "free"
    Connection.objects.update(owner=job.created_by)
    assert price(extra) == "nothing booked here", "what one's own account was charged stands there"


def test_its_pages_say_that_it_turned_up_instead_of_offering_to_buy_another(sign_in, mika, given_up):
    site, task, job = given_up
    browser, page = sign_in(mika), Clip.objects.get(job=job).get_absolute_url()
    pages = {
        "page": lambda: browser.get(page).text,
        "card": lambda: browser.get(f"{page}card/").text,
        "create": lambda: browser.get(reverse("generation:create")).text,
        "live": lambda: browser.get(reverse("jobs:live"), {"ids": str(job.pk)}).text,
    }
    button, words = f"/jobs/{job.pk}/retry/", "It turned up at Echo after all, as one more take."
    assert {name for name, text in pages.items() if button in text()} == set(pages)

    call_back(site, task)

    told = {name: text() for name, text in pages.items()}
    assert {name for name, text in told.items() if button not in text and words in text} == set(pages)
    answer = browser.post(button, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and f"{words} Nothing was started." in answer.text


def test_what_an_operator_has_to_look_at_first_is_not_offered_to_be_bought_again(sign_in, mika, given_up):
    """Ticked together with others in the list it keeps none of them from being tried again."""
    site, task, job = given_up
    were_free(job, 3)
    page = Clip.objects.get(job=job).get_absolute_url()

    call_back(site, task)

    told = sign_in(mika).get(page).text
    assert f"/jobs/{job.pk}/retry/" not in told and "Echo has said meanwhile that it has this." in told
    assert not registry.retryable_ids([job])


def test_giving_up_is_no_way_to_free_films(given_up):
    several_were_free(given_up)


def test_the_third_free_film_of_a_month_comes_by_itself_whatever_came_before_that(given_up):
    site, task, job = given_up
    were_free(job, 2)
    were_free(job, 3, timezone.now() - timedelta(days=31))

    call_back(site, task)

    assert Job.objects.filter(idem_key=f"extra-{job.attempts.get().pk}").exists()


def were_free(job, many, at=None):
    """Mika had so many films for free lately, or at that time."""
    for _film in range(many):
        Job.objects.create(
            workspace=job.workspace, created_by=job.created_by, kind="clip_elsewhere", title="free",
            idem_key=f"extra-before-{uuid.uuid4()}", request_hash="-", state=State.READY,
            created_at=at or timezone.now() - timedelta(days=29),
        )  # fmt: skip


def several_were_free(given_up):
    site, task, job = given_up
    were_free(job, 3)
    call_back(site, task)

    attempt = Attempt.objects.get()
    assert not Job.objects.filter(idem_key=f"extra-{attempt.pk}").exists()
    return attempt


def test_after_three_free_films_an_operator_is_asked_and_gives_it_with_a_button(given_up, go, client, mika, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    attempt = several_were_free(given_up)
    mika.is_staff = mika.is_superuser = True
    mika.save()
    client.force_login(mika)
    url = reverse("admin:jobs_attempt_changelist")

    page = client.get(url).text
    assert str(attempt.job_id)[:8] in page and "Give the person this film for free" in page
    client.post(url, {"action": "give", "_selected_action": [str(attempt.pk)]})

    extra = Job.objects.get(idem_key=f"extra-{attempt.pk}")
    assert go(extra).state == State.READY and extra.price_charged == 0
    assert str(attempt.job_id)[:8] not in client.get(url).text


def test_one_that_is_never_found_does_not_stand_before_the_others_for_ever(
    given_up, echo, order, go, mika, monkeypatch
):
    site, _task, first = given_up
    monkeypatch.setattr(late_results, "AT_ONCE", 1)
    echo(recovery=Recovery.NONE, has_webhooks=True).next("submit", "cut")
    missing = go(order(site), until=State.UNKNOWN)
    jobs_recovery.release(missing, by=mika)
    echo(**KNOWS)

    for _look in range(3):
        late_results.look_for_abandoned()

    assert Job.objects.filter(idem_key=f"extra-{first.attempts.get().pk}").exists()


def test_what_was_given_up_is_looked_for_where_the_provider_can_be_asked(given_up, echo, go):
    _site, task, job = given_up
    echo(**KNOWS)

    late_results.look_for_abandoned()
    late_results.look_for_abandoned()

    [extra] = Job.objects.exclude(pk=job.pk)
    assert go(extra).state == State.READY
    assert extra.attempts.get().provider_task_id == task.id


def test_a_bug_after_something_was_bought_loses_nothing(fake, site, order, go, purse, monkeypatch):
    job = go(order(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "poll", lambda *_: 1 / 0)

    job = go(job, until=State.STUCK)

    assert job.state == State.STUCK
    assert purse() == LEFT - PRICE, "held until somebody has looked"
    assert job.attempts.get().outcome == Attempt.Outcome.ACCEPTED


def test_a_film_whose_files_could_not_be_written_down_is_neither_done_nor_paid(fake, site, order, go, monkeypatch):
    keep, goes = ingest._keep, [OperationalError("gone")]

    def breaks(*facts):
        if goes:
            raise goes.pop()
        keep(*facts)

    monkeypatch.setattr(ingest, "_keep", breaks)
    job = go(order(site), until=State.STORED)
    assert (job.state, job.price_charged, goes) == (State.STORED, 0, [])

    job = go(job)
    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert Clip.objects.get(job=job).files.count() > 1


@pytest.mark.parametrize(("times", "state"), [(2, State.READY), (3, State.READY_DEGRADED)])
def test_a_tool_that_was_killed_is_not_held_against_the_film(fake, site, order, go, monkeypatch, times, state):
    honest, left = ingest.ingest, [times]

    def killed(*args, **more):
        if left[0]:
            left[0] -= 1
            raise FfmpegFailed("ffmpeg ended with code -9.")
        return honest(*args, **more)

    monkeypatch.setattr(ingest, "ingest", killed)

    assert go(order(site)).state == state
    assert len(fake.created) == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.READY, State.FAILED])
def test_what_is_under_way_or_ended_for_good_is_not_looked_for_once_more(fake, site, order, go, mika, state):
    fake.running = 1000
    job = go(order(site), until=State.RUNNING)
    Job.objects.filter(pk=job.pk).update(state=state)

    with pytest.raises(services.JobRefused):
        services.reopen(Job.objects.get(pk=job.pk), by=mika)
