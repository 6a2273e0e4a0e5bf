"""Whose turn it is at an account, and when a provider wants to be left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import queueing, submit
from generation.worker.submission import rest
from jobs import invariants
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(echo):
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    fake.fault_wait = lambda request, act: Reply(429, {"kind": "transient"}, {"Retry-After": "300"})
    return fake


def asked(fake) -> int:
    return len([call for call in fake.calls if (call.method, call.path) == ("POST", "/tasks")])


def place_of(job, connection):
    return queueing.place(job, connection, queueing.room(connection))


def test_a_time_that_a_provider_names_holds_for_all_who_wait_and_whoever_ends_meanwhile_wakes_nobody(
    fake, site, order, go
):
    running, refused, waiting = (order(site) for _ in range(3))
    go(running, until=State.RUNNING)
    fake.next("submit", "wait")
    engine.advance(refused.pk)
    before = asked(fake)

    go(waiting, steps=2)
    assert waiting.state == State.QUEUED and "Echo is busy" in waiting.progress_note
    Job.objects.filter(state=State.QUEUED).update(next_run_at=timezone.now() + timedelta(minutes=4))
    assert go(running).state == State.READY

    early = Job.objects.filter(state=State.QUEUED, next_run_at__lt=timezone.now() + timedelta(minutes=3))
    assert not early.exists(), "they were woken before their time"
    assert asked(fake) == before

    Connection.objects.update(paused_until=timezone.now())
    assert [go(job).state for job in (refused, waiting)] == [State.READY] * 2
    assert invariants.broken() == []


def test_where_one_clip_is_made_at_a_time_people_still_take_turns(fake, site, order, go, ren):
    Connection.objects.update(concurrency=1)
    hers = [order(site) for _ in range(3)]
    his = order(site, by=ren)

    assert go(hers[0]).state == State.READY
    assert queueing.order(site) == [his.pk, hers[1].pk, hers[2].pk]
    assert go(his).state == State.READY
    assert queueing.order(site) == [hers[1].pk, hers[2].pk]


def test_the_place_that_a_refusal_frees_is_taken_by_nobody_before_the_time_is_over(fake, site, order, monkeypatch):
    Connection.objects.update(concurrency=1)
    close, was_free = submit.close, []

    def close_and_look(*facts):
        close(*facts)
        was_free.append(queueing.take(site, queueing.room(site)))

    monkeypatch.setattr(submit, "close", close_and_look)
    fake.next("submit", "wait")
    engine.advance(order(site).pk)

    assert was_free == [False]


def test_a_shorter_time_named_later_does_not_shorten_a_longer_one(site):
    rest(site, 300)
    rest(site, 2)

    site.refresh_from_db()
    assert site.paused_until > timezone.now() + timedelta(minutes=4)


def test_when_another_worker_was_faster_with_the_last_place_nothing_is_sent(fake, site, order, go, monkeypatch):
    Connection.objects.update(concurrency=1)
    job, faster = order(site), order(site)
    prepare = EchoProvider.prepare

    def slow(*args):
        Job.objects.filter(pk=faster.pk).update(state=State.SUBMITTING)
        facts = {"client_ref": "faster", "provider": "echo", "account": site.pk}
        Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **facts)
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", slow)
    go(job, steps=1)

    assert job.state == State.QUEUED and "Next in line at Echo" in job.progress_note
    assert asked(fake) == 0 and not job.attempts.exists()


@pytest.mark.parametrize("few", [queueing.FEW, -1], ids=["read", "counted"])
@pytest.mark.parametrize(("sent_ago", "counted_ago"), [(0, 0), (0, 90), (80, 90)])
def test_whoever_was_sent_there_since_its_room_was_counted_has_the_place(
    site, order, monkeypatch, sent_ago, counted_ago, few
):
    """Also while a large film was brought there, which takes longer than what is read again of the account."""
    monkeypatch.setattr(queueing, "FEW", few)
    Connection.objects.update(concurrency=2)
    site.refresh_from_db()
    faster = [order(site) for _ in range(2)]
    counted = queueing.room(site)
    counted = replace(counted, counted_at=counted.counted_at - counted_ago)

    for job, is_room_left in zip(faster, [True, False], strict=True):
        assert _may_take(site, counted)
        facts = {"client_ref": str(job.pk), "provider": "echo", "account": site.pk}
        intent_at = timezone.now() - timedelta(seconds=sent_ago)
        Attempt.objects.create(job=job, n=1, intent_at=intent_at, **facts)
        assert _may_take(site, counted) is is_room_left


@pytest.mark.parametrize("limit", ["concurrency", "per_minute"])
def test_a_limit_that_was_lowered_while_a_clip_was_made_ready_holds_for_it(site, order, limit):
    faster, counted = order(site), queueing.room(site)
    facts = {"client_ref": "faster", "provider": "echo", "account": site.pk}
    Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **facts)
    assert _may_take(site, counted)

    Connection.objects.update(**{limit: 1})

    assert not _may_take(site, counted)


@pytest.mark.parametrize("limit", ["concurrency", "per_minute"])
def test_near_its_limit_an_account_is_known_clip_by_clip(site, order, limit, monkeypatch):
    monkeypatch.setattr(queueing, "FEW", -1)
    Connection.objects.update(concurrency=9, per_minute=9)
    Connection.objects.update(**{limit: 3})
    site.refresh_from_db()
    rows = iter([order(site) for _ in range(3)])

    def send():
        job = next(rows)
        facts = {"client_ref": str(job.pk), "provider": "echo", "account": site.pk}
        Attempt.objects.create(job=job, n=1, intent_at=timezone.now(), **facts)

    send()
    counted = queueing.room(site)
    send()
    assert counted.sent is not None and counted.free == 2
    assert _may_take(site, counted)
    send()
    assert not _may_take(site, counted)


def test_while_an_account_is_locked_nobody_counts_all_that_is_at_work_there(site, order, django_assert_num_queries):
    """With thousands at work that takes longer than all else, and whoever else would send there waits for it."""
    order(site)
    counted = queueing.room(site)

    with transaction.atomic(), django_assert_num_queries(2) as asked:  # the lock, and what was sent within a minute
        assert queueing.take(site, counted)

    assert not any('"jobs_job"' in query["sql"] for query in asked)


def test_who_is_sent_there_while_its_room_is_counted_takes_a_place_of_it(site, order, monkeypatch):
    Connection.objects.update(concurrency=1)
    site.refresh_from_db()
    faster, sent = order(site), queueing._sent

    def sent_just_then(connection):
        facts = {"client_ref": "faster", "provider": "echo", "account": site.pk}
        Attempt.objects.get_or_create(job=faster, n=1, defaults=facts | {"intent_at": timezone.now()})
        return sent(connection)

    monkeypatch.setattr(queueing, "_sent", sent_just_then)
    assert not _may_take(site, queueing.room(site))


@transaction.atomic
def _may_take(connection, counted):
    return queueing.take(connection, counted)


def test_what_stood_ready_when_the_account_was_shut_is_not_sent_any_more(fake, site, order, go, monkeypatch):
    job = order(site)
    prepare = EchoProvider.prepare

    def slow(*args):
        Connection.objects.update(is_enabled=False)
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", slow)
    go(job, steps=1)

    assert job.state == State.QUEUED and asked(fake) == 0


@pytest.mark.parametrize("state", [State.UNKNOWN, State.STUCK])
def test_what_was_never_answered_holds_its_place_no_longer_than_a_film_takes(fake, site, order, go, state):
    Connection.objects.update(concurrency=1)
    lost, waiting = order(site), order(site)
    fake.next("submit", "cut_after_create")
    go(lost, until=State.SUBMITTING)
    Job.objects.filter(pk=lost.pk).update(state=state)

    assert go(waiting, steps=2).state == State.QUEUED, "what was lost may be at work there"
    assert "Next in line at Echo" in waiting.progress_note

    over = timezone.now() - timedelta(seconds=EchoProvider().manners.deadline + 60)
    Attempt.objects.filter(job=lost).update(intent_at=over)
    assert go(waiting).state == State.READY
    assert len(lost.attempts.all()) == 1 and len(fake.created) == 2


def test_who_lost_an_answer_long_ago_stands_no_further_back_for_it(fake, site, order, go, ren):
    fake.next("submit", "cut_after_create")
    lost = go(order(site), until=State.SUBMITTING)
    Job.objects.filter(pk=lost.pk).update(state=State.UNKNOWN)
    hers, his = order(site), order(site, by=ren)
    assert queueing.order(site) == [his.pk, hers.pk]

    Attempt.objects.filter(job=lost).update(intent_at=timezone.now() - timedelta(days=1))
    assert queueing.order(site) == [hers.pk, his.pk]


def test_who_asks_for_one_clip_is_not_kept_waiting_by_who_asks_for_more_than_the_line_holds(
    fake, site, order, ren, monkeypatch
):
    monkeypatch.setattr(queueing, "LINE", 3)
    hers = [order(site) for _ in range(6)]
    his = order(site, by=ren)

    assert queueing.order(site) == [hers[0].pk, his.pk, hers[1].pk]


@pytest.fixture
def one_at_a_time(fake, site):
    """The site's account, which makes one thing at a time, and takes long over it."""
    fake.running = 1000
    site.concurrency = 1
    site.save()
    return site


def test_everybody_reads_their_true_place_however_long_the_line_is(one_at_a_time, order, go, ren, monkeypatch):
    monkeypatch.setattr(queueing, "LINE", 3)
    go(order(one_at_a_time), until=State.RUNNING)
    hers = [order(one_at_a_time) for _ in range(5)]
    his = [order(one_at_a_time, by=ren) for _ in range(3)]

    line = [his[0], his[1], hers[0], his[2], *hers[1:]]
    assert [place_of(job, one_at_a_time) for job in line] == list(range(1, 9))


def test_a_woken_line_and_the_places_in_it_agree(one_at_a_time, order, go, ren):
    go(order(one_at_a_time), until=State.RUNNING)
    jobs = [order(one_at_a_time, by=ren if n % 3 == 1 else None) for n in range(9)]

    assert [place_of(Job.objects.get(pk=pk), one_at_a_time) for pk in queueing.order(one_at_a_time)] == list(
        range(1, len(jobs) + 1)
    )


def test_of_who_left_the_line_nobody_says_that_it_is_their_turn(one_at_a_time, order, go):
    go(order(one_at_a_time), until=State.RUNNING)
    gone, waiting = order(one_at_a_time), order(one_at_a_time)
    Job.objects.filter(pk=gone.pk).update(state=State.CANCELLED)

    assert (
        place_of(waiting, one_at_a_time),
        place_of(gone, one_at_a_time),
    ) == (1, 2)


@pytest.mark.parametrize(("past_its_time", "is_counted"), [(timedelta(hours=20), True), (timedelta(days=3), False)])
def test_what_goes_on_past_its_time_holds_its_place_until_nobody_asks_after_it_any_more(
    fake, site, order, go, past_its_time, is_counted
):
    """A film that waits here for room on the disk is made there long since."""
    fake.running = 1000
    Connection.objects.update(concurrency=1)
    going_on = go(order(site), until=State.RUNNING)
    site.refresh_from_db()
    long_ago = timezone.now() - timedelta(seconds=EchoProvider().manners.deadline) - past_its_time
    Attempt.objects.filter(job=going_on).update(intent_at=long_ago)

    assert (queueing.room(site).free == 0) is is_counted


def test_where_there_is_room_enough_nobody_looks_at_the_jobs_that_are_made_there(site, order, go, fake):
    """Of five thousand that was most of the way from "asked" to the first step."""
    fake.running = 1000
    go(order(site), until=State.RUNNING)
    waiting = order(site)

    with CaptureQueriesContext(connection) as asked:
        assert place_of(waiting, site) == 0

    told = [query["sql"] for query in asked]
    assert told and not any("jobs_attempt" in sql and "jobs_job" in sql for sql in told), told
    assert not any("generation_clip" in sql for sql in told), told


@pytest.fixture
def half_over(site, order, go):
    """Three at a time; two that have ended there, and as history they look like any other that was accepted."""
    for _ in range(2):
        assert go(order(site)).state == State.READY
    Connection.objects.update(concurrency=3)
    site.refresh_from_db()
    assert queueing.room(site).is_rough and queueing.room(site).free == 1
    return site


def test_what_has_ended_takes_no_place_from_anybody_in_line(fake, half_over, order):
    line = [order(half_over) for _ in range(4)]

    assert [place_of(job, half_over) for job in line] == [0, 0, 0, 1]


def test_what_has_ended_takes_no_place_from_who_was_overtaken_while_made_ready(fake, half_over, order):
    faster, job = order(half_over), order(half_over)
    counted = queueing.room(half_over)
    facts = {"client_ref": "faster", "provider": "echo", "account": half_over.pk}
    Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **facts)

    assert _may_take(half_over, counted)
    assert place_of(job, half_over) == 0


def test_what_has_ended_leaves_nobody_asleep_whose_turn_it_is(fake, half_over, order):
    line = [order(half_over).pk for _ in range(4)]
    later = timezone.now() + timedelta(minutes=4)
    Job.objects.filter(pk__in=line).update(next_run_at=later)

    queueing.wake(half_over.pk)

    assert [Job.objects.get(pk=pk).next_run_at < later for pk in line] == [True, True, True, False]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_asks_for_a_clip_does_not_count_all_that_the_account_has_ever_made(fake, site, order, mika):
    """Two hundred thousand of them were a tenth of a second, twice for each clip."""
    job = order(site)
    long_ago = timezone.now() - timedelta(days=30)
    made = [Job(workspace=job.workspace, kind="clip", idem_key=f"old {n}", state=State.READY) for n in range(20_000)]
    Job.objects.bulk_create(made, 5000)
    facts = {"n": 1, "provider": "echo", "account": site.pk, "outcome": "accepted", "intent_at": long_ago}
    Attempt.objects.bulk_create([Attempt(job=one, client_ref=str(one.pk), **facts) for one in made], 5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job, jobs_attempt")

    plan = queueing._lately_taken(site).explain(analyze=True)

    assert "attempts_there_of_late" in plan or "attempts_of_late" in plan, plan
    assert "Seq Scan" not in plan, plan
