"""A separate virtual environment for each official SDK, created once and kept under var/."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE.parent.parent / "var/oracles"
SECONDS = 180  # to install one: the largest takes about fifteen


class NotInstallable(Exception):
    """The package index was unreachable or has no suitable wheel; carries its message."""


TROUBLE = (NotInstallable, OSError, subprocess.TimeoutExpired)


def at_least_one(names: Iterable[str]) -> str:
    """Return the first SDK that can be installed. Raises NotInstallable with all messages if there is none, since a run
    that skipped every SDK would prove nothing.
    """
    message = []
    for name in names:
        try:
            python_of(name)
        except TROUBLE as trouble:
            message.append(f"{name}: {trouble}")
        else:
            return name
    raise NotInstallable("\n".join(message))


def python_of(name: str) -> Path:
    """Return the interpreter of an SDK's environment, which is rebuilt if its requirements changed."""
    folder, wanted = KEPT / name, HERE / name / "requirements.txt"
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "-r", str(wanted),
            "--python", str(folder / "bin/python"))  # fmt: skip
        shutil.copy(wanted, stamp)
    return folder / "bin/python"


def _uv(*words: str) -> None:
    own = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [own if own.exists() else "uv", *words], capture_output=True, text=True, timeout=SECONDS, env=_bare()
    )
    if done.returncode:
        raise NotInstallable(done.stderr.strip()[-600:])


def _bare() -> dict[str, str]:
    """Return the environment without the variables of our own virtual environment."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
