"""manage.py reads the environment file of the services, and its commands say on which database they work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import env_file

ROOT = Path(__file__).parent.parent


@pytest.fixture
def environment(monkeypatch):
    """An empty environment, which ``load`` fills."""
    monkeypatch.setattr(os, "environ", {})
    return os.environ


@pytest.fixture
def file(tmp_path):
    """``file(text)`` writes an environment file."""

    def write(text):
        path = tmp_path / "site.env"
        path.write_text(text)
        return path

    return write


def test_file_fills_what_the_environment_leaves_open(environment, file):
    environment |= {"TAPWARI_ENV": str(file("# site\nA=1\n\nB = \"x = y\"\nC='#z'\n; old\nD=\n")), "A": "2"}

    env_file.load()

    assert environment.items() >= {"A": "2", "B": "x = y", "C": "#z", "D": ""}.items()


def test_default_file_is_read_if_it_exists_and_can_be_switched_off(environment, file, tmp_path):
    env_file.load(tmp_path / "none")
    assert environment["TAPWARI_ENV"] == ""  # for child processes
    env_file.load(file("A=1"))
    assert "A" not in environment

    del environment["TAPWARI_ENV"]
    env_file.load(file("A=1"))
    assert environment["A"] == "1"


def test_unusable_file_stops_with_a_sentence(environment, file, tmp_path):
    environment["TAPWARI_ENV"] = str(tmp_path / "none")
    with pytest.raises(SystemExit, match="cannot be read"):
        env_file.load()
    environment["TAPWARI_ENV"] = str(file("A=1\nhello\n"))
    with pytest.raises(SystemExit, match="line 2: expected NAME=value"):
        env_file.load()

    environment |= {"TAPWARI_ENV": str(tmp_path / "none"), "DATABASE_URL": "postgres://db/t"}
    env_file.load()  # a service that was started with all settings


def test_command_works_on_the_database_of_the_file_and_says_so_first(file, tmp_path):
    path = file(f"DATABASE_URL=postgres://mika:secret@127.0.0.1:1/site\nTAPWARI_VAR={tmp_path}\n")

    done = subprocess.run(
        [sys.executable, "manage.py", "maintenance", "show"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "TAPWARI_ENV": str(path)}, capture_output=True, text=True,
    )  # fmt: skip

    assert done.stderr.splitlines()[0] == "Database: PostgreSQL site at 127.0.0.1:1"
    assert done.returncode != 0 and "secret" not in done.stderr
