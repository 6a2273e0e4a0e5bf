"""Keep two thousand pages up to date through one web process, on PostgreSQL and Redis, then restart it.

A thousand users are signed in: of five users three have one page open, one has two and one has five (the limit), each
page with its WebSocket. Twenty times a second a job of a random user changes as workers change it: three of four
changes are progress, the fourth ends a job. ``p95_ms`` is the time from just before the change is written until the
page has received it, over all open pages of that user. Updates of one user are sent at most once a second; the waits
for that are included. ``lost`` counts changes that a page did not receive.

``mb_per_1000`` is the growth of the web process (PSS) per thousand open pages, each with three jobs.

Then the web process is stopped and started again. The pages connect as hx-ws does, by the rule in templates/base.html,
and poll over HTTP if they are offline for fifteen seconds. ``down_s`` is the time without a web process,
``reconnect_s`` the time from its return until all pages are connected, and ``reconnects_per_s`` the largest number of
pages that connect in one second. Throughout, two users request the job list every second: ``page_p95_ms`` while jobs
change, ``storm_page_p95_ms`` while pages reconnect; ``page_errors`` counts responses other than 200 from a running web
process.

The browsers run in one process of their own, and the changes are made by this one. SOCKETS and SECONDS change the size.
Missed LIMITS or MINIMUMS are printed, and the exit code is then 1. The last line is JSON.
"""

import json
import os
import random
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import requests

from benchmarks import verdict
from benchmarks.idle import cpu_seconds, pss_bytes
from tests.servers import free_ports, postgres, postgres_url, redis, redis_url

SOCKETS, SECONDS = int(os.environ.get("SOCKETS", "2000")), float(os.environ.get("SECONDS", "60"))
TABS = (1, 1, 1, 2, 5)  # open pages of five users
JOBS_PER_USER = 3
CHANGES_PER_SECOND, OPENED_PER_SECOND = 20, 40
SETTLE, TIMEOUT = 5.0, 300.0
STOP_SECONDS = 30.0  # then systemd kills (deploy/systemd/tapwari-web.service)
LIMITS = {"p95_ms": 100, "lost": 0, "reconnect_s": 15, "reconnects_per_s": 500, "page_errors": 0}  # maxima
MINIMUMS = {"sockets": 2000, "seconds": 60}


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # inherited by the web server and the browsers
    with (
        tempfile.TemporaryDirectory(prefix="tapwari-push-") as name,
        postgres(fsync="on") as database,
        redis() as broker,
    ):
        [port] = free_ports(1)
        os.environ |= {
            "DATABASE_URL": postgres_url(database),
            "REDIS_URL": redis_url(broker),
            "TAPWARI_VAR": name,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        figures = Site(Path(name), port).run()
    verdict.report(figures, find_misses(figures))


def find_misses(figures: dict) -> list[str]:
    return verdict.list_above(figures, LIMITS) + verdict.list_below(figures, MINIMUMS)


class Site:
    def __init__(self, folder: Path, port: int):
        self.folder, self.port, self.url = folder, port, f"http://127.0.0.1:{port}"
        self.users: list[User] = []
        self.pages: list[User] = []  # the user of each page
        while len(self.pages) < SOCKETS:
            user = User(len(self.users), [])
            self.users.append(user)
            tabs = min(TABS[user.number % len(TABS)], SOCKETS - len(self.pages))
            user.pages = list(range(len(self.pages), len(self.pages) + tabs))
            self.pages += [user] * tabs
        for user in self.users:
            user.create()
        self.changes: list[tuple[User, str, int, float]] = []  # user, job, revision, time
        self.is_up = threading.Event()

    def run(self) -> dict:
        self.start_web()
        probe = PageProbe(self)
        try:
            memory = self.open_browsers()
            probe.start()
            cpu = self.change_jobs(SECONDS)
            self.report(f"CPU of the web process while jobs change: {cpu:.1f} s in {SECONDS:g} s")
            steady, quiet_until = probe.take(), time.monotonic()
            figures = self.measure_steady(memory, steady)
            self.report(f"Before the restart: {json.dumps(figures)}")
            figures |= self.restart_web(quiet_until)
            storm = probe.take()
            figures["storm_page_p95_ms"] = percentile([seconds for _, seconds, is_up in storm if is_up], 0.95)
            figures["page_errors"] = sum(not ok for ok, _, is_up in [*steady, *storm] if is_up)
            figures["lost"] += self.measure_after_restart()
            return figures
        finally:
            probe.is_over.set()
            if hasattr(self, "browsers"):
                self.browsers.process.kill()
            self.web.kill()
            self.web.wait()

    def open_browsers(self) -> float:
        """Open all pages. Returns the memory that they take of the web process, in megabytes."""
        for _ in range(20):
            page = self.request_page(self.users[0])
        before = pss_bytes(self.web.pid)
        self.browsers = Browsers(self, page.text)
        self.wait_until(lambda: len(self.browsers.open) == SOCKETS)
        self.report(f"CPU of the web process with its start and {SOCKETS} pages: {cpu_seconds(self.web.pid):.1f} s")
        time.sleep(SETTLE)
        return (pss_bytes(self.web.pid) - before) / 1e6

    def measure_steady(self, memory: float, steady: list) -> dict:
        """Return the figures before the restart: ``memory`` of the open pages in megabytes, requests of other pages."""
        return {
            "sockets": SOCKETS,
            "users": len(self.users),
            "seconds": SECONDS,
            **self.measure_delays(),
            "mb_per_1000": round(1000 * memory / SOCKETS, 1),
            "page_p95_ms": percentile([seconds for _, seconds, _ in steady], 0.95),
        }

    def start_web(self) -> None:
        from jobs.worker import startup

        command = startup.build_web("127.0.0.1", self.port)
        with (self.folder / "web.log").open("ab") as log:
            self.web = subprocess.Popen(command.command, env=os.environ | command.env, stdout=log, stderr=log)
        self.wait_until(self.answers)
        self.is_up.set()

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz/", timeout=5).ok
        except requests.RequestException:
            return False

    def request_page(self, user: "User") -> requests.Response:
        return requests.get(f"{self.url}/jobs/", cookies=user.cookies, timeout=10, allow_redirects=False)

    def wait_until(self, condition) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"timed out:\n{(self.folder / 'web.log').read_text()[-2000:]}")
            time.sleep(0.05)

    def change_jobs(self, seconds: float) -> float:
        """Change jobs of random users. Returns the CPU seconds that the web process used meanwhile."""
        before, began = cpu_seconds(self.web.pid), time.monotonic()
        for number in range(int(seconds * CHANGES_PER_SECOND)):
            time.sleep(max(0.0, began + number / CHANGES_PER_SECOND - time.monotonic()))
            user = random.choice(self.users)
            at = time.monotonic()
            job, revision = user.change_job(is_end=number % 4 == 3)
            self.changes.append((user, job, revision, at))
        time.sleep(SETTLE)
        return cpu_seconds(self.web.pid) - before

    def measure_delays(self) -> dict:
        delays, lost = [], 0
        for user, job, revision, at in self.changes:
            for page in user.pages:
                seen = [time for time, known in self.browsers.received[page, job] if known >= revision]
                if seen:
                    delays.append(min(seen) - at)
                else:
                    lost += 1
        return {
            "changes": len(self.changes),
            "p50_ms": percentile(delays, 0.5),
            "p95_ms": percentile(delays, 0.95),
            "max_ms": percentile(delays, 1.0),
            "lost": lost,
        }

    def restart_web(self, quiet_until: float) -> dict:
        self.browsers.open.clear()
        self.is_up.clear()
        began = time.monotonic()
        self.web.send_signal(signal.SIGTERM)
        try:
            self.web.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.report("The web process did not stop and is killed")
            self.web.kill()
            self.web.wait()
        self.report(f"The web process stopped after {time.monotonic() - began:.1f} s")
        self.start_web()
        back = time.monotonic()
        self.wait_until(lambda: len(self.browsers.open) == SOCKETS)
        opened = sorted(self.browsers.open.values())
        tries = [at for at in self.browsers.tried if at > began]
        self.report(
            f"CPU of the new web process: {cpu_seconds(self.web.pid):.1f} s; attempts: {len(tries)}, at most "
            f"{count_busiest_second(tries)} a second; polls meanwhile: "
            f"{sum(at > quiet_until for at in self.browsers.polled)}"
        )
        return {
            "down_s": round(back - began, 1),
            "reconnect_s": round(opened[-1] - back, 1),
            "reconnects_per_s": count_busiest_second(opened),
        }

    def measure_after_restart(self) -> int:
        """Return how many changes are lost after all pages have reconnected."""
        self.changes.clear()
        self.change_jobs(SETTLE)
        return self.measure_delays()["lost"]

    def report(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


class User:
    """A signed-in user with a few running jobs."""

    def __init__(self, number: int, pages: list[int]):
        self.number, self.pages = number, pages

    def create(self) -> None:
        from accounts.access import get_home
        from accounts.models import User
        from generation.models import Clip
        from jobs.models import Job, State
        from tests.site_processes.web_server import sign_in

        user = User.objects.create(email=f"user{self.number}@example.test", name=f"User {self.number}")
        home, self.cookies = get_home(user), sign_in(user)
        self.jobs = Job.objects.bulk_create(
            Job(
                workspace=home,
                created_by=user,
                kind="clip",
                title=f"A cat on roof {number}",
                provider="animatic",
                idem_key=f"push-{number}",
                request_hash="-",
                state=State.RUNNING,
                progress=number,
            )
            for number in range(JOBS_PER_USER)
        )
        Clip.objects.bulk_create(
            Clip(workspace=home, job=job, title=job.title, prompt=job.title, provider=job.provider, model="", seed=1)
            for job in self.jobs
        )
        self.job_ids = [str(job.pk) for job in self.jobs]

    def change_job(self, is_end: bool) -> tuple[str, int]:
        """Change a running job as a worker does. Returns its id and new revision."""
        from jobs.lifecycle.lease import Lease
        from jobs.models import Job, State

        job = Job.objects.get(pk=random.choice(self.jobs).pk)
        if is_end and len(self.jobs) > 1:
            Lease(job, "push").move_to(State.CANCELLED)
            self.jobs = [other for other in self.jobs if other.pk != job.pk]
        else:
            Lease(job, "push").wait(3600, progress=(job.progress + 7) % 1000)
        return str(job.pk), job.rev


class Browsers:
    """The process with all open pages, and what they received."""

    def __init__(self, site: Site, page: str):
        self.open: dict[int, float] = {}
        self.tried: list[float] = []
        self.polled: list[float] = []
        self.received: dict[tuple[int, str], list[tuple[float, int]]] = defaultdict(list)
        command = [sys.executable, "-m", "benchmarks.push_browsers"]
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        orders = {"url": site.url, "per_second": OPENED_PER_SECOND, "page": page}
        orders |= {"cookies": [user.cookies for user in site.pages], "jobs": [user.job_ids for user in site.pages]}
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in self.process.stdout:
            event, page, at, *facts = json.loads(line)
            if event == "job":
                self.received[page, facts[0]].append((at, facts[1]))
            elif event == "open":
                self.open[page] = at
            else:
                {"try": self.tried, "poll": self.polled}[event].append(at)


class PageProbe(threading.Thread):
    """Two users who request the job list every second."""

    def __init__(self, site: Site):
        super().__init__(daemon=True)
        self.site, self.is_over = site, threading.Event()
        self.answers: list[tuple[bool, float, bool]] = []  # is 200, seconds, was there a web process all the time

    def run(self) -> None:
        for user in self.site.users[:2]:
            threading.Thread(target=self.request_repeatedly, args=(user,), daemon=True).start()

    def request_repeatedly(self, user: User) -> None:
        while not self.is_over.wait(1.0):
            was_up, began = self.site.is_up.is_set(), time.monotonic()
            try:
                is_good = self.site.request_page(user).status_code == 200
            except requests.RequestException:
                is_good = False
            self.answers.append((is_good, time.monotonic() - began, was_up and self.site.is_up.is_set()))

    def take(self) -> list[tuple[bool, float, bool]]:
        taken, self.answers = self.answers, []
        return taken


def percentile(seconds: list[float], share: float) -> int | None:
    """Return a percentile in milliseconds; None without measurements."""
    return round(sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)] * 1000) if seconds else None


def count_busiest_second(moments: list[float]) -> int:
    """Return the largest number of moments in one second, counted in seconds since the first."""
    return max(Counter(int(moment - min(moments)) for moment in moments).values(), default=0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
