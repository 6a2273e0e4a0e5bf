import uuid
from zlib import crc32

import numpy as np
import pytest

from accounts.models import Membership
from generation.animatic import sound
from generation.media.mezzanine import SOUND_RATE
from generation.providers import registry
from generation.providers.registry import providers
from jobs.lifecycle import engine
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.factories import UserFactory
from tests.fakes import echo_variants
from tests.fakes.server import FakeServer
from tests.shared_drawings import draw_every_clip, share_drawings, shared_drawings  # noqa: F401 (fixtures)
from tests.shared_ingests import share_ingests, shared_ingests  # noqa: F401 (fixtures)
from tests.site_processes import workers
from tests.studio.atelier import Atelier
from tests.studio.render.clips import make_mezzanine, numbered_frames


@pytest.fixture(autouse=True)
def quick_scores(monkeypatch):
    """Give films a quiet tone, another for each mood and seed: what is composed is tested elsewhere."""

    def create_tone(mood, samples, seed, check_cancelled=lambda: None):
        check_cancelled()
        hertz = 200 + crc32(f"{mood} {seed}".encode()) % 400
        wave = np.sin(np.arange(samples, dtype=np.float32) * (2 * np.pi * hertz / SOUND_RATE))
        return np.repeat((wave * 6000).astype(np.int16)[:, None], 2, axis=1)

    monkeypatch.setattr(sound, "create_score", create_tone)


@pytest.fixture
def mika(db):
    """Mika owns the stories."""
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren(db):
    """Ren has no access to Mika's workspace."""
    return UserFactory(name="Ren", email="ren@example.test")


@pytest.fixture
def create_story(db):
    """``create_story(mika, "A girl waits", "The train comes")`` creates a story of short scenes with these prompts."""

    def create(user, *prompts, **fields):
        fields = {"title": "The last summer train", "resolution": 480} | fields
        story = story_services.create_story(workspace=user.workspaces.get(), by=user, **fields)
        for prompt in prompts:
            scene_services.add_scene(story=story, by=user, prompt=prompt, seconds=2)
        return story

    return create


@pytest.fixture
def scenes():
    """``scenes(story)`` lists the scenes of a story in order."""

    def list_in_order(story):
        return list(story.scenes.shown().in_order())

    return list_in_order


@pytest.fixture
def key():
    return lambda: uuid.uuid4().hex


@pytest.fixture
def run_jobs():
    """``run_jobs()`` runs all active jobs to their end; ``run_jobs(job)`` runs only this one."""

    def run(*only):
        for _ in range(200):
            jobs = Job.objects.active()
            if only:
                jobs = jobs.filter(pk__in=[job.pk for job in only])
            ids = list(jobs.order_by("created_at").values_list("pk", flat=True))
            if not ids:
                return
            Job.objects.filter(pk__in=ids, lease_until=None).update(next_run_at="2020-01-01T00:00Z")
            for pk in ids:
                engine.advance(pk)
        raise AssertionError("jobs are still active after 200 rounds")

    return run


@pytest.fixture
def atelier(monkeypatch):
    """A local provider that charges for drawing."""
    engine = Atelier()
    monkeypatch.setitem(providers(), "atelier", engine)
    return engine


@pytest.fixture
def shared_story(mika, ren, create_story, atelier):
    """A story of three scenes that Mika and Ren may edit."""
    story = create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    return story


@pytest.fixture
def third_scene(story, scenes):
    return scenes(story)[2]


@pytest.fixture
def draw_scenes(mika, story, run_jobs, key):
    """``draw_scenes("one", scene=…)`` draws scenes of the ``story`` of the test to their end and uses their new takes.

    Returns the run.
    """

    def start_and_run(which, **more):
        run = drawing_services.start_run(story=story, by=mika, which=which, idem_key=key(), **more)
        run_jobs()
        drawing_services.use_new_takes(story=story, by=mika)
        return run

    return start_and_run


@pytest.fixture(scope="session")
def clip_bytes(tmp_path_factory):
    """The content of the clip of two seconds that the paid provider returns."""
    path = tmp_path_factory.mktemp("clip") / "film.mp4"
    return make_mezzanine(path, numbered_frames(0), 48).path.read_bytes()


@pytest.fixture
def fake(clip_bytes, settings):
    """A fake paid provider that can be searched by our reference."""
    settings.EXTRA_PROVIDERS = list(echo_variants.ENGINES.values())
    settings.PROVIDER_SECONDS, settings.PROVIDER_PACE = 20, 1  # a busy machine is slow
    registry.providers.cache_clear()
    with FakeServer(echo_variants.fakes(clip_bytes)) as fake_server:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        fake = fake_server.fakes["echo-own"]
        workers.connect(fake.slug, fake_server.url(fake.slug), {"api_key": fake.key})
        yield fake
    registry.providers.cache_clear()
