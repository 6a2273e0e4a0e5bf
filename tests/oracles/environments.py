"""A separate virtual environment for each official SDK, created once and kept under var/."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / "var/oracles"
SECONDS = 180  # to install one; the largest takes about fifteen


class NotInstallable(Exception):
    """The package index was unreachable or has no suitable wheel; carries its message."""


INSTALL_ERRORS = (NotInstallable, OSError, subprocess.TimeoutExpired)


def require_any_sdk(names: Iterable[str]) -> str:
    """Return the first SDK that can be installed.

    Raises NotInstallable with all messages if there is none, since a run that skips every SDK checks nothing.
    """
    messages = []
    for name in names:
        try:
            ensure_environment(name)
        except INSTALL_ERRORS as error:
            messages.append(f"{name}: {error}")
        else:
            return name
    raise NotInstallable("\n".join(messages))


def ensure_environment(name: str) -> Path:
    """Return the interpreter of an SDK's environment, which is rebuilt if its requirements changed."""
    folder, requirements = ENVIRONMENTS / name, HERE / name / "requirements.txt"
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_bytes() != requirements.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "-r", str(requirements),
            "--python", str(folder / "bin/python"))  # fmt: skip
        shutil.copy(requirements, stamp)
    return folder / "bin/python"


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    result = subprocess.run(
        [uv if uv.exists() else "uv", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=_build_environment(),
    )
    if result.returncode:
        raise NotInstallable(result.stderr.strip()[-600:])


def _build_environment() -> dict[str, str]:
    """Return the environment without the variables of our own virtual environment."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
