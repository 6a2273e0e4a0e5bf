"""A whole site of its own for the browser walks: `manage.py up` in a fresh folder on a free port."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.processes import PATIENCE, end
from tests.servers import free_ports

ROOT = Path(__file__).parent.parent.parent


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
