"""``manage.py new_provider`` writes an adapter, its fake and its contract entry that work together."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

ROOT = Path(__file__).parents[2]
FOLDERS = [
    "accounts",
    "common",
    "config",
    "gallery",
    "generation",
    "jobs",
    "locale",
    "static",
    "studio",
    "templates",
    "tests",
]
IGNORED = shutil.ignore_patterns("__pycache__", "browser", "*.webp", "*.mp4", "*.woff2")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of this checkout, in which the command has run."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in ("manage.py", "pyproject.toml", "docker-compose.yml"):
        shutil.copy(ROOT / name, folder)
    run(folder, "manage.py", "new_provider", "dream-forge", "--label", "Dream Forge")
    return folder


def run(folder, *arguments):
    """Run Python in the folder and return what it prints. Fails with that if Python does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment | {"TAPWARI_VAR": str(folder / "var")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_new_provider_passes_lint(checkout):
    paths = ["generation/providers", "tests/fakes", "tests/generation/providers/contract.py"]

    run(checkout, "-m", "ruff", "check", *paths)
    run(checkout, "-m", "ruff", "format", "--check", *paths)


@pytest.mark.slow
def test_a_new_provider_passes_tests_of_the_contract(checkout):
    names = ["modes", "errors"]
    tests = [f"tests/generation/providers/test_contract_{name}.py" for name in names]

    printed = run(checkout, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-k", "dream-forge", *tests)

    assert "passed" in printed


@pytest.mark.parametrize("name", ["kling", "server", "language", "Kling", "9to5", "a--b", "../kling", "class"])
def test_a_name_that_is_taken_or_invalid_is_refused(name):
    with pytest.raises(CommandError):
        call_command("new_provider", name)
