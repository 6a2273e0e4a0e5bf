"""Places where a test can kill, stop or break a process. Without the environment variables nothing happens."""

import os
import signal
import time
from pathlib import Path

from django.conf import settings


def failpoint(name: str, key: str = "") -> None:
    """Fire once per name and key if ``FAILPOINTS="name=kill,other=sleep:2"`` and ``TESTING=yes`` are set.

    ``name@key=kill`` fires for that key only, and ``die`` kills every time. The file ``failpoint-name-key`` marks that
    a failpoint has fired; ``hold`` waits until the test creates a file of that name with ``-go`` added.
    """
    if not settings.TESTING:
        return
    specs = dict(part.split("=", 1) for part in os.environ.get("FAILPOINTS", "").split(",") if "=" in part)
    spec = specs.get(f"{name}@{key}") or specs.get(name)
    if not spec:
        return
    if spec == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    mark = Path(os.environ.get("FAILPOINT_DIR", settings.VAR_DIR)) / f"failpoint-{name}-{key}"
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    _fire(spec, name, mark)


def _fire(spec: str, name: str, mark: Path) -> None:
    if spec == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif spec == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif spec.startswith("sleep:"):
        time.sleep(float(spec.removeprefix("sleep:")))
    elif spec == "hold":
        while not mark.with_name(f"{mark.name}-go").exists():
            time.sleep(0.02)
    elif spec == "raise":
        raise RuntimeError(f"failpoint {name}")
