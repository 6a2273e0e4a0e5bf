"""Make a thousand clips at faulty providers, with workers killed at random, on PostgreSQL.

No job may be lost, none bought twice according to the providers' own records, and the ledger must balance. A job may
stay unknown only if nobody can find out its result: it counts as lost if the provider can be asked or has called back
and made its clip, or can prove that it did not. Providers with callbacks send them (``calls``), every tenth twice. Then
an engine that is broken on purpose (it resends requests with an unknown result) must be caught by the same count.

JOBS, KILLS and CLUSTERS change the size, SEED the faults. Each cluster has as many workers as the settings say;
``whole`` counts the kills of whole clusters. The run prints the whole history of each lost job and every goal that was
missed, and exits with 1 if there was any; a run smaller than MINIMUMS is a missed goal. The last line is JSON.
"""

import json
import os
import random
import secrets
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks import chaos_lost, verdict
from benchmarks.chaos_callbacks import CallbackSender
from tests.servers import postgres, postgres_url

JOBS, KILLS = int(os.environ.get("JOBS", "1000")), int(os.environ.get("KILLS", "100"))
CLUSTERS = int(os.environ.get("CLUSTERS", "2"))  # each with as many workers as the setting WORKERS says
BROKEN_ENGINE_JOBS = 60
SLUGS = ("kling", "comfyui", "ark", "dashscope", "minimax-v2", "vidu", "fal", "zhipu")
FAULTS = {"cut_after_create": 0.03, "html_502_after_create": 0.02, "busy": 0.03, "cut": 0.01}
MINIMUMS = {"jobs": 1000, "kills": 100, "whole": 1, "calls": 1}
TIMEOUT = 2700.0
RECOVERY_TIMEOUT = 180.0  # seconds for recoverable unknown jobs after all others have ended


def main() -> None:
    random.seed(int(os.environ.get("SEED", "4")))
    with tempfile.TemporaryDirectory(prefix="tapwari-chaos-") as folder:
        intact = run_in_child(Path(folder) / "intact", JOBS, KILLS)
        broken = run_in_child(Path(folder) / "broken", BROKEN_ENGINE_JOBS, 20, RESENDING_ENGINE="yes")
    names = ("jobs", "kills", "whole", "calls", "lost", "double", "unknown", "broken", "seconds")
    figures = {name: intact[name] for name in names} | {"twin_caught": broken["double"] > 0}
    verdict.report(figures, find_misses(figures))


def find_misses(figures: dict) -> list[str]:
    """Return a message for each missed goal, including a run that is too small."""
    messages = verdict.list_above(figures, {"lost": 0, "double": 0, "broken": 0})
    messages += verdict.list_below(figures, MINIMUMS)
    return messages + ([] if figures["twin_caught"] else ["the engine that is broken on purpose was not caught"])


def run_in_child(folder: Path, jobs: int, kills: int, **more) -> dict:
    """Run once in a child process, because Django reads its settings once."""
    folder.mkdir()
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        with os.fdopen(writer, "w") as out:
            out.write(json.dumps(run(folder, jobs, kills, more)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as output:
        found = json.loads(output.read() or "null")
    os.waitpid(pid, 0)
    if found is None:
        raise SystemExit("The run broke; its reason is above.")
    return found


def run(folder: Path, jobs: int, kills: int, more: dict) -> dict:
    with postgres() as server:
        os.environ |= {"DATABASE_URL": postgres_url(server), "TAPWARI_VAR": str(folder), "TESTING": "yes"}
        os.environ |= {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "DJANGO_SETTINGS_MODULE": "tests.site_processes.settings",
        }
        os.environ |= {"JOBS_PER_WORKSPACE": "100000", "LOG_LEVEL": "WARNING"}
        os.environ |= {"SITE_URL": "https://studio.example", "MEDIA_ORIGIN": "https://media.example"}  # for callbacks
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return Chaos(folder, jobs, kills, more).run()


class Chaos:
    def __init__(self, folder: Path, jobs: int, kills: int, more: dict):
        from tests.fakes.all_fakes import find_fakes
        from tests.fakes.server import FakeServer
        from tests.generation.providers.contract import CONTRACT
        from tests.site_processes import workers

        self.processes, self.folder, self.jobs, self.kills, self.more = workers, folder, jobs, kills, more
        kinds = find_fakes()
        self.fake_server = FakeServer(
            [kinds[slug](create_tiny_film(folder), queued=0.3, running=0.7) for slug in SLUGS if slug in kinds]
        )
        self.entries = {entry.slug: entry for entry in CONTRACT}
        self.callback_sender = CallbackSender(self.fake_server.fakes, self.entries)
        self.killed, self.began, self.ended = Counter(), time.monotonic(), None

    def run(self) -> dict:
        from django.conf import settings

        with self.fake_server:
            hosts = [f"{host}:{self.fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
            environment = self.processes.environment(self.folder, hosts, **self.more)
            settings.PROVIDER_PRIVATE_HOSTS = hosts  # allows fetching keys for callback signatures from the fakes
            self.callback_sender.start()
            with self.processes.Workers(environment, self.folder / "work.log", CLUSTERS) as self.workers:
                requester = threading.Thread(target=self.request_all)
                requester.start()
                self.processes.until(lambda: self.is_over(requester), TIMEOUT, every=0.4, meanwhile=self.kill_workers)
            self.callback_sender.end()
        return self.figures()

    def request_all(self) -> None:
        """Request all clips, every tenth twice with the same key."""
        from accounts.access import get_home
        from accounts.models import User

        user = User.objects.create(email="chaos@example.test", name="Chaos")
        for fake in self.fake_server.fakes.values():
            names = random.choices(["", *FAULTS], [1 - sum(FAULTS.values()), *FAULTS.values()], k=self.jobs)
            fake.next("submit", *names)
        connections = [
            self.processes.connect(
                slug,
                self.fake_server.url(slug),
                dict(self.entries[slug].keys) or {"api_key": fake.key},
                concurrency=1000,
                per_minute=32000,
            )
            for slug, fake in self.fake_server.fakes.items()
        ]
        for connection in connections:
            self.callback_sender.register(connection)
        for n in range(self.jobs):
            request, key = self.build_request(connections[n % len(connections)], n), f"request-{n}"
            for _time in range(2 if n % 10 == 0 else 1):
                self.processes.create_clip(user, get_home(user), key=key, **request)

    def build_request(self, connection, n: int) -> dict:
        """Return the smallest request that the connection's first text-to-video model accepts."""
        from generation.providers.base import Mode
        from generation.providers.registry import provider

        model = next(found for found in provider(connection.provider).capabilities() if Mode.WORDS in found.modes)
        size = {"ratio": model.ratios[0], "resolution": model.resolutions[0], "seconds": model.seconds[0]}
        return {"connection": connection, "prompt": f"cat number {n} on a roof", "model": model.model, "seed": n} | size

    def kill_workers(self) -> None:
        self.workers.restart()
        may_kill = sum(self.killed.values()) < self.kills and random.random() < 0.5
        if may_kill and (victim := self.workers.kill_one()):
            self.killed[victim] += 1

    def is_over(self, requester) -> bool:
        from jobs.models import State

        left = self.processes.unfinished_jobs().exclude(state=State.UNKNOWN)
        if requester.is_alive() or sum(self.killed.values()) < self.kills or left.exists():
            self.ended = None
            return False
        self.ended = self.ended or time.monotonic()
        return not self.find_recoverable() or time.monotonic() - self.ended > RECOVERY_TIMEOUT

    def find_recoverable(self) -> list:
        return chaos_lost.find_recoverable(self.fake_server.fakes)

    def describe(self, clip) -> list[str]:
        return chaos_lost.describe(
            clip, self.fake_server.fakes, self.callback_sender.reported, self.folder / "work.log"
        )

    def figures(self) -> dict:
        from jobs import maintenance
        from jobs.models import Job, State

        states, recoverable = Counter(Job.objects.values_list("state", flat=True)), self.find_recoverable()
        bought = Counter(
            fake.read_request(task)["prompt"] for fake in self.fake_server.fakes.values() for task in fake.created
        )
        violations = maintenance.find_violations()
        histories = [line for clip in [*recoverable, *chaos_lost.find_failed_clips()] for line in self.describe(clip)]
        for line in (dict(states), dict(self.killed), *violations[:5], *histories):
            print(line)  # noqa: T201
        return {
            "jobs": sum(states.values()),
            "kills": sum(self.killed.values()),
            "whole": self.killed["all"],
            "calls": self.callback_sender.calls,
            "lost": self.jobs - states[State.READY] - states[State.UNKNOWN] + len(recoverable),
            "double": sum(count - 1 for count in bought.values()),
            "unknown": states[State.UNKNOWN] - len(recoverable),
            "broken": len(violations),
            "seconds": round(time.monotonic() - self.began),
        }


def create_tiny_film(folder: Path) -> bytes:
    """Return the bytes of a one-second clip with movement, small because its import is not measured."""
    import av
    import numpy as np

    path = folder / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for n in range(24):
            picture = np.full((72, 128, 3), 40, np.uint8)
            picture[10:50, 3 * n : 3 * n + 24] = (220, 120, 60)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


if __name__ == "__main__":
    main()
