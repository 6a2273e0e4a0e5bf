"""The lock files match pyproject.toml, are complete and hashed, and name no host."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
CHINA = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["china"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-china.txt"]
DIRECT_OF = dict(zip(LOCKS, [DIRECT, DIRECT + CHINA + DEVELOPMENT, CHINA], strict=True))


def read_pins(lock):
    """Return name → versions; several where Python versions or systems differ."""
    pins = {}
    for line in (ROOT / lock).read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line):
            pins.setdefault(canonicalize_name(found[1]), []).append(found[2])
    return pins


@pytest.mark.parametrize(("lock", "requirements"), DIRECT_OF.items(), ids=LOCKS)
def test_the_lock_pins_every_direct_dependency_within_its_range(lock, requirements):
    pins = read_pins(lock)

    for requirement in requirements:
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in {lock}: run `make lock`"
        for version in versions:
            assert version in requirement.specifier, f"{requirement.name} {version} in {lock}: run `make lock`"


def test_developers_and_users_run_the_same_versions():
    users, developers = read_pins(LOCKS[0]), read_pins(LOCKS[1])

    assert {name: developers.get(name) for name in users} == users


def test_the_extra_pins_only_what_the_default_installation_lacks():
    users, developers, china = (read_pins(lock) for lock in LOCKS)

    assert users.keys() & china.keys() == set()
    assert {name: developers.get(name) for name in china} == china


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_line_names_a_host(lock):
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    for pin in re.split(r"\n(?=\S)", text):
        assert pin.startswith("#") or "--hash=sha256:" in pin, pin


@pytest.mark.parametrize("lock", LOCKS)
def test_the_first_lines_explain_the_installation(lock):
    head = (ROOT / lock).read_text().splitlines()[:3]

    assert f"pip install --no-deps -r {lock}" in head[1]
    assert "moviepy" in head[2]
