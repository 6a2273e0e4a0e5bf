"""A whole site for the browser tests: ``manage.py up`` in a fresh folder on a free port."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests import migrated_database
from tests.processes import TIMEOUT, stop
from tests.servers import free_ports

ROOT = Path(__file__).parent.parent.parent
NEWEST_JOBS = """
    SELECT job.created_at, job.kind, job.state, job.rev, job.lease_until, job.next_run_at,
        (SELECT group_concat(e.at || ' ' || e.new || ' ' || e.reason, ', ')
            FROM jobs_jobevent e WHERE e.job_id = job.id)
    FROM jobs_job job ORDER BY job.created_at DESC LIMIT 5
"""
PREPARE = "from jobs.worker import startup; startup.migrate(print); startup.build_static(print)"
EXPIRE_LEASES = """
    UPDATE jobs_job SET lease_until = '2020-01-01 00:00:00' WHERE lease_until < datetime('now', '+1 hour')
"""


@dataclass
class Site:
    """A running site that writes only below ``folder``."""

    url: str
    folder: Path
    process: subprocess.Popen

    def worker_pids(self) -> list[int]:
        """Return the process ids of the workers' main process and of all its children."""
        found = subprocess.run(["pgrep", "-f", "manage.py workers"], capture_output=True, text=True, check=False)
        return [pid for pid in map(int, found.stdout.split()) if self._is_ours(pid)]

    def expire_leases(self) -> None:
        """End the leases of killed workers, but not those of seed.py, which last for days."""
        with contextlib.closing(self._database()) as database, database:
            database.execute(EXPIRE_LEASES)

    def age_accounts(self) -> None:
        """Let all accounts be a month old: new ones may not react to works of a public gallery."""
        with contextlib.closing(self._database()) as database, database:
            database.execute("UPDATE accounts_user SET date_joined = datetime('now', '-30 days')")

    def describe(self) -> str:
        """Return the newest jobs with their events, and the end of the log, for the report of a failed test."""
        with contextlib.closing(self._database()) as database:
            jobs = database.execute(NEWEST_JOBS).fetchall()
        log = (self.folder / "up.log").read_text(errors="replace").splitlines()
        return "\n".join([*(" ".join(map(str, job)) for job in jobs), *log[-40:]])

    def run_python(self, code: str) -> str:
        """Run code in a Django shell of this site and return what it prints."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        environment = os.environ | {"TAPWARI_VAR": str(self.folder)}
        completed = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        return completed.stdout

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "tapwari.sqlite3", timeout=60)

    def _is_ours(self, pid: int) -> bool:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"TAPWARI_VAR={self.folder}".encode() in environment


def build_environment(folder: Path, **variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("S3_", "DATABASE", "REDIS"))}
    return inherited | {"TAPWARI_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.browser.settings", **variables}


def prepare_folder(folder: Path) -> None:
    """Migrate a database and collect static files into a folder, from which several sites can start."""
    folder.mkdir()
    if (kept := migrated_database.get_path()).exists():
        shutil.copyfile(kept, folder / "tapwari.sqlite3")
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", PREPARE]
    subprocess.run(command, cwd=ROOT, env=build_environment(folder), check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def running_site(folder: Path, prepared: Path | None = None, **variables: str):
    """Start a site, with a copy of a prepared folder if there is one. Kill it afterwards: its folder is not kept."""
    if prepared:
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
    (port,) = free_ports(1)
    environment = build_environment(folder, PORT=str(port), **variables)
    with (folder / "up.log").open("wb") as log:
        command = [sys.executable, "manage.py", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    site = Site(f"http://localhost:{port}", folder, process)
    try:
        wait_until_healthy(site)
        yield site
    finally:
        stop([process], folder, signal.SIGKILL)


def wait_until_healthy(site: Site) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{site.url}/healthz/", timeout=20):
            return
        assert site.process.poll() is None, (site.folder / "up.log").read_text()
        time.sleep(0.3)
    raise AssertionError((site.folder / "up.log").read_text())
