"""A whole site of its own for the browser walks: `manage.py up` in a fresh folder on a free port."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.processes import PATIENCE, end
from tests.servers import free_ports

ROOT = Path(__file__).parent.parent.parent
NEWEST_JOBS = """
    SELECT job.created_at, job.kind, job.state, job.rev, job.lease_until, job.next_run_at,
        (SELECT group_concat(e.at || ' ' || e.new || ' ' || e.reason, ', ')
            FROM jobs_jobevent e WHERE e.job_id = job.id)
    FROM jobs_job job ORDER BY job.created_at DESC LIMIT 5
"""


@dataclass
class Site:
    """``url`` is where it stands; ``folder`` is all that it writes."""

    url: str
    folder: Path
    process: subprocess.Popen

    def workers(self) -> list[int]:
        """Process ids of the workers' main process and all below it."""
        found = subprocess.run(["pgrep", "-f", "manage.py workers"], capture_output=True, text=True, check=False)
        return [pid for pid in map(int, found.stdout.split()) if self._is_ours(pid)]

    def said(self) -> str:
        """For whoever reads why a walk failed: the newest jobs with what happened to each, and the log's last words."""
        with contextlib.closing(sqlite3.connect(self.folder / "tapwari.sqlite3")) as rows:
            jobs = rows.execute(NEWEST_JOBS).fetchall()
        log = (self.folder / "up.log").read_text(errors="replace").splitlines()
        return "\n".join([*(" ".join(map(str, job)) for job in jobs), *log[-40:]])

    def _is_ours(self, pid: int) -> bool:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"TAPWARI_VAR={self.folder}".encode() in environment


@contextlib.contextmanager
def running_site(folder: Path, **variables: str):
    """Start it, wait until it answers, and stop it with Ctrl-C's signal."""
    (port,) = free_ports(1)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("S3_", "DATABASE", "REDIS"))
    }
    environment |= {"TAPWARI_VAR": str(folder), "PORT": str(port), "JOB_LEASE_SECONDS": "6"}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.browser.settings", **variables}
    with (folder / "up.log").open("wb") as log:
        command = [sys.executable, "manage.py", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    site = Site(f"http://localhost:{port}", folder, process)
    try:
        wait_for(site)
        yield site
    finally:
        end([process], folder, signal.SIGINT)


def wait_for(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{site.url}/healthz/", timeout=20):
            return
        assert site.process.poll() is None, (site.folder / "up.log").read_text()
        time.sleep(0.3)
    raise AssertionError((site.folder / "up.log").read_text())
