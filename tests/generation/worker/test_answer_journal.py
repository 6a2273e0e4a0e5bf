"""Answer journal: a submit response survives a database outage on the local disk."""

import errno
import os
import time
import uuid

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import User
from generation.models import Clip
from generation.providers.remote import Recovery
from generation.worker import answer_journal, submit
from jobs import events
from jobs.lifecycle import engine
from jobs.lifecycle import recovery as jobs_recovery
from jobs.models import Attempt, Job, State
from jobs.worker.dispatcher import Dispatcher
from tests.fakes.echo import EchoFake

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
RECOVERIES = [Recovery.OWN_ID, Recovery.NONE]


def raise_database_error(*_args, **_options):
    raise OperationalError("server closed the connection unexpectedly")


def raise_disk_full(_folder):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def submit_without_saving(echo, connect, create_job, run_job, monkeypatch):
    """``submit_without_saving(recovery)``: a clip whose accepting response was not saved. Returns fake and job."""

    def make(recovery):
        fake = echo(recovery=recovery)
        job = create_job(connect(base_url=fake.url))
        with monkeypatch.context() as patch:
            patch.setattr(submit, "accept", raise_database_error)
            run_job(job, steps=1)
        assert job.state == State.SUBMITTING and Attempt.objects.get().provider_task_id == ""
        return fake, job

    return make


def list_entries():
    return sorted((site.WORK_DIR / answer_journal.FOLDER).iterdir())


def age_entries():
    """Make the entries old enough to import: a fresh one may be about to be saved."""
    for path in list_entries():
        os.utime(path, (time.time() - 5, time.time() - 5))


def import_answers():
    age_entries()
    dispatcher = Dispatcher()
    try:
        dispatcher.import_answers()
    finally:
        dispatcher.close()


@pytest.mark.parametrize("recovery", RECOVERIES)
def test_journaled_task_is_adopted_once_the_database_is_back(submit_without_saving, run_job, recovery):
    fake, job = submit_without_saving(recovery)
    [task] = fake.created

    import_answers()
    run_job(job)

    assert job.state == State.READY
    assert fake.created == [task] and Attempt.objects.get().provider_task_id == task.id
    assert list_entries() == []
    assert "Found at Echo" in " / ".join(line.text for line in events.list_history(job))


def test_journaled_answer_resumes_an_unknown_job(submit_without_saving, run_job):
    fake, job = submit_without_saving(Recovery.NONE)
    run_job(job, until=State.UNKNOWN)
    assert job.state == State.UNKNOWN

    import_answers()

    assert Job.objects.due().filter(pk=job.pk).exists()
    assert run_job(job).state == State.READY and len(fake.created) == 1


def test_journaled_answer_of_a_released_job_is_a_free_take(submit_without_saving, run_job, mika):
    fake, job = submit_without_saving(Recovery.NONE)
    run_job(job, until=State.UNKNOWN)
    jobs_recovery.release(job, by=mika)

    import_answers()

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert run_job(late_job).state == State.READY and late_job.price_charged == 0
    assert len(fake.created) == 1


def test_journaled_answer_of_an_erased_user_does_not_block_dispatch(submit_without_saving, run_job, mika):
    _fake, job = submit_without_saving(Recovery.NONE)
    jobs_recovery.release(run_job(job, until=State.UNKNOWN), by=mika)
    User.objects.filter(pk=mika.pk).update(closing_at=timezone.now())

    import_answers()

    assert list_entries() == [] and not Job.objects.exclude(pk=job.pk).exists()


def test_journal_entry_that_cannot_be_written_stays_and_blocks_no_other(
    submit_without_saving, run_job, mika, monkeypatch
):
    _fake, job = submit_without_saving(Recovery.NONE)
    jobs_recovery.release(run_job(job, until=State.UNKNOWN), by=mika)
    with monkeypatch.context() as patch:
        patch.setattr(Clip._meta.get_field("source_provider"), "get_db_prep_save", lambda *_args, **_options: None)
        import_answers()

    assert len(list_entries()) == 1 and not Job.objects.exclude(pk=job.pk).exists()
    import_answers()
    [late_job] = Job.objects.exclude(pk=job.pk)
    assert run_job(late_job).state == State.READY and list_entries() == []


def test_journaled_task_owned_by_another_job_is_discarded(submit_without_saving, run_job, create_job, mika):
    fake, job = submit_without_saving(Recovery.NONE)
    jobs_recovery.release(run_job(job, until=State.UNKNOWN), by=mika)
    [lost], [task] = job.attempts.all(), fake.created
    taken = {
        "provider": "echo",
        "connection_id": lost.connection_id,
        "provider_task_id": task.id,
        "outcome": "accepted",
    }
    other = create_job(job.clip.connection)
    Attempt.objects.create(job=other, n=1, client_ref="another", **taken)

    import_answers()

    assert list_entries() == [] and not Job.objects.exclude(pk__in=[job.pk, other.pk]).exists()


def test_journaled_answer_wakes_a_job_that_a_worker_holds(submit_without_saving, run_job):
    """The worker may have searched before the entry was imported; its next search would be in an hour."""
    fake, job = submit_without_saving(Recovery.NONE)
    run_job(job, until=State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(next_run_at="2020-01-01T00:00Z")
    lease = engine.claim(job.pk)

    import_answers()
    lease.wait(3600)

    assert Job.objects.due().filter(pk=job.pk).exists()
    assert run_job(job).state == State.READY and len(fake.created) == 1


def test_job_released_during_recall_becomes_a_free_take(submit_without_saving, run_job, mika):
    fake, job = submit_without_saving(Recovery.NONE)
    run_job(job, until=State.UNKNOWN)

    def release_first(execute, sql, *rest):
        if sql.startswith("UPDATE") and "response" in sql and not given_up:
            given_up.append(job)
            jobs_recovery.release(Job.objects.get(pk=job.pk), by=mika)
        return execute(sql, *rest)

    given_up = []
    with connection.execute_wrapper(release_first):
        import_answers()

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert run_job(late_job).state == State.READY and len(fake.created) == 1


def test_journaled_task_of_another_job_is_not_adopted(submit_without_saving, run_job, create_job, connect):
    fake, job = submit_without_saving(Recovery.NONE)
    taken = fake.created[0].id
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    other = run_job(create_job(connect(base_url=fake.url)))
    Attempt.objects.filter(job=other).update(provider="echo", connection_id=Attempt.objects.get(job=job).connection_id)
    Attempt.objects.filter(job=other).update(provider_task_id=taken)

    import_answers()
    run_job(job, until=State.UNKNOWN)

    assert job.state == State.UNKNOWN and list_entries() == []


def test_journal_is_empty_after_saving_and_holds_no_secret(echo, connect, create_job, run_job, monkeypatch):
    fake, contents = echo(recovery=Recovery.NONE), []
    forget = answer_journal.forget
    monkeypatch.setattr(
        answer_journal,
        "forget",
        lambda attempt: (contents.extend(p.read_text() for p in list_entries()), forget(attempt)),
    )

    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY

    assert len(contents) == 1 and fake.created[0].id in contents[0]
    assert EchoFake.key not in contents[0]
    assert list_entries() == []


def test_unwritable_journal_does_not_stop_the_job(echo, connect, create_job, run_job, monkeypatch):
    fake = echo(recovery=Recovery.NONE)
    monkeypatch.setattr(answer_journal, "_sync", raise_disk_full)

    assert run_job(create_job(connect(base_url=fake.url))).state == State.READY


def test_journal_entry_without_a_row_is_logged_and_discarded(submit_without_saving, caplog):
    _fake, job = submit_without_saving(Recovery.NONE)
    [path] = list_entries()
    path.write_text(path.read_text().replace(str(job.pk), str(uuid.uuid4())))

    import_answers()

    assert list_entries() == [] and "was deleted: its task" in caplog.text


def test_fresh_journal_entry_is_left_alone(submit_without_saving, monkeypatch):
    monkeypatch.setattr(answer_journal, "SETTLED_SECONDS", 60)
    submit_without_saving(Recovery.NONE)
    [path] = list_entries()
    os.utime(path, (timezone.now().timestamp(),) * 2)

    answer_journal.import_entries()

    assert list_entries() == [path] and Attempt.objects.get().response == {}


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"job": 5}', '{"job": "x", "attempt": "y", "task_id": "z", "handle": {}}']
)
def test_unreadable_journal_entry_is_set_aside_and_blocks_no_other(submit_without_saving, run_job, content):
    fake, job = submit_without_saving(Recovery.NONE)
    bad = list_entries()[0].with_name("0.json")
    bad.write_text(content)

    import_answers()

    assert [path.name for path in list_entries()] == ["0.bad"]
    assert run_job(job).state == State.READY
    assert len(fake.created) == 1


def test_unexpected_journal_error_blocks_no_other_and_is_logged_once(
    submit_without_saving, run_job, monkeypatch, caplog
):
    _fake, job = submit_without_saving(Recovery.OWN_ID)
    age_entries()
    with monkeypatch.context() as patch:
        patch.setattr(answer_journal.queue, "nudge", lambda job: 1 / 0)
        for _tick in range(3):
            import_answers()
    assert len(list_entries()) == 1
    assert caplog.text.count("yet: the file is kept") == 1

    import_answers()

    assert list_entries() == [] and run_job(job).state == State.READY


def test_malformed_task_id_is_not_journaled(echo, connect, create_job, run_job, monkeypatch):
    fake = echo(recovery=Recovery.NONE)
    fake.new_id = lambda: "task\x00one"
    monkeypatch.setattr(answer_journal, "forget", lambda attempt: None)

    run_job(create_job(connect(base_url=fake.url)), steps=1)

    assert not (site.WORK_DIR / answer_journal.FOLDER).exists() or list_entries() == []
