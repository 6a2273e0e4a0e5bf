"""Check the fakes with the official SDKs: each SDK must complete its calls against its fake.

Every oracle is a folder with pinned requirements and ``speak.py``, which runs in its own environment and fails if the
SDK rejects an answer. SDKs that cannot be installed are skipped by name; if none can, the run fails unless
ORACLES_OFFLINE=1 is set.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.all_fakes import find_fakes
from tests.fakes.language import FakeLanguage
from tests.fakes.server import Fake, FakeServer, Reply
from tests.oracles import environments
from tests.oracles.environments import TROUBLE, NotInstallable, at_least_one, python_of
from tests.oracles.site.oracle import FILM

HERE = Path(__file__).parent
ORACLES = sorted(path.parent.name for path in HERE.glob("*/speak.py"))
SDKS = {
    "byteplus": {"byteplus-python-sdk-v2==3.0.63"},
    "comfy": {"comfy-api-proxy==0.1.6", "comfy-sdk==0.5.0"},
    "dashscope": {"dashscope==2.0.2"},
    "fal_client": {"fal-client==1.0.3"},
    "google_genai": {"google-genai==3.6.1"},
    "litellm": {"litellm==1.110.2"},
    "luma_agents": {"luma-agents==0.5.0"},
    "lumaai": {"lumaai==1.21.0"},
    "openai": {"openai==3.57.0"},
    "replicate": {"replicate==1.0.7"},
    "runwayml": {"runwayml==5.24.0"},
    "zai": {"zai-sdk==0.2.3"},
}
"""Documented SDKs. Not google-genai 1.60.0: it uses the old Veo API, which has ended and has no adapter."""
SPEAK_SECONDS = 300  # the largest takes ten on an idle machine

pytestmark = pytest.mark.oracles


class Say(Fake):
    """Control the fakes from the script's process: ``/say/kling/next/poll/auth``, ``/say/kling/times/60/0``, and get
    callbacks: ``/say/replicate/callback/<task>``."""

    slug = "say"

    def __init__(self, others: dict[str, Fake]):
        super().__init__()
        self.others = others

    def answer(self, request) -> Reply:
        slug, deed, *words = request.path.strip("/").split("/")
        if deed == "callback":
            headers, body = self.others[slug].callback(self.others[slug].tasks[words[0]])
            return Reply(200, {"headers": headers, "body": body.decode()})
        if deed == "next":
            self.others[slug].next(*words)
        else:
            self.others[slug].queued, self.others[slug].running = map(float, words)
        return Reply(200, {})


@pytest.fixture
def fake_server():
    fakes = {slug: kind(FILM) for slug, kind in find_fakes().items()} | {FakeLanguage.slug: FakeLanguage()}
    fakes["comfyui"].is_authorised = lambda request: True  # the official proxy in front of it sends no header
    with FakeServer([*fakes.values(), Say(fakes)]) as made:
        yield made


@pytest.fixture
def speak(fake_server, tmp_path):
    """``speak("zai")`` runs the script in the SDK's environment and returns its result."""
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(HERE / "site"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ORACLE_SERVER": f"http://127.0.0.1:{fake_server.server_port}",
        "ORACLE_KEYS": json.dumps({slug: fake.key for slug, fake in fake_server.fakes.items()}),
        "NO_PROXY": "*",
    }

    def run(name):
        try:
            command = [python_of(name), HERE / name / "speak.py"]
        except TROUBLE as trouble:
            pytest.skip(f"{name} could not be installed: {trouble}")
        return subprocess.run(
            command, env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=SPEAK_SECONDS
        )

    return run


@pytest.mark.parametrize("name", ORACLES)
def test_sdk_completes_its_calls_against_the_fake(name, speak, fake_server):
    done = speak(name)

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert any(fake.created for fake in fake_server.fakes.values()), "it asked for nothing"


def test_wrong_answer_of_a_fake_is_noticed(speak, fake_server):
    fake = fake_server.fakes["zhipu"]
    honest = fake.row
    fake.row = lambda *words: {name: value for name, value in honest(*words).items() if name != "task_status"}

    done = speak("zai")

    assert done.returncode != 0
    assert "task_status" in done.stderr


def test_sdk_script_cannot_reach_another_machine(tmp_path):
    line = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=5)"

    done = subprocess.run(
        [sys.executable, "-c", line],
        env={"PYTHONPATH": str(HERE / "site")},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "an SDK tried to reach 192.0.2.1" in done.stderr


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An SDK that cannot be installed, without network and cache."""
    (tmp_path / "nobody").mkdir()
    (tmp_path / "nobody/requirements.txt").write_text("replicate==1.0.7\n")
    monkeypatch.setattr(environments, "HERE", tmp_path)
    monkeypatch.setattr(environments, "KEPT", tmp_path / "kept")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setitem(globals(), "ORACLES", ["nobody"])
    monkeypatch.delenv("ORACLES_OFFLINE", raising=False)
    return tmp_path


def test_uninstallable_sdk_is_skipped_with_its_reason(offline):
    with pytest.raises(NotInstallable, match="replicate"):
        python_of("nobody")
    assert not (offline / "kept/nobody/requirements.txt").exists()


def test_at_least_one_sdk_ran():
    if os.environ.get("ORACLES_OFFLINE") == "1":
        pytest.skip("ORACLES_OFFLINE=1: the fakes may be held to nothing here")
    assert at_least_one(ORACLES)


def test_run_without_any_sdk_fails_unless_expected(offline, monkeypatch):
    with pytest.raises(NotInstallable, match=r"nobody: (?s:.)*replicate"):
        test_at_least_one_sdk_ran()

    monkeypatch.setenv("ORACLES_OFFLINE", "1")
    with pytest.raises(pytest.skip.Exception):
        test_at_least_one_sdk_ran()


def test_one_installed_sdk_is_enough(offline, monkeypatch):
    plain = environments.python_of
    monkeypatch.setattr(environments, "python_of", lambda name: plain(name) if name == "nobody" else name)

    assert at_least_one(["nobody", "zai", "nobody"]) == "zai"


def test_every_documented_sdk_has_a_pinned_version_and_script():
    locked = {path.parent.name: set(path.read_text().splitlines()) for path in HERE.glob("*/requirements.txt")}

    assert set(ORACLES) == set(locked) == set(SDKS)
    assert {name: SDKS[name] - locked[name] for name in SDKS} == {name: set() for name in SDKS}
