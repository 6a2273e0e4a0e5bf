"""Per-connection concurrency and rate limit with fair queueing between users."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from generation.providers.models import Connection
from generation.providers.remote import Recovery
from generation.worker import queueing, submit
from generation.worker.connection_pause import rest_connection
from jobs import maintenance, services
from jobs.lifecycle import engine
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def fake(echo):
    fake = echo(recovery=Recovery.OWN_ID, absence_is_proof=True)
    fake.fault_wait = lambda request, act: Reply(429, {"kind": "transient"}, {"Retry-After": "300"})
    return fake


def count_submissions(fake) -> int:
    return len([call for call in fake.calls if (call.method, call.path) == ("POST", "/tasks")])


def get_position(job, connection):
    return queueing.line_position(job, connection, queueing.count_room(connection))


def test_retry_after_pauses_the_whole_queue_and_nobody_is_woken_early(fake, site, create_job, run_job):
    running, refused, waiting = (create_job(site) for _ in range(3))
    run_job(running, until=State.RUNNING)
    fake.next("submit", "wait")
    engine.advance(refused.pk)
    before = count_submissions(fake)

    run_job(waiting, steps=2)
    assert waiting.state == State.QUEUED and "Echo is busy" in waiting.progress_note
    Job.objects.filter(state=State.QUEUED).update(next_run_at=timezone.now() + timedelta(minutes=4))
    assert run_job(running).state == State.READY

    early = Job.objects.filter(state=State.QUEUED, next_run_at__lt=timezone.now() + timedelta(minutes=3))
    assert not early.exists(), "queued jobs were woken too early"
    assert count_submissions(fake) == before

    Connection.objects.update(paused_until=timezone.now())
    assert [run_job(job).state for job in (refused, waiting)] == [State.READY] * 2
    assert maintenance.find_violations() == []


def test_users_alternate_with_a_concurrency_of_one(fake, site, create_job, run_job, ren):
    Connection.objects.update(concurrency=1)
    mikas = [create_job(site) for _ in range(3)]
    rens = create_job(site, by=ren)

    assert run_job(mikas[0]).state == State.READY
    assert queueing.order_line(site) == [rens.pk, mikas[1].pk, mikas[2].pk]
    assert run_job(rens).state == State.READY
    assert queueing.order_line(site) == [mikas[1].pk, mikas[2].pk]


def test_slot_freed_by_a_refusal_stays_closed_until_retry_after(fake, site, create_job, monkeypatch):
    Connection.objects.update(concurrency=1)
    close, reserved = submit.close, []

    def close_and_reserve(*columns):
        close(*columns)
        reserved.append(queueing.reserve_place(site, queueing.count_room(site)))

    monkeypatch.setattr(submit, "close", close_and_reserve)
    fake.next("submit", "wait")
    engine.advance(create_job(site).pk)

    assert reserved == [False]


def test_shorter_pause_does_not_replace_a_longer_one(site):
    rest_connection(site, 300)
    rest_connection(site, 2)

    site.refresh_from_db()
    assert site.paused_until > timezone.now() + timedelta(minutes=4)


def test_nothing_is_sent_when_another_worker_took_the_last_slot(fake, site, create_job, run_job, monkeypatch):
    Connection.objects.update(concurrency=1)
    job, faster = create_job(site), create_job(site)
    prepare = EchoProvider.prepare

    def prepare_slowly(*args):
        Job.objects.filter(pk=faster.pk).update(state=State.SUBMITTING)
        columns = {"client_ref": "faster", "provider": "echo", "connection_id": site.pk}
        Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **columns)
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", prepare_slowly)
    run_job(job, steps=1)

    assert job.state == State.QUEUED and "Next in the queue at Echo" in job.progress_note
    assert count_submissions(fake) == 0 and not job.attempts.exists()


@pytest.mark.parametrize(
    ("threshold", "sent_ago", "counted_ago"),
    [(queueing.COUNTED_SINGLY, 0, 0), (queueing.COUNTED_SINGLY, 80, 90), (-1, 0, 90), (-1, 80, 90)],
)
def test_slot_taken_since_the_count_is_respected(site, create_job, monkeypatch, sent_ago, counted_ago, threshold):
    """Also if the slot was taken during a slow upload, longer ago than the recount covers."""
    monkeypatch.setattr(queueing, "COUNTED_SINGLY", threshold)
    Connection.objects.update(concurrency=2)
    site.refresh_from_db()
    faster = [create_job(site) for _ in range(2)]
    counted = queueing.count_room(site)
    counted = replace(counted, counted_at=counted.counted_at - counted_ago)

    for job, has_room in zip(faster, [True, False], strict=True):
        assert _can_reserve(site, counted)
        columns = {"client_ref": str(job.pk), "provider": "echo", "connection_id": site.pk}
        intent_at = timezone.now() - timedelta(seconds=sent_ago)
        Attempt.objects.create(job=job, n=1, intent_at=intent_at, **columns)
        assert _can_reserve(site, counted) is has_room


@pytest.mark.parametrize("limit", ["concurrency", "per_minute"])
def test_lowered_limit_applies_to_a_clip_in_prepare(site, create_job, limit):
    faster, counted = create_job(site), queueing.count_room(site)
    columns = {"client_ref": "faster", "provider": "echo", "connection_id": site.pk}
    Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **columns)
    assert _can_reserve(site, counted)

    Connection.objects.update(**{limit: 1})

    assert not _can_reserve(site, counted)


@pytest.mark.parametrize("limit", ["concurrency", "per_minute"])
def test_slots_near_the_limit_are_counted_exactly(site, create_job, limit, monkeypatch):
    monkeypatch.setattr(queueing, "COUNTED_SINGLY", -1)
    Connection.objects.update(concurrency=9, per_minute=9)
    Connection.objects.update(**{limit: 3})
    site.refresh_from_db()
    rows = iter([create_job(site) for _ in range(3)])

    def send():
        job = next(rows)
        columns = {"client_ref": str(job.pk), "provider": "echo", "connection_id": site.pk}
        Attempt.objects.create(job=job, n=1, intent_at=timezone.now(), **columns)

    send()
    counted = queueing.count_room(site)
    send()
    assert counted.sent is not None and counted.free == 2
    assert _can_reserve(site, counted)
    send()
    assert not _can_reserve(site, counted)


def test_locked_connection_counts_no_running_jobs(site, create_job, django_assert_num_queries):
    """The count is slow with thousands of running jobs, and others wait for the lock."""
    create_job(site)
    counted = queueing.count_room(site)

    with transaction.atomic(), django_assert_num_queries(2) as queries:  # the lock, and the last minute's submissions
        assert queueing.reserve_place(site, counted)

    assert not any('"jobs_job"' in query["sql"] for query in queries)


def test_slot_taken_during_the_count_is_respected(site, create_job, monkeypatch):
    Connection.objects.update(concurrency=1)
    site.refresh_from_db()
    faster, sent = create_job(site), queueing._filter_sent_lately

    def send_meanwhile(connection):
        columns = {"client_ref": "faster", "provider": "echo", "connection_id": site.pk}
        Attempt.objects.get_or_create(job=faster, n=1, defaults=columns | {"intent_at": timezone.now()})
        return sent(connection)

    monkeypatch.setattr(queueing, "_filter_sent_lately", send_meanwhile)
    assert not _can_reserve(site, queueing.count_room(site))


@transaction.atomic
def _can_reserve(connection, counted):
    return queueing.reserve_place(connection, counted)


def test_prepared_clip_is_not_sent_after_the_connection_closed(fake, site, create_job, run_job, monkeypatch):
    job = create_job(site)
    prepare = EchoProvider.prepare

    def prepare_slowly(*args):
        Connection.objects.update(is_enabled=False)
        return prepare(*args)

    monkeypatch.setattr(EchoProvider, "prepare", prepare_slowly)
    run_job(job, steps=1)

    assert job.state == State.QUEUED and count_submissions(fake) == 0


@pytest.mark.parametrize("state", [State.UNKNOWN, State.STUCK])
def test_unanswered_attempt_frees_its_slot_after_the_deadline(fake, site, create_job, run_job, state):
    Connection.objects.update(concurrency=1)
    lost, waiting = create_job(site), create_job(site)
    fake.next("submit", "cut_after_create")
    run_job(lost, until=State.SUBMITTING)
    Job.objects.filter(pk=lost.pk).update(state=state)

    assert run_job(waiting, steps=2).state == State.QUEUED, "the lost task may be running"
    assert "Next in the queue at Echo" in waiting.progress_note

    past = timezone.now() - timedelta(seconds=EchoProvider().traits.deadline + 60)
    Attempt.objects.filter(job=lost).update(intent_at=past)
    assert run_job(waiting).state == State.READY
    assert len(lost.attempts.all()) == 1 and len(fake.created) == 2


def test_old_lost_answer_does_not_push_its_user_back(fake, site, create_job, run_job, ren):
    fake.next("submit", "cut_after_create")
    lost = run_job(create_job(site), until=State.SUBMITTING)
    Job.objects.filter(pk=lost.pk).update(state=State.UNKNOWN)
    mikas, rens = create_job(site), create_job(site, by=ren)
    assert queueing.order_line(site) == [rens.pk, mikas.pk]

    Attempt.objects.filter(job=lost).update(intent_at=timezone.now() - timedelta(days=1))
    assert queueing.order_line(site) == [mikas.pk, rens.pk]


def test_long_queue_of_one_user_does_not_delay_another(fake, site, create_job, ren, monkeypatch):
    monkeypatch.setattr(queueing, "LINE_LENGTH", 3)
    mikas = [create_job(site) for _ in range(6)]
    rens = create_job(site, by=ren)

    assert queueing.order_line(site) == [mikas[0].pk, rens.pk, mikas[1].pk]


@pytest.fixture
def single_slot(fake, site):
    """The site's connection, limited to one slow clip at a time."""
    fake.running = 1000
    site.concurrency = 1
    site.save()
    return site


def test_queue_positions_are_exact_beyond_the_window(single_slot, create_job, run_job, ren, monkeypatch):
    monkeypatch.setattr(queueing, "LINE_LENGTH", 3)
    run_job(create_job(single_slot), until=State.RUNNING)
    mikas = [create_job(single_slot) for _ in range(5)]
    rens = [create_job(single_slot, by=ren) for _ in range(3)]

    queue = [rens[0], rens[1], mikas[0], rens[2], *mikas[1:]]
    assert [get_position(job, single_slot) for job in queue] == list(range(1, 9))


def test_queue_order_and_positions_agree(single_slot, create_job, run_job, ren):
    run_job(create_job(single_slot), until=State.RUNNING)
    jobs = [create_job(single_slot, by=ren if n % 3 == 1 else None) for n in range(9)]

    assert [get_position(Job.objects.get(pk=pk), single_slot) for pk in queueing.order_line(single_slot)] == list(
        range(1, len(jobs) + 1)
    )


def test_cancelled_job_has_no_next_position(single_slot, create_job, run_job):
    run_job(create_job(single_slot), until=State.RUNNING)
    gone, waiting = create_job(single_slot), create_job(single_slot)
    Job.objects.filter(pk=gone.pk).update(state=State.CANCELLED)

    assert (
        get_position(waiting, single_slot),
        get_position(gone, single_slot),
    ) == (1, 2)


@pytest.mark.parametrize(("overdue", "is_counted"), [(timedelta(hours=20), True), (timedelta(days=3), False)])
def test_overdue_attempt_holds_its_slot_until_polling_ends(fake, site, create_job, run_job, overdue, is_counted):
    """A clip that waits for disk space here has long been finished there."""
    fake.running = 1000
    Connection.objects.update(concurrency=1)
    running_job = run_job(create_job(site), until=State.RUNNING)
    site.refresh_from_db()
    old = timezone.now() - timedelta(seconds=EchoProvider().traits.deadline) - overdue
    Attempt.objects.filter(job=running_job).update(intent_at=old)

    assert (queueing.count_room(site).free == 0) is is_counted


@pytest.fixture
def half_ended(site, create_job, run_job):
    """The site's connection with three slots and two ended jobs, whose attempts still read as accepted."""
    for _ in range(2):
        assert run_job(create_job(site)).state == State.READY
    Connection.objects.update(concurrency=3)
    site.refresh_from_db()
    assert queueing.count_room(site).is_rough and queueing.count_room(site).free == 1
    return site


def test_ended_jobs_take_no_queue_slot(fake, half_ended, create_job):
    queue = [create_job(half_ended) for _ in range(4)]

    assert [get_position(job, half_ended) for job in queue] == [0, 0, 0, 1]


def test_ended_jobs_take_no_slot_from_an_overtaken_clip(fake, half_ended, create_job):
    faster, job = create_job(half_ended), create_job(half_ended)
    counted = queueing.count_room(half_ended)
    columns = {"client_ref": "faster", "provider": "echo", "connection_id": half_ended.pk}
    Attempt.objects.create(job=faster, n=1, intent_at=timezone.now(), **columns)

    assert _can_reserve(half_ended, counted)
    assert get_position(job, half_ended) == 0


def test_ended_jobs_leave_no_due_job_asleep(fake, half_ended, create_job):
    queue = [create_job(half_ended).pk for _ in range(4)]
    later = timezone.now() + timedelta(minutes=4)
    Job.objects.filter(pk__in=queue).update(next_run_at=later)

    queueing.wake_next(half_ended.pk)

    assert [Job.objects.get(pk=pk).next_run_at < later for pk in queue] == [True, True, True, False]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_recent_attempts_query_uses_its_index(fake, site, create_job, mika):
    """With 200,000 attempts, a scan took a tenth of a second, twice per clip."""
    job = create_job(site)
    old = timezone.now() - timedelta(days=30)
    old_jobs = [
        Job(workspace=job.workspace, kind="clip", idem_key=f"old {n}", state=State.READY) for n in range(20_000)
    ]
    Job.objects.bulk_create(old_jobs, 5000)
    columns = {"n": 1, "provider": "echo", "connection_id": site.pk, "outcome": "accepted", "intent_at": old}
    Attempt.objects.bulk_create(
        [Attempt(job=old_job, client_ref=str(old_job.pk), **columns) for old_job in old_jobs], 5000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job, jobs_attempt")

    plan = queueing._filter_recent_attempts(site).explain(analyze=True)

    assert "attempts_by_connection_date" in plan or "attempts_by_date" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_concurrency_limit_queues_the_rest_with_their_position(fake, site, create_job, run_job):
    fake.running = 100
    Connection.objects.update(concurrency=1)
    first, second = create_job(site), create_job(site)
    run_job(first, until=State.RUNNING)

    run_job(second, steps=2)

    assert second.state == State.QUEUED
    assert "Next in the queue at Echo" in second.progress_note
    assert len(fake.created) == 1

    services.cancel(first, by=None)
    run_job(first)
    assert run_job(second, until=State.RUNNING).state == State.RUNNING


def test_rate_limit_queues_the_rest_with_their_position(fake, site, create_job, run_job):
    Connection.objects.update(per_minute=2)
    jobs = [create_job(site) for _ in range(4)]
    assert [run_job(job, steps=6).state for job in jobs[:2]] == [State.READY] * 2

    for job in jobs[2:]:
        run_job(job, steps=3)

    assert [job.state for job in jobs[2:]] == [State.QUEUED] * 2
    assert "Next in the queue at Echo" in jobs[2].progress_note
    assert "Number 2 in the queue at Echo" in jobs[3].progress_note
    assert len(fake.created) == 2

    Attempt.objects.update(intent_at=timezone.now() - timedelta(seconds=61))
    assert [run_job(job).state for job in jobs[2:]] == [State.READY] * 2


def test_no_queue_order_is_computed_while_slots_are_free(fake, site, create_job, django_assert_num_queries):
    """Ordering the queue is slow with thousands of jobs on one connection."""
    job = create_job(site)

    with django_assert_num_queries(3) as queries:  # running, sent within a minute, queued
        assert queueing.line_position(job, site, queueing.count_room(site)) == 0

    assert not any("GROUP BY" in query["sql"] for query in queries if "jobs_attempt" in query["sql"])


def test_running_jobs_are_counted_in_the_database(fake, site, create_job, run_job, django_assert_num_queries):
    fake.running = 0.2
    site.concurrency = 1
    site.save()
    run_job(create_job(site), until=State.RUNNING)
    first, second = create_job(site), create_job(site)

    with django_assert_num_queries(5) as queries:  # sent, accepted, running, queued, per user
        assert queueing.line_position(first, site, queueing.count_room(site)) == 1

    assert "GROUP BY" in queries[-1]["sql"]
    assert queueing.line_position(second, site, queueing.count_room(site)) == 2
