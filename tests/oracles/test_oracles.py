"""Check the fakes with the official SDKs: each SDK must complete its calls against its fake.

Every oracle is a folder with pinned requirements and ``run_sdk.py``, which runs in its own environment and fails if the
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
from tests.oracles.environments import INSTALL_ERRORS, NotInstallable, ensure_environment, require_any_sdk
from tests.oracles.site.oracle import FILM

HERE = Path(__file__).parent
ORACLES = sorted(path.parent.name for path in HERE.glob("*/run_sdk.py"))
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
SCRIPT_SECONDS = 300  # the largest takes ten on an idle machine

pytestmark = pytest.mark.oracles


class FakeControl(Fake):
    """Control the other fakes from the process of a script.

    ``/control/kling/next/poll/auth`` queues a fault, ``/control/kling/times/60/0`` sets the times, and
    ``/control/replicate/callback/<task>`` returns a callback.
    """

    slug = "control"

    def __init__(self, others: dict[str, Fake]):
        super().__init__()
        self.others = others

    def respond(self, request) -> Reply:
        slug, action, *arguments = request.path.strip("/").split("/")
        if action == "callback":
            headers, body = self.others[slug].callback(self.others[slug].tasks[arguments[0]])
            return Reply(200, {"headers": headers, "body": body.decode()})
        if action == "next":
            self.others[slug].next(*arguments)
        else:
            self.others[slug].queued, self.others[slug].running = map(float, arguments)
        return Reply(200, {})


@pytest.fixture
def fake_server():
    fakes = {slug: kind(FILM) for slug, kind in find_fakes().items()} | {FakeLanguage.slug: FakeLanguage()}
    fakes["comfyui"].is_authorised = lambda request: True  # the official proxy sends no header
    with FakeServer([*fakes.values(), FakeControl(fakes)]) as server:
        yield server


@pytest.fixture
def run_sdk(fake_server, tmp_path):
    """``run_sdk("zai")`` runs the script in the SDK's environment and returns its result."""
    environment = {
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
            command = [ensure_environment(name), HERE / name / "run_sdk.py"]
        except INSTALL_ERRORS as error:
            pytest.skip(f"{name} could not be installed: {error}")
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=SCRIPT_SECONDS
        )

    return run


@pytest.mark.parametrize("name", ORACLES)
def test_sdk_completes_its_calls_against_the_fake(name, run_sdk, fake_server):
    result = run_sdk(name)

    assert result.returncode == 0, f"{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
    assert any(fake.created for fake in fake_server.fakes.values()), "the SDK sent no submission"


def test_wrong_answer_of_a_fake_is_noticed(run_sdk, fake_server):
    fake = fake_server.fakes["zhipu"]
    original_row = fake.row
    fake.row = lambda *arguments: {
        name: value for name, value in original_row(*arguments).items() if name != "task_status"
    }

    result = run_sdk("zai")

    assert result.returncode != 0
    assert "task_status" in result.stderr


def test_sdk_script_cannot_reach_another_machine(tmp_path):
    script = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=5)"

    result = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(HERE / "site")},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "an SDK tried to reach 192.0.2.1" in result.stderr


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An SDK that cannot be installed, without network and cache."""
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing/requirements.txt").write_text("replicate==1.0.7\n")
    monkeypatch.setattr(environments, "HERE", tmp_path)
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path / "kept")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setitem(globals(), "ORACLES", ["missing"])
    monkeypatch.delenv("ORACLES_OFFLINE", raising=False)
    return tmp_path


def test_uninstallable_sdk_is_skipped_with_its_reason(offline):
    with pytest.raises(NotInstallable, match="replicate"):
        ensure_environment("missing")
    assert not (offline / "kept/missing/requirements.txt").exists()


def test_at_least_one_sdk_ran():
    if os.environ.get("ORACLES_OFFLINE") == "1":
        pytest.skip("ORACLES_OFFLINE=1: no SDK may be available here")
    assert require_any_sdk(ORACLES)


def test_run_without_any_sdk_fails_unless_expected(offline, monkeypatch):
    with pytest.raises(NotInstallable, match=r"missing: (?s:.)*replicate"):
        test_at_least_one_sdk_ran()

    monkeypatch.setenv("ORACLES_OFFLINE", "1")
    with pytest.raises(pytest.skip.Exception):
        test_at_least_one_sdk_ran()


def test_one_installed_sdk_is_enough(offline, monkeypatch):
    create = environments.ensure_environment
    monkeypatch.setattr(environments, "ensure_environment", lambda name: create(name) if name == "missing" else name)

    assert require_any_sdk(["missing", "zai", "missing"]) == "zai"


def test_every_documented_sdk_has_a_pinned_version_and_script():
    locked = {path.parent.name: set(path.read_text().splitlines()) for path in HERE.glob("*/requirements.txt")}

    assert set(ORACLES) == set(locked) == set(SDKS)
    assert {name: SDKS[name] - locked[name] for name in SDKS} == {name: set() for name in SDKS}
