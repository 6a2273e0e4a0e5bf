"""A thousand clips at providers that misbehave, made by workers that are killed at random, on PostgreSQL.

Nothing may be lost, nothing bought twice by the providers' own books, and the ledger must balance. Unknown may stay
only what nobody can find out: a job counts as lost where the provider can be asked or has called back and made its
clip, or can prove that it did not. Those that call back do so (``calls``), as in production, and every tenth twice.
Then an engine that is broken on purpose (it sends again what it does not know the end of) must be caught by the same
count.

JOBS, KILLS and CLUSTERS change the size, SEED the trouble. A run of fewer jobs or kills than LEAST proves nothing, says
so, and ends with 1 as well. Each cluster has as many workers as the settings say. ``whole`` of the kills were of a
whole cluster. What is lost is told with its whole history, what was missed is said, and it ends with 1. The last line
is JSON.
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
from benchmarks.chaos_calls import Callers
from tests.servers import postgres, postgres_url

JOBS, KILLS = int(os.environ.get("JOBS", "1000")), int(os.environ.get("KILLS", "100"))
CLUSTERS = int(os.environ.get("CLUSTERS", "2"))  # WORKERS is read by the settings: how many each of these has
TWIN_JOBS = 60
SLUGS = ("kling", "comfyui", "ark", "dashscope", "minimax-v2", "vidu", "fal", "zhipu")
FAULTS = {"cut_after_create": 0.03, "html_502_after_create": 0.02, "busy": 0.03, "cut": 0.01}
LEAST = {"jobs": 1000, "kills": 100, "whole": 1, "calls": 1}
PATIENCE = 2700.0
SECOND_LOOKS = 180.0  # seconds for what is unknown and can be found out, after all else has ended


def main() -> None:
    random.seed(int(os.environ.get("SEED", "4")))
    with tempfile.TemporaryDirectory(prefix="tapwari-chaos-") as folder:
        honest = in_a_studio(Path(folder) / "honest", JOBS, KILLS)
        twin = in_a_studio(Path(folder) / "twin", TWIN_JOBS, 20, TWIN="yes")
    names = ("jobs", "kills", "whole", "calls", "lost", "double", "unknown", "broken", "seconds")
    figures = {name: honest[name] for name in names} | {"twin_caught": twin["double"] > 0}
    verdict.give(figures, missed(figures))


def missed(figures: dict) -> list[str]:
    """What was asked of jobs and of the trouble they met; a run that met less proves less."""
    words = verdict.above(figures, {"lost": 0, "double": 0, "broken": 0})
    words += verdict.below(figures, LEAST)
    return words + ([] if figures["twin_caught"] else ["the engine that is broken on purpose was not caught"])


def in_a_studio(folder: Path, jobs: int, kills: int, **more) -> dict:
    """One run in a process of its own, since Django's settings are read once."""
    folder.mkdir()
    told, answers = os.pipe()
    pid = os.fork()
    if not pid:
        with os.fdopen(answers, "w") as out:
            out.write(json.dumps(run(folder, jobs, kills, more)))
        os._exit(0)
    os.close(answers)
    with os.fdopen(told) as answer:
        found = json.loads(answer.read() or "null")
    os.waitpid(pid, 0)
    if found is None:
        raise SystemExit("The run broke; its reason is above.")
    return found


def run(folder: Path, jobs: int, kills: int, more: dict) -> dict:
    with postgres() as server:
        os.environ |= {"DATABASE_URL": postgres_url(server), "TAPWARI_VAR": str(folder), "TESTING": "yes"}
        os.environ |= {"SECRET_KEY": secrets.token_urlsafe(64), "DJANGO_SETTINGS_MODULE": "tests.elsewhere.site"}
        os.environ |= {"JOBS_PER_WORKSPACE": "100000", "LOG_LEVEL": "WARNING"}
        os.environ |= {"SITE_URL": "https://studio.example", "MEDIA_ORIGIN": "https://media.example"}  # for callbacks
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return Chaos(folder, jobs, kills, more).run()


class Chaos:
    def __init__(self, folder: Path, jobs: int, kills: int, more: dict):
        from tests.elsewhere import studio
        from tests.fakes.everyone import every_fake
        from tests.fakes.server import Town
        from tests.generation.providers.contract import CONTRACT

        self.studio, self.folder, self.jobs, self.kills, self.more = studio, folder, jobs, kills, more
        kinds = every_fake()
        self.town = Town([kinds[slug](tiny_film(folder), queued=0.3, running=0.7) for slug in SLUGS if slug in kinds])
        self.entries = {entry.slug: entry for entry in CONTRACT}
        self.callers = Callers(self.town.fakes, self.entries)
        self.killed, self.began, self.ended = Counter(), time.monotonic(), None

    def run(self) -> dict:
        from django.conf import settings

        with self.town:
            hosts = [f"{host}:{self.town.server_port}" for host in ("127.0.0.1", "localhost")]
            told = self.studio.environment(self.folder, hosts, **self.more)
            settings.PROVIDER_PRIVATE_HOSTS = hosts  # a callback's signature may be proved with a key from there
            self.callers.start()
            with self.studio.Workers(told, self.folder / "work.log", CLUSTERS) as self.workers:
                asking = threading.Thread(target=self.ask_for_all)
                asking.start()
                self.studio.until(lambda: self.is_over(asking), PATIENCE, every=0.4, meanwhile=self.trouble)
            self.callers.end()
        return self.figures()

    def ask_for_all(self) -> None:
        """Every tenth wish is sent twice with one key, as an impatient person does."""
        from accounts.access import get_home
        from accounts.models import User

        user = User.objects.create(email="chaos@example.test", name="Chaos")
        for fake in self.town.fakes.values():
            names = random.choices(["", *FAULTS], [1 - sum(FAULTS.values()), *FAULTS.values()], k=self.jobs)
            fake.next("submit", *names)
        accounts = [
            self.studio.connect(slug, self.town.url(slug), dict(self.entries[slug].keys) or {"api_key": fake.key},
                                concurrency=1000, per_minute=32000)
            for slug, fake in self.town.fakes.items()
        ]  # fmt: skip
        for account in accounts:
            self.callers.answer_for(account)
        for n in range(self.jobs):
            wish, key = self.wish(accounts[n % len(accounts)], n), f"wish-{n}"
            for _time in range(2 if n % 10 == 0 else 1):
                self.studio.ask(user, get_home(user), key=key, **wish)

    def wish(self, account, n: int) -> dict:
        """The smallest thing that the account's first model of words makes."""
        from generation.providers.base import Mode
        from generation.providers.registry import provider

        model = next(each for each in provider(account.provider).capabilities() if Mode.WORDS in each.modes)
        size = {"ratio": model.ratios[0], "resolution": model.resolutions[0], "seconds": model.seconds[0]}
        return {"connection": account, "words": f"cat number {n} on a roof", "model": model.model, "seed": n} | size

    def trouble(self) -> None:
        self.workers.tend()
        may_kill = sum(self.killed.values()) < self.kills and random.random() < 0.5
        if may_kill and (who := self.workers.kill_one()):
            self.killed[who] += 1

    def is_over(self, asking) -> bool:
        from jobs.models import State

        left = self.studio.unsettled().exclude(state=State.UNKNOWN)
        if asking.is_alive() or sum(self.killed.values()) < self.kills or left.exists():
            self.ended = None
            return False
        self.ended = self.ended or time.monotonic()
        return not self.findable() or time.monotonic() - self.ended > SECOND_LOOKS

    def findable(self) -> list:
        return chaos_lost.findable(self.town.fakes)

    def history(self, clip) -> list[str]:
        return chaos_lost.history(clip, self.town.fakes, self.callers.heard, self.folder / "work.log")

    def figures(self) -> dict:
        from jobs import invariants
        from jobs.models import Job, State

        states, findable = Counter(Job.objects.values_list("state", flat=True)), self.findable()
        bought = Counter(fake.told(task)["prompt"] for fake in self.town.fakes.values() for task in fake.created)
        wrong = invariants.find_violations()
        told = [line for clip in [*findable, *chaos_lost.ended_otherwise()] for line in self.history(clip)]
        for line in (dict(states), dict(self.killed), *wrong[:5], *told):
            print(line)  # noqa: T201
        return {
            "jobs": sum(states.values()),
            "kills": sum(self.killed.values()),
            "whole": self.killed["all"],
            "calls": self.callers.calls,
            "lost": self.jobs - states[State.READY] - states[State.UNKNOWN] + len(findable),
            "double": sum(count - 1 for count in bought.values()),
            "unknown": states[State.UNKNOWN] - len(findable),
            "broken": len(wrong),
            "seconds": round(time.monotonic() - self.began),
        }


def tiny_film(folder: Path) -> bytes:
    """A second in which something moves: bringing it in is not what is measured."""
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
