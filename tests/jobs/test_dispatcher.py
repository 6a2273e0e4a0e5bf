"""The dispatcher: offers, nudges, hung workers and periodic tasks."""

import os
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.db import connection
from django.db.models.functions import Now
from django_q.conf import Conf
from django_q.models import OrmQ

from common.database.changes import ChangeWatch
from common.hooks import SiteHooks
from jobs import maintenance, registry, services
from jobs.lifecycle import engine
from jobs.management.commands import work
from jobs.models import Heartbeat, Job, State
from jobs.runtime import heartbeat, queue
from jobs.runtime.fairness import fair_order
from jobs.worker import dispatcher, watchdog
from tests.factories import WorkspaceFactory
from tests.hooks import use_only
from tests.processes import until

pytestmark = pytest.mark.rows


def test_workspace_with_the_fewest_running_jobs_comes_next():
    due = [(1, "mika"), (2, "mika"), (3, "mika"), (4, "ren"), (5, "ren"), (6, "ao")]

    assert fair_order(due, {"mika": 2}) == [4, 6, 5, 1, 2, 3]


def test_job_with_a_lost_nudge_is_offered_again(submit):
    submit()
    OrmQ.objects.all().delete()

    dispatcher.Dispatcher().offer()

    assert OrmQ.objects.count() == 1


def test_job_with_an_overdue_nudge_is_offered_by_the_same_dispatcher(submit, monkeypatch):
    submit()
    one = dispatcher.Dispatcher()
    one.offer()
    OrmQ.objects.all().delete()

    monkeypatch.setattr(dispatcher, "OFFER_AGAIN", 0.0)
    one.offer()

    assert OrmQ.objects.count() == 1


def test_job_is_not_offered_while_its_nudge_may_arrive(submit):
    submit()
    OrmQ.objects.all().delete()
    one = dispatcher.Dispatcher()
    one.offer()
    one.offer()

    assert OrmQ.objects.count() == 1


def test_job_of_a_dead_worker_is_offered_after_its_lease(submit):
    job = submit()
    OrmQ.objects.all().delete()
    one = dispatcher.Dispatcher()
    Job.objects.filter(pk=job.pk).update(lease_until=Now() + timedelta(seconds=60), fence=1)
    one.offer()
    assert not OrmQ.objects.exists()

    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    one.offer()

    assert OrmQ.objects.count() == 1


def test_nudge_queue_stays_short(submit, settings):
    settings.JOBS_PER_WORKSPACE = 100
    for _ in range(12):
        submit()
    dispatcher.Dispatcher().offer()

    assert OrmQ.objects.count() == settings.Q_CLUSTER["workers"] * 2


def test_single_job_does_not_wait_behind_a_dozen(submit, settings):
    settings.JOBS_PER_WORKSPACE = 100
    for _ in range(12):
        submit()
    late = submit(workspace=WorkspaceFactory())
    leased = list(Job.objects.exclude(pk=late.pk).values_list("pk", flat=True)[:2])
    Job.objects.filter(pk__in=leased).update(lease_until=Now() + timedelta(seconds=60))
    OrmQ.objects.all().delete()

    one = dispatcher.Dispatcher()
    one.offer()

    assert next(iter(one._offered)) == late.pk


@pytest.mark.django_db(transaction=True)
def test_dispatcher_polls_remote_jobs_itself(register_kind, submit):
    register_kind(running=lambda lease: lease.wait(60, progress=420), is_local=False)
    job = submit()
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
    OrmQ.objects.all().delete()
    one = dispatcher.Dispatcher()

    def is_polled():
        one.offer()
        one.polls.take()
        return Job.objects.get(pk=job.pk).progress == 420

    until(is_polled)
    one.close()  # not earlier: it hands back jobs whose poll no thread has started

    assert not OrmQ.objects.exists()


def test_workers_without_a_heartbeat_are_hung_after_startup(db, settings):
    settings.WATCHDOG_SECONDS = 5

    assert not watchdog.are_workers_hung(running_for=4)
    assert watchdog.are_workers_hung(running_for=6)
    heartbeat.run_canary()
    assert not watchdog.are_workers_hung(running_for=6)
    Heartbeat.objects.update(last_progress_at=Now() - timedelta(seconds=6))
    assert watchdog.are_workers_hung(running_for=6)


def test_heartbeat_from_the_future_is_ignored(db, settings):
    """The database's clock was set back since."""
    settings.WATCHDOG_SECONDS = 50
    heartbeat.run_canary()
    assert watchdog.has_progress_within(50)

    Heartbeat.objects.update(last_progress_at=Now() + timedelta(hours=2))

    assert watchdog.are_workers_hung(running_for=60)


@pytest.mark.parametrize(
    ("owner", "state", "is_hung"),
    [
        ("this machine", "submitting", False),
        ("another machine", "submitting", True),
        ("this machine", "running", True),
    ],
)
def test_workers_in_a_long_silent_step_are_not_hung(db, settings, submit, owner, state, is_hung):
    settings.WATCHDOG_SECONDS = 5
    own = engine.worker_name()
    worker = own if owner == "this machine" else own.replace("worker ", "worker of-another-")
    lease = {"lease_owner": worker, "lease_until": Now() + timedelta(minutes=5)}
    Job.objects.filter(pk=submit().pk).update(state=state, kind=registry.remote_kinds()[0], **lease)

    assert watchdog.are_workers_hung(running_for=6) == is_hung
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert watchdog.are_workers_hung(running_for=6)


def test_canary_task_is_sent_when_idle_and_rate_limited(db, settings):
    settings.WATCHDOG_SECONDS = 60
    canary = watchdog.Canary()
    canary.send()
    canary.send()

    assert queue.count_waiting() == 1


def test_trash_is_emptied_after_a_month(submit, run_steps, mika, register_kind):
    purged = []
    register_kind(on_purge=lambda job: purged.append(job.pk))
    old, young = run_steps(submit()), run_steps(submit())
    for job in (old, young):
        services.delete(job, by=mika)
    Job.objects.filter(pk=old.pk).update(deleted_at=Now() - timedelta(days=31))

    maintenance.purge_trash()

    assert purged == [old.pk]
    assert Job.objects.get() == young


def test_job_restored_during_trash_emptying_stays(submit, run_steps, mika, register_kind):
    purged = []

    def on_purge(job):
        purged.append(job.pk)
        for other in Job.objects.exclude(pk=job.pk):
            services.restore(other, by=mika)

    register_kind(on_purge=on_purge)
    services.delete_many([run_steps(submit()) for _ in range(3)], by=mika)
    Job.objects.update(deleted_at=Now() - timedelta(days=31))

    maintenance.purge_trash()

    assert len(purged) == 1
    assert Job.objects.shown().count() == Job.objects.count() == 2


def test_leftover_work_folders_are_removed_after_two_hours(settings, tmp_path):
    settings.WORK_DIR.mkdir()
    for name in ("old", "young"):
        (settings.WORK_DIR / name).mkdir()
    past = time.time() - 3 * 3600

    os.utime(settings.WORK_DIR / "old", (past, past))

    maintenance.clear_work_folders()

    assert [folder.name for folder in settings.WORK_DIR.iterdir()] == ["young"]


@pytest.mark.django_db
def test_leftover_uploads_are_removed_after_two_hours(settings, tmp_path):
    """One that is still written to stays, however long ago it began."""
    uploads = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    for name in ("old/upload.mp4", "slow/upload.mp4", "young/upload", "old.upload.mp4", "young.upload.mp4"):
        (uploads / name).parent.mkdir(parents=True, exist_ok=True)
        (uploads / name).write_bytes(b"a video")
    past = time.time() - 3 * 3600
    for name in ("old/upload.mp4", "old", "slow", "old.upload.mp4"):
        os.utime(uploads / name, (past, past))

    maintenance.run_periodic_tasks()

    assert sorted(path.name for path in uploads.iterdir()) == ["slow", "young", "young.upload.mp4"]


def test_failing_periodic_task_does_not_stop_the_others(db, monkeypatch, caplog):
    done = []
    use_only(monkeypatch, SiteHooks, periodic_tasks={"bad": lambda: 1 / 0, "good": lambda: done.append(1)})

    maintenance.run_periodic_tasks()

    assert done == [1]
    assert "periodic task bad" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nudge_uses_the_open_connection(submit, monkeypatch):
    """Opening another connection would take longer than the rest of the request."""
    closed = []
    monkeypatch.setattr("django.db.close_old_connections", lambda: closed.append(1))

    queue.nudge(submit())
    queue.send_canary()

    assert OrmQ.objects.count() >= 2
    assert not closed


@pytest.mark.django_db(transaction=True)
def test_queue_is_polled_less_often_a_while_after_the_last_task(monkeypatch):
    pauses, now = [], [0.0]
    monkeypatch.setattr(queue, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=pauses.append))
    monkeypatch.setattr("django_q.brokers.orm.sleep", pauses.append)
    broker = queue.WatchingBroker(list_key="tapwari")
    now[0] = 60.0
    assert broker.dequeue() is None
    assert sum(pauses) == pytest.approx(queue.IDLE_POLL)

    queue.send_canary()
    broker._changes = ChangeWatch(max_age=0)  # the task was written over the same connection
    assert len(broker.dequeue()) == 1
    pauses.clear()
    assert broker.dequeue() is None
    assert sum(pauses) == pytest.approx(Conf.POLL)


def test_dispatcher_keeps_its_connections_open(monkeypatch):
    max_ages = []
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    monkeypatch.setattr(work.Command, "loop", lambda command: max_ages.append(connection.settings_dict["CONN_MAX_AGE"]))
    for name in ("Child", "Dispatcher", "signal", "sys"):
        monkeypatch.setattr(work, name, Mock())

    work.Command().handle()

    assert max_ages == [work.KEEP_SECONDS]


def test_workers_keep_their_connection_web_requests_do_not():
    """Each request has its own thread in the web server, so connections kept open would pile up."""
    command = work.Command()
    command.mark = Path("stop")

    assert float(command.environment()["DATABASE_KEEP_SECONDS"]) > 0
    assert connection.settings_dict["CONN_MAX_AGE"] == 0


class SlowWorkers:
    """Workers that call ``meanwhile(seconds)`` while they are waited for."""

    def __init__(self, meanwhile):
        self.wait = meanwhile
        self.stop = self.sweep = lambda: None


def test_stopping_dispatcher_polls_nothing_more(tmp_path):
    command, waits = work.Command(), []
    command.mark, command.dispatcher = tmp_path / "stop", dispatcher.Dispatcher()
    command.workers = SlowWorkers(lambda seconds: waits.append((seconds, command.dispatcher.polls._is_closing)))

    command.close()

    assert waits == [(work.stop_timeout(), True)]


def test_workers_that_never_started_get_twice_the_time(monkeypatch, settings):
    """A machine on which they need longer than the limit would otherwise kill them forever."""
    settings.WATCHDOG_SECONDS = 90
    swept, progress, now = [], [], [0.0]
    workers = SimpleNamespace(started_at=0.0, sweep=lambda: swept.append(now[0]))
    watching = watchdog.Watchdog(workers)
    monkeypatch.setattr(watchdog, "are_workers_hung", lambda running_for: running_for > settings.WATCHDOG_SECONDS)
    monkeypatch.setattr(watchdog, "has_progress_within", lambda seconds: bool(progress))
    monkeypatch.setattr(watchdog, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def seconds_until_swept():
        while len(swept) == so_far:
            now[0] += 10
            watching.check()
        return swept[-1]

    for seconds in (100, 190, 370, 730, 730):
        now[0], so_far = 0.0, len(swept)
        assert seconds_until_swept() == seconds
    progress.append(True)
    for seconds in (100, 100):
        now[0], so_far = 0.0, len(swept)
        assert seconds_until_swept() == seconds
