"""Coherent runs at a paid provider buy each scene once, although their workers are killed."""

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
from jobs import maintenance
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.models import Take
from studio.timeline.board import build_board
from tests.fakes import echo_variants
from tests.fakes.echo import PRICE
from tests.fakes.server import FakeServer
from tests.processes import until
from tests.site_processes.workers import Workers, connect, environment, stop_all

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FAILPOINTS = ("shot_submitted", "after_claim", "after_intent", "after_answer", "clip_stored", "before_ended")
SLUG = "echo-own"  # a lost submission is found again by our own reference
SCENES = ("a girl on a hill", "a dog on a hill", "a cat on a hill")


@pytest.fixture
def fake(tmp_path):
    """A fake paid provider that counts what it creates."""
    path = tmp_path / "sent.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for n in range(48):
            picture = np.full((90, 160, 3), 40, np.uint8)
            picture[20:60, 2 * n : 2 * n + 30] = (220, 120, 60)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    with FakeServer(echo_variants.fakes(path.read_bytes(), queued=0.1, running=0.2)) as fake_server:
        fake = fake_server.fakes[SLUG]
        fake.hosts = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        connect(SLUG, fake_server.url(SLUG), {"api_key": fake.key})
        yield fake


@pytest.fixture
def workers(fake, tmp_path, settings):
    """``workers(failpoints)`` starts ``manage.py work``, killed once for each scene at each failpoint."""
    settings.EXTRA_PROVIDERS = list(echo_variants.ENGINES.values())
    registry.providers.cache_clear()
    started = []

    def start(failpoints):
        variables = environment(
            tmp_path, fake.hosts, TEST_DATABASE=str(database.settings_dict["NAME"]), SECRET_KEY=site.SECRET_KEY,
            EXTRA_PROVIDERS=",".join(echo_variants.ENGINES.values()),
            FAILPOINTS=",".join(f"{name}=kill" for name in failpoints),
        )  # fmt: skip
        started.append(Workers(variables, tmp_path / "work.log"))
        started[0].restart()
        return started[0]

    yield start
    stop_all(started, tmp_path)
    registry.providers.cache_clear()
    print((tmp_path / "work.log").read_text()[-6000:])  # noqa: T201 - shown when the test fails


@pytest.fixture
def start(mika):
    """``start(story, "all")`` starts a coherent run."""

    def run(story, which, **more):
        return drawing_services.start_run(
            story=story, by=mika, which=which, mode="coherent", idem_key=uuid.uuid4().hex, **more
        )

    return run


def wait_for_all(workers):
    until(lambda: not Job.objects.active().exists(), meanwhile=workers.restart)


def states_of(run) -> list[str]:
    return list(run.shots.values_list("state", flat=True))


def reached_failpoints(tmp_path) -> set[str]:
    return {mark.name.split("-")[1] for mark in tmp_path.glob("failpoint-*")}


def clips_of(story):
    return [panel.new_take and panel.new_take.clip for panel in build_board(story).panels]


@pytest.mark.parametrize(
    ("failpoints", "scenes"),
    [(("shot_submitted", "after_answer", "before_ended"), 2), pytest.param(FAILPOINTS, 3, marks=pytest.mark.deep)],
    ids=["some", "all"],
)
def test_every_scene_is_bought_once_although_workers_are_killed(
    start, workers, create_story, mika, fake, tmp_path, failpoints, scenes
):
    run = start(create_story(mika, *SCENES[:scenes], provider=SLUG), "all")

    wait_for_all(workers(failpoints))

    assert reached_failpoints(tmp_path) == set(failpoints)
    assert states_of(run) == ["done"] * scenes
    assert len(fake.created) == Clip.objects.count() == Take.objects.count() == scenes
    clips = clips_of(run.story)
    assert [clip.continues for clip in clips] == [None, *clips[:-1]]
    assert set(Hold.objects.values_list("state", flat=True)) == {Hold.State.SETTLED}
    assert maintenance.find_violations() == []


def test_a_run_after_a_failed_scene_continues_or_stops_and_rebuys_no_finished_scene(
    start, workers, create_story, mika, fake
):
    submit, refused = fake.submit, ["dog"]
    fake.submit = lambda request: (
        fake.refusal("moderation") if any(word in request.json()["prompt"] for word in refused) else submit(request)
    )
    expected = {"continue": ["done", "failed", "done"], "stop": ["done", "failed", "skipped"]}
    stories = {on_failure: create_story(mika, *SCENES, provider=SLUG) for on_failure in expected}
    runs = {on_failure: start(story, "all", on_failure=on_failure) for on_failure, story in stories.items()}
    running = workers(["before_ended"])

    wait_for_all(running)

    assert {on_failure: states_of(run) for on_failure, run in runs.items()} == expected
    refused.clear()
    finished = {on_failure: [clip for clip in clips_of(story) if clip] for on_failure, story in stories.items()}
    assert len(fake.created) == sum(map(len, finished.values())) == 3
    for story in stories.values():
        start(story, "missing")
    wait_for_all(running)
    for on_failure, story in stories.items():
        assert [clip for clip in clips_of(story) if clip in finished[on_failure]] == finished[on_failure]
        assert all(clips_of(story))
    assert len(fake.created) == 6
    assert ledger.get_wallet(mika.workspaces.get()).spent == 6 * PRICE
