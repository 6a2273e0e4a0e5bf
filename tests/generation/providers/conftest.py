"""Fixtures of the provider tests: sample media, fakes on loopback, and a harness for each adapter."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from generation.providers import catalogue
from generation.providers.adapters.replicate import provider as replicate
from generation.providers.adapters.replicate import schemas, secrets
from generation.providers.http import singleflight
from generation.providers.remote import OpenConnection
from generation.providers.webhooks import signing_keys
from tests.fakes.server import FakeServer
from tests.generation.providers.contract import CALLERS, CONTRACT, SEARCHABLE, SHARED, Entry
from tests.generation.providers.harness import EXTRA_HEADER, WEBHOOK, Harness

PROVIDER_SECONDS = 20  # only tests of hanging providers shorten it


@pytest.fixture(scope="session")
def video_bytes() -> bytes:
    """An MP4 clip of a quarter of a second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for n in range(6):
            picture = np.full((72, 128, 3), 40 * n, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()


@pytest.fixture(scope="session")
def media_files(tmp_path_factory, video_bytes) -> dict[str, Path]:
    """Different pictures, large enough for every model, and a video to start from."""
    folder = tmp_path_factory.mktemp("media")
    colours = {"start": "teal", "last": "maroon", "one": "gold", "two": "navy"}
    for name, colour in colours.items():
        Image.new("RGB", (1280, 720), colour).save(folder / f"{name}.png")
    (folder / "video.mp4").write_bytes(video_bytes)
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def session_server():
    with FakeServer([]) as fake_server:
        yield fake_server


@pytest.fixture(autouse=True)
def empty_caches():
    """Clear the caches of adapters: the fakes of all tests share one address and key."""
    for cache in (schemas._cache, secrets._secrets, signing_keys._key_sets):
        cache.clear()


@pytest.fixture
def shipped_models(monkeypatch):
    """The shipped catalogue, without overrides from the database."""
    monkeypatch.setattr(
        catalogue, "_merge_rows", lambda slug: [dict(facts) for facts in catalogue.built_in_models(slug)]
    )
    catalogue.clear_cache()
    yield
    catalogue.clear_cache()


@pytest.fixture
def fake_server(session_server, settings, monkeypatch):
    """An empty server of fakes on loopback, the only address that may be called."""
    settings.PROVIDER_PRIVATE_HOSTS = [
        f"127.0.0.1:{session_server.server_port}",
        f"localhost:{session_server.server_port}",
    ]
    settings.PROVIDER_SECONDS = PROVIDER_SECONDS
    for module in (signing_keys, singleflight, replicate):
        monkeypatch.setattr(module, "CALLBACK_SECONDS", PROVIDER_SECONDS)
    session_server.fakes.clear()
    yield session_server
    session_server.raise_errors()


@pytest.fixture(params=CONTRACT, ids=lambda entry: entry.name)
def entry(request) -> Entry:
    return _unless_skipped(request)


@pytest.fixture(params=CALLERS, ids=lambda entry: entry.name)
def caller(request) -> Entry:
    return _unless_skipped(request)


@pytest.fixture(params=SHARED, ids=lambda entry: entry.name)
def shared_entry(request) -> Entry:
    """Two adapters for rules of shared code."""
    return request.param


@pytest.fixture(params=SEARCHABLE, ids=lambda entry: entry.name)
def searchable_entry(request) -> Entry:
    """Adapters that can search for a lost submission."""
    return _unless_skipped(request)


def _unless_skipped(request) -> Entry:
    found = request.param
    if reason := found.skips.get(request.function.__name__):
        pytest.skip(f"{found.name}: {reason}")
    return found


@pytest.fixture
def build_harness(fake_server, video_bytes, media_files, tmp_path, shipped_models):
    """``build_harness(entry)`` connects to a new fake of that provider."""

    def connect(entry: Entry, **changes) -> Harness:
        fake = entry.make_fake(video_bytes)
        fake_server.fakes[entry.slug] = fake
        provider = entry.load_provider()
        defaults = {
            "keys": dict(entry.keys) or {"api_key": fake.key},
            "base_url": fake_server.url(entry.slug),
            "headers": EXTRA_HEADER,
            "webhook": WEBHOOK.format(slug=entry.slug) if provider.traits.has_webhooks else "",
            "extras": entry.extras,
        }
        return Harness(entry, provider, fake, OpenConnection(**defaults | changes), media_files, tmp_path)

    return connect


@pytest.fixture
def harness(entry, build_harness) -> Harness:
    return build_harness(entry)


@pytest.fixture
def shared_harness(shared_entry, build_harness) -> Harness:
    return build_harness(shared_entry)


@pytest.fixture
def searchable_harness(searchable_entry, build_harness) -> Harness:
    return build_harness(searchable_entry)
