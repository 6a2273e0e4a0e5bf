"""./run reports problems in one sentence before it starts anything."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parent.parent
TOOLS = ["awk", "cat", "cmp", "cp", "df", "dirname", "grep", "id", "mkdir", "mktemp", "rm", "sh", "tail"]


@pytest.fixture
def installation(tmp_path):
    """A folder with the files of ./run, an installed environment, and a site that only prints hello."""
    for name in ("run", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    shutil.copy(ROOT / "requirements.txt", tmp_path / ".venv/installed-requirements.txt")
    (tmp_path / "manage.py").write_text("import os, sys; print('hello', os.environ['PORT'], *sys.argv[1:])")
    return tmp_path


@pytest.fixture
def run(installation):
    def start(**environment):
        (port,) = servers.free_ports(1)
        return subprocess.run(
            ["./run"],
            cwd=installation,
            env={"PATH": os.environ["PATH"], "PORT": str(port), **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    return start


def create_program(folder, name, script):
    """Create a fake program. Returns a PATH on which it comes first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def read_error(completed):
    """Return the only line of stderr of a failed run."""
    assert completed.returncode != 0
    assert "Traceback" not in completed.stderr
    (sentence,) = completed.stderr.strip().splitlines()
    return sentence


def test_an_installed_site_starts_on_the_requested_port(run):
    (port,) = servers.free_ports(1)

    completed = run(PORT=str(port))

    assert (completed.returncode, completed.stdout, completed.stderr) == (0, f"hello {port} up\n", "")


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - other programs listen on it
def test_a_taken_port_is_reported_with_another_to_try(run, address):
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]

        sentence = read_error(run(PORT=str(port)))

    assert f"Port {port} is taken" in sentence
    assert f"PORT={port + 1} ./run" in sentence


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "80 80"])
def test_an_invalid_port_is_refused(run, port):
    assert "must be a number from 1 to 65535" in read_error(run(PORT=port))


def test_a_folder_without_write_permission_is_reported(run):
    assert "cannot write to /proc/tapwari" in read_error(run(TAPWARI_VAR="/proc/tapwari"))


def test_a_full_disk_is_reported(run, tmp_path):
    lines = "Filesystem 1024-blocks Used Available Capacity Mounted\n/dev/full 9 9 2048 99% /"
    path = create_program(tmp_path / "fakes", "df", f"printf '%s\\n' '{lines}'")

    assert "needs 200 MB and 2 MB are free" in read_error(run(PATH=path))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: failed to fetch: dns error: Temporary failure in name resolution", "no network"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("error: Permission denied (os error 13)", "no write permission"),
    ],
)
def test_a_failed_installation_reports_its_cause(run, installation, output, sentence):
    (installation / ".venv/installed-requirements.txt").unlink()
    script = f'[ "$1" = --version ] && exit; echo "{output}" >&2; exit 2'
    path = create_program(installation / "fakes", "uv", script)

    assert sentence in read_error(run(PATH=path))
    assert not (installation / ".venv/installed-requirements.txt").exists()


def test_without_a_suitable_python_it_says_what_to_install(run, installation):
    shutil.rmtree(installation / ".venv")
    folder = installation / "fakes"
    create_program(folder, "python3", "exit 1")
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name))

    assert "needs Python 3.12 or newer" in read_error(run(PATH=str(folder)))
