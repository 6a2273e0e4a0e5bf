"""Pictures, a tiny film, and a desk at each provider's fake for the contract suite to work at."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from generation.providers import catalogue, overrides
from generation.providers.adapters.replicate import provider as replicate
from generation.providers.adapters.replicate import schemas, secrets
from generation.providers.http import singleflight
from generation.providers.models import ProviderManners
from generation.providers.remote import Account
from generation.providers.webhooks import signing_keys
from tests.fakes.server import Town
from tests.generation.providers.contract import CALLS_TOO, CONTRACT, Entry
from tests.generation.providers.desk import EXTRA_HEADER, WEBHOOK, Desk

PATIENCE = 20  # seconds; only tests of hanging shorten it


@pytest.fixture(scope="session")
def film() -> bytes:
    """A real MP4 of a quarter of a second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for n in range(6):
            picture = np.full((72, 128, 3), 40 * n, np.uint8)
            box.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        box.mux(stream.encode())
    return out.getvalue()


@pytest.fixture(scope="session")
def shots(tmp_path_factory, film) -> dict[str, Path]:
    """Pictures that differ, large enough for every model, and a film to start from."""
    folder = tmp_path_factory.mktemp("shots")
    colours = {"start": "teal", "last": "maroon", "one": "gold", "two": "navy"}
    for name, colour in colours.items():
        Image.new("RGB", (1280, 720), colour).save(folder / f"{name}.png")
    (folder / "video.mp4").write_bytes(film)
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def one_town():
    with Town([]) as town:
        yield town


@pytest.fixture(autouse=True)
def nothing_kept():
    """What adapters remember of an account for a while: the fakes of all tests share one address and one key."""
    for kept in (schemas._kept, secrets._secrets, signing_keys._places):
        kept.clear()


@pytest.fixture
def say():
    """``say("vidu", ways={"paging": "paper"})``: an operator says so, and no database is asked."""

    def keep(slug: str, **facts) -> None:
        overrides._kept["all"] = (0.0, {slug: overrides._read(ProviderManners(provider=slug, **facts))})

    return keep


@pytest.fixture
def shipped_models(monkeypatch):
    """The catalogue as it ships, without asking the database what an operator changed."""
    monkeypatch.setattr(catalogue, "_merged", lambda slug: [dict(facts) for facts in catalogue.shipped(slug)])
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def town(one_town, settings, monkeypatch):
    """An empty town on loopback, which alone may be called."""
    settings.PROVIDER_PRIVATE_HOSTS = [f"127.0.0.1:{one_town.server_port}", f"localhost:{one_town.server_port}"]
    settings.PROVIDER_SECONDS = PATIENCE
    for asks in (signing_keys, singleflight, replicate):
        monkeypatch.setattr(asks, "BRIEFLY", PATIENCE)
    one_town.fakes.clear()
    return one_town


@pytest.fixture(params=CONTRACT, ids=lambda entry: entry.name)
def entry(request) -> Entry:
    return _unless_skipped(request)


@pytest.fixture(params=(*CONTRACT, *CALLS_TOO), ids=lambda entry: entry.name)
def caller(request) -> Entry:
    return _unless_skipped(request)


def _unless_skipped(request) -> Entry:
    found = request.param
    if why := found.skips.get(request.function.__name__):
        pytest.skip(f"{found.name}: {why}")
    return found


@pytest.fixture
def desk_of(town, film, shots, tmp_path, shipped_models):
    """``desk_of(entry)`` opens an account at a new fake of that provider."""

    def open_account(entry: Entry, **changes) -> Desk:
        fake = entry.make_fake(film)
        town.fakes[entry.slug] = fake
        engine = entry.engine()
        usual = {
            "keys": dict(entry.keys) or {"api_key": fake.key},
            "base_url": town.url(entry.slug),
            "headers": EXTRA_HEADER,
            "webhook": WEBHOOK.format(slug=entry.slug) if engine.manners.has_webhooks else "",
            "extras": entry.extras,
        }
        return Desk(entry, engine, fake, Account(**usual | changes), shots, tmp_path)

    return open_account


@pytest.fixture
def desk(entry, desk_of) -> Desk:
    return desk_of(entry)
