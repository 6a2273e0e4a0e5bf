"""Probe a production set while its parts are restarted and killed: PostgreSQL, Redis, an S3 store, two web servers
behind a proxy, and two groups of workers.

Five probes a second alternate between Create, the jobs page and the health check. A probe is good if it gets 200 within
five seconds. Meanwhile a clip is requested every CLIP_EVERY seconds. Both web servers restart one after the other, two
workers are killed, Redis and PostgreSQL restart, and the store answers 503 for 20 seconds. At the end every clip must
be ready. The last line is JSON. The goals are `good_pct` ≥ 99 and `lost` = 0. SECONDS shortens a trial run, which
proves nothing.
"""

import itertools
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import requests

from benchmarks import verdict
from benchmarks.availability_proxy import Proxy
from tests.servers import postgres, postgres_url, redis, redis_url, s3, s3_environment

SECONDS = float(os.environ.get("SECONDS", "360"))
PROBES_PER_SECOND, PROBE_TIMEOUT = 5, 5.0
CLIP_EVERY = 15.0  # seconds; drawing one takes five CPU seconds
END_SECONDS = 240.0  # for the last clips, after the probes
STORE_OUTAGE = 20.0
MINIMUMS = {"seconds": 360, "probes": 1500, "clips": 20}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="tapwari-availability-") as name,
        postgres(fsync="on") as database,
        redis() as broker,
        s3() as store,
    ):
        web, files = Proxy([]), Proxy([store.port])
        os.environ |= {
            **s3_environment(store),
            "S3_ENDPOINT": f"http://127.0.0.1:{files.port}",
            "DATABASE_URL": postgres_url(database),
            "REDIS_URL": redis_url(broker),
            "TAPWARI_VAR": name,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": f"http://localhost:{web.port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WORKERS": "1",
            "JOBS_PER_WORKSPACE": "1000",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        figures = Site(Path(name), web, files, database, broker).run()
    missed = [] if figures["good_pct"] >= 99 else [f"good_pct is {figures['good_pct']}, the goal is at least 99"]
    verdict.report(figures, missed + verdict.list_above(figures, {"lost": 0}) + verdict.list_below(figures, MINIMUMS))


class Site:
    def __init__(self, folder: Path, web: Proxy, files: Proxy, database, broker) -> None:
        from accounts.access import get_home
        from accounts.models import User
        from tests.site_processes.web_server import sign_in

        self.folder, self.proxy, self.files, self.database, self.broker = folder, web, files, database, broker
        self.user = User.objects.create_user("probe@example.test", secrets.token_urlsafe(12), name="Probe")
        self.home, self.cookies = get_home(self.user), sign_in(self.user)
        self.probes: list[tuple[float, str]] = []  # seconds since the start, and the error or an empty string
        self.clips: list = []
        self.is_over = threading.Event()

    def run(self) -> dict:
        from tests.site_processes.workers import Workers

        self.webs = [self.start_web(), self.start_web()]
        try:
            with Workers(dict(os.environ), self.folder / "work.log", count=2) as self.workers:
                self.began = time.monotonic()
                threads = [threading.Thread(target=target) for target in (self.probe, self.request_clips)]
                for thread in threads:
                    thread.start()
                self.cause_troubles()
                self.is_over.set()
                for thread in threads:
                    thread.join()
                lost = self.wait_for_clips()
        finally:
            for server in self.webs:
                server.kill()
        return self.figures(lost)

    def start_web(self):
        from tests.site_processes.web_server import WebServer

        server = WebServer(dict(os.environ), self.folder / "web.log")
        self.proxy.ports = [*self.proxy.ports, server.port]
        return server

    def cause_troubles(self) -> None:
        """Cause each trouble at its share of the time, then wait for the end."""
        troubles = [
            (0.08, "the first web server restarts", lambda: self.restart_web(0)),
            (0.16, "the second web server restarts", lambda: self.restart_web(1)),
            (0.26, "a worker is killed", lambda: self.workers.kill_one(0.0)),
            (0.36, "a worker is killed", lambda: self.workers.kill_one(0.0)),
            (0.46, "Redis restarts", lambda: restart(self.broker, signal.SIGTERM)),
            (0.58, "PostgreSQL restarts", lambda: restart(self.database, signal.SIGINT)),
            (0.72, "the store answers 503", self.refuse_files),
        ]
        for share, name, cause in troubles:
            self.wait_until(share * SECONDS)
            sys.stdout.write(f"{self.elapsed():6.1f} s  {name}\n")
            cause()
        self.wait_until(SECONDS)

    def wait_until(self, moment: float) -> None:
        while self.elapsed() < moment:
            time.sleep(0.2)
            self.workers.restart()

    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def restart_web(self, number: int) -> None:
        """Start the new server first, as a rolling update does, then stop the old one."""
        old = self.webs[number]
        self.webs[number] = self.start_web()
        self.proxy.ports = [port for port in self.proxy.ports if port != old.port]
        time.sleep(1)  # for the requests that it still answers
        old.kill()

    def refuse_files(self) -> None:
        self.files.is_refusing = True
        self.wait_until(self.elapsed() + STORE_OUTAGE)
        self.files.is_refusing = False

    def probe(self) -> None:
        threads = []
        for number, path in enumerate(itertools.cycle(["/create/", "/jobs/", "/healthz/"])):
            if self.is_over.is_set():
                break
            threads.append(threading.Thread(target=self.request_page, args=(path,)))
            threads[-1].start()
            time.sleep(max(0.0, self.began + number / PROBES_PER_SECOND - time.monotonic()))
        for thread in threads:
            thread.join()

    def request_page(self, path: str) -> None:
        at, url = self.elapsed(), f"http://localhost:{self.proxy.port}{path}"
        try:
            response = requests.get(url, cookies=self.cookies, timeout=PROBE_TIMEOUT, allow_redirects=False)
            error = "" if response.status_code == 200 else str(response.status_code)
        except requests.RequestException as failure:
            error = type(failure).__name__
        self.probes.append((at, f"{path} {error}" if error else ""))

    def request_clips(self) -> None:
        from django.db import Error, connection

        number = 0
        while not self.is_over.wait(CLIP_EVERY):
            number, key = number + 1, uuid.uuid4().hex
            while not self.is_over.is_set():
                try:
                    self.clips.append(self.create_clip(f"a cat, take {number}", key))
                    break
                except Error:  # PostgreSQL restarts
                    connection.close()
                    time.sleep(0.5)
        connection.close()

    def create_clip(self, prompt: str, key: str):
        from generation.clip_spec import ClipSpec
        from generation.forms import ClipForm
        from generation.services.clips import create_clips

        form = ClipForm({"prompt": prompt, "seconds": 2})
        assert form.is_valid(), form.errors
        return create_clips(ClipSpec.from_form(form.cleaned_data), workspace=self.home, by=self.user, idem_key=key)[0]

    def wait_for_clips(self) -> int:
        """Wait for the clips and return how many did not become ready."""
        from django.db import connection

        from jobs.models import Job, State

        connection.close()
        jobs = Job.objects.filter(pk__in=[clip.job_id for clip in self.clips])
        deadline = time.monotonic() + END_SECONDS
        while jobs.exclude(state=State.READY).exists() and time.monotonic() < deadline:
            time.sleep(1)
            self.workers.restart()
        for job in jobs.exclude(state=State.READY):
            sys.stdout.write(f"not ready: {job.pk} {job.state} {job.progress_note} {job.error_public}\n")
        return jobs.exclude(state=State.READY).count()

    def figures(self, lost: int) -> dict:
        bad = [(at, error) for at, error in self.probes if error]
        for at, error in bad:
            sys.stdout.write(f"{at:6.1f} s  {error}\n")
        return {
            "good_pct": round(100 * (1 - len(bad) / len(self.probes)), 2),
            "lost": lost,
            "probes": len(self.probes),
            "clips": len(self.clips),
            "seconds": SECONDS,
        }


def restart(server, signal_number: signal.Signals) -> None:
    server.stop(signal_number)
    server.start()


if __name__ == "__main__":
    main()
