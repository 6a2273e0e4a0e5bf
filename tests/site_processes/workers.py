"""Start and kill worker processes, and create clips for them."""

import os
import random
import signal
import subprocess
import sys
import uuid
from pathlib import Path

from common import secrets
from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.providers.models import Connection, ConnectionKey
from generation.services.clips import create_clips
from jobs.models import Job, State
from tests.processes import TIMEOUT, children, kill, kill_family, kill_processes_of, until

ROOT = Path(__file__).resolve().parents[2]
ENDED = {State.READY, State.FAILED, State.CANCELLED, State.TIMED_OUT, State.LOST_RESULT}


class Workers:
    """``count`` processes of ``manage.py work`` with one environment; ``restart`` replaces killed ones.

    ``before`` is a program in front of the command that starts it as a child and waits for it, as faketime does.
    """

    def __init__(self, environment: dict, log: Path, count: int = 1, before=()):
        self.environment, self.log, self.count, self.before = environment, log, count, before
        self.processes: list[subprocess.Popen] = []

    def __enter__(self):
        self.restart()
        return self

    def __exit__(self, *trouble):
        for process in self.processes:
            if process.poll() is None:
                self.terminate(process)
        for process in self.processes:
            try:
                process.wait(100)
            except subprocess.TimeoutExpired:
                kill_family(process.pid)

    def terminate(self, process: subprocess.Popen) -> None:
        """Terminate the worker behind the program in front, which passes no signals on and would leave an orphan."""
        inner = children(process.pid)[:1] if self.before else []
        for pid in inner or [process.pid]:
            kill(pid, signal.SIGTERM)

    def restart(self) -> None:
        """Replace processes that have ended, as systemd or compose would."""
        self.processes = [process for process in self.processes if process.poll() is None]
        while len(self.processes) < self.count:
            with self.log.open("ab") as log:
                command = [*self.before, sys.executable, "manage.py", "work"]
                process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
            self.processes.append(process)

    def kill_one(self, chance_of_all: float = 0.1) -> str:
        """Kill a random worker process, now and then a dispatcher with all its workers.

        Returns "one", "all", or "" if the chosen dispatcher has no workers yet.
        """
        parent = random.choice(self.processes)
        family = children(parent.pid)
        if len(family) < 3:
            return ""
        if random.random() < chance_of_all:
            kill_family(parent.pid)
            return "all"
        kill(random.choice(family))
        return "one"

    def kill_all(self) -> None:
        """Kill all dispatchers and workers at once, as a power cut does."""
        for process in self.processes:
            kill_family(process.pid)

    def until(self, condition, seconds: float = TIMEOUT, every: float = 0.1, meanwhile=lambda: None, **more) -> None:
        """Wait for a condition and restart killed processes meanwhile."""

        def restart():
            self.restart()
            meanwhile()

        until(condition, seconds, every, restart, **more)

    def pids(self) -> list[int]:
        return [pid for process in self.processes for pid in (process.pid, *children(process.pid))]


def environment(folder: Path, hosts: list[str], **more) -> dict:
    """Return the environment of the processes: short leases and requests, and the addresses of the fakes."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.site_processes.settings",
        "TAPWARI_VAR": str(folder),
        "TESTING": "yes",
        "TMPDIR": str(folder),  # files of killed processes are removed with the test
        "JOB_LEASE_SECONDS": "2",
        "WATCHDOG_SECONDS": "60",
        "PROVIDER_SECONDS": "2.5",  # a busy machine may need a second for what takes a millisecond
        "PROVIDER_PACE": "0.025",
        "PROVIDER_PRIVATE_HOSTS": ",".join(hosts),
        "FAILPOINT_DIR": str(folder),
        "JOBS_PER_WORKSPACE": "100000",
    } | more


def connect(slug: str, url: str, keys: dict, **facts) -> Connection:
    """Create a connection of the site to a fake."""
    connection = Connection.objects.create(provider=slug, label=slug, base_url=url, **facts)
    encrypted = secrets.encrypt({"keys": keys, "headers": {}})
    ConnectionKey.objects.create(connection=connection, version=connection.key_version, sealed=encrypted)
    return connection


def create_clip(user, workspace, connection: Connection, prompt: str, *, model: str, key: str = "", **more) -> Clip:
    spec = {
        "prompt": prompt, "negative_prompt": "", "style": "cel", "provider": connection.provider, "model": model,
        "ratio": "16:9", "resolution": 480, "seconds": 5, "paint": True,
        "chips_off": [], "options": {}, "connection": connection,
    } | more  # fmt: skip
    [clip] = create_clips(ClipSpec(**spec), workspace=workspace, by=user, idem_key=key or uuid.uuid4().hex)
    return clip


def unfinished_jobs():
    return Job.objects.exclude(state__in=ENDED)


def stop_all(started: list[Workers], folder: Path) -> None:
    """Kill all workers of a test: an orphan would work on the rows of the next test."""
    kill_processes_of(folder)
    for workers in started:
        for process in workers.processes:
            process.wait()
