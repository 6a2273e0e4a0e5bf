"""The fakes are held to the official SDKs: each SDK, pointed at the fake, must complete its calls.

Every oracle is a folder: its pinned requirements and ``speak.py``, which runs in an environment of its own and ends
with an error when something that the SDK was told does not fit. What cannot be installed here is skipped by name.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.fakes.everyone import every_fake
from tests.fakes.server import Fake, Reply, Town
from tests.oracles.environments import NotInstallable, python_of
from tests.oracles.site.oracle import FILM

HERE = Path(__file__).parent
ORACLES = sorted(path.parent.name for path in HERE.glob("*/speak.py"))
SPEAK_SECONDS = 120

pytestmark = pytest.mark.oracles


class Say(Fake):
    """How a script bends the fakes from its own process: ``/say/kling/next/poll/auth``, ``/say/kling/times/60/0``."""

    slug = "say"

    def __init__(self, others: dict[str, Fake]):
        super().__init__()
        self.others = others

    def answer(self, request) -> Reply:
        slug, deed, *words = request.path.strip("/").split("/")
        if deed == "next":
            self.others[slug].next(*words)
        else:
            self.others[slug].queued, self.others[slug].running = map(float, words)
        return Reply(200, {})


@pytest.fixture
def town():
    fakes = {slug: kind(FILM) for slug, kind in every_fake().items()}
    fakes["comfyui"].is_authorised = lambda request: True  # the official proxy before it sends no header
    with Town([*fakes.values(), Say(fakes)]) as made:
        yield made


@pytest.mark.parametrize("name", ORACLES)
def test_the_sdk_completes_its_calls_at_the_fake(name, town, tmp_path):
    try:
        python = python_of(name)
    except (NotInstallable, OSError, subprocess.TimeoutExpired) as trouble:
        pytest.skip(f"{name} could not be installed: {trouble}")
    keys = {slug: fake.key for slug, fake in town.fakes.items()}
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(HERE / "site"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ORACLE_TOWN": f"http://127.0.0.1:{town.server_port}",
        "ORACLE_KEYS": json.dumps(keys),
        "NO_PROXY": "*",
    }

    done = subprocess.run(
        [python, HERE / name / "speak.py"],
        env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=SPEAK_SECONDS,
    )  # fmt: skip

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert any(fake.created for fake in town.fakes.values()), "it asked for nothing"


def test_every_sdk_has_something_to_say():
    locked = {path.parent.name for path in HERE.glob("*/requirements.txt")}

    assert set(ORACLES) == locked
