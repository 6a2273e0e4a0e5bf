"""A site with made-up people, clips and jobs (manage.py seed_load), for the benchmarks of pages: on PostgreSQL and
Redis, or with DATABASE=sqlite as the default installation, which has a Redis as well.
"""

import contextlib
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests
import yaml

from tests.servers import free_ports, postgres, postgres_url, redis, redis_url


@contextlib.contextmanager
def seeded_site(**options: object) -> Iterator[tuple[str, Path]]:
    """Seed a fresh database, in this process's settings. Yields the address for a web process, and its folder."""
    with tempfile.TemporaryDirectory(prefix="tapwari-load-") as name, _servers():
        [port] = free_ports(1)
        os.environ |= {
            "TAPWARI_VAR": name,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "MEDIA_ORIGIN": f"http://localhost:{port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        began = time.monotonic()
        call_command("seed_load", **options)
        update_statistics()
        print(f"seeded in {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        yield os.environ["SITE_URL"], Path(name)


@contextlib.contextmanager
def _servers() -> Iterator[None]:
    """Start Redis and, unless DATABASE=sqlite, PostgreSQL for the settings."""
    with contextlib.ExitStack() as stack:
        os.environ["REDIS_URL"] = redis_url(stack.enter_context(redis()))
        os.environ.pop("DATABASE_URL", None)
        if os.environ.get("DATABASE") != "sqlite":
            database = stack.enter_context(postgres(fsync="on", shared_buffers="512MB"))
            os.environ["DATABASE_URL"] = postgres_url(database)
        yield


def update_statistics() -> None:
    """Update what the database's planner knows about the rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def count_web_processes() -> int:
    """Return how many web processes docker-compose.yml runs."""
    services = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]
    return services["web"]["deploy"]["replicas"]


@contextlib.contextmanager
def web_processes(url: str, folder: Path, count: int) -> Iterator[list[str]]:
    """Run web processes until they answer; stop them at the end. Yields their addresses, first ``url``."""
    from jobs.worker import startup

    urls = [url, *(f"http://127.0.0.1:{port}" for port in free_ports(count - 1))]
    processes = []
    with (folder / "web.log").open("ab") as log:
        for each in urls:
            command = startup.build_web("127.0.0.1", int(each.rpartition(":")[2]))
            env = os.environ | command.env
            processes.append(subprocess.Popen(command.command, env=env, stdout=log, stderr=log))
    try:
        deadline = time.monotonic() + 120
        while not all(map(_answers, urls)):
            if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
                raise SystemExit((folder / "web.log").read_text()[-2000:])
            time.sleep(0.1)
        yield urls
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz/", timeout=5).ok
    except requests.RequestException:
        return False


def sign_in_owner() -> dict[str, str]:
    """Return the cookies of the person who owns the largest share."""
    from accounts.models import User
    from studio.management.commands.seed_load import OWNER
    from tests.site_processes.web_server import sign_in

    return sign_in(User.objects.get(email=OWNER))


def percentile(seconds: list[float], share: float) -> float | None:
    """Return a percentile in milliseconds; None without measurements."""
    return round(sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)] * 1000, 1) if seconds else None
