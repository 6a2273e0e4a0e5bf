"""Faults of the site during a paid submission: a new version starts (F09), the web process dies (F12), the database is
away (F18)."""

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
SLUGS = ("echo-own", "echo-none")  # one that can be asked for what was lost, and one that cannot


def test_a_web_server_killed_before_its_response_and_resent_forms_buy_one_clip_each(run):
    """F12: it dies between commit and response; browsers send the same forms again."""
    forms, cookies = {slug: build_form(run.connection(slug)) for slug in SLUGS}, sign_in(run.user)
    marks = [run.folder / f"failpoint-after_request-{form['idem_key']}" for form in forms.values()]
    first = run.start_web_server(FAILPOINTS="after_request=hold")
    with ThreadPoolExecutor(len(forms)) as people:
        sent = [people.submit(first.send, form, cookies) for form in forms.values()]
        workers.until(lambda: all(mark.exists() for mark in marks))
        first.kill()
        assert {type(each.exception()) for each in sent} == {requests.ConnectionError}
    jobs = {clip.provider: clip.job for clip in Clip.objects.all()}
    assert len(jobs) == Job.objects.count() == len(forms)

    second = run.start_web_server()
    answers = {slug: second.create_clip(form, cookies) for slug, form in forms.items()}

    pages = {clip.provider: (302, clip.get_absolute_url()) for clip in Clip.objects.all()}
    assert {slug: (said.status_code, said.headers.get("Location")) for slug, said in answers.items()} == pages
    run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT).until(have_ended(jobs.values()))
    all_are_bought_once(run, jobs)


class Visitor(threading.Thread):
    """Opens pages one after the other, as a proxy does that tries the next server when one is gone."""

    def __init__(self, user, webs):
        super().__init__()
        self.cookies, self.webs, self.is_over = sign_in(user), webs, threading.Event()
        self.seen: list = []

    def run(self):
        while not self.is_over.wait(0.04):
            self.seen.append(self.look())

    def look(self):
        for _try in range(2):
            for each in list(self.webs):
                try:
                    address = f"{each.url}/jobs/"
                    return requests.get(address, cookies=self.cookies, allow_redirects=False, timeout=30).status_code
                except requests.ConnectionError:
                    continue
        return "nobody there"


def test_a_new_version_takes_over_web_and_workers_without_a_failed_page_or_lost_clip(run):
    """F09: the new processes start, and the old ones are terminated while the response of each provider is on its way
    to them; no response is lost, and no clip is bought twice."""
    old_web = run.start_web_server()
    asked = {slug: run.create_job(slug, "a cat, asked for when it comes") for slug in SLUGS}
    held = [f"after_answer@{job.pk}=hold" for job in asked.values()]
    old = run.start_workers(failpoints=held, PROVIDER_SECONDS="120", WORKERS="6")
    visitor = Visitor(run.user, webs=[old_web])
    visitor.start()
    try:
        before = {slug: run.create_job(slug, "a cat that runs already") for slug in SLUGS}
        marks = [run.folder / f"failpoint-after_answer-{job.pk}" for job in asked.values()]
        old.until(lambda: all(mark.exists() for mark in marks) and not _unsent(before))
        new_web = run.start_web_server()
        visitor.webs.insert(0, new_web)
        new = run.start_workers(PROVIDER_SECONDS=LONG_TIMEOUT)
        after = {slug: run.create_job(slug, "a dog") for slug in SLUGS}
        [old_work] = old.processes
        told_at = time.monotonic()
        for process in (old_web.process, old_work):
            process.terminate()
        time.sleep(1)  # all have got the signal; the responses come before the workers must have ended
        for mark in marks:
            mark.with_name(f"{mark.name}-go").touch()
        endings = [process.wait(2 * STOP_GRACE) for process in (old_web.process, old_work)]
        gone_after = time.monotonic() - told_at

        new.until(have_ended([*before.values(), *asked.values(), *after.values()]))
    finally:
        visitor.is_over.set()
        visitor.join()

    assert endings == [0, 0]
    assert gone_after < STOP_GRACE, "production would have killed them"
    assert set(visitor.seen) == {200} and len(visitor.seen) > 20
    all_are_bought_once(run, before, asked, after)
    heard = {slug: job.events.filter(reason__startswith="accepted|").count() for slug, job in asked.items()}
    assert heard == dict.fromkeys(asked, 1), "a response was lost"


def _unsent(jobs):
    return Job.objects.filter(pk__in=[job.pk for job in jobs.values()], state__in=[State.QUEUED, State.SUBMITTING])


def all_are_bought_once(run, *asked):
    """Each of the jobs, by its provider, is ready, and what the provider has made are these and no others."""
    for jobs in asked:
        assert {slug: read_state(job) for slug, job in jobs.items()} == dict.fromkeys(jobs, State.READY), [
            describe(job) for job in jobs.values()
        ]
        assert {slug: len(tasks_of(run.town.fakes[slug], job)) for slug, job in jobs.items()} == dict.fromkeys(jobs, 1)
    assert {slug: len(run.town.fakes[slug].created) for slug in SLUGS} == dict.fromkeys(SLUGS, len(asked))
    assert maintenance.find_violations() == []


def let_pass(run, gang, failpoint, jobs, before=lambda: None):
    """Wait until all jobs are held at a failpoint, call ``before``, and let them go on."""
    marks = [run.folder / f"failpoint-{failpoint}-{job.pk}" for job in jobs.values()]
    gang.until(lambda: all(mark.exists() for mark in marks))
    before()
    for mark in marks:
        mark.with_name(f"{mark.name}-go").touch()


@pytest.mark.postgres  # there is no connection between SQLite and its file
def test_a_database_lost_between_a_response_and_our_save_adopts_the_same_task(run):
    jobs = {slug: run.create_job(slug) for slug in ("echo-own", "echo-none", "echo-webhook")}
    facts = database.settings_dict
    with FaultProxy(int(facts["PORT"])) as proxy:
        url = f"postgres://{facts['USER']}@127.0.0.1:{proxy.port}/{facts['NAME']}"
        gang = run.start_workers(
            failpoints=["after_answer=hold", "after_journal=hold"], DATABASE_URL=url, PROVIDER_SECONDS=LONG_TIMEOUT
        )
        journal, log = run.folder / "work" / answer_journal.FOLDER, run.folder / "work.log"
        let_pass(run, gang, "after_answer", jobs)  # together: after a second the journal is read
        let_pass(run, gang, "after_journal", jobs, before=proxy.cut)
        failed = [f"job {job.pk}: the database did not respond" for job in jobs.values()]
        gang.until(lambda: all(line in log.read_text() for line in failed))  # they tried to save
        assert {read_state(job) for job in jobs.values()} == {State.SUBMITTING}
        proxy.mend()

        gang.until(
            lambda: all(read_state(job) in workers.ENDED for job in jobs.values())
        )  # the journal ends unknown ones

    for slug, job in jobs.items():
        assert read_state(job) == State.READY, describe(job)
        [task] = run.town.fakes[slug].created
        assert tasks_of(run.town.fakes[slug], job) == [task]
        assert job.attempts.get().provider_task_id == task.id
        assert any("Found at" in line for line in describe(job)), describe(job)
    workers.until(lambda: not list(journal.iterdir()))
    assert maintenance.find_violations() == []
