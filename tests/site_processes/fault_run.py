"""Shared helpers of the fault tests: real workers, fake providers, and clips of Mika's."""

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings as site
from django.db import connection as database

from generation.providers.models import Connection
from jobs import events
from jobs.models import Attempt, Job, State
from tests.fakes.server import FakeServer
from tests.site_processes import web_server, workers

LONG_TIMEOUT = "6"  # seconds for one request: less loses answers on a busy machine; twice as many prove an absence
SEARCHABLE = ("echo-own", "echo-list")
AT_REST = workers.ENDED | {State.UNKNOWN, State.STUCK}


@dataclass
class FaultRun:
    """Create clips and start processes. Create clips before workers, so that failpoints can name single jobs."""

    fake_server: FakeServer
    folder: Path
    user: object
    connections: dict[str, Connection] = field(default_factory=dict)
    worker_groups: list[workers.Workers] = field(default_factory=list)
    web_servers: list[web_server.WebServer] = field(default_factory=list)

    def environment(self, **more) -> dict:
        hosts = [f"{host}:{self.fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        variables = {"TEST_DATABASE": str(database.settings_dict["NAME"]), "SECRET_KEY": site.SECRET_KEY}
        variables["WORKERS"] = "4"  # one workspace never has all of them, and a killed one keeps its job for a lease
        variables["EXTRA_PROVIDERS"] = ",".join(site.EXTRA_PROVIDERS)
        return workers.environment(self.folder, hosts, **variables) | more

    def start_workers(self, count=1, before=(), failpoints=(), **more) -> workers.Workers:
        if failpoints:
            more["FAILPOINTS"] = ",".join(failpoints)
        started = workers.Workers(self.environment(**more), self.folder / "work.log", count, before)
        started.restart()
        self.worker_groups.append(started)
        return started

    def start_web_server(self, **more) -> web_server.WebServer:
        """Start a web server, which listens when this returns."""
        self.web_servers.append(web_server.WebServer(self.environment(**more), self.folder / "work.log"))
        return self.web_servers[-1]

    def connection(self, slug) -> Connection:
        if slug not in self.connections:
            keys = {"api_key": self.fake_server.fakes[slug].key}
            self.connections[slug] = workers.connect(slug, self.fake_server.url(slug), keys)
        return self.connections[slug]

    def create_job(self, slug, prompt="a cat on a roof") -> Job:
        """Create a clip and return its job."""
        workspace = self.user.workspaces.get()
        clip = workers.create_clip(self.user, workspace, self.connection(slug), prompt, model="echo-1")
        return Job.objects.get(pk=clip.job_id)

    def close(self) -> None:
        try:
            for server in self.web_servers:
                server.kill()
            workers.stop_all(self.worker_groups, self.folder)
        finally:
            log = self.folder / "work.log"
            lines = log.read_text()[-6000:] if log.exists() else "no worker ran"
            print(lines)  # noqa: T201 - shown when the test fails


def read_state(job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def have_ended(jobs):
    """Return a condition: all jobs have ended. An unknown job has not where the provider can still be searched."""
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
    active = rows.exclude(state__in=AT_REST) | rows.filter(
        state=State.UNKNOWN, pk__in=Attempt.objects.filter(provider__in=SEARCHABLE).values("job")
    )
    return lambda: not active.exists()


def describe(job) -> list[str]:
    job.refresh_from_db()
    return [job.state, job.error_public, *(line.text for line in events.list_history(job))]


def tasks_of(fake, job) -> list:
    """Return the tasks of the fake that were created for the job."""
    refs = set(Attempt.objects.filter(job=job).values_list("client_ref", flat=True))
    return [task for task in fake.created if task.ref in refs]
