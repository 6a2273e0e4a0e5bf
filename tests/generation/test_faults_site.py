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
from tests.elsewhere import studio
from tests.elsewhere.walking import PATIENT, are_over, made_of, state, story
from tests.elsewhere.web import form_for, signed_in
from tests.fault_proxy import FaultProxy
from tests.processes import STOP_GRACE

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SLUGS = ("echo-own", "echo-none")  # one that can be asked for what was lost, and one that cannot


def test_a_web_server_killed_before_its_response_and_resent_forms_buy_one_clip_each(walk):
    """F12: it dies between commit and response; browsers send the same forms again."""
    forms, cookies = {slug: form_for(walk.connection(slug)) for slug in SLUGS}, signed_in(walk.user)
    marks = [walk.folder / f"failpoint-after_request-{form['idem_key']}" for form in forms.values()]
    first = walk.serve(FAILPOINTS="after_request=hold")
    with ThreadPoolExecutor(len(forms)) as people:
        sent = [people.submit(first.send, form, cookies) for form in forms.values()]
        studio.until(lambda: all(mark.exists() for mark in marks))
        first.kill()
        assert {type(each.exception()) for each in sent} == {requests.ConnectionError}
    jobs = {clip.provider: clip.job for clip in Clip.objects.all()}
    assert len(jobs) == Job.objects.count() == len(forms)

    second = walk.serve()
    answers = {slug: second.send(form, cookies) for slug, form in forms.items()}

    pages = {clip.provider: (302, clip.get_absolute_url()) for clip in Clip.objects.all()}
    assert {slug: (said.status_code, said.headers.get("Location")) for slug, said in answers.items()} == pages
    walk.start(PROVIDER_SECONDS=PATIENT).until(are_over(jobs.values()))
    all_are_bought_once(walk, jobs)


class Visitor(threading.Thread):
    """Opens pages one after the other, as a proxy does that tries the next server when one is gone."""

    def __init__(self, user, webs):
        super().__init__()
        self.cookies, self.webs, self.is_over = signed_in(user), webs, threading.Event()
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


def test_a_new_version_takes_over_web_and_workers_without_a_failed_page_or_lost_clip(walk):
    """F09: the new processes start, and the old ones are terminated while the response of each provider is on its way
    to them; no response is lost, and no clip is bought twice."""
    old_web = walk.serve()
    asked = {slug: walk.order(slug, "a cat, asked for when it comes") for slug in SLUGS}
    held = [f"after_answer@{job.pk}=hold" for job in asked.values()]
    old = walk.start(failpoints=held, PROVIDER_SECONDS="120", WORKERS="6")  # nobody else looks while they are held
    visitor = Visitor(walk.user, webs=[old_web])
    visitor.start()
    try:
        before = {slug: walk.order(slug, "a cat that runs already") for slug in SLUGS}
        marks = [walk.folder / f"failpoint-after_answer-{job.pk}" for job in asked.values()]
        old.until(lambda: all(mark.exists() for mark in marks) and not _unsent(before))
        new_web = walk.serve()
        visitor.webs.insert(0, new_web)
        new = walk.start(PROVIDER_SECONDS=PATIENT)
        after = {slug: walk.order(slug, "a dog") for slug in SLUGS}
        [old_work] = old.processes
        told_at = time.monotonic()
        for process in (old_web.process, old_work):
            process.terminate()
        time.sleep(1)  # all have got the signal; the responses come before the workers must have ended
        for mark in marks:
            mark.with_name(f"{mark.name}-go").touch()
        endings = [process.wait(2 * STOP_GRACE) for process in (old_web.process, old_work)]
        gone_after = time.monotonic() - told_at

        new.until(are_over([*before.values(), *asked.values(), *after.values()]))
    finally:
        visitor.is_over.set()
        visitor.join()

    assert endings == [0, 0]
    assert gone_after < STOP_GRACE, "production would have killed them"
    assert set(visitor.seen) == {200} and len(visitor.seen) > 20
    all_are_bought_once(walk, before, asked, after)
    heard = {slug: job.events.filter(reason__startswith="accepted|").count() for slug, job in asked.items()}
    assert heard == dict.fromkeys(asked, 1), "a response was lost"


def _unsent(jobs):
    return Job.objects.filter(pk__in=[job.pk for job in jobs.values()], state__in=[State.QUEUED, State.SUBMITTING])


def all_are_bought_once(walk, *asked):
    """Each of the jobs, by its provider, is ready, and what the provider has made are these and no others."""
    for jobs in asked:
        assert {slug: state(job) for slug, job in jobs.items()} == dict.fromkeys(jobs, State.READY), [
            story(job) for job in jobs.values()
        ]
        assert {slug: len(made_of(walk.town.fakes[slug], job)) for slug, job in jobs.items()} == dict.fromkeys(jobs, 1)
    assert {slug: len(walk.town.fakes[slug].created) for slug in SLUGS} == dict.fromkeys(SLUGS, len(asked))
    assert maintenance.find_violations() == []


def let_pass(walk, gang, failpoint, jobs, before=lambda: None):
    """Wait until all jobs are held at a failpoint, call ``before``, and let them go on."""
    marks = [walk.folder / f"failpoint-{failpoint}-{job.pk}" for job in jobs.values()]
    gang.until(lambda: all(mark.exists() for mark in marks))
    before()
    for mark in marks:
        mark.with_name(f"{mark.name}-go").touch()


@pytest.mark.postgres  # there is no connection between SQLite and its file
def test_a_database_lost_between_a_response_and_our_save_adopts_the_same_task(walk):
    jobs = {slug: walk.order(slug) for slug in ("echo-own", "echo-none", "echo-webhook")}
    facts = database.settings_dict
    with FaultProxy(int(facts["PORT"])) as proxy:
        url = f"postgres://{facts['USER']}@127.0.0.1:{proxy.port}/{facts['NAME']}"
        gang = walk.start(
            failpoints=["after_answer=hold", "after_journal=hold"], DATABASE_URL=url, PROVIDER_SECONDS=PATIENT
        )
        journal, log = walk.folder / "work" / answer_journal.FOLDER, walk.folder / "work.log"
        let_pass(walk, gang, "after_answer", jobs)  # together: after a second the journal is read
        let_pass(walk, gang, "after_journal", jobs, before=proxy.cut)
        failed = [f"job {job.pk}: the database did not respond" for job in jobs.values()]
        gang.until(lambda: all(line in log.read_text() for line in failed))  # they tried to save
        assert {state(job) for job in jobs.values()} == {State.SUBMITTING}
        proxy.mend()

        gang.until(lambda: all(state(job) in studio.SETTLED for job in jobs.values()))  # the journal ends unknown ones

    for slug, job in jobs.items():
        assert state(job) == State.READY, story(job)
        [task] = walk.town.fakes[slug].created
        assert made_of(walk.town.fakes[slug], job) == [task]
        assert job.attempts.get().provider_task_id == task.id
        assert any("Found at" in line for line in story(job)), story(job)
    studio.until(lambda: not list(journal.iterdir()))
    assert maintenance.find_violations() == []
