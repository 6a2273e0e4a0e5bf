"""Shared helpers of the fault tests: real workers, fake providers, and orders by Mika."""

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings as site
from django.db import connection as database

from generation.providers.models import Connection
from jobs import events
from jobs.models import Attempt, Job, State
from tests.elsewhere import studio, web
from tests.fakes.server import Town

PATIENT = "6"  # seconds for one request: less loses answers on a busy machine; twice as many prove an absence
CAN_LOOK = ("echo-own", "echo-list")
OVER = studio.SETTLED | {State.UNKNOWN, State.STUCK}


@dataclass
class Walk:
    """Orders clips and starts processes. ``order`` before ``start``: failpoints can then name single jobs."""

    town: Town
    folder: Path
    user: object
    connections: dict[str, Connection] = field(default_factory=dict)
    running: list = field(default_factory=list)
    webs: list[web.Web] = field(default_factory=list)

    def told(self, **more) -> dict:
        hosts = [f"{host}:{self.town.server_port}" for host in ("127.0.0.1", "localhost")]
        facts = {"PROVING_DATABASE": str(database.settings_dict["NAME"]), "SECRET_KEY": site.SECRET_KEY}
        facts["WORKERS"] = "4"  # one workspace never has all of them, and a killed one keeps its job for a lease
        return studio.environment(self.folder, hosts, **facts, EXTRA_PROVIDERS=",".join(site.EXTRA_PROVIDERS)) | more

    def start(self, count=1, before=(), failpoints=(), **more) -> studio.Workers:
        if failpoints:
            more["FAILPOINTS"] = ",".join(failpoints)
        made = studio.Workers(self.told(**more), self.folder / "work.log", count, before)
        made.tend()
        self.running.append(made)
        return made

    def serve(self, **more) -> web.Web:
        """Start a web server, which listens when this returns."""
        self.webs.append(web.Web(self.told(**more), self.folder / "work.log"))
        return self.webs[-1]

    def connection(self, slug) -> Connection:
        if slug not in self.connections:
            self.connections[slug] = studio.connect(slug, self.town.url(slug), {"api_key": self.town.fakes[slug].key})
        return self.connections[slug]

    def order(self, slug, words="a cat on a roof") -> Job:
        clip = studio.ask(self.user, self.user.workspaces.get(), self.connection(slug), words, model="echo-1")
        return Job.objects.get(pk=clip.job_id)

    def close(self) -> None:
        try:
            for each in self.webs:
                each.kill()
            studio.close(self.running, self.folder)
        finally:
            log = self.folder / "work.log"
            words = log.read_text()[-6000:] if log.exists() else "no worker ran"
            print(words)  # noqa: T201 - shown when the test fails


def state(job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def are_over(jobs):
    """Return whether the jobs have ended. Unknown is no end where the provider can still be asked."""
    theirs = Job.objects.filter(pk__in=[job.pk for job in jobs])
    going_on = theirs.exclude(state__in=OVER) | theirs.filter(
        state=State.UNKNOWN, pk__in=Attempt.objects.filter(provider__in=CAN_LOOK).values("job")
    )
    return lambda: not going_on.exists()


def story(job) -> list[str]:
    job.refresh_from_db()
    return [job.state, job.error_public, *(line.text for line in events.list_history(job))]


def made_of(fake, job) -> list:
    """Return the tasks of the fake that were created for the job."""
    refs = set(Attempt.objects.filter(job=job).values_list("client_ref", flat=True))
    return [task for task in fake.created if task.ref in refs]
