"""Poll five thousand clips in flight every ten seconds, on PostgreSQL, with default workers.

No clip may be polled more than twice its interval late. Meanwhile new clips are requested and some tasks finish. The
benchmark measures the time until the first step of a new clip, and the time from "done" until the clip's page,
requested four times a second, shows the player. For every second finished task the provider sends a callback:
``done_to_page`` counts from the moment the task is done. The other tasks are only polled, as if callbacks could not
reach the studio: ``told_to_page`` counts from the provider's first answer that the task is done, because the polling
interval before that answer is no delay of the studio (``late`` covers it). The total of both parts is printed.

Whatever has not happened by the end counts with its wait so far. The clip is a few kilobytes on the same machine, and
its transfer is included. The provider, the web server and the viewers of pages run in separate processes and are not
counted. This process requests the clips like a web server that has handled requests before. JOBS and SECONDS change the
size. Missed LIMITS or MINIMUMS are printed, and the exit code is then 1. The last line is JSON.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import requests

from benchmarks import in_flight_pages, verdict
from benchmarks.chaos import create_tiny_film
from tests.servers import free_ports, postgres, postgres_url, redis

JOBS, SECONDS = int(os.environ.get("JOBS", "5000")), float(os.environ.get("SECONDS", "90"))
INTERVAL = 10.0
SLUG = "echo-steady"
LIMITS = {"late": 0, "submit_p95_ms": 300, "done_to_page_p95_ms": 2000, "told_to_page_p95_ms": 2000}  # maxima
MINIMUMS = {"jobs": 5000, "seconds": 90}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="tapwari-flight-") as name,
        postgres(fsync="on") as server,
        redis() as hints,
    ):
        folder, (port, web_port) = Path(name), free_ports(2)
        os.environ |= {
            "DATABASE_URL": postgres_url(server),
            "REDIS_URL": f"redis://127.0.0.1:{hints.port}/0",
            "TAPWARI_VAR": name,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "DJANGO_SETTINGS_MODULE": "tests.site_processes.settings",
            "EXTRA_PROVIDERS": "tests.fakes.echo_variants.Steady",
            "PROVIDER_PRIVATE_HOSTS": f"127.0.0.1:{port},localhost:{port}",
            "JOBS_PER_WORKSPACE": "1000000",
            "SITE_URL": f"http://127.0.0.1:{web_port}",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        figures = Flight(folder, port, web_port).run()
    verdict.report(figures, find_misses(figures))


def find_misses(figures: dict) -> list[str]:
    return verdict.list_above(figures, LIMITS) + verdict.list_below(figures, MINIMUMS)


class Flight:
    def __init__(self, folder: Path, port: int, web_port: int):
        from accounts.access import get_home
        from accounts.models import User
        from tests.site_processes import workers

        self.processes, self.folder, self.port = workers, folder, port
        self.user = User.objects.create(email="flight@example.test", name="Flight")
        self.home = get_home(self.user)
        self.connection = workers.connect(SLUG, f"http://127.0.0.1:{port}/{SLUG}", {"api_key": "key"})
        self.site, self.cookies = f"http://127.0.0.1:{web_port}", sign_in(self.user)
        self.requested: list = []
        self.called_back: set[str] = set()
        self.done_at: dict = {}
        self.shown_at: dict = {}

    def run(self) -> dict:
        create_tiny_film(self.folder)
        fake = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.endless_tasks", str(self.port), str(self.folder / "film.mp4")]
        )
        web = self.start_web()
        try:
            self.processes.until(lambda: self.is_fake_ready() and self.is_site_ready(), 180)
            self.create_jobs_in_flight()
            with self.processes.Workers(dict(os.environ), self.folder / "work.log") as workers:
                self.wait_for_polls()
                self.request_clip("warm")
                before = measure_cpu(workers.pids())
                self.request_continuously()
                return self.figures(measure_cpu(workers.pids()), before, measure_rss(workers.pids()))
        finally:
            fake.kill()
            web.kill()

    def start_web(self) -> subprocess.Popen:
        host, port = self.site.removeprefix("http://").split(":")
        with (self.folder / "web.log").open("ab") as log:
            command = [sys.executable, "-m", "daphne", "-v", "0", "-b", host, "-p", port, "config.asgi:application"]
            return subprocess.Popen(command, cwd=self.processes.ROOT, stdout=log, stderr=log)

    def is_site_ready(self) -> bool:
        try:
            return requests.get(f"{self.site}/healthz/", timeout=5).ok
        except requests.RequestException:
            return False

    def is_fake_ready(self) -> bool:
        try:
            return self.query("figures") is not None
        except OSError:
            return False

    def query(self, path: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=20) as answer:
            return json.load(answer)

    def create_jobs_in_flight(self) -> None:
        """Create jobs as if they had been accepted over the last ten seconds."""
        from datetime import timedelta

        from django.utils import timezone

        from generation.models import Clip
        from jobs.models import Attempt, Job, State

        now = timezone.now()
        jobs = [
            Job(
                workspace=self.home,
                created_by=self.user,
                kind="clip_elsewhere",
                title=f"Clip {n}",
                provider=SLUG,
                model="echo-1",
                idem_key=f"flight-{n}",
                request_hash="-",
                state=State.RUNNING,
                started_at=now,
                next_run_at=now + timedelta(seconds=INTERVAL * n / JOBS + 8),
            )
            for n in range(JOBS)
        ]
        Job.objects.bulk_create(jobs, 1000)
        Clip.objects.bulk_create(
            [
                Clip(
                    workspace=self.home,
                    job=job,
                    title=job.title,
                    prompt=job.title,
                    provider=SLUG,
                    model="echo-1",
                    seed=1,
                    connection=self.connection,
                )
                for job in jobs
            ],
            1000,
        )
        Attempt.objects.bulk_create(
            [
                Attempt(
                    job=job,
                    n=1,
                    client_ref=str(job.pk),
                    provider=SLUG,
                    connection_id=self.connection.pk,
                    outcome="accepted",
                    answered_at=now,
                    provider_task_id=f"t{n}",
                    handle={"id": f"t{n}"},
                )
                for n, job in enumerate(jobs)
            ],
            1000,
        )

    def wait_for_polls(self) -> None:
        """Wait until every task was polled once."""
        self.processes.until(lambda: len(self.query("figures")["longest"]) >= JOBS, 180, every=2)

    def request_continuously(self) -> None:
        finishing = threading.Thread(target=self.finish_tasks)
        finishing.start()
        end, n = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            n += 1
            self.requested.append(self.request_clip(f"new {n}"))
            time.sleep(1.0)
        finishing.join()

    def request_clip(self, prompt: str):
        return self.processes.create_clip(self.user, self.home, self.connection, prompt, model="echo-1").job_id

    def finish_tasks(self) -> None:
        """Finish one task every two seconds; the provider sends a callback for every second one."""
        from generation.models import Clip

        tasks = [f"t{n * 7}" for n in range(int(SECONDS / 2))]
        clips = Clip.objects.filter(job__attempts__provider_task_id__in=tasks, connection=self.connection)
        pages = {clip.job.attempts.get().provider_task_id: clip for clip in clips.select_related("job")}
        viewers = self.start_viewers()
        for n, task in enumerate(tasks):
            self.query(f"done/{task}")
            self.done_at[task] = time.time()
            if n % 2 == 0:
                self.send_callback(task)
            viewers.stdin.write(f"{task} {self.site}{pages[task].get_absolute_url()}\n")
            viewers.stdin.flush()
            time.sleep(2.0)
        seen, _ = viewers.communicate(timeout=in_flight_pages.TIMEOUT * 2)
        self.shown_at = {task: float(at) for task, at in map(str.split, seen.splitlines())}

    def start_viewers(self) -> subprocess.Popen:
        command = [sys.executable, "-m", "benchmarks.in_flight_pages", json.dumps(self.cookies)]
        return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send_callback(self, task: str) -> None:
        self.called_back.add(task)
        endpoint = f"{self.site}/webhooks/{SLUG}/{self.connection.webhook_token}/"
        requests.post(endpoint, json={"id": task}, timeout=30).raise_for_status()

    def figures(self, after: float, before: float, rss: int) -> dict:
        from jobs.models import Job, JobEvent, State

        seen, now = self.query("figures"), time.time()
        late = [gap for gap in seen["longest"].values() if gap > 3 * INTERVAL]
        events = JobEvent.objects.filter(job__in=self.requested, new=State.SUBMITTING).order_by("-at")
        first_steps = dict(events.values_list("job_id", "at"))
        created = dict(Job.objects.filter(pk__in=self.requested).values_list("pk", "created_at"))
        started = {pk: first_steps[pk].timestamp() if pk in first_steps else now for pk in created}
        delays = [started[pk] - at.timestamp() for pk, at in created.items()]
        shown = {task: self.shown_at.get(task, now) for task in self.done_at}
        called = [shown[task] - at for task, at in self.done_at.items() if task in self.called_back]
        polled = self.done_at.keys() - self.called_back
        answered = [shown[task] - seen["done_at"].get(task, self.done_at[task]) for task in polled]
        whole = max((shown[task] - self.done_at[task] for task in polled), default=0.0)
        steps = f"first steps {len(first_steps)} of {len(self.requested)}"
        steps += f", shown {len(self.shown_at)} of {len(self.done_at)}"
        print(f"polls {seen['polls']}, longest silence {max(seen['longest'].values()):.1f} s, {steps}")  # noqa: T201
        print(f"without a callback, from done there to the page: at most {whole:.1f} s")  # noqa: T201
        return {
            "jobs": JOBS,
            "late": len(late) + JOBS - len(seen["longest"].keys() & {f"t{n}" for n in range(JOBS)}),
            "cpu_s": round(after - before, 1),
            "seconds": SECONDS,
            "rss_mb": round(rss / 1024**2),
            "submit_p95_ms": p95_ms(delays),
            "done_to_page_p95_ms": p95_ms(called),
            "told_to_page_p95_ms": p95_ms(answered),
        }


def sign_in(user) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(user)
    return {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}


def p95_ms(seconds: list[float]) -> int | None:
    """Return the 95th percentile in milliseconds; None without measurements."""
    return round(sorted(seconds)[int(len(seconds) * 0.95)] * 1000) if seconds else None


def measure_cpu(pids) -> float:
    """Return CPU seconds of the processes and of their children that have ended."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_rss(pids) -> int:
    pages = [int(path.read_text().split()[1]) for pid in pids if (path := Path(f"/proc/{pid}/statm")).exists()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
