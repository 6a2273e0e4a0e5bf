"""A coherent run at a paid provider, its workers killed in every window: what was bought is counted at the fake."""

import uuid

import av
import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection as database

from accounts.billing import ledger
from accounts.billing.models import Hold
from generation.models import Clip
from generation.providers import registry
from jobs import invariants
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.models import Take
from tests.elsewhere import studio
from tests.fakes import echoes
from tests.fakes.echo import PRICE
from tests.fakes.server import Town

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WINDOWS = ("shot_asked", "after_claim", "after_intent", "after_answer", "clip_stored", "before_ended")
SLUG = "echo-own"  # what it was sent is found again by our own reference


@pytest.fixture
def fake(tmp_path):
    """A paid provider that is not there; it keeps its own books."""
    path = tmp_path / "sent.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for n in range(48):
            picture = np.full((90, 160, 3), 40, np.uint8)
            picture[20:60, 2 * n : 2 * n + 30] = (220, 120, 60)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    with Town(echoes.fakes(path.read_bytes(), queued=0.1, running=0.2)) as town:
        fake = town.fakes[SLUG]
        fake.hosts = [f"{host}:{town.server_port}" for host in ("127.0.0.1", "localhost")]
        studio.connect(SLUG, town.url(SLUG), {"api_key": fake.key})
        yield fake


@pytest.fixture
def windows():
    return WINDOWS


@pytest.fixture
def workers(fake, windows, tmp_path, settings):
    """``manage.py work`` on this test's rows, killed once in each window of each scene."""
    settings.EXTRA_PROVIDERS = list(echoes.ENGINES.values())
    registry.providers.cache_clear()
    told = studio.environment(
        tmp_path, fake.hosts, PROVING_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
        EXTRA_PROVIDERS=",".join(echoes.ENGINES.values()), FAILPOINTS=",".join(f"{name}=kill" for name in windows),
    )  # fmt: skip
    running = studio.Workers(told, tmp_path / "work.log")
    running.tend()
    yield running
    studio.close([running], tmp_path)
    registry.providers.cache_clear()
    print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails


@pytest.fixture
def draw(mika, write, workers):
    """``draw(story, "all")`` until nothing is left to do; ``draw.story()`` is one of three scenes."""

    def until_done(story, which, **more):
        run = drawing_services.start_run(
            story=story, by=mika, which=which, mode="coherent", idem_key=uuid.uuid4().hex, **more
        )
        studio.until(lambda: not Job.objects.active().exists(), meanwhile=workers.tend)
        return list(run.shots.values_list("state", flat=True))

    until_done.story = lambda: write(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", provider=SLUG)
    return until_done


def killed(tmp_path) -> set[str]:
    return {mark.name.split("-")[1] for mark in tmp_path.glob("failpoint-*")}


def clips_of(story):
    return [scene.chosen and scene.chosen.clip for scene in story.scenes.in_order().select_related("chosen__clip")]


def test_every_scene_is_bought_once_though_workers_die_in_every_window(draw, fake, tmp_path):
    story = draw.story()

    states = draw(story, "all")

    assert killed(tmp_path) == set(WINDOWS)
    assert states == ["done"] * 3
    assert len(fake.created) == Clip.objects.count() == Take.objects.count() == 3
    first, second, third = clips_of(story)
    assert (first.continues, second.continues, third.continues) == (None, first, second)
    assert set(Hold.objects.values_list("state", flat=True)) == {Hold.State.SETTLED}
    assert invariants.broken() == []


@pytest.mark.parametrize("windows", [("after_answer", "before_ended")])
@pytest.mark.parametrize(
    ("on_failure", "states", "bought"),
    [("continue", ["done", "failed", "done"], 2), ("stop", ["done", "failed", "skipped"], 1)],
)
def test_past_a_failed_scene_it_goes_on_only_as_chosen_and_finished_ones_are_never_bought_again(
    draw, fake, on_failure, states, bought, windows
):
    story = draw.story()
    take_in, refused = fake.submit, ["dog"]
    fake.submit = lambda request: (
        fake.refusal("moderation") if any(word in request.json()["prompt"] for word in refused) else take_in(request)
    )

    assert draw(story, "all", on_failure=on_failure) == states

    refused.clear()
    finished = [clip for clip in clips_of(story) if clip]
    assert len(fake.created) == len(finished) == bought
    draw(story, "missing")
    assert [clip for clip in clips_of(story) if clip in finished] == finished, "what was finished is still shown"
    assert len(fake.created) == 3 and all(clips_of(story))
    assert ledger.wallet_of(story.workspace).spent == 3 * PRICE
