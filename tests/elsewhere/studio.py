"""Start and kill the worker processes of a studio, and request clips from it."""

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
from tests.processes import PATIENCE, children, kill, kill_family, sweep, until

ROOT = Path(__file__).resolve().parents[2]
SETTLED = {State.READY, State.FAILED, State.CANCELLED, State.TIMED_OUT, State.LOST_RESULT}


class Workers:
    """``manage.py work``, as often as wanted, with one environment; each may be killed and comes back.

    ``before`` is put in front of the command: a program that starts it as a child and waits for it, as faketime does.
    """

    def __init__(self, environment: dict, log: Path, count: int = 1, before=()):
        self.environment, self.log, self.count, self.before = environment, log, count, before
        self.processes: list[subprocess.Popen] = []

    def __enter__(self):
        self.tend()
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
        """The one in front passes no signal on: told to end, it leaves an orphan at the next test's rows."""
        inner = children(process.pid)[:1] if self.before else []
        for pid in inner or [process.pid]:
            kill(pid, signal.SIGTERM)

    def tend(self) -> None:
        """Start again whatever is gone, as systemd or compose would."""
        self.processes = [process for process in self.processes if process.poll() is None]
        while len(self.processes) < self.count:
            with self.log.open("ab") as log:
                command = [*self.before, sys.executable, "manage.py", "work"]
                process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
            self.processes.append(process)

    def kill_one(self, chance_of_all: float = 0.1) -> str:
        """SIGKILL some worker process; now and then a whole family, dispatcher first. Says which, or "" for nobody.

        A family that has not come up yet is left alone: killing it would only be waiting.
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
        """All families at once, as when the machine loses its power."""
        for process in self.processes:
            kill_family(process.pid)

    def until(self, is_so, seconds: float = PATIENCE, every: float = 0.1, meanwhile=lambda: None, **said) -> None:
        """Wait for it, and start again whatever was killed: a poll is killed with the dispatcher that takes it."""

        def tend():
            self.tend()
            meanwhile()

        until(is_so, seconds, every, tend, **said)

    def pids(self) -> list[int]:
        return [pid for process in self.processes for pid in (process.pid, *children(process.pid))]


def environment(folder: Path, hosts: list[str], **more) -> dict:
    """Return the environment of the processes: short leases and requests, and the addresses of the fakes."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.elsewhere.site",
        "TAPWARI_VAR": str(folder),
        "TESTING": "yes",
        "TMPDIR": str(folder),  # what killed processes leave goes with the test
        "JOB_LEASE_SECONDS": "2",
        "WATCHDOG_SECONDS": "60",
        "PROVIDER_SECONDS": "2.5",  # a busy machine may need a second for what takes a millisecond
        "PROVIDER_PACE": "0.025",
        "PROVIDER_PRIVATE_HOSTS": ",".join(hosts),
        "FAILPOINT_DIR": str(folder),
        "JOBS_PER_WORKSPACE": "100000",
    } | more


def connect(slug: str, url: str, keys: dict, **facts) -> Connection:
    """An account of the site at a fake."""
    made = Connection.objects.create(provider=slug, label=slug, base_url=url, **facts)
    sealed = secrets.encrypt({"keys": keys, "headers": {}})
    ConnectionKey.objects.create(connection=made, version=made.key_version, sealed=sealed)
    return made


def ask(user, workspace, connection: Connection, words: str, *, model: str, key: str = "", **more) -> Clip:
    asked = {
        "prompt": words, "negative_prompt": "", "style": "cel", "provider": connection.provider, "model": model,
        "ratio": "16:9", "resolution": 480, "seconds": 5, "paint": True,
        "chips_off": [], "options": {}, "connection": connection,
    } | more  # fmt: skip
    [clip] = create_clips(ClipSpec(**asked), workspace=workspace, by=user, idem_key=key or uuid.uuid4().hex)
    return clip


def unsettled():
    return Job.objects.exclude(state__in=SETTLED)


def close(gangs: list[Workers], folder: Path) -> None:
    """Kill all workers of a test: an orphan would go on working on the rows of the next test."""
    sweep(folder)
    for gang in gangs:
        for process in gang.processes:
            process.wait()
