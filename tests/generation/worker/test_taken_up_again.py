"""What was bought is brought home however long nobody looked, whatever got stuck, and whoever stops or gives up."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from generation.models import Clip
from generation.providers import registry
from generation.providers.remote import Billing, Recovery
from generation.worker import poll
from jobs import services
from jobs.models import Attempt, Job, State
from jobs.templatetags.jobs import price
from tests.fakes.echo import PRICE, EchoProvider
from tests.generation.worker.told import KNOWS, LEFT, story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_is_well")]


@pytest.fixture
def stuck(order, go, monkeypatch):
    """``stuck(connection)``: a clip that was bought, and whose polls broke until nobody tried any more."""

    def make(connection):
        job = go(order(connection), until=State.RUNNING)
        with monkeypatch.context() as bug:
            bug.setattr(EchoProvider, "poll", lambda *_: 1 / 0)
            job = go(job, until=State.STUCK)
        assert job.state == State.STUCK
        return job

    return make


def its_time_is_over(job):
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(hours=5))


def too_late(job, fake, go):
    fake.running = 1000
    its_time_is_over(job)
    job = go(job)
    assert job.state == State.TIMED_OUT
    fake.running, fake.created[0].is_cancelled = 0, False
    return job


def test_a_film_that_was_finished_while_the_studio_was_off_is_fetched(fake, site, order, go, purse):
    job = go(order(site), until=State.RUNNING)
    its_time_is_over(job)

    job = go(job)

    assert job.state == State.READY, story(job)
    assert not fake.created[0].is_cancelled
    assert purse() == LEFT - PRICE


def test_a_fresh_address_is_asked_for_also_after_its_time(fake, site, order, go):
    fake.next("film", "expired")
    job = go(order(site), until=State.FETCHING)
    its_time_is_over(job)

    assert go(job).state == State.READY


def test_past_its_time_a_provider_that_does_not_answer_is_asked_for_one_more_day(fake, site, order, go, monkeypatch):
    job = go(order(site), until=State.RUNNING)
    its_time_is_over(job)
    fake.next("poll", *["html_502"] * 8)

    go(job, steps=3)
    assert job.state == State.RUNNING and story(job).count("asked for one more day") == 1

    monkeypatch.setattr(poll, "GRACE", timedelta(0))
    assert go(job, steps=2).state == State.TIMED_OUT


def test_an_operator_has_a_film_looked_for_that_came_too_late(fake, site, order, go, purse, mika):
    job = too_late(go(order(site), until=State.RUNNING), fake, go)
    assert purse() == LEFT, "what was held was given back"

    services.reopen(job, by=mika)
    assert price(job) == "nothing booked here", "nothing is held for it any more"
    assert job.deadline_at > timezone.now()
    job = go(job)

    assert job.state == State.READY and Clip.objects.get(job=job).file("mezzanine")
    assert len(fake.created) == 1
    assert (purse(), job.price_charged, job.error_public) == (LEFT, 0, "")
    assert "Looked for once more by the operator" in story(job)


def test_an_operator_has_a_lost_film_looked_for_with_all_its_tries_anew(fake, site, order, go):
    fake.next("film", *["html"] * 3)
    job = go(order(site))
    assert job.state == State.LOST_RESULT
    fake.next("film", "html", "html")

    services.reopen(job, by=None)

    assert go(job).state == State.READY and len(fake.created) == 1


def test_what_was_billed_when_it_timed_out_is_not_billed_again(echo, connect, order, go, purse):
    fake = echo(billing=Billing.SUBMIT, **KNOWS)
    job = too_late(go(order(connect(base_url=fake.url)), until=State.RUNNING), fake, go)
    assert purse() == LEFT - PRICE

    services.reopen(job, by=None)
    job = go(job)

    assert (job.state, job.price_charged) == (State.READY, PRICE)
    assert purse() == LEFT - PRICE


def test_nothing_is_looked_for_that_was_tried_again_or_never_bought(fake, site, order, go, mika):
    job = too_late(go(order(site), until=State.RUNNING), fake, go)
    services.retry(job, by=mika, agreed=(PRICE, "USD"))
    waiting = order(site)

    for each in (job, waiting):
        with pytest.raises(services.JobRefused):
            services.reopen(each, by=mika)


def test_a_stuck_job_that_was_bought_goes_on_and_is_not_asked_for_anew(fake, site, stuck, go, purse, mika):
    job = stuck(site)

    services.requeue(job, by=mika)
    assert job.state == State.RUNNING
    job = go(job)

    assert job.state == State.READY, job.error_public
    assert len(fake.created) == 1
    assert purse() == LEFT - PRICE


def test_one_that_got_stuck_in_developing_goes_on_with_the_film_it_has(fake, site, order, go, monkeypatch):
    with monkeypatch.context() as bug:
        bug.setattr("generation.worker.ingest.ingest", lambda *_args, **_more: 1 / 0)
        job = go(order(site), until=State.STUCK)
    fake.created[0].is_gone = True  # the provider has forgotten it: what is stored here is all there is

    services.requeue(job, by=None)

    assert job.state == State.STORED
    assert go(job).state == State.READY


def test_one_that_got_stuck_while_it_was_looked_for_is_looked_for_again(fake, site, order, go, monkeypatch):
    fake.next("submit", "cut_after_create")
    with monkeypatch.context() as bug:
        bug.setattr(EchoProvider, "find", lambda *_: 1 / 0)
        job = go(order(site), until=State.STUCK)
    assert job.state == State.STUCK

    services.requeue(job, by=None)

    assert go(job).state == State.READY and len(fake.created) == 1


@pytest.mark.parametrize(("billing", "paid"), [(Billing.SUCCESS, 0), (Billing.SUBMIT, PRICE), (Billing.UNDECLARED, 0)])
def test_giving_up_what_was_bought_says_what_its_provider_bills(echo, connect, stuck, purse, mika, billing, paid):
    fake = echo(billing=billing, **KNOWS)
    job = stuck(connect(owner=mika, base_url=fake.url))

    services.give_up(job, by=mika)

    said = {
        Billing.SUCCESS: "Your Echo account may have been charged once.",  # nobody stopped it there
        Billing.SUBMIT: "Your Echo account was charged for it.",
        Billing.UNDECLARED: "Your Echo account may have been charged once.",
    }
    assert job.state == State.FAILED
    assert said[billing] in job.error_public and "Nothing was charged" not in job.error_public
    assert purse() == LEFT - paid and job.price_charged == paid


def test_whoever_gives_it_up_says_so_in_the_words_of_whoever_asked(echo, connect, stuck, mika):
    job = stuck(connect(owner=mika, base_url=echo(billing=Billing.SUBMIT, **KNOWS).url))
    job.language = "zh-hans"

    services.give_up(job, by=mika)

    with translation.override("zh-hans"):
        stopped = translation.gettext("This could not be made, and the studio's operator stopped trying.")
        charged = translation.gettext("Your %(provider)s account was charged for it.") % {"provider": "Echo"}
    assert job.error_public == f"{stopped} {charged}"
    assert "stopped trying" not in stopped and "was charged" not in charged


def test_stopping_a_stuck_job_asks_its_provider_to_stop(fake, site, stuck, go, mika, purse):
    job = stuck(site)
    fake.running = 1000

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.CANCELLED
    assert fake.created[0].is_cancelled
    assert "Stopped before it began" not in story(job)
    assert purse() == LEFT


@pytest.mark.parametrize("trouble", ["html_502", "cut", "busy", "auth"])
def test_a_wish_to_stop_outlives_trouble_at_the_provider(fake, site, order, go, mika, trouble):
    fake.running = 1000
    job = go(order(site), until=State.RUNNING)
    fake.next("stop", trouble, trouble)

    services.cancel(job, by=mika)
    job = go(job)

    assert job.state == State.CANCELLED, story(job)
    assert "cannot stop this any more" not in story(job)


def test_a_bug_in_asking_to_stop_does_not_lose_the_film(fake, site, order, go, mika, monkeypatch):
    job = go(order(site), until=State.RUNNING)
    monkeypatch.setattr(EchoProvider, "cancel", lambda *_: 1 / 0)

    services.cancel(job, by=mika)

    assert go(job).state == State.READY


def test_stopping_it_again_when_that_gets_stuck_as_well_ends_it_and_is_honest(
    connect, fake, stuck, go, mika, monkeypatch
):
    job = stuck(connect(owner=mika, base_url=fake.url))
    services.cancel(job, by=mika)
    with monkeypatch.context() as bug:
        for what in ("cancel", "poll"):
            bug.setattr(EchoProvider, what, lambda *_: 1 / 0)
        job = go(job, until=State.STUCK)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED
    assert "Your Echo account may have been charged once." in job.error_public
    assert "Stopped before it began" not in story(job)


def test_stopping_one_that_got_stuck_before_anybody_knew_its_outcome_gives_it_up(
    echo, connect, order, go, mika, purse, monkeypatch
):
    fake = echo(recovery=Recovery.WEBHOOK, has_webhooks=True)
    fake.next("submit", "cut_after_create")
    with monkeypatch.context() as bug:
        bug.setattr("generation.worker.reconcile_step.look", lambda *_: 1 / 0)
        job = go(order(connect(base_url=fake.url)), until=State.STUCK)
        services.cancel(job, by=mika)
        job = go(job, until=State.STUCK)

    services.cancel(job, by=mika)

    assert job.state == State.CANCELLED
    assert "cannot be found out from here" in job.error_public  # only a callback could tell, and none comes this far
    assert job.attempts.get().outcome == Attempt.Outcome.ABANDONED
    assert purse() == LEFT


def test_what_an_engine_that_is_gone_had_bought_can_be_given_up_and_frees_the_money(
    connect, fake, stuck, mika, purse, monkeypatch
):
    job = stuck(connect(owner=mika, base_url=fake.url))
    monkeypatch.delitem(registry.providers(), "echo")

    services.give_up(job, by=mika)

    assert (job.state, purse()) == (State.FAILED, LEFT)
    assert "Your echo account may have been charged once." in job.error_public
