"""What breaks on our side while something is being bought: a new version comes (F09), the web process dies (F12), the
database is away (F18)."""

import subprocess
import sys
import threading
import time
import uuid

import pytest
import requests
from django.conf import settings as site
from django.db import connection as database
from django.test import Client

from generation.models import Clip
from generation.steps import spool
from jobs import invariants
from jobs.models import Job, State
from tests.elsewhere import studio
from tests.elsewhere.walking import are_over, made_of, state, story
from tests.fault_proxy import FaultProxy
from tests.processes import STOP_GRACE
from tests.servers import free_ports

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
TOKEN = "c" * 32


@pytest.fixture
def web(walk):
    """``web(FAILPOINTS="…")`` starts the real web server and waits until it listens; its port."""
    started = []

    def start(**more):
        [port] = free_ports(1)
        command = [
            sys.executable,
            "-m",
            "daphne",
            "-v",
            "0",
            "-b",
            "127.0.0.1",
            "-p",
            str(port),
            "config.asgi:application",
        ]
        with (walk.folder / "work.log").open("ab") as log:
            told = walk.told(SITE_URL=f"http://127.0.0.1:{port}", **more)
            process = subprocess.Popen(command, cwd=studio.ROOT, env=told, stdout=log, stderr=log)
        started.append(process)
        studio.until(lambda: _answers(port))
        return port, process

    yield start
    for process in started:
        process.kill()
        process.wait()


def _answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz/", timeout=5).ok
    except requests.RequestException:
        return False


def test_a_web_server_killed_before_it_could_answer_and_the_form_sent_again_buys_one_clip(walk, web):
    """F12: between commit and answer. The browser sends the same form again, as people do."""
    browser = Client()
    browser.force_login(walk.user)
    account = walk.account("echo-own")
    form = {"prompt": "a cat on a roof", "provider": "echo-own", "connection": str(account.pk), "model": "echo-1",
            "seconds": 5, "resolution": 480, "ratio": "16:9",
            "idem_key": uuid.uuid4().hex, "csrfmiddlewaretoken": TOKEN}  # fmt: skip
    session = browser.cookies[site.SESSION_COOKIE_NAME].value
    cookies = {site.SESSION_COOKIE_NAME: session, site.CSRF_COOKIE_NAME: TOKEN}

    def send(port):
        return requests.post(
            f"http://127.0.0.1:{port}/create/", form, cookies=cookies, allow_redirects=False, timeout=30
        )

    port, process = web(FAILPOINTS="after_request=kill")
    with pytest.raises(requests.ConnectionError):
        answer = send(port)
        pytest.fail(f"it answered {answer.status_code}: {answer.text[:3000]}")
    assert process.wait(60) == -9
    [job] = Job.objects.all()

    port, _process = web(FAILPOINTS="after_request=kill")
    answer = send(port)

    assert (answer.status_code, answer.headers["Location"]) == (302, Clip.objects.get().get_absolute_url())
    walk.start().until(are_over([job]))
    assert state(job) == State.READY, story(job)
    assert len(walk.town.fakes["echo-own"].created) == Job.objects.count() == 1
    assert invariants.broken() == []


class Visitor(threading.Thread):
    """Opens pages one after the other, as through a proxy that asks the next server where one has gone."""

    def __init__(self, user, ports):
        super().__init__()
        browser = Client()
        browser.force_login(user)
        name = site.SESSION_COOKIE_NAME
        self.cookies, self.ports, self.is_over = {name: browser.cookies[name].value}, ports, threading.Event()
        self.seen: list = []

    def run(self):
        while not self.is_over.wait(0.04):
            self.seen.append(self.look())

    def look(self):
        for _try in range(2):
            for port in list(self.ports):
                try:
                    address = f"http://127.0.0.1:{port}/jobs/"
                    return requests.get(address, cookies=self.cookies, allow_redirects=False, timeout=30).status_code
                except requests.ConnectionError:
                    continue
        return "nobody there"


def test_a_new_version_takes_over_web_and_workers_while_people_go_on(walk, web):
    """F09: the new ones start, the old ones are told to end; no page fails, no clip is lost or bought twice."""
    port, old_web = web()
    old = walk.start(1)
    visitor = Visitor(walk.user, ports=[port])
    visitor.start()
    try:
        jobs = [walk.order("echo-own", f"a cat [{n}]") for n in range(6)]
        old.until(lambda: len(walk.town.fakes["echo-own"].created) > 1)
        port, _new_web = web()
        visitor.ports.insert(0, port)
        new = walk.start(1)
        jobs += [walk.order("echo-own", f"a dog [{n}]") for n in range(4)]
        [old_work] = old.processes
        told_at = time.monotonic()
        for process in (old_web, old_work):
            process.terminate()
        endings = [process.wait(2 * STOP_GRACE) for process in (old_web, old_work)]
        gone_after = time.monotonic() - told_at

        new.until(are_over(jobs))
    finally:
        visitor.is_over.set()
        visitor.join()

    assert endings == [0, 0]
    assert gone_after < STOP_GRACE, "production would have killed them"
    assert set(visitor.seen) == {200} and len(visitor.seen) > 20
    assert {state(job) for job in jobs} == {State.READY}, [story(job) for job in jobs]
    assert len(walk.town.fakes["echo-own"].created) == len(jobs)
    assert invariants.broken() == []


@pytest.mark.postgres  # nothing lies between SQLite and its file
@pytest.mark.parametrize("slug", ["echo-own", "echo-none", "echo-webhook"])
def test_a_database_lost_between_the_answer_and_our_save_adopts_the_same_task(walk, slug):
    job = walk.order(slug)
    facts = database.settings_dict
    with FaultProxy(int(facts["PORT"])) as proxy:
        url = f"postgres://{facts['USER']}@127.0.0.1:{proxy.port}/{facts['NAME']}"
        gang = walk.start(2, failpoints=["after_spool=hold"], DATABASE_URL=url, PROVIDER_SECONDS="8")
        folder, log = walk.folder / "work" / spool.FOLDER, walk.folder / "work.log"
        gang.until((walk.folder / f"failpoint-after_spool-{job.pk}").exists)
        proxy.cut()
        (walk.folder / f"failpoint-after_spool-{job.pk}-go").touch()
        gang.until(lambda: f"job {job.pk}: the database did not answer" in log.read_text())  # it tried to save
        assert state(job) == State.SUBMITTING
        proxy.mend()

        gang.until(lambda: state(job) in studio.SETTLED)  # unknown is no end: what lies on the disk mends that too

    assert state(job) == State.READY, story(job)
    [task] = walk.town.fakes[slug].created
    assert made_of(walk.town.fakes[slug], job) == [task]
    assert job.attempts.get().provider_task_id == task.id
    assert any("Found again" in line for line in story(job)), story(job)
    studio.until(lambda: not list(folder.iterdir()))
    assert invariants.broken() == []
