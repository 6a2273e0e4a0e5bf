"""Faults of the site during a submission: a new version (F09), a dead web server (F12), a lost database (F18)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection as database

from generation.models import Clip
from generation.worker import answer_journal
from jobs import maintenance
from jobs.models import Job, State
from tests.fault_proxy import FaultProxy
from tests.processes import STOP_GRACE
from tests.site_processes import workers
from tests.site_processes.fault_run import LONG_TIMEOUT, describe, have_ended, read_state, tasks_of
from tests.site_processes.web_server import build_form, sign_in

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SLUGS = ("echo-own", "echo-none")  # a searchable provider and one that is not


def test_forms_resent_after_a_killed_web_server_buy_one_clip_each(run):
    """F12: the server dies between commit and response, and browsers resend the forms."""
    forms, cookies = {slug: build_form(run.connection(slug)) for slug in SLUGS}, sign_in(run.user)
    marks = [run.folder / f"failpoint-after_request-{form['idem_key']}" for form in forms.values()]
    first = run.start_web_server(FAILPOINTS="after_request=hold")
    with ThreadPoolExecutor(len(forms)) as pool:
        sent = [pool.submit(first.create_clip, form, cookies) for form in forms.values()]
        workers.until(lambda: all(mark.exists() for mark in marks))
        first.kill()
        assert {type(future.exception()) for future in sent} == {requests.ConnectionError}
    jobs = {clip.provider: clip.job for clip in Clip.objects.all()}
    assert len(jobs) == Job.objects.count() == len(forms)

    second = run.start_web_server()
    answers = {slug: second.create_clip(form, cookies) for slug, form in forms.items()}

    pages = {clip.provider: (302, clip.get_absolute_url()) for clip in Clip.objects.all()}
    assert {slug: (answer.status_code, answer.headers.get("Location")) for slug, answer in answers.items()} == pages
    run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT).until(have_ended(jobs.values()))
    assert_bought_once(run, jobs)


class Visitor(threading.Thread):
    """Opens pages continuously, like a proxy that tries the next server if one is down."""

    def __init__(self, user, servers):
        super().__init__()
        self.cookies, self.servers, self.is_over = sign_in(user), servers, threading.Event()
        self.seen: list = []

    def run(self):
        while not self.is_over.wait(0.04):
            self.seen.append(self.open_page())

    def open_page(self):
        for _try in range(2):
            for server in list(self.servers):
                try:
                    address = f"{server.url}/jobs/"
                    return requests.get(address, cookies=self.cookies, allow_redirects=False, timeout=30).status_code
                except requests.ConnectionError:
                    continue
        return "no server"


def test_new_version_takes_over_without_a_failed_page_or_a_lost_clip(run):
    """F09: the old processes are terminated while they wait for responses of the providers."""
    old_web = run.start_web_server()
    submitting = {slug: run.create_job(slug, "a cat, submitted during the update") for slug in SLUGS}
    failpoints = [f"after_answer@{job.pk}=hold" for job in submitting.values()]
    old = run.start_workers(failpoints=failpoints, PROVIDER_SECONDS="120", WORKERS="6")
    visitor = Visitor(run.user, servers=[old_web])
    visitor.start()
    try:
        before = {slug: run.create_job(slug, "a cat that is already running") for slug in SLUGS}
        marks = [run.folder / f"failpoint-after_answer-{job.pk}" for job in submitting.values()]
        old.until(lambda: all(mark.exists() for mark in marks) and not _unsent_jobs(before))
        new_web = run.start_web_server()
        visitor.servers.insert(0, new_web)
        new = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT)
        after = {slug: run.create_job(slug, "a dog") for slug in SLUGS}
        [old_work] = old.processes
        terminated_at = time.monotonic()
        for process in (old_web.process, old_work):
            process.terminate()
        time.sleep(1)  # all have the signal; the responses arrive within the grace period
        for mark in marks:
            mark.with_name(f"{mark.name}-go").touch()
        endings = [process.wait(2 * STOP_GRACE) for process in (old_web.process, old_work)]
        seconds = time.monotonic() - terminated_at

        new.until(have_ended([*before.values(), *submitting.values(), *after.values()]))
    finally:
        visitor.is_over.set()
        visitor.join()

    assert endings == [0, 0]
    assert seconds < STOP_GRACE, "production would have killed them"
    assert set(visitor.seen) == {200} and len(visitor.seen) > 20
    assert_bought_once(run, before, submitting, after)
    accepted = {slug: job.events.filter(reason__startswith="accepted|").count() for slug, job in submitting.items()}
    assert accepted == dict.fromkeys(submitting, 1), "a response was lost"


def _unsent_jobs(jobs):
    return Job.objects.filter(pk__in=[job.pk for job in jobs.values()], state__in=[State.QUEUED, State.SUBMITTING])


def assert_bought_once(run, *submitting):
    """Check that all jobs are ready and that the providers have exactly one task for each."""
    for jobs in submitting:
        assert {slug: read_state(job) for slug, job in jobs.items()} == dict.fromkeys(jobs, State.READY), [
            describe(job) for job in jobs.values()
        ]
        assert {slug: len(tasks_of(run.fake_server.fakes[slug], job)) for slug, job in jobs.items()} == dict.fromkeys(
            jobs, 1
        )
    assert {slug: len(run.fake_server.fakes[slug].created) for slug in SLUGS} == dict.fromkeys(SLUGS, len(submitting))
    assert maintenance.find_violations() == []


def pass_failpoint(run, started, failpoint, jobs, before=lambda: None):
    """Wait until all jobs are at the failpoint, call ``before``, and release them."""
    marks = [run.folder / f"failpoint-{failpoint}-{job.pk}" for job in jobs.values()]
    started.until(lambda: all(mark.exists() for mark in marks))
    before()
    for mark in marks:
        mark.with_name(f"{mark.name}-go").touch()


@pytest.mark.postgres  # SQLite has no connection to break
def test_database_lost_between_response_and_save_adopts_the_same_task(run):
    jobs = {slug: run.create_job(slug) for slug in ("echo-own", "echo-none", "echo-webhook")}
    settings = database.settings_dict
    with FaultProxy(int(settings["PORT"])) as proxy:
        url = f"postgres://{settings['USER']}@127.0.0.1:{proxy.port}/{settings['NAME']}"
        started = run.start_workers(
            failpoints=["after_answer=hold", "after_journal=hold"], DATABASE_URL=url, PROVIDER_SECONDS=LONG_TIMEOUT
        )
        journal, log = run.folder / "work" / answer_journal.FOLDER, run.folder / "work.log"
        pass_failpoint(run, started, "after_answer", jobs)  # at the same time: the journal is read after a second
        pass_failpoint(run, started, "after_journal", jobs, before=proxy.cut)
        failed = [f"job {job.pk}: the database did not respond" for job in jobs.values()]
        started.until(lambda: all(line in log.read_text() for line in failed))  # all tried to save
        assert {read_state(job) for job in jobs.values()} == {State.SUBMITTING}
        proxy.mend()

        started.until(
            lambda: all(read_state(job) in workers.ENDED for job in jobs.values())
        )  # the journal ends unknown ones

    for slug, job in jobs.items():
        assert read_state(job) == State.READY, describe(job)
        [task] = run.fake_server.fakes[slug].created
        assert tasks_of(run.fake_server.fakes[slug], job) == [task]
        assert job.attempts.get().provider_task_id == task.id
        assert any("Found at" in line for line in describe(job)), describe(job)
    workers.until(lambda: not list(journal.iterdir()))
    assert maintenance.find_violations() == []
