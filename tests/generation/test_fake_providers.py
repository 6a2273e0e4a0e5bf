"""manage.py fake_providers: try the whole site with every provider, without a network."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import av
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.models import AuditEvent
from generation.management.commands import fake_providers
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.base import ClipRequest, Mode
from generation.providers.connections.open_connection import open_connection
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers, provider, providers
from studio.director import prompts
from tests.docker_image import list_image_files
from tests.factories import UserFactory
from tests.fakes.all_fakes import find_fakes

ROOT = Path(__file__).parent.parent.parent
ENGINES = {slug for slug, engine in providers().items() if not engine.is_local}
ALL = ENGINES | {"language-openai"}


@pytest.fixture
def printed():
    return []


@pytest.fixture
def fake_places(printed, settings):
    made, places = fake_providers.build_server(0, write_line=printed.append, queued=0, running=0)
    with made:
        port = made.server_port
        settings.PROVIDER_PRIVATE_HOSTS = [f"127.0.0.1:{port}", f"localhost:{port}"]
        yield places


def download_clip(row, folder, prompt="a girl on a hill at sunset"):
    """Generate and download a clip through a connection. Returns the path of the video and the request."""
    engine, connection = provider(row.provider), open_connection(row)
    model = engine.capability()
    request = ClipRequest(prompt, model.ratios[0], model.seconds[0], model.resolutions[0], 7, model=model.model)
    ref = "5f0c1f6e-0000-4000-8000-000000000001"
    done = engine.submit(connection, engine.prepare(connection, request, ref), ref)
    target = folder / f"{row.provider}.mp4"
    engine.fetch(connection, engine.poll(connection, done.handle).output, target, lambda *_: None)
    return target, request


def test_fakes_and_providers_match_one_to_one():
    assert set(find_fakes()) == ENGINES


def test_connects_a_user_to_every_fake_with_working_keys(fake_places, db):
    mika = UserFactory()

    fake_providers.connect_all(fake_places, by=mika, owner=mika)

    connections = Connection.objects.filter(owner=mika)
    assert {connection.provider for connection in connections} == ALL
    for connection in connections:
        assert connectable_providers()[connection.provider].check(open_connection(connection))
    assert AuditEvent.objects.filter(verb="connection.added", actor_id=mika.pk).count() == len(ALL)


def test_second_run_updates_addresses_without_duplicates(fake_places, db):
    mika = UserFactory()
    old = {
        slug: fake_providers.RunningFake(f"http://127.0.0.1:9/{slug}", {"api_key": "old"}, {}) for slug in fake_places
    }
    fake_providers.connect_all(old, by=mika, owner=mika)

    fake_providers.connect_all(fake_places, by=mika, owner=mika)

    connections = Connection.objects.filter(owner=mika)
    assert {connection.provider: connection.base_url for connection in connections} == {
        slug: fake_places[slug].address for slug in ALL
    }
    assert connections.count() == len(ALL)
    assert provider("zhipu").check(open_connection(connections.get(provider="zhipu")))


def test_connects_the_site_for_everybody(fake_places, db):
    fake_providers.connect_all(fake_places, by=None, owner=None)

    assert {connection.scope for connection in Connection.objects.all()} == {"site"}


@pytest.mark.deep
@pytest.mark.slow
def test_each_fake_draws_its_own_video(fake_places, printed, db, tmp_path):
    mika = UserFactory()
    fake_providers.connect_all(fake_places, by=mika, owner=mika)
    films = {}

    for slug in ("zhipu", "comfyui", "gemini"):
        path, request = download_clip(Connection.objects.get(owner=mika, provider=slug), tmp_path)
        films[slug] = path.read_bytes()
        with av.open(str(path)) as film:
            (picture,) = film.streams.video
            assert min(picture.width, picture.height) == 360
            assert float(film.duration / av.time_base) == pytest.approx(max(request.seconds, 2), abs=0.3)

    assert len(set(films.values())) == 3
    assert [line for line in printed if line.startswith("zhipu: generated")]


def test_every_fake_delivers_the_requested_video(subtests, fake_places, db, tmp_path, monkeypatch):
    """The animatic gets the request of each fake; the drawing itself is replaced."""
    fake_providers.connect_all(fake_places, by=None, owner=None)
    drawn = []
    monkeypatch.setattr(
        AnimaticProvider,
        "draw",
        lambda _, drawn_request, out, watch: drawn.append(drawn_request) or out.write_bytes(b"x"),
    )
    for slug in sorted(ENGINES):
        with subtests.test(slug=slug):
            path, request = download_clip(Connection.objects.get(provider=slug), tmp_path)

            assert path.read_bytes() == b"x"
            drawn_request = drawn.pop()
            assert (drawn_request.prompt, drawn_request.ratio, drawn) == (request.prompt, request.ratio, [])
            assert drawn_request.seconds == max(request.seconds, 2)


def test_video_is_drawn_once_and_served_again(fake_places, printed, db, tmp_path, monkeypatch):
    monkeypatch.setattr(AnimaticProvider, "draw", lambda _, request, out, watch: out.write_bytes(os.urandom(99)))
    mika = UserFactory()
    fake_providers.connect_all(fake_places, by=mika, owner=mika)
    engine, connection = provider("zhipu"), open_connection(Connection.objects.get(owner=mika, provider="zhipu"))
    request = ClipRequest("a cat", "1:1", 5, 720, 7)
    done = engine.submit(connection, engine.prepare(connection, request, "job-0001"), "job-0001")

    films = []
    for name in ("first", "second"):
        engine.fetch(connection, engine.poll(connection, done.handle).output, tmp_path / name, lambda *_: None)
        films.append((tmp_path / name).read_bytes())

    assert films[0] == films[1]
    assert len([line for line in printed if line.startswith("zhipu: generated")]) == 1


def test_video_of_a_request_without_size_or_known_picture_is_drawn(printed, monkeypatch):
    monkeypatch.setattr(AnimaticProvider, "draw", lambda _, request, out, watch: out.write_bytes(b"x"))
    server, _running = fake_providers.build_server(0, write_line=printed.append, queued=0, running=0)
    zhipu = {"model": "vidu2-image", "prompt": "wind", "duration": 4, "aspect_ratio": "16:9",
             "image_url": "https://media.studio.example/first.png"}  # fmt: skip
    texts = {title: {"inputs": {"text": title}, "_meta": {"title": title}} for title in ("PROMPT", "NEGATIVE")}
    seed = {"inputs": {"seed": 7}, "_meta": {"title": "SEED"}}
    with server:
        fakes = server.fakes
        tasks = {"zhipu": fakes["zhipu"].create(zhipu), "comfyui": fakes["comfyui"].create(texts | {"SEED": seed})}
        for slug, path in (("zhipu", "outputs/{}.mp4"), ("comfyui", "view?filename={}_00001_.mp4&subfolder=tapwari")):
            headers = {"Authorization": f"Bearer {fakes[slug].key}"}
            url = f"{server.url(slug)}/{path.format(tasks[slug].id)}"
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                assert answer.read() == b"x", slug


def test_fake_video_has_the_requested_ratio(subtests):
    for request, ratio in [
        ({"ratio": "9:16"}, "9:16"),
        ({"size": (1024, 1024)}, "1:1"),
        ({"size": (1280, 720)}, "16:9"),
        ({}, "16:9"),
    ]:
        with subtests.test(request=request, ratio=ratio):
            assert fake_providers._choose_ratio(request) == ratio


def test_install_without_tests_gets_an_error_message(monkeypatch):
    def raise_missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name="tests")

    monkeypatch.setattr(fake_providers, "import_module", raise_missing)

    with pytest.raises(CommandError, match="folder tests/"):
        fake_providers.build_server(0)


def test_taken_port_and_unknown_user_are_reported(db):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CommandError, match="in use"):
        call_command("fake_providers", port=taken.getsockname()[1])
    with pytest.raises(CommandError, match=r"nobody@example\.test"):
        call_command("fake_providers", connect="nobody@example.test")


@pytest.mark.deep
@pytest.mark.slow
def test_command_prints_addresses_and_ends_at_ctrl_c(tmp_path):
    command = [sys.executable, "-u", "manage.py", "fake_providers", "--port", "0"]
    env = {"PATH": "/usr/bin:/bin", "TAPWARI_VAR": str(tmp_path), "HOME": str(tmp_path)}
    # SIGINT is ignored in a suite started with &
    options = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, **options) as process:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("All fake providers"):
                break
        (address,) = [line.split()[1] for line in lines if line.startswith("pixverse")]
        with urllib.request.urlopen(f"{address}/openapi/v2/account/balance") as answer:
            response = answer.read()
        process.send_signal(signal.SIGINT)
        last = process.stdout.read()

    assert b"ErrCode" in response
    assert last.strip() == "Stopped."
    assert process.returncode == 0
    assert {line.split()[0] for line in lines if " http://127.0.0.1:" in line} >= ALL
    assert any("PROVIDER_PRIVATE_HOSTS=127.0.0.1:" in line for line in lines)


@pytest.mark.deep
@pytest.mark.slow
def test_docker_image_serves_the_fakes_by_host_name(tmp_path):
    """The files that the image has are enough, without the rest of the tests."""
    image = tmp_path / "image"
    for name in list_image_files():
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, image / name)
    script = "from generation.management.commands import fake_providers as f; import sys; "
    script += "t, p = f.build_server(0, 'localhost', write_line=print); "
    script += "print(sys.modules['tests'].__path__, *p['kling'].keys); "
    script += "print(len(p), p['fal'].address)"

    env = {"PATH": "/usr/bin:/bin", "TAPWARI_VAR": str(tmp_path / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    setup = f"import sys; sys.path[:0] = [{str(image)!r}]; import django; django.setup(); "
    result = subprocess.run(
        [sys.executable, "-P", "-c", setup + script], cwd="/", env=env, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr
    assert f"['{image}/tests']" in result.stdout
    assert re.search(rf"^{len(ALL)} http://localhost:\d+/fal$", result.stdout, re.MULTILINE), result.stdout


@pytest.mark.deep
@pytest.mark.slow
def test_video_from_a_picture_begins_with_it(fake_places, db, tmp_path):
    mika = UserFactory()
    fake_providers.connect_all(fake_places, by=mika, owner=mika)
    Image.new("RGB", (1280, 720), (30, 90, 200)).save(tmp_path / "blue.png")
    engine, connection = provider("zhipu"), open_connection(Connection.objects.get(owner=mika, provider="zhipu"))
    request = ClipRequest("wind", "16:9", 5, 720, 7, picture=tmp_path / "blue.png", mode=Mode.PICTURE)
    done = engine.submit(connection, engine.prepare(connection, request, "job-0001"), "job-0001")

    engine.fetch(connection, engine.poll(connection, done.handle).output, tmp_path / "film.mp4", lambda *_: None)

    with av.open(str(tmp_path / "film.mp4")) as film:
        red, green, blue = next(film.decode(video=0)).to_ndarray(format="rgb24").mean(axis=(0, 1))
    assert blue > green > red


def test_fake_language_model_writes_a_prompt_for_each_shot(fake_places, db):
    mika = UserFactory()
    fake_providers.connect_all(fake_places, by=mika, owner=mika)
    connection = open_connection(Connection.objects.get(owner=mika, provider="language-openai"))
    shots = [{"place": "Hill", "time": "day", "action": f"Step {n}.", "line": ""} for n in range(3)]
    question = prompts.build_messages("prompts", idea="x", concept="y", shots=shots, count=3, language="English")

    response = connectable_providers()["language-openai"].converse(
        connection, question, on_text=lambda text: None, on_silence=lambda: None
    )

    assert len(prompts.parse_response("prompts", response, shots=3)["prompts"]) == 3
